//! Both contracts in ordered maps: the reference implementation, and the store of most tests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::atomic::place_bytes;
use crate::{ActionCache, Digest, Error, Result, Store};

/// Keeps everything in memory until it is dropped. `sync` has nothing to do.
#[derive(Default)]
pub struct Memory {
    blobs: Mutex<BTreeMap<Digest, Bytes>>,
    answers: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

impl Memory {
    /// An empty store and an empty action cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything in the store, by digest.
    #[must_use]
    pub fn blobs(&self) -> BTreeMap<Digest, Bytes> {
        locked(&self.blobs).clone()
    }
}

/// No panic can leave one of these maps half-written, so a poisoned lock is as good as any.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for Memory {
    fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>> {
        let blobs = locked(&self.blobs);
        Ok(digests
            .iter()
            .filter(|digest| !blobs.contains_key(digest))
            .copied()
            .collect())
    }

    fn get(&self, digest: &Digest) -> Result<Option<Bytes>> {
        Ok(locked(&self.blobs).get(digest).cloned())
    }

    fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool> {
        match Store::get(self, digest)? {
            Some(bytes) => place_bytes(path, executable, &bytes),
            None => Ok(false),
        }
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        locked(&self.blobs)
            .entry(digest)
            .or_insert_with(|| Bytes::copy_from_slice(bytes));
        Ok(digest)
    }

    fn put_file(&self, path: &Path) -> Result<Digest> {
        Store::put(self, &std::fs::read(path).map_err(Error::io("read", path))?)
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

impl ActionCache for Memory {
    fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
        Ok(locked(&self.answers).get(key).cloned())
    }

    fn put(&self, key: &Digest, value: &[u8]) -> Result<()> {
        locked(&self.answers).insert(*key, value.to_vec());
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}
