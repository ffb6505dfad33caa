//! The promise of a working tree: which files there are, and what they hold.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cas::Digest;

/// The files of a repository's working tree that its ignore files do not hide. Paths are relative to the
/// repository's root, with forward slashes.
pub trait SourceTree: Send + Sync {
    /// All files, sorted.
    fn files(&self) -> &BTreeSet<String>;

    /// The text of a file; a byte-order mark is kept.
    ///
    /// # Errors
    /// It is not there, cannot be read, or is not UTF-8: what and why, as a sentence.
    fn read(&self, path: &str) -> Result<String, String>;

    /// The digest of a file, and whether it may be executed.
    ///
    /// # Errors
    /// It is not there or cannot be read: what and why, as a sentence.
    fn digest(&self, path: &str) -> Result<(Digest, bool), String>;

    /// Where a file is on this machine.
    fn locate(&self, path: &str) -> PathBuf;
}
