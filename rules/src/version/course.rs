//! How the version of every unit would come about if it needed nobody: what counts before what.
//!
//! In this order: a version named on the command line; a function of RELEASE.star; a version written into a manifest; a
//! version named by a commit; what the channel asks for; the changes since the last release, as the strategy reads
//! them.

use model::{Bump, Line, Strategy, Tag, Version};

use super::Answer;
use super::Facts;
use super::calendar;
use super::dialect::Zero;
use super::growth::grown;
use super::line::{Order, Step, is_nightly_of, nightly, snapshot, started, step};
use super::unreleased::{Asked, Found};

/// How the version of a unit comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// The first release of all its members.
    First(Version),
    /// A person wrote the version into a manifest.
    Written(Version),
    /// Somebody named it.
    Named(Version, Why),
    /// It grows from the last one; not at all by [`Bump::None`].
    Grows(Bump),
}

/// Who named a version, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The command line.
    Set,
    /// A function of RELEASE.star.
    Function,
    /// A commit.
    Commit(u32),
    /// The channel holds releases, and a pre-release is open.
    Promoted,
    /// The channel's word comes later than that of the open pre-release.
    Escalated,
    /// The channel holds snapshots.
    Snapshot,
}

impl Course {
    /// The course of a unit by itself.
    pub(super) fn own(facts: &Facts<'_>, found: &[Found], unit: usize) -> Self {
        let members = facts.units.members(unit);
        let first = members[0];
        if !facts.settings[first].is_released {
            return Self::Grows(Bump::None);
        }
        let last = facts.bases[first].version;
        if let Some(named) = set(facts, unit) {
            // It was released from this very commit: the rest of the release goes on.
            return if last == Some(named) {
                Self::Grows(Bump::None)
            } else {
                Self::Named(named.clone(), Why::Set)
            };
        }
        let line = &facts.lines[unit];
        if *line == Line::Snapshot {
            return Self::Named(snapshot(facts.now), Why::Snapshot);
        }
        let setting = &facts.settings[first];
        if let Strategy::Function(_) = setting.strategy
            && let Some(course) = answered(facts, unit)
        {
            return course;
        }
        let Some(last) = last else {
            return Self::First(started(line, &begun(facts, unit), facts.now));
        };
        if let Some(course) = by_hand(facts, unit, last) {
            return course;
        }
        if *setting.strategy == Strategy::Conventional
            && let Some((version, at)) = members
                .iter()
                .filter_map(|index| found[*index].named.as_ref())
                .max()
            && version > last
            && let Some(course) = named_by_commit(facts, unit, version, *at)
        {
            return course;
        }
        on_its_way(facts, unit).unwrap_or_else(|| Self::Grows(asked_for(facts, found, unit)))
    }
}

/// The course of a unit to a version that a commit names, unless it was released before: as a pre-release it may have
/// been, and is open then.
fn named_by_commit(facts: &Facts<'_>, unit: usize, version: &Version, at: u32) -> Option<Course> {
    let mut tagged = facts
        .units
        .members(unit)
        .iter()
        .flat_map(|index| facts.tags.all(*index));
    let is_it = |tag: &Tag| facts.history.may_lead(&tag.commit);
    let released = tagged.find(|tagged| tagged.version == version && is_it(tagged.tag));
    match released.map(|tagged| &tagged.tag.commit) {
        Some(commit) if !facts.here.contains(&commit) => None,
        Some(commit) if !facts.is_at_head(Some(commit)) => Some(Course::Grows(Bump::None)),
        _ => Some(Course::Named(version.clone(), Why::Commit(at))),
    }
}

/// The version of a unit's first release, as far as the channel does not say more: that of its manifests. A placeholder
/// is none: 0.1.0 then, as `SemVer`'s FAQ has initial development begin.
fn begun(facts: &Facts<'_>, unit: usize) -> Version {
    let written = facts.written(unit).cloned();
    match facts.settings[facts.units.members(unit)[0]].strategy {
        Strategy::Calendar(calendar) => {
            let today = calendar::next(*calendar, None, facts.now);
            written.map_or(today.clone(), |written| written.max(today))
        }
        _ => written.unwrap_or(Version::new(0, 1, 0)),
    }
}

