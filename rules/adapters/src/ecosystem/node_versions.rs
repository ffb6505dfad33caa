//! Where versions stand in the files of npm's and pnpm's workspaces: `package.json`, catalogs, and npm's lock file.

use std::collections::BTreeSet;

use engine::Command;
use model::{Diagnostic, MentionKind, Package, PackageId, SourceTree};

use super::node::Owner;
use super::npm::{self, Npm};
use super::package_json::PackageJson;
use super::pnpm::{self, Pnpm};
use super::pnpm_workspace::PnpmWorkspace;
use super::spot::{self, Page, Spot};
use super::versions::Stating;
use super::{folder, package_lock};

const PNPM_LOCK: &str = "pnpm-lock.yaml";

impl Stating for Npm {
    const REFRESH: &'static [&'static str] = &[
        "npm",
        "install",
        "--package-lock-only",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ];

    fn command(argv: Vec<String>) -> Command {
        npm::command(argv)
    }

    fn pages(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>> {
        manifests(tree, packages, Owner::Npm)
    }

    fn lock(tree: &dyn SourceTree, workspace: &str) -> Option<String> {
        package_lock::find(tree, workspace)
    }

    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
        package_lock::page(tree, lock, packages)
    }
}

impl Stating for Pnpm {
    const REFRESH: &'static [&'static str] = &[
        "pnpm",
        "install",
        "--lockfile-only",
        "--ignore-scripts",
        "--no-frozen-lockfile",
        "--reporter=append-only",
    ];

    fn command(argv: Vec<String>) -> Command {
        pnpm::command(argv)
    }

    fn pages(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>> {
        manifests(tree, packages, Owner::Pnpm)
    }

    fn lock(tree: &dyn SourceTree, workspace: &str) -> Option<String> {
        Some(folder::file(workspace, PNPM_LOCK)).filter(|lock| tree.files().contains(lock))
    }

    /// pnpm's lock file links its workspace's packages by folder and states no version of theirs.
    fn lock_page(_: &dyn SourceTree, lock: &str, _: &[&Package]) -> Result<Page, Diagnostic> {
        Ok(Page {
            file: lock.to_owned(),
            text: String::new(),
            spots: Vec::new(),
        })
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
