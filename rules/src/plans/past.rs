//! Version plans that history alone knows: those of released versions, and those that pre-releases took in.

use std::collections::{BTreeMap, BTreeSet};

use model::{Bump, Commit, CommitId, Diagnostic, Package, PackageId, Tag, Version, VersionPlan};

use super::{is_plan, read};
use crate::brought_back::release_of;
use crate::changelog::own_changelog;
use crate::version::{History, PlannedVersion, VersionInput, tagged_versions};

/// A file, by the commit that holds it and its path.
type Place = (CommitId, String);

/// Writes into versions which plans they took in, beside those of the working tree: those that a commit of a release
/// deleted since the version before, and for `released` versions also those that are there at their tags. A plan that
/// was just so at the version before was part of that one.
///
/// A commit of a release is one that we made, one that writes the package's changelog, one that has the tag of another
/// version, and the one that is released, where its version was written before. `contents` gives the bytes of files in commits, and is asked once if
/// at all. Plans that cannot be read are told as warnings.
///
/// # Errors
/// What `contents` says.
pub fn recall<E>(
    input: &VersionInput<'_>,
    planned: &mut [PlannedVersion],
    released: bool,
    contents: impl FnOnce(&[Place]) -> Result<Vec<Option<Vec<u8>>>, E>,
) -> Result<Vec<Diagnostic>, E> {
    let touched = touched(input);
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let past = Past::of(input, touched);
    let trails: Vec<Vec<Trail<'_>>> = planned
        .iter()
        .map(|version| match version.bump {
            Bump::None => Vec::new(),
            _ => past.trails(version, released),
        })
        .collect();
    let places: BTreeSet<Place> = trails.iter().flatten().flat_map(Trail::places).collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<Place> = places.into_iter().collect();
    let texts = contents(&places)?.into_iter().map(|bytes| {
        let bytes = bytes?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    });
    let known: BTreeMap<Place, Option<String>> = places.into_iter().zip(texts).collect();
    let mut wrong = Vec::new();
    for (version, trails) in planned.iter_mut().zip(&trails) {
        let Some(package) = input.workspace.get(&version.package) else {
            continue;
        };
        version.earlier_plans = Vec::new();
        for trail in trails {
            for (commit, text) in trail.taken_in(&known) {
                match read(&[(trail.file.to_owned(), text.to_owned())]) {
                    Ok(plans) => version
                        .earlier_plans
                        .extend(plans.into_iter().filter(|plan| names(plan, package))),
                    Err(found) => wrong.extend(found.into_iter().map(|found| unreadable(found, commit))),
                }
            }
        }
    }
    wrong.dedup();
    Ok(wrong)
}

fn names(plan: &VersionPlan, package: &Package) -> bool {
    let whole = package.id.to_string();
    plan.bumps
        .iter()
        .any(|(name, _)| name == package.name() || *name == whole)
}

fn unreadable(found: Diagnostic, commit: &CommitId) -> Diagnostic {
    let message = format!("left out, as it was at {}: {}", commit.short(), found.message);
    Diagnostic::warning(message, found.location)
}

/// What the log says of plans.
struct Past<'a> {
    input: &'a VersionInput<'a>,
    history: History<'a>,
    /// By plan, the commits that touched it.
    touched: BTreeMap<&'a str, Vec<u32>>,
    tagged: BTreeMap<PackageId, Vec<(Version, &'a Tag)>>,
}

/// One file since the version before.
struct Trail<'a> {
    file: &'a str,
    /// The commit of the version before.
    since: Option<&'a CommitId>,
    /// Commits that may have taken it in, each with the one before it; the oldest first.
    takers: Vec<(&'a CommitId, &'a CommitId)>,
    /// The commit it is released from, if it is part of that as it is there.
    end: Option<&'a CommitId>,
}

/// By plan, the commits that touched it.
fn touched<'a>(input: &VersionInput<'a>) -> BTreeMap<&'a str, Vec<u32>> {
    let prefix = format!("{}/", input.train.plans_dir);
    let is_one = |path: &&String| {
        path.strip_prefix(&prefix)
            .is_some_and(|name| !name.contains('/') && is_plan(name))
    };
    let mut touched: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (at, commit) in (0..).zip(input.log) {
        for path in commit.paths.iter().filter(is_one) {
            touched.entry(path).or_default().push(at);
        }
    }
    touched
}

