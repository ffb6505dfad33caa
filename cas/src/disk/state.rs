//! What one handle knows of a folder of logs: which there are, and where in them each key is.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Clock;
use super::large::entries;
use super::log::{Log, SUFFIX};
use super::side::Place;
use crate::{Digest, Result};

/// A folder's time may not change again within this long of a change.
const UNSETTLED: Duration = Duration::from_secs(1);

/// Where a key's body is.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) log: u32,
    pub(super) place: Place,
}

/// Digests are random already; their first bytes are their hash.
#[derive(Default)]
pub(super) struct Prefix(u64);

impl Hasher for Prefix {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 ^= u64::from_le_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) type Entries = HashMap<Digest, Entry, BuildHasherDefault<Prefix>>;

/// The folder as it was when last looked at.
pub(super) struct State {
    pub(super) folder: PathBuf,
    pub(super) clock: Clock,
    pub(super) entries: Entries,
    pub(super) logs: BTreeMap<u32, Log>,
    /// The log whose lock this handle holds.
    pub(super) writer: Option<u32>,
    /// Whether this handle's own log was written to since the last sync.
    pub(super) is_dirty: bool,
    /// Logs written to and let go of since the last sync.
    pub(super) unsynced: Vec<std::sync::Arc<std::fs::File>>,
    /// Uses not recorded yet.
    pub(super) pending_uses: BTreeMap<Digest, u64>,
    next_log: u32,
    pub(super) last_stamp: u64,
    /// The folder's modification time when it was last listed, if no later change can hide behind it.
    listed: Option<SystemTime>,
    loaded: bool,
}

impl State {
    pub(super) fn new(folder: &Path, clock: Clock) -> Self {
        Self {
            folder: folder.to_path_buf(),
            clock,
            entries: Entries::default(),
            logs: BTreeMap::new(),
            writer: None,
            is_dirty: false,
            unsynced: Vec::new(),
            pending_uses: BTreeMap::new(),
            next_log: 0,
            last_stamp: 0,
            listed: None,
            loaded: false,
        }
    }

    /// Looks at the folder, the first time only.
    pub(super) fn load(&mut self) -> Result<()> {
        if self.loaded { Ok(()) } else { self.refresh() }
    }

    /// Takes in what other handles have written, created and removed since the last look.
    pub(super) fn refresh(&mut self) -> Result<()> {
        self.list()?;
        let writer = self.writer;
        let mut changed = Vec::new();
        for (id, log) in &mut self.logs {
            if Some(*id) == writer && log.known > 0 {
                continue;
            }
            let records = log.records;
            let mut places = log.read_side();
            match log.read_new() {
                Ok(new) => places.extend(new),
                Err(error) => unreadable(&log.path, &error),
            }
            if log.records != records {
                changed.push((*id, places));
            }
        }
        for (id, places) in &changed {
            self.entries.reserve(places.len());
            places
                .iter()
                .for_each(|(key, place)| self.note(*key, *id, *place));
        }
        // After all bodies: a use may be recorded in another log than the body.
        let recorded = changed
            .iter()
            .filter_map(|(id, _)| self.logs.get(id))
            .flat_map(|log| &log.uses);
        for (key, used) in recorded {
            if let Some(entry) = self.entries.get_mut(key) {
                entry.place.used = entry.place.used.max(*used);
            }
        }
        self.loaded = true;
        Ok(())
    }

    /// Walks every log from its start, whatever the side files say; the damaged stretches. Only for a state
    /// that knows nothing yet.
    pub(super) fn walk_everything(&mut self) -> Result<u64> {
        self.list()?;
        let mut damaged = 0;
        let mut found = Vec::new();
        for (id, log) in &mut self.logs {
            match log.read_new() {
                Ok(places) => found.extend(places.into_iter().map(|(key, place)| (key, *id, place))),
                Err(error) => unreadable(&log.path, &error),
            }
            damaged += log.gaps + u64::from(log.has_torn_tail());
        }
        found
            .into_iter()
            .for_each(|(key, id, place)| self.note(key, id, place));
        self.loaded = true;
        Ok(damaged)
    }

    /// Opens logs that are new and forgets those that are gone, if the folder changed.
    fn list(&mut self) -> Result<()> {
        let modified = self.folder.metadata().and_then(|folder| folder.modified()).ok();
        if modified.is_some() && modified == self.listed {
            return Ok(());
        }
        let listed = entries(&self.folder)?.into_iter().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> = listed
            .filter(|path| path.to_string_lossy().ends_with(SUFFIX))
            .collect();
        paths.sort_unstable();
        self.forget_logs(|log| paths.binary_search(&log.path).is_err());
        let mut complete = true;
        for path in &paths {
            if self.logs.values().any(|log| log.path == *path) {
                continue;
            }
            match Log::open(path) {
                Ok(log) => {
                    self.add_log(log);
                }
                Err(error) => {
                    complete = false;
                    unreadable(path, &error);
                }
            }
        }
        let age = modified.and_then(|modified| (self.clock)().duration_since(modified).ok());
        self.listed = modified.filter(|_| complete && age.is_some_and(|age| age > UNSETTLED));
        Ok(())
    }

    pub(super) fn add_log(&mut self, log: Log) -> u32 {
        let id = self.next_log;
        self.next_log += 1;
        self.logs.insert(id, log);
        id
    }

    /// Forgets logs, and what is known to be in them.
    pub(super) fn forget_logs(&mut self, gone: impl Fn(&Log) -> bool) {
        let before = self.logs.len();
        self.logs.retain(|_, log| !gone(log));
        if self.logs.len() < before {
            let logs = &self.logs;
            self.entries.retain(|_, entry| logs.contains_key(&entry.log));
            self.writer = self.writer.filter(|writer| logs.contains_key(writer));
        }
    }

    /// Remembers where a body is, unless a later one is known.
    pub(super) fn note(&mut self, key: Digest, log: u32, place: Place) {
        self.last_stamp = self.last_stamp.max(place.stamp);
        let entry = self.entries.entry(key).or_insert(Entry { log, place });
        if entry.place.stamp <= place.stamp {
            let used = entry.place.used.max(place.used);
            *entry = Entry {
                log,
                place: Place { used, ..place },
            };
        }
    }
}

/// A log that cannot be read is one that has nothing.
pub(super) fn unreadable(path: &Path, error: &io::Error) {
    tracing::debug!(path = %path.display(), %error, "cannot read a log of the cache");
}

/// The moment `stamp` names.
pub(super) fn moment(stamp: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(stamp)
}
