//! Large blobs: one file each, in 256 folders, written beside and renamed into place.

use std::collections::BTreeSet;
use std::fs::{DirEntry, File};
use std::io::{ErrorKind, Read, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tempfile::NamedTempFile;

use super::{Clock, private};
use crate::atomic::{TEMPORARY, persist, place, sync_folder, temporary};
use crate::pour::pour;
use crate::{Digest, Error, Result};

/// A temporary file this old was left behind by a writer that died.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A blob as gc sees it.
pub(super) struct Kept {
    pub(super) digest: Digest,
    pub(super) path: PathBuf,
    pub(super) modified: SystemTime,
}

/// The folder of large blobs.
pub(super) struct Large {
    folder: PathBuf,
    temp: PathBuf,
    clock: Clock,
    unsynced: Mutex<BTreeSet<PathBuf>>,
}

impl Large {
    pub(super) fn open(root: &Path, clock: Clock) -> Result<Self> {
        let (folder, temp) = (root.join("large"), root.join("temp"));
        private::make_inside(&folder)?;
        private::make_inside(&temp)?;
        Ok(Self {
            folder,
            temp,
            clock,
            unsynced: Mutex::default(),
        })
    }

    /// The size is part of the name: a digest is both.
    fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.folder
            .join(&hex[..2])
            .join(format!("{}-{}", &hex[2..], digest.size()))
    }

    pub(super) fn has(&self, digest: &Digest) -> bool {
        self.path(digest)
            .metadata()
            .is_ok_and(|file| file.is_file() && file.len() == digest.size())
    }

    fn open_file(&self, digest: &Digest) -> Option<(PathBuf, File)> {
        let path = self.path(digest);
        let file = File::open(&path).ok()?;
        let whole = file
            .metadata()
            .is_ok_and(|file| file.is_file() && file.len() == digest.size());
        if whole {
            return Some((path, file));
        }
        discard(&path, &file);
        None
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<Bytes> {
        let (path, mut file) = self.open_file(digest)?;
        let mut bytes = Vec::with_capacity(usize::try_from(digest.size()).ok()?.saturating_add(1));
        file.read_to_end(&mut bytes).ok()?;
        if Digest::of(&bytes) == *digest {
            return Some(bytes.into());
        }
        discard(&path, &file);
        None
    }

    pub(super) fn copy_to(&self, digest: &Digest, to: &Path, executable: bool) -> Result<bool> {
        let Some((from, mut file)) = self.open_file(digest) else {
            return Ok(false);
        };
        let whole = place(to, executable, |out| match pour(&mut file, &from, out, to) {
            Ok(poured) => Ok(poured == *digest),
            // A sector that cannot be read is damage like any other.
            Err(Error::Io { doing: "read", .. }) => Ok(false),
            Err(error) => Err(error),
        })?;
        if !whole {
            discard(&from, &file);
        }
        Ok(whole)
    }

    /// Whether the blob is whole; drops it if it is not.
    pub(super) fn verify(&self, digest: &Digest) -> bool {
        let Some((path, file)) = self.open_file(digest) else {
            return false;
        };
        let whole = Digest::of_reader(&file).is_ok_and(|found| found == *digest);
        if !whole {
            discard(&path, &file);
        }
        whole
    }

    pub(super) fn put(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        if self.holds(&digest, bytes) {
            return Ok(digest);
        }
        let mut temp = self.temporary()?;
        temp.write_all(bytes)
            .map_err(Error::io("write a blob in", &self.temp))?;
        self.keep(temp, &digest)?;
        Ok(digest)
    }

    /// Whether these very bytes are there: a comparison is cheaper than a write, and unlike a look at the name
    /// it heals. Counts as a use.
    fn holds(&self, digest: &Digest, bytes: &[u8]) -> bool {
        let Some((_, mut file)) = self.open_file(digest) else {
            return false;
        };
        let mut piece = vec![0; 256 * 1024];
        for expected in bytes.chunks(piece.len()) {
            if file.read_exact(&mut piece[..expected.len()]).is_err() || piece[..expected.len()] != *expected
            {
                return false;
            }
        }
        // Without the new time a gc might drop what this put promises; writing again sets it too.
        file.set_modified((self.clock)()).is_ok()
    }

    /// Keeps `head` and then the rest of `source`, the file `from`.
    pub(super) fn put_rest(&self, head: &[u8], source: &mut File, from: &Path) -> Result<Digest> {
        let mut temp = self.temporary()?;
        let path = temp.path().to_path_buf();
        let digest = pour(&mut head.chain(source), from, temp.as_file_mut(), &path)?;
        self.keep(temp, &digest)?;
        Ok(digest)
    }

    fn temporary(&self) -> Result<NamedTempFile> {
        private::make(&self.temp)?;
        temporary(&self.temp, 0o600)
    }

    fn keep(&self, temp: NamedTempFile, digest: &Digest) -> Result<()> {
        let path = self.path(digest);
        let folder = path.parent().expect("the path was joined from three parts");
        private::make(folder)?;
        persist(temp, &path)?;
        self.unsynced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path);
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<()> {
        let paths = std::mem::take(&mut *self.unsynced.lock().unwrap_or_else(PoisonError::into_inner));
        for path in &paths {
            match File::open(path).and_then(|file| file.sync_data()) {
                // Dropped by a gc, or damaged and discarded: nothing is left to be durable.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                synced => synced.map_err(Error::io("sync", path))?,
            }
        }
        let folders: BTreeSet<&Path> = paths.iter().filter_map(|path| path.parent()).collect();
        folders
            .into_iter()
            .filter(|folder| folder.is_dir())
            .try_for_each(sync_folder)
    }

    /// Every blob, by digest.
    pub(super) fn list(&self) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for folder in entries(&self.folder)? {
            let prefix = folder.file_name().to_string_lossy().into_owned();
            for entry in entries(&folder.path())? {
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let (Ok(digest), Ok(file)) = (name.replacen('-', "/", 1).parse(), entry.metadata()) else {
                    continue;
                };
                let modified = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                kept.push(Kept {
                    digest,
                    path: entry.path(),
                    modified,
                });
            }
        }
        kept.sort_unstable_by_key(|kept| kept.digest);
        Ok(kept)
    }

    /// Removes what dead writers left.
    pub(super) fn sweep(&self, now: SystemTime) -> Result<()> {
        for entry in entries(&self.temp)? {
            if is_abandoned(&entry, now) {
                std::fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
            }
        }
        Ok(())
    }
}

/// Whether this is a temporary file whose writer died.
pub(super) fn is_abandoned(entry: &DirEntry, now: SystemTime) -> bool {
    let age = || now.duration_since(entry.metadata().ok()?.modified().ok()?).ok();
    entry.file_name().to_string_lossy().starts_with(TEMPORARY) && age().is_some_and(|age| age > ABANDONED)
}

/// What is in a folder; a folder that is gone is an empty one.
pub(super) fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect);
    match listed {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        listed => listed.map_err(Error::io("list", folder)),
    }
}

/// Removes a damaged blob, unless somebody has put a new file in its place meanwhile.
fn discard(path: &Path, file: &File) {
    let inode = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let read = file.metadata().map(inode).ok();
    if read.is_some() && path.metadata().map(inode).ok() == read {
        tracing::warn!(path = %path.display(), "dropping a damaged blob");
        let removed = std::fs::remove_file(path);
        if let Err(error) = removed {
            tracing::debug!(%error, "it could not be removed");
        }
    }
}
