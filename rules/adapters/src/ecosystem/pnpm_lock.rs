//! `pnpm-lock.yaml`: where it repeats what packages of the workspace require of one another.

use std::collections::BTreeMap;

use model::{Diagnostic, Location, MentionKind, Package, PackageId, SourceTree};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::folder;
use super::package_json::PackageJson;
use super::pnpm_workspace::range_of;
use super::spot::{self, Page, Spot};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Content {
    importers: BTreeMap<String, Importer>,
    /// What replaces requirements; where there is any, the lock file repeats that instead.
    overrides: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Importer {
    dependencies: BTreeMap<String, Entry>,
    dev_dependencies: BTreeMap<String, Entry>,
    optional_dependencies: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    specifier: Option<Spanned<String>>,
}

/// The places where a lock file repeats another requirement of one of `packages` than the manifest has. It states no
/// versions of them.
///
/// # Errors
/// It cannot be read.
pub(super) fn page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
    let mut page = Page::read(tree, lock)?;
    // One document per lock file; a newer pnpm puts one about itself before it.
    let body = page.text.rfind("\n---\n").map_or(0, |at| at + 5);
    let content: Content = match serde_saphyr::from_str(&page.text[body..]) {
        Ok(content) => content,
        Err(error) => {
            let at = Location {
                line: error
                    .location()
                    .map_or(0, |at| u32::try_from(at.line()).unwrap_or(0)),
                ..Location::file(lock)
            };
            let message = error.to_string();
            let message = message.lines().next().unwrap_or("").to_owned();
            return Err(
                Diagnostic::error(format!("this is no lock file of pnpm: {message}"), at)
                    .hint("write it anew: `pnpm install --lockfile-only`"),
            );
        }
    };
    let by_path: BTreeMap<&str, &Package> = packages
        .iter()
        .map(|package| (&*package.path, *package))
        .collect();
    for (path, importer) in &content.importers {
        let importing = folder::join(folder::parent(lock), path);
        let Some(package) = importing.and_then(|path| by_path.get(&*path)) else {
            continue;
        };
        let text = spot::read(tree, &package.manifest)?;
        let manifest = PackageJson::parse(&package.manifest, &text)?;
        let requirements = manifest.requirements();
        for (table, entries) in [
            ("dependencies", &importer.dependencies),
            ("devDependencies", &importer.dev_dependencies),
            ("optionalDependencies", &importer.optional_dependencies),
        ] {
            for (key, entry) in entries {
                let mut written = requirements.iter().filter(|need| need.key == key);
                let Some(specifier) = &entry.specifier else {
                    continue;
                };
                let is_known = |name: &str| packages.iter().any(|package| package.id.name == name);
                let Some(first) = written.clone().next().filter(|need| is_known(need.name)) else {
                    continue;
                };
                let is_overridden = content.overrides.keys().any(|name| name.contains(key.as_str()));
                if is_overridden || written.any(|need| need.requirement == specifier.value) {
                    continue;
                }
                let Some(range) = range_of(&page.text[body..], specifier) else {
                    continue;
                };
                page.spots.push(Spot {
                    range: body + range.start..body + range.end,
                    place: format!("importers.{path}.{table}.{key}.specifier"),
                    kind: MentionKind::Lock,
                    package: PackageId {
                        ecosystem: package.id.ecosystem.clone(),
                        name: first.name.to_owned(),
                    },
                });
            }
        }
    }
    Ok(page)
}
