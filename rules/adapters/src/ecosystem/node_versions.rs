//! Where versions stand in the manifests of npm's and pnpm's workspaces: `package.json` and catalogs.

use std::collections::BTreeSet;

use model::{Diagnostic, MentionKind, Package, PackageId, SourceTree};

use super::node::Owner;
use super::package_json::{PackageJson, sibling};
use super::pnpm_workspace::PnpmWorkspace;
use super::spot::{self, Held, Page, Spot};

/// The manifests of the packages, and the catalogs of their workspaces.
pub(super) fn pages(
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
    let (mut spots, mut held) = (Vec::new(), Vec::new());
    for entry in workspace.catalog_entries() {
        let Some(name) = sibling(entry.name, entry.says).filter(|name| known.contains(name)) else {
            continue;
        };
        let spot = Spot {
            range: entry.range,
            place: entry.place,
            kind: MentionKind::Requirement,
            package: PackageId {
                ecosystem: Owner::Pnpm.name().to_owned(),
                name: name.to_owned(),
            },
        };
        match entry.held {
            None => spots.push(spot),
            Some(why) => held.push(Held {
                spot,
                says: entry.says.to_owned(),
                why,
            }),
        }
    }
    Page {
        held,
        ..Page::of(workspace.file, workspace.text, spots)
    }
}
