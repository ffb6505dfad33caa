//! Decides the next version of every package, from its tags, the commits since, and what it needs.
//!
//! Nothing is remembered between runs: the same history gives the same versions, also half-way through a release.

mod attribute;
mod bare;
mod beside;
mod calendar;
mod change;
mod course;
mod dialect;
mod footer;
mod formats;
mod growth;
mod header;
mod history;
mod line;
mod lines;
pub(crate) mod message;
mod messages;
mod moved;
mod numbered;
mod plans;
mod presets;
mod propagate;
mod prose;
mod refused;
mod revert;
mod scopes;
mod settings;
mod shapes;
mod squashed;
mod tag_check;
mod tagged;
mod unit;
mod unread;
mod unreleased;
mod verify;
mod warnings;

use std::collections::BTreeMap;

use model::{
    Bump, Channel, Commit, CommitId, Config, Dependency, Diagnostic, Line, Package, PackageId, PinStrategy,
    Strategy, Tag, TrainDecl, Version, VersionPlan, Workspace,
};
use serde::{Deserialize, Serialize};

use crate::groups::Groups;
use crate::plans::Renamed;
pub(crate) use bare::is_whole;
use calendar::Moment;
pub(crate) use history::History;
use line::Order;
use messages::Messages;
use plans::Plans;
use scopes::Parts;
use settings::Setting;
use tagged::{Tagged, Tags};
use unit::{Base, Units};

pub use beside::tags_beside;
pub use tagged::{is_enough, oldest_needed, tag_above, tagged_versions};
pub(crate) use unread::mark;
pub use unread::unread_tags;

/// What versions are planned from.
#[derive(Clone, Copy)]
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
    /// The commits that lead to the tags of [`tags_beside`] and not to the head: what such a tag holds is released.
    pub beside: &'a [Commit],
    /// The commit that is released, if there is one.
    pub head: Option<&'a CommitId>,
    /// The train that is released: how its versions are found, and how its tags are written.
    pub train: &'a TrainDecl,
    /// Where the release goes.
    pub channel: &'a Channel,
    /// The version plans of the working tree, sorted by file.
    pub plans: &'a [VersionPlan],
    /// Version plans that commits of the log only gave another name; see [`crate::plans::renamed`].
    pub renamed: &'a [Renamed],
    /// Versions that were named on the command line.
    pub set: &'a BTreeMap<PackageId, Version>,
    /// What functions of RELEASE.star said; see [`Answer`].
    pub answers: &'a BTreeMap<PackageId, Answer>,
    /// Whether a version satisfies a requirement as its ecosystem reads it; `true` where there is no telling. The
    /// requirement is meant as it is written or, with what it was pinned to, as it was published.
    pub fits: &'a (dyn Fn(&Dependency, Pinned<'_>, &Version) -> bool + Sync),
    /// The time, in seconds since 1970-01-01T00:00:00Z: versions made of a day are made of this one (UTC).
    pub now: i64,
}

/// The version that a requirement was pinned to when it was published, and how; `None` for one as it is written.
pub type Pinned<'v> = Option<(&'v Version, PinStrategy)>;

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
    /// Whether it is released only because something it needs is.
    pub is_for_needs: bool,
    /// What is new in it, newest first: commits since its last tag, without those that cancel out.
    pub commits: Vec<CommitId>,
    /// Of these, the squashed ones that are its own in part, and which of the changes they tell of are.
    pub parts: BTreeMap<CommitId, Vec<usize>>,
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
    /// The version plans that are part of it and that history alone knows; see [`crate::plans::recall`].
    pub earlier_plans: Vec<VersionPlan>,
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

/// Everything known about the packages before anything is decided, also about those that the train does not release:
/// others may need them. Lists are by package, in one order, unless they say otherwise.
struct Facts<'a> {
    input: &'a VersionInput<'a>,
    packages: Vec<&'a Package>,
    settings: Vec<Setting<'a>>,
    units: &'a Units<'a>,
    /// By unit, how its versions are sorted.
    orders: &'a [Order],
    /// By unit, what its versions look like.
    lines: &'a [Line],
    history: &'a History<'a>,
    messages: Messages<'a>,
    /// What of a commit is a package's own, where that is not all.
    parts: Parts,
    plans: Plans<'a>,
    tags: &'a Tags<'a>,
    /// The commits that are being released: the head, and what it brought back.
    here: Vec<&'a CommitId>,
    /// The tag each was last released as, as far as the channel's versions build on it.
    last: &'a [Option<Tagged<'a>>],
    /// What each version is counted from.
    bases: Vec<Base<'a>>,
    /// The same, if pre-releases do not count.
    releases: Vec<Base<'a>>,
    /// By unit, the pre-release that is open: greater than the last release, and on its way to the next.
    open: Vec<Option<Version>>,
    now: Moment,
}

