//! What is forgotten, and when; how much there is; and whether it is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Disk;
use super::large::entries;
use super::shelf::Known;
use crate::{Digest, Error, Result};

/// A blob is kept this long after it was last put, named by an answer or not: its answer may be on its way.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// What may be forgotten. Without any bound only blobs that no answer names are.
#[derive(Clone, Copy, Debug)]
pub struct GcPolicy {
    /// Answers that were not asked for in this long are forgotten. Uses are recorded to the half hour.
    pub max_age: Option<Duration>,
    /// Answers beyond this many bytes, their blobs included, are forgotten, the least recently used first.
    pub max_bytes: Option<u64>,
    /// The moment ages are measured from.
    pub now: SystemTime,
}

/// What a gc did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GcReport {
    /// Answers that are left.
    pub entries_kept: u64,
    /// Answers that were forgotten.
    pub entries_forgotten: u64,
    /// Blobs that are left.
    pub blobs_kept: u64,
    /// Blobs that were dropped.
    pub blobs_dropped: u64,
    /// By how many bytes the files shrank. A log in which little is dead is not rewritten for it.
    pub bytes_freed: u64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Blobs, small and large.
    pub blobs: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Answers in the action cache.
    pub entries: u64,
    /// Files.
    pub files: u64,
}

/// What reading everything found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Blobs, answers, and stretches between them.
    pub checked: u64,
    /// Those that are damaged. They are absent from now on.
    pub damaged: u64,
}

impl Disk {
    /// Forgets answers by age and size, then drops the blobs that no answer left names. `live` decodes an
    /// answer into the digests it names, those named by its trees included.
    ///
    /// Safe beside running processes: what a live writer's log holds, and what was put within the last hour,
    /// stays. A gc that finds another one at work does nothing.
    ///
    /// # Errors
    /// The file system refused; nothing that should have stayed is lost.
    pub fn gc(&self, policy: GcPolicy, live: &dyn Fn(&[u8]) -> Vec<Digest>) -> Result<GcReport> {
        let Some(_turn) = self.turn()? else {
            return Ok(GcReport::default());
        };
        let before = self.usage()?;
        let plan = self.plan(&policy, live)?;
        self.answers.forget(!plan.forgotten.is_empty(), &|key, used| {
            plan.forgotten.get(key).is_none_or(|planned| used > *planned)
        })?;
        let keep = |digest: &Digest, used: SystemTime| {
            // A time to come is a clock that was set back: fresh, to be safe.
            let age = policy.now.duration_since(used).unwrap_or_default();
            plan.live.contains(digest) || age <= FRESH
        };
        self.blobs.forget(false, &keep)?;
        for blob in self
            .large
            .list()?
            .iter()
            .filter(|blob| !keep(&blob.digest, blob.modified))
        {
            std::fs::remove_file(&blob.path).map_err(Error::io("remove", &blob.path))?;
        }
        self.large.sweep(policy.now)?;
        let after = self.usage()?;
        Ok(GcReport {
            entries_kept: after.entries,
            entries_forgotten: before.entries.saturating_sub(after.entries),
            blobs_kept: after.blobs,
            blobs_dropped: before.blobs.saturating_sub(after.blobs),
            bytes_freed: before.bytes.saturating_sub(after.bytes),
        })
    }

    /// How much there is.
    ///
    /// # Errors
    /// The file system refused.
    pub fn usage(&self) -> Result<Usage> {
        let (files, bytes) = files_below(&self.root)?;
        let blobs = (self.blobs.list()?.len() + self.large.list()?.len()) as u64;
        Ok(Usage {
            blobs,
            bytes,
            entries: self.answers.list()?.len() as u64,
            files,
        })
    }

    /// Reads everything, and drops what is damaged.
    ///
    /// # Errors
    /// The file system refused.
    pub fn verify(&self) -> Result<VerifyReport> {
        let (blobs, damaged_blobs) = self.blobs.verify()?;
        let (answers, damaged_answers) = self.answers.verify()?;
        let large = self.large.list()?;
        let damaged = large
            .iter()
            .filter(|blob| !self.large.verify(&blob.digest))
            .count() as u64;
        Ok(VerifyReport {
            checked: blobs + answers + large.len() as u64,
            damaged: damaged_blobs + damaged_answers + damaged,
        })
    }

    /// The right to collect, held as long as the answer lives; `None` if another process has it.
    fn turn(&self) -> Result<Option<File>> {
        let folder = File::open(&self.root).map_err(Error::io("open", &self.root))?;
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // Where there are no locks, gc is as safe as the hour it leaves to others.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(folder)),
        }
    }

    /// Decides about every answer, the most recently used first.
    fn plan(&self, policy: &GcPolicy, live: &dyn Fn(&[u8]) -> Vec<Digest>) -> Result<Plan> {
        let mut answers = self.answers.list()?;
        answers.sort_by(|a, b| b.used.cmp(&a.used).then(a.key.cmp(&b.key)));
        let mut plan = Plan::default();
        let mut bytes = 0_u64;
        for Known { key, used } in answers {
            let age = policy.now.duration_since(used).unwrap_or_default();
            let expired = policy.max_age.is_some_and(|max| age > max);
            let value = if expired { None } else { self.answers.peek(&key)? };
            let Some(value) = value else {
                plan.forgotten.insert(key, used);
                continue;
            };
            let named: BTreeSet<Digest> = live(&value).into_iter().collect();
            let new = named.difference(&plan.live).map(Digest::size);
            bytes = new.fold(bytes.saturating_add(value.len() as u64), u64::saturating_add);
            if policy.max_bytes.is_some_and(|max| bytes > max) {
                plan.forgotten.insert(key, used);
            } else {
                plan.live.extend(named);
            }
        }
        Ok(plan)
    }
}

/// What a gc will do.
#[derive(Default)]
struct Plan {
    /// Answers to forget, unless they are used after this.
    forgotten: BTreeMap<Digest, SystemTime>,
    live: BTreeSet<Digest>,
}

fn files_below(folder: &Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in entries(folder)? {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                let below = files_below(&entry.path())?;
                (files, bytes) = (files + below.0, bytes + below.1);
            }
            Ok(metadata) => (files, bytes) = (files + 1, bytes + metadata.len()),
            // Gone meanwhile.
            Err(_) => {}
        }
    }
    Ok((files, bytes))
}
