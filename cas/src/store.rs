//! The contract of a content store.

use std::path::Path;

use bytes::Bytes;

use crate::{Digest, Result};

/// Keeps blobs by digest. Every implementation verifies bytes before it hands them out: a damaged blob is
/// removed and answered as absent, never served.
///
/// Calls block; the scheduler makes them from its blocking pool.
pub trait Store: Send + Sync {
    /// Those of `digests` that are absent. An answer of "present" is a hint: only [`Store::get`] proves it.
    ///
    /// # Errors
    /// The medium refused.
    fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>>;

    /// The bytes of `digest`, verified; `None` if they are absent or were damaged.
    ///
    /// # Errors
    /// The medium refused.
    fn get(&self, digest: &Digest) -> Result<Option<Bytes>>;

    /// Writes the bytes of `digest` to the new file `path` (whose folder exists), verified, with mode 0755 or
    /// 0644; `false`, and no file, if they are absent or were damaged. Any file at `path` is replaced whole.
    ///
    /// # Errors
    /// The medium refused, or `path` did.
    fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool>;

    /// Keeps `bytes`, whole or not at all.
    ///
    /// # Errors
    /// The medium refused.
    fn put(&self, bytes: &[u8]) -> Result<Digest>;

    /// Keeps the contents of the file at `path`, streaming; the digest is of the bytes that were kept.
    ///
    /// # Errors
    /// The medium refused, or the file could not be read.
    fn put_file(&self, path: &Path) -> Result<Digest>;

    /// Makes everything kept so far survive a power loss.
    ///
    /// # Errors
    /// The medium refused.
    fn sync(&self) -> Result<()>;
}
