//! Where packages lived, and when: a package may have had another folder before, and somebody else may have had its own.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use model::{Commit, Package};

use super::history::History;

/// A time during which a folder was a package's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay<'a> {
    /// Which package, by its place in the list.
    pub(super) package: usize,
    pub(super) folder: &'a str,
    /// The commit that took it elsewhere, if one did.
    left: Option<u32>,
    /// The commit after which it was there, and whether that brought it; none if that is not known.
    came: Option<(u32, bool)>,
}

/// What follows a commit, by its position; found when somebody asks.
pub(super) struct Later<'a> {
    history: &'a History<'a>,
    known: RefCell<HashMap<u32, Vec<bool>>>,
}

impl<'a> Later<'a> {
    pub(super) fn of(history: &'a History<'a>) -> Self {
        let known = RefCell::default();
        Self { history, known }
    }

    /// Whether the commit at a position comes after another one: not if each is on a branch of its own.
    fn is_after(&self, at: u32, other: u32) -> bool {
        let mut known = self.known.borrow_mut();
        known.entry(other).or_insert_with(|| self.history.after(other))[at as usize]
    }
}

impl Stay<'_> {
    /// Whether a commit at that position is of that time.
    pub(super) fn holds(&self, at: u32, later: &Later<'_>) -> bool {
        let is_gone = self.left.is_some_and(|left| later.is_after(at, left));
        let is_there = self
            .came
            .is_none_or(|(came, by_it)| by_it && at == came || later.is_after(at, came));
        is_there && !is_gone
    }
}

/// Where packages lived during a log (newest first): where they are now, until a commit that adds their manifest and
/// removes a file of the same name at one place brought them from there. If it removes several, as when all packages
/// move at once, the one counts whose folder has the same name.
///
/// Whoever is in a folder that somebody moved out of came later than that. A manifest that is added and comes from
/// nowhere ends nothing: it may be there again, or be of another kind than the one before.
pub(super) fn stays<'a>(log: &'a [Commit], packages: &[&'a Package]) -> Vec<Stay<'a>> {
    let now = |(package, at): (usize, &&'a Package)| Stay {
        package,
        folder: &at.path,
        left: None,
        came: None,
    };
    let mut stays: Vec<Stay<'a>> = packages.iter().enumerate().map(now).collect();
    // Whose manifest a place is, by the number of the stay, as far as the log was read.
    let mut at_place: HashMap<&str, Vec<usize>> = HashMap::new();
    for (stay, package) in packages.iter().enumerate() {
        at_place.entry(&package.manifest).or_default().push(stay);
    }
    for (at, commit) in (0..).zip(log) {
        if commit.added.is_empty() || commit.removed.is_empty() {
            continue;
        }
        let mut moved: Vec<(Vec<usize>, &str)> = Vec::new();
        for place in &commit.added {
            if at_place.contains_key(place.as_str())
                && let Some(from) = origin(place, &commit.removed)
            {
                moved.push((at_place.remove(place.as_str()).unwrap_or_default(), from));
            }
        }
        let left: BTreeSet<&str> = moved.iter().map(|(_, from)| *from).collect();
        for newcomer in left.iter().filter_map(|from| at_place.remove(from)).flatten() {
            stays[newcomer].came = Some((at, false));
        }
        for (movers, from) in moved {
            for mover in movers {
                stays[mover].came = Some((at, true));
                at_place.entry(from).or_default().push(stays.len());
                stays.push(Stay {
                    package: stays[mover].package,
                    folder: split(from).0,
                    left: Some(at),
                    came: None,
                });
            }
        }
    }
    stays
}

/// Settles who had one folder when, among those who ever did: where nobody else is known to have lived there before, all of
/// the past is that of whoever came, because the same move may have been made on several branches.
pub(super) fn settle(stays: &mut [Stay<'_>]) {
    let all = stays.to_vec();
    for stay in stays {
        let is_other =
            |other: &Stay<'_>| other.package != stay.package && other.left >= stay.came.map(|(came, _)| came);
        if !all.iter().any(is_other) {
            stay.came = None;
        }
    }
}

/// Which of the files that a commit removes the one at `place` was.
fn origin<'a>(place: &str, removed: &'a [String]) -> Option<&'a str> {
    let (folder, name) = split(place);
    let is_alike = |path: &&str| split(path).1 == name;
    let removed: Vec<&str> = removed.iter().map(String::as_str).filter(is_alike).collect();
    if let [only] = removed[..] {
        return Some(only);
    }
    let mut alike = removed
        .into_iter()
        .filter(|path| split(split(path).0).1 == split(folder).1);
    let first = alike.next()?;
    alike.next().is_none().then_some(first)
}

/// A path as its folder and its name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
