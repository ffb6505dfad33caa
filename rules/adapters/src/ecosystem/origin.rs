//! Where a Python build backend takes a dynamic version from.

use model::{SourceTree, Version};
use toml_edit::Item;

use super::requirement::normalised;
use super::toml_text::Toml;
use super::version_rule::{HATCHLING, PDM, Rule};
use super::{cargo_toml, folder, setuptools};

/// What `setuptools_scm` takes a version from before it asks the version control system.
pub(super) const SCM: &str = "SETUPTOOLS_SCM_PRETEND_VERSION";

/// Where a dynamic version comes from.
pub(super) enum Origin {
    /// It stands in a file.
    File(String, Rule),
    /// It is at this place, and cannot be read there: why.
    Unreadable(String, String),
    /// A tool asks the version control system, unless one of these variables of the environment says it.
    Told(Vec<String>),
    /// A tool asks the version control system and writes the answer into a file, and cannot be told another one.
    Deaf(&'static str),
    /// Nowhere, or nobody knows; a static version takes its place.
    Elsewhere,
}

/// A version as it stands in a file.
pub(super) struct Stated {
    pub(super) file: String,
    pub(super) rule: Rule,
    pub(super) version: Version,
    pub(super) written: String,
}

/// Reads the version that is to stand in a file.
///
/// # Errors
/// The place and why it cannot be read there.
pub(super) fn read(tree: &dyn SourceTree, file: String, rule: Rule) -> Result<Stated, (String, String)> {
    if !tree.files().contains(&file) {
        return Err((
            file,
            "it is to have the version, and is not in the repository".to_owned(),
        ));
    }
    let text = tree.read(&file).map_err(|reason| (file.clone(), reason))?;
    let range = rule.find(&file, &text).map_err(|(line, why)| match line {
        0 => (file.clone(), why),
        line => (format!("{file}:{line}"), why),
    })?;
    let written = text[range].to_owned();
    match Version::from_pep440(&written).or_else(|_| written.parse()) {
        Ok(version) => Ok(Stated {
            file,
            rule,
            version,
            written,
        }),
        Err(error) => Err((file, format!("the version cannot be used: {}", error.reason))),
    }
}

/// A version that cannot be read: what at this key of a manifest says so, and why.
pub(super) fn unreadable(toml: &Toml, keys: &[&str], why: impl Into<String>) -> Origin {
    let at = toml.get(keys).map(|item| toml.place(item));
    let place = at.map_or_else(
        || toml.file.clone(),
        |place| format!("{}:{}", place.file, place.line),
    );
    Origin::Unreadable(place, why.into())
}

/// Where the version of the package in the folder `path` comes from.
pub(super) fn origin(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    let backend = toml
        .text_at(&["build-system", "build-backend"])
        .unwrap_or_default();
    match backend {
        "maturin" => maturin(tree, toml, path),
        "pdm.backend" | "pdm.pep517.api" => pdm(tree, toml, path),
        "flit_core.buildapi" | "flit.buildapi" => flit(tree, toml, path, name),
        "flit_scm:buildapi" => scm(name),
        "poetry_dynamic_versioning.backend" => told(&["POETRY_DYNAMIC_VERSIONING_BYPASS"]),
        "scikit_build_core.build"
            if toml.text_at(&["tool", "scikit-build", "metadata", "version", "provider"])
                == Some("scikit_build_core.metadata.setuptools_scm") =>
        {
            scm(name)
        }
        // They know of no dynamic version, or would have been asked before.
        "uv_build" | "poetry.core.masonry.api" | "poetry.masonry.api" => Origin::Elsewhere,
        _ if backend.starts_with("hatchling") => hatchling(tree, toml, path, name),
        _ if backend.is_empty() || setuptools::is_required(toml) => {
            setuptools::origin(tree, toml, path, name)
        }
        _ => unreadable(
            toml,
            &["build-system", "build-backend"],
            format!("how `{backend}` finds it is not known here"),
        ),
    }
}

/// The version that a manifest states itself: [project]'s, or [tool.poetry]'s where Poetry is to fill it in.
pub(super) fn own_version(toml: &Toml) -> Option<(&'static str, &Item)> {
    if let Some(item) = toml.get(&["project", "version"]) {
        return Some(("project.version", item));
    }
    let is_poetry = toml
        .text_at(&["build-system", "build-backend"])
        .is_some_and(|backend| matches!(backend, "poetry.core.masonry.api" | "poetry.masonry.api"));
    let dynamic = toml.list(&["project", "dynamic"]);
    if !is_poetry || !dynamic.iter().any(|entry| entry.text == "version") {
        return None;
    }
    Some(("tool.poetry.version", toml.get(&["tool", "poetry", "version"])?))
}

pub(super) fn told(variables: &[&str]) -> Origin {
    Origin::Told(variables.iter().map(|&variable| variable.to_owned()).collect())
}

/// `setuptools_scm` and what is built on it: hatch-vcs, flit_scm. The variable with the distribution's name is for this
/// package alone, the one without is for tools that do not say a name.
pub(super) fn scm(name: &str) -> Origin {
    let own = normalised(name).replace('-', "_").to_uppercase();
    told(&[SCM, &format!("{SCM}_FOR_{own}")])
}

/// A file of the package, or why it cannot be one.
fn in_file(toml: &Toml, path: &str, named: &str, rule: Rule) -> Origin {
    match folder::join(path, named) {
        Some(file) if file == toml.file => Origin::Unreadable(
            file,
            "a pattern for the manifest itself is not followed".to_owned(),
        ),
        Some(file) => Origin::File(file, rule),
        None => Origin::Unreadable(toml.file.clone(), format!("`{named}` is outside the repository")),
    }
}

/// The crate's version, which it may inherit from its workspace (`cargo help workspace`: the nearest root above, or the
/// one it names).
fn maturin(tree: &dyn SourceTree, toml: &Toml, path: &str) -> Origin {
    let named = toml
        .text_at(&["tool", "maturin", "manifest-path"])
        .unwrap_or(cargo_toml::MANIFEST);
    let own = in_file(toml, path, named, Rule::Key("package.version".to_owned()));
    let Origin::File(file, _) = &own else {
        return own;
    };
    let Ok(manifest) = Toml::read(tree, file) else {
        return own;
    };
    let version = manifest.get(&["package", "version"]);
    if !version.is_some_and(cargo_toml::is_inherited) {
        return own;
    }
    match cargo_root(tree, &manifest) {
        Some(root) => Origin::File(root, Rule::Key("workspace.package.version".to_owned())),
        None => unreadable(
            &manifest,
            &["package", "version"],
            "it is inherited, and there is no workspace above",
        ),
    }
}

fn cargo_root(tree: &dyn SourceTree, manifest: &Toml) -> Option<String> {
    let mut above = folder::parent(&manifest.file);
    if let Some(named) = manifest.text_at(&["package", "workspace"]) {
        return Some(folder::file(&folder::join(above, named)?, cargo_toml::MANIFEST));
    }
    loop {
        let file = folder::file(above, cargo_toml::MANIFEST);
        if Toml::read(tree, &file).is_ok_and(|toml| toml.get(&["workspace"]).is_some()) {
            return Some(file);
        }
        if above.is_empty() {
            return None;
        }
        above = folder::parent(above);
    }
}

fn pdm(tree: &dyn SourceTree, toml: &Toml, path: &str) -> Origin {
    let keys = |key| ["tool", "pdm", "version", key];
    let named = toml.text_at(&keys("path"));
    let is_there = |named: &str| folder::join(path, named).is_some_and(|file| tree.files().contains(&file));
    match toml.text_at(&keys("source")) {
        Some("scm") => told(&["PDM_BUILD_SCM_VERSION"]),
        source if source == Some("file") || source.is_none() && named.is_some_and(is_there) => {
            let pattern = toml.text_at(&keys("pattern")).unwrap_or(PDM);
            match named {
                Some(named) => in_file(toml, path, named, Rule::Pattern(pattern.to_owned())),
                None => unreadable(toml, &keys("source"), "no `path` is given"),
            }
        }
        Some("call") => unreadable(toml, &keys("source"), "a function computes it"),
        // Without the table it says 0.0.0, and to be told otherwise is what it waits for.
        None if toml.get(&["tool", "pdm", "version"]).is_none() => Origin::Elsewhere,
        _ => unreadable(toml, &keys("source"), "pdm-backend knows no such source"),
    }
}

/// What hatchling is told: by `hatch.toml`, or, for the tables that are not in it, by the manifest.
struct Hatch<'a> {
    manifest: &'a Toml,
    own: Option<Toml>,
}

