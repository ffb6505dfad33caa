//! A folder for one process: holds exactly the declared inputs before, and is searched for the declared outputs
//! after.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use cas::{Digest, Hasher, Store};
use prost::Message;

use crate::provided::changed;
use crate::resolve::{Leaf, Origin, ResolvedInputs};
use crate::run::{Context, Halt};
use crate::{Action, Error, Output, StepError, Work, proto};

/// Sets the folders of this process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// How much of a file is copied at once.
const PIECE: usize = 32 * 1024;

/// The folder, removed when dropped unless it is to be kept.
pub(crate) struct Scratch {
    work: PathBuf,
    home: PathBuf,
    is_kept: bool,
}

impl Scratch {
    /// Makes the folder and lays out the inputs of `action` in it.
    pub(crate) fn lay_out(
        context: &Context,
        action: &Action,
        inputs: &ResolvedInputs<'_>,
    ) -> Result<Self, Halt> {
        let scratch = Self::make(&context.scratch, &action.name, context.keep_scratch)?;
        let mut folders = Folders {
            root: scratch.work.clone(),
            made: HashSet::new(),
        };
        for (path, leaf) in inputs.layout() {
            scratch.place(&path, &leaf, &mut folders, &*context.store)?;
        }
        // As REAPI has it: a process finds the folders its outputs go to.
        for output in &action.outputs {
            folders.ensure_parent(output)?;
        }
        if let Work::Command(command) = &action.work {
            folders.ensure(&command.workdir)?;
        }
        Ok(scratch)
    }

    fn make(parent: &Path, name: &str, is_kept: bool) -> Result<Self, Error> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let plain: String = name
            .chars()
            .take(60)
            .map(|c| if is_plain(c) { c } else { '-' })
            .collect();
        let parent = std::path::absolute(parent).map_err(Error::io("find", parent))?;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let work = parent.join(format!("{plain}-{}-{number}", std::process::id()));
            match std::fs::create_dir(&work) {
                Ok(()) => {
                    let home = work.with_added_extension("home");
                    let scratch = Self { work, home, is_kept };
                    std::fs::create_dir(&scratch.home).map_err(Error::io("create", &scratch.home))?;
                    return Ok(scratch);
                }
                // Left over by a process that had the same number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    std::fs::create_dir_all(&parent).map_err(Error::io("create", &parent))?;
                }
                Err(error) => return Err(Error::io("create", &work)(error)),
            }
        }
    }

    /// Where inputs are and outputs are expected.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// An empty folder beside it, for what a process wants to keep in its home or put aside.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    fn place(
        &self,
        path: &str,
        leaf: &Leaf<'_>,
        folders: &mut Folders,
        store: &dyn Store,
    ) -> Result<(), Halt> {
        if !matches!(leaf, Leaf::Folder) {
            folders.ensure_parent(path)?;
        }
        let place = self.work.join(path);
        match *leaf {
            Leaf::Folder => folders.ensure(path)?,
            Leaf::Symlink { target } => symlink(target, &place).map_err(Error::io("link", &place))?,
            Leaf::File {
                digest,
                executable,
                origin: Origin::Source(from),
            } => {
                let found = copy(from, &place, executable)?;
                if found != digest {
                    return Err(changed(&from.display().to_string()).into());
                }
            }
            Leaf::File {
                digest,
                executable,
                origin: Origin::Output { id, .. },
            } => {
                if !store.copy_to(&digest, &place, executable)? {
                    return Err(Halt::Lost(id));
                }
            }
        }
        Ok(())
    }

    /// Keeps what was made at the paths `declared`.
    pub(crate) fn gather(
        &self,
        declared: &[String],
        store: &dyn Store,
    ) -> Result<BTreeMap<String, Output>, Halt> {
        let mut outputs = BTreeMap::new();
        for path in declared {
            let real = self.find(path)?;
            let output = keep(&real, store)
                .map_err(|error| StepError::new(format!("its output `{path}` cannot be kept: {error}")))?;
            outputs.insert(path.clone(), output);
        }
        Ok(outputs)
    }

    /// Where the output `path` really is.
    fn find(&self, path: &str) -> Result<PathBuf, StepError> {
        let absent = || {
            StepError::new(format!(
                "it succeeded, but did not make its declared output `{path}`"
            ))
        };
        let mut place = self.work.clone();
        let mut is_linked = false;
        for part in path.split('/') {
            place.push(part);
            is_linked |= place.symlink_metadata().map_err(|_| absent())?.is_symlink();
        }
        if !is_linked {
            return Ok(place);
        }
        let real = place.canonicalize().map_err(|_| absent())?;
        if self.work.canonicalize().is_ok_and(|work| real.starts_with(work)) {
            return Ok(real);
        }
        let message =
            format!("its output `{path}` is, or lies behind, a symbolic link that leaves its folder");
        Err(StepError::new(message))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        for folder in [&self.home, &self.work] {
            // A process may have made folders nobody may write to; then they are opened up first.
            if std::fs::remove_dir_all(folder).is_err() {
                open_up(folder);
                let _ = std::fs::remove_dir_all(folder);
            }
        }
    }
}

fn open_up(folder: &Path) {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let _ = std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700));
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        open.extend(
            entries
                .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()))
                .map(|e| e.path()),
        );
    }
}

/// Keeps the file or folder at `place`.
fn keep(place: &Path, store: &dyn Store) -> Result<Output, Error> {
    let there = place.metadata().map_err(Error::io("look at", place))?;
    if !there.is_dir() {
        let executable = there.permissions().mode() & 0o100 != 0;
        return Ok(Output::File {
            digest: store.put_file(place)?,
            executable,
        });
    }
    let tree = cas::capture(store, place)?;
    let messages = tree.messages();
    let others = messages.iter().filter(|(digest, _)| **digest != tree.root());
    let root = messages.get(&tree.root()).cloned().unwrap_or_default();
    let message = proto::Tree {
        root,
        children: others.map(|(_, bytes)| bytes.clone()).collect(),
    };
    let message = store.put(&message.encode_to_vec())?;
    Ok(Output::Tree {
        root: tree.root(),
        message,
    })
}

/// Copies a file while hashing it: what is digested is what was laid out.
fn copy(from: &Path, to: &Path, executable: bool) -> Result<Digest, Error> {
    let mut source = File::open(from).map_err(Error::io("read", from))?;
    let mode = if executable { 0o755 } else { 0o644 };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    let mut target = options.open(to).map_err(Error::io("create", to))?;
    let (mut hasher, mut buffer) = (Hasher::new(), vec![0; PIECE]);
    loop {
        let read = source.read(&mut buffer).map_err(Error::io("read", from))?;
        if read == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..read]);
        target
            .write_all(&buffer[..read])
            .map_err(Error::io("write", to))?;
    }
}

/// Folders that have been made, so that each is made once.
struct Folders {
    root: PathBuf,
    made: HashSet<String>,
}

impl Folders {
    fn ensure_parent(&mut self, path: &str) -> Result<(), Error> {
        path.rsplit_once('/')
            .map_or(Ok(()), |(parent, _)| self.ensure(parent))
    }

    fn ensure(&mut self, path: &str) -> Result<(), Error> {
        if path.is_empty() || self.made.contains(path) {
            return Ok(());
        }
        let place = self.root.join(path);
        std::fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
        self.made.insert(path.to_owned());
        Ok(())
    }
}
