//! Brings a slot to the state it should be in: looks before it sends, writes down before it sends, looks again
//! after, and stops rather than guesses.

mod look;
mod write;

use std::time::Duration;

use cas::Digest;

use crate::journal::{Claim, How, Journal, Record};
use crate::run::attempt::INTERRUPTED;
use crate::run::{Context, Halt};
use crate::{EffectHandler, EffectKind, Policy, Provided, Sending, SlotState, StepError};

/// How a slot came to hold what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    /// It was certain before.
    Known,
    /// It was looked at, and held it.
    Found,
    /// It was sent.
    Sent,
    /// It was sent earlier, at most once; nobody can see whether it arrived.
    Untold,
}

/// Who fills slots, and by which rules.
pub(crate) struct Reconcile<'a> {
    pub(crate) context: &'a Context,
    pub(crate) journal: &'a Journal,
    pub(crate) handler: &'a dyn EffectHandler,
    pub(crate) inputs: &'a dyn Provided,
    pub(crate) action: &'a str,
    pub(crate) policy: Policy,
    /// Is told of the `attempt` that failed, how long to wait, and why.
    pub(crate) retrying: &'a dyn Fn(u32, Duration, &str),
    /// Is told before the world is touched.
    pub(crate) touching: &'a dyn Fn(),
}

/// What became of one attempt to send.
enum Attempt {
    Filled,
    /// It may pass: the slot is empty.
    Again(StepError),
}

