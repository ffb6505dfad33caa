//! What can go wrong with bytes.

use std::path::{Path, PathBuf};

use crate::Digest;

/// The result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with bytes. Damage and absence are not errors: they are a miss (`None`).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system refused.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was being done, as a verb phrase: "read", "write the segment".
        doing: &'static str,
        /// The path it was done to.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// A text that should be a digest is not.
    #[error("`{0}` is not a digest (expected 64 hexadecimal digits, a slash and a size)")]
    MalformedDigest(String),
    /// A path that leaves its root, is absolute, or has an empty, `.` or `..` part.
    #[error("`{0}` is not a plain relative path")]
    UnsafePath(String),
    /// Two entries of one tree want the same place.
    #[error("`{0}` is in the tree twice")]
    DuplicatePath(String),
    /// A tree names a blob that no store has.
    #[error("blob {0} is missing")]
    Missing(Digest),
    /// Bytes that should be a directory message are not.
    #[error("blob {0} is not a directory")]
    MalformedTree(Digest),
    /// Somebody else could change what this cache directory holds.
    #[error("refusing the cache directory `{}`: {why}", path.display())]
    Untrusted {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it, and what to do about it.
        why: String,
    },
    /// This store takes no writes.
    #[error("the store is read-only")]
    ReadOnly,
}

impl Error {
    /// Wraps an input/output error with what was being done, and to which path.
    pub fn io(doing: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}
