//! Folders that only their owner can read or change.

use std::fs::{DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use crate::{Error, Result};

/// Makes `folder` and what leads to it, mode 0700, unless it exists.
pub(super) fn make(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let failed = Error::io("create the cache directory", folder);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)
}

/// Makes the folder `name` inside of a private one, mode exactly 0700 whatever the umask, and checks it.
pub(super) fn make_inside(folder: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => std::fs::set_permissions(folder, Permissions::from_mode(0o700))
            .map_err(Error::io("set the mode of", folder)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check(folder),
        Err(error) => Err(Error::io("create the cache directory", folder)(error)),
    }
}

/// Refuses a folder that somebody else owns or may write to: whoever can write to a cache decides what this
/// user runs and publishes.
pub(super) fn check(folder: &Path) -> Result<()> {
    let metadata = std::fs::metadata(folder).map_err(Error::io("look at", folder))?;
    let refuse = |why: String| {
        Err(Error::Untrusted {
            path: folder.to_path_buf(),
            why,
        })
    };
    let user = rustix::process::geteuid().as_raw();
    if !metadata.is_dir() {
        return refuse("it is not a directory".to_owned());
    }
    if metadata.uid() != user {
        let owner = metadata.uid();
        return refuse(format!(
            "it belongs to user {owner}, and this is user {user}; choose another one"
        ));
    }
    if metadata.mode() & 0o022 != 0 {
        let mode = metadata.mode() & 0o7777;
        return refuse(format!(
            "others may write to it (mode {mode:04o}); run `chmod go-w` on it"
        ));
    }
    Ok(())
}
