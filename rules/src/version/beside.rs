//! The tags that versions are counted from, and those of them that do not lead to the head.

use std::collections::BTreeSet;

use model::{CommitId, Package, Version};

use super::history::History;
use super::line::{self, Order};
use super::tagged::{Tagged, Tags};
use super::unit::{self, Units};
use super::{VersionInput, lines};
use crate::resumed::tags_before;

/// By package, the tag it was released as last, as far as the channel's versions build on it; and the same, if
/// pre-releases do not count.
pub(super) fn last<'t>(
    packages: &[&Package],
    units: &Units<'_>,
    orders: &[Order],
    lines: &[model::Line],
    tags: &'t Tags<'_>,
    history: &History<'_>,
) -> [Vec<Option<Tagged<'t>>>; 2] {
    let greatest = |index: usize, counts: &dyn Fn(&Version) -> bool| {
        let order = orders[units.of_package(index)];
        tags.last(index, history, counts, |one, other| order.compare(one, other))
    };
    let on_line = |index: usize| {
        let unit = units.of_package(index);
        let written = unit::written(units, orders, packages, unit);
        greatest(index, &|version| line::counts(&lines[unit], written, version))
    };
    let released = |index: usize| greatest(index, &|version| !version.is_prerelease());
    let indices = 0..packages.len();
    [
        indices.clone().map(on_line).collect(),
        indices.map(released).collect(),
    ]
}

/// The tagged commits that versions are counted from although they do not lead to the head, sorted: the last release was
/// made on another branch, or ahead of this commit. What they share with the head is released, so [`VersionInput::beside`]
/// has to hold what leads to them alone. None where the log does not hold all history.
#[must_use]
pub fn tags_beside(input: &VersionInput<'_>) -> Vec<CommitId> {
    let history = History::of(input.log, &[], input.head);
    if input.tags.iter().all(|tag| history.may_lead(&tag.commit)) {
        return Vec::new();
    }
    // A release that is half done is planned again as it was begun.
    let before = tags_before(input.tags, input.head);
    let mut beside = BTreeSet::new();
    for tags in [input.tags, &before] {
        let (packages, settings, tags) =
            super::tagged::read(input.workspace, tags, input.train, input.config);
        let groups = input.config.map(crate::groups::Groups::of);
        let units = Units::of(&packages, &settings, groups.as_ref(), input.train.versioning);
        let orders = unit::orders(&units, &packages);
        let lines = lines::of(input, &packages, &units, &orders, &tags, &history);
        let last = last(&packages, &units, &orders, &lines, &tags, &history);
        let commits = last.iter().flatten().flatten().map(|last| &last.tag.commit);
        beside.extend(commits.filter(|commit| !history.may_lead(commit)).cloned());
    }
    beside.into_iter().collect()
}
