//! Which packages have one version between them.

use std::collections::BTreeMap;

use model::{Config, Package, Workspace};

use crate::groups::Groups;

/// The fixed groups of a configuration by name, with their members, sorted; `None` are those that belong together
/// without a group. A package that is left out of releases for now is no member; one that is private cannot be released
/// at all and is.
pub(crate) struct Lockstep<'a> {
    units: BTreeMap<Option<&'a str>, Vec<&'a Package>>,
}

impl<'a> Lockstep<'a> {
    /// Where a group does not say how versions relate, the first train that takes a package does.
    pub(crate) fn of(config: Option<&'a Config>, workspace: &'a Workspace) -> Self {
        let mut units: BTreeMap<Option<&str>, Vec<&Package>> = BTreeMap::new();
        let Some(config) = config else {
            return Self { units };
        };
        let groups = Groups::of(config);
        for package in workspace.packages() {
            let declared = groups.declaration(&package.id);
            if declared.is_none_or(|declared| declared.skip && !package.private) {
                continue;
            }
            let mut trains = config.trains.iter();
            let train = trains.find(|train| groups.takes(train, &package.id));
            let versioning = train.map(|train| train.versioning).unwrap_or_default();
            if let Some(group) = groups.fixed(&package.id, versioning) {
                units.entry(group).or_default().push(package);
            }
        }
        Self { units }
    }

    /// The groups, by name, and their members.
    pub(crate) fn units(&self) -> impl Iterator<Item = (Option<&'a str>, &[&'a Package])> {
        self.units.iter().map(|(group, members)| (*group, &**members))
    }
}
