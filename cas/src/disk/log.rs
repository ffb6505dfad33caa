//! One append-only file of records: opened by everybody, written by whoever holds its lock.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::record::{HEADER, Header, Kind, Seal};
use super::scan::{read_up_to, walk};
use super::side::{Place, Side};
use crate::Digest;
use crate::atomic::{persist, temporary};

/// How the names of logs end.
pub(super) const SUFFIX: &str = ".log";
/// How the names of their side files end.
pub(super) const SIDE_SUFFIX: &str = ".side";
/// Fewer new records than this are walked rather than written to a side file.
const WORTH_A_SIDE_FILE: u64 = 256;

/// What is known of one log.
pub(super) struct Log {
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
    pub(super) seal: Seal,
    /// Where the last known record ends; the writer appends here.
    pub(super) known: u64,
    /// Records up to there, superseded ones included.
    pub(super) records: u64,
    /// Damaged stretches up to there, as far as they were walked over.
    pub(super) gaps: u64,
    /// Uses that are recorded in this log.
    pub(super) uses: BTreeMap<Digest, u64>,
    /// Length of the file when it was last looked at.
    seen: u64,
    /// Records the side file covers.
    sided: u64,
}

impl Log {
    /// A new log in `folder`, under a name that was never used; its lock is held unless the file system has
    /// none. `None` if another process was faster to lock it.
    pub(super) fn create(folder: &Path) -> io::Result<Option<Self>> {
        let (file, path) = tempfile::Builder::new()
            .prefix("")
            .rand_bytes(22)
            .suffix(SUFFIX)
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(folder)?
            .keep()
            .map_err(|failed| failed.error)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // Without locks nobody appends to a log that somebody else made.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Self::new(path, file))),
        }
    }

    /// An existing log, of which nothing is known yet.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(path.to_path_buf(), File::open(path)?))
    }

    fn new(path: PathBuf, file: File) -> Self {
        let seal = Seal::of(&path.file_stem().unwrap_or_default().to_string_lossy());
        let file = Arc::new(file);
        let uses = BTreeMap::new();
        Self {
            path,
            file,
            seal,
            known: 0,
            records: 0,
            gaps: 0,
            uses,
            seen: 0,
            sided: 0,
        }
    }

    /// Takes the lock, so that this handle may append; `false` if somebody else has it, the log was removed,
    /// or it cannot be written to.
    pub(super) fn lock(&mut self) -> bool {
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&self.path) else {
            return false;
        };
        let same = |a: &File, b: &File| match (a.metadata(), b.metadata()) {
            (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
            _ => false,
        };
        if file.try_lock().is_err() || !same(&file, &self.file) || is_removed(&file) {
            return false;
        }
        self.file = Arc::new(file);
        true
    }

    /// Gives the lock back. Reads that are under way keep it a moment longer, which only costs a new log.
    pub(super) fn unlock(&self) {
        let unlocked = self.file.unlock();
        if let Err(error) = unlocked {
            tracing::debug!(%error, "cannot unlock a log; dropping it will");
        }
    }

    /// What the side file says, if it is to be believed. It is asked once, before anything else is known.
    pub(super) fn read_side(&mut self) -> Vec<(Digest, Place)> {
        if self.seen > 0 || self.known > 0 {
            return Vec::new();
        }
        let side = std::fs::read(self.side_path()).ok();
        let Some(side) = side.and_then(|bytes| Side::decode(&bytes, &self.seal)) else {
            return Vec::new();
        };
        let length = self.file.metadata().map_or(0, |file| file.len());
        if side.covered > length {
            return Vec::new();
        }
        (self.known, self.records, self.sided) = (side.covered, side.records, side.records);
        self.uses = side.uses.into_iter().collect();
        side.places
    }

    /// The bodies recorded since the last look. A file that became shorter is looked through from its start.
    pub(super) fn read_new(&mut self) -> io::Result<Vec<(Digest, Place)>> {
        let length = self.file.metadata()?.len();
        if length == self.seen {
            return Ok(Vec::new());
        }
        if length < self.known {
            (self.known, self.records, self.gaps, self.sided) = (0, 0, 0, 0);
        }
        let mut places = Vec::new();
        let (uses, records) = (&mut self.uses, &mut self.records);
        let walked = walk(&self.file, &self.seal, self.known, length, |offset, header| {
            *records += 1;
            match header.kind {
                Kind::Use => {
                    uses.insert(header.key, header.stamp);
                }
                Kind::Body => places.push((header.key, place(offset, &header))),
            }
        })?;
        self.known = walked.end;
        self.gaps += walked.gaps;
        self.seen = length;
        Ok(places)
    }

    /// Whether something follows the last whole record: torn, or being written.
    pub(super) fn has_torn_tail(&self) -> bool {
        self.seen > self.known
    }

    /// Cuts what follows the last whole record. Only for the holder of the lock, who knows that nobody is
    /// writing there.
    pub(super) fn cut_torn_tail(&mut self) -> io::Result<()> {
        if self.has_torn_tail() {
            self.gaps += 1;
            self.file.set_len(self.known)?;
            self.seen = self.known;
        }
        Ok(())
    }

    /// Appends one record. Only for the holder of the lock. A record that could not be written whole is cut.
    pub(super) fn append(&mut self, header: &Header, body: &[u8]) -> io::Result<Place> {
        let mut record = Vec::with_capacity(HEADER + body.len());
        record.extend_from_slice(&header.encode(&self.seal, self.known));
        record.extend_from_slice(body);
        if let Err(error) = self.file.write_all_at(&record, self.known) {
            // If this fails too, the next record is written over the torn one.
            let cut = self.file.set_len(self.known);
            tracing::debug!(?cut, "a record could not be written");
            return Err(error);
        }
        let place = place(self.known, header);
        if header.kind == Kind::Use {
            self.uses.insert(header.key, header.stamp);
        }
        self.records += 1;
        self.known += record.len() as u64;
        self.seen = self.known;
        Ok(place)
    }

    /// Whether so much is new that the next opener should not have to walk it.
    pub(super) fn wants_side(&self) -> bool {
        let new = self.records.saturating_sub(self.sided);
        new >= WORTH_A_SIDE_FILE && new >= self.records / 4
    }

    /// Writes the side file. Only for the holder of the lock.
    pub(super) fn write_side(&mut self, mut places: Vec<(Digest, Place)>) -> crate::Result<()> {
        places.sort_unstable_by_key(|(_, place)| place.offset);
        let uses = self.uses.iter().map(|(key, used)| (*key, *used)).collect();
        let side = Side {
            covered: self.known,
            records: self.records,
            places,
            uses,
        };
        let folder = self.path.parent().expect("logs are listed in a folder");
        let temp = temporary(folder, 0o600)?;
        let failed = crate::Error::io("write", temp.path());
        temp.as_file()
            .write_all_at(&side.encode(&self.seal), 0)
            .map_err(failed)?;
        persist(temp, &self.side_path())?;
        self.sided = self.records;
        Ok(())
    }

    pub(super) fn side_path(&self) -> PathBuf {
        self.path.with_extension(&SIDE_SUFFIX[1..])
    }
}

fn place(offset: u64, header: &Header) -> Place {
    Place {
        offset,
        length: header.length,
        stamp: header.stamp,
        used: header.stamp,
    }
}

/// Whether the file has lost its name: what is in it will not be found by the next process.
pub(super) fn is_removed(file: &File) -> bool {
    file.metadata().is_ok_and(|file| file.nlink() == 0)
}

/// The whole record at `place` with its header, if the header is right and is `key`'s; the body is unproven.
pub(super) fn read_record(
    file: &File,
    seal: &Seal,
    key: &Digest,
    place: &Place,
) -> Option<(Header, Vec<u8>)> {
    let length = HEADER.checked_add(usize::try_from(place.length).ok()?)?;
    let mut record = vec![0; length];
    if read_up_to(file, &mut record, place.offset).ok()? < length {
        return None;
    }
    let header = Header::decode(&record, seal, place.offset)?;
    let right = header.kind == Kind::Body && header.key == *key && header.length == place.length;
    right.then_some((header, record))
}
