//! Looking at slots: once, or until what was sent is seen.

use std::time::Duration;

use super::Reconcile;
use crate::run::Halt;
use crate::run::attempt::INTERRUPTED;
use crate::{EffectKind, Sending, Slot, SlotState, StepError};

/// The shortest and the longest wait between two looks at a slot.
const LOOKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

impl Reconcile<'_> {
    /// Looks at the slot until it holds the bytes, at most for `patience`; what was seen last.
    pub(super) fn look_until_there(&self, sending: &Sending, patience: Duration) -> Result<SlotState, Halt> {
        let clock = &self.context.clock;
        let end = clock.monotonic() + patience;
        let mut wait = LOOKS.0;
        loop {
            let state = self.look(&sending.slot)?;
            let is_settled = match &state {
                SlotState::Present(found) => {
                    *found == sending.digest || self.handler.kind() != EffectKind::Pointer
                }
                SlotState::Absent | SlotState::Unknown(_) => false,
            };
            let left = end.saturating_sub(clock.monotonic());
            if is_settled || left.is_zero() {
                return Ok(state);
            }
            if !self.context.pause(wait.min(left)) {
                return Err(Halt::Interrupted(format!(
                    "{INTERRUPTED} before `{}` was seen",
                    sending.slot
                )));
            }
            wait = (wait * 2).min(LOOKS.1);
        }
    }

    /// Looks once; again after a failure that may pass, as often as the policy says.
    pub(super) fn look(&self, slot: &Slot) -> Result<SlotState, Halt> {
        let mut attempt = 1;
        loop {
            let error = match self.handler.observe(slot) {
                Ok(state) => return Ok(state),
                Err(error) => error,
            };
            if !error.transient || attempt > self.policy.retries {
                let message = format!("`{slot}` could not be looked at: {}", error.message);
                return Err(StepError { message, ..error }.into());
            }
            let wait = self.context.backoff(&self.policy, attempt);
            (self.retrying)(attempt, wait, &error.message);
            if !self.context.pause(wait) {
                return Err(Halt::Interrupted(INTERRUPTED.to_owned()));
            }
            attempt += 1;
        }
    }
}
