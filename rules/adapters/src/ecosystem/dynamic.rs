//! Versions that a Python build backend computes: where from, and how it is told another one.

use std::collections::BTreeMap;
use std::ops::Range;

use engine::StepError;
use model::{Package, SourceTree, VERSION_PLACE, Version};

use super::folder;
use super::python_literal::{Assigned, assigned};
use super::requirement::{Requirement, normalised};
use super::splice::{Edits, between_quotes};
use super::toml_text::Toml;

/// What `setuptools_scm` takes a version from before it asks the version control system.
const SCM: &str = "SETUPTOOLS_SCM_PRETEND_VERSION";

/// Where a dynamic version comes from.
enum Origin {
    /// It stands in a file; in a Python module under this name, if one is given.
    File(String, Option<String>),
    /// It is computed in a module, on this line.
    Computed(String, u32),
    /// A tool asks the version control system, unless one of these variables of the environment says it.
    Told(Vec<String>),
    /// A tool asks the version control system and writes the answer into a file, and cannot be told another one.
    Deaf(&'static str),
    /// Nobody knows; a static version takes its place.
    Elsewhere,
}

/// Notes how a package's version is found. The version and its text, if it stands anywhere.
pub(super) fn note(
    tree: &dyn SourceTree,
    toml: &Toml,
    path: &str,
    name: &str,
    notes: &mut BTreeMap<String, String>,
) -> Option<(Version, String)> {
    notes.insert("dynamic".to_owned(), "true".to_owned());
    match origin(tree, toml, path, name) {
        Origin::File(file, attribute) => {
            let text = tree.read(&file).ok()?;
            let written = text[version_in(&file, &text, attribute.as_deref())?].to_owned();
            let read = Version::from_pep440(&written).or_else(|_| written.parse()).ok()?;
            notes.insert(VERSION_PLACE.to_owned(), file.clone());
            notes.insert("version-file".to_owned(), file);
            notes.extend(attribute.map(|attribute| ("version-attribute".to_owned(), attribute)));
            return Some((read, written));
        }
        Origin::Computed(file, line) => {
            notes.insert("computed".to_owned(), format!("{file}:{line}"));
        }
        Origin::Told(variables) => {
            notes.insert("told".to_owned(), variables.join("\n"));
        }
        Origin::Deaf(tool) => {
            notes.insert("deaf".to_owned(), tool.to_owned());
        }
        Origin::Elsewhere => {
            // Without effect on those who do not ask.
            notes.insert("asked".to_owned(), SCM.to_owned());
        }
    }
    None
}

/// A package whose version this program cannot say to its build.
///
/// # Errors
/// It is one: why, and what to do.
pub(super) fn refuse(package: &Package) -> Result<(), StepError> {
    let name = &package.id.name;
    if let Some(place) = package.notes.get("computed") {
        return Err(StepError::new(format!(
            "{place}: the version of `{name}` is computed here, so none can be written"
        ))
        .hint("assign one plain text, `__version__ = \"1.2.3\"`, or give [project] a version"));
    }
    if let Some(tool) = package.notes.get("deaf") {
        let message = format!("`{tool}` finds the version of `{name}`, and cannot be told another one");
        return Err(StepError::new(message).hint(
            "use setuptools_scm, hatch-vcs or another tool that takes the version from its environment",
        ));
    }
    Ok(())
}

fn origin(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    let backend = toml
        .text_at(&["build-system", "build-backend"])
        .unwrap_or_default();
    let text = |keys: &[&str]| toml.text_at(keys);
    let named = match backend {
        "maturin" => Some(text(&["tool", "maturin", "manifest-path"]).unwrap_or("Cargo.toml")),
        "pdm.backend" => match text(&["tool", "pdm", "version", "source"]) {
            Some("scm") => return told(&["PDM_BUILD_SCM_VERSION"]),
            _ if toml.get(&["tool", "pdm", "version", "write_to"]).is_some() => {
                return Origin::Deaf("pdm-backend with a function");
            }
            _ => text(&["tool", "pdm", "version", "path"]),
        },
        "flit_core.buildapi" | "flit.buildapi" => return flit(tree, toml, path, name),
        "flit_scm:buildapi" => return scm(name),
        "poetry_dynamic_versioning.backend" => return told(&["POETRY_DYNAMIC_VERSIONING_BYPASS"]),
        backend if backend.starts_with("hatchling") => match text(&["tool", "hatch", "version", "source"]) {
            Some("vcs") => return scm(name),
            Some("uv-dynamic-versioning") => return told(&["UV_DYNAMIC_VERSIONING_BYPASS"]),
            Some("env") => match text(&["tool", "hatch", "version", "variable"]) {
                Some(variable) => return told(&[variable]),
                None => None,
            },
            Some("versioningit") => return versioningit(toml),
            _ => text(&["tool", "hatch", "version", "path"]),
        },
        _ => return setuptools(tree, toml, path, name),
    };
    let file = named.and_then(|named| folder::join(path, named));
    file.map_or(Origin::Elsewhere, |file| Origin::File(file, None))
}

fn told(variables: &[&str]) -> Origin {
    Origin::Told(variables.iter().map(|&variable| variable.to_owned()).collect())
}

/// `setuptools_scm` and what is built on it: hatch-vcs, flit_scm. The variable with the distribution's name is for this
/// package alone, the one without is for tools that do not say a name.
fn scm(name: &str) -> Origin {
    let own = normalised(name).replace('-', "_").to_uppercase();
    told(&[SCM, &format!("{SCM}_FOR_{own}")])
}

/// It knows no variable. Without its hook nothing but the metadata asks for the version.
fn versioningit(toml: &Toml) -> Origin {
    let hooks = ["versioningit-onbuild", "versioningit"];
    let writes = hooks
        .iter()
        .any(|hook| toml.get(&["tool", "hatch", "build", "hooks", hook]).is_some());
    if writes {
        Origin::Deaf("versioningit")
    } else {
        Origin::Elsewhere
    }
}

fn setuptools(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    let requires = toml.list(&["build-system", "requires"]);
    let needs = |tool: &str| {
        let mut names = requires.iter().filter_map(|need| Requirement::parse(need.text));
        names.any(|need| normalised(need.name) == tool)
    };
    let says = toml.get(&["tool", "setuptools", "dynamic", "version"]).is_some();
    if toml.get(&["tool", "setuptools_scm"]).is_some() || needs("setuptools-scm") && !says {
        return scm(name);
    }
    if toml.get(&["tool", "versioningit"]).is_some() {
        return Origin::Deaf("versioningit");
    }
    if let Some(file) = toml.text_at(&["tool", "setuptools", "dynamic", "version", "file"]) {
        return folder::join(path, file).map_or(Origin::Elsewhere, |file| Origin::File(file, None));
    }
    let attribute = toml.text_at(&["tool", "setuptools", "dynamic", "version", "attr"]);
    let Some((module, attribute)) = attribute.and_then(|attribute| attribute.rsplit_once('.')) else {
        return Origin::Elsewhere;
    };
    let mut roots = Vec::new();
    let (top, rest) = module.split_once('.').unwrap_or((module, ""));
    if let Some(mapped) = toml.text_at(&["tool", "setuptools", "package-dir", top]) {
        roots.push(format!("{mapped}/{}", rest.replace('.', "/")));
    }
    let slashed = module.replace('.', "/");
    roots.extend(
        toml.text_at(&["tool", "setuptools", "package-dir", ""])
            .map(|root| format!("{root}/{slashed}")),
    );
    let places = toml.list(&["tool", "setuptools", "packages", "find", "where"]);
    roots.extend(places.iter().map(|root| format!("{}/{slashed}", root.text)));
    roots.extend([format!("src/{slashed}"), slashed]);
    in_module(tree, path, &roots, attribute)
}

/// flit takes `__version__` of the module that has the project's name, or the one it is given.
fn flit(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    let module = toml.text_at(&["tool", "flit", "module", "name"]);
    let module = module.map_or_else(
        || name.replace(['-', '.'], "_"),
        |module| module.replace('.', "/"),
    );
    in_module(
        tree,
        path,
        &[module.clone(), format!("src/{module}")],
        "__version__",
    )
}

/// The first of the modules that is there decides.
fn in_module(tree: &dyn SourceTree, path: &str, modules: &[String], attribute: &str) -> Origin {
    let files = modules
        .iter()
        .map(|module| module.trim_end_matches('/'))
        .flat_map(|module| [format!("{module}.py"), format!("{module}/__init__.py")]);
    let mut files = files.filter_map(|file| folder::join(path, &file));
    let Some(file) = files.find(|file| tree.files().contains(file)) else {
        return Origin::Elsewhere;
    };
    match tree.read(&file).map(|text| assigned(&text, attribute)) {
        Ok(Assigned::Text(_)) => Origin::File(file, Some(attribute.to_owned())),
        Ok(Assigned::Computed(line)) => Origin::Computed(file, line),
        Ok(Assigned::Nothing) => Origin::Computed(file, 1),
        Err(_) => Origin::Elsewhere,
    }
}

/// Where the version stands in a file that a build backend reads it from; `attribute` is its name in a Python module,
/// if the backend goes by one.
pub(super) fn version_in(file: &str, text: &str, attribute: Option<&str>) -> Option<Range<usize>> {
    if let Some(attribute) = attribute {
        return match assigned(text, attribute) {
            Assigned::Text(range) => Some(range),
            Assigned::Computed(_) | Assigned::Nothing => None,
        };
    }
    if file.ends_with(".toml") {
        let toml = Toml::parse(file, text.to_owned()).ok()?;
        let item = toml.get(&["package", "version"]).filter(|item| item.is_str())?;
        return Some(between_quotes(text, &toml.range_of(item)?));
    }
    if !file.ends_with(".py") {
        let version = text.trim_start_matches('\u{feff}').trim();
        let start = text.find(version)?;
        return Some(start..start + version.len());
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let assigned = line.split_once('=').filter(|(name, _)| {
            matches!(
                name.split(':')
                    .next()
                    .unwrap_or("")
                    .trim_start_matches('\u{feff}')
                    .trim(),
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

/// Turns a version that the build backend computes into a written one.
pub(super) fn make_static(toml: &Toml, version: &str, edits: &mut Edits) {
    let Some(project) = toml.table(&["project"]) else {
        return;
    };
    let Some(key) = toml.range_of_key(project, "dynamic") else {
        return;
    };
    let listed = toml.list(&["project", "dynamic"]);
    let Some(entry) = listed.into_iter().find(|entry| entry.text == "version") else {
        return;
    };
    edits.insert(
        key.start,
        format!("version = \"{version}\"{}", super::splice::newline(&toml.text)),
    );
    edits.replace(with_comma(&toml.text, &entry.range), "");
}

/// The range of a list's entry with the comma that sets it apart, on its own line; comments stay.
fn with_comma(text: &str, entry: &Range<usize>) -> Range<usize> {
    let blank = [' ', '\t'];
    let (before, after) = (&text[..entry.start], &text[entry.end..]);
    if let Some(rest) = after.trim_start_matches(blank).strip_prefix(',') {
        return entry.start..text.len() - rest.trim_start_matches(blank).len();
    }
    match before.trim_end_matches(blank).strip_suffix(',') {
        Some(head) => head.len()..entry.end,
        None => entry.clone(),
    }
}
