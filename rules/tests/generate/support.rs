//! Packages for tests of generating.

use model::{Dependency, DependencyKind, Package, PackageId, Version, Workspace};
use rules::{Declared, Found, FoundWorkspace, update};

/// The ecosystems tests look for.
pub(crate) const ECOSYSTEMS: &[&str] = &["cargo", "npm", "pnpm", "uv"];

/// An id.
pub(crate) fn id(ecosystem: &str, name: &str) -> PackageId {
    PackageId {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
    }
}

/// A package.
pub(crate) fn package(ecosystem: &str, name: &str, path: &str, workspace: &str) -> Package {
    Package {
        id: id(ecosystem, name),
        version: "0.1.0".parse::<Version>().expect("a version"),
        written_version: "0.1.0".to_owned(),
        path: path.to_owned(),
        manifest: format!("{path}/manifest"),
        workspace: workspace.to_owned(),
        private: false,
        dependencies: vec![],
        registry: None,
        notes: std::collections::BTreeMap::new(),
    }
}

/// The same, not to be released.
pub(crate) fn private(package: Package) -> Package {
    Package {
        private: true,
        ..package
    }
}

/// A need that no manifest knows.
pub(crate) fn cross(ecosystem: &str, name: &str) -> Dependency {
    Dependency {
        on: id(ecosystem, name),
        kind: DependencyKind::Cross,
        requirement: String::new(),
    }
}

/// A root without written members.
pub(crate) fn root(ecosystem: &str, root: &str) -> FoundWorkspace {
    FoundWorkspace {
        ecosystem: ecosystem.to_owned(),
        root: root.to_owned(),
        members: vec![],
    }
}

/// A workspace of packages with distinct names.
pub(crate) fn workspace(packages: Vec<Package>) -> Workspace {
    Workspace::new(packages).expect("distinct names")
}

/// What is in the repository.
pub(crate) fn found<'a>(workspace: &'a Workspace, roots: &'a [FoundWorkspace]) -> Found<'a> {
    Found {
        workspace,
        roots,
        ecosystems: ECOSYSTEMS,
        vcs: "git",
        tags: &[],
        plans_dir: None,
        fixed: &[],
        remarks: &[],
    }
}

/// The updated text of a file that nobody evaluated, which must be up to date afterwards.
pub(crate) fn updated(existing: &str, packages: Vec<Package>) -> String {
    updated_knowing(existing, packages, &Declared::default())
}

/// The same, with what evaluating said.
pub(crate) fn updated_knowing(existing: &str, packages: Vec<Package>, declared: &Declared) -> String {
    let mut roots: Vec<FoundWorkspace> = packages
        .iter()
        .map(|package| root(&package.id.ecosystem, &package.workspace))
        .collect();
    roots.sort();
    roots.dedup();
    let workspace = workspace(packages);
    let found = found(&workspace, &roots);
    let text = update(existing, "RELEASE.star", &found, declared).expect("an update");
    let again = update(&text, "RELEASE.star", &found, declared).expect("another update");
    assert_eq!(again, text, "an updated file is up to date");
    text
}
