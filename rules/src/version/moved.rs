//! Packages that had another folder before.

use std::collections::{BTreeSet, HashMap};

use model::{Commit, Package};

/// A folder that a package had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// Which package, by its place in the list.
    pub(super) package: usize,
    /// Its folder before.
    pub(super) folder: String,
    /// The position in the log from which on, towards older commits, it had that folder.
    pub(super) from: u32,
}

/// The moves in a log (newest first): a commit that touches a package's manifest, and a file of the same name at
/// exactly one place where there is none any more, brought it from there. If it touches several such places, as when
/// all packages move at once, the one counts whose folder has the same name.
pub(super) fn moves(log: &[Commit], packages: &[&Package], exists: &dyn Fn(&str) -> bool) -> Vec<Move> {
    let mut at_place: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in packages.iter().enumerate() {
        at_place.entry(&package.manifest).or_default().push(index);
    }
    let names: BTreeSet<&str> = packages
        .iter()
        .map(|package| split(&package.manifest).1)
        .collect();
    let mut moves = Vec::new();
    let mut manifests: Vec<&str> = Vec::new();
    for (at, commit) in (0..).zip(log) {
        let is_manifest = |path: &&str| names.contains(split(path).1);
        manifests.clear();
        manifests.extend(commit.paths.iter().map(String::as_str).filter(is_manifest));
        if manifests.len() < 2 {
            continue;
        }
        let mut found: Vec<(&str, &str)> = Vec::new();
        for place in &manifests {
            if at_place.contains_key(place)
                && let Some(before) = before(place, &manifests, &at_place, exists)
            {
                found.push((place, before));
            }
        }
        for (place, before) in found {
            let movers = at_place.remove(place).unwrap_or_default();
            moves.extend(movers.iter().map(|package| Move {
                package: *package,
                folder: split(before).0.to_owned(),
                from: at,
            }));
            at_place.insert(before, movers);
        }
    }
    moves
}

/// Where the file at `place` came from in a commit that touches these files.
fn before<'a>(
    place: &str,
    touched: &[&'a str],
    taken: &HashMap<&str, Vec<usize>>,
    exists: &dyn Fn(&str) -> bool,
) -> Option<&'a str> {
    let (folder, name) = split(place);
    let is_gone = |path: &&str| split(path).1 == name && !taken.contains_key(path) && !exists(path);
    let gone: Vec<&str> = touched.iter().copied().filter(is_gone).collect();
    if let [only] = gone[..] {
        return Some(only);
    }
    let mut alike = gone
        .into_iter()
        .filter(|path| split(split(path).0).1 == split(folder).1);
    let first = alike.next()?;
    alike.next().is_none().then_some(first)
}

/// A path as its folder and its name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
