//! Packages that have one version whatever their tags say: it stands in one place, or another tool kept it so.

use std::collections::{BTreeMap, BTreeSet};

use model::PackageId;

use super::Found;
use super::sets::Set;
use crate::is_placeholder;

/// The packages that have one version, in classes of two or more.
fn ties(found: &Found<'_>) -> Vec<BTreeSet<PackageId>> {
    let packages = found.releasable();
    let mut places: BTreeMap<&str, BTreeSet<PackageId>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !is_placeholder(package)) {
        let place = places.entry(package.version_place()).or_default();
        place.insert(package.id.clone());
    }
    let kept = found.fixed.iter().map(|class| class.iter().cloned().collect());
    let mut ties: Vec<BTreeSet<PackageId>> = Vec::new();
    for mut class in places.into_values().chain(kept) {
        class.retain(|id| packages.iter().any(|package| package.id == *id));
        let (met, apart): (Vec<_>, Vec<_>) = ties.into_iter().partition(|tie| !tie.is_disjoint(&class));
        ties = apart;
        class.extend(met.into_iter().flatten());
        ties.push(class);
    }
    ties.retain(|tie| tie.len() > 1);
    ties
}

/// Puts packages that have one version into one set: the first that has one version anyway, else the first. Tags of
/// the sets they come from go on as further ones.
pub(super) fn join<'a>(mut sets: Vec<Set<'a>>, found: &Found<'a>) -> Vec<Set<'a>> {
    for tie in ties(found) {
        let is_met = |set: &Set<'_>| set.packages.iter().any(|package| tie.contains(&package.id));
        let met: Vec<usize> = (0..sets.len()).filter(|at| is_met(&sets[*at])).collect();
        let fixed = met.iter().find(|at| sets[**at].is_fixed());
        let Some(target) = fixed.or(met.first()).copied() else {
            continue;
        };
        for from in met.into_iter().filter(|from| *from != target) {
            let (moved, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut sets[from].packages)
                .into_iter()
                .partition(|package| tie.contains(&package.id));
            sets[from].packages = stay;
            let form = sets[from].form.clone();
            sets[target].packages.extend(moved);
            if sets[target].is_fixed() {
                sets[target].also.extend(form);
            }
        }
        sets[target].packages.sort_by_key(|package| &package.id);
    }
    sets.retain(|set| !set.packages.is_empty());
    sets
}

/// Puts packages that another tool kept at one version into groups that say so, with whoever shares a version with one
/// of them already. `free` gives a name for a new group.
pub(super) fn keep(
    groups: &mut BTreeMap<PackageId, (String, bool)>,
    found: &Found<'_>,
    mut free: impl FnMut(&str) -> String,
) {
    for class in found.fixed {
        let here: Vec<&PackageId> = class.iter().filter(|id| groups.contains_key(id)).collect();
        if here.len() < 2 {
            continue;
        }
        let bound = here.iter().filter_map(|id| groups.get(id));
        let bound: BTreeSet<String> = bound
            .filter(|(_, is_fixed)| *is_fixed)
            .map(|(name, _)| name.clone())
            .collect();
        let name = bound.first().cloned().unwrap_or_else(|| free("fixed"));
        for (id, group) in groups.iter_mut() {
            if here.contains(&id) || group.1 && bound.contains(&group.0) {
                *group = (name.clone(), true);
            }
        }
    }
}
