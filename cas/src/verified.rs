//! Wraps a store that does not check its bytes, and checks them.

use std::fs::File;
use std::path::Path;

use bytes::Bytes;

use crate::atomic::{TEMPORARY, place};
use crate::pour::pour;
use crate::{ActionCache, Digest, Error, Result, Store};

/// Re-hashes whatever comes back from `inner`; bytes that are not what was asked for are absent. Nothing can
/// be removed through the contract, so a damaged blob stays in `inner` until a `put` replaces it.
///
/// An action cache's answer has no digest to hold it against, so answers pass through; their decoder and the
/// blobs they name are the check.
pub struct Verified<S> {
    inner: S,
}

impl<S> Verified<S> {
    /// Checks everything that leaves `inner`.
    #[must_use]
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

fn mistrust(digest: &Digest) {
    tracing::warn!(blob = %digest, "a store answered with other bytes than were asked for; treated as absent");
}

impl<S: Store> Store for Verified<S> {
    fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>> {
        self.inner.missing(digests)
    }

    fn get(&self, digest: &Digest) -> Result<Option<Bytes>> {
        let Some(bytes) = self.inner.get(digest)? else {
            return Ok(None);
        };
        // The length first: a lying store may send far more than was asked for.
        if bytes.len() as u64 == digest.size() && Digest::of(&bytes) == *digest {
            return Ok(Some(bytes));
        }
        mistrust(digest);
        Ok(None)
    }

    fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool> {
        // Beside the destination, so that unverified bytes are never seen at `path`.
        let folder = path
            .parent()
            .filter(|folder| *folder != Path::new(""))
            .unwrap_or(Path::new("."));
        let scratch = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempdir_in(folder)
            .map_err(Error::io("create a temporary folder in", folder))?;
        let unverified = scratch.path().join("blob");
        if !self.inner.copy_to(digest, &unverified, executable)? {
            return Ok(false);
        }
        let verified = place(path, executable, |file| {
            let mut source = File::open(&unverified).map_err(Error::io("open", &unverified))?;
            Ok(pour(&mut source, &unverified, file, path)? == *digest)
        })?;
        if !verified {
            mistrust(digest);
        }
        Ok(verified)
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest> {
        self.inner.put(bytes)?;
        Ok(Digest::of(bytes))
    }

    fn put_file(&self, path: &Path) -> Result<Digest> {
        self.inner.put_file(path)
    }

    fn sync(&self) -> Result<()> {
        self.inner.sync()
    }
}

impl<S: ActionCache> ActionCache for Verified<S> {
    fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
        self.inner.get(key)
    }

    fn put(&self, key: &Digest, value: &[u8]) -> Result<()> {
        self.inner.put(key, value)
    }

    fn sync(&self) -> Result<()> {
        self.inner.sync()
    }
}
