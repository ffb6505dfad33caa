//! `pyproject.toml`: what it says about a package, and where its versions are written.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Dependency, DependencyKind, Diagnostic, LACKS, OTHER_FORM, Package, PackageId, Pins, SourceTree,
    UNREADABLE, Version, VersionError,
};
use toml_edit::Item;

use super::renew::{filled, renewed};
use super::requirement::{self, Requirement, normalised, pep440};
use super::splice::{Edits, between_quotes};
use super::toml_text::{Spanned, Toml};
use super::{dynamic, folder, origin};

/// A requirement of a manifest.
pub(super) struct Need<'a> {
    /// What it is for.
    pub(super) kind: DependencyKind,
    /// The list it is in: `project.dependencies`.
    pub(super) place: String,
    /// What it says, and where.
    pub(super) written: Spanned<'a>,
}

/// The requirements of a manifest: PEP 621's, PEP 735's, PEP 518's, and uv's own for development. Constraints and
/// overrides of uv are about the person's machine and stay out of it.
pub(super) fn requirements(toml: &Toml) -> Vec<Need<'_>> {
    let mut found = Vec::new();
    let mut add = |kind, place: String, list: Vec<_>| {
        found.extend(list.into_iter().map(|written| Need {
            kind,
            place: place.clone(),
            written,
        }));
    };
    let mut list = |path: &[&str], kind| add(kind, path.join("."), toml.list(path));
    list(&["project", "dependencies"], DependencyKind::Normal);
    list(&["tool", "uv", "dev-dependencies"], DependencyKind::Dev);
    list(&["build-system", "requires"], DependencyKind::Build);
    let mut groups = |path: &[&str], kind| {
        for (name, list) in toml.table(path).into_iter().flat_map(|table| table.iter()) {
            add(kind, format!("{}.{name}", path.join(".")), toml.texts(list));
        }
    };
    groups(&["project", "optional-dependencies"], DependencyKind::Optional);
    groups(&["dependency-groups"], DependencyKind::Dev);
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
    if let Some((_, item)) = origin::own_version(toml) {
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
        if let Some((read, text)) = dynamic::note(tree, toml, &path, &name, &mut notes) {
            (version, written) = (read, text);
        }
    } else if let Some(project) = project {
        wrong.push(
            Diagnostic::error("the project has no version", toml.place(project))
                .hint("add `version = \"0.1.0\"` to [project], or list \"version\" in `dynamic`"),
        );
    }
    let mut dependencies = Vec::new();
    for Need {
        kind,
        written: requirement,
        ..
    } in requirements(toml)
    {
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
    let is_said = toml.get(&["tool", "uv", "package"]).is_some();
    if toml.get(&["build-system"]).is_none() && !is_said {
        notes.insert(LACKS.to_owned(), "[build-system]".to_owned());
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
        private: is_private(toml) || notes.contains_key(UNREADABLE),
        dependencies,
        registry: None,
        notes,
    })
}

/// The package of a manifest that speaks to Poetry alone, as those before its 2.0 do: it can only be told of.
pub(super) fn of_poetry(toml: &Toml, workspace: &str) -> Option<Package> {
    let poetry = toml
        .table(&["tool", "poetry"])
        .filter(|_| toml.get(&["project"]).is_none())?;
    let name = poetry.get("name").and_then(Item::as_str)?.to_owned();
    let notes = [(LACKS, "[project]"), (OTHER_FORM, "[tool.poetry]")];
    let notes = notes.map(|(note, value)| (note.to_owned(), value.to_owned()));
    Some(Package {
        id: PackageId {
            ecosystem: "uv".to_owned(),
            name,
        },
        version: Version::new(0, 0, 0),
        written_version: String::new(),
        path: folder::parent(&toml.file).to_owned(),
        manifest: toml.file.clone(),
        workspace: workspace.to_owned(),
        private: true,
        dependencies: Vec::new(),
        registry: None,
        notes: notes.into(),
    })
}

/// Whether a requirement names versions, and no place.
pub(super) fn is_range(requirement: &Requirement<'_>) -> bool {
    !requirement.versions.is_empty() && !requirement.versions.starts_with('@')
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

/// Writes `pins` into a `pyproject.toml`. A build that `is_told` its version in another way keeps it dynamic.
///
/// # Errors
/// PEP 440 cannot say one of the versions.
pub(super) fn pin(toml: &Toml, pins: &Pins, is_told: bool) -> Result<String, VersionError> {
    let text = &toml.text;
    let mut edits = Edits::default();
    if let Some(version) = &pins.version {
        let own = origin::own_version(toml);
        if let Some(range) = own.and_then(|(_, item)| toml.range_of(item)) {
            edits.replace(between_quotes(text, &range), pep440(version)?);
        } else if !is_told {
            dynamic::make_static(toml, &pep440(version)?, &mut edits);
        }
    }
    let known: BTreeMap<String, _> = pins
        .dependencies
        .iter()
        .map(|(name, pin)| (normalised(name), pin))
        .collect();
    let own_name = toml
        .text_at(&["project", "name"])
        .map(normalised)
        .unwrap_or_default();
    for Need { written, .. } in requirements(toml) {
        let inner = between_quotes(text, &written.range);
        let Some(parsed) = Requirement::parse(&text[inner.clone()]) else {
            continue;
        };
        // An extra that takes in another one, and says of which version.
        if normalised(parsed.name) == own_name
            && let Some(version) = &pins.version
            && is_range(&parsed)
            && let Some(new) = renewed("uv", parsed.versions, version)
        {
            edits.replace(
                inner.start + parsed.range.start..inner.start + parsed.range.end,
                new,
            );
        } else if let Some((version, strategy)) = known.get(&normalised(parsed.name))
            && let Some(pinned) =
                requirement::python(version, *strategy)?.or_else(|| filled("uv", parsed.versions, version))
        {
            edits.replace(
                inner.start + parsed.range.start..inner.start + parsed.range.end,
                pinned,
            );
        }
    }
    Ok(edits.apply(text))
}
