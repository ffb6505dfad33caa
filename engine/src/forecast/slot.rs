//! What would happen to one slot.

use super::{Status, Survey};
use crate::journal::Claim;
use crate::{EffectHandler, EffectKind, Reason, Sending, SlotState};

impl Survey<'_> {
    /// What would happen to one slot.
    pub(super) fn slot(&self, handler: &dyn EffectHandler, sending: &Sending) -> (Status, Reason) {
        let Sending { slot, digest, .. } = sending;
        let (kind, slot) = (handler.kind(), slot.clone());
        let claim = self.recovered.claim(self.run, &slot, digest, kind);
        let can_look = !matches!(kind, EffectKind::Unverifiable | EffectKind::Pointer);
        match claim {
            Claim::Other { digest: found, .. } => {
                return (
                    Status::Blocked,
                    Reason::SlotTaken {
                        slot,
                        wanted: *digest,
                        found,
                    },
                );
            }
            Claim::Unknown if kind == EffectKind::Unverifiable => {
                let why = "it is sent at most once, and an earlier attempt was made".to_owned();
                return (Status::Confirmed, Reason::SlotUnknown { slot, why });
            }
            Claim::Confirmed if !(can_look && handler.is_cheap_to_observe(&slot)) => {
                return (Status::Confirmed, Reason::SlotConfirmed { slot, seen: false });
            }
            Claim::Unknown if !handler.is_cheap_to_observe(&slot) => {
                let why = "an earlier attempt was interrupted".to_owned();
                return (Status::Run, Reason::SlotUnknown { slot, why });
            }
            _ => {}
        }
        if kind == EffectKind::Unverifiable || !handler.is_cheap_to_observe(&slot) {
            return (Status::Run, Reason::SlotUnseen { slot });
        }
        match handler.observe(&slot) {
            Ok(SlotState::Present(found)) if found == *digest => {
                (Status::Confirmed, Reason::SlotConfirmed { slot, seen: true })
            }
            Ok(SlotState::Present(found)) if kind != EffectKind::Pointer => (
                Status::Blocked,
                Reason::SlotTaken {
                    slot,
                    wanted: *digest,
                    found,
                },
            ),
            Ok(SlotState::Present(found)) => (
                Status::Run,
                Reason::SlotMoves {
                    slot,
                    from: found,
                    to: *digest,
                },
            ),
            Ok(SlotState::Absent) => (Status::Run, Reason::SlotAbsent { slot }),
            Ok(SlotState::Unknown(why)) => (Status::Blocked, Reason::SlotUnknown { slot, why }),
            // Perhaps there is no network now; a run will look again.
            Err(error) => (
                Status::Run,
                Reason::SlotUnknown {
                    slot,
                    why: error.message,
                },
            ),
        }
    }
}
