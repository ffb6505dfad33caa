//! A folder of logs as one map: any number of handles and processes read it and add to it at once.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::log::{is_removed, read_record};
use super::record::{HEADER, Header, Kind, answer_check};
use super::state::{State, moment};
use super::{Clock, nanoseconds, private};
use crate::{Digest, Error, Result};

/// A use is recorded when the last one known is older than this.
const USE_AFTER: Duration = Duration::from_secs(30 * 60);

/// What proves a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Its key: a blob.
    Key,
    /// The check in its header: an answer.
    Check,
}

/// One entry as gc sees it.
pub(super) struct Known {
    pub(super) key: Digest,
    /// When it was last written or asked for.
    pub(super) used: SystemTime,
}

/// The map.
pub(super) struct Shelf {
    proof: Proof,
    clock: Clock,
    state: Mutex<State>,
    /// Whether damage was reported: once is news, ten thousand times is noise.
    reported: AtomicBool,
}

impl Shelf {
    pub(super) fn open(folder: &Path, proof: Proof, clock: Clock) -> Result<Self> {
        private::make_inside(folder)?;
        let state = Mutex::new(State::new(folder, clock.clone()));
        Ok(Self {
            proof,
            clock,
            state,
            reported: AtomicBool::new(false),
        })
    }

    /// A panic between two statements leaves at worst an entry that is checked again when it is read.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of `keys` that are not known. Others' new records are looked for once.
    pub(super) fn missing(&self, keys: &[Digest]) -> Result<Vec<Digest>> {
        let mut state = self.state();
        state.load()?;
        if keys.iter().any(|key| !state.entries.contains_key(key)) {
            state.refresh()?;
        }
        Ok(keys
            .iter()
            .filter(|key| !state.entries.contains_key(key))
            .copied()
            .collect())
    }

    /// The body kept under `key`, proven; `None` if there is none or it was damaged.
    pub(super) fn get(&self, key: &Digest) -> Result<Option<Bytes>> {
        let found = self.peek(key)?;
        if found.is_some() && self.proof == Proof::Check {
            self.note_use(key);
        }
        Ok(found)
    }

    /// [`Shelf::get`] that does not count as a use.
    pub(super) fn peek(&self, key: &Digest) -> Result<Option<Bytes>> {
        let mut state = self.state();
        state.load()?;
        if !state.entries.contains_key(key) {
            state.refresh()?;
        }
        Ok(self.read(state, key))
    }

    /// Reads with the lock given back, and drops what turns out to be damaged.
    fn read(&self, state: MutexGuard<'_, State>, key: &Digest) -> Option<Bytes> {
        let entry = *state.entries.get(key)?;
        let log = state.logs.get(&entry.log)?;
        let (file, seal) = (log.file.clone(), log.seal);
        drop(state);
        let record = read_record(&file, &seal, key, &entry.place);
        if let Some((header, record)) = record.filter(|(header, record)| self.proves(header, record)) {
            debug_assert_eq!(header.length, entry.place.length);
            return Some(Bytes::from(record).slice(HEADER..));
        }
        if !self.reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(%key, "the cache is damaged; what is damaged is made again");
        }
        let mut state = self.state();
        if state
            .entries
            .get(key)
            .is_some_and(|now| now.log == entry.log && now.place.offset == entry.place.offset)
        {
            state.entries.remove(key);
        }
        None
    }

    fn proves(&self, header: &Header, record: &[u8]) -> bool {
        let body = &record[HEADER..];
        match self.proof {
            Proof::Key => Digest::of(body) == header.key,
            Proof::Check => answer_check(&header.key, body) == header.body_check,
        }
    }

    /// Remembers that `key` was asked for, if that is news. Recorded at the next sync, or when dropped.
    fn note_use(&self, key: &Digest) {
        let now = nanoseconds((self.clock)());
        let mut state = self.state();
        let Some(entry) = state.entries.get_mut(key) else {
            return;
        };
        if is_news(entry.place.used, now) {
            entry.place.used = now;
            state.pending_uses.insert(*key, now);
        }
    }

    /// Keeps `body` under `key`. What is there already and whole is not written again, but counts as used.
    pub(super) fn put(&self, key: &Digest, body: &[u8]) -> Result<()> {
        if self.holds(key, body)? {
            return Ok(());
        }
        let length = u32::try_from(body.len()).map_err(|_| too_large(key))?;
        let body_check = match self.proof {
            Proof::Key => [0; 16],
            Proof::Check => answer_check(key, body),
        };
        let header = Header {
            kind: Kind::Body,
            key: *key,
            stamp: 0,
            length,
            body_check,
        };
        self.state().append(header, body)
    }

    fn holds(&self, key: &Digest, body: &[u8]) -> Result<bool> {
        let mut state = self.state();
        state.load()?;
        let Some(entry) = state.entries.get(key).copied() else {
            return Ok(false);
        };
        let Some(log) = state.logs.get(&entry.log) else {
            return Ok(false);
        };
        if is_removed(&log.file) {
            return Ok(false);
        }
        let there = self.read(state, key).is_some_and(|there| there == body);
        let now = nanoseconds((self.clock)());
        if there && is_news(entry.place.used, now) {
            // At once: whoever was promised that it is there may rely on it from now on.
            self.state().append_use(*key, now)?;
        }
        Ok(there)
    }

    /// Makes everything kept so far durable.
    pub(super) fn sync(&self) -> Result<()> {
        let mut state = self.state();
        state.flush_uses()?;
        state.write_side(false)?;
        state.sync_own()
    }

    /// Every entry, by key.
    pub(super) fn list(&self) -> Result<Vec<Known>> {
        let mut state = self.state();
        state.refresh()?;
        let known = state.entries.iter().map(|(key, entry)| {
            let used = moment(entry.place.used.max(entry.place.stamp));
            Known { key: *key, used }
        });
        let mut known: Vec<Known> = known.collect();
        known.sort_unstable_by_key(|known| known.key);
        Ok(known)
    }

    /// Forgets every key that `keep` refuses; see [`State::forget`].
    pub(super) fn forget(&self, always: bool, keep: &dyn Fn(&Digest, SystemTime) -> bool) -> Result<()> {
        let mut state = self.state();
        state.flush_uses()?;
        state.forget(always, &|key, used| keep(key, moment(used)))
    }

    /// Reads everything: how many bodies and damaged stretches there are, and how many of them are damaged.
    pub(super) fn verify(&self) -> Result<(u64, u64)> {
        let gaps = {
            let mut state = self.state();
            // Without the side files, so that the logs themselves are what is verified.
            let (folder, clock) = (state.folder.clone(), self.clock.clone());
            state.flush_uses()?;
            state.release()?;
            *state = State::new(&folder, clock);
            state.walk_everything()?
        };
        let known = self.list()?;
        let mut damaged = gaps;
        for known in &known {
            damaged += u64::from(self.read(self.state(), &known.key).is_none());
        }
        Ok((known.len() as u64 + gaps, damaged))
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let mut state = self.state();
        let closed = state.flush_uses().and_then(|()| state.write_side(false));
        if let Err(error) = closed {
            tracing::debug!(%error, "the cache was not closed; it will be walked when next opened");
        }
    }
}

fn is_news(used: u64, now: u64) -> bool {
    moment(now)
        .duration_since(moment(used))
        .is_ok_and(|age| age > USE_AFTER)
}

fn too_large(key: &Digest) -> Error {
    let large = std::io::Error::new(std::io::ErrorKind::FileTooLarge, "an entry is 4 GiB at most");
    Error::io("keep", key.to_string())(large)
}
