//! Changes the world, slot by slot.

use std::sync::Arc;

use super::attempt::INTERRUPTED;
use super::{Halt, Job, Told};
use crate::layer::reconcile::{Filled, Reconcile};
use crate::provided::Files;
use crate::resolve::ResolvedInputs;
use crate::{Error, Finished, Outcome, StepError, Work};

impl Job<'_> {
    pub(super) fn effect(&self, inputs: &ResolvedInputs<'_>) -> Result<Finished, Halt> {
        let (context, action) = (self.context, self.action());
        let Work::Step { params, .. } = &action.work else {
            let message = "a process cannot be an effect: nobody could see whether it had already happened";
            return Err(StepError::new(message).into());
        };
        let handler = context
            .handlers
            .effects
            .get(&action.mnemonic)
            .ok_or_else(|| self.no_handler())?;
        let journal = context
            .journal
            .as_ref()
            .ok_or_else(|| Error::NoJournal(action.name.clone()))?;
        let files = Files::of(inputs, Arc::clone(&context.store));
        let sendings = handler
            .sendings(params, &files)
            .map_err(|error| files.halt(error))?;
        let is_running = std::cell::Cell::new(false);
        let reconcile = Reconcile {
            context,
            journal,
            handler: &**handler,
            inputs: &files,
            action: &action.name,
            policy: action.policy,
            retrying: &|attempt, wait, reason| {
                (self.tell)(Told::Retrying {
                    attempt,
                    wait,
                    reason: reason.to_owned(),
                });
            },
            touching: &|| {
                if !is_running.replace(true) {
                    (self.tell)(Told::Running);
                }
            },
        };
        let mut filled = Vec::with_capacity(sendings.len());
        for sending in &sendings {
            if context.cancel.is_cancelled() {
                let (done, all) = (filled.len(), sendings.len());
                return Err(Halt::Interrupted(format!(
                    "{INTERRUPTED} after {done} of {all} slots"
                )));
            }
            let one = reconcile.fill(sending).map_err(|halt| match halt {
                Halt::Failed(error) => files.halt(error),
                other => other,
            })?;
            filled.push(one);
        }
        Ok(summary(&filled))
    }
}

fn summary(filled: &[Filled]) -> Finished {
    let count = |one: Filled| filled.iter().filter(|other| **other == one).count();
    let sent = count(Filled::Sent);
    let mut parts = Vec::new();
    for (how, what) in [
        (Filled::Sent, "sent"),
        (Filled::Found, "already there"),
        (
            Filled::Untold,
            "sent at most once by an earlier attempt, not sent again",
        ),
    ] {
        match count(how) {
            0 => {}
            n => parts.push(format!("{n} {what}")),
        }
    }
    let outcome = if sent > 0 {
        Outcome::Executed
    } else {
        Outcome::Confirmed
    };
    Finished {
        message: parts.join(", "),
        ..Finished::new(outcome)
    }
}
