//! Which packages a commit belongs to: those whose folder is the longest that holds a changed file.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use model::{Commit, CommitRules, Package, PackageDecl};

use super::history::History;
use super::moved::{Later, Stay, settle, stays};
use super::scopes::{Parts, Scopes};
use crate::brought_back::release_of;

/// Somebody whom commits may belong to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) package: &'a Package,
    pub(super) declared: Option<&'a PackageDecl>,
    pub(super) rules: &'a CommitRules,
}

/// By owner, in the order given, the positions of the commits that belong to it, newest first; and where not all that a
/// commit says does, what of it.
///
/// A commit may belong to several owners, and two may share a folder. A package in the root gets only files that are
/// in no other package's folder; what is in nobody's folder belongs to nobody, unless somebody includes it. A commit
/// without any change belongs to a package in the root: somebody made it to have one released. A merge belongs to
/// those whose files it changes itself, unless git wrote its message and nobody reads that: what it brought is in the
/// log. Where scopes count, a commit whose scope names packages belongs to just those; in a squashed message that is asked
/// of every change for itself, and a revert belongs to whom that gave what it takes back.
pub(super) fn attribute(
    log: &[Commit],
    history: &History<'_>,
    owners: &[Owner<'_>],
) -> (Vec<Vec<u32>>, Parts) {
    let later = Later::of(history);
    let folders = Folders::of(log, owners, &later);
    let globs = Globs::of(owners);
    let mut scopes = Scopes::of(owners);
    let mut commits: Vec<Vec<u32>> = vec![Vec::new(); owners.len()];
    let mut included: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut parts = Parts::new();
    // The oldest first: a revert asks for what is older.
    let positions = 0..u32::try_from(log.len()).unwrap_or(u32::MAX);
    for (at, commit) in positions.zip(log).rev() {
        // What brings a release back says nothing new, whatever its message looks like.
        if release_of(&commit.message).is_some() {
            continue;
        }
        let named = scopes.named(commit, at, history, &commits);
        let is_silent = is_made_by_git(commit);
        let is_elsewhere = |owner: usize| {
            let is_named = !named.whole.is_empty() && !scopes.is_split(&named, owner);
            is_named && scopes.counts[owner] || is_silent && !owners[owner].rules.merges
        };
        let mut give = |owner: usize| {
            if commits[owner].last() != Some(&at) {
                commits[owner].push(at);
            }
        };
        let whole = named.whole.iter().copied();
        whole
            .filter(|owner| !scopes.is_split(&named, *owner))
            .for_each(&mut give);
        if commit.is_empty {
            let root = folders.find("", at).iter();
            root.filter(|stay| stay.holds(at, &later) && !is_elsewhere(stay.package))
                .for_each(|stay| give(stay.package));
        }
        let (mut last_folder, mut here) = (None, &[][..]);
        for path in &commit.paths {
            let folder = parent(path);
            // Paths are sorted, so files of one folder mostly follow one another.
            let is_same = last_folder.replace(folder) == Some(folder);
            if !is_same {
                here = folders.find(folder, at);
            }
            for stay in here {
                let owner = stay.package;
                let is_out = is_same && globs.exclude[owner].is_none()
                    || !stay.holds(at, &later)
                    || is_elsewhere(owner);
                if !is_out && !globs.excludes(owner, path) {
                    give(owner);
                }
            }
            if !globs.include.is_empty() {
                let by_glob = included.entry(path).or_insert_with(|| globs.includes(path));
                by_glob
                    .iter()
                    .filter(|owner| !is_elsewhere(**owner))
                    .for_each(|owner| give(*owner));
            }
        }
        scopes.divide(&named, at, &mut commits, &mut parts);
    }
    for commits in &mut commits {
        commits.reverse();
    }
    (commits, parts)
}

/// Who has which folder, and when.
struct Folders<'a> {
    by_path: HashMap<&'a str, Vec<Stay<'a>>>,
    later: &'a Later<'a>,
}

impl<'a> Folders<'a> {
    fn of(log: &'a [Commit], owners: &[Owner<'a>], later: &'a Later<'a>) -> Self {
        let packages: Vec<&Package> = owners.iter().map(|owner| owner.package).collect();
        let mut by_path: HashMap<&str, Vec<Stay<'a>>> = HashMap::new();
        for stay in stays(log, &packages) {
            by_path.entry(stay.folder).or_default().push(stay);
        }
        by_path.values_mut().for_each(|stays| settle(stays));
        Self { by_path, later }
    }

    /// Whose folder is the longest that holds `folder`, in a commit at that position; also those who have it at
    /// other times.
    fn find(&self, mut folder: &str, at: u32) -> &[Stay<'a>] {
        loop {
            if let Some(found) = self.by_path.get(folder)
                && found.iter().any(|stay| stay.holds(at, self.later))
            {
                return found;
            }
            if folder.is_empty() {
                return &[];
            }
            folder = parent(folder);
        }
    }
}

/// Files that count, or do not, because somebody says so.
struct Globs {
    include: GlobSet,
    /// Whose each pattern of `include` is.
    includers: Vec<usize>,
    exclude: Vec<Option<GlobSet>>,
}

impl Globs {
    fn of(owners: &[Owner<'_>]) -> Self {
        let mut includers = Vec::new();
        let mut patterns: Vec<&str> = Vec::new();
        let mut exclude = Vec::with_capacity(owners.len());
        for (index, owner) in owners.iter().enumerate() {
            let (included, excluded) = match owner.declared {
                Some(declared) => (&declared.include[..], &declared.exclude[..]),
                None => (&[][..], &[][..]),
            };
            patterns.extend(included.iter().map(String::as_str));
            includers.extend(included.iter().map(|_| index));
            let excluded: Vec<&str> = excluded.iter().map(String::as_str).collect();
            exclude.push((!excluded.is_empty()).then(|| set(&excluded)));
        }
        Self {
            include: set(&patterns),
            includers,
            exclude,
        }
    }

    fn excludes(&self, owner: usize, path: &str) -> bool {
        self.exclude[owner]
            .as_ref()
            .is_some_and(|globs| globs.is_match(path))
    }

    fn includes(&self, path: &str) -> Vec<usize> {
        let mut owners: Vec<usize> = self
            .include
            .matches(path)
            .into_iter()
            .map(|glob| self.includers[glob])
            .collect();
        owners.dedup();
        owners.retain(|owner| !self.excludes(*owner, path));
        owners
    }
}

/// Patterns were checked when the configuration was read; one that is none after all is taken as it is.
fn set(patterns: &[&str]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = |pattern: &str| GlobBuilder::new(pattern).literal_separator(true).build();
        if let Ok(glob) = glob(pattern).or_else(|_| glob(&globset::escape(pattern))) {
            builder.add(glob);
        }
    }
    builder.build().unwrap_or_default()
}

/// Whether git wrote the message of a merge.
pub(super) fn is_made_by_git(commit: &Commit) -> bool {
    commit.parents.len() > 1 && commit.message.trim_start().starts_with("Merge ")
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
