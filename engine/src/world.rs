//! What a run is given: the world it acts on, how it should go, and what it hands back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cas::{ActionCache, Digest, Store};

use crate::{ActionId, ActionResult, Cancel, Clock, Counts, Handlers, Observer, Outcome, Random, StepError};

/// Everything outside the graph that a run may touch.
#[derive(Clone)]
pub struct World {
    /// Bytes by digest.
    pub store: Arc<dyn Store>,
    /// Results by key.
    pub cache: Arc<dyn ActionCache>,
    /// Those who do what steps say.
    pub handlers: Handlers,
    /// Is told of everything.
    pub observer: Arc<dyn Observer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// The variables that commands may ask to be passed.
    pub env: BTreeMap<String, String>,
}

/// What is asked before the first action that touches the world, with what came before it.
pub type Seal<'a> = &'a (dyn Fn(&Results) -> Result<(), StepError> + Sync);

/// How a run should go.
pub struct Options<'a> {
    /// How many actions are made at once, at least one. Actions that wait for the world rather than compute
    /// (observations and effects) may be more, unless this is one.
    pub jobs: usize,
    /// Whether nothing more starts after the first failure.
    pub fail_fast: bool,
    /// Stops the run.
    pub cancel: Cancel,
    /// Where commands get a folder each.
    pub scratch: PathBuf,
    /// Where outputs are delivered to.
    pub workspace: PathBuf,
    /// Whether the commands' folders are kept.
    pub keep_scratch: bool,
    /// The caller's name for what is being carried out; the same when it goes on after an interruption.
    pub run: String,
    /// Called once, after everything that can be made without touching the world has ended and before anything
    /// touches it. If it fails, nothing does.
    pub seal: Option<Seal<'a>>,
    /// Whether outputs are laid down in the workspace.
    pub deliver: bool,
}

/// How one action ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How.
    pub outcome: Outcome,
    /// Its key, if it got that far.
    pub key: Option<Digest>,
    /// What it made, if it makes anything.
    pub outputs: Option<Arc<ActionResult>>,
    /// Why it failed or was skipped, or what was observed; may be empty.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// If it was skipped because another one failed: that one.
    pub root_cause: Option<ActionId>,
    /// Whether it failed because a slot holds, or was promised, other bytes.
    pub conflict: bool,
    /// How long it took, from the first attempt on.
    pub took: Duration,
}

impl Finished {
    /// An end without anything to tell.
    pub(crate) const fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            key: None,
            outputs: None,
            message: String::new(),
            hint: None,
            root_cause: None,
            conflict: false,
            took: Duration::ZERO,
        }
    }
}

/// How the actions of a run ended.
#[derive(Clone, Debug, Default)]
pub struct Results {
    pub(crate) finished: Vec<Option<Finished>>,
    pub(crate) stopped: Option<String>,
}

impl Results {
    /// How `id` ended; `None` if it was not wanted, or has not ended yet.
    #[must_use]
    pub fn get(&self, id: ActionId) -> Option<&Finished> {
        self.finished.get(id.index())?.as_ref()
    }

    /// How `id` ended, as one word.
    #[must_use]
    pub fn outcome(&self, id: ActionId) -> Option<Outcome> {
        self.get(id).map(|finished| finished.outcome)
    }

    /// What `id` made.
    #[must_use]
    pub fn result(&self, id: ActionId) -> Option<&ActionResult> {
        self.get(id)?.outputs.as_deref()
    }

    /// Every action that ended, by id.
    pub fn iter(&self) -> impl Iterator<Item = (ActionId, &Finished)> {
        let ids = (0..).map(ActionId);
        ids.zip(&self.finished)
            .filter_map(|(id, finished)| Some((id, finished.as_ref()?)))
    }

    /// How many ended in which way.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.iter().for_each(|(_, finished)| counts.add(finished.outcome));
        counts
    }

    /// Why nothing more was started, if the run did not go to its end: it was interrupted, sealing failed, or the
    /// journal could not be written.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }
}
