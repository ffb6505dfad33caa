//! Two stores as one: the near one first, then the far one, and what the far one had is remembered near.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use crate::{ActionCache, Digest, Error, Result, Store};

/// `near` is this machine and its errors count; `far` is a shared server and its errors do not: a far store
/// that fails is one that has nothing, and that is reported once.
///
/// `far` must keep the contract and verify; wrap one that does not in [`crate::Verified`].
pub struct Tiered<Near, Far> {
    near: Near,
    far: Far,
    far_reported: AtomicBool,
    near_reported: AtomicBool,
}

impl<Near, Far> Tiered<Near, Far> {
    /// `near` before `far`.
    #[must_use]
    pub const fn new(near: Near, far: Far) -> Self {
        Self {
            near,
            far,
            far_reported: AtomicBool::new(false),
            near_reported: AtomicBool::new(false),
        }
    }

    /// What the far store answered, or `absent` if it failed.
    fn far<T>(&self, answer: Result<T>, absent: T) -> T {
        answer.unwrap_or_else(|error| {
            report(
                &self.far_reported,
                &error,
                "the far cache failed; going on without it",
            );
            absent
        })
    }

    /// Remembering what the far store had is a favour: its failure must not lose what was just fetched.
    fn back_fill<T>(&self, answer: Result<T>) {
        if let Err(error) = answer {
            report(
                &self.near_reported,
                &error,
                "cannot remember here what the far cache had",
            );
        }
    }
}

fn report(reported: &AtomicBool, error: &Error, message: &str) {
    if !reported.swap(true, Ordering::Relaxed) {
        tracing::warn!(%error, "{message}");
    }
}

impl<Near: Store, Far: Store> Store for Tiered<Near, Far> {
    fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>> {
        let absent = self.near.missing(digests)?;
        if absent.is_empty() {
            return Ok(absent);
        }
        let answer = self.far.missing(&absent);
        Ok(self.far(answer, absent))
    }

    fn get(&self, digest: &Digest) -> Result<Option<Bytes>> {
        if let Some(bytes) = self.near.get(digest)? {
            return Ok(Some(bytes));
        }
        let fetched = self.far(self.far.get(digest), None);
        if let Some(bytes) = &fetched {
            self.back_fill(self.near.put(bytes));
        }
        Ok(fetched)
    }

    fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool> {
        if self.near.copy_to(digest, path, executable)? {
            return Ok(true);
        }
        let fetched = self.far(self.far.copy_to(digest, path, executable), false);
        if fetched {
            self.back_fill(self.near.put_file(path));
        }
        Ok(fetched)
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = self.near.put(bytes)?;
        // The near digest is the answer: the far store is not trusted to compute it.
        self.far(self.far.put(bytes), digest);
        Ok(digest)
    }

    fn put_file(&self, path: &Path) -> Result<Digest> {
        let digest = self.near.put_file(path)?;
        // The near digest is the answer: the file may have changed before the far store read it.
        self.far(self.far.put_file(path), digest);
        Ok(digest)
    }

    fn sync(&self) -> Result<()> {
        self.near.sync()?;
        self.far(self.far.sync(), ());
        Ok(())
    }
}

impl<Near: ActionCache, Far: ActionCache> ActionCache for Tiered<Near, Far> {
    fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
        if let Some(value) = self.near.get(key)? {
            return Ok(Some(value));
        }
        let fetched = self.far(self.far.get(key), None);
        if let Some(value) = &fetched {
            self.back_fill(self.near.put(key, value));
        }
        Ok(fetched)
    }

    fn put(&self, key: &Digest, value: &[u8]) -> Result<()> {
        self.near.put(key, value)?;
        self.far(self.far.put(key, value), ());
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.near.sync()?;
        self.far(self.far.sync(), ());
        Ok(())
    }
}
