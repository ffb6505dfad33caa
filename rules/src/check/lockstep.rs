//! Which packages have one version between them.

use std::collections::BTreeMap;

use model::{Config, Package, Versioning, Workspace};

use crate::groups::Groups;

/// The fixed groups of a configuration with their members, sorted. A package that is left out of releases for now is no
/// member; one that is private cannot be released at all and is.
pub(crate) struct Lockstep<'a> {
    units: BTreeMap<String, Vec<&'a Package>>,
}

/// What the packages are called that belong together without a group.
const UNGROUPED: &str = "the train";

impl<'a> Lockstep<'a> {
    pub(crate) fn of(config: Option<&Config>, workspace: &'a Workspace) -> Self {
        let mut units: BTreeMap<String, Vec<&Package>> = BTreeMap::new();
        let Some(config) = config else {
            return Self { units };
        };
        let groups = Groups::of(config);
        for package in workspace.packages() {
            let declared = groups.declaration(&package.id);
            if declared.is_none_or(|declared| declared.skip && !package.private) {
                continue;
            }
            let name = groups.names(&package.id).first().copied();
            let own = name.and_then(|name| groups.group(name)?.versioning);
            if own.unwrap_or_else(|| of_train(config, name)) == Versioning::Fixed {
                let name = name.map_or_else(|| UNGROUPED.to_owned(), |name| format!("group `{name}`"));
                units.entry(name).or_default().push(package);
            }
        }
        Self { units }
    }

    /// The groups: what they are called, and their members.
    pub(crate) fn units(&self) -> impl Iterator<Item = (&str, &[&'a Package])> {
        self.units.iter().map(|(name, members)| (&**name, &**members))
    }

    /// How a unit is chosen on the command line.
    pub(crate) fn selector(&self, unit: &str) -> String {
        match unit.split('`').nth(1) {
            Some(group) => format!("--group {group}"),
            None => "--all".to_owned(),
        }
    }
}

/// How versions relate in a group that does not say: as in the first train that takes it.
fn of_train(config: &Config, group: Option<&str>) -> Versioning {
    let takes = |train: &&model::TrainDecl| {
        train.groups.is_empty() || group.is_some_and(|group| train.groups.iter().any(|name| name == group))
    };
    config
        .trains
        .iter()
        .find(takes)
        .map_or(Versioning::Independent, |train| train.versioning)
}
