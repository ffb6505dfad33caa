//! `Cargo.toml`: what it says about a package, and which packages a workspace has.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Dependency, DependencyKind, Diagnostic, LACKS, Location, Package, PackageId, SourceTree, VERSION_PLACE,
    Version,
};
use toml_edit::{Item, TableLike};

use super::folder;
use super::toml_text::{Toml, look};

pub(super) const MANIFEST: &str = "Cargo.toml";

/// One entry of a dependency table.
pub(super) struct Entry<'a> {
    /// What for, as the table says; `optional` not yet looked at.
    pub(super) kind: DependencyKind,
    /// The path of the table it is in: `target.'cfg(unix)'.dependencies`.
    pub(super) place: String,
    /// The table it is in.
    pub(super) table: &'a dyn TableLike,
    /// Its key there.
    pub(super) key: &'a str,
    /// What it says.
    pub(super) item: &'a Item,
}

impl Entry<'_> {
    /// The package's name, which a renamed dependency says in `package`.
    pub(super) fn name(&self) -> &str {
        look(self.item, &["package"])
            .and_then(Item::as_str)
            .unwrap_or(self.key)
    }

    /// Whether the workspace's root says the rest.
    pub(super) fn is_inherited(&self) -> bool {
        look(self.item, &["workspace"]).and_then(Item::as_bool) == Some(true)
    }

    /// The folder it names.
    pub(super) fn path(&self) -> Option<&str> {
        look(self.item, &["path"]).and_then(Item::as_str)
    }

    /// The version it needs, with its place.
    pub(super) fn version(&self) -> Option<&Item> {
        if self.item.is_str() {
            Some(self.item)
        } else {
            look(self.item, &["version"])
        }
    }
}

/// All entries of a manifest's dependency tables, those for certain targets included.
pub(super) fn entries(toml: &Toml) -> Vec<Entry<'_>> {
    let mut found = tables(toml.get(&[]), "");
    for (name, target) in toml
        .table(&["target"])
        .into_iter()
        .flat_map(|targets| targets.iter())
    {
        found.extend(tables(Some(target), &format!("target.{name}.")));
    }
    found
}

/// What the workspace's root says about dependencies its members may inherit.
pub(super) fn inheritable(root: &Toml) -> Vec<Entry<'_>> {
    let table = root.table(&["workspace", "dependencies"]);
    spread(table, DependencyKind::Normal, "workspace.dependencies")
}

/// What the workspace's root says about one dependency its members may inherit.
pub(super) fn parent_of<'a>(root: Option<&'a Toml>, entry: &Entry<'_>) -> Option<Entry<'a>> {
    let table = root
        .filter(|_| entry.is_inherited())?
        .table(&["workspace", "dependencies"])?;
    let (key, item) = table.get_key_value(entry.key)?;
    Some(Entry {
        kind: DependencyKind::Normal,
        place: "workspace.dependencies".to_owned(),
        table,
        key: key.get(),
        item,
    })
}

/// The names of packages that the workspace's root takes from a folder although members name a version only.
pub(super) fn patched(root: &Toml) -> BTreeSet<String> {
    let sources = root
        .table(&["patch"])
        .into_iter()
        .flat_map(|sources| sources.iter());
    let entries =
        sources.flat_map(|(_, source)| spread(source.as_table_like(), DependencyKind::Normal, "patch"));
    entries
        .filter(|entry| entry.path().is_some())
        .map(|entry| entry.name().to_owned())
        .collect()
}

fn tables<'a>(item: Option<&'a Item>, above: &str) -> Vec<Entry<'a>> {
    let kinds = [
        ("dependencies", DependencyKind::Normal),
        ("dev-dependencies", DependencyKind::Dev),
        ("dev_dependencies", DependencyKind::Dev),
        ("build-dependencies", DependencyKind::Build),
        ("build_dependencies", DependencyKind::Build),
    ];
    let table = |name: &str| {
        item.and_then(|item| look(item, &[name]))
            .and_then(Item::as_table_like)
    };
    kinds
        .into_iter()
        .flat_map(|(name, kind)| spread(table(name), kind, &format!("{above}{name}")))
        .collect()
}

