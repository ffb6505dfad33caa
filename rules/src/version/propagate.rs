//! Carries new versions to dependents, and decides every version.

use std::collections::VecDeque;

use model::{Bump, Dependency, DependencyKind, Dependents, Strategy, Version};

use super::Facts;
use super::course::{Course, next};
use super::unreleased::Found;

/// What was decided.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    /// By unit.
    pub(super) courses: Vec<Course>,
    /// By package, the needed packages with a release that its own last one does not know.
    pub(super) newer: Vec<Vec<usize>>,
    /// By package, those of them because of which it is released.
    pub(super) because_of: Vec<Vec<usize>>,
    /// By package, its next version.
    pub(super) next: Vec<Version>,
    /// By package, whether the next version is not its current one.
    pub(super) is_released: Vec<bool>,
}

/// Decides every version: own changes first, then, until nothing moves any more, those who need somebody with a new
/// version: at least a patch, a minor where the one who needs it lets its own users bring it (a peer).
pub(super) fn decide(facts: &Facts<'_>, found: &[Found]) -> Decided {
    let mut carrying = Carrying {
        facts,
        found,
        courses: (0..facts.units.len())
            .map(|unit| Course::own(facts, found, unit))
            .collect(),
        newer: found.iter().map(|one| one.newer.clone()).collect(),
        because_of: vec![Vec::new(); facts.packages.len()],
        open: VecDeque::new(),
    };
    for (index, found) in found.iter().enumerate() {
        for needed in &found.newer {
            let version = facts.last[*needed].as_ref().map(|last| last.version);
            carrying.follow(index, *needed, version);
        }
    }
    carrying.open = (0..facts.packages.len())
        .filter(|index| carrying.moves(*index))
        .collect();
    carrying.carry();
    let next: Vec<Version> = (0..facts.packages.len())
        .map(|index| carrying.next(index))
        .collect();
    let is_new = |index: usize| {
        let last = facts.last[index].as_ref().map(|last| last.version);
        facts.settings[index].is_released && last != Some(&next[index])
    };
    let is_released = (0..facts.packages.len()).map(is_new).collect();
    for list in carrying.newer.iter_mut().chain(&mut carrying.because_of) {
        list.sort_unstable();
        list.dedup();
    }
    Decided {
        courses: carrying.courses,
        newer: carrying.newer,
        because_of: carrying.because_of,
        next,
        is_released,
    }
}

struct Carrying<'a> {
    facts: &'a Facts<'a>,
    found: &'a [Found],
    courses: Vec<Course>,
    newer: Vec<Vec<usize>>,
    because_of: Vec<Vec<usize>>,
    open: VecDeque<usize>,
}

impl Carrying<'_> {
    fn carry(&mut self) {
        let facts = self.facts;
        let dependents = dependents(facts);
        while let Some(index) = self.open.pop_front() {
            let version = self.next(index);
            for &dependent in &dependents[index] {
                let unit = facts.units.of_package(dependent);
                // What was released from this very commit was released with these versions, unless a person asks
                // for another one of what was released from it too.
                let is_settled = facts.is_at_head(facts.bases[dependent].commit)
                    && !facts.is_at_head(facts.last[index].as_ref().map(|last| &last.tag.commit));
                let is_apart = unit != facts.units.of_package(index);
                if is_settled || !is_apart || !facts.settings[dependent].is_released {
                    continue;
                }
                if facts.bases[dependent].version.is_some() {
                    self.newer[dependent].push(index);
                }
                if self.follow(dependent, index, Some(&version)) {
                    self.open.extend(facts.units.members(unit));
                }
            }
        }
    }

    /// Lets a package follow one it needs to a version; whether its unit moves more than before.
    fn follow(&mut self, index: usize, needed: usize, version: Option<&Version>) -> bool {
        let unit = self.facts.units.of_package(index);
        let bump = self.pull(index, needed, version);
        if bump == Bump::None || self.facts.bases[index].version.is_none() {
            return false;
        }
        self.because_of[index].push(needed);
        match self.courses[unit] {
            Course::Grows(own) if own < bump => {
                self.courses[unit] = Course::Grows(bump);
                true
            }
            _ => false,
        }
    }

    /// By how much a package has to grow because one it needs got a version.
    fn pull(&self, index: usize, needed: usize, version: Option<&Version>) -> Bump {
        let setting = &self.facts.settings[index];
        // A person decides there.
        if *setting.strategy == Strategy::Manual || setting.dependents == Dependents::Never {
            return Bump::None;
        }
        // What it was published with is pinned to what the needed package was released as, not what is written.
        let last = self.facts.last[needed].as_ref();
        let pinned = last.map(|last| (last.version, setting.pins));
        let (package, needed) = (self.facts.packages[index], &self.facts.packages[needed].id);
        let counts = |dependency: &&Dependency| {
            let is_need = dependency.on == *needed && dependency.kind != DependencyKind::Dev;
            let is_out =
                || version.is_some_and(|version| !(self.facts.input.fits)(dependency, pinned, version));
            is_need && (setting.dependents == Dependents::Always || is_out())
        };
        let edges = package.dependencies.iter().filter(counts);
        let bumps = edges.map(|dependency| match dependency.kind {
            DependencyKind::Peer => Bump::Minor,
            _ => Bump::Patch,
        });
        bumps.max().unwrap_or(Bump::None)
    }

    fn moves(&self, index: usize) -> bool {
        self.facts.last[index].as_ref().map(|last| last.version) != Some(&self.next(index))
    }

    fn next(&self, index: usize) -> Version {
        next(
            self.facts,
            self.found,
            index,
            &self.courses[self.facts.units.of_package(index)],
        )
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
