//! The files of a working tree that its ignore files do not hide.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cas::{Digest, FileDigests};
use engine::{StepError, printable};
use ignore::{DirEntry, WalkBuilder, WalkState};
use model::SourceTree;

use super::io_error;

/// Folders that are never looked into: other people's state, and ours.
const STATE: [&str; 4] = [".git", ".hg", ".jj", ".releasekit"];
/// The largest file that is read as text.
const MAX_TEXT: u64 = 64 << 20;

/// A working tree as it was when it was scanned; texts and digests are read when they are asked for.
pub struct WorkingTree {
    root: PathBuf,
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    digests: Arc<FileDigests>,
}

impl WorkingTree {
    /// Lists the files under `root`: hidden ones too, but nothing that `.gitignore` files or
    /// `.git/info/exclude` hide, and no state of version control systems or of ours. A symbolic link is
    /// listed if it leads to a regular file of the tree; links to folders are not followed.
    ///
    /// # Errors
    /// A folder cannot be read, or a name is not UTF-8.
    pub fn scan(root: &Path, digests: Arc<FileDigests>) -> Result<Self, StepError> {
        let root = root.canonicalize().map_err(io_error("look into", root))?;
        let found = Mutex::new(Found::default());
        walker(&root).build_parallel().run(|| {
            let mut mine = Batch {
                found: Found::default(),
                all: &found,
            };
            let root = &root;
            Box::new(move |entry| {
                let seen = entry
                    .map_err(|error| refused(&error))
                    .and_then(|entry| mine.found.see(root, &entry));
                if let Err(error) = seen {
                    mine.found.refuse(error);
                }
                WalkState::Continue
            })
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        match found.error {
            Some(error) => Err(error),
            None => Ok(Self {
                root,
                files: found.files.into_iter().collect(),
                folders: found.folders.into_iter().collect(),
                digests,
            }),
        }
    }

    /// The folders that were looked into, without the root itself, sorted: a file that comes or goes changes
    /// one of them.
    #[must_use]
    pub fn folders(&self) -> &BTreeSet<String> {
        &self.folders
    }

    /// The folder that was scanned, with all links resolved.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn known(&self, path: &str) -> Result<PathBuf, String> {
        if self.files.contains(path) {
            return Ok(self.root.join(path));
        }
        Err(format!(
            "`{}` is not a file of the repository, or an ignore file hides it",
            printable(path)
        ))
    }
}

impl SourceTree for WorkingTree {
    fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<String, String> {
        let file = self.known(path)?;
        let shown = printable(path);
        let cannot = |error: &dyn std::fmt::Display| format!("cannot read `{shown}`: {error}");
        let mut bytes = Vec::new();
        let opened = File::open(file).map_err(|error| cannot(&error))?;
        opened
            .take(MAX_TEXT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| cannot(&error))?;
        if bytes.len() as u64 > MAX_TEXT {
            return Err(cannot(&format!("it is larger than {} MiB", MAX_TEXT >> 20)));
        }
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..at).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            cannot(&format!("it is not UTF-8 (line {line}, byte {at})"))
        })
    }

    fn digest(&self, path: &str) -> Result<(Digest, bool), String> {
        let file = self.known(path)?;
        let facts = self.digests.digest(&file).map_err(|error| error.to_string())?;
        Ok((facts.digest, facts.executable))
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

/// What was found.
#[derive(Default)]
struct Found {
    files: Vec<String>,
    folders: Vec<String>,
    error: Option<StepError>,
}

impl Found {
    /// Takes note of an entry if it is a file of the tree or a folder.
    fn see(&mut self, root: &Path, entry: &DirEntry) -> Result<(), StepError> {
        if let Some(error) = entry.error() {
            tracing::debug!(%error, "an ignore file cannot be read in full");
        }
        let Some(kind) = entry.file_type().filter(|_| entry.depth() > 0) else {
            return Ok(());
        };
        let is_file = kind.is_file() || (kind.is_symlink() && leads_inside(root, entry.path()));
        if !is_file && !kind.is_dir() {
            return Ok(());
        }
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        match relative.to_str() {
            Some(path) if is_file => self.files.push(path.to_owned()),
            Some(path) => self.folders.push(path.to_owned()),
            // Only files count; those beneath it say so themselves.
            None if kind.is_dir() => {}
            None => {
                let shown = printable(&relative.to_string_lossy());
                return Err(StepError::new(format!("the name of `{shown}` is not UTF-8"))
                    .hint("rename the file, or hide it in `.gitignore`"));
            }
        }
        Ok(())
    }

    /// Keeps the smallest message, so that the same tree fails in the same way.
    fn refuse(&mut self, error: StepError) {
        if self
            .error
            .as_ref()
            .is_none_or(|first| error.message < first.message)
        {
            self.error = Some(error);
        }
    }
}

/// What one thread found, handed over when it ends.
struct Batch<'a> {
    found: Found,
    all: &'a Mutex<Found>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.files.append(&mut self.found.files);
        all.folders.append(&mut self.found.folders);
        if let Some(error) = self.found.error.take() {
            all.refuse(error);
        }
    }
}

/// Nothing of the person's own settings (a global ignore file) has a say in what the repository holds, and
/// nothing above the repository has either.
fn walker(root: &Path) -> WalkBuilder {
    let in_repository = root.ancestors().any(|folder| folder.join(".git").exists());
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_ignore(true)
        .git_exclude(true)
        .require_git(in_repository)
        .parents(in_repository)
        .follow_links(false)
        .threads(2)
        .filter_entry(|entry| entry.depth() == 0 || !STATE.iter().any(|name| entry.file_name() == *name));
    builder
}

fn refused(error: &ignore::Error) -> StepError {
    StepError::new(format!(
        "cannot list the files of the repository: {}",
        printable(&error.to_string())
    ))
}

/// Whether a symbolic link ends at a regular file of the tree.
fn leads_inside(root: &Path, link: &Path) -> bool {
    let Ok(target) = link.canonicalize() else {
        return false;
    };
    let Ok(inside) = target.strip_prefix(root) else {
        return false;
    };
    let is_state = |part: Component<'_>| STATE.iter().any(|name| part.as_os_str() == *name);
    !inside.components().any(is_state) && target.is_file()
}
