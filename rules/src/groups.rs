//! Which groups and trains a package is in, looked up once for all packages.

use std::collections::BTreeMap;

use model::{Config, GroupDecl, PackageDecl, PackageId, PinStrategy, TrainDecl};

/// The memberships that RELEASE.star declares.
#[derive(Debug, Default)]
pub(crate) struct Groups<'a> {
    /// By ecosystem, then by name.
    members: BTreeMap<&'a str, BTreeMap<&'a str, Member<'a>>>,
    by_name: BTreeMap<&'a str, &'a GroupDecl>,
    trains: &'a [TrainDecl],
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
        all.trains = &config.trains;
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

    /// Whether a train releases a package: it is declared, not skipped, and in one of the train's groups; a train that
    /// names no group takes every declared package.
    pub(crate) fn is_aboard(&self, train: &TrainDecl, id: &PackageId) -> bool {
        let Some(member) = self.member(id).filter(|member| !member.declared.skip) else {
            return false;
        };
        let is_named = |group: &&str| train.groups.iter().any(|name| name == group);
        train.groups.is_empty() || member.groups.iter().any(is_named)
    }

    /// The first train that releases a package.
    pub(crate) fn first_train(&self, id: &PackageId) -> Option<&'a TrainDecl> {
        self.trains.iter().find(|train| self.is_aboard(train, id))
    }
}
