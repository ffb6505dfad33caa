//! A registry and a version control system in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use bytes::Bytes;
use cas::Digest;
use engine::{Slot, SlotState, StepError};
use model::{
    Artifact, Catalogue, Commit, CommitId, Head, NewCommit, NewTag, PackageId, Registry, Revisions, Tag, Vcs,
    Version,
};

/// A registry in memory.
pub(crate) struct Shelf {
    pub(crate) name: String,
    pub(crate) is_cheap: bool,
    pub(crate) held: Mutex<BTreeMap<String, Bytes>>,
}

impl Shelf {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_cheap: true,
            held: Mutex::default(),
        }
    }
}

impl Catalogue for Shelf {
    fn versions(&self, _: &PackageId) -> Result<Vec<Version>, StepError> {
        Ok(Vec::new())
    }
}

impl Registry for Shelf {
    fn name(&self) -> String {
        format!("shelf {}", self.name)
    }

    fn identity(&self) -> String {
        format!("shelf:{}", self.name)
    }

    fn location(&self) -> String {
        format!("/shelves/{}", self.name)
    }

    fn is_cheap_to_observe(&self) -> bool {
        self.is_cheap
    }

    fn coordinate(&self, artifact: &Artifact) -> String {
        format!(
            "{}/{}/{}",
            artifact.package.name.to_lowercase(),
            artifact.version,
            artifact.filename
        )
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        assert_eq!(slot.target, self.identity());
        let held = self.held.lock().expect("nobody panics while holding this");
        Ok(held
            .get(&slot.coordinate)
            .map_or(SlotState::Absent, |bytes| SlotState::Present(Digest::of(bytes))))
    }

    fn send(&self, artifact: &Artifact, bytes: &Bytes) -> Result<(), StepError> {
        assert_eq!(Digest::of(bytes), artifact.digest);
        let mut held = self.held.lock().expect("nobody panics while holding this");
        if held.contains_key(&self.coordinate(artifact)) {
            return Err(StepError::new("it is taken"));
        }
        held.insert(self.coordinate(artifact), bytes.clone());
        Ok(())
    }
}

/// Version control in memory: it knows tags.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) tags: Mutex<Vec<Tag>>,
}

impl Revisions for Memory {
    fn branch(&self, _: &str) -> Result<Option<CommitId>, StepError> {
        Ok(None)
    }

    fn between(&self, _: &CommitId, _: &CommitId) -> Result<Vec<Commit>, StepError> {
        Ok(Vec::new())
    }

    fn look_up(&self, _: &CommitId) -> Result<Option<Commit>, StepError> {
        Ok(None)
    }

    fn contents(&self, files: &[(CommitId, String)]) -> Result<Vec<Option<Vec<u8>>>, StepError> {
        Ok(vec![None; files.len()])
    }

    fn files(&self, _: &CommitId) -> Result<BTreeSet<String>, StepError> {
        Ok(BTreeSet::new())
    }
}

impl Vcs for Memory {
    fn name(&self) -> &'static str {
        "git"
    }

    fn head(&self) -> Result<Head, StepError> {
        Ok(Head {
            commit: None,
            branch: None,
            shallow: false,
        })
    }

    fn tags(&self) -> Result<Vec<Tag>, StepError> {
        Ok(self
            .tags
            .lock()
            .expect("nobody panics while holding this")
            .clone())
    }

    fn log(&self, _head: &Head, _since: &[CommitId]) -> Result<Vec<Commit>, StepError> {
        Ok(Vec::new())
    }

    fn changed_files(&self) -> Result<Vec<String>, StepError> {
        Ok(Vec::new())
    }

    fn create_tag(&self, tag: &NewTag) -> Result<(), StepError> {
        let mut tags = self.tags.lock().expect("nobody panics while holding this");
        match tags.iter().find(|other| other.name == tag.name) {
            Some(other) if other.commit == tag.commit => Ok(()),
            Some(_) => Err(StepError::new("the name is taken")),
            None => {
                tags.push(Tag {
                    name: tag.name.clone(),
                    commit: tag.commit.clone(),
                });
                Ok(())
            }
        }
    }

    fn commit(&self, _: &NewCommit) -> Result<CommitId, StepError> {
        Err(StepError::new("nothing is committed in these tests"))
    }
}