impl Reconcile<'_> {
    /// Fills one slot.
    pub(crate) fn fill(&self, sending: &Sending) -> Result<Filled, Halt> {
        let _turn = self.context.turns.take(&sending.slot);
        let kind = self.handler.kind();
        let claim = self
            .journal
            .claim(&self.context.run, &sending.slot, &sending.digest, kind);
        if let Claim::Other { digest, run } = &claim {
            return Err(self.promised(sending, digest, run)?);
        }
        let is_certain = claim == Claim::Confirmed;
        if kind == EffectKind::Unverifiable {
            return match claim {
                Claim::Free => self.send_once(sending),
                Claim::Confirmed => Ok(Filled::Known),
                _ => Ok(Filled::Untold),
            };
        }
        let may_look = self.handler.is_cheap_to_observe(&sending.slot) && kind != EffectKind::Pointer;
        if is_certain && !may_look {
            return Ok(Filled::Known);
        }
        (self.touching)();
        let was_tried = claim == Claim::Unknown;
        let patience = if was_tried {
            self.handler.lag()
        } else {
            Duration::ZERO
        };
        let state = self.look_until_there(sending, patience)?;
        if state == SlotState::Present(sending.digest) {
            if !is_certain {
                self.receipt(sending, if was_tried { How::Sent } else { How::Preexisting })?;
            }
            return Ok(Filled::Found);
        }
        self.must_be_free(sending, &state)?;
        self.send_until_there(sending)
    }

    /// Sends until the slot holds the bytes, as often as the policy says.
    fn send_until_there(&self, sending: &Sending) -> Result<Filled, Halt> {
        let mut attempt = 1;
        loop {
            match self.send(sending)? {
                Attempt::Filled => return Ok(Filled::Sent),
                Attempt::Again(error) if attempt > self.policy.retries => return Err(error.into()),
                Attempt::Again(error) => {
                    let wait = self.context.backoff(&self.policy, attempt);
                    (self.retrying)(attempt, wait, &error.message);
                    if !self.context.pause(wait) {
                        return Err(Halt::Interrupted(INTERRUPTED.to_owned()));
                    }
                }
            }
            attempt += 1;
        }
    }

    /// One attempt: the intent, the sending, and a look at what became of it.
    fn send(&self, sending: &Sending) -> Result<Attempt, Halt> {
        self.intend(sending)?;
        let error = match self.handler.send(sending, self.inputs) {
            Ok(()) => {
                self.record(
                    |run, action, slot, digest| Record::Sent {
                        run,
                        action,
                        slot,
                        digest,
                    },
                    sending,
                )?;
                return self.await_arrival(sending);
            }
            Err(error) => error,
        };
        if error.transient {
            self.ambiguous(sending, &error.message)?;
        }
        let patience = if error.transient {
            self.handler.lag()
        } else {
            Duration::ZERO
        };
        let state = self.look_until_there(sending, patience)?;
        if state == SlotState::Present(sending.digest) {
            self.receipt(sending, How::Sent)?;
            return Ok(Attempt::Filled);
        }
        self.must_be_free(sending, &state)?;
        if error.transient {
            return Ok(Attempt::Again(error));
        }
        let reason = error.message.clone();
        self.record(
            |run, action, slot, digest| Record::Rejected {
                run,
                action,
                slot,
                digest,
                reason,
            },
            sending,
        )?;
        Err(error.into())
    }

    /// Looks until the slot holds what was sent without an objection.
    fn await_arrival(&self, sending: &Sending) -> Result<Attempt, Halt> {
        let state = self.look_until_there(sending, self.policy.timeout)?;
        if state == SlotState::Present(sending.digest) {
            self.receipt(sending, How::Sent)?;
            return Ok(Attempt::Filled);
        }
        self.must_be_free(sending, &state)?;
        let within = self.policy.timeout.as_secs_f64();
        let message = format!("`{}` was sent, but not seen within {within} s", sending.slot);
        self.ambiguous(sending, &message)?;
        let hint = "run again later: it is looked at again before anything is sent";
        Err(StepError::new(message).hint(hint).into())
    }

    /// Sends what nobody can look at afterwards.
    fn send_once(&self, sending: &Sending) -> Result<Filled, Halt> {
        (self.touching)();
        self.intend(sending)?;
        match self.handler.send(sending, self.inputs) {
            Ok(()) => {
                self.receipt(sending, How::Sent)?;
                Ok(Filled::Sent)
            }
            Err(error) if error.transient => {
                self.ambiguous(sending, &error.message)?;
                let message = format!(
                    "it is not known whether `{}` was sent: {}",
                    sending.slot, error.message
                );
                let hint = "look for yourself; it is sent at most once and will not be sent again";
                Err(StepError::new(message)
                    .hint(error.hint.unwrap_or_else(|| hint.to_owned()))
                    .into())
            }
            Err(error) => {
                let reason = error.message.clone();
                self.record(
                    |run, action, slot, digest| Record::Rejected {
                        run,
                        action,
                        slot,
                        digest,
                        reason,
                    },
                    sending,
                )?;
                Err(error.into())
            }
        }
    }

    /// Whether the slot may be sent to, given what was seen in it.
    fn must_be_free(&self, sending: &Sending, state: &SlotState) -> Result<(), Halt> {
        match state {
            SlotState::Absent => Ok(()),
            SlotState::Present(_) if self.handler.kind() == EffectKind::Pointer => Ok(()),
            SlotState::Present(found) => {
                self.record_conflict(sending, found)?;
                let Sending { slot, digest, .. } = sending;
                Err(conflict(format!(
                    "`{slot}` holds other bytes: {found} is there, {digest} was to be sent"
                )))
            }
            SlotState::Unknown(why) => {
                let message = format!("what `{}` holds cannot be compared: {why}", sending.slot);
                Err(StepError::new(message)
                    .hint("nothing was sent, because that would be a guess")
                    .into())
            }
        }
    }

    fn promised(&self, sending: &Sending, digest: &Digest, run: &str) -> Result<Halt, Halt> {
        self.record_conflict(sending, digest)?;
        let Sending {
            slot, digest: ours, ..
        } = sending;
        Ok(conflict(format!(
            "`{slot}` was meant for other bytes: {digest} in run `{run}`, {ours} now"
        )))
    }
}

fn conflict(message: String) -> Halt {
    let hint =
        "at most one digest is ever sent to a slot: choose another coordinate, or see who filled this one";
    Halt::Conflict(StepError::new(message).hint(hint))
}
