//! Looks at the world without changing it: remembers what was seen earlier in this run, else looks.

use std::sync::Arc;

use cas::Digest;

use super::attempt::INTERRUPTED;
use super::{Halt, Job, Told};
use crate::layer::recall;
use crate::provided::Files;
use crate::resolve::ResolvedInputs;
use crate::{Finished, Observation, Outcome, Work};

impl Job<'_> {
    pub(super) fn observe(&self, inputs: &ResolvedInputs<'_>, key: &Digest) -> Result<Finished, Halt> {
        let (context, action) = (self.context, self.action());
        let journal = context.journal.as_ref();
        if let Some(seen) = recall::find(journal, &context.run, key) {
            return Ok(Finished {
                message: seen.summary,
                ..Finished::new(Outcome::Confirmed)
            });
        }
        if context.cancel.is_cancelled() {
            return Err(Halt::Interrupted(INTERRUPTED.to_owned()));
        }
        (self.tell)(Told::Running);
        let summary = self.persist(|| match &action.work {
            Work::Command(command) => self
                .run_command(command, inputs)
                .map(|_| format!("`{}` succeeded", action.name)),
            Work::Step { params, .. } => self.look(params, inputs),
        })?;
        let seen = Observation {
            summary,
            unix_seconds: context.clock.now_unix(),
        };
        recall::keep(journal, &context.run, &action.name, key, seen.clone()).map_err(Halt::Fatal)?;
        Ok(Finished {
            message: seen.summary,
            ..Finished::new(Outcome::Executed)
        })
    }

    fn look(&self, params: &str, inputs: &ResolvedInputs<'_>) -> Result<String, Halt> {
        let (context, action) = (self.context, self.action());
        let handler = context
            .handlers
            .observed
            .get(&action.mnemonic)
            .ok_or_else(|| self.no_handler())?;
        let files = Files::of(inputs, Arc::clone(&context.store));
        let seen = handler.observe(params, &files, action.policy.timeout, &context.cancel);
        match seen {
            Ok(facts) => Ok(facts.summary),
            Err(_) if context.cancel.is_cancelled() => Err(Halt::Interrupted(INTERRUPTED.to_owned())),
            Err(error) => Err(files.halt(error)),
        }
    }
}
