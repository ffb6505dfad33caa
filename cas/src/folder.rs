//! Between real folders and trees: capture one, materialise the other.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::{Digest, Error, Result, Store, Tree, TreeBuilder, TreeNode, read_tree};

/// Keeps every file below `folder`, and the messages of the tree they make. Empty folders are kept, times and
/// owners are not; a file is executable if its owner may execute it.
///
/// # Errors
/// [`Error::UnsafePath`] for a name that is not UTF-8 or not plain, and for a symbolic link that leaves the
/// folder; an input/output error for anything that is neither file, folder nor link; whatever the store
/// answers.
pub fn capture(store: &dyn Store, folder: &Path) -> Result<Tree> {
    let mut builder = TreeBuilder::new();
    let mut pending = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = pending.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Error::io("list", &folder))? {
            let entry = entry.map_err(Error::io("list", &folder))?;
            let name = text(&entry.file_name())?;
            let path = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}/{name}")
            };
            if take(store, &mut builder, &entry, &path)? {
                pending.push((entry.path(), path));
            }
        }
    }
    let tree = builder.finish();
    tree.store(store)?;
    Ok(tree)
}

/// Adds one entry of a real folder; `true` if it is itself a folder, to be looked into.
fn take(store: &dyn Store, builder: &mut TreeBuilder, entry: &DirEntry, path: &str) -> Result<bool> {
    let real = entry.path();
    let kind = entry.file_type().map_err(Error::io("look at", &real))?;
    if kind.is_dir() {
        builder.directory(path)?;
    } else if kind.is_file() {
        let mode = entry
            .metadata()
            .map_err(Error::io("look at", &real))?
            .permissions()
            .mode();
        builder.file(path, store.put_file(&real)?, mode & 0o100 != 0)?;
    } else if kind.is_symlink() {
        let points_to = std::fs::read_link(&real).map_err(Error::io("read the link", &real))?;
        builder.symlink(path, &text(points_to.as_os_str())?)?;
    } else {
        let odd = "neither a file, a folder nor a symbolic link";
        return Err(Error::io("keep", &real)(std::io::Error::new(
            ErrorKind::Unsupported,
            odd,
        )));
    }
    Ok(kind.is_dir())
}

fn text(name: &OsStr) -> Result<String> {
    let unsafe_path = || Error::UnsafePath(name.to_string_lossy().into_owned());
    name.to_str().map(str::to_owned).ok_or_else(unsafe_path)
}

/// Writes the tree `root` into the folder `into`, which is made if need be; files that are there already are
/// replaced, others are left alone. `false` if a blob is absent or was damaged; some entries may have been
/// written by then. Nothing is ever written outside `into`: a symbolic link in the way is replaced, not
/// followed.
///
/// # Errors
/// [`Error::MalformedTree`]; an input/output error; whatever the store answers.
pub fn materialise(store: &dyn Store, root: Digest, into: &Path) -> Result<bool> {
    let Some(entries) = read_tree(store, root)? else {
        return Ok(false);
    };
    let files = entries.iter().filter_map(|entry| match entry.node {
        TreeNode::File { digest, .. } => Some(digest),
        _ => None,
    });
    let blobs: Vec<Digest> = files.collect::<BTreeSet<_>>().into_iter().collect();
    if !store.missing(&blobs)?.is_empty() {
        return Ok(false);
    }
    std::fs::create_dir_all(into).map_err(Error::io("create the folder", into))?;
    let mut folders = Folders {
        into,
        made: BTreeSet::new(),
    };
    for entry in &entries {
        let real = into.join(&entry.path);
        match &entry.node {
            TreeNode::Directory => folders.ensure(&entry.path)?,
            TreeNode::File { digest, executable } => {
                folders.ensure_parent(&entry.path)?;
                if !store.copy_to(digest, &real, *executable)? {
                    return Ok(false);
                }
            }
            TreeNode::Symlink { points_to } => {
                folders.ensure_parent(&entry.path)?;
                link(points_to, &real)?;
            }
        }
    }
    Ok(true)
}

fn link(points_to: &str, path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok_and(|old| !old.is_dir()) {
        std::fs::remove_file(path).map_err(Error::io("replace", path))?;
    }
    std::os::unix::fs::symlink(points_to, path).map_err(Error::io("create the link", path))
}

/// The folders known to be real ones.
struct Folders<'a> {
    into: &'a Path,
    made: BTreeSet<String>,
}

impl Folders<'_> {
    fn ensure_parent(&mut self, path: &str) -> Result<()> {
        path.rsplit_once('/')
            .map_or(Ok(()), |(parent, _)| self.ensure(parent))
    }

    fn ensure(&mut self, path: &str) -> Result<()> {
        if self.made.contains(path) {
            return Ok(());
        }
        self.ensure_parent(path)?;
        let real = self.into.join(path);
        match real.symlink_metadata() {
            Ok(there) if there.is_dir() => {}
            Ok(_) => {
                std::fs::remove_file(&real).map_err(Error::io("replace", &real))?;
                std::fs::create_dir(&real).map_err(Error::io("create the folder", &real))?;
            }
            Err(_) => std::fs::create_dir(&real).map_err(Error::io("create the folder", &real))?,
        }
        self.made.insert(path.to_owned());
        Ok(())
    }
}
