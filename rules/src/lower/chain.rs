//! The chain of actions of every package: which there are, and their places in the graph, before they are made.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use engine::ActionId;
use model::{Bump, Commit, Diagnostic, Ecosystem, Location, Package, PackageId, Recipe, Registry, Version};

use super::files::Files;
use super::source::near;
use super::{Release, Stage, id};
use crate::bump_file::BumpedFile;
use crate::groups::Groups;
use crate::names::Names;
use crate::version::PlannedVersion;

/// One package's part in the release.
pub(super) struct Chain<'a> {
    pub(super) package: &'a Package,
    /// The version it is built as.
    pub(super) version: Version,
    /// What is planned for it; `None` if it is only built because another package is built with its artifacts.
    pub(super) planned: Option<&'a PlannedVersion>,
    pub(super) ecosystem: &'a dyn Ecosystem,
    /// What people call it; unique.
    pub(super) name: String,
    pub(super) recipe: Recipe,
    pub(super) ids: Ids,
    /// Where it goes, when publishing.
    pub(super) registry: Option<&'a Arc<dyn Registry>>,
}

/// The places of one package's actions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids {
    /// If there is a manifest to pin.
    pub(super) pin: Option<ActionId>,
    pub(super) build: ActionId,
    /// If it is planned.
    pub(super) checksums: Option<ActionId>,
    /// If anything is new. What was released from this commit before has had its changelog.
    pub(super) changelog: Option<ActionId>,
    /// When publishing.
    pub(super) effects: Option<Effects>,
}

/// The places of the actions that touch the world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effects {
    pub(super) publish: ActionId,
    pub(super) poll: ActionId,
    pub(super) smoke_test: Option<ActionId>,
    pub(super) verify: ActionId,
    /// If there is a commit to tag.
    pub(super) tag: Option<ActionId>,
}

/// All packages of the release, sorted by id, then those that are only built; and what is looked up for each.
pub(super) struct Chains<'a> {
    pub(super) release: &'a Release<'a>,
    pub(super) chains: Vec<Chain<'a>>,
    pub(super) groups: Groups<'a>,
    pub(super) names: Names<'a>,
    /// The folders of all packages of the repository.
    pub(super) folders: BTreeSet<&'a str>,
    /// Files that took part in evaluating RELEASE.star.
    pub(super) config_files: BTreeSet<&'a str>,
    pub(super) commits: HashMap<&'a str, &'a Commit>,
    /// What is written into the bump files of all packages, by path.
    pub(super) bumps: BTreeMap<String, Vec<BumpedFile>>,
    /// By tag, the verifications of the packages that share it.
    pub(super) tagged: BTreeMap<&'a str, Vec<ActionId>>,
    /// The version of every package, as far as the plan says.
    pub(super) versions: BTreeMap<&'a PackageId, &'a Version>,
    by_id: BTreeMap<&'a PackageId, usize>,
}

impl<'a> Chains<'a> {
    /// Gives every action of every package its place, from `first` on.
    pub(super) fn of(
        release: &'a Release<'a>,
        files: &Files<'_>,
        first: usize,
        wrong: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut chains = Self::empty(release);
        // Sorted by id, which ecosystems rely on.
        let all: Vec<&Package> = release.workspace.packages().collect();
        let mut planned: Vec<&PlannedVersion> = release.versions.iter().collect();
        planned.sort_by_key(|version| &version.package);
        let mut places = (first..).map(id);
        for version in planned {
            let chain = chains.chain(&version.package, Some(version), &all, &mut places);
            chains.add(chain, files, wrong);
        }
        let mut next = 0;
        while let Some(chain) = chains.chains.get(next) {
            let artifacts = chain.recipe.artifacts.values();
            let wanted: BTreeSet<PackageId> = artifacts
                .filter(|id| !chains.by_id.contains_key(id))
                .cloned()
                .collect();
            for id in wanted {
                let chain = chains.chain(&id, None, &all, &mut places);
                chains.add(chain, files, wrong);
            }
            next += 1;
        }
        chains
    }

    fn empty(release: &'a Release<'a>) -> Self {
        let packages = release.workspace.packages();
        let needs = release.versions.iter().flat_map(|version| &version.needs);
        let needs = needs.map(|needed| (&needed.package, &needed.version));
        let own = release
            .versions
            .iter()
            .map(|version| (&version.package, &version.next));
        let versions: BTreeMap<&PackageId, &Version> = needs.chain(own).collect();
        let next = |id: &PackageId| versions.get(id).map(|version| (*version).clone());
        let mut bumps: BTreeMap<String, Vec<BumpedFile>> = BTreeMap::new();
        for bump in crate::bump_file::bumped(Some(release.config), release.workspace, next) {
            bumps.entry(bump.path.clone()).or_default().push(bump);
        }
        Self {
            release,
            bumps,
            chains: Vec::with_capacity(release.versions.len()),
            groups: Groups::of(release.config),
            names: Names::of(release.workspace),
            folders: packages.map(|package| package.path.as_str()).collect(),
            config_files: release
                .config
                .files
                .iter()
                .map(|file| file.path.as_str())
                .collect(),
            commits: release
                .commits
                .iter()
                .map(|commit| (commit.id.0.as_str(), commit))
                .collect(),
            tagged: BTreeMap::new(),
            versions,
            by_id: BTreeMap::new(),
        }
    }

