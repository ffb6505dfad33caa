//! Finding programs in an environment that is given, never in our own.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The program of that name on the search path (`PATH`) of `env`. Entries that are empty or relative mean
/// whatever folder one happens to be in, and are passed over.
pub(crate) fn find_program(program: &str, env: &BTreeMap<String, String>) -> Option<PathBuf> {
    if program.is_empty() || program.contains(['/', '\0']) {
        return None;
    }
    let folders = env
        .get("PATH")?
        .split(':')
        .map(Path::new)
        .filter(|folder| folder.is_absolute());
    folders
        .map(|folder| folder.join(program))
        .find(|path| is_program(path))
}

/// Whether there is a file that somebody may execute.
pub(crate) fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_folders_are_searched() {
        let env = |path: &str| BTreeMap::from([("PATH".to_owned(), path.to_owned())]);
        assert_eq!(
            find_program("sh", &env("::.:/nonexistent:/bin")),
            Some(PathBuf::from("/bin/sh"))
        );
        assert_eq!(find_program("sh", &env(".:bin")), None);
        assert_eq!(find_program("bin/sh", &env("/")), None);
        assert_eq!(find_program("sh", &BTreeMap::new()), None);
    }
}
