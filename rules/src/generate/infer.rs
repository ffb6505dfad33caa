//! What should be there: names of workspaces, and the group of each package.
//!
//! The rule for groups is meant to be said in one breath: a workspace is a group; a workspace of more than
//! [`LARGE`] packages is a group for each folder at its top. Groups say who is released together, not in which
//! order: order comes from dependencies.

use std::collections::{BTreeMap, BTreeSet};

use model::{DependencyKind, Package, PackageId};

use super::layout::{call, list, quote};
use super::{Declared, Found};
use crate::strays::members_parameter;

/// A workspace with more packages than this is split by folder.
const LARGE: usize = 12;

/// Which workspace: ecosystem and folder.
pub(super) type Place = (String, String);

/// The workspace a package belongs to.
pub(super) fn place(package: &Package) -> Place {
    (package.id.ecosystem.clone(), package.workspace.clone())
}

/// The names of all workspaces with something to release: the declared ones keep theirs, a new one gets its
/// folder's (the ecosystem's, at the root), longer where that is taken.
pub(super) fn workspaces(found: &Found<'_>, declared: &Declared) -> BTreeMap<Place, String> {
    let mut names: BTreeMap<Place, String> = BTreeMap::new();
    let mut nameless: BTreeMap<Place, usize> = BTreeMap::new();
    for package in found.releasable() {
        if let Some(workspace) = declared.workspace_of(package) {
            names.insert(place(package), workspace.name.clone());
        } else {
            nameless.insert(place(package), 0);
        }
    }
    nameless.retain(|place, _| !names.contains_key(place));
    let taken: BTreeSet<&String> = declared
        .workspaces
        .iter()
        .map(|workspace| &workspace.name)
        .collect();
    // Whoever shares a name takes a longer one, until nobody does.
    loop {
        let mut wanted: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for (place, attempt) in &nameless {
            wanted
                .entry(candidate(place, *attempt))
                .or_default()
                .push(place.clone());
        }
        let mut settled = true;
        for (name, places) in &wanted {
            // Where folders alone cannot tell two apart (`a/b` and `a-b`), the first keeps the name.
            let numbered = places
                .first()
                .and_then(|place| nameless.get(place))
                .is_some_and(|n| *n > 1);
            let stays = if taken.contains(name) {
                0
            } else {
                usize::from(places.len() == 1 || numbered)
            };
            for place in places.iter().skip(stays) {
                *nameless.entry(place.clone()).or_default() += 1;
                settled = false;
            }
        }
        if settled {
            let pairs = wanted
                .into_iter()
                .flat_map(|(name, places)| places.into_iter().map(move |p| (p, name.clone())));
            names.extend(pairs);
            return names;
        }
    }
}

/// A name for a workspace, longer with each attempt.
fn candidate((ecosystem, root): &Place, attempt: usize) -> String {
    let folder = root.rsplit('/').next().unwrap_or_default();
    let path = if root.is_empty() {
        "root".to_owned()
    } else {
        root.replace('/', "-")
    };
    match (attempt, folder) {
        (0, "") => ecosystem.clone(),
        (0, folder) => folder.to_owned(),
        (1, folder) if !folder.is_empty() => format!("{folder}-{ecosystem}"),
        (1 | 2, _) => format!("{path}-{ecosystem}"),
        (attempt, _) => format!("{path}-{ecosystem}-{}", attempt - 1),
    }
}

/// The group of each package to be released, by the rule alone.
pub(super) fn groups(found: &Found<'_>, names: &BTreeMap<Place, String>) -> BTreeMap<PackageId, String> {
    let mut by_place: BTreeMap<Place, Vec<&Package>> = BTreeMap::new();
    for package in found.releasable() {
        by_place.entry(place(package)).or_default().push(package);
    }
    let mut groups = BTreeMap::new();
    for (place, packages) in by_place {
        let workspace = names.get(&place).unwrap_or(&place.0);
        let folders: BTreeSet<&str> = packages.iter().map(|package| top_folder(package)).collect();
        let split = packages.len() > LARGE && folders.len() > 1;
        for package in packages {
            let group = match top_folder(package) {
                folder if split && !folder.is_empty() => format!("{workspace}-{folder}"),
                _ => workspace.clone(),
            };
            groups.insert(package.id.clone(), group);
        }
    }
    groups
}

/// The first folder of a package's path within its workspace.
fn top_folder(package: &Package) -> &str {
    let inside = package
        .path
        .strip_prefix(package.workspace.as_str())
        .unwrap_or(&package.path);
    inside
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default()
}

/// The group that each package joins in an existing configuration: the one that all its would-be companions are
/// in (none, if they are in none), else the one the rule says.
pub(super) fn joined(
    groups: BTreeMap<PackageId, String>,
    declared: &Declared,
) -> BTreeMap<PackageId, Option<String>> {
    let mut taken: BTreeMap<String, BTreeSet<&Option<String>>> = BTreeMap::new();
    for (id, rule) in &groups {
        if let Some(group) = declared.packages.get(id) {
            taken.entry(rule.clone()).or_default().insert(group);
        }
    }
    let join = |rule: String| match taken.get(&rule).filter(|taken| taken.len() == 1) {
        Some(group) => group.first().and_then(|group| (*group).clone()),
        None => Some(rule),
    };
    groups.into_iter().map(|(id, rule)| (id, join(rule))).collect()
}

/// Names that more than one ecosystem uses.
pub(super) fn ambiguous<'a>(found: &Found<'a>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let names = found.workspace.packages().map(|package| package.id.name.as_str());
    names.filter(|name| !seen.insert(*name)).collect()
}

/// What a group lists a package as: its name. Where the name is not enough, nothing: that the package names its
/// group is.
pub(super) fn listed(id: &PackageId, ambiguous: &BTreeSet<&str>) -> Option<String> {
    (!ambiguous.contains(id.name.as_str())).then(|| id.name.clone())
}

/// A folder as seen from another one; `None` if it is not inside.
pub(super) fn inside<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(base)?;
    if base.is_empty() || rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}

/// The call that declares a workspace, in a file whose folder sees it at `root`.
pub(super) fn workspace_call(
    function: &str,
    place: &Place,
    root: &str,
    name: &str,
    found: &Found<'_>,
) -> String {
    let root = if root.is_empty() { "." } else { root };
    let mut arguments = vec![("name", quote(name)), ("root", quote(root))];
    let mut roots = found.roots.iter();
    let found = roots.find(|found| found.ecosystem == place.0 && found.root == place.1);
    if let Some(found) = found.filter(|found| !found.members.is_empty()) {
        let parameter = members_parameter(&place.0);
        arguments.push((parameter, list(&found.members)));
    }
    call(function, &arguments)
}

/// The call that declares a package.
pub(super) fn package_call(
    function: &str,
    package: &Package,
    group: Option<&str>,
    found: &Found<'_>,
) -> String {
    let mut arguments = vec![("name", quote(package.name()))];
    arguments.extend(group.map(|group| ("group", quote(group))));
    let crossing = package
        .dependencies
        .iter()
        .filter(|need| need.kind == DependencyKind::Cross);
    let cross: BTreeSet<String> = crossing
        .map(|need| found.workspace.display_name(&need.on))
        .collect();
    if !cross.is_empty() {
        arguments.push(("cross_deps", list(&cross.into_iter().collect::<Vec<_>>())));
    }
    call(function, &arguments)
}
