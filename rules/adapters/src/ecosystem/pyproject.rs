//! `pyproject.toml`: what it says about a package, and where its versions are written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use model::{Dependency, DependencyKind, Diagnostic, Package, PackageId, Pins, SourceTree, Version};
use toml_edit::Item;

use super::folder;
use super::requirement::{self, Requirement, normalised};
use super::splice::{Edits, between_quotes};
use super::toml_text::{Spanned, Toml};

/// The requirements of a manifest with what each is for.
pub(super) fn requirements(toml: &Toml) -> Vec<(DependencyKind, Spanned<'_>)> {
    let mut found = Vec::new();
    let mut add = |kind, list: Vec<_>| found.extend(list.into_iter().map(|requirement| (kind, requirement)));
    add(DependencyKind::Normal, toml.list(&["project", "dependencies"]));
    let mut groups = |path: &[&str], kind| {
        for (_, list) in toml.table(path).into_iter().flat_map(|table| table.iter()) {
            add(kind, toml.texts(list));
        }
    };
    groups(&["project", "optional-dependencies"], DependencyKind::Optional);
    groups(&["dependency-groups"], DependencyKind::Dev);
    add(
        DependencyKind::Dev,
        toml.list(&["tool", "uv", "dev-dependencies"]),
    );
    add(DependencyKind::Build, toml.list(&["build-system", "requires"]));
    found
}

/// The package a manifest describes. `known` holds the names of the workspace's packages, normalised.
pub(super) fn package(
    tree: &dyn SourceTree,
    toml: &Toml,
    workspace: &str,
    known: &BTreeMap<String, String>,
) -> Result<Package, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let project = toml.get(&["project"]);
    let name = name(toml).unwrap_or_else(|diagnostic| {
        wrong.push(diagnostic);
        String::new()
    });
    let mut notes = BTreeMap::new();
    let dynamic = toml
        .list(&["project", "dynamic"])
        .iter()
        .any(|entry| entry.text == "version");
    let path = folder::parent(&toml.file).to_owned();
    let (mut version, mut written) = (Version::new(0, 0, 0), String::new());
    if let Some(item) = toml.get(&["project", "version"]) {
        match item
            .as_str()
            .ok_or("a version is a text".to_owned())
            .and_then(|text| {
                written = text.to_owned();
                Version::from_pep440(text).map_err(|error| error.reason)
            }) {
            Ok(read) => version = read,
            Err(reason) => wrong.push(
                Diagnostic::error(format!("the version cannot be used: {reason}"), toml.place(item))
                    .hint("write it as PEP 440 has it, without an epoch, in at most three parts: \"1.2.3\""),
            ),
        }
    } else if dynamic {
        notes.insert("dynamic".to_owned(), "true".to_owned());
        if let Some((file, text)) = dynamic_version(tree, toml, &path)
            && let Ok(read) = Version::from_pep440(&text).or_else(|_| text.parse())
        {
            (version, written) = (read, text);
            notes.insert("version-file".to_owned(), file);
        }
    } else if let Some(project) = project {
        wrong.push(
            Diagnostic::error("the project has no version", toml.place(project))
                .hint("add `version = \"0.1.0\"` to [project], or list \"version\" in `dynamic`"),
        );
    }
    let mut dependencies = Vec::new();
    for (kind, requirement) in requirements(toml) {
        let Some(parsed) = Requirement::parse(requirement.text) else {
            wrong.push(
                Diagnostic::error(
                    format!("`{}` is not a requirement", requirement.text),
                    toml.place_of(&requirement.range),
                )
                .hint("write a name, versions and a marker as PEP 508 has them: \"core[extra]>=1.2; python_version < '4'\""),
            );
            continue;
        };
        if normalised(parsed.name) == normalised(&name) {
            continue;
        }
        for on in spellings(parsed.name, known) {
            let on = PackageId {
                ecosystem: "uv".to_owned(),
                name: on,
            };
            dependencies.push(Dependency {
                on,
                kind,
                requirement: parsed.versions.to_owned(),
            });
        }
    }
    dependencies.sort();
    dependencies.dedup();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if let Some(backend) = toml.text_at(&["build-system", "build-backend"]) {
        notes.insert("backend".to_owned(), backend.to_owned());
    }
    let files = outside_files(toml, &path, tree);
    if !files.is_empty() {
        notes.insert(
            "files".to_owned(),
            files.into_iter().collect::<Vec<_>>().join("\n"),
        );
    }
    Ok(Package {
        id: PackageId {
            ecosystem: "uv".to_owned(),
            name,
        },
        version,
        written_version: written,
        path,
        manifest: toml.file.clone(),
        workspace: workspace.to_owned(),
        private: is_private(toml),
        dependencies,
        registry: None,
        notes,
    })
}

/// The name in a manifest.
///
/// # Errors
/// There is none, or it is not a text.
pub(super) fn name(toml: &Toml) -> Result<String, Diagnostic> {
    let place = |item: Option<&Item>| item.map(|item| toml.place(item));
    match toml.get(&["project", "name"]) {
        Some(item) => match item
            .as_str()
            .filter(|name| Requirement::parse(name).is_some_and(|whole| whole.name == *name))
        {
            Some(name) => Ok(name.to_owned()),
            None => Err(
                Diagnostic::error("the project's name is not a package name", place(Some(item)))
                    .hint("a name is made of letters, digits, `-`, `_` and `.`"),
            ),
        },
        None => Err(
            Diagnostic::error("the project has no name", place(toml.get(&["project"])))
                .hint("add `name = \"…\"` to [project]"),
        ),
    }
}

