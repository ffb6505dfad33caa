//! Which groups and trains a package is in, looked up once for all packages.

use std::collections::BTreeMap;

use model::{Config, GroupDecl, PackageDecl, PackageId, PinStrategy, TrainDecl, Versioning};

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

    /// The fixed group a declared package has one version with, if any: the first of its groups by name, or `None` for
    /// all that are in none. `versioning` is how versions relate where the group does not say.
    pub(crate) fn fixed(&self, id: &PackageId, versioning: Versioning) -> Option<Option<&'a str>> {
        let name = self.member(id)?.groups.first().copied();
        let declared = name.and_then(|name| self.group(name)?.versioning);
        (declared.unwrap_or(versioning) == Versioning::Fixed).then_some(name)
    }

    /// Whether a train releases a package: it takes it, and the package is not skipped.
    pub(crate) fn is_aboard(&self, train: &TrainDecl, id: &PackageId) -> bool {
        self.declaration(id).is_some_and(|declared| !declared.skip) && self.takes(train, id)
    }

    /// Whether a train takes a declared package, skipped or not: it is in one of the train's groups; a train that names
    /// no group takes all.
    pub(crate) fn takes(&self, train: &TrainDecl, id: &PackageId) -> bool {
        let is_named = |group: &&str| train.groups.iter().any(|name| name == group);
        let is_in = |member: &Member<'_>| train.groups.is_empty() || member.groups.iter().any(is_named);
        self.member(id).is_some_and(is_in)
    }

    /// The first train that releases a package.
    pub(crate) fn first_train(&self, id: &PackageId) -> Option<&'a TrainDecl> {
        self.trains.iter().find(|train| self.is_aboard(train, id))
    }
}
