//! Where versions stand in the files of uv's workspaces: `pyproject.toml`, files a version is computed from, `uv.lock`.

use std::collections::BTreeMap;

use engine::Command;
use model::{Diagnostic, MentionKind, Package, PackageId, SourceTree};
use toml_edit::Item;

use super::requirement::{Requirement, normalised};
use super::splice::between_quotes;
use super::spot::{self, Page, Spot};
use super::toml_text::{Toml, look};
use super::uv::{self, Uv};
use super::versions::Stating;
use super::{dynamic, folder, origin, pyproject};

impl Stating for Uv {
    const LOCKS: &'static [&'static str] = &["uv.lock"];
    const REFRESH: &'static [&'static str] = &["uv", "lock", "--quiet"];
    /// A version that is computed from history stands in no lock file, but its computation must not fail.
    const WITHOUT_HISTORY: &'static [(&'static str, &'static str)] =
        &[("SETUPTOOLS_SCM_PRETEND_VERSION", "0.0.0")];

    fn command(argv: Vec<String>) -> Command {
        uv::command(argv)
    }

    /// The manifests of the packages, and the files their versions are computed from.
    fn pages(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>> {
        let known: BTreeMap<String, &PackageId> = packages
            .iter()
            .map(|package| (normalised(&package.id.name), &package.id))
            .collect();
        let mut pages = spot::all(packages.iter().map(|package| manifest(tree, package, &known)))?;
        let computed = packages
            .iter()
            .filter_map(|package| Some((package, package.notes.get("version-file")?)));
        pages.extend(spot::all(
            computed.map(|(package, file)| version_file(tree, package, file)),
        )?);
        Ok(pages)
    }

    /// The entries of a lock file that are about packages of the repository: those that come from a folder. One whose
    /// version is computed while building has none there.
    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
        let toml = Toml::read(tree, lock)?;
        let by_path: BTreeMap<&str, &Package> = packages
            .iter()
            .map(|package| (&*package.path, *package))
            .collect();
        let entries = toml.get(&["package"]).and_then(Item::as_array_of_tables);
        let entries = entries.into_iter().flatten();
        let spots = entries
            .filter_map(|entry| {
                let source = entry.get("source")?;
                let path = ["editable", "virtual", "directory"]
                    .iter()
                    .find_map(|kind| look(source, &[kind])?.as_str())?;
                let package = by_path.get(&*folder::join(folder::parent(lock), path)?)?;
                let version = entry.get("version").filter(|version| version.is_str())?;
                Some(Spot {
                    range: between_quotes(&toml.text, &toml.range_of(version)?),
                    place: format!("package.{}.version", entry.get("name")?.as_str()?),
                    kind: MentionKind::Lock,
                    package: package.id.clone(),
                })
            })
            .collect();
        Ok(Page::of(toml.file, toml.text, spots))
    }
}

fn manifest(
    tree: &dyn SourceTree,
    package: &Package,
    known: &BTreeMap<String, &PackageId>,
) -> Result<Page, Diagnostic> {
    let toml = Toml::read(tree, &package.manifest)?;
    let mut spots = Vec::new();
    if let Some((place, item)) = origin::own_version(&toml).filter(|(_, item)| item.is_str())
        && let Some(range) = toml.range_of(item)
    {
        spots.push(Spot {
            range: between_quotes(&toml.text, &range),
            place: place.to_owned(),
            kind: MentionKind::Manifest,
            package: package.id.clone(),
        });
    }
    for need in pyproject::requirements(&toml) {
        let inner = between_quotes(&toml.text, &need.written.range);
        let Some(parsed) = Requirement::parse(&toml.text[inner.clone()]) else {
            continue;
        };
        let Some(&on) = known.get(&normalised(parsed.name)) else {
            continue;
        };
        if pyproject::is_range(&parsed) {
            spots.push(Spot {
                range: inner.start + parsed.range.start..inner.start + parsed.range.end,
                place: need.place,
                kind: MentionKind::Requirement,
                package: on.clone(),
            });
        }
    }
    Ok(Page::of(toml.file, toml.text, spots))
}

fn version_file(tree: &dyn SourceTree, package: &Package, file: &str) -> Result<Page, Diagnostic> {
    let mut page = Page::read(tree, file)?;
    let rule = package.notes.get("version-rule").map(String::as_str);
    let place = rule
        .and_then(|rule| rule.strip_prefix("key "))
        .unwrap_or("version");
    let spots = dynamic::version_in(package, file, &page.text).map(|range| Spot {
        range,
        place: place.to_owned(),
        kind: MentionKind::Manifest,
        package: package.id.clone(),
    });
    page.spots = spots.into_iter().collect();
    Ok(page)
}