/// The next version of every package that the train releases, sorted by id: of every one that is not private, if there
/// is no configuration.
///
/// - Without a tag: the manifest's version, as the first release; 0.1.0 where that is a placeholder.
/// - With a manifest that is ahead of the last tag: the manifest's version, because a person wrote it there.
/// - Otherwise the last tag, grown by the largest change since as the strategy of the group has it, and at least by a
///   patch if something it needs has a newer release than its own, where the group follows its needs.
/// - What a version named on the command line, a function of RELEASE.star or a channel says comes before all that.
///
/// # Errors
/// Packages would have the same tags, or tags that git refuses; a version plan names nobody; a version would go back,
/// leave its channel, or be one that its ecosystem cannot say.
pub fn plan_versions(input: &VersionInput<'_>) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
    fine(
        input
            .config
            .map_or_else(Vec::new, |config| crate::lacking(config, input.workspace)),
    )?;
    let packages: Vec<&Package> = input
        .workspace
        .packages()
        .filter(|package| !package.private)
        .collect();
    let groups = input.config.map(Groups::of);
    let (mut settings, rule_sets) = settings::settings(&packages, groups.as_ref(), input.train);
    settings::without_answers(&mut settings, &packages, input.answers);
    let units = Units::of(&packages, &settings, groups.as_ref(), input.train.versioning);
    fine(check_tags(input, &packages, &settings, groups.as_ref(), &units))?;
    let history = History::of(input.log, input.beside, input.head);
    let plans = Plans::read(input, &packages, &history)?;
    let tags = Tags::read(input.tags, &packages, &settings, input.train);
    let orders = unit::orders(&units, &packages);
    let lines = lines::of(input, &packages, &units, &orders, &tags, &history);
    let [last, released] = beside::last(&packages, &units, &orders, &lines, &tags, &history);
    let mut facts = Facts {
        input,
        settings,
        units: &units,
        orders: &orders,
        lines: &lines,
        history: &history,
        messages: Messages::of(input.log, rule_sets),
        parts: Parts::new(),
        plans,
        here: lines::here(input, &history),
        tags: &tags,
        bases: unit::bases(&units, &orders, &last),
        releases: unit::bases(&units, &orders, &released),
        last: &last,
        open: Vec::new(),
        now: Moment::of(input.now),
        packages,
    };
    facts.open = (0..units.len()).map(|unit| facts.find_open(unit)).collect();
    fine(verify::check_set(&facts))?;
    let (touching, parts) = unreleased::touching(&facts);
    facts.parts = parts;
    let found = unreleased::find(&facts, &touching);
    let decided = propagate::decide(&facts, &found);
    let mut wrong = verify::check(&facts, &decided);
    wrong.extend(refused::check(&facts, &decided));
    fine(wrong)?;
    Ok(prose::write(&facts, &found, &decided))
}

fn fine(wrong: Vec<Diagnostic>) -> Result<(), Vec<Diagnostic>> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Only packages that are released can be in each other's way; without a configuration that is all of them.
fn check_tags(
    input: &VersionInput<'_>,
    packages: &[&Package],
    settings: &[Setting<'_>],
    groups: Option<&Groups<'_>>,
    units: &Units<'_>,
) -> Vec<Diagnostic> {
    let all = || packages.iter().copied().zip(settings).enumerate();
    let (indices, released): (Vec<usize>, Vec<&Package>) = all()
        .filter(|(_, (_, setting))| setting.is_released)
        .map(|(index, (package, _))| (index, package))
        .unzip();
    let elsewhere = all().filter(|(_, (_, setting))| !setting.is_released);
    let elsewhere = elsewhere.filter_map(|(_, (package, setting))| Some((package, setting.train?)));
    let others = tag_check::Others {
        packages: elsewhere.collect(),
        has: &|train, id| groups.is_some_and(|groups| groups.is_aboard(train, id)),
    };
    let unit_of = |index: usize| units.of_package(indices[index]);
    tag_check::check(&released, &others, input.train, unit_of)
}

impl<'a> Facts<'a> {
    /// Whether a package's tag names the head itself.
    fn is_at_head(&self, commit: Option<&CommitId>) -> bool {
        commit.is_some() && commit == self.input.head
    }

    /// The packages that the train releases.
    fn released(&self) -> impl Iterator<Item = usize> + use<'_, 'a> {
        (0..self.packages.len()).filter(|index| self.settings[*index].is_released)
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

    /// What the commit at a position says about a package.
    fn said(&self, index: usize, at: u32) -> impl Iterator<Item = &message::Change> {
        let own = self.parts.get(&(index, at));
        let is_own = move |part: &usize| own.is_none_or(|own| own.contains(part));
        let all = self.messages.read(self.settings[index].set, at);
        let own = all.iter().enumerate().filter(move |(part, _)| is_own(part));
        own.map(|(_, change)| change)
    }

    /// By how much the commit at a position lets a package grow.
    fn bump_of(&self, index: usize, at: u32) -> Bump {
        let is_below_one = self.bases[index]
            .version
            .is_some_and(|version| version.semver().major == 0);
        let setting = &self.settings[index];
        // Nothing is known about it, and the calendar's number does not depend on it.
        let is_said = !matches!(setting.strategy, Strategy::Calendar(_))
            || !self.messages.read(setting.set, at).is_empty();
        if is_said {
            let bump = |change| self.messages.bump(setting.set, change, is_below_one);
            self.said(index, at).map(bump).max().unwrap_or(Bump::None)
        } else {
            Bump::Patch
        }
    }

    /// The greatest version in the manifests of a unit, if they say one.
    fn written(&self, unit: usize) -> Option<&'a Version> {
        unit::written(self.units, self.orders, &self.packages, unit)
    }

    /// The pre-release of a unit that is open, where the channel has to do with one.
    fn find_open(&self, unit: usize) -> Option<Version> {
        let order = self.orders[unit];
        let members = self.units.members(unit);
        let compare = |one: &Version, other: &Version| order.compare(one, other);
        let steps = members
            .iter()
            .filter_map(|index| self.tags.step(*index, self.history, compare));
        let greatest = match self.lines[unit] {
            Line::Prerelease(_) | Line::Release => steps.max_by(|one, other| order.compare(one, other)),
            Line::AsItIs | Line::Nightly | Line::Snapshot => None,
        }?;
        let release = self.releases[members[0]].version;
        release
            .is_none_or(|release| order.is_less(release, greatest))
            .then(|| greatest.clone())
    }
}
