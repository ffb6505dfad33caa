//! Files of a commit, written into a working tree: whole, and never through a symbolic link.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use engine::StepError;

use crate::host::io_error;

/// No part of the path may be a symbolic link on disk: writing would end up elsewhere.
pub(super) fn check_links(root: &Path, path: &str) -> Result<(), StepError> {
    let mut there = root.to_path_buf();
    for part in path.split('/') {
        there.push(part);
        if there.symlink_metadata().is_ok_and(|about| about.is_symlink()) {
            return Err(
                StepError::new(format!("`{}` is a symbolic link", there.display()))
                    .hint("only regular files in folders of the repository are written"),
            );
        }
    }
    Ok(())
}

/// Writes a file and the folders above it. A file that is new may be made `executable`; another keeps its mode.
pub(super) fn lay_out(file: &Path, bytes: &[u8], executable: bool) -> Result<(), StepError> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
    if std::fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let is_new = !file.exists();
    cas::write_atomically(file, bytes).map_err(|error| StepError::new(error.to_string()))?;
    if is_new && executable {
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(file, mode).map_err(io_error("set the mode of", file))?;
    }
    Ok(())
}
