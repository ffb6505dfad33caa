//! What the journal holds.

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::Slot;

/// One line of the journal. `run` is always the caller's name for what is being carried out; a run that was
/// interrupted goes on under the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// A run began, or went on.
    Opened {
        /// Which.
        run: String,
        /// What it is about.
        subject: String,
        /// What else the caller wants to keep.
        detail: String,
    },
    /// Everything that can be sent in this run is fixed.
    Sealed {
        /// Which.
        run: String,
        /// Of the list of what can be sent.
        digest: Digest,
    },
    /// A slot is about to be filled.
    Intent {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// Which slot.
        slot: Slot,
        /// With which bytes.
        digest: Digest,
        /// The how-manieth time in this run, from 1.
        attempt: u32,
    },
    /// The receiver did not object.
    Sent {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// Which slot.
        slot: Slot,
        /// With which bytes.
        digest: Digest,
    },
    /// The slot was seen to hold the bytes; or, if nothing can be seen, the receiver took them.
    Receipt {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// Which slot.
        slot: Slot,
        /// Which bytes.
        digest: Digest,
        /// How they came there.
        how: How,
    },
    /// The receiver refused, and the slot was seen to be empty.
    Rejected {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// Which slot.
        slot: Slot,
        /// Which bytes.
        digest: Digest,
        /// What it said.
        reason: String,
    },
    /// Nobody knows whether the slot was filled.
    Ambiguous {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// Which slot.
        slot: Slot,
        /// With which bytes.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// The slot holds, or was promised, other bytes.
    Conflict {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// Which slot.
        slot: Slot,
        /// Which bytes it should hold.
        digest: Digest,
        /// Which it holds.
        found: Digest,
    },
    /// Something was seen to be so.
    Observed {
        /// In which run.
        run: String,
        /// By which action.
        action: String,
        /// The action's key.
        key: Digest,
        /// What was seen, in one line.
        summary: String,
        /// When, in seconds since 1970.
        unix_seconds: u64,
    },
    /// A run ended.
    Closed {
        /// Which.
        run: String,
        /// How.
        outcome: String,
    },
}

impl Record {
    /// The run it belongs to.
    #[must_use]
    pub fn run(&self) -> &str {
        match self {
            Self::Opened { run, .. }
            | Self::Sealed { run, .. }
            | Self::Intent { run, .. }
            | Self::Sent { run, .. }
            | Self::Receipt { run, .. }
            | Self::Rejected { run, .. }
            | Self::Ambiguous { run, .. }
            | Self::Conflict { run, .. }
            | Self::Observed { run, .. }
            | Self::Closed { run, .. } => run,
        }
    }
}

/// How bytes came into a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// We sent them.
    Sent,
    /// They were there before we had sent anything.
    Preexisting,
}