fn spread<'a>(table: Option<&'a dyn TableLike>, kind: DependencyKind, place: &str) -> Vec<Entry<'a>> {
    table
        .into_iter()
        .flat_map(|table| {
            table.iter().map(move |(key, item)| Entry {
                kind,
                place: place.to_owned(),
                table,
                key,
                item,
            })
        })
        .collect()
}

/// A field of `[package]`, or what the workspace's root says where it is inherited.
pub(super) fn field<'a>(toml: &'a Toml, root: Option<&'a Toml>, name: &str) -> Option<(&'a Toml, &'a Item)> {
    let item = toml.get(&["package", name])?;
    if is_inherited(item) {
        let root = root?;
        return root.get(&["workspace", "package", name]).map(|item| (root, item));
    }
    Some((toml, item))
}

/// Whether a field says that the workspace's root says it.
pub(super) fn is_inherited(item: &Item) -> bool {
    look(item, &["workspace"]).and_then(Item::as_bool) == Some(true)
}

/// The package a manifest describes.
pub(super) fn package(
    tree: &dyn SourceTree,
    toml: &Toml,
    root: Option<&Toml>,
    patched: &BTreeSet<String>,
    workspace: &str,
) -> Result<Package, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let path = folder::parent(&toml.file).to_owned();
    let whole = toml
        .get(&["package"])
        .map_or_else(|| Location::file(&*toml.file), |item| toml.place(item));
    let name = match toml.get(&["package", "name"]) {
        Some(item) => item.as_str().map(str::to_owned).ok_or_else(|| {
            Diagnostic::error("the package's name is not a text", toml.place(item))
                .hint("write `name = \"…\"`")
        }),
        None => Err(Diagnostic::error("the package has no name", whole.clone())
            .hint("add `name = \"…\"` to [package]")),
    };
    let name = name.unwrap_or_else(|diagnostic| {
        wrong.push(diagnostic);
        String::new()
    });
    let (mut version, mut written) = (Version::new(0, 0, 0), String::new());
    let mut is_versioned = true;
    match field(toml, root, "version") {
        Some((from, item)) => {
            let text = item.as_str();
            match text
                .ok_or("a version is a text".to_owned())
                .and_then(|text| text.parse().map_err(|error: model::VersionError| error.reason))
            {
                Ok(read) => (version, written) = (read, text.unwrap_or_default().to_owned()),
                Err(reason) => wrong.push(
                    Diagnostic::error(format!("the version cannot be used: {reason}"), from.place(item))
                        .hint("write three numbers as SemVer has them: \"1.2.3\""),
                ),
            }
        }
        None if toml.get(&["package", "version"]).is_some() => wrong.push(
            Diagnostic::error(
                "the package inherits its version, but the workspace's root gives none",
                whole,
            )
            .hint("add `version = \"0.1.0\"` to [workspace.package]"),
        ),
        // Cargo takes a package without a version for 0.0.0, never to be published.
        None => is_versioned = false,
    }
    let publish = field(toml, root, "publish").map(|(_, item)| item);
    let registries = publish.and_then(Item::as_array);
    let private = !is_versioned
        || publish.and_then(Item::as_bool) == Some(false)
        || registries.is_some_and(toml_edit::Array::is_empty);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let (dependencies, mut notes) = needs(tree, toml, root, patched, &path);
    if !is_versioned && publish.is_none() {
        notes.insert(LACKS.to_owned(), "`version` in [package]".to_owned());
    }
    if let Some(root) = root.filter(|_| toml.get(&["package", "version"]).is_some_and(is_inherited)) {
        let place = format!("{}#workspace.package.version", root.file);
        notes.insert(VERSION_PLACE.to_owned(), place);
    }
    Ok(Package {
        id: PackageId {
            ecosystem: "cargo".to_owned(),
            name,
        },
        version,
        written_version: written,
        path,
        manifest: toml.file.clone(),
        workspace: workspace.to_owned(),
        private,
        dependencies,
        registry: registries.and_then(|list| list.get(0)?.as_str().map(str::to_owned)),
        notes,
    })
}

