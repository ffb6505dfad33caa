//! A commit: what was changed, and what was said about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A commit's identity, as the version control system writes it (40 or 64 hexadecimal digits in git).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitId(pub String);

impl CommitId {
    /// The first seven digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its identity.
    pub id: CommitId,
    /// Those before it; more than one for a merge.
    pub parents: Vec<CommitId>,
    /// Who wrote it, by name.
    pub author: String,
    /// When, in seconds since 1970-01-01T00:00:00Z; 0 if its date cannot be read.
    pub time: i64,
    /// The whole message.
    pub message: String,
    /// The files it changed, relative to the repository's root, sorted. For a merge, those that differ from what each of
    /// its parents has: what it changes itself, and files that both sides changed, whether or not that was put
    /// together without a conflict. What one side alone brought is in that side's commits.
    pub paths: Vec<String>,
    /// Those of `paths` that were not there before.
    pub added: Vec<String>,
    /// Those of `paths` that are not there any more.
    pub removed: Vec<String>,
    /// Whether it changed no file at all, also none outside that root; a merge is not called so.
    pub is_empty: bool,
}
