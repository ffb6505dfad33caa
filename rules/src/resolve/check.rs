//! Checking: what declarations say of one another.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use engine::nearest;
use model::{ActionDecl, Config, Diagnostic, Location, PackageDecl};

use super::{MAX_TOLD, circle};
use crate::star::FILE_NAME;

/// What to do where no package is declared.
const UNDECLARED: &str = "none is declared: `releasekit generate --update` adds those there are";

/// What is wrong between declarations. Merges what a folder's own RELEASE.star says of a package into what the
/// root's says of it.
pub(super) fn config(config: &mut Config) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    config.packages = merged(std::mem::take(&mut config.packages), &mut wrong);
    let config = &*config;
    once(
        "workspace",
        config
            .workspaces
            .iter()
            .map(|it| (it.name.as_str(), &it.location)),
        &mut wrong,
    );
    once(
        "group",
        config.groups.iter().map(|it| (it.name.as_str(), &it.location)),
        &mut wrong,
    );
    once(
        "action",
        config.actions.iter().map(|it| (it.name.as_str(), &it.location)),
        &mut wrong,
    );
    let trains = config
        .trains
        .iter()
        .filter_map(|it| Some((it.name.as_str(), it.location.as_ref()?)));
    once("train", trains, &mut wrong);
    for function in ["vcs", "forge", "config"] {
        let calls = config
            .declarations
            .iter()
            .filter(|declaration| declaration.function == function);
        if let [first, second, ..] = calls.collect::<Vec<_>>().as_slice() {
            let message = format!("`{function}` is declared twice");
            wrong.push(Diagnostic::error(message, second.location.clone()).hint(earlier(&first.location)));
        }
    }
    groups(config, &mut wrong);
    wrong.extend(circle::of_packages(&config.packages));
    outputs(&config.actions, &mut wrong);
    wrong.extend(circle::of_actions(&config.actions));
    wrong
}

/// Whether `inner` is `outer` or lies beneath it.
pub(super) fn covers(outer: &str, inner: &str) -> bool {
    outer.is_empty()
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where something was declared before.
fn earlier(place: &Location) -> String {
    format!("it is declared at {place} already")
}

/// Names that are declared more than once.
fn once<'a>(kind: &str, named: impl Iterator<Item = (&'a str, &'a Location)>, wrong: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Location> = BTreeMap::new();
    for (name, place) in named {
        match seen.get(name) {
            Some(first) => {
                let message = format!("{kind} `{name}` is declared twice");
                wrong.push(Diagnostic::error(message, place.clone()).hint(earlier(first)));
            }
            None => _ = seen.insert(name, place),
        }
    }
}

/// Each package once: what the RELEASE.star of a folder says of one completes what is said of it elsewhere.
fn merged(packages: Vec<PackageDecl>, wrong: &mut Vec<Diagnostic>) -> Vec<PackageDecl> {
    let ids = packages
        .iter()
        .map(|package| (package.ecosystem.as_str(), package.name.as_str()));
    if ids.collect::<HashSet<_>>().len() == packages.len() {
        return packages;
    }
    let nested = |package: &PackageDecl| package.location.file.ends_with(&format!("/{FILE_NAME}"));
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut merged: Vec<PackageDecl> = Vec::new();
    for package in packages {
        let id = (package.ecosystem.clone(), package.name.clone());
        let Some(&index) = seen.get(&id) else {
            seen.insert(id, merged.len());
            merged.push(package);
            continue;
        };
        let first = &mut merged[index];
        if nested(&package) == nested(first) {
            let message = format!("package `{}` is declared twice", package.name);
            wrong.push(Diagnostic::error(message, package.location).hint(earlier(&first.location)));
            continue;
        }
        let (general, special) = if nested(first) {
            (package, first.clone())
        } else {
            (first.clone(), package)
        };
        *first = PackageDecl {
            group: special.group.or(general.group),
            cross_deps: if special.cross_deps.is_empty() {
                general.cross_deps
            } else {
                special.cross_deps
            },
            pin_strategy: special.pin_strategy.or(general.pin_strategy),
            registry: special.registry.or(general.registry),
            include: [general.include, special.include].concat(),
            exclude: [general.exclude, special.exclude].concat(),
            former_names: [general.former_names, special.former_names].concat(),
            bump_files: [general.bump_files, special.bump_files].concat(),
            ..special
        };
    }
    merged
}

