//! A workspace: all packages of a repository and the edges between them, across ecosystems.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Dependency, DependencyKind, Package, PackageId};

/// All packages of a repository, sorted by id. Edges to packages outside it do not appear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    packages: BTreeMap<PackageId, Package>,
    /// Those that packages are of: a handful.
    ecosystems: BTreeSet<String>,
}

impl Workspace {
    /// A workspace of these packages; dependencies on anything else are dropped.
    ///
    /// # Errors
    /// The manifests of two packages with one id.
    pub fn new(packages: Vec<Package>) -> Result<Self, (PackageId, String, String)> {
        let mut map: BTreeMap<PackageId, Package> = BTreeMap::new();
        for package in packages {
            if let Some(other) = map.get(&package.id) {
                return Err((package.id.clone(), other.manifest.clone(), package.manifest));
            }
            map.insert(package.id.clone(), package);
        }
        let known: BTreeSet<PackageId> = map.keys().cloned().collect();
        for package in map.values_mut() {
            package
                .dependencies
                .retain(|dependency| known.contains(&dependency.on));
            package.dependencies.sort();
            package.dependencies.dedup();
        }
        let ecosystems = known.into_iter().map(|id| id.ecosystem).collect();
        Ok(Self {
            packages: map,
            ecosystems,
        })
    }

    /// Adds an edge that no manifest knows.
    pub fn add_cross_dependency(&mut self, from: &PackageId, on: PackageId) {
        if let Some(package) = self.packages.get_mut(from)
            && !package.dependencies.iter().any(|dependency| dependency.on == on)
        {
            let requirement = String::new();
            package.dependencies.push(Dependency {
                on,
                kind: DependencyKind::Cross,
                requirement,
            });
            package.dependencies.sort();
        }
    }

    /// All packages, sorted by id.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = &Package> {
        self.packages.values()
    }

    /// One package.
    #[must_use]
    pub fn get(&self, id: &PackageId) -> Option<&Package> {
        self.packages.get(id)
    }

    /// The packages of that name, in any ecosystem.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Package> {
        let id = move |ecosystem: &String| PackageId {
            ecosystem: ecosystem.clone(),
            name: name.to_owned(),
        };
        self.ecosystems
            .iter()
            .filter_map(move |ecosystem| self.get(&id(ecosystem)))
    }

    /// What a package needs before it can be released, sorted: everything but development needs.
    #[must_use]
    pub fn dependencies(&self, id: &PackageId) -> Vec<&PackageId> {
        let Some(package) = self.get(id) else {
            return Vec::new();
        };
        let needed = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Dev);
        let ids: BTreeSet<&PackageId> = needed.map(|dependency| &dependency.on).collect();
        ids.into_iter().collect()
    }

    /// A package's name where it is unique, else its whole id: `core`, or `cargo/core`.
    #[must_use]
    pub fn display_name(&self, id: &PackageId) -> String {
        if self.named(&id.name).nth(1).is_some() {
            id.to_string()
        } else {
            id.name.clone()
        }
    }
}
