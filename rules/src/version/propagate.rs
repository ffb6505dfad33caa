//! Carries new versions to dependents, and decides every version.

use std::collections::VecDeque;

use model::{Bump, Version};

use super::Facts;
use super::unit::Base;
use super::unreleased::Found;

/// How the version of a unit comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// The first release of all its members.
    First(Version),
    /// A person wrote the version into a manifest.
    Written(Version),
    /// It grows from the last one; not at all by [`Bump::None`].
    Grows(Bump),
}

/// What was decided.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    /// By unit.
    pub(super) courses: Vec<Course>,
    /// By package, the needed packages with a release that its own last one does not know.
    pub(super) because_of: Vec<Vec<usize>>,
    /// By package, its next version.
    pub(super) next: Vec<Version>,
    /// By package, whether the next version is not its current one.
    pub(super) is_released: Vec<bool>,
}

/// Decides every version: own changes first, then, until nothing moves any more, at least a patch for everybody who
/// needs somebody with a new version.
pub(super) fn decide(facts: &Facts<'_>, bases: &[Base<'_>], found: &[Found]) -> Decided {
    let mut courses: Vec<Course> = (0..facts.units.len())
        .map(|unit| own_course(facts, bases, found, unit))
        .collect();
    let mut because_of: Vec<Vec<usize>> = found.iter().map(|one| one.newer.clone()).collect();
    let dependents = dependents(facts);
    let lacks = |index: usize| facts.last[index].as_ref().map(|last| last.version) != bases[index].version;
    let moves = |courses: &[Course], index: usize| {
        courses[facts.units.of_package(index)] != Course::Grows(Bump::None) || lacks(index)
    };
    let mut open: VecDeque<usize> = (0..facts.packages.len())
        .filter(|index| moves(&courses, *index))
        .collect();
    while let Some(index) = open.pop_front() {
        for &dependent in &dependents[index] {
            let unit = facts.units.of_package(dependent);
            // What was released from this very commit was released with these versions.
            let is_settled = facts.is_at_head(bases[dependent].commit);
            if unit == facts.units.of_package(index) || is_settled || !facts.travel_together(index, dependent)
            {
                continue;
            }
            if bases[dependent].version.is_some() && !because_of[dependent].contains(&index) {
                because_of[dependent].push(index);
            }
            if courses[unit] == Course::Grows(Bump::None) {
                courses[unit] = Course::Grows(Bump::Patch);
                open.extend(facts.units.members(unit));
            }
        }
    }
    because_of.iter_mut().for_each(|causes| causes.sort_unstable());
    let next: Vec<Version> = (0..facts.packages.len())
        .map(|index| next(&courses[facts.units.of_package(index)], &bases[index]))
        .collect();
    let is_released = (0..facts.packages.len())
        .map(|index| moves(&courses, index))
        .collect();
    Decided {
        courses,
        because_of,
        next,
        is_released,
    }
}

/// How a unit would move if it needed nobody.
fn own_course(facts: &Facts<'_>, bases: &[Base<'_>], found: &[Found], unit: usize) -> Course {
    let members = facts.units.members(unit);
    let written = members.iter().map(|index| &facts.packages[*index].version).max();
    let written = written.expect("a unit has members").clone();
    match bases[members[0]].version {
        None => Course::First(written),
        Some(last) if written > *last => Course::Written(written),
        Some(_) => {
            let own = members
                .iter()
                .map(|index| found[*index].bump)
                .max()
                .unwrap_or(Bump::None);
            let is_behind = members.iter().any(|index| !found[*index].newer.is_empty());
            Course::Grows(if is_behind { own.max(Bump::Patch) } else { own })
        }
    }
}

fn dependents(facts: &Facts<'_>) -> Vec<Vec<usize>> {
    let mut dependents = vec![Vec::new(); facts.packages.len()];
    for index in 0..facts.packages.len() {
        for needed in facts.needs(index) {
            dependents[needed].push(index);
        }
    }
    dependents
}

fn next(course: &Course, base: &Base<'_>) -> Version {
    match (course, base.version) {
        (Course::First(version) | Course::Written(version), _) => version.clone(),
        (Course::Grows(bump), Some(last)) => grown(last, *bump),
        (Course::Grows(_), None) => unreachable!("what was never released is released first"),
    }
}

/// The version after `last`. A pre-release stays one: only a person can say that it is ready.
pub(super) fn grown(last: &Version, bump: Bump) -> Version {
    let next = last.bumped(bump, false);
    if !last.is_prerelease() || bump == Bump::None {
        return next;
    }
    let label = last.semver().pre.as_str();
    let (word, number) = match label.rsplit_once('.') {
        Some((word, number)) => (word, number.parse::<u64>().ok()),
        None => (label, label.parse::<u64>().ok()),
    };
    let core = |version: &Version| {
        let version = version.semver();
        format!("{}.{}.{}", version.major, version.minor, version.patch)
    };
    let is_covered = core(&next) == core(last);
    let text = match number {
        Some(number) if is_covered && word == label => format!("{}-{}", core(&next), number + 1),
        Some(number) if is_covered => format!("{}-{word}.{}", core(&next), number + 1),
        Some(_) if word == label => format!("{}-1", core(&next)),
        Some(_) => format!("{}-{word}.1", core(&next)),
        None => format!("{}-{label}.1", core(&next)),
    };
    text.parse().unwrap_or(next)
}

/// What people are told about the growth from `last` to `next`.
pub(super) fn named(last: &Version, next: &Version) -> Bump {
    let (a, b) = (last.semver(), next.semver());
    if a == b {
        Bump::None
    } else if next.is_prerelease() {
        Bump::Prerelease
    } else if a.major != b.major {
        Bump::Major
    } else if a.minor != b.minor {
        Bump::Minor
    } else {
        Bump::Patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prereleases_stay_on_their_line() {
        let table = [
            ("1.2.0-rc.1", Bump::Patch, "1.2.0-rc.2"),
            ("1.2.0-rc.1", Bump::Minor, "1.2.0-rc.2"),
            ("1.2.0-rc.1", Bump::Major, "2.0.0-rc.1"),
            ("1.2.1-rc.9", Bump::Minor, "1.3.0-rc.1"),
            ("1.2.0-rc", Bump::Patch, "1.2.0-rc.1"),
            ("1.2.0-3", Bump::Patch, "1.2.0-4"),
            ("1.2.0-rc.1", Bump::None, "1.2.0-rc.1"),
            ("1.2.0", Bump::Patch, "1.2.1"),
        ];
        for (last, bump, next) in table {
            let version = |text: &str| text.parse::<Version>().expect("a version written in this test");
            assert_eq!(grown(&version(last), bump), version(next), "{last} {bump}");
        }
    }
}