/// Groups, packages and trains that do not fit together.
fn groups(config: &Config, wrong: &mut Vec<Diagnostic>) {
    let groups: BTreeSet<&str> = config.groups.iter().map(|group| group.name.as_str()).collect();
    let mut packages: HashMap<&str, usize> = HashMap::new();
    let mut home: HashMap<&str, &str> = HashMap::new();
    for package in &config.packages {
        *packages.entry(&package.name).or_default() += 1;
        let Some(group) = &package.group else { continue };
        home.insert(&package.name, group);
        if !groups.contains(group.as_str()) {
            let message = format!(
                "package `{}` is in the group `{group}`, which is not declared",
                package.name
            );
            wrong.push(unknown(
                message,
                group,
                &groups,
                Some(&package.location),
                wrong.len(),
            ));
        }
    }
    let names: OnceCell<BTreeSet<&str>> = OnceCell::new();
    for group in &config.groups {
        for name in &group.packages {
            if !packages.contains_key(name.as_str()) {
                let message = format!(
                    "group `{}` holds the package `{name}`, which is not declared",
                    group.name
                );
                let names = names.get_or_init(|| packages.keys().copied().collect());
                let error = unknown(message, name, names, Some(&group.location), wrong.len());
                wrong.push(if names.is_empty() {
                    error.hint(UNDECLARED)
                } else {
                    error
                });
            }
            let other = *home.entry(name).or_insert(&group.name);
            // Packages of two ecosystems may share a name, and be in two groups.
            if other != group.name && packages.get(name.as_str()).is_none_or(|count| *count == 1) {
                let message = format!(
                    "package `{name}` is in two groups, `{other}` and `{}`",
                    group.name
                );
                wrong.push(Diagnostic::error(message, group.location.clone()).hint("leave it in one"));
            }
        }
    }
    for train in &config.trains {
        for name in train.groups.iter().filter(|name| !groups.contains(name.as_str())) {
            let message = format!(
                "train `{}` takes the group `{name}`, which is not declared",
                train.name
            );
            wrong.push(unknown(
                message,
                name,
                &groups,
                train.location.as_ref(),
                wrong.len(),
            ));
        }
    }
}

/// A name that is not known. `told` is how much is wrong already: who gets to read it is worth a look for the
/// nearest one.
fn unknown(
    message: String,
    name: &str,
    known: &BTreeSet<&str>,
    place: Option<&Location>,
    told: usize,
) -> Diagnostic {
    let error = Diagnostic::error(message, place.cloned());
    if told > MAX_TOLD {
        return error;
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint("none is declared"),
        None => error.hint(format!("declared are {}", some(known))),
    }
}

/// The first few names.
fn some(names: &BTreeSet<&str>) -> String {
    let mut text = names
        .iter()
        .take(8)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 8 {
        text.push_str(", ...");
    }
    text
}

/// Outputs that more than one action makes.
fn outputs(actions: &[ActionDecl], wrong: &mut Vec<Diagnostic>) {
    let mut made: BTreeMap<&str, &ActionDecl> = BTreeMap::new();
    for action in actions {
        for output in &action.outputs {
            let above = output
                .match_indices('/')
                .filter_map(|(at, _)| made.get_key_value(&output[..at]))
                .next();
            let same = made.get_key_value(output.as_str());
            let folder = format!("{output}/");
            let below = made
                .range(folder.as_str()..)
                .next()
                .filter(|(path, _)| covers(output, path));
            let found = above
                .or(same)
                .or(below)
                .map(|(path, first)| ((*path).to_owned(), *first));
            if let Some((path, first)) = found {
                let message = if first.name == action.name {
                    format!("action `{}` names the output `{output}` twice", action.name)
                } else if path == *output {
                    format!(
                        "actions `{}` and `{}` both make `{output}`",
                        first.name, action.name
                    )
                } else {
                    format!(
                        "actions `{}` and `{}` make `{path}` and `{output}`, one inside the other",
                        first.name, action.name
                    )
                };
                let error = Diagnostic::error(message, action.location.clone());
                wrong.push(error.hint("give each an output of its own"));
            }
            made.insert(output, action);
        }
    }
}
