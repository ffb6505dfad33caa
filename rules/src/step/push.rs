//! Push: the tags of a release, and what was brought back, to another repository; all of it or nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cas::Digest;
use engine::{EffectHandler, EffectKind, Mnemonic, Payload, Provided, Sending, Slot, SlotState, StepError};
use model::{CommitId, Push, Remote, Tag, Vcs};
use serde::{Deserialize, Serialize};

use super::commit_back::Return;
use super::tag::{PREFIX, digest};

/// The kind of these actions.
pub const PUSH: Mnemonic = Mnemonic::new("Push");

/// What is pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pushing {
    /// The remote's address, without credentials.
    pub remote: String,
    /// Tags by name, each with the commit it names.
    pub tags: BTreeMap<String, CommitId>,
    /// The commit that brings the release back, if one does.
    pub back: Option<Return>,
}

/// Pushes tags and branches. Each is a slot of its own; whichever is sent first takes all others along, so that the
/// remote gets all or nothing.
pub struct PushStep {
    vcs: Arc<dyn Vcs>,
    remote: Arc<dyn Remote>,
    /// What belongs together, by the coordinate of each part.
    together: Mutex<BTreeMap<String, Arc<Pushing>>>,
    /// Tags that were seen in the remote. A tag that is there stays.
    seen: Mutex<BTreeMap<String, CommitId>>,
}

impl PushStep {
    pub(super) fn new(vcs: Arc<dyn Vcs>, remote: Arc<dyn Remote>) -> Self {
        Self {
            vcs,
            remote,
            together: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    /// The commit that a tag names in the remote. Asked once for all of them, unless it is not among those.
    fn tag(&self, name: &str) -> Result<Option<CommitId>, StepError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.contains_key(name) {
            let tags = self.remote.tags()?.into_iter();
            *seen = tags.map(|Tag { name, commit }| (name, commit)).collect();
        }
        Ok(seen.get(name).cloned())
    }
}

impl EffectHandler for PushStep {
    fn kind(&self) -> EffectKind {
        EffectKind::CreateOnce
    }

    fn sendings(&self, params: &str, _inputs: &dyn Provided) -> Result<Vec<Sending>, StepError> {
        let pushing: Pushing = super::read(&PUSH, params)?;
        super::tag::check(pushing.tags.keys())?;
        let sending = |coordinate: String, digest: Digest| Sending {
            slot: Slot {
                target: pushing.remote.clone(),
                coordinate,
            },
            digest,
            payload: Payload::None,
            detail: String::new(),
        };
        let tags = pushing.tags.iter();
        let tags = tags.map(|(name, commit)| sending(format!("{PREFIX}{name}"), digest(commit)));
        let back = pushing.back.iter();
        let back = back.map(|back| sending(back.coordinate(), back.digest()));
        let sendings: Vec<Sending> = tags.chain(back).collect();
        let all = Arc::new(pushing.clone());
        let mut together = self.together.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &sendings {
            together.insert(one.slot.coordinate.clone(), Arc::clone(&all));
        }
        Ok(sendings)
    }

    fn is_cheap_to_observe(&self, slot: &Slot) -> bool {
        slot.target.starts_with('/')
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        if let Some(name) = slot.coordinate.strip_prefix(PREFIX) {
            let found = self.tag(name)?;
            return Ok(found.map_or(SlotState::Absent, |commit| SlotState::Present(digest(&commit))));
        }
        let Some(place) = Return::at(&slot.coordinate) else {
            return Ok(SlotState::Unknown("the place cannot be read".to_owned()));
        };
        let is_there = match place.find(&*self.vcs)? {
            // Nothing had to be brought back.
            None => true,
            Some(commit) => self.remote.leads_to(&place.branch, &commit.id)?,
        };
        Ok(if is_there {
            SlotState::Present(place.digest())
        } else {
            SlotState::Absent
        })
    }

    fn send(&self, sending: &Sending, _inputs: &dyn Provided) -> Result<(), StepError> {
        let together = self.together.lock().unwrap_or_else(PoisonError::into_inner);
        let all = together.get(&sending.slot.coordinate).map(Arc::clone);
        drop(together);
        let all = all.ok_or_else(|| {
            StepError::new(format!("`{}` is not part of a push", sending.slot.coordinate))
                .hint("this is a defect in releasekit: please report it")
        })?;
        let branch = match &all.back {
            None => None,
            Some(back) => back
                .find(&*self.vcs)?
                .map(|commit| (back.branch.clone(), commit.id)),
        };
        let tags = all.tags.keys().cloned().collect();
        self.remote.push(&Push { tags, branch })
    }
}