/// What a package needs of this repository, and what packaging it has to know: `paths` (folder and name of what it
/// names by folder), `inherits` (the workspace's root has a say; its package's name, if it has one), `files` (read from outside its folder).
fn needs(
    tree: &dyn SourceTree,
    toml: &Toml,
    root: Option<&Toml>,
    patched: &BTreeSet<String>,
    path: &str,
) -> (Vec<Dependency>, BTreeMap<String, String>) {
    let workspace = root.map_or("", |root| folder::parent(&root.file));
    let own = toml.text_at(&["package", "name"]).unwrap_or_default();
    let mut inherits = toml
        .table(&["package"])
        .is_some_and(|table| table.iter().any(|(_, item)| is_inherited(item)))
        || toml.get(&["lints"]).is_some_and(is_inherited)
        || toml.get(&["package", "workspace"]).is_some();
    let (mut dependencies, mut paths) = (Vec::new(), BTreeSet::new());
    for entry in &entries(toml) {
        let parent = parent_of(root, entry);
        inherits |= entry.is_inherited();
        let source = parent.as_ref().unwrap_or(entry);
        let name = source.name();
        let from = if parent.is_some() { workspace } else { path };
        if let Some(target) = source.path().and_then(|named| folder::join(from, named)) {
            paths.insert(format!("{target}\t{name}"));
        } else if !patched.contains(name) {
            continue;
        }
        if name == own {
            continue;
        }
        let optional = look(entry.item, &["optional"]).and_then(Item::as_bool) == Some(true);
        let kind = if optional && entry.kind == DependencyKind::Normal {
            DependencyKind::Optional
        } else {
            entry.kind
        };
        let requirement = source
            .version()
            .and_then(Item::as_str)
            .unwrap_or_default()
            .to_owned();
        dependencies.push(Dependency {
            on: PackageId {
                ecosystem: "cargo".to_owned(),
                name: name.to_owned(),
            },
            kind,
            requirement,
        });
    }
    dependencies.sort();
    dependencies.dedup();
    let mut notes = BTreeMap::new();
    let mut note = |key: &str, lines: BTreeSet<String>| {
        if !lines.is_empty() {
            notes.insert(key.to_owned(), lines.into_iter().collect::<Vec<_>>().join("\n"));
        }
    };
    note("paths", paths);
    note("files", outside_files(tree, toml, root, path));
    if root.is_some_and(|root| root.file == toml.file) {
        note("targets", targets(tree, path));
    }
    if inherits {
        let above = root
            .and_then(|root| root.text_at(&["package", "name"]))
            .unwrap_or("-");
        note("inherits", BTreeSet::from([above.to_owned()]));
    }
    (dependencies, notes)
}

/// The readme and the licence where they stand outside the package's folder, and the settings that name registries.
fn outside_files(tree: &dyn SourceTree, toml: &Toml, root: Option<&Toml>, path: &str) -> BTreeSet<String> {
    let named = ["readme", "license-file"].into_iter().filter_map(|name| {
        let (from, item) = field(toml, root, name)?;
        folder::join(folder::parent(&from.file), item.as_str()?)
    });
    let mut files: BTreeSet<String> = named.filter(|file| !folder::is_within(file, path)).collect();
    let mut above = Some(path);
    while let Some(folder) = above {
        let settings = folder::file(folder, ".cargo/config.toml");
        if tree.files().contains(&settings)
            && Toml::read(tree, &settings).is_ok_and(|settings| settings.get(&["registries"]).is_some())
        {
            files.insert(settings);
        }
        above = if folder.is_empty() {
            None
        } else {
            Some(folder::parent(folder))
        };
    }
    files.retain(|file| tree.files().contains(file));
    files
}

/// The files of a package that Cargo wants to see even when another package of the workspace is looked at.
fn targets(tree: &dyn SourceTree, path: &str) -> BTreeSet<String> {
    let is_target = |file: &&String| {
        let inner = file.strip_prefix(path).unwrap_or(file).trim_start_matches('/');
        inner == "build.rs"
            || inner.ends_with(".rs")
                && ["src/bin/", "examples/", "tests/", "benches/"]
                    .iter()
                    .any(|place| inner.starts_with(place))
            || matches!(inner, "src/lib.rs" | "src/main.rs")
    };
    folder::files_within(tree, path)
        .filter(is_target)
        .cloned()
        .collect()
}
