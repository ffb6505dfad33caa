//! Where versions stand in the files of npm's and pnpm's workspaces: `package.json`, catalogs, and npm's lock file.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Diagnostic, Ecosystem, Mention, MentionKind, Package, PackageId, Refresh, SourceTree, Version,
    VersionFiles,
};

use super::node::Owner;
use super::npm::{self, Npm};
use super::package_json::PackageJson;
use super::pnpm::{self, Pnpm};
use super::pnpm_workspace::PnpmWorkspace;
use super::spot::{self, Page, Spot};
use super::{folder, package_lock, pnpm_lock};

impl VersionFiles for Npm {
    fn mentions(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
    ) -> Result<Vec<Mention>, Vec<Diagnostic>> {
        let mut pages = manifests(tree, packages, Owner::Npm)?;
        let by_path = packages
            .iter()
            .map(|package| (&*package.path, *package))
            .collect();
        let locks = spot::workspaces(packages)
            .into_iter()
            .filter_map(|workspace| package_lock::find(tree, workspace));
        pages.extend(spot::all(
            locks.map(|lock| package_lock::page(tree, &lock, &by_path)),
        )?);
        Ok(spot::mentions(self.name(), packages, &pages))
    }

    fn rewritten(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
        versions: &BTreeMap<PackageId, Version>,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        spot::rewritten(self.name(), &manifests(tree, packages, Owner::Npm)?, versions)
    }

    fn refresh(&self, tree: &dyn SourceTree, workspace: &str) -> Option<Refresh> {
        let argv = [
            "npm",
            "install",
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ];
        Some(Refresh {
            lock: package_lock::find(tree, workspace)?,
            command: npm::in_place(workspace, &[&argv[..], &["--offline"]].concat()),
            online: npm::in_place(workspace, &argv),
            hint: self.tool().hint,
        })
    }

    fn manifests(
        &self,
        tree: &dyn SourceTree,
        package: &Package,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        spot::manifests(tree, self, package)
    }
}

impl VersionFiles for Pnpm {
    /// pnpm's lock file links its workspace's packages by folder and states no version of theirs, but it repeats what they
    /// require of one another: where that is not what the manifest says, it is stale.
    fn mentions(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
    ) -> Result<Vec<Mention>, Vec<Diagnostic>> {
        let mut pages = manifests(tree, packages, Owner::Pnpm)?;
        let workspaces = spot::workspaces(packages).into_iter();
        pages.extend(spot::all(
            workspaces.filter_map(|workspace| pnpm_lock::page(tree, workspace, packages)),
        )?);
        Ok(spot::mentions(self.name(), packages, &pages))
    }

    fn rewritten(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
        versions: &BTreeMap<PackageId, Version>,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        spot::rewritten(self.name(), &manifests(tree, packages, Owner::Pnpm)?, versions)
    }

    fn refresh(&self, tree: &dyn SourceTree, workspace: &str) -> Option<Refresh> {
        let lock = folder::file(workspace, pnpm_lock::LOCK);
        let argv = [
            "pnpm",
            "install",
            "--lockfile-only",
            "--ignore-scripts",
            "--no-frozen-lockfile",
            "--reporter=append-only",
        ];
        tree.files().contains(&lock).then(|| Refresh {
            lock,
            command: pnpm::in_place(workspace, &[&argv[..], &["--offline"]].concat()),
            online: pnpm::in_place(workspace, &argv),
            hint: self.tool().hint,
        })
    }

    fn manifests(
        &self,
        tree: &dyn SourceTree,
        package: &Package,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        spot::manifests(tree, self, package)
    }
}

/// The manifests of the packages, and the catalogs of their workspaces.
fn manifests(
    tree: &dyn SourceTree,
    packages: &[&Package],
    owner: Owner,
) -> Result<Vec<Page>, Vec<Diagnostic>> {
    let known: BTreeSet<&str> = packages.iter().map(|package| &*package.id.name).collect();
    let mut pages = spot::all(packages.iter().map(|package| manifest(tree, package, &known)))?;
    if owner == Owner::Pnpm {
        let catalogs = spot::workspaces(packages)
            .into_iter()
            .map(|workspace| PnpmWorkspace::read(tree, workspace).transpose())
            .filter_map(|read| read.map(|read| read.map(|found| catalogs(found, &known))));
        pages.extend(spot::all(catalogs)?);
    }
    Ok(pages)
}

fn manifest(tree: &dyn SourceTree, package: &Package, known: &BTreeSet<&str>) -> Result<Page, Diagnostic> {
    let mut page = Page::read(tree, &package.manifest)?;
    let json = PackageJson::parse(&page.file, &page.text)?;
    let own = json.own_version().map(|range| Spot {
        range,
        place: "version".to_owned(),
        kind: MentionKind::Manifest,
        package: package.id.clone(),
    });
    let needs = json.requirements().into_iter().filter(|need| {
        known.contains(need.name) && !need.requirement.starts_with("catalog:") && need.name != package.id.name
    });
    let needs = needs.map(|need| Spot {
        range: need.range,
        place: format!("{}.{}", need.table, need.key),
        kind: MentionKind::Requirement,
        package: PackageId {
            ecosystem: package.id.ecosystem.clone(),
            name: need.name.to_owned(),
        },
    });
    let spots = own.into_iter().chain(needs).collect();
    page.spots = spots;
    Ok(page)
}

fn catalogs(workspace: PnpmWorkspace, known: &BTreeSet<&str>) -> Page {
    let spots = workspace
        .catalog_entries()
        .into_iter()
        .filter(|entry| known.contains(entry.name))
        .map(|entry| Spot {
            range: entry.range,
            place: entry.place,
            kind: MentionKind::Requirement,
            package: PackageId {
                ecosystem: Owner::Pnpm.name().to_owned(),
                name: entry.name.to_owned(),
            },
        })
        .collect();
    Page {
        file: workspace.file,
        text: workspace.text,
        spots,
    }
}
