//! The journal: what was done to the world, one line per record, each chained to the one before it.
//!
//! A line is `<blake3 of the previous hash and the text> <the record as JSON>`. Only what an append cut short can
//! leave behind is repaired, and that is a last line without its end; any other misfit is damage, and an error.

mod chain;
mod medium;
mod record;
mod recover;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use cas::Digest;
use chain::Chain;
pub use medium::{FileMedium, Medium};
pub use record::{How, Record};
pub use recover::{Claim, Observation, Recovered};

use crate::{EffectKind, Error, Result, Slot};

/// An open journal. Cheap to clone: clones share one file.
#[derive(Clone)]
pub struct Journal {
    path: Arc<PathBuf>,
    state: Arc<Mutex<State>>,
}

struct State {
    medium: Box<dyn Medium>,
    chain: Chain,
    records: Vec<Record>,
    recovered: Recovered,
    is_closed: bool,
}

impl Journal {
    /// Opens the journal at `path`, which is made if it is absent; cuts a torn last record.
    ///
    /// # Errors
    /// [`Error::DamagedJournal`], or the file system refused.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, |file| file)
    }

    /// The same, writing through what `wrap` makes of the file.
    ///
    /// # Errors
    /// [`Error::DamagedJournal`], or the file system refused.
    pub fn open_with(path: &Path, wrap: impl FnOnce(Box<dyn Medium>) -> Box<dyn Medium>) -> Result<Self> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path)?;
                Vec::new()
            }
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        let mut chain = Chain::new();
        let (records, whole) = chain.replay(&bytes, path)?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(Error::io("open", path))?;
        if whole < bytes.len() {
            file.set_len(whole as u64)
                .map_err(Error::io("cut the torn end of", path))?;
            file.sync_all().map_err(Error::io("sync", path))?;
        }
        let medium = wrap(Box::new(FileMedium::new(file)));
        let recovered = Recovered::of(&records);
        let state = State {
            medium,
            chain,
            records,
            recovered,
            is_closed: false,
        };
        Ok(Self {
            path: Arc::new(path.to_path_buf()),
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// The records of the journal at `path` without opening it for writing; none if there is no such file.
    ///
    /// # Errors
    /// [`Error::DamagedJournal`], or the file system refused.
    pub fn read(path: &Path) -> Result<Vec<Record>> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Chain::new().replay(&bytes, path)?.0),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::io("read", path)(error)),
        }
    }

    /// Adds a record. When this returns, it survives a power loss.
    ///
    /// # Errors
    /// It could not be written; then nothing further can be.
    pub fn append(&self, record: Record) -> Result<()> {
        self.append_locked(&mut self.lock(), record)
    }

    /// Writes down the intent to send `digest` to `slot`, unless another digest was meant for it, in which case
    /// it says which.
    ///
    /// # Errors
    /// It could not be written; then nothing may be sent.
    pub(crate) fn intend(
        &self,
        run: &str,
        action: &str,
        (slot, digest): (&Slot, &Digest),
        kind: EffectKind,
    ) -> Result<Option<Claim>> {
        let mut state = self.lock();
        let claim = state.recovered.claim(run, slot, digest, kind);
        if matches!(claim, Claim::Other { .. }) {
            return Ok(Some(claim));
        }
        let attempt = state.recovered.attempts(run, slot, digest) + 1;
        let (run, action, slot) = (run.to_owned(), action.to_owned(), slot.clone());
        let record = Record::Intent {
            run,
            action,
            slot,
            digest: *digest,
            attempt,
        };
        self.append_locked(&mut state, record)?;
        Ok(None)
    }

    /// What the journal says about sending `digest` to `slot`.
    pub(crate) fn claim(&self, run: &str, slot: &Slot, digest: &Digest, kind: EffectKind) -> Claim {
        self.lock().recovered.claim(run, slot, digest, kind)
    }

    /// What was observed under `key` in `run`.
    pub(crate) fn observation(&self, run: &str, key: &Digest) -> Option<Observation> {
        self.lock().recovered.observation(run, key).cloned()
    }

    /// Every record so far.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.lock().records.clone()
    }

    /// What follows from every record so far.
    #[must_use]
    pub fn recovered(&self) -> Recovered {
        self.lock().recovered.clone()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn append_locked(&self, state: &mut State, record: Record) -> Result<()> {
        if state.is_closed {
            return Err(Error::JournalClosed(self.path.to_path_buf()));
        }
        let (line, next) = state.chain.line(&record);
        // Closed until proven written: after a failure nobody knows what the file ends with.
        state.is_closed = true;
        state
            .medium
            .append(&line)
            .map_err(Error::io("write", &*self.path))?;
        state.medium.sync().map_err(Error::io("sync", &*self.path))?;
        state.is_closed = false;
        state.chain = next;
        state.recovered.take(&record);
        state.records.push(record);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nobody panics while holding the journal")
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Journal").field(&self.path).finish()
    }
}

/// Makes the file and sees to it that its name survives a power loss.
fn create(path: &Path) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(Error::io("create", path))?;
    file.sync_all().map_err(Error::io("sync", path))?;
    let folder_handle = std::fs::File::open(folder).map_err(Error::io("open", folder))?;
    folder_handle.sync_all().map_err(Error::io("sync", folder))
}

/// Observations of one run, by key.
type Observations = BTreeMap<Digest, Observation>;
