//! Where the journal's bytes go, as a contract, so that a test can fail any write.

use std::fs::File;
use std::io::{self, Write};

/// Takes bytes at its end.
pub trait Medium: Send {
    /// Adds `bytes`, in one write.
    ///
    /// # Errors
    /// They may have been written in part.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything added survive a power loss.
    ///
    /// # Errors
    /// Nobody knows what survives.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file opened for appending.
#[derive(Debug)]
pub struct FileMedium {
    file: File,
}

impl FileMedium {
    /// Writes to `file`, which must have been opened for appending.
    #[must_use]
    pub const fn new(file: File) -> Self {
        Self { file }
    }
}

impl Medium for FileMedium {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
