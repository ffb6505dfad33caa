//! What was declared about each package: by its first group that says, else by the train.

use std::collections::BTreeMap;

use model::{CommitRules, Dependents, Package, PackageDecl, PackageId, PinStrategy, Strategy, TrainDecl};

use super::Answer;
use crate::groups::Groups;

/// What was declared about a package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) strategy: &'a Strategy,
    pub(super) rules: &'a CommitRules,
    /// Which of the distinct rules those are.
    pub(super) set: usize,
    pub(super) dependents: Dependents,
    /// How what it needs is pinned.
    pub(super) pins: PinStrategy,
    pub(super) declared: Option<&'a PackageDecl>,
    /// Whether the train that is planned releases it. Others are only there to be needed.
    pub(super) is_released: bool,
    /// The train whose tags it has: the one that is planned, else the first that releases it.
    pub(super) train: Option<&'a TrainDecl>,
}

/// By package, what was declared, and all distinct rules.
pub(super) fn settings<'a>(
    packages: &[&Package],
    groups: Option<&Groups<'a>>,
    train: &'a TrainDecl,
) -> (Vec<Setting<'a>>, Vec<&'a CommitRules>) {
    let mut rule_sets: Vec<&CommitRules> = Vec::new();
    let mut settings = Vec::with_capacity(packages.len());
    for package in packages {
        let is_released = groups.is_none_or(|groups| groups.is_aboard(train, &package.id));
        let elsewhere = || groups.and_then(|groups| groups.first_train(&package.id));
        let own = || groups.iter().flat_map(|groups| groups.groups(&package.id));
        let rules = own()
            .find_map(|group| group.commits.as_ref())
            .unwrap_or(&train.commits);
        let known = rule_sets.iter().position(|known| *known == rules);
        let set = known.unwrap_or(rule_sets.len());
        if set == rule_sets.len() {
            rule_sets.push(rules);
        }
        settings.push(Setting {
            strategy: own()
                .find_map(|group| group.strategy.as_ref())
                .unwrap_or(&train.strategy),
            rules,
            set,
            dependents: own()
                .find_map(|group| group.dependents)
                .unwrap_or(train.dependents),
            pins: groups.map_or(train.pin_strategy, |groups| {
                groups.pin_strategy(&package.id, train)
            }),
            declared: groups.and_then(|groups| groups.declaration(&package.id)),
            is_released,
            train: if is_released { Some(train) } else { elsewhere() },
        });
    }
    (settings, rule_sets)
}

/// Packages whose function was not asked yet are planned as if there were none: that is what it is told then.
pub(super) fn without_answers(
    settings: &mut [Setting<'_>],
    packages: &[&Package],
    answers: &BTreeMap<PackageId, Answer>,
) {
    for (setting, package) in settings.iter_mut().zip(packages) {
        if matches!(setting.strategy, Strategy::Function(_)) && !answers.contains_key(&package.id) {
            setting.strategy = &Strategy::Conventional;
        }
    }
}
