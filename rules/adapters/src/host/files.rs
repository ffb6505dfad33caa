//! What the file system refused, as a step's error.

use std::io;
use std::path::Path;

use engine::StepError;

/// Wraps an input/output error with what was being done ("read"), and to which path. A refusal that will be
/// repeated, such as a missing permission, is final; anything else may pass.
pub(crate) fn io_error(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> StepError {
    let what = format!("cannot {doing} `{}`", path.display());
    move |source| {
        let message = format!("{what}: {source}");
        match source.kind() {
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput => StepError::new(message),
            _ => StepError::transient(message),
        }
    }
}
