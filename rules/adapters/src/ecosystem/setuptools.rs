//! Where setuptools takes a dynamic version from: `pyproject.toml`, `setup.py` and `setup.cfg`, in this order.

use model::SourceTree;

use super::origin::{Origin, in_module, scm, unreadable};
use super::requirement::{Requirement, normalised};
use super::toml_text::Toml;
use super::version_rule::Rule;
use super::{folder, setup_cfg};

/// Where modules may be.
#[derive(Default)]
struct Places {
    /// Folders by the packages in them; of all packages, by an empty name.
    packages: Vec<(String, String)>,
    /// Where packages are looked for.
    roots: Vec<String>,
}

/// Whether a manifest's build needs setuptools.
pub(super) fn is_required(toml: &Toml) -> bool {
    let backend = toml.text_at(&["build-system", "build-backend"]);
    backend.is_some_and(|backend| backend.starts_with("setuptools")) || needs(toml, "setuptools")
}

fn needs(toml: &Toml, tool: &str) -> bool {
    let requires = toml.list(&["build-system", "requires"]);
    let mut names = requires.iter().filter_map(|need| Requirement::parse(need.text));
    names.any(|need| normalised(need.name) == tool)
}

/// Where the version of the package in the folder `path` comes from.
pub(super) fn origin(tree: &dyn SourceTree, toml: &Toml, path: &str, name: &str) -> Origin {
    const DYNAMIC: [&str; 4] = ["tool", "setuptools", "dynamic", "version"];
    let said = toml.get(&DYNAMIC);
    if toml.get(&["tool", "setuptools_scm"]).is_some() || needs(toml, "setuptools-scm") && said.is_none() {
        return scm(name);
    }
    if toml.get(&["tool", "versioningit"]).is_some() {
        return Origin::Deaf("versioningit");
    }
    if said.is_some() {
        let named = |key| [&DYNAMIC[..], &[key]].concat();
        let listed = toml.list(&named("file"));
        let files: Vec<&str> = match toml.text_at(&named("file")) {
            Some(file) => vec![file],
            None => listed.iter().map(|entry| entry.text).collect(),
        };
        return match toml.text_at(&named("attr")) {
            _ if !files.is_empty() => in_files(toml, path, &files),
            Some(attribute) => in_attribute(tree, toml, path, attribute, &places(toml)),
            None => unreadable(toml, &DYNAMIC, "neither `file` nor `attr` says where it is"),
        };
    }
    in_script(tree, path, name).unwrap_or_else(|| in_settings(tree, toml, path))
}

/// `setup.py` wins over `setup.cfg`, and only running it would tell what it says.
fn in_script(tree: &dyn SourceTree, path: &str, name: &str) -> Option<Origin> {
    let file = folder::file(path, "setup.py");
    let text = tree.files().contains(&file).then(|| tree.read(&file).ok())??;
    let code = || {
        text.lines()
            .map(|line| line.split('#').next().unwrap_or_default())
    };
    if code().any(|line| line.contains("use_scm_version")) {
        return Some(scm(name));
    }
    let line = code().position(says_version)?;
    Some(Origin::Unreadable(
        format!("{file}:{}", line + 1),
        "only running it would tell".to_owned(),
    ))
}

/// Whether a line of `setup.py` assigns a version, or names one in a dictionary.
fn says_version(line: &str) -> bool {
    const WORD: &str = "version";
    line.match_indices(WORD).any(|(at, _)| {
        let (before, after) = (&line[..at], line[at + WORD.len()..].trim_start());
        let is_quoted = before.ends_with(['"', '\'']) && after.starts_with(['"', '\'']);
        let is_word = !before.ends_with(|letter: char| letter.is_alphanumeric() || "_.".contains(letter));
        is_quoted || is_word && after.starts_with('=') && !after.starts_with("==")
    })
}

fn in_settings(tree: &dyn SourceTree, toml: &Toml, path: &str) -> Origin {
    let file = folder::file(path, "setup.cfg");
    if !tree.files().contains(&file) {
        return Origin::Elsewhere;
    }
    let text = match tree.read(&file) {
        Ok(text) => text,
        Err(reason) => return Origin::Unreadable(file, reason),
    };
    let option = |section, name| setup_cfg::value(&text, section, name).map(|range| &text[range]);
    let Some(version) = option("metadata", "version") else {
        return Origin::Elsewhere;
    };
    if let Some(files) = version.strip_prefix("file:") {
        return in_files(toml, path, &files.split(',').map(str::trim).collect::<Vec<_>>());
    }
    let Some(attribute) = version.strip_prefix("attr:") else {
        return Origin::File(file, Rule::Setting);
    };
    let lines = |text: Option<&str>| -> Vec<String> {
        let lines = text.unwrap_or_default().split(['\n', ',']);
        lines.map(|line| line.trim().to_owned()).collect()
    };
    let packages = lines(option("options", "package_dir"));
    let packages = packages.iter().filter_map(|line| line.split_once('='));
    let mut places = places(toml);
    places
        .packages
        .extend(packages.map(|(package, folder)| (package.trim().to_owned(), folder.trim().to_owned())));
    let roots = lines(option("options.packages.find", "where")).into_iter();
    places.roots.extend(roots.filter(|root| !root.is_empty()));
    in_attribute(tree, toml, path, attribute.trim(), &places)
}

/// Several files are read as one text, which is a version only if the others are empty.
fn in_files(toml: &Toml, path: &str, files: &[&str]) -> Origin {
    let unreadable = |why: String| Origin::Unreadable(toml.file.clone(), why);
    match files {
        [file] => match folder::join(path, file) {
            Some(file) => Origin::File(file, Rule::Whole),
            None => unreadable(format!("`{file}` is outside the repository")),
        },
        _ => unreadable("several files have it together".to_owned()),
    }
}

/// Where the manifest says that modules are.
fn places(toml: &Toml) -> Places {
    let folders = toml.table(&["tool", "setuptools", "package-dir"]);
    let folders = folders.into_iter().flat_map(|table| table.iter());
    let roots = toml.list(&["tool", "setuptools", "packages", "find", "where"]);
    Places {
        packages: folders
            .filter_map(|(package, folder)| Some((package.to_owned(), folder.as_str()?.to_owned())))
            .collect(),
        roots: roots.into_iter().map(|root| root.text.to_owned()).collect(),
    }
}

fn in_attribute(tree: &dyn SourceTree, toml: &Toml, path: &str, attribute: &str, places: &Places) -> Origin {
    let Some((module, attribute)) = attribute.rsplit_once('.') else {
        return Origin::Unreadable(toml.file.clone(), format!("`{attribute}` names no module"));
    };
    let (top, rest) = module.split_once('.').unwrap_or((module, ""));
    let slashed = module.replace('.', "/");
    let mapped = |name: &str| places.packages.iter().find(|(package, _)| package == name);
    let mut modules = Vec::new();
    modules.extend(mapped(top).map(|(_, folder)| format!("{folder}/{}", rest.replace('.', "/"))));
    modules.extend(mapped("").map(|(_, root)| format!("{root}/{slashed}")));
    modules.extend(places.roots.iter().map(|root| format!("{root}/{slashed}")));
    modules.extend([format!("src/{slashed}"), slashed]);
    in_module(tree, toml, path, &modules, attribute)
}