impl<'a> Past<'a> {
    fn of(input: &'a VersionInput<'a>, touched: BTreeMap<&'a str, Vec<u32>>) -> Self {
        Self {
            history: History::of(input.log, input.beside, input.head),
            tagged: tagged_versions(input.workspace, input.tags, input.train, input.config),
            touched,
            input,
        }
    }

    /// The plans that were touched since the version before.
    fn trails(&self, planned: &PlannedVersion, released: bool) -> Vec<Trail<'a>> {
        let tagged = |name: &String| self.input.tags.iter().find(|tag| tag.name == *name);
        let since = planned.last_tag.as_ref().and_then(tagged).map(|tag| &tag.commit);
        let head = match tagged(&planned.tag).filter(|_| released) {
            Some(tag) => Some(&tag.commit),
            None => self.input.head,
        };
        let Some((head, head_at)) = head.and_then(|head| Some((head, self.history.find(head)?))) else {
            return Vec::new();
        };
        let tips: Vec<u32> = [head_at]
            .into_iter()
            .chain(since.and_then(|since| self.history.find_anywhere(since)))
            .collect();
        let marks = self.history.contained_in(&tips);
        let is_new = |at: u32| marks[at as usize] == 1;
        let takes_in = released || planned.next == planned.manifest;
        let others = self.others(planned);
        let package = self.input.workspace.get(&planned.package);
        let changelog = package.map(|package| own_changelog(self.input.train, package));
        let is_taker = |at: u32, commit: &Commit| {
            let is_own = || at == head_at && takes_in || others.contains(&commit.id);
            let is_written = || commit.paths.iter().any(|path| Some(path) == changelog.as_ref());
            is_new(at) && (is_own() || is_written() || release_of(&commit.message).is_some())
        };
        let mut takers: Vec<(u32, &'a Commit)> = (0..)
            .zip(self.input.log)
            .filter(|(at, commit)| is_taker(*at, commit))
            .collect();
        takers.sort_by_key(|(at, _)| std::cmp::Reverse(self.history.rank(*at)));
        let touched = self.touched.iter();
        let new = touched.filter(|(_, commits)| commits.iter().any(|at| is_new(*at)));
        new.map(|(file, commits)| Trail {
            file,
            since,
            takers: takers
                .iter()
                // A merge brings what was deleted beside it.
                .filter(|(at, commit)| commit.parents.len() > 1 || commits.contains(at))
                .filter_map(|(_, commit)| Some((&commit.id, commit.parents.first()?)))
                .collect(),
            end: released.then_some(head),
        })
        .collect()
    }

    /// The commits that a package's other versions were released from. What a release does may not depend on how far it
    /// got: its own tag says nothing.
    fn others(&self, planned: &PlannedVersion) -> BTreeSet<&'a CommitId> {
        let tags = self.tagged.get(&planned.package).into_iter().flatten();
        let others = tags.filter(|(version, _)| *version != planned.next);
        others.map(|(_, tag)| &tag.commit).collect()
    }
}

impl<'a> Trail<'a> {
    /// Where it has to be looked at; nowhere if nothing can have taken it in.
    fn places(&self) -> Vec<Place> {
        let takers = self.takers.iter().flat_map(|(taker, before)| [*taker, *before]);
        let commits: Vec<&CommitId> = takers.chain(self.end).collect();
        let since = self.since.filter(|_| !commits.is_empty());
        commits
            .into_iter()
            .chain(since)
            .map(|commit| (commit.clone(), self.file.to_owned()))
            .collect()
    }

    /// The texts that the version took in, each with a commit that holds it.
    fn taken_in<'k>(&self, known: &'k BTreeMap<Place, Option<String>>) -> Vec<(&'a CommitId, &'k str)> {
        let at = |commit: &CommitId| {
            let place = (commit.clone(), self.file.to_owned());
            known.get(&place).and_then(Option::as_deref)
        };
        let mut released = self.since.and_then(at);
        let mut found = Vec::new();
        for (taker, before) in &self.takers {
            let Some(text) = at(before).filter(|_| at(taker).is_none()) else {
                continue;
            };
            if released != Some(text) {
                found.push((*before, text));
            }
            released = None;
        }
        if let Some((end, text)) = self.end.and_then(|end| Some((end, at(end)?)))
            && released != Some(text)
        {
            found.push((end, text));
        }
        found
    }
}
