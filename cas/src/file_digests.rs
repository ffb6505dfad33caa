//! A stat table: a file whose stat tuple is unchanged is not hashed again.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Digest, Error, Result, write_atomically};

mod table;

/// A change this close to the moment it was recorded may be followed by another one that the file system's
/// clock cannot tell apart, so such an entry is not believed.
const RACY: i64 = 2_000_000_000;
/// Saves an entry survives without being asked for: files that are gone leave the table in the end.
const MAX_IDLE: u8 = 100;

/// What is known about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Its bytes.
    pub digest: Digest,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// What the file system says about a file without opening it; times in nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stat {
    modified: i64,
    changed: i64,
    size: u64,
    inode: u64,
    device: u64,
}

impl Stat {
    fn of(metadata: &Metadata) -> Self {
        let nanoseconds =
            |seconds: i64, part: i64| seconds.saturating_mul(1_000_000_000).saturating_add(part);
        Self {
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            size: metadata.size(),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// Whether nothing could have changed after the file was read at `recorded` without showing here.
    fn is_settled(&self, recorded: i64) -> bool {
        self.modified.max(self.changed).saturating_add(RACY) <= recorded
    }
}

/// One line of the table.
struct Row {
    stat: Stat,
    recorded: i64,
    hash: [u8; 32],
    idle: u8,
    used: AtomicBool,
}

/// Remembers the digests of files by path, modification time, change time, size and inode. Times are compared
/// with the system clock, read when a file is hashed: no caller can know that moment.
#[derive(Default)]
pub struct FileDigests {
    table: Option<PathBuf>,
    rows: RwLock<HashMap<PathBuf, Row>>,
    changed: AtomicBool,
}

impl FileDigests {
    /// The table kept in the file `table`. An absent, damaged or foreign one is an empty one.
    #[must_use]
    pub fn load(table: &Path) -> Self {
        let rows = std::fs::read(table)
            .ok()
            .and_then(|bytes| table::decode(&bytes))
            .unwrap_or_default();
        Self {
            table: Some(table.to_path_buf()),
            rows: RwLock::new(rows),
            changed: AtomicBool::new(false),
        }
    }

    /// A table that is never written.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The digest and mode of the file at `path` (links are followed), from the table if the file is as it
    /// was. The table is keyed by `path` as written: give the same file the same path.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn digest(&self, path: &Path) -> Result<FileFacts> {
        let metadata = std::fs::metadata(path).map_err(Error::io("look at", path))?;
        let executable = metadata.mode() & 0o100 != 0;
        match self.known(path, &Stat::of(&metadata)) {
            Some(digest) => Ok(FileFacts { digest, executable }),
            None => self.hash(path),
        }
    }

    /// Writes the table back if anything in it changed; durably, so that it is whole or the old one.
    ///
    /// # Errors
    /// The file system refused.
    pub fn save(&self) -> Result<()> {
        let Some(table) = &self.table else { return Ok(()) };
        if !self.changed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_, row| {
            let used = std::mem::take(row.used.get_mut());
            row.idle = if used { 0 } else { row.idle.saturating_add(1) };
            row.idle < MAX_IDLE
        });
        write_atomically(table, &table::encode(&rows))
    }

    fn known(&self, path: &Path, stat: &Stat) -> Option<Digest> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let row = rows
            .get(path)
            .filter(|row| row.stat == *stat && stat.is_settled(row.recorded))?;
        row.used.store(true, Ordering::Relaxed);
        Some(Digest::new(row.hash, stat.size))
    }

    /// Hashes the file and records it, unless it was written to meanwhile.
    fn hash(&self, path: &Path) -> Result<FileFacts> {
        let recorded = now();
        let file = File::open(path).map_err(Error::io("open", path))?;
        let before = file.metadata().map_err(Error::io("look at", path))?;
        let digest = Digest::of_reader(&file).map_err(Error::io("read", path))?;
        let after = file.metadata().map_err(Error::io("look at", path))?;
        let stat = Stat::of(&after);
        if stat == Stat::of(&before) && stat.size == digest.size() {
            let row = Row {
                stat,
                recorded,
                hash: *digest.hash(),
                idle: 0,
                used: AtomicBool::new(true),
            };
            self.rows
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(path.to_path_buf(), row);
            self.changed.store(true, Ordering::Relaxed);
        }
        Ok(FileFacts {
            digest,
            executable: after.mode() & 0o100 != 0,
        })
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
