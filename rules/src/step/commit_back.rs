//! Commit back: new versions, changelogs and lock files as one commit on a branch, after everything is released.

use std::collections::BTreeMap;
use std::sync::Arc;

use cas::Digest;
use engine::{EffectHandler, EffectKind, Mnemonic, Payload, Provided, Sending, Slot, SlotState, StepError};
use model::{Commit, CommitId, NewCommit, Revisions, Vcs};
use serde::{Deserialize, Serialize};

use crate::brought_back::{can_follow, release_of, with_trailer};

/// The kind of these actions.
pub const COMMIT_BACK: Mnemonic = Mnemonic::new("CommitBack");

/// Which commit brings a release back: on which branch, after which commit, for which release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// The commit that was released.
    pub after: CommitId,
    /// What the release is called in the journal.
    pub run: String,
}

/// What is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returning {
    /// Which commit.
    pub to: Return,
    /// Its message, without the line that names the release.
    pub message: String,
    /// Files, relative to the repository's root, each with what it held before; `None` if it was not there. Their
    /// new bytes are inputs at the same paths.
    pub files: BTreeMap<String, Option<Digest>>,
    /// Files that go away.
    pub gone: Vec<String>,
}

impl Return {
    /// The place of the commit: branches move on, so the place is a branch after a commit.
    pub(super) fn coordinate(&self) -> String {
        format!(
            "refs/heads/{} after {} release {}",
            self.branch, self.after, self.run
        )
    }

    /// Stands for the commit: a release comes back once.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(format!("release {}\n", self.run).as_bytes())
    }

    /// Reads a place. It is read from its end: Mercurial's branches may hold spaces, commits and releases do not.
    pub(super) fn at(coordinate: &str) -> Option<Self> {
        let (place, run) = coordinate.strip_prefix("refs/heads/")?.rsplit_once(" release ")?;
        let (branch, after) = place.rsplit_once(" after ")?;
        Some(Self {
            branch: branch.to_owned(),
            after: CommitId(after.to_owned()),
            run: run.to_owned(),
        })
    }

    /// The commit, if it was made.
    pub(super) fn find(&self, revisions: &(impl Revisions + ?Sized)) -> Result<Option<Commit>, StepError> {
        let Some(tip) = revisions.branch(&self.branch)? else {
            return Ok(None);
        };
        let since = revisions.between(&self.after, &tip)?;
        let is_it = |commit: &Commit| release_of(&commit.message) == Some(self.run.as_str());
        Ok(since.into_iter().find(is_it))
    }
}

/// Makes the commit that brings a release back.
pub struct CommitBackStep {
    vcs: Arc<dyn Vcs>,
}

impl CommitBackStep {
    pub(super) fn new(vcs: Arc<dyn Vcs>) -> Self {
        Self { vcs }
    }
}

/// The files that become other ones.
fn changed(returning: &Returning, inputs: &dyn Provided) -> Vec<String> {
    let differs = |(path, digest): &(&String, &Digest)| {
        returning
            .files
            .get(*path)
            .is_some_and(|was| was.as_ref() != Some(*digest))
    };
    inputs
        .files()
        .iter()
        .filter(differs)
        .map(|(path, _)| path.clone())
        .collect()
}

impl CommitBackStep {
    /// The commit that is followed: the one that was released, or what came on top of it meanwhile, if that left the
    /// files alone. What a merge did to them is not known. Where the branch is checked out at the released commit all the
    /// same (Mercurial's branches have several ends), that is where it goes on.
    fn parent(&self, to: &Return, files: &BTreeMap<String, Option<Vec<u8>>>) -> Result<CommitId, StepError> {
        let released = || to.after.clone();
        let Some(tip) = self.vcs.branch(&to.branch)?.filter(|tip| *tip != to.after) else {
            return Ok(released());
        };
        let head = self.vcs.head()?;
        if head.branch.as_ref() == Some(&to.branch) && head.commit.as_ref() == Some(&to.after) {
            return Ok(released());
        }
        let since = self.vcs.between(&to.after, &tip)?;
        let follows = can_follow(&to.after, &since, |path| files.contains_key(path));
        Ok(if follows { tip } else { released() })
    }
}

impl EffectHandler for CommitBackStep {
    fn kind(&self) -> EffectKind {
        EffectKind::CreateOnce
    }

    fn sendings(&self, params: &str, inputs: &dyn Provided) -> Result<Vec<Sending>, StepError> {
        let returning: Returning = super::read(&COMMIT_BACK, params)?;
        if changed(&returning, inputs).is_empty() && returning.gone.is_empty() {
            return Ok(Vec::new());
        }
        let slot = Slot {
            target: self.vcs.name().to_owned(),
            coordinate: returning.to.coordinate(),
        };
        Ok(vec![Sending {
            slot,
            digest: returning.to.digest(),
            payload: Payload::None,
            detail: params.to_owned(),
        }])
    }

    fn is_cheap_to_observe(&self, _slot: &Slot) -> bool {
        true
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        let Some(place) = Return::at(&slot.coordinate) else {
            return Ok(SlotState::Unknown("the place cannot be read".to_owned()));
        };
        let found = place.find(&*self.vcs)?;
        Ok(found.map_or(SlotState::Absent, |_| SlotState::Present(place.digest())))
    }

    fn send(&self, sending: &Sending, inputs: &dyn Provided) -> Result<(), StepError> {
        let returning: Returning = super::read(&COMMIT_BACK, &sending.detail)?;
        let to = &returning.to;
        let gone = || StepError::new(format!("there is no commit {}", to.after));
        let released = self.vcs.look_up(&to.after)?.ok_or_else(gone)?;
        let mut files: BTreeMap<String, Option<Vec<u8>>> =
            returning.gone.iter().map(|path| (path.clone(), None)).collect();
        for path in changed(&returning, inputs) {
            let bytes = inputs.read(&path)?.to_vec();
            files.insert(path, Some(bytes));
        }
        let commit = NewCommit {
            branch: to.branch.clone(),
            parent: self.parent(to, &files)?,
            message: with_trailer(&returning.message, &to.run),
            files,
            // After the commit it follows, and the same on every machine.
            time: released.time + 1,
        };
        self.vcs.commit(&commit).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for branch in ["main", "my branch", "go after this", "b after c release d"] {
            let place = Return {
                branch: branch.to_owned(),
                after: CommitId("1f2e3d".to_owned()),
                run: "4c5b6a".to_owned(),
            };
            assert_eq!(Return::at(&place.coordinate()), Some(place));
        }
        for other in [
            "main after 1 release 2",
            "refs/heads/main after 1",
            "refs/heads/main",
        ] {
            assert_eq!(Return::at(other), None, "{other}");
        }
    }
}
