//! Which versions were tagged: every package's tags, as the train writes them, as it did before, and as other tools do.

use std::cell::LazyCell;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};

use model::{
    Commit, CommitId, Config, Package, Tag, TrainDecl, Version, VersionPlan, Workspace, tagged_version,
};

use super::history::History;
use super::line::is_step;
use super::settings::Setting;
use super::shapes::{Named, Rank, Shapes};
use crate::groups::Groups;

/// A version that a tag names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tagged<'a> {
    pub(super) tag: &'a Tag,
    /// The version, among those read for its package.
    pub(super) version: &'a Version,
}

/// The tags of every package, the best last: by version, then by how well they name it.
#[derive(Debug)]
pub(super) struct Tags<'a> {
    by_package: Vec<Vec<(Version, Rank, &'a Tag)>>,
}

/// Packages, by what stands before and after the version in their tags.
type Affixes = HashMap<String, HashMap<String, (Rank, Vec<usize>)>>;

impl<'a> Tags<'a> {
    /// Reads the tags of `packages`.
    pub(super) fn read(
        tags: &'a [Tag],
        packages: &[&Package],
        settings: &[Setting<'_>],
        train: &TrainDecl,
    ) -> Self {
        let former: Vec<&[String]> = settings
            .iter()
            .map(|setting| {
                setting
                    .declared
                    .map_or(&[][..], |declared| &declared.former_names)
            })
            .collect();
        let declared = declared(packages, &former, train);
        // Most repositories have no others.
        let shapes = LazyCell::new(|| Shapes::of(packages, &former));
        let umbrella = train
            .tags
            .umbrella
            .as_ref()
            .map(|umbrella| umbrella.format.around("", &train.name));
        let mut read = Self {
            by_package: vec![Vec::new(); packages.len()],
        };
        let mut bare = Vec::new();
        for tag in tags {
            if let Some((version, rank, members)) = best(&declared, &tag.name) {
                members
                    .iter()
                    .for_each(|index| read.by_package[*index].push((version.clone(), rank, tag)));
                continue;
            }
            let is_umbrella = umbrella.as_ref().is_some_and(|(before, after)| {
                let text = tag
                    .name
                    .strip_prefix(before.as_str())
                    .and_then(|rest| rest.strip_suffix(after.as_str()));
                text.and_then(tagged_version).is_some()
            });
            match shapes.read(&tag.name).filter(|_| !is_umbrella) {
                Some((Named::Packages(members, rank), version)) => {
                    members
                        .iter()
                        .for_each(|index| read.by_package[*index].push((version.clone(), rank, tag)));
                }
                Some((Named::Nobody, version)) => bare.push((version, Rank::Bare, tag)),
                None => {}
            }
        }
        bare.sort();
        read.give_bare(&bare, packages, settings);
        read.by_package.iter_mut().for_each(|tags| tags.sort());
        read
    }

    /// Gives tags that name nobody to packages that nothing else names: to all of them where nobody has a tag of
    /// its own and all have one version, or there is only one; else to those whose manifest is at one of those
    /// versions; and where only one version is left among packages without tags, to those that are not behind it.
    fn give_bare(
        &mut self,
        bare: &[(Version, Rank, &'a Tag)],
        packages: &[&Package],
        settings: &[Setting<'_>],
    ) {
        let Some((greatest, _, _)) = bare
            .iter()
            .rev()
            .find(|(version, _, _)| !version.is_prerelease())
            .or(bare.last())
        else {
            return;
        };
        let released = || (0..packages.len()).filter(|index| settings[*index].is_released);
        let unnamed: Vec<usize> = released()
            .filter(|index| self.by_package[*index].is_empty())
            .collect();
        let versions: BTreeSet<&Version> = unnamed.iter().map(|index| &packages[*index].version).collect();
        let is_everybody = unnamed.len() == released().count();
        for index in unnamed {
            let own = &packages[index].version;
            let is_lockstep = versions.len() == 1 && (is_everybody || own.release() >= greatest.release());
            if is_lockstep || bare.iter().any(|(version, _, _)| version == own) {
                self.by_package[index].extend(bare.iter().cloned());
            }
        }
    }

    /// The tag of a package that counts the most: the greatest version of those that lead to the head; of two tags
    /// on one version the one that leads there, then the one in the train's own format.
    ///
    /// A tag that is not in the log leads to the head all the same, unless the log is closed: history before the
    /// log may be left out (see [`is_enough`]). If no tag leads there, the greatest of all counts: better too high
    /// than taken twice. `counts` says which versions matter, `order` which is greater.
    pub(super) fn last(
        &self,
        index: usize,
        history: &History<'_>,
        counts: impl Fn(&Version) -> bool,
        order: impl Fn(&Version, &Version) -> Ordering,
    ) -> Option<Tagged<'_>> {
        let all = || {
            self.by_package[index]
                .iter()
                .filter(|(version, _, _)| counts(version))
        };
        let leading = greatest(all().filter(|(_, _, tag)| history.may_lead(&tag.commit)), &order);
        leading.or_else(|| greatest(all(), &order))
    }

    /// The greatest step towards a release that was tagged and leads to the head.
    pub(super) fn step(
        &self,
        index: usize,
        history: &History<'_>,
        order: impl Fn(&Version, &Version) -> Ordering,
    ) -> Option<&Version> {
        let all = self.by_package[index].iter();
        let steps = all.filter(|(version, _, tag)| is_step(version) && history.may_lead(&tag.commit));
        greatest(steps, &order).map(|step| step.version)
    }

    /// The same, if it is greater than every release that leads to the head.
    pub(super) fn open(
        &self,
        index: usize,
        history: &History<'_>,
        order: impl Fn(&Version, &Version) -> Ordering,
    ) -> Option<&Version> {
        let is_release = |version: &Version| !version.is_prerelease();
        let release = self.last(index, history, is_release, &order);
        let step = self.step(index, history, &order)?;
        let is_greater = |release: Tagged<'_>| order(step, release.version) == Ordering::Greater;
        release.is_none_or(is_greater).then_some(step)
    }

    /// All tags of a package.
    pub(super) fn all(&self, index: usize) -> impl Iterator<Item = Tagged<'_>> {
        let all = self.by_package[index].iter();
        all.map(|(version, _, tag)| Tagged { tag, version })
    }

    /// The tags its next version may be counted from: the greatest release and, if that is greater, the greatest
    /// pre-release. `None` if it may be the first release.
    fn needed(&self, index: usize) -> Option<Vec<&'a Tag>> {
        let all = &self.by_package[index];
        let greatest = all.last()?;
        let release = all.iter().rev().find(|(version, _, _)| !version.is_prerelease());
        let needed = [release?, greatest];
        Some(needed.map(|(_, _, tag)| *tag).into())
    }
}

fn greatest<'t>(
    tags: impl Iterator<Item = &'t (Version, Rank, &'t Tag)>,
    order: &impl Fn(&Version, &Version) -> Ordering,
) -> Option<Tagged<'t>> {
    let greatest = tags.max_by(|one, other| order(&one.0, &other.0).then(one.1.cmp(&other.1)));
    greatest.map(|(version, _, tag)| Tagged { tag, version })
}

