//! The promise of a version control system: what was committed and tagged.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Commit, CommitId};
use engine::StepError;

/// Where the working tree stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The commit that is checked out; `None` before the first one.
    pub commit: Option<CommitId>,
    /// The branch, if one is checked out.
    pub branch: Option<String>,
    /// Whether older history was left out when this copy was made.
    pub shallow: bool,
}

/// A name for a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The commit it names in the end.
    pub commit: CommitId,
}

/// A tag to be made.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewTag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The commit it names.
    pub commit: CommitId,
    /// Its message.
    pub message: String,
}

/// A commit to be made on top of another one, out of whole files.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewCommit {
    /// The branch that is moved forward to it, without `refs/heads/`.
    pub branch: String,
    /// The commit it follows: what the branch names, or the branch is not moved.
    pub parent: CommitId,
    /// Its message.
    pub message: String,
    /// Files by path, relative to the repository's root, with their new bytes; `None` for one that goes away.
    pub files: BTreeMap<String, Option<Vec<u8>>>,
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
}

/// What branches and commits hold, whatever is checked out.
pub trait Revisions: Send + Sync {
    /// The commit that a branch names: one of this repository or, where it has none of that name, the one that a
    /// remote was last seen with; `None` if there is no such branch.
    ///
    /// # Errors
    /// It could not be asked.
    fn branch(&self, name: &str) -> Result<Option<CommitId>, StepError>;

    /// The commits that lead to `to` and not to `from`, newest first, merges included.
    ///
    /// # Errors
    /// It could not be asked, or one of them is not there.
    fn between(&self, from: &CommitId, to: &CommitId) -> Result<Vec<Commit>, StepError>;

    /// One commit; `None` if it is not here.
    ///
    /// # Errors
    /// It could not be asked.
    fn look_up(&self, id: &CommitId) -> Result<Option<Commit>, StepError>;

    /// The bytes of files in commits, in the order asked for, each named by a commit and by its path relative to the
    /// repository's root; `None` where there is no such file.
    ///
    /// # Errors
    /// They could not be asked for.
    fn contents(&self, files: &[(CommitId, String)]) -> Result<Vec<Option<Vec<u8>>>, StepError>;

    /// The paths of all that a commit holds, relative to the workspace's root: files, links, and submodules as one
    /// path each.
    ///
    /// # Errors
    /// It could not be asked, or there is no such commit.
    fn files(&self, commit: &CommitId) -> Result<BTreeSet<String>, StepError>;
}

/// What was committed and tagged.
pub trait Vcs: Revisions {
    /// Its name: `git`.
    fn name(&self) -> &'static str;

    /// Where the working tree stands.
    ///
    /// # Errors
    /// It could not be asked.
    fn head(&self) -> Result<Head, StepError>;

    /// All tags that name commits, sorted.
    ///
    /// # Errors
    /// It could not be asked.
    fn tags(&self) -> Result<Vec<Tag>, StepError>;

    /// The commits that lead to `head`, newest first, merges included; those that lead to *every* one of
    /// `since` may be left out (none may when `since` is empty).
    ///
    /// # Errors
    /// It could not be asked, or history is not all there.
    fn log(&self, head: &Head, since: &[CommitId]) -> Result<Vec<Commit>, StepError>;

    /// The tracked files that differ from the head, sorted; also those that the system was told not to look at.
    ///
    /// # Errors
    /// It could not be asked.
    fn changed_files(&self) -> Result<Vec<String>, StepError>;

    /// Makes an annotated tag, the same bytes for the same request; never moves one. An existing tag of that
    /// name on that commit is success.
    ///
    /// # Errors
    /// The name is taken by another commit, or it was refused.
    fn create_tag(&self, tag: &NewTag) -> Result<(), StepError>;

    /// Makes a commit and moves its branch to it, the same bytes for the same request. In the working tree and in
    /// what is staged, only the files of the commit follow; whatever else was changed there stays as it is.
    ///
    /// # Errors
    /// The branch is elsewhere by now, one of the files has changes that are not committed, or it was refused.
    /// Nothing has changed then.
    fn commit(&self, commit: &NewCommit) -> Result<CommitId, StepError>;
}
