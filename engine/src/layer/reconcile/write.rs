//! Writing down what is about to happen to a slot, and what happened.

use cas::Digest;

use super::Reconcile;
use crate::journal::{Claim, How, Record};
use crate::run::Halt;
use crate::run::attempt::INTERRUPTED;
use crate::{Sending, Slot};

impl Reconcile<'_> {
    pub(super) fn intend(&self, sending: &Sending) -> Result<(), Halt> {
        if self.context.cancel.is_cancelled() {
            return Err(Halt::Interrupted(INTERRUPTED.to_owned()));
        }
        let what = (&sending.slot, &sending.digest);
        let refusal = self
            .journal
            .intend(&self.context.run, self.action, what, self.handler.kind());
        match refusal.map_err(Halt::Fatal)? {
            Some(Claim::Other { digest, run }) => Err(self.promised(sending, &digest, &run)?),
            _ => Ok(()),
        }
    }

    pub(super) fn receipt(&self, sending: &Sending, how: How) -> Result<(), Halt> {
        self.record(
            |run, action, slot, digest| Record::Receipt {
                run,
                action,
                slot,
                digest,
                how,
            },
            sending,
        )
    }

    pub(super) fn ambiguous(&self, sending: &Sending, reason: &str) -> Result<(), Halt> {
        let reason = reason.to_owned();
        self.record(
            |run, action, slot, digest| Record::Ambiguous {
                run,
                action,
                slot,
                digest,
                reason,
            },
            sending,
        )
    }

    pub(super) fn record_conflict(&self, sending: &Sending, found: &Digest) -> Result<(), Halt> {
        let found = *found;
        self.record(
            |run, action, slot, digest| Record::Conflict {
                run,
                action,
                slot,
                digest,
                found,
            },
            sending,
        )
    }

    pub(super) fn record(
        &self,
        record: impl FnOnce(String, String, Slot, Digest) -> Record,
        sending: &Sending,
    ) -> Result<(), Halt> {
        let (run, action) = (self.context.run.clone(), self.action.to_owned());
        self.journal
            .append(record(run, action, sending.slot.clone(), sending.digest))
            .map_err(Halt::Fatal)
    }
}
