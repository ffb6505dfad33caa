//! Packages that always have one version, and what that version is counted from.

use std::collections::BTreeMap;

use model::{CommitId, Package, Version, Versioning};

use super::line::Order;
use super::settings::Setting;
use super::tagged::Tagged;
use crate::groups::Groups;
use crate::placeholder::{is_placeholder, says_nothing};

/// Sets of packages with one version each: a fixed group, packages whose version stands in one place, or a package
/// alone.
#[derive(Debug)]
pub(super) struct Units<'a> {
    unit_of: Vec<usize>,
    units: Vec<Unit<'a>>,
}

#[derive(Debug, Default)]
struct Unit<'a> {
    members: Vec<usize>,
    /// The fixed group's name, if it has one.
    name: Option<&'a str>,
    is_fixed: bool,
}

/// What packages have in common that have one version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tie<'a> {
    /// A fixed group, or being in none.
    Group(Option<&'a str>),
    /// The place in a file where the version stands.
    Place(&'a str),
}

impl<'a> Units<'a> {
    /// The units of `packages`: a package belongs to its first group, if that is fixed. Packages in no group
    /// belong together if `versioning`, which is what goes without saying, is fixed. What the train does not release
    /// is alone. Whatever groups say, a version that stands in one place for several is one; placeholders are none.
    pub(super) fn of(
        packages: &[&'a Package],
        settings: &[Setting<'_>],
        groups: Option<&Groups<'a>>,
        versioning: Versioning,
    ) -> Self {
        let mut firsts: BTreeMap<Tie<'a>, usize> = BTreeMap::new();
        // By package, the first one it has one version with, as far as is known.
        let mut first: Vec<usize> = (0..packages.len()).collect();
        let mut fixed: Vec<Option<Option<&str>>> = Vec::with_capacity(packages.len());
        for (index, package) in packages.iter().enumerate() {
            let is_released = settings[index].is_released;
            let group = match groups {
                Some(groups) => groups.fixed(&package.id, versioning),
                None => (versioning == Versioning::Fixed).then_some(None),
            };
            let group = group.filter(|_| is_released);
            let place =
                (is_released && !is_placeholder(package)).then(|| Tie::Place(package.version_place()));
            for tie in group.map(Tie::Group).into_iter().chain(place) {
                let other = root(&first, *firsts.entry(tie).or_insert(index));
                let own = root(&first, index);
                first[own.max(other)] = own.min(other);
            }
            fixed.push(group);
        }
        let mut all = Self {
            unit_of: Vec::with_capacity(packages.len()),
            units: Vec::new(),
        };
        for (index, group) in fixed.into_iter().enumerate() {
            let leader = root(&first, index);
            let unit = if leader == index {
                all.units.push(Unit::default());
                all.units.len() - 1
            } else {
                all.unit_of[leader]
            };
            let entry = &mut all.units[unit];
            entry.members.push(index);
            entry.name = entry.name.or(group.flatten());
            entry.is_fixed |= group.is_some();
            all.unit_of.push(unit);
        }
        all
    }

    pub(super) fn of_package(&self, index: usize) -> usize {
        self.unit_of[index]
    }

    pub(super) fn members(&self, unit: usize) -> &[usize] {
        &self.units[unit].members
    }

    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// The fixed group's name, if it has one.
    pub(super) fn name(&self, unit: usize) -> Option<&'a str> {
        self.units[unit].name
    }

    /// Whether its members have nothing in common but the place of their version.
    pub(super) fn is_shared_place(&self, unit: usize) -> bool {
        !self.units[unit].is_fixed
    }
}

/// The first of those a package is known to have one version with.
fn root(first: &[usize], mut index: usize) -> usize {
    while first[index] != index {
        index = first[index];
    }
    index
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
