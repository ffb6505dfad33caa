//! The promise of a remote repository: what it has, and how it gets more.

use engine::StepError;

use crate::{CommitId, Tag};

/// What is sent to a remote, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Push {
    /// Tags by name, without `refs/tags/`.
    pub tags: Vec<String>,
    /// A branch that is moved forward to a commit, if one is.
    pub branch: Option<(String, CommitId)>,
}

/// A repository elsewhere that ours is copied to.
pub trait Remote: Send + Sync {
    /// Its name: `origin`.
    fn name(&self) -> String;

    /// Its address, without credentials.
    fn address(&self) -> String;

    /// The tags it has now, read from it, sorted.
    ///
    /// # Errors
    /// It could not be asked.
    fn tags(&self) -> Result<Vec<Tag>, StepError>;

    /// The commit its branch names now, read from it.
    ///
    /// # Errors
    /// It could not be asked.
    fn branch(&self, name: &str) -> Result<Option<CommitId>, StepError>;

    /// Whether its branch leads to a commit that is here: nothing of it is left to be sent.
    ///
    /// # Errors
    /// It could not be asked.
    fn leads_to(&self, branch: &str, commit: &CommitId) -> Result<bool, StepError>;

    /// Sends tags and commits, atomically; never moves a tag, never moves a branch otherwise than forward. What is
    /// there already is success.
    ///
    /// # Errors
    /// It was refused (nothing was changed then), or its fate is unknown (transient).
    fn push(&self, push: &Push) -> Result<(), StepError>;
}
