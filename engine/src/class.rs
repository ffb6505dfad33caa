//! The four classes of action, and what each may reuse or share.

use serde::{Deserialize, Serialize};

/// What kind of result an action has, which decides what may be reused when it is met again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Bytes that follow from the inputs: kept in the store, reused anywhere, run again when in doubt.
    Pure,
    /// Bytes that prove themselves, such as a signature: reused after verifying them.
    Attested,
    /// A fact with a time, such as "it is visible": reused within one run of the graph's subject only.
    Observed,
    /// A change in the world: never a cache hit; its slot is observed and its receipt kept in the journal.
    Effect,
}

impl Class {
    /// The class as a lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Attested => "attested",
            Self::Observed => "observed",
            Self::Effect => "effect",
        }
    }

    /// Whether a result may be answered from the action cache.
    #[must_use]
    pub const fn is_cacheable(self) -> bool {
        matches!(self, Self::Pure | Self::Attested)
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
