//! Both contracts in a folder of this machine, shared by any number of processes.
//!
//! ```text
//! <root>/v1/blobs/<random>.log     blobs of at most 64 KiB, many to a file
//! <root>/v1/answers/<random>.log   the action cache
//! <root>/v1/{blobs,answers}/<random>.side   what a walk over that log would find
//! <root>/v1/large/<2 hex>/<62 hex>-<size>   larger blobs, one file each
//! <root>/v1/temp/                  files on their way to `large`
//! ```
//!
//! A log is appended to by the one process that holds its lock and read by everybody; a second writer starts
//! or adopts another log. Nothing is ever changed in place, so nothing needs to be locked for reading. Every
//! record proves itself: no write is synced before [`Store::sync`], and what a crash tears is a miss.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::atomic::place_bytes;
use crate::{ActionCache, Digest, Error, Result, Store};

mod gc;
mod large;
mod log;
mod private;
mod record;
mod rewrite;
mod scan;
mod shelf;
mod side;
mod state;
mod writer;

pub use gc::{GcPolicy, GcReport, Usage, VerifyReport};

/// Blobs of at most this many bytes share files.
const SMALL: u64 = 64 * 1024;
/// Another layout is another folder; old ones are left alone.
const LAYOUT: &str = "v1";

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// A content store and an action cache on disk.
///
/// * Damage is a miss, found when the bytes are read, and healed by the next `put` of the same bytes.
/// * An answer is kept with its time; the contract has no room for one, so the clock is read here.
/// * If an answer was replaced and the replacement is damaged, the answer may be the earlier one of the same
///   key: both were right answers when they were put.
/// * Opening reads nothing. What other processes have written is looked for on every miss.
pub struct Disk {
    root: PathBuf,
    blobs: shelf::Shelf,
    large: large::Large,
    answers: shelf::Shelf,
}

impl Disk {
    /// Opens the cache in the folder `root`, which is made if need be (mode 0700).
    ///
    /// # Errors
    /// [`Error::Untrusted`] if the folder belongs to somebody else or others may write to it; or it cannot be
    /// made.
    pub fn open(root: &Path) -> Result<Self> {
        Self::open_with_clock(root, Arc::new(SystemTime::now))
    }

    /// [`Disk::open`] with another clock than the system's.
    ///
    /// # Errors
    /// As [`Disk::open`].
    pub fn open_with_clock(root: &Path, clock: Clock) -> Result<Self> {
        private::make(root)?;
        private::check(root)?;
        let root = root.join(LAYOUT);
        private::make_inside(&root)?;
        Ok(Self {
            blobs: shelf::Shelf::open(&root.join("blobs"), shelf::Proof::Key, clock.clone())?,
            large: large::Large::open(&root, clock.clone())?,
            answers: shelf::Shelf::open(&root.join("answers"), shelf::Proof::Check, clock)?,
            root,
        })
    }
}

impl Store for Disk {
    fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>> {
        let small: Vec<Digest> = digests
            .iter()
            .filter(|digest| digest.size() <= SMALL)
            .copied()
            .collect();
        let absent = self.blobs.missing(&small)?;
        if small.len() == digests.len() {
            return Ok(absent);
        }
        let mut absent_small = absent.into_iter().peekable();
        // In the order asked for, which is the order `absent` is in too.
        let is_absent = |digest: &&Digest| match digest.size() <= SMALL {
            true => absent_small.next_if_eq(digest).is_some(),
            false => !self.large.has(digest),
        };
        Ok(digests.iter().filter(is_absent).copied().collect())
    }

    fn get(&self, digest: &Digest) -> Result<Option<Bytes>> {
        if digest.size() <= SMALL {
            self.blobs.get(digest)
        } else {
            Ok(self.large.get(digest))
        }
    }

    fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool> {
        if digest.size() > SMALL {
            return self.large.copy_to(digest, path, executable);
        }
        match self.blobs.get(digest)? {
            Some(bytes) => place_bytes(path, executable, &bytes),
            None => Ok(false),
        }
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest> {
        if bytes.len() as u64 > SMALL {
            return self.large.put(bytes);
        }
        let digest = Digest::of(bytes);
        self.blobs.put(&digest, bytes)?;
        Ok(digest)
    }

    fn put_file(&self, path: &Path) -> Result<Digest> {
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let mut head = Vec::new();
        (&file)
            .take(SMALL + 1)
            .read_to_end(&mut head)
            .map_err(Error::io("read", path))?;
        if head.len() as u64 > SMALL {
            self.large.put_rest(&head, &mut file, path)
        } else {
            Store::put(self, &head)
        }
    }

    fn sync(&self) -> Result<()> {
        self.large.sync()?;
        self.blobs.sync()
    }
}

impl ActionCache for Disk {
    fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
        Ok(self.answers.get(key)?.map(Vec::from))
    }

    fn put(&self, key: &Digest, value: &[u8]) -> Result<()> {
        self.answers.put(key, value)
    }

    /// Syncs the blobs too, and first: no answer may outlive the blobs it names.
    fn sync(&self) -> Result<()> {
        Store::sync(self)?;
        self.answers.sync()
    }
}

/// A time as a stamp: nanoseconds since 1970, good until 2554.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