    fn add(&mut self, chain: Result<Chain<'a>, Diagnostic>, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) {
        let chain = match chain {
            Ok(chain) => chain,
            Err(diagnostic) => return wrong.push(diagnostic),
        };
        for manifest in chain
            .recipe
            .pinned
            .iter()
            .filter(|manifest| files.at(manifest).is_none())
        {
            let message = format!("`{}` is pinned in `{manifest}`, which is not there", chain.name);
            let at = Location::file(&*chain.package.manifest);
            wrong.push(Diagnostic::error(message, at).hint("is it ignored by git?"));
        }
        if let (Some(effects), Some(planned)) = (chain.ids.effects, chain.planned) {
            for tag in std::iter::once(&planned.tag).chain(&planned.secondary_tags) {
                let sharing = self.tagged.entry(tag).or_default();
                if sharing.last() != Some(&effects.verify) {
                    sharing.push(effects.verify);
                }
            }
        }
        self.by_id.insert(&chain.package.id, self.chains.len());
        self.chains.push(chain);
    }

    fn chain(
        &self,
        id: &PackageId,
        planned: Option<&'a PlannedVersion>,
        all: &[&Package],
        places: &mut impl Iterator<Item = ActionId>,
    ) -> Result<Chain<'a>, Diagnostic> {
        let unknown = || Diagnostic::error(format!("there is no package `{id}`"), None);
        let package = self.release.workspace.get(id).ok_or_else(unknown)?;
        let ecosystem = &**self.release.adapters.ecosystem(&id.ecosystem)?;
        let version = self
            .versions
            .get(id)
            .map_or(&package.version, |version| *version)
            .clone();
        let recipe = ecosystem.recipe(package, &version, all);
        let registry = match (self.release.stage, planned) {
            (Stage::Publish, Some(_)) => Some(self.registry(id)?),
            _ => None,
        };
        let is_written_into = !recipe.pinned.is_empty() || near(&self.bumps, &recipe).next().is_some();
        let is_tagged = self.release.head.is_some() && self.release.adapters.vcs.is_some();
        let mut next = || places.next().expect("there is always a next number");
        let ids = Ids {
            pin: is_written_into.then(&mut next),
            build: next(),
            checksums: planned.is_some().then(&mut next),
            changelog: planned
                .is_some_and(|version| version.bump != Bump::None)
                .then(&mut next),
            effects: registry.map(|_| Effects {
                publish: next(),
                poll: next(),
                smoke_test: self.is_tried(id).then(&mut next),
                verify: next(),
                tag: is_tagged.then(&mut next),
            }),
        };
        let name = self.names.display(id);
        Ok(Chain {
            package,
            version,
            planned,
            ecosystem,
            name,
            recipe,
            ids,
            registry,
        })
    }

    fn registry(&self, id: &PackageId) -> Result<&'a Arc<dyn Registry>, Diagnostic> {
        self.release
            .registries
            .get(id)
            .ok_or_else(|| Diagnostic::error(format!("nobody said where `{id}` is published"), None))
    }

    fn is_tried(&self, id: &PackageId) -> bool {
        self.groups.groups(id).any(|group| group.smoke_test)
    }

    /// A package's chain, if it is built.
    pub(super) fn find(&self, id: &PackageId) -> Option<&Chain<'a>> {
        self.by_id.get(id).map(|place| &self.chains[*place])
    }

    /// The chains of what a package needs and that takes part in the release too.
    pub(super) fn needed(&self, package: &Package) -> Vec<&Chain<'a>> {
        let needed = self.release.workspace.dependencies(&package.id).into_iter();
        let chains = needed
            .filter(|id| **id != package.id)
            .filter_map(|id| self.find(id));
        chains.filter(|chain| chain.planned.is_some()).collect()
    }
}

impl Ids {
    /// The actions in the order of the chain.
    pub(super) fn all(&self) -> Vec<ActionId> {
        let mut ids = vec![self.pin, Some(self.build), self.checksums, self.changelog];
        if let Some(effects) = self.effects {
            let Effects {
                publish,
                poll,
                smoke_test,
                verify,
                tag,
            } = effects;
            ids.extend([Some(publish), Some(poll), smoke_test, Some(verify), tag]);
        }
        ids.into_iter().flatten().collect()
    }
}
