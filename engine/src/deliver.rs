//! Lays outputs down where people look for them: whole or not at all, and only if they are not there already.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use cas::{Digest, Store, TreeNode};

use crate::{Action, ActionResult, Error, Output, Result};

/// Delivers every output of `action` that has a place in `workspace`; `false` if the bytes of one are gone.
pub(crate) fn all(
    action: &Action,
    result: &ActionResult,
    store: &dyn Store,
    workspace: &Path,
) -> Result<bool> {
    for (output, place) in &action.deliver {
        let Some(output) = result.outputs.get(output) else {
            return Ok(false);
        };
        let place = workspace.join(place);
        let is_delivered = match output {
            Output::File { digest, executable } => file(digest, *executable, &place, store)?,
            Output::Tree { root, .. } => folder(root, &place, store)?,
        };
        if !is_delivered {
            return Ok(false);
        }
    }
    Ok(true)
}

fn file(digest: &Digest, executable: bool, place: &Path, store: &dyn Store) -> Result<bool> {
    if is_same_file(digest, executable, place) {
        return Ok(true);
    }
    let beside = beside(place)?;
    if !store.copy_to(digest, &beside, executable)? {
        return Ok(false);
    }
    if place.symlink_metadata().is_ok_and(|there| there.is_dir()) {
        std::fs::remove_dir_all(place).map_err(Error::io("replace", place))?;
    }
    std::fs::rename(&beside, place).map_err(Error::io("deliver", place))?;
    Ok(true)
}

fn folder(root: &Digest, place: &Path, store: &dyn Store) -> Result<bool> {
    match is_same_folder(root, place, store)? {
        None => return Ok(false),
        Some(true) => return Ok(true),
        Some(false) => {}
    }
    let beside = beside(place)?;
    remove(&beside)?;
    if !cas::materialise(store, *root, &beside)? {
        remove(&beside)?;
        return Ok(false);
    }
    // A folder cannot be replaced in one step; for a moment there is none.
    remove(place)?;
    std::fs::rename(&beside, place).map_err(Error::io("deliver", place))?;
    Ok(true)
}

/// Whether the file at `place` is the one that would be delivered. Sizes are compared first.
fn is_same_file(digest: &Digest, executable: bool, place: &Path) -> bool {
    let is_alike = place.symlink_metadata().is_ok_and(|there| {
        let may_execute = there.permissions().mode() & 0o100 != 0;
        there.is_file() && there.len() == digest.size() && may_execute == executable
    });
    is_alike
        && File::open(place)
            .and_then(Digest::of_reader)
            .is_ok_and(|found| found == *digest)
}

/// Whether the folder at `place` is the one that would be delivered; `None` if that one is gone.
fn is_same_folder(root: &Digest, place: &Path, store: &dyn Store) -> Result<Option<bool>> {
    let Some(entries) = cas::read_tree(store, *root)? else {
        return Ok(None);
    };
    let Some(there) = leaves(place) else {
        return Ok(Some(false));
    };
    if there.len() != entries.len() {
        return Ok(Some(false));
    }
    let is_same = entries.iter().all(|entry| {
        let place = place.join(&entry.path);
        match &entry.node {
            TreeNode::File { digest, executable } => is_same_file(digest, *executable, &place),
            TreeNode::Symlink { points_to } => place.read_link().is_ok_and(|to| to == Path::new(points_to)),
            TreeNode::Directory => place.symlink_metadata().is_ok_and(|there| there.is_dir()),
        }
    });
    Ok(Some(is_same))
}

/// Everything in the folder that is not a folder, and empty folders; `None` if it cannot be listed.
fn leaves(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut leaves = Vec::new();
    if !folder.symlink_metadata().ok()?.is_dir() {
        return None;
    }
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let mut is_empty = true;
        for entry in std::fs::read_dir(&next).ok()? {
            let entry = entry.ok()?;
            is_empty = false;
            if entry.file_type().ok()?.is_dir() {
                open.push(entry.path());
            } else {
                leaves.push(entry.path());
            }
        }
        if is_empty && next != folder {
            leaves.push(next);
        }
    }
    Some(leaves)
}

/// A place in the same folder, which is made, for what is not whole yet.
fn beside(place: &Path) -> Result<PathBuf> {
    let folder = place.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    Ok(folder.join(format!(".{name}.releasekit-{}", std::process::id())))
}

fn remove(place: &Path) -> Result<()> {
    match place.symlink_metadata() {
        Ok(there) if there.is_dir() => std::fs::remove_dir_all(place).map_err(Error::io("replace", place)),
        Ok(_) => std::fs::remove_file(place).map_err(Error::io("replace", place)),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cas::Memory;

    #[test]
    fn a_file_is_replaced_only_if_it_differs() {
        let (store, folder) = (Memory::new(), tempfile::tempdir().expect("a temporary folder"));
        let place = folder.path().join("deep/a");
        let digest = store.put(b"new").expect("memory takes all");
        assert!(file(&digest, true, &place, &store).expect("delivered"));
        let first = place.metadata().expect("there").modified().expect("a time");
        assert!(file(&digest, true, &place, &store).expect("delivered"));
        assert_eq!(
            place.metadata().expect("there").modified().expect("a time"),
            first
        );
        std::fs::write(&place, b"old").expect("it can be written");
        assert!(file(&digest, true, &place, &store).expect("delivered"));
        assert_eq!(std::fs::read(&place).expect("there"), b"new");
        assert!(!file(&Digest::of(b"gone"), true, &place, &store).expect("refused"));
        assert_eq!(std::fs::read(&place).expect("there"), b"new");
        assert_eq!(
            leaves(folder.path()).expect("listed").len(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_folder_is_delivered_whole() {
        let (store, scratch) = (Memory::new(), tempfile::tempdir().expect("a temporary folder"));
        let made = scratch.path().join("made");
        std::fs::create_dir_all(made.join("sub/empty")).expect("made");
        std::fs::write(made.join("sub/a"), b"a").expect("written");
        let tree = cas::capture(&store, &made).expect("captured");
        let place = scratch.path().join("site");
        std::fs::create_dir(&place).expect("made");
        std::fs::write(place.join("stale"), b"x").expect("written");
        assert!(folder(&tree.root(), &place, &store).expect("delivered"));
        assert!(!place.join("stale").exists() && place.join("sub/empty").is_dir());
        assert_eq!(
            is_same_folder(&tree.root(), &place, &store).expect("compared"),
            Some(true)
        );
        std::fs::write(place.join("sub/more"), b"x").expect("written");
        assert_eq!(
            is_same_folder(&tree.root(), &place, &store).expect("compared"),
            Some(false)
        );
    }
}
