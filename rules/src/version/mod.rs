//! Decides the next version of every package, from its tags, the commits since, and what it needs.
//!
//! Nothing is remembered between runs: the same history gives the same versions, also half-way through a release.

mod attribute;
mod dialect;
mod footer;
mod header;
mod history;
pub(crate) mod message;
mod propagate;
mod prose;
mod revert;
mod tagged;
mod unit;
mod unreleased;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Bump, Channel, Commit, CommitId, Config, Diagnostic, Package, PackageId, Tag, TrainDecl, Version,
    VersionPlan, Workspace,
};
use serde::{Deserialize, Serialize};

use crate::groups::Groups;
use history::History;
use message::Change;
use tagged::Tags;
use unit::Units;

pub use tagged::oldest_needed;

/// What versions are planned from.
#[derive(Clone, Copy, Debug)]
pub struct VersionInput<'a> {
    /// What RELEASE.star said, if there is one.
    pub config: Option<&'a Config>,
    /// The packages.
    pub workspace: &'a Workspace,
    /// All tags.
    pub tags: &'a [Tag],
    /// The commits that lead to the head, newest first; those that lead to every package's last tag may be left
    /// out (see [`oldest_needed`]).
    pub log: &'a [Commit],
    /// The commit that is released, if there is one.
    pub head: Option<&'a CommitId>,
    /// The train that is released: how its versions are found, and how its tags are written.
    pub train: &'a TrainDecl,
    /// Where the release goes.
    pub channel: &'a Channel,
    /// The version plans of the working tree, sorted by file.
    pub plans: &'a [VersionPlan],
    /// Versions that were named on the command line.
    pub set: &'a BTreeMap<PackageId, Version>,
    /// What functions of RELEASE.star said; see [`Answer`].
    pub answers: &'a BTreeMap<PackageId, Answer>,
    /// The time, in seconds since 1970-01-01T00:00:00Z: versions made of a day are made of this one (UTC).
    pub now: i64,
}

/// What a function of RELEASE.star said about a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It grows by this much.
    Bump(Bump),
    /// It gets this version.
    Version(Version),
}

/// What is planned for one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedVersion {
    /// Which package.
    pub package: PackageId,
    /// Its last released version: the one that was tagged.
    pub current: Option<Version>,
    /// The version in its manifest.
    pub manifest: Version,
    /// Its next version; the current one if there is nothing to release.
    pub next: Version,
    /// By how much it grows.
    pub bump: Bump,
    /// Why, in plain words.
    pub reason: String,
    /// What is new in it, newest first: commits since its last tag, without those that cancel out.
    pub commits: Vec<CommitId>,
    /// The tag of the next version.
    pub tag: String,
    /// Further tags of the next version.
    pub secondary_tags: Vec<String>,
    /// The tag of the last released version.
    pub last_tag: Option<String>,
    /// The channel it goes to; in npm registries, its dist-tag.
    pub channel: String,
    /// The files of the version plans that are part of it, sorted.
    pub plans: Vec<String>,
    /// What a person should know before releasing it, as sentences.
    pub warnings: Vec<String>,
    /// Whether the next version was already released from exactly this commit. It is part of the current release
    /// and will be confirmed.
    pub released_at_head: bool,
    /// The packages of the repository it needs, each at the version it has in this plan, sorted.
    pub needs: Vec<Needed>,
}

/// A package that another one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Which.
    pub package: PackageId,
    /// The version that is released next, or was released last.
    pub version: Version,
    /// Whether that version is newer than the last release of the one that needs it.
    pub is_new: bool,
}

/// Everything known about the packages before anything is decided. All lists are by package, in one order.
struct Facts<'a> {
    input: &'a VersionInput<'a>,
    packages: Vec<&'a Package>,
    units: Units<'a>,
    trains: Vec<BTreeSet<usize>>,
    history: &'a History<'a>,
    changes: Vec<Vec<Change>>,
    last: Vec<Option<tagged::Tagged<'a>>>,
}

/// The next version of every package that is not private, sorted by id.
///
/// - Without a tag: the manifest's version, as the first release.
/// - With a manifest that is ahead of the last tag: the manifest's version, because a person wrote it there.
/// - Otherwise the last tag, grown by the largest change since, and at least by a patch if something it needs has
///   a newer release than its own.
///
/// # Errors
/// Packages would have the same tags, or tags that git refuses.
pub fn plan_versions(input: &VersionInput<'_>) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
    let packages: Vec<&Package> = input
        .workspace
        .packages()
        .filter(|package| !package.private)
        .collect();
    let groups = input.config.map(Groups::of);
    let units = Units::of(&packages, groups.as_ref(), input.train.versioning);
    let wrong = check_tags(input, &packages, groups.as_ref(), &units);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let history = History::of(input.log);
    let tags = Tags::read(input.tags, &input.train.tag_format, packages.iter().copied());
    let last = packages
        .iter()
        .map(|package| tags.last(package, &history))
        .collect();
    let changes = input
        .log
        .iter()
        .map(|commit| message::parse(&commit.message, &input.train.commits))
        .collect();
    let trains = |package: &&Package| {
        groups
            .as_ref()
            .map(|groups| groups.trains(&package.id))
            .unwrap_or_default()
    };
    let trains = packages.iter().map(trains).collect();
    let facts = Facts {
        input,
        packages,
        units,
        trains,
        history: &history,
        changes,
        last,
    };
    let bases = unit::bases(&facts);
    let found = unreleased::find(&facts, &bases);
    let decided = propagate::decide(&facts, &bases, &found);
    Ok(prose::write(&facts, &found, &decided))
}

/// Only packages that are released can be in each other's way; without a configuration that is all of them.
fn check_tags(
    input: &VersionInput<'_>,
    packages: &[&Package],
    groups: Option<&Groups<'_>>,
    units: &Units<'_>,
) -> Vec<Diagnostic> {
    let is_released = |package: &Package| groups.is_none_or(|groups| !groups.trains(&package.id).is_empty());
    let (indices, released): (Vec<usize>, Vec<&Package>) = packages
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, package)| is_released(package))
        .unzip();
    let at = input.train.location.as_ref();
    tagged::check(&released, &input.train.tag_format, at, |index| {
        units.of_package(indices[index])
    })
}

impl<'a> Facts<'a> {
    /// Whether a package's tag names the head itself.
    fn is_at_head(&self, commit: Option<&CommitId>) -> bool {
        commit.is_some() && commit == self.input.head
    }

    /// Whether two packages are released together: then a new version of one is known while the other is planned.
    fn travel_together(&self, one: usize, other: usize) -> bool {
        let (ours, theirs) = (&self.trains[one], &self.trains[other]);
        !ours.is_disjoint(theirs) || ours.is_empty() && theirs.is_empty()
    }

    /// Where a package is in the lists.
    fn find(&self, id: &PackageId) -> Option<usize> {
        self.packages.binary_search_by(|package| package.id.cmp(id)).ok()
    }

    /// What a package needs to be released, as far as that is planned too.
    fn needs(&self, index: usize) -> Vec<usize> {
        let needed = self.input.workspace.dependencies(&self.packages[index].id);
        needed
            .into_iter()
            .filter_map(|id| self.find(id))
            .filter(|needed| *needed != index)
            .collect()
    }
}
