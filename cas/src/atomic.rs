//! A file appears whole or not at all.

use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// How the names of temporary files start.
pub(crate) const TEMPORARY: &str = ".cas-";

/// Replaces the file at `path` (whose folder exists) by `bytes`, durably: after a crash the file holds either
/// the old bytes or the new ones. An existing file keeps its mode; a new one gets 0666 less the umask. A
/// symbolic link at `path` is itself replaced.
///
/// # Errors
/// The file system refused; the old file is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = folder_of(path);
    let mut temp = temporary(folder, 0o666)?;
    temp.write_all(bytes).map_err(Error::io("write", path))?;
    if let Ok(old) = path.symlink_metadata()
        && old.is_file()
    {
        temp.as_file()
            .set_permissions(old.permissions())
            .map_err(Error::io("set the mode of", path))?;
    }
    temp.as_file().sync_all().map_err(Error::io("sync", path))?;
    persist(temp, path)?;
    sync_folder(folder)
}

/// A new file in `folder` under a name nobody can guess, removed again unless it is [`persist`]ed.
/// `mode` is subject to the umask.
pub(crate) fn temporary(folder: &Path, mode: u32) -> Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(TEMPORARY)
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)
        .map_err(Error::io("create a temporary file in", folder))
}

/// Gives a temporary file its name, replacing what had it.
pub(crate) fn persist(temp: NamedTempFile, path: &Path) -> Result<()> {
    temp.persist(path)
        .map_err(|failed| Error::io("rename a temporary file to", path)(failed.error))?;
    Ok(())
}

/// Makes the names in `folder` survive a power loss.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io("sync", folder))
}

/// Replaces the file at `path` by what `fill` writes, with mode 0755 or 0644 whatever the umask; leaves no
/// file behind when `fill` answers `false` or fails. Not synced: what is placed can be placed again.
pub(crate) fn place(
    path: &Path,
    executable: bool,
    fill: impl FnOnce(&mut File) -> Result<bool>,
) -> Result<bool> {
    let mode = if executable { 0o755 } else { 0o644 };
    let mut temp = temporary(folder_of(path), mode)?;
    if !fill(temp.as_file_mut())? {
        return Ok(false);
    }
    let permissions = Permissions::from_mode(mode);
    temp.as_file()
        .set_permissions(permissions)
        .map_err(Error::io("set the mode of", path))?;
    persist(temp, path)?;
    Ok(true)
}

/// [`place`] for bytes that are at hand.
pub(crate) fn place_bytes(path: &Path, executable: bool, bytes: &[u8]) -> Result<bool> {
    place(path, executable, |file| {
        file.write_all(bytes).map_err(Error::io("write", path))?;
        Ok(true)
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_and_keeps_the_mode() -> Result<()> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        write_atomically(&path, b"one")?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("our own file");
        write_atomically(&path, b"two")?;
        assert_eq!(std::fs::read(&path).expect("just written"), b"two");
        assert_eq!(
            path.metadata().expect("just written").permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("our own folder").count(),
            1
        );
        Ok(())
    }

    #[test]
    fn a_failure_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("absent/file");
        assert!(write_atomically(&path, b"x").is_err());
        let unfilled = place(&folder.path().join("file"), false, |_| Ok(false));
        assert!(!unfilled.expect("nothing failed"));
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("our own folder").count(),
            0
        );
    }
}
