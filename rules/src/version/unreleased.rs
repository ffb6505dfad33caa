//! Which commits of a package are not released yet, and which of its needs were released after it.

use std::collections::BTreeMap;

use model::{Bump, CommitId, Package};

use super::Facts;
use super::attribute::attribute;
use super::history::WIDTH;
use super::revert::remaining;
use super::unit::Base;

/// What was found about one package.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Commits since its own last tag, newest first, without those that cancel out.
    pub(super) commits: Vec<u32>,
    /// The largest change since what its version is counted from.
    pub(super) bump: Bump,
    /// Needed packages whose last tag is on a commit that is not in what its version is counted from.
    pub(super) newer: Vec<usize>,
}

/// What is asked about a package relative to one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    /// The commits since its own last tag.
    Commits,
    /// The largest change since its base, and the needs released since.
    Bump,
}

/// Looks through the log once for every 64 different tags.
pub(super) fn find(facts: &Facts<'_>, bases: &[Base<'_>]) -> Vec<Found> {
    let private = facts.input.workspace.packages().filter(|package| package.private);
    let owners: Vec<&Package> = facts.packages.iter().copied().chain(private).collect();
    let touching = attribute(facts.input.log, &owners);
    let nothing = Found {
        commits: Vec::new(),
        bump: Bump::None,
        newer: Vec::new(),
    };
    let mut found = vec![nothing; facts.packages.len()];
    let mut asked: BTreeMap<Option<u32>, Vec<(usize, Ask)>> = BTreeMap::new();
    // A tag outside the log is older than everything in it, or leads to nothing in it.
    let place = |commit: Option<&CommitId>| commit.and_then(|commit| facts.history.find(commit));
    for (index, base) in bases.iter().enumerate() {
        let own = facts.last[index].as_ref().map(|last| &last.tag.commit);
        asked.entry(place(own)).or_default().push((index, Ask::Commits));
        asked
            .entry(place(base.commit))
            .or_default()
            .push((index, Ask::Bump));
    }
    let asked: Vec<_> = asked.into_iter().collect();
    for some in asked.chunks(WIDTH) {
        let tips: Vec<u32> = some.iter().filter_map(|(tip, _)| *tip).collect();
        let marks = facts.history.contained_in(&tips);
        let mut bit = 1_u64;
        for (tip, asks) in some {
            let mask = if tip.is_some() { bit } else { 0 };
            let is_new = |at: u32| marks[at as usize] & mask == 0;
            for (index, ask) in asks {
                answer(
                    facts,
                    &bases[*index],
                    (*index, *ask),
                    &touching[*index],
                    &is_new,
                    &mut found[*index],
                );
            }
            if tip.is_some() {
                bit = bit.wrapping_shl(1);
            }
        }
    }
    found
}

fn answer(
    facts: &Facts<'_>,
    base: &Base<'_>,
    (index, ask): (usize, Ask),
    touching: &[u32],
    is_new: &dyn Fn(u32) -> bool,
    found: &mut Found,
) {
    let new: Vec<u32> = touching.iter().copied().filter(|at| is_new(*at)).collect();
    let left = remaining(facts.history, &facts.changes, touching, &new);
    match ask {
        Ask::Commits => found.commits = left,
        Ask::Bump => {
            let changes = left.iter().flat_map(|at| &facts.changes[*at as usize]);
            found.bump = changes
                .map(|change| change.bump(&facts.input.train.commits))
                .max()
                .unwrap_or(Bump::None);
            found.newer = if base.commit.is_some() {
                newer(facts, index, is_new)
            } else {
                Vec::new()
            };
        }
    }
}

fn newer(facts: &Facts<'_>, index: usize, is_new: &dyn Fn(u32) -> bool) -> Vec<usize> {
    let elsewhere = |needed: &usize| facts.units.of_package(*needed) != facts.units.of_package(index);
    let was_released_since = |needed: &usize| {
        let last = facts.last[*needed]
            .as_ref()
            .and_then(|last| facts.history.find(&last.tag.commit));
        last.is_some_and(is_new)
    };
    facts
        .needs(index)
        .into_iter()
        .filter(elsewhere)
        .filter(was_released_since)
        .collect()
}
