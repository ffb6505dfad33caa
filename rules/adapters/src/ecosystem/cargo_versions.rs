//! Where versions stand in the files of Cargo's workspaces: `Cargo.toml` and `Cargo.lock`.

use std::collections::BTreeSet;

use engine::Command;
use model::{Diagnostic, MentionKind, Package, PackageId, SourceTree};
use toml_edit::Item;

use super::cargo::{self, Cargo};
use super::cargo_toml::{self, Entry, MANIFEST};
use super::folder;
use super::splice::between_quotes;
use super::spot::{self, Page, Spot};
use super::toml_text::Toml;
use super::versions::Stating;

impl Stating for Cargo {
    const LOCKS: &'static [&'static str] = &["Cargo.lock"];
    /// Only what members need is looked at anew; what was locked of others stays.
    const REFRESH: &'static [&'static str] = &["cargo", "update", "--quiet", "--workspace"];

    fn command(argv: Vec<String>) -> Command {
        cargo::command(argv)
    }

    fn pages(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>> {
        manifests(tree, packages)
    }

    /// The entries of a lock file that are about packages of the repository: those that come from nowhere else.
    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
        let toml = Toml::read(tree, lock)?;
        let known: BTreeSet<&str> = packages.iter().map(|package| &*package.id.name).collect();
        let entries = toml.get(&["package"]).and_then(Item::as_array_of_tables);
        let entries = entries.into_iter().flatten();
        let spots = entries
            .filter(|entry| !entry.contains_key("source"))
            .filter_map(|entry| {
                let name = entry.get("name")?.as_str().filter(|name| known.contains(name))?;
                Some(Spot {
                    range: text_range(&toml, entry.get("version")?)?,
                    place: format!("package.{name}.version"),
                    kind: MentionKind::Lock,
                    package: id(name),
                })
            });
        let spots = spots.collect();
        Ok(page(toml, spots))
    }
}

/// The manifests of the packages, and of their workspaces' roots.
fn manifests(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>> {
    let known: BTreeSet<&PackageId> = packages.iter().map(|package| &package.id).collect();
    let (mut pages, mut wrong) = (Vec::new(), Vec::new());
    for workspace in spot::workspaces(packages) {
        let members: Vec<&&Package> = packages
            .iter()
            .filter(|package| package.workspace == workspace)
            .collect();
        let file = folder::file(workspace, MANIFEST);
        let root = match tree.files().contains(&file).then(|| Toml::read(tree, &file)) {
            Some(Ok(root)) => Some(root),
            Some(Err(diagnostic)) => {
                wrong.push(diagnostic);
                continue;
            }
            None => None,
        };
        let patched = root.as_ref().map(cargo_toml::patched).unwrap_or_default();
        let look = Look {
            known: &known,
            patched: &patched,
        };
        let mut above = root
            .as_ref()
            .map(|root| look.inheritable(root))
            .unwrap_or_default();
        for member in members {
            let own = if member.manifest == file {
                None
            } else {
                match Toml::read(tree, &member.manifest) {
                    Ok(toml) => Some(toml),
                    Err(diagnostic) => {
                        wrong.push(diagnostic);
                        continue;
                    }
                }
            };
            let Some(toml) = own.as_ref().or(root.as_ref()) else {
                continue;
            };
            let mut spots = look.needs(toml);
            // A version that is inherited stands in the root, once for all who inherit it.
            if let Some((from, item)) = cargo_toml::field(toml, root.as_ref(), "version")
                && let Some(range) = text_range(from, item)
            {
                let is_own = from.file == toml.file
                    && !toml
                        .get(&["package", "version"])
                        .is_some_and(cargo_toml::is_inherited);
                let spot = Spot {
                    range,
                    place: if is_own {
                        "package.version"
                    } else {
                        "workspace.package.version"
                    }
                    .to_owned(),
                    kind: MentionKind::Manifest,
                    package: member.id.clone(),
                };
                if from.file == toml.file {
                    &mut spots
                } else {
                    &mut above
                }
                .push(spot);
            }
            match own {
                Some(toml) => pages.push(page(toml, spots)),
                None => above.extend(spots),
            }
        }
        pages.extend(root.map(|root| page(root, above)));
    }
    if wrong.is_empty() { Ok(pages) } else { Err(wrong) }
}

fn page(toml: Toml, spots: Vec<Spot>) -> Page {
    Page::of(toml.file, toml.text, spots)
}

/// Which dependencies are on packages of the repository.
struct Look<'a> {
    known: &'a BTreeSet<&'a PackageId>,
    patched: &'a BTreeSet<String>,
}

impl Look<'_> {
    /// The requirements in a manifest's own tables.
    fn needs(&self, toml: &Toml) -> Vec<Spot> {
        let entries = cargo_toml::entries(toml);
        entries
            .iter()
            .filter_map(|entry| self.spot(toml, entry))
            .collect()
    }

    /// The requirements that members inherit.
    fn inheritable(&self, root: &Toml) -> Vec<Spot> {
        let entries = cargo_toml::inheritable(root);
        entries
            .iter()
            .filter_map(|entry| self.spot(root, entry))
            .collect()
    }

    fn spot(&self, toml: &Toml, entry: &Entry<'_>) -> Option<Spot> {
        let package = id(entry.name());
        if entry.path().is_none() && !self.patched.contains(entry.name()) || !self.known.contains(&package) {
            return None;
        }
        Some(Spot {
            range: text_range(toml, entry.version()?)?,
            place: format!("{}.{}", entry.place, entry.key),
            kind: MentionKind::Requirement,
            package,
        })
    }
}

fn id(name: &str) -> PackageId {
    PackageId {
        ecosystem: "cargo".to_owned(),
        name: name.to_owned(),
    }
}

/// What stands between the quotes of a text.
fn text_range(toml: &Toml, item: &Item) -> Option<std::ops::Range<usize>> {
    item.as_str()?;
    toml.range_of(item)
        .map(|range| between_quotes(&toml.text, &range))
}
