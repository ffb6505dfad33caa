//! Which groups and trains a package is in, looked up once for all packages.

use std::collections::{BTreeMap, BTreeSet};

use model::{Config, GroupDecl, PackageDecl, PackageId, PinStrategy, TrainDecl};

/// The memberships that RELEASE.star declares.
#[derive(Debug, Default)]
pub(crate) struct Groups<'a> {
    /// By ecosystem, then by name.
    members: BTreeMap<&'a str, BTreeMap<&'a str, Member<'a>>>,
    by_name: BTreeMap<&'a str, &'a GroupDecl>,
    trains: Vec<Option<BTreeSet<&'a str>>>,
}

#[derive(Debug)]
struct Member<'a> {
    declared: &'a PackageDecl,
    groups: Vec<&'a str>,
}

impl<'a> Groups<'a> {
    pub(crate) fn of(config: &'a Config) -> Self {
        let mut all = Self::default();
        let mut ecosystems: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for declared in &config.packages {
            let member = Member {
                declared,
                groups: declared.group.as_deref().into_iter().collect(),
            };
            all.members
                .entry(&declared.ecosystem)
                .or_default()
                .insert(&declared.name, member);
            ecosystems
                .entry(&declared.name)
                .or_default()
                .push(&declared.ecosystem);
        }
        for group in &config.groups {
            for name in &group.packages {
                let plain = ecosystems.get(name.as_str()).into_iter().flatten();
                let plain = plain.map(|ecosystem| (*ecosystem, name.as_str()));
                for (ecosystem, name) in plain.chain(name.split_once('/')) {
                    all.join(ecosystem, name, &group.name);
                }
            }
        }
        all.by_name = config
            .groups
            .iter()
            .map(|group| (group.name.as_str(), group))
            .collect();
        let names = |names: &'a [String]| names.iter().map(String::as_str).collect::<BTreeSet<_>>();
        let trains = config.trains.iter();
        all.trains = trains
            .map(|train| (!train.groups.is_empty()).then(|| names(&train.groups)))
            .collect();
        all
    }

    fn join(&mut self, ecosystem: &str, name: &str, group: &'a str) {
        let member = self
            .members
            .get_mut(ecosystem)
            .and_then(|members| members.get_mut(name));
        if let Some(member) = member
            && !member.groups.contains(&group)
        {
            member.groups.push(group);
        }
    }

    fn member(&self, id: &PackageId) -> Option<&Member<'a>> {
        self.members.get(id.ecosystem.as_str())?.get(id.name.as_str())
    }

    /// A package's declaration.
    pub(crate) fn declaration(&self, id: &PackageId) -> Option<&'a PackageDecl> {
        self.member(id).map(|member| member.declared)
    }

    /// The names of a package's groups: the one it names itself first, then in the order the groups are declared.
    pub(crate) fn names(&self, id: &PackageId) -> &[&'a str] {
        self.member(id).map_or(&[], |member| &member.groups)
    }

    /// The declaration of a group; a package may name one that has none.
    pub(crate) fn group(&self, name: &str) -> Option<&'a GroupDecl> {
        self.by_name.get(name).copied()
    }

    /// The declarations of a package's groups.
    pub(crate) fn groups(&self, id: &PackageId) -> impl Iterator<Item = &'a GroupDecl> {
        self.names(id).iter().filter_map(|name| self.group(name))
    }

    /// How tightly a package pins those it needs: what it says, else its group, else the train.
    pub(crate) fn pin_strategy(&self, id: &PackageId, train: &TrainDecl) -> PinStrategy {
        let own = self.declaration(id).and_then(|decl| decl.pin_strategy);
        let of_group = || self.groups(id).find_map(|group| group.pin_strategy);
        own.or_else(of_group).unwrap_or(train.pin_strategy)
    }

    /// The trains, by number, that a package is released with; none if it is not declared, or skipped.
    pub(crate) fn trains(&self, id: &PackageId) -> BTreeSet<usize> {
        let Some(member) = self.member(id).filter(|member| !member.declared.skip) else {
            return BTreeSet::new();
        };
        let takes = |groups: &Option<BTreeSet<&str>>| {
            groups
                .as_ref()
                .is_none_or(|groups| member.groups.iter().any(|name| groups.contains(name)))
        };
        self.trains
            .iter()
            .enumerate()
            .filter(|(_, groups)| takes(groups))
            .map(|(number, _)| number)
            .collect()
    }
}