impl Hatch<'_> {
    fn place(&self, keys: &[&str]) -> (&Toml, Vec<String>) {
        let above: &[&str] = match &self.own {
            Some(own) if own.get(&keys[..1]).is_some() => &[],
            _ => &["tool", "hatch"],
        };
        let whole = above.iter().chain(keys).map(|&key| key.to_owned()).collect();
        (
            self.own
                .as_ref()
                .filter(|_| above.is_empty())
                .unwrap_or(self.manifest),
            whole,
        )
    }

    fn get(&self, keys: &[&str]) -> Option<&Item> {
        let (toml, whole) = self.place(keys);
        toml.get(&whole.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(&["version", key]).and_then(Item::as_str)
    }

    fn unreadable(&self, key: &str, why: impl Into<String>) -> Origin {
        let (toml, whole) = self.place(&["version", key]);
        unreadable(toml, &whole.iter().map(String::as_str).collect::<Vec<_>>(), why)
    }

    /// It knows no variable. Without its hook nothing but the metadata asks for the version.
    fn versioningit(&self) -> Origin {
        let hooks = ["versioningit-onbuild", "versioningit"];
        if hooks
            .iter()
            .any(|hook| self.get(&["build", "hooks", hook]).is_some())
        {
            Origin::Deaf("versioningit")
        } else {
            Origin::Elsewhere
        }
    }
}

