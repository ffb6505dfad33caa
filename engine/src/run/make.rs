//! Makes what can be kept: asks the cache, else runs the command or the handler, and keeps what came out.

use std::collections::BTreeMap;
use std::sync::Arc;

use cas::Digest;

use super::attempt::INTERRUPTED;
use super::{Halt, Job, Told, command};
use crate::layer::lookup;
use crate::provided::Files;
use crate::resolve::ResolvedInputs;
use crate::scratch::Scratch;
use crate::{ActionResult, Command, Finished, Outcome, Output, StepError, Work, deliver};

impl Job<'_> {
    pub(super) fn make(&self, inputs: &ResolvedInputs<'_>, key: &Digest) -> Result<Finished, Halt> {
        let (context, action) = (self.context, self.action());
        if !self.is_distrustful
            && let Some(result) = lookup::find_whole(action, key, &*context.cache, &*context.store)
            && self.lay_down(&result)?
        {
            return Ok(Finished {
                outputs: Some(Arc::new(result)),
                ..Finished::new(Outcome::Cached)
            });
        }
        if context.cancel.is_cancelled() {
            return Err(Halt::Interrupted(INTERRUPTED.to_owned()));
        }
        (self.tell)(Told::Running);
        let result = self.persist(|| match &action.work {
            Work::Command(command) => self.run_command(command, inputs),
            Work::Step { params, .. } => self.run_step(params, inputs),
        })?;
        lookup::keep(action, key, &result, &*context.cache);
        if !self.lay_down(&result)? {
            return Err(StepError::new("what was just made is gone from the store").into());
        }
        Ok(Finished {
            outputs: Some(Arc::new(result)),
            ..Finished::new(Outcome::Executed)
        })
    }

    /// Delivers the outputs, if they are to be delivered; `false` if their bytes are gone.
    fn lay_down(&self, result: &ActionResult) -> Result<bool, Halt> {
        let context = self.context;
        if !context.deliver {
            return Ok(true);
        }
        Ok(deliver::all(
            self.action(),
            result,
            &*context.store,
            &context.workspace,
        )?)
    }

    /// Runs a process in a folder of its own.
    pub(super) fn run_command(
        &self,
        command: &Command,
        inputs: &ResolvedInputs<'_>,
    ) -> Result<ActionResult, Halt> {
        let (context, action) = (self.context, self.action());
        let scratch = Scratch::lay_out(context, action, inputs)?;
        let said = command::run(context, command, &scratch, action.policy.timeout)?;
        let keep = |said: &[u8]| match said {
            [] => Ok(None),
            said => context.store.put(said).map(Some),
        };
        Ok(ActionResult {
            outputs: scratch.gather(&action.outputs, &*context.store)?,
            stdout: keep(&said.stdout)?,
            stderr: keep(&said.stderr)?,
            exit_code: 0,
        })
    }

    fn run_step(&self, params: &str, inputs: &ResolvedInputs<'_>) -> Result<ActionResult, Halt> {
        let (context, action) = (self.context, self.action());
        let handler = context
            .handlers
            .pure
            .get(&action.mnemonic)
            .ok_or_else(|| self.no_handler())?;
        let files = Files::of(inputs, Arc::clone(&context.store));
        let mut made = handler.make(params, &files).map_err(|error| files.halt(error))?;
        let mut outputs = BTreeMap::new();
        for path in &action.outputs {
            let missing = || StepError::new(format!("it did not make its declared output `{path}`"));
            let bytes = made.remove(path).ok_or_else(missing)?;
            let digest = context.store.put(&bytes)?;
            outputs.insert(
                path.clone(),
                Output::File {
                    digest,
                    executable: false,
                },
            );
        }
        if let Some(path) = made.keys().next() {
            return Err(StepError::new(format!("it made `{path}`, which it does not declare")).into());
        }
        Ok(ActionResult {
            outputs,
            ..ActionResult::default()
        })
    }
}
