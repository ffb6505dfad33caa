//! Tag: names the released commit.

use std::sync::Arc;

use cas::Digest;
use engine::{EffectHandler, EffectKind, Mnemonic, Payload, Provided, Sending, Slot, SlotState, StepError};
use model::{CommitId, NewTag, Vcs, legal_tag};
use serde::{Deserialize, Serialize};

/// The kind of these actions.
pub const TAG: Mnemonic = Mnemonic::new("Tag");

pub(super) const PREFIX: &str = "refs/tags/";

/// Which tags are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tagging {
    /// The tags, in order.
    pub tags: Vec<NewTag>,
}

/// Makes tags. What is sent to a tag's slot is the commit it names.
pub struct TagStep {
    vcs: Arc<dyn Vcs>,
}

impl TagStep {
    pub(super) fn new(vcs: Arc<dyn Vcs>) -> Self {
        Self { vcs }
    }
}

/// Stands for the commit: tags differ in their messages and dates, but a name may never mean another commit.
pub(super) fn digest(commit: &CommitId) -> Digest {
    Digest::of(format!("commit {commit}\n").as_bytes())
}

/// The slot of the tag `name` in the version control system `vcs`, and what is sent to it: a stand-in for the commit.
#[must_use]
pub fn tag_slot(vcs: &str, name: &str, commit: &CommitId) -> (Slot, Digest) {
    let slot = Slot {
        target: vcs.to_owned(),
        coordinate: format!("{PREFIX}{name}"),
    };
    (slot, digest(commit))
}

/// All names are checked before the first tag is made.
pub(super) fn check<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), StepError> {
    for name in names {
        legal_tag(name).map_err(|why| {
            StepError::new(format!("`{}` cannot be a tag: {why}", name.escape_debug()))
                .hint("change `tag_format`, `secondary_tags` or `umbrella_tag`")
        })?;
    }
    Ok(())
}

impl EffectHandler for TagStep {
    fn kind(&self) -> EffectKind {
        EffectKind::CreateOnce
    }

    fn sendings(&self, params: &str, _inputs: &dyn Provided) -> Result<Vec<Sending>, StepError> {
        let Tagging { tags } = super::read(&TAG, params)?;
        check(tags.iter().map(|tag| &tag.name))?;
        let sending = |tag: &NewTag| {
            let (slot, digest) = tag_slot(self.vcs.name(), &tag.name, &tag.commit);
            Sending {
                slot,
                digest,
                payload: Payload::None,
                detail: super::text(tag),
            }
        };
        Ok(tags.iter().map(sending).collect())
    }

    fn is_cheap_to_observe(&self, _slot: &Slot) -> bool {
        true
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        let name = slot.coordinate.strip_prefix(PREFIX).unwrap_or(&slot.coordinate);
        let tags = self.vcs.tags()?;
        let found = tags.iter().find(|tag| tag.name == name);
        Ok(found.map_or(SlotState::Absent, |tag| SlotState::Present(digest(&tag.commit))))
    }

    fn send(&self, sending: &Sending, _inputs: &dyn Provided) -> Result<(), StepError> {
        let tag: NewTag = super::read(&TAG, &sending.detail)?;
        self.vcs.create_tag(&tag)
    }
}