fn hatchling(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    let file = folder::file(path, "hatch.toml");
    let own = match tree.files().contains(&file).then(|| Toml::read(tree, &file)) {
        Some(Err(wrong)) => return Origin::Unreadable(file, wrong.message),
        Some(Ok(own)) => Some(own),
        None => None,
    };
    let hatch = Hatch { manifest: toml, own };
    let rule = match hatch.text("source") {
        Some("vcs") => return scm(name),
        Some("uv-dynamic-versioning") => return told(&["UV_DYNAMIC_VERSIONING_BYPASS"]),
        Some("env") => {
            let variable = hatch.text("variable");
            return variable.map_or(Origin::Elsewhere, |variable| told(&[variable]));
        }
        Some("versioningit") => return hatch.versioningit(),
        Some("code") => {
            let expression = hatch.text("expression").unwrap_or("__version__");
            if !expression
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_')
            {
                return hatch.unreadable("expression", "an expression computes it");
            }
            Rule::Attribute(expression.to_owned())
        }
        None | Some("regex") => match hatch.text("pattern").filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => Rule::Named(pattern.to_owned()),
            None => Rule::Pattern(HATCHLING.to_owned()),
        },
        Some(source) => {
            return hatch.unreadable("source", format!("how `{source}` finds it is not known here"));
        }
    };
    match hatch.text("path") {
        Some(named) => in_file(toml, path, named, rule),
        None if hatch.get(&["metadata", "hooks"]).is_some() => {
            hatch.unreadable("path", "a hook of hatchling may say it")
        }
        None => Origin::Elsewhere,
    }
}

/// flit takes `__version__` of the module that has the project's name, or the one it is given.
fn flit(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    let module = toml.text_at(&["tool", "flit", "module", "name"]);
    let module = module.map_or_else(
        || name.replace(['-', '.'], "_"),
        |module| module.replace('.', "/"),
    );
    let modules = [module.clone(), format!("src/{module}")];
    in_module(tree, toml, path, &modules, "__version__")
}

/// The first of the modules that is there decides.
pub(super) fn in_module(
    tree: &dyn SourceTree,
    toml: &Toml,
    path: &str,
    modules: &[String],
    attribute: &str,
) -> Origin {
    let files = modules
        .iter()
        .map(|module| module.trim_end_matches('/'))
        .flat_map(|module| [format!("{module}.py"), format!("{module}/__init__.py")]);
    let mut files = files.filter_map(|file| folder::join(path, &file));
    match files.find(|file| tree.files().contains(file)) {
        Some(file) => Origin::File(file, Rule::Attribute(attribute.to_owned())),
        None => Origin::Unreadable(
            toml.file.clone(),
            format!("the module with `{attribute}` is not in the repository"),
        ),
    }
}