/// The names under which a package may be known: the written one of a sibling, else all usual spellings.
fn spellings(name: &str, known: &BTreeMap<String, String>) -> BTreeSet<String> {
    let plain = normalised(name);
    match known.get(&plain) {
        Some(written) => BTreeSet::from([written.clone()]),
        None => BTreeSet::from([name.to_owned(), plain.replace('-', "_"), plain]),
    }
}

/// Whether the manifest says that nothing is to be released: by a `Private ::` classifier, or by being what uv
/// calls virtual (`tool.uv.package = false`, or no build system and no word to the contrary).
fn is_private(toml: &Toml) -> bool {
    let has_backend = toml.get(&["build-system"]).is_some();
    let is_package = toml
        .get(&["tool", "uv", "package"])
        .and_then(Item::as_bool)
        .unwrap_or(has_backend);
    let classifiers = toml.list(&["project", "classifiers"]);
    classifiers
        .iter()
        .any(|classifier| classifier.text.starts_with("Private ::"))
        || !is_package
}

/// The file a dynamic version is read from, and the version.
fn dynamic_version(tree: &dyn SourceTree, toml: &Toml, path: &str) -> Option<(String, String)> {
    let backend = toml
        .text_at(&["build-system", "build-backend"])
        .unwrap_or_default();
    let named = match backend {
        "maturin" => toml
            .text_at(&["tool", "maturin", "manifest-path"])
            .unwrap_or("Cargo.toml"),
        "pdm.backend" => toml.text_at(&["tool", "pdm", "version", "path"])?,
        backend if backend.starts_with("hatchling") => toml.text_at(&["tool", "hatch", "version", "path"])?,
        _ => toml.text_at(&["tool", "setuptools", "dynamic", "version", "file"])?,
    };
    let file = folder::join(path, named)?;
    let text = tree.read(&file).ok()?;
    let range = version_in(&file, &text)?;
    Some((file, text[range].to_owned()))
}

/// Where the version stands in a file that a build backend reads it from.
pub(super) fn version_in(file: &str, text: &str) -> Option<Range<usize>> {
    if file.ends_with(".toml") {
        let toml = Toml::parse(file, text.to_owned()).ok()?;
        let item = toml.get(&["package", "version"]).filter(|item| item.is_str())?;
        return Some(between_quotes(text, &toml.range_of(item)?));
    }
    if !file.ends_with(".py") {
        let version = text.trim();
        let start = text.find(version)?;
        return Some(start..start + version.len());
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let assigned = line.split_once('=').filter(|(name, _)| {
            matches!(
                name.split(':').next().unwrap_or("").trim(),
                "__version__" | "VERSION" | "version"
            )
        });
        if let Some((name, value)) = assigned
            && let Some(open) = value.find(['"', '\''])
            && let Some(length) = value[open + 1..].find(['"', '\''])
        {
            let start = at + name.len() + 1 + open + 1;
            return Some(start..start + length);
        }
        at += line.len();
    }
    None
}

/// Files outside the package's folder that its build reads: a readme above it, the Rust workspace around it.
fn outside_files(toml: &Toml, path: &str, tree: &dyn SourceTree) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let readme = toml
        .text_at(&["project", "readme"])
        .or_else(|| toml.text_at(&["project", "readme", "file"]));
    let licence = toml.text_at(&["project", "license", "file"]);
    let globs = toml
        .list(&["project", "license-files"])
        .into_iter()
        .map(|file| file.text);
    for named in readme.into_iter().chain(licence).chain(globs) {
        files.extend(folder::join(path, named).filter(|file| !folder::is_within(file, path)));
    }
    files.retain(|file| tree.files().contains(file));
    files
}

/// Writes `pins` into a `pyproject.toml`.
pub(super) fn pin(toml: &Toml, pins: &Pins, version_file: bool) -> String {
    let text = &toml.text;
    let mut edits = Edits::default();
    if let Some(version) = &pins.version {
        if let Some(range) = toml
            .get(&["project", "version"])
            .and_then(|item| toml.range_of(item))
        {
            edits.replace(between_quotes(text, &range), version.pep440_or_semver());
        } else if !version_file {
            make_static(toml, &version.pep440_or_semver(), &mut edits);
        }
    }
    let known: BTreeMap<String, _> = pins
        .dependencies
        .iter()
        .map(|(name, pin)| (normalised(name), pin))
        .collect();
    for (_, requirement) in requirements(toml) {
        let inner = between_quotes(text, &requirement.range);
        let Some(parsed) = Requirement::parse(&text[inner.clone()]) else {
            continue;
        };
        if let Some((version, strategy)) = known.get(&normalised(parsed.name))
            && let Some(pinned) = requirement::python(version, *strategy)
        {
            edits.replace(
                inner.start + parsed.range.start..inner.start + parsed.range.end,
                pinned,
            );
        }
    }
    edits.apply(text)
}

/// Turns a version that the build backend computes into a written one.
fn make_static(toml: &Toml, version: &str, edits: &mut Edits) {
    let Some(project) = toml.table(&["project"]) else {
        return;
    };
    let Some(key) = toml.range_of_key(project, "dynamic") else {
        return;
    };
    let others: Vec<String> = toml
        .list(&["project", "dynamic"])
        .into_iter()
        .filter(|entry| entry.text != "version")
        .map(|entry| toml.text[entry.range].to_owned())
        .collect();
    let Some(list) = toml
        .get(&["project", "dynamic"])
        .and_then(|item| toml.range_of(item))
    else {
        return;
    };
    edits.insert(
        key.start,
        format!("version = \"{version}\"{}", super::splice::newline(&toml.text)),
    );
    edits.replace(list, format!("[{}]", others.join(", ")));
}
