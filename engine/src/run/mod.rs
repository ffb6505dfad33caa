//! Carries out one action, from its inputs to its end. Called on a blocking thread.

pub(crate) mod attempt;
mod capture;
mod command;
mod effect;
mod make;
mod observe;
pub(crate) mod reactor;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cas::{ActionCache, Digest, Store};

use reactor::Reactors;

use crate::layer::turns::Turns;
use crate::resolve::{ResolvedInputs, Unresolved};
use crate::{
    Action, ActionId, ActionResult, Cancel, Class, Clock, Error, Facet, Finished, Graph, Handlers, Journal,
    Manifest, Outcome, Random, StepError,
};

/// What every action of a run shares.
pub(crate) struct Context {
    pub(crate) graph: Graph,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) cache: Arc<dyn ActionCache>,
    pub(crate) handlers: Handlers,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) journal: Option<Journal>,
    pub(crate) cancel: Cancel,
    pub(crate) scratch: PathBuf,
    pub(crate) workspace: PathBuf,
    pub(crate) keep_scratch: bool,
    pub(crate) deliver: bool,
    pub(crate) run: String,
    pub(crate) turns: Turns,
    pub(crate) reactors: Reactors,
}

/// What is told while an action is being carried out.
pub(crate) enum Told {
    Running,
    Retrying {
        attempt: u32,
        wait: Duration,
        reason: String,
    },
}

/// An action to carry out.
pub(crate) struct Job<'a> {
    pub(crate) context: &'a Context,
    pub(crate) id: ActionId,
    /// What the actions before it made.
    pub(crate) made: &'a dyn Fn(ActionId) -> Option<Arc<ActionResult>>,
    /// Whether a kept result must not be believed.
    pub(crate) is_distrustful: bool,
    pub(crate) tell: &'a dyn Fn(Told),
}

/// How carrying out an action ended.
pub(crate) enum Done {
    /// It ended; with what is to be remembered, if it ended well.
    Ended(Finished, Option<Vec<Facet>>),
    /// What another action made is gone and has to be made again first.
    Lost(ActionId),
    /// It failed in a way that lets nothing follow.
    Fatal(Finished),
}

/// Why an action did not come to a good end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It failed.
    Failed(StepError),
    /// A slot holds, or was promised, other bytes.
    Conflict(StepError),
    /// The run is being stopped; with what is left undone.
    Interrupted(String),
    /// What another action made is gone.
    Lost(ActionId),
    /// What was done cannot be written down.
    Fatal(Error),
}

impl From<StepError> for Halt {
    fn from(error: StepError) -> Self {
        Self::Failed(error)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(StepError::new(error.to_string()))
    }
}

impl From<cas::Error> for Halt {
    fn from(error: cas::Error) -> Self {
        Self::Failed(StepError::new(error.to_string()))
    }
}

impl Job<'_> {
    /// Carries it out.
    pub(crate) fn perform(&self) -> Done {
        let start = self.context.clock.monotonic();
        let mut key = None;
        let ended = self.attempt_all(&mut key);
        let took = self.context.clock.monotonic().saturating_sub(start);
        let (outcome, message, hint) = match ended {
            Ok((finished, facets)) => {
                return Done::Ended(
                    Finished {
                        key,
                        took,
                        ..finished
                    },
                    Some(facets),
                );
            }
            Err(Halt::Lost(producer)) => return Done::Lost(producer),
            Err(Halt::Interrupted(what)) => (Outcome::Skipped, what, None),
            Err(Halt::Fatal(error)) => {
                let message = error.to_string();
                return Done::Fatal(Finished {
                    key,
                    took,
                    message,
                    ..Finished::new(Outcome::Failed)
                });
            }
            Err(Halt::Conflict(error)) => {
                let finished = Finished {
                    conflict: true,
                    ..Finished::new(Outcome::Failed)
                };
                let StepError { message, hint, .. } = error;
                return Done::Ended(
                    Finished {
                        key,
                        took,
                        message,
                        hint,
                        ..finished
                    },
                    None,
                );
            }
            Err(Halt::Failed(error)) => (Outcome::Failed, error.message, error.hint),
        };
        Done::Ended(
            Finished {
                key,
                took,
                message,
                hint,
                ..Finished::new(outcome)
            },
            None,
        )
    }

    fn attempt_all(&self, key: &mut Option<Digest>) -> Result<(Finished, Vec<Facet>), Halt> {
        let Context { graph, store, .. } = self.context;
        let inputs = ResolvedInputs::of(graph, self.action(), self.made, &**store).map_err(unresolved)?;
        let manifest = Manifest::of(self.action(), &inputs);
        let known = manifest.key()?;
        *key = Some(known);
        let finished = match self.action().class {
            Class::Pure | Class::Attested => self.make(&inputs, &known)?,
            Class::Observed => self.observe(&inputs, &known)?,
            Class::Effect => self.effect(&inputs)?,
        };
        Ok((finished, manifest.facets()))
    }

    fn action(&self) -> &Action {
        self.context.graph.action(self.id)
    }

    /// The error if nobody carries out the action's step.
    fn no_handler(&self) -> Halt {
        Halt::from(no_handler(self.action()))
    }
}

/// The error if nobody carries out the step of `action`.
pub(crate) fn no_handler(action: &Action) -> Error {
    Error::NoHandler {
        action: action.name.clone(),
        mnemonic: action.mnemonic.to_string(),
    }
}

fn unresolved(unresolved: Unresolved) -> Halt {
    match unresolved {
        Unresolved::Lost(producer) => Halt::Lost(producer),
        Unresolved::Refused(error) => Halt::from(error),
        Unresolved::NotYet(id) => {
            let id = id.0;
            Halt::Failed(StepError::new(format!(
                "action number {id} made nothing that could be used"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A context in which nothing can be found.
    pub(super) fn context() -> Context {
        let memory = Arc::new(cas::Memory::new());
        Context {
            graph: Graph::build(Vec::new()).expect("an empty graph"),
            store: Arc::<cas::Memory>::clone(&memory),
            cache: memory,
            handlers: Handlers::default(),
            clock: Arc::new(crate::FixedClock::new(0)),
            random: Arc::new(crate::SeededRandom::new(0)),
            env: BTreeMap::new(),
            journal: None,
            cancel: Cancel::new(),
            scratch: PathBuf::new(),
            workspace: PathBuf::new(),
            keep_scratch: false,
            deliver: false,
            run: String::new(),
            turns: Turns::default(),
            reactors: Reactors::default(),
        }
    }
}
