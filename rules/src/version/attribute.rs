//! Which packages a commit belongs to: those whose folder is the longest that holds a changed file.

use std::collections::HashMap;

use model::{Commit, Package};

/// By package, in the order given, the positions of the commits that belong to it, newest first.
///
/// A commit may belong to several packages, and two packages may share a folder. A package in the root gets only
/// files that are in no other package's folder. Merges change nothing themselves: what they brought is in the log.
pub(crate) fn attribute(log: &[Commit], packages: &[&Package]) -> Vec<Vec<u32>> {
    let mut owners: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in packages.iter().enumerate() {
        owners.entry(package.path.as_str()).or_default().push(index);
    }
    let mut commits: Vec<Vec<u32>> = vec![Vec::new(); packages.len()];
    for (at, commit) in (0..).zip(log) {
        let mut last_folder = None;
        for path in &commit.paths {
            let folder = parent(path);
            // Paths are sorted, so files of one folder mostly follow one another.
            if last_folder.replace(folder) == Some(folder) {
                continue;
            }
            for &owner in owner(&owners, folder) {
                if commits[owner].last() != Some(&at) {
                    commits[owner].push(at);
                }
            }
        }
    }
    commits
}

fn owner<'a>(owners: &'a HashMap<&str, Vec<usize>>, mut folder: &str) -> &'a [usize] {
    loop {
        if let Some(found) = owners.get(folder) {
            return found;
        }
        if folder.is_empty() {
            return &[];
        }
        folder = parent(folder);
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
