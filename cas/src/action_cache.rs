//! The contract of an action cache.

use crate::{Digest, Result};

/// Remembers one small answer per key. What the answer means is the caller's business; whether it is still
/// whole is the cache's: a damaged entry is absent.
pub trait ActionCache: Send + Sync {
    /// The answer kept under `key`; `None` if there is none, or it was damaged.
    ///
    /// # Errors
    /// The medium refused.
    fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>>;

    /// Keeps `value` under `key`, replacing what was there.
    ///
    /// # Errors
    /// The medium refused.
    fn put(&self, key: &Digest, value: &[u8]) -> Result<()>;

    /// Makes everything kept so far survive a power loss.
    ///
    /// # Errors
    /// The medium refused.
    fn sync(&self) -> Result<()>;
}
