//! Wraps a store so that nothing is ever written to it.

use std::path::Path;

use bytes::Bytes;

use crate::{ActionCache, Digest, Error, Result, Store};

/// Reads pass through. Writes are refused quietly: `put` answers the right digest and stores nothing, because
/// a run that may not write to a cache (a pull request) must otherwise go exactly as one that may.
pub struct ReadOnly<S> {
    inner: S,
}

impl<S> ReadOnly<S> {
    /// Shields `inner` from writes.
    #[must_use]
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S: Store> Store for ReadOnly<S> {
    fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>> {
        self.inner.missing(digests)
    }

    fn get(&self, digest: &Digest) -> Result<Option<Bytes>> {
        self.inner.get(digest)
    }

    fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool> {
        self.inner.copy_to(digest, path, executable)
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest> {
        Ok(Digest::of(bytes))
    }

    fn put_file(&self, path: &Path) -> Result<Digest> {
        let file = std::fs::File::open(path).map_err(Error::io("open", path))?;
        Digest::of_reader(file).map_err(Error::io("read", path))
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

impl<S: ActionCache> ActionCache for ReadOnly<S> {
    fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
        self.inner.get(key)
    }

    fn put(&self, _key: &Digest, _value: &[u8]) -> Result<()> {
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}