/// The version that the command line names for a unit.
pub(super) fn set<'a>(facts: &Facts<'a>, unit: usize) -> Option<&'a Version> {
    let mut members = facts.units.members(unit).iter();
    members.find_map(|index| facts.input.set.get(&facts.packages[*index].id))
}

/// What a function said about the members of a unit: the greatest version, else the largest bump.
fn answered(facts: &Facts<'_>, unit: usize) -> Option<Course> {
    let first = facts.units.members(unit)[0];
    let last = facts.bases[first].version;
    let answers = facts.units.members(unit).iter();
    let answers: Vec<&Answer> = answers
        .filter_map(|index| facts.input.answers.get(&facts.packages[*index].id))
        .collect();
    let versions = answers.iter().filter_map(|answer| match answer {
        Answer::Version(version) => Some(version),
        Answer::Bump(_) => None,
    });
    if let Some(version) = versions.max() {
        return Some(match last {
            Some(last) if last == version => Course::Grows(Bump::None),
            _ => Course::Named(version.clone(), Why::Function),
        });
    }
    let bumps = answers.iter().filter_map(|answer| match answer {
        Answer::Bump(bump) => Some(*bump),
        Answer::Version(_) => None,
    });
    // What was never released is released first, whatever it would grow by.
    let bump = last.and(bumps.max())?;
    if bump == Bump::None || facts.is_at_head(facts.bases[first].commit) {
        return Some(Course::Grows(Bump::None));
    }
    if let Line::Prerelease(_) = facts.lines[unit]
        && let Some(course) = on_its_way(facts, unit)
    {
        return Some(course);
    }
    Some(Course::Grows(bump.max(Bump::Patch)))
}

/// The course of a unit whose manifest is ahead of its last version.
fn by_hand(facts: &Facts<'_>, unit: usize, last: &Version) -> Option<Course> {
    let written = facts.written(unit)?;
    let (order, line) = (facts.orders[unit], &facts.lines[unit]);
    if *line == Line::AsItIs {
        return order
            .is_less(last, written)
            .then(|| Course::Written(written.clone()));
    }
    // Elsewhere the channel says whether it is a pre-release, and the manifest only of what.
    let open = facts.open[unit].as_ref().unwrap_or(last);
    // Nightlies are made of what changed, also of a version that a manifest is ahead with.
    let is_ahead = *line != Line::Nightly && open.release() < written.release();
    is_ahead.then(|| Course::Written(started(line, written, facts.now)))
}

/// The course of a unit with an open pre-release, where that alone decides it.
fn on_its_way(facts: &Facts<'_>, unit: usize) -> Option<Course> {
    let open = facts.open[unit].as_ref()?;
    match &facts.lines[unit] {
        Line::Release => Some(Course::Named(open.release(), Why::Promoted)),
        Line::Prerelease(word) if step(open, word) == Step::Later => {
            Some(Course::Named(started_anew(open, word), Why::Escalated))
        }
        _ => None,
    }
}

fn started_anew(open: &Version, word: &str) -> Version {
    let release = open.release();
    release.with_prerelease(&format!("{word}.1")).unwrap_or(release)
}

/// By how much the changes since let a unit grow, as its strategy reads them.
fn asked_for(facts: &Facts<'_>, found: &[Found], unit: usize) -> Bump {
    let is_nightly = facts.lines[unit] == Line::Nightly;
    let largest = facts.units.members(unit).iter().map(|index| {
        let (setting, found) = (&facts.settings[*index], &found[*index]);
        let bump = heard(setting.strategy, &found.since_base);
        let anything = is_nightly && found.is_touched && *setting.strategy != Strategy::Manual;
        bump.max(if anything { Bump::Patch } else { Bump::None })
    });
    largest.max().unwrap_or(Bump::None)
}

