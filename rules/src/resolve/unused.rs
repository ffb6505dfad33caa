//! Honesty: what is declared and not carried out by this version.

use std::collections::{BTreeMap, BTreeSet};

use model::{Declaration, Diagnostic, Location, Value};

/// The parameters that are carried out, by function; `_package` and `_workspace` stand for every ecosystem's.
const CARRIED_OUT: [(&str, &[&str]); 11] = [
    (
        "_workspace",
        &["name", "root", "members", "packages", "exclude", "registry"],
    ),
    (
        "_package",
        &[
            "name",
            "group",
            "skip",
            "cross_deps",
            "pin_strategy",
            "registry",
            "include",
            "exclude",
            "former_names",
            "bump_files",
        ],
    ),
    (
        "release_group",
        &[
            "name",
            "packages",
            "pin_strategy",
            "smoke_test",
            "versioning",
            "version_strategy",
            "commits",
            "dependents",
        ],
    ),
    (
        "release_train",
        &[
            "name",
            "groups",
            "jobs",
            "pin_strategy",
            "versioning",
            "max_retries",
            "smoke_test_delay",
            "tag_format",
            "registry",
            "channel",
            "prerelease_token",
            "version_strategy",
            "plans_dir",
            "commit_back",
            "commit_back_branch",
            "commit_back_message",
            "commits",
            "dependents",
            "secondary_tags",
            "former_tags",
            "umbrella_tag",
            "umbrella_package",
            "push",
            "releases_from",
            "changelog",
        ],
    ),
    (
        "action",
        &["name", "inputs", "outputs", "command", "timeout", "env"],
    ),
    ("branch_channel", &["branch", "channel", "prerelease"]),
    ("bump_file", &["path", "pattern"]),
    ("vcs", &["name"]),
    ("forge", &["name"]),
    ("config", &["mode"]),
    ("signer", &["name"]),
];

/// One warning for every call that is not carried out, and one for every function with parameters that are not.
pub(super) fn warnings(declarations: &[Declaration]) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut parameters: BTreeMap<&str, (&Location, BTreeSet<&str>)> = BTreeMap::new();
    for declaration in declarations {
        let function = declaration.function.as_str();
        let Some(carried) = carried_out(declaration) else {
            let message = format!("`{function}`: declared, not run in this version");
            warnings.push(Diagnostic::warning(message, declaration.location.clone()));
            continue;
        };
        for (name, value) in &declaration.attributes {
            // Commits go back by a pull request only where there is a forge to open it at.
            let is_elsewhere = name == "commit_back" && value.as_str() == Some("pr");
            if is_elsewhere || is_given(value) && !carried.contains(&name.as_str()) {
                let (_, names) = parameters
                    .entry(function)
                    .or_insert((&declaration.location, BTreeSet::new()));
                names.insert(name);
            }
        }
    }
    for (function, (place, names)) in parameters {
        let names = names
            .into_iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("`{function}`: {names} declared, not run in this version");
        warnings.push(Diagnostic::warning(message, place.clone()));
    }
    warnings.sort_by(|a, b| a.location.cmp(&b.location));
    warnings
}

/// The parameters of a call that are carried out; `None` if the whole call is not.
fn carried_out(declaration: &Declaration) -> Option<&'static [&'static str]> {
    let function = declaration.function.as_str();
    if function == "signer" && declaration.get("name").as_str() != Some("checksums") {
        return None;
    }
    let fits = |known: &str| known == function || known.starts_with('_') && function.ends_with(known);
    CARRIED_OUT
        .iter()
        .find(|(known, _)| fits(known))
        .map(|(_, parameters)| *parameters)
}

/// Whether a parameter was given something. What is not carried out defaults to nothing.
fn is_given(value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(false) => false,
        Value::Str(text) => !text.is_empty(),
        Value::List(values) => !values.is_empty(),
        Value::Dict(values) => !values.is_empty(),
        _ => true,
    }
}
