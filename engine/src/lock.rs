//! A lock between processes that the system releases when its holder dies, and that nobody can steal.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::{Error, Result};

/// Held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock at `path`, whose folder is made if it is absent. `holder` tells the others who we are.
    ///
    /// # Errors
    /// [`Error::Locked`] if somebody else has it; or the file system refused.
    pub fn acquire(path: &Path, holder: &str) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(Error::io("open the lock", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Whoever has just taken it may not have written yet; then nothing can be said about them.
                if file.read_to_string(&mut holder).is_err() || holder.is_empty() {
                    holder = "its holder is not known".to_owned();
                }
                return Err(Error::Locked {
                    path: path.to_path_buf(),
                    holder: holder.trim_end().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", path)(source)),
        }
        let mut note = || {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(holder.as_bytes())
        };
        note().map_err(Error::io("write", path))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An empty file says that nobody holds it. Closing the file releases it either way.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time_and_the_loser_reads_who() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deep/lock");
        let held = Lock::acquire(&path, "run 7 on host a").expect("nobody has it");
        let error = Lock::acquire(&path, "run 8").expect_err("somebody has it");
        assert!(
            matches!(&error, Error::Locked { holder, .. } if holder == "run 7 on host a"),
            "{error}"
        );
        drop(held);
        Lock::acquire(&path, "run 8").expect("it was released");
    }
}