/// What a strategy hears of the changes.
fn heard(strategy: &Strategy, asked: &Asked) -> Bump {
    let planned = asked.plan.map_or(Bump::None, |(bump, _)| bump);
    match strategy {
        Strategy::Conventional | Strategy::Calendar(_) => {
            planned.max(asked.commit.map_or(Bump::None, |(bump, _)| bump))
        }
        Strategy::Plans => planned,
        Strategy::Manual | Strategy::Function(_) => Bump::None,
    }
}

/// The release that the changes since the last one would make, and the member that asks for most.
pub(super) fn wanted(facts: &Facts<'_>, found: &[Found], unit: usize) -> Option<(Version, usize)> {
    let members = facts.units.members(unit);
    let setting = &facts.settings[members[0]];
    let from = facts.releases[members[0]].version?;
    let heard = |index: &&usize| heard(setting.strategy, &found[**index].since_release);
    // The first of those who ask for the most.
    let most = members.iter().rev().max_by_key(heard)?;
    Some((grown(from, heard(&most), Zero::of(setting.rules))?, *most))
}

/// The next version of a package whose unit is on a course.
pub(super) fn next(facts: &Facts<'_>, found: &[Found], index: usize, course: &Course) -> Version {
    let base = &facts.bases[index];
    match (course, base.version) {
        (Course::First(version) | Course::Written(version) | Course::Named(version, _), _) => version.clone(),
        (Course::Grows(Bump::None), Some(last)) => last.clone(),
        // A number that is at its end stays, and that is refused later.
        (Course::Grows(bump), Some(last)) => {
            after(facts, found, index, last, *bump).unwrap_or_else(|| last.clone())
        }
        (Course::Grows(_), None) => facts.packages[index].version.clone(),
    }
}

/// The version after `last` on the channel's line. `None` if a number is at its end.
fn after(facts: &Facts<'_>, found: &[Found], index: usize, last: &Version, bump: Bump) -> Option<Version> {
    let unit = facts.units.of_package(index);
    let setting = &facts.settings[facts.units.members(unit)[0]];
    let zero = Zero::of(setting.rules);
    let line = &facts.lines[unit];
    if let Line::Prerelease(_) = line
        && facts.open[unit].is_some()
    {
        // What landed since does not matter to a line that is open: its counter goes on.
        return grown(last, Bump::Patch, zero);
    }
    let next = match (setting.strategy, line) {
        (Strategy::Calendar(calendar), _) => calendar::next(
            *calendar,
            Some(facts.releases[index].version.unwrap_or(last)),
            facts.now,
        ),
        // Every nightly since a release is of the same release, unless that grows.
        (_, Line::Nightly) => of_nightly(facts, found, unit, zero)?,
        _ => grown(last, bump, zero)?,
    };
    Some(match line {
        Line::Nightly => nightly_of(facts, unit, &next),
        _ => started(line, &next, facts.now),
    })
}

/// The next nightly of a release, after all that were tagged anywhere.
fn nightly_of(facts: &Facts<'_>, unit: usize, release: &Version) -> Version {
    let members = facts.units.members(unit).iter();
    let tagged = members.clone().flat_map(|index| facts.tags.all(*index));
    let last = tagged
        .map(|tagged| tagged.version)
        .filter(|version| is_nightly_of(release, version))
        .max();
    let mut ecosystems = members.map(|index| &facts.packages[*index].id.ecosystem);
    let is_python = ecosystems.any(|ecosystem| Order::of(ecosystem) == Order::Pep440);
    nightly(release, last, facts.now, is_python)
}

/// The release that a nightly is of.
fn of_nightly(facts: &Facts<'_>, found: &[Found], unit: usize, zero: Zero) -> Option<Version> {
    let written = facts.written(unit).map(Version::release);
    let Some(last) = facts.releases[facts.units.members(unit)[0]].version else {
        return Some(written.unwrap_or(Version::new(0, 1, 0)));
    };
    let wanted = wanted(facts, found, unit).map(|(version, _)| version);
    let least = grown(last, Bump::Patch, zero)?;
    // What was released since may be less than what a nightly was of: none goes back.
    let base = facts.bases[facts.units.members(unit)[0]].version;
    let open = base.filter(|base| base.is_prerelease()).map(Version::release);
    [wanted, Some(least), written, open].into_iter().flatten().max()
}