/// The tags in the formats of the train.
fn declared(packages: &[&Package], former: &[&[String]], train: &TrainDecl) -> Affixes {
    let mut affixes = Affixes::new();
    let tags = &train.tags;
    let own = std::iter::once((&train.tag_format, Rank::Own));
    let others = tags.secondary.iter().map(|format| (format, Rank::Secondary));
    for (format, rank) in own
        .chain(others)
        .chain(tags.former.iter().map(|format| (format, Rank::Former)))
    {
        for (index, package) in packages.iter().enumerate() {
            let names = former[index].iter().map(|name| (name.as_str(), Rank::Former));
            for (name, rank) in std::iter::once((package.name(), rank)).chain(names) {
                let (before, after) = format.around(&package.id.ecosystem, name);
                let (best, members) = affixes
                    .entry(before)
                    .or_default()
                    .entry(after)
                    .or_insert((rank, Vec::new()));
                if rank > *best {
                    *best = rank;
                    members.clear();
                }
                if rank == *best && members.last() != Some(&index) {
                    members.push(index);
                }
            }
        }
    }
    affixes
}

/// Whose tag it is, in a format of the train: those whose format fills the most of it, so that `a-b` is not mistaken
/// for `b` in `{version}-{name}`.
fn best<'t>(declared: &'t Affixes, tag: &str) -> Option<(Version, Rank, &'t [usize])> {
    let mut best: Option<(usize, Version, Rank, &[usize])> = None;
    for at in (0..tag.len()).filter(|at| tag.is_char_boundary(*at)) {
        let (before, rest) = tag.split_at(at);
        let Some(afters) = declared.get(before) else {
            continue;
        };
        let mut take = |text: &str, (rank, members): &'t (Rank, Vec<usize>)| {
            let filled = tag.len() - text.len();
            if best.as_ref().is_none_or(|best| filled > best.0)
                && let Some(version) = tagged_version(text)
            {
                best = Some((filled, version, *rank, members));
            }
        };
        if afters.len() == 1 {
            for (after, owners) in afters {
                if let Some(text) = rest.strip_suffix(after.as_str()) {
                    take(text, owners);
                }
            }
            continue;
        }
        for end in (0..=rest.len()).filter(|end| rest.is_char_boundary(*end)) {
            if let Some(owners) = afters.get(&rest[end..]) {
                take(&rest[..end], owners);
            }
        }
    }
    best.map(|(_, version, rank, members)| (version, rank, members))
}

