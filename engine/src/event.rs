//! The one stream of events: everything that is shown, written or reported about a run is read from it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ActionId, Class, Mnemonic};

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The action cache knew its result.
    Cached,
    /// It ran, or its effect was sent.
    Executed,
    /// Its effect, or its observation, was already certain.
    Confirmed,
    /// It was not tried, because something before it failed or the run was stopped.
    Skipped,
    /// It was tried and failed.
    Failed,
}

impl Outcome {
    /// Whether those who come after may go on.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Cached | Self::Executed | Self::Confirmed)
    }

    /// The outcome as a lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cached => "cached",
            Self::Executed => "executed",
            Self::Confirmed => "confirmed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// How many actions ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// [`Outcome::Cached`].
    pub cached: u64,
    /// [`Outcome::Executed`].
    pub executed: u64,
    /// [`Outcome::Confirmed`].
    pub confirmed: u64,
    /// [`Outcome::Skipped`].
    pub skipped: u64,
    /// [`Outcome::Failed`].
    pub failed: u64,
}

impl Counts {
    /// Counts one more.
    pub const fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Cached => self.cached += 1,
            Outcome::Executed => self.executed += 1,
            Outcome::Confirmed => self.confirmed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed => self.failed += 1,
        }
    }
}

/// Something that happened in a run, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run began.
    Started {
        /// How many actions there are to deal with.
        total: usize,
    },
    /// An action began to be carried out (not sent for cache hits).
    Running {
        /// Which.
        id: ActionId,
        /// Its name.
        name: String,
        /// Its kind.
        mnemonic: Mnemonic,
    },
    /// An attempt failed and another will follow.
    Retrying {
        /// Which.
        id: ActionId,
        /// Its name.
        name: String,
        /// Attempts so far.
        attempt: u32,
        /// How long until the next.
        wait: Duration,
        /// Why.
        reason: String,
    },
    /// An action ended.
    Finished {
        /// Which.
        id: ActionId,
        /// Its name.
        name: String,
        /// Its owner.
        owner: String,
        /// Its kind.
        mnemonic: Mnemonic,
        /// Its class.
        class: Class,
        /// How.
        outcome: Outcome,
        /// How long it took, from the first attempt on.
        took: Duration,
        /// Why it failed or was skipped, or what was observed; may be empty.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The run ended.
    Ended {
        /// How its actions ended.
        counts: Counts,
    },
}

/// Is told of every event, in order. Must not block for long and cannot fail.
pub trait Observer: Send + Sync {
    /// Takes notice.
    fn notice(&self, event: &Event);
}
