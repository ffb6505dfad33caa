//! Packages that always have one version, and what that version is counted from.

use std::collections::BTreeMap;

use model::{CommitId, Package, Version, Versioning};

use super::line::Order;
use super::settings::Setting;
use super::tagged::Tagged;
use crate::groups::Groups;
use crate::placeholder::says_nothing;

/// Sets of packages with one version each: a fixed group, or a package alone.
#[derive(Debug)]
pub(super) struct Units<'a> {
    unit_of: Vec<usize>,
    members: Vec<Vec<usize>>,
    names: Vec<Option<&'a str>>,
}

impl<'a> Units<'a> {
    /// The units of `packages`: a package belongs to its first group, if that is fixed. Packages in no group
    /// belong together if `versioning`, which is what goes without saying, is fixed. What the train does not release
    /// is alone.
    pub(super) fn of(
        packages: &[&'a Package],
        settings: &[Setting<'_>],
        groups: Option<&Groups<'a>>,
        versioning: Versioning,
    ) -> Self {
        let mut units = Self {
            unit_of: Vec::new(),
            members: Vec::new(),
            names: Vec::new(),
        };
        let mut fixed: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for (index, package) in packages.iter().enumerate() {
            let (name, is_fixed) = match groups {
                None => (None, versioning == Versioning::Fixed),
                Some(_) if !settings[index].is_released => (None, false),
                Some(groups) => {
                    let name = groups.names(&package.id).first().copied();
                    let declared = name.and_then(|name| groups.group(name)?.versioning);
                    (name, declared.unwrap_or(versioning) == Versioning::Fixed)
                }
            };
            let next = units.members.len();
            let unit = if is_fixed {
                *fixed.entry(name).or_insert(next)
            } else {
                next
            };
            if unit == next {
                units.members.push(Vec::new());
                units.names.push(name.filter(|_| is_fixed));
            }
            units.members[unit].push(index);
            units.unit_of.push(unit);
        }
        units
    }

    pub(super) fn of_package(&self, index: usize) -> usize {
        self.unit_of[index]
    }

    pub(super) fn members(&self, unit: usize) -> &[usize] {
        &self.members[unit]
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// The fixed group's name, if it has one.
    pub(super) fn name(&self, unit: usize) -> Option<&'a str> {
        self.names[unit]
    }
}

/// What a package's next version is counted from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Base<'a> {
    /// The greatest version released in its unit; none if none was.
    pub(super) version: Option<&'a Version>,
    /// The commit that was released as that version.
    pub(super) commit: Option<&'a CommitId>,
}

/// By package, what its next version is counted from, if `last` are the last versions of all packages.
///
/// In a fixed group that is the group's greatest version for all members. A member that does not have it yet (a
/// release was interrupted, or the member is new) is counted from the commit of the first member that has it, so
/// that it gets just that version unless something has changed since.
pub(super) fn bases<'a>(
    units: &Units<'_>,
    orders: &[Order],
    last: &'a [Option<Tagged<'_>>],
) -> Vec<Base<'a>> {
    let mut bases = vec![Base::default(); last.len()];
    let version = |index: usize| last[index].as_ref().map(|last| last.version);
    let commit = |index: usize| last[index].as_ref().map(|last| &last.tag.commit);
    for (unit, order) in orders.iter().enumerate() {
        let members = units.members(unit);
        let versions = members.iter().filter_map(|index| version(*index));
        let greatest = versions.max_by(|one, other| order.compare(one, other));
        let has_it = |index: &&usize| version(**index) == greatest;
        let first = members.iter().find(has_it).and_then(|index| commit(*index));
        for index in members {
            let own = commit(*index).filter(|_| has_it(&index));
            bases[*index] = Base {
                version: greatest,
                commit: own.or(first),
            };
        }
    }
    bases
}

/// The greatest version in the manifests of a unit; none if all of them are placeholders.
pub(super) fn written<'a>(
    units: &Units<'_>,
    orders: &[Order],
    packages: &[&'a Package],
    unit: usize,
) -> Option<&'a Version> {
    let members = units.members(unit).iter().map(|index| packages[*index]);
    members
        .filter(|package| !says_nothing(package))
        .map(|package| &package.version)
        .max_by(|one, other| orders[unit].compare(one, other))
}

/// By unit, how its versions are sorted: as PEP 440 has it if all members are Python's.
pub(super) fn orders(units: &Units<'_>, packages: &[&Package]) -> Vec<Order> {
    let order = |unit: usize| {
        let mut members = units.members(unit).iter();
        let is_python = members.all(|index| Order::of(&packages[*index].id.ecosystem) == Order::Pep440);
        if is_python { Order::Pep440 } else { Order::SemVer }
    };
    (0..units.len()).map(order).collect()
}