/// The commits that a log has to lead back to, so that versions can be planned from it: for [`model::Vcs::log`].
/// Empty, which means everything, if a package that can be released has no tag yet.
#[must_use]
pub fn oldest_needed(
    workspace: &Workspace,
    tags: &[Tag],
    train: &TrainDecl,
    config: Option<&Config>,
) -> Vec<CommitId> {
    let packages: Vec<&Package> = workspace.packages().filter(|package| !package.private).collect();
    let groups = config.map(Groups::of);
    let (settings, _) = super::settings::settings(&packages, groups.as_ref(), train);
    let read = Tags::read(tags, &packages, &settings, train);
    let needed: Option<Vec<Vec<&Tag>>> = (0..packages.len()).map(|index| read.needed(index)).collect();
    let needed = needed.unwrap_or_default().into_iter().flatten();
    let commits: BTreeSet<CommitId> = needed.map(|tag| tag.commit.clone()).collect();
    commits.into_iter().collect()
}

/// Whether a log that leads back to `since` says enough: whether all of those lead to the head, and every version
/// plan is in it. If not, versions have to be planned from the whole log, or a tag on another branch would be taken for
/// one that leads here.
#[must_use]
pub fn is_enough(log: &[Commit], since: &[CommitId], head: Option<&CommitId>, plans: &[VersionPlan]) -> bool {
    let known: HashSet<&CommitId> = log.iter().map(|commit| &commit.id).collect();
    let parents = log.iter().flat_map(|commit| &commit.parents);
    let boundary: HashSet<&CommitId> = parents.filter(|parent| !known.contains(parent)).collect();
    if boundary.is_empty() && head.is_none_or(|head| known.contains(head)) {
        return true;
    }
    let leads =
        |commit: &CommitId| known.contains(commit) || boundary.contains(commit) || Some(commit) == head;
    let is_there = |plan: &VersionPlan| log.iter().any(|commit| commit.paths.contains(&plan.file));
    since.iter().all(leads) && plans.iter().all(is_there)
}
