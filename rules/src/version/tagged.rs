//! Which versions were tagged: every package's tags, as the train writes them, as it did before, and as other tools do.

use std::cell::LazyCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use model::{Commit, CommitId, Config, Package, PackageId, Tag, TrainDecl, Version, VersionPlan, Workspace};

use super::bare::{Bare, leave_out_short};
use super::formats::Formats;
use super::history::History;
use super::line::{Order, is_step};
use super::settings::Setting;
use super::shapes::{Named, Rank, Shapes};
use crate::groups::Groups;
use crate::placeholder::is_placeholder;

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
    /// Tags that could not be read.
    pub(super) unread: Vec<&'a Tag>,
}

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
            .map(|setting| setting.declared.map_or(&[][..], |decl| &decl.former_names))
            .collect();
        let formats = Formats::of(packages, settings, train);
        // Most repositories have no others.
        let shapes = LazyCell::new(|| Shapes::of(packages, &former));
        let members: Vec<usize> = (0..packages.len())
            .filter(|index| settings[*index].is_released)
            .collect();
        let mut read = Self {
            by_package: vec![Vec::new(); packages.len()],
            unread: Vec::new(),
        };
        let (mut bare, mut whole) = (Bare::default(), Vec::new());
        for tag in tags {
            let in_format = formats.read(&tag.name);
            if let Some((version, rank, members)) = &in_format
                && *rank > Rank::Bare
            {
                let one = || [(version.clone(), *rank, tag)];
                members.iter().for_each(|index| read.give(*index, one()));
                continue;
            }
            if let Some(version) = formats.read_whole(&tag.name) {
                whole.push((version, tag));
                continue;
            }
            match (shapes.read(&tag.name), in_format) {
                (Some((Named::Packages(members, rank), version)), _) => {
                    read.share(members, &(version, rank, tag), packages);
                }
                (_, Some((version, _, members))) => bare.add(members, version, tag),
                (Some((Named::Nobody, version)), None) => bare.add(&members, version, tag),
                (None, None) => read.unread.push(tag),
            }
        }
        let made: HashSet<&CommitId> = read.tagged_by_us().collect();
        for (version, tag) in whole {
            // What was tagged as a whole with nothing else is older than the train.
            if !made.contains(&tag.commit) {
                bare.add(&members, version, tag);
            }
        }
        read.leave_out_short(packages);
        bare.give(&mut read, packages, settings);
        read.by_package.iter_mut().for_each(|tags| tags.sort());
        read
    }

    /// Adds tags of a package.
    pub(super) fn give(&mut self, index: usize, tags: impl IntoIterator<Item = (Version, Rank, &'a Tag)>) {
        self.by_package[index].extend(tags);
    }

    /// Leaves out mistyped versions, and tags that follow others: a package of Python's may have short ones, and whatever
    /// shares them with it.
    fn leave_out_short(&mut self, packages: &[&Package]) {
        let is_python = |package: &Package| package.id.ecosystem == "uv";
        let all = self.by_package.iter().zip(packages);
        let theirs = all.filter(|(_, package)| is_python(package));
        let theirs = theirs.flat_map(|(tags, _)| tags.iter().map(|(_, _, tag)| tag.name.as_str()));
        let theirs: HashSet<&str> = theirs.collect();
        for (tags, package) in self.by_package.iter_mut().zip(packages) {
            if !is_python(package) {
                leave_out_short(tags, |tag| theirs.contains(tag.name.as_str()));
            }
        }
    }

    /// Whether tags name a package by its place only, at lower versions than this.
    pub(super) fn is_outgrown(&self, index: usize, version: &Version) -> bool {
        let mut all = self.by_package[index].iter();
        all.all(|(lower, rank, _)| *rank <= Rank::Path && lower < version)
    }

    /// Gives a tag of no declared format to those it names. Where those are several, and not at one version, it is of
    /// those that are not behind it.
    fn share(&mut self, members: &[usize], one: &(Version, Rank, &'a Tag), packages: &[&Package]) {
        let says = |index: &&usize| !is_placeholder(packages[**index]);
        let said: BTreeSet<&Version> = members
            .iter()
            .filter(says)
            .map(|index| &packages[*index].version)
            .collect();
        for index in members {
            if said.len() <= 1 || !says(&index) || packages[*index].version >= one.0 {
                self.give(*index, [one.clone()]);
            }
        }
    }

    /// The commits that a train made tags of packages on.
    fn tagged_by_us(&self) -> impl Iterator<Item = &'a CommitId> {
        let all = self.by_package.iter().flatten();
        all.filter(|(_, rank, _)| *rank == Rank::Own)
            .map(|(_, _, tag)| &tag.commit)
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

    /// Another tag of a package's own that names the same version on another commit, the best one. Tags that several
    /// packages share are none of its own.
    pub(super) fn twin(&self, index: usize, of: &Tagged<'_>) -> Option<&'a Tag> {
        let all = || self.by_package[index].iter().rev();
        let is_own = |rank: &Rank| *rank > Rank::Ecosystem;
        all().find(|(_, rank, tag)| *tag == of.tag && is_own(rank))?;
        let is_twin = |version: &Version, tag: &Tag| version == of.version && tag.commit != of.tag.commit;
        all()
            .find(|(version, rank, tag)| is_own(rank) && is_twin(version, tag))
            .map(|(_, _, tag)| *tag)
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

/// Every tag of every package that is not private, as it is understood when versions are planned: in the train's
/// formats, in former ones, and as other tools write them. The least version first; of two tags on one version the one
/// that counts comes last.
#[must_use]
pub fn tagged_versions<'t>(
    workspace: &Workspace,
    tags: &'t [Tag],
    train: &TrainDecl,
    config: Option<&Config>,
) -> BTreeMap<PackageId, Vec<(Version, &'t Tag)>> {
    let (packages, _, read) = read(workspace, tags, train, config);
    let ids = packages.into_iter().map(|package| package.id.clone());
    let tags = read.by_package.into_iter().map(|tags| {
        let one = |(version, _, tag)| (version, tag);
        tags.into_iter().map(one).collect()
    });
    ids.zip(tags).collect()
}

/// The tag of the greatest release above `version` that leads to the head, or of the furthest step towards that same
/// version: whoever tagged `version` there would go back. `tagged` are the tags of a package of `ecosystem`; tags of
/// other branches do not count, where older versions are maintained.
#[must_use]
pub fn tag_above<'t>(
    tagged: &[(Version, &'t Tag)],
    ecosystem: &str,
    version: &Version,
    log: &[Commit],
    head: Option<&CommitId>,
) -> Option<&'t Tag> {
    let order = Order::of(ecosystem);
    let counts =
        |other: &Version| !other.is_prerelease() || (is_step(other) && other.release() == version.release());
    let mut above: Vec<_> = tagged.iter().collect();
    above.retain(|(other, _)| counts(other) && order.is_less(version, other));
    if above.is_empty() {
        return None;
    }
    let history = History::of(log, &[], head);
    let leading = above.into_iter().filter(|(_, tag)| history.may_lead(&tag.commit));
    let greatest = leading.max_by(|one, other| order.compare(&one.0, &other.0));
    greatest.map(|(_, tag)| *tag)
}

/// The packages that are not private, what was declared about them, and their tags.
pub(super) fn read<'a, 't>(
    workspace: &'a Workspace,
    tags: &'t [Tag],
    train: &'a TrainDecl,
    config: Option<&'a Config>,
) -> (Vec<&'a Package>, Vec<Setting<'a>>, Tags<'t>) {
    let packages: Vec<&Package> = workspace.packages().filter(|package| !package.private).collect();
    let groups = config.map(Groups::of);
    let (settings, _) = super::settings::settings(&packages, groups.as_ref(), train);
    let read = Tags::read(tags, &packages, &settings, train);
    (packages, settings, read)
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
    let (packages, settings, read) = read(workspace, tags, train, config);
    let needed: Option<Vec<Vec<&Tag>>> = (0..packages.len())
        .filter(|index| settings[*index].is_released)
        .map(|index| read.needed(index))
        .collect();
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
