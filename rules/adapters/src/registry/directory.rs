//! A folder that packages are placed in, each once and for good, and whose indexes are merged, never lost.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use cas::Digest;
use engine::{Slot, StepError};

use crate::host::io_error;

/// Held while an index is changed. Stays behind, empty.
const LOCK: &str = ".releasekit-lock";
const MAX_INDEX: u64 = 256 << 20;

/// A registry's folder. Places in it are given relative to it, as plain names with slashes between them.
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    /// The registry in the folder `root`, which need not exist.
    pub(super) fn new(root: &Path) -> Self {
        let mut normal = PathBuf::new();
        for part in root.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    normal.pop();
                }
                part => normal.push(part),
            }
        }
        Self { root: normal }
    }

    /// Where it is, for people and for installers.
    pub(super) fn location(&self) -> String {
        self.root.display().to_string()
    }

    /// Which registry it is.
    pub(super) fn identity(&self) -> String {
        format!("directory:{}", self.root.display())
    }

    /// The slot's coordinate, if the slot is one of ours.
    pub(super) fn coordinate<'a>(&self, slot: &'a Slot) -> Result<&'a str, StepError> {
        if slot.target == self.identity() {
            return Ok(&slot.coordinate);
        }
        Err(StepError::new(format!(
            "the slot `{slot:?}` is not one of `{}`",
            self.identity()
        )))
    }

    /// The digest of the file at `place`; `None` if there is none.
    pub(super) fn digest(&self, place: &str) -> Result<Option<Digest>, StepError> {
        let path = self.path(place)?;
        match open_file(&path) {
            Ok(Some(file)) => Digest::of_reader(file).map(Some).map_err(io_error("read", &path)),
            Ok(None) => Ok(None),
            Err(error) => Err(io_error("open", &path)(error)),
        }
    }

    /// Opens the file at `place`; `None` if there is none.
    pub(super) fn open(&self, place: &str) -> Result<Option<File>, StepError> {
        let path = self.path(place)?;
        open_file(&path).map_err(io_error("open", &path))
    }

    /// The text of the index at `place`; `None` if there is none.
    pub(super) fn index(&self, place: &str) -> Result<Option<String>, StepError> {
        let path = self.path(place)?;
        let Some(file) = self.open(place)? else {
            return Ok(None);
        };
        let mut text = String::new();
        file.take(MAX_INDEX + 1)
            .read_to_string(&mut text)
            .map_err(io_error("read", &path))?;
        if text.len() as u64 > MAX_INDEX {
            return Err(StepError::new(format!(
                "the index `{}` is too large",
                path.display()
            )));
        }
        Ok(Some(text))
    }

    /// Places `bytes` at `place`, durably. The same bytes there are success; others are never replaced.
    pub(super) fn place(&self, place: &str, bytes: &[u8]) -> Result<(), StepError> {
        let path = self.path(place)?;
        let folder = path.parent().unwrap_or(&self.root);
        create_folder(folder)?;
        if self.digest(place)?.is_none() {
            // Under a name that no installer looks for, and in the same folder, so that naming it is one step.
            let mut temp = tempfile::Builder::new()
                .prefix(".releasekit-")
                .suffix(".part")
                .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
                .tempfile_in(folder)
                .map_err(io_error("create a temporary file in", folder))?;
            temp.write_all(bytes)
                .and_then(|()| temp.as_file().sync_all())
                .map_err(io_error("write", &path))?;
            match temp.persist_noclobber(&path) {
                Ok(_) => return sync(folder),
                Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(failed) => return Err(io_error("name a new file", &path)(failed.error)),
            }
        }
        let ours = Digest::of(bytes);
        match self.digest(place)? {
            // Whoever placed it may not have come as far as this.
            Some(there) if there == ours => sync(folder),
            Some(there) => Err(StepError::new(format!(
                "`{}` is there already with other bytes: there {there}, ours {ours}",
                path.display()
            ))
            .hint("what was published is never replaced: release another version")),
            None => Err(StepError::new(format!(
                "`{}` is there already and is not a file",
                path.display()
            ))),
        }
    }

    /// Changes the index at `place`, one process at a time. `change` gets its text (`None` if there is none);
    /// readers see the old text or the new one.
    pub(super) fn edit(
        &self,
        place: &str,
        change: impl FnOnce(Option<&str>) -> Result<String, StepError>,
    ) -> Result<(), StepError> {
        let path = self.path(place)?;
        let folder = path.parent().unwrap_or(&self.root);
        create_folder(folder)?;
        let lock = self.root.join(LOCK);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock);
        let file = file.map_err(io_error("open the lock", &lock))?;
        // Released when the file is closed, or its holder dies.
        file.lock().map_err(io_error("lock", &lock))?;
        let old = self.index(place)?;
        let new = change(old.as_deref())?;
        if old.as_deref() == Some(new.as_str()) {
            return Ok(());
        }
        cas::write_atomically(&path, new.as_bytes()).map_err(|error| StepError::transient(error.to_string()))
    }

    fn path(&self, place: &str) -> Result<PathBuf, StepError> {
        if !self.root.is_absolute() || self.root.to_str().is_none() {
            let root = self.root.display();
            return Err(StepError::new(format!(
                "the registry's folder `{root}` is not an absolute path in UTF-8"
            )));
        }
        if place.split('/').any(|part| matches!(part, "" | "." | "..")) || place.contains(['\0', '\\']) {
            return Err(StepError::new(format!("{place:?} is not a place in a registry")));
        }
        Ok(self.root.join(place))
    }
}

/// `None` if there is nothing, or a folder.
fn open_file(path: &Path) -> io::Result<Option<File>> {
    // Looked at before it is opened: opening a pipe would wait for somebody to write to it.
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => File::open(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a folder and those above it, durably.
fn create_folder(folder: &Path) -> Result<(), StepError> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| *parent != folder);
    if let Some(parent) = parent {
        create_folder(parent)?;
    }
    match std::fs::create_dir(folder) {
        Ok(()) => parent.map_or(Ok(()), sync),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(io_error("create", folder)(error)),
    }
}

/// Makes the names in `folder` survive a power loss.
fn sync(folder: &Path) -> Result<(), StepError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error("sync", folder))
}
