//! Writes a new RELEASE.star.

use std::collections::{BTreeMap, BTreeSet};

use model::Package;

use super::infer::{self, Place};
use super::layout::{TRAIN_MODULE, call, heading, list, load, module, quote, title};
use super::tags;
use super::{Declared, Found};

/// What stands at the top of a new file.
const PREAMBLE: &str = "\
# RELEASE.star: what this repository releases, and how.
#
# Written by `releasekit generate`, and yours to edit. Run it with `--update`
# after adding or removing packages: everything you changed stays.";

/// What stands above packages if some are missing.
const PRIVATE: &str = "\
# Packages that their manifests call private are left out; `releasekit discover`
# lists them.";

/// The text of a new RELEASE.star for what is in the repository. The same repository gives the same text.
#[must_use]
pub fn generate(found: &Found<'_>) -> String {
    let names = infer::workspaces(found, &Declared::default());
    let groups = infer::groups(found, &names);
    let packages = found.releasable();
    let ecosystems: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.id.ecosystem.as_str())
        .collect();

    let mut paragraphs = vec![PREAMBLE.to_owned()];
    let loads = loads(&ecosystems);
    if !loads.is_empty() {
        paragraphs.push(loads.join("\n"));
    }
    paragraphs.push(heading("Version control"));
    paragraphs.push(format!("vcs({})", quote(found.vcs)));
    if !names.is_empty() {
        paragraphs.push(heading("Workspaces"));
        paragraphs.extend(names.iter().map(|(place, name)| workspace(place, name, found)));
    }
    if packages.len() < found.workspace.packages().len() {
        paragraphs.push(PRIVATE.to_owned());
    }
    for ecosystem in &ecosystems {
        paragraphs.push(heading(&title(ecosystem)));
        let function = format!("{ecosystem}_package");
        for package in packages
            .iter()
            .filter(|package| package.id.ecosystem == *ecosystem)
        {
            let group = groups.get(&package.id).map(String::as_str);
            paragraphs.push(infer::package_call(&function, package, group, found));
        }
    }
    let ambiguous = infer::ambiguous(found);
    let mut members: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (id, group) in &groups {
        members
            .entry(group)
            .or_default()
            .extend(infer::listed(id, &ambiguous));
    }
    if !members.is_empty() {
        paragraphs.push(heading("Groups"));
        for (group, members) in &members {
            paragraphs.push(release_group(
                "release_group",
                group,
                &members.iter().cloned().collect::<Vec<_>>(),
            ));
        }
        paragraphs.push(heading("Release train"));
        let groups: Vec<String> = members.keys().map(|group| (*group).clone()).collect();
        paragraphs.push(call("release_train", &train(&packages, &groups, found)));
    }
    paragraphs.join("\n\n") + "\n"
}

/// The arguments of the train. Tags go on as they are written so far; where two ecosystems share a package's name,
/// their tags must differ.
fn train(packages: &[&Package], groups: &[String], found: &Found<'_>) -> Vec<(&'static str, String)> {
    let mut arguments = vec![("name", quote("default")), ("groups", list(groups))];
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name()).collect();
    let spelling = tags::spelling(found.tags, packages);
    match spelling {
        Some(spelling) if spelling.is_shared => {
            arguments.push(("versioning", quote("fixed")));
            arguments.push(("tag_format", quote(spelling.format.pattern())));
        }
        _ if names.len() < packages.len() => {
            arguments.push(("tag_format", quote("{ecosystem}/{name}/v{version}")));
        }
        Some(spelling) => arguments.push(("tag_format", quote(spelling.format.pattern()))),
        None => {}
    }
    arguments
}

/// The call that declares a group.
pub(super) fn release_group(function: &str, name: &str, packages: &[String]) -> String {
    let mut arguments = vec![("name", quote(name))];
    if !packages.is_empty() {
        arguments.push(("packages", list(packages)));
    }
    call(function, &arguments)
}

fn workspace(place: &Place, name: &str, found: &Found<'_>) -> String {
    infer::workspace_call(&format!("{}_workspace", place.0), place, &place.1, name, found)
}

/// The loads of a new file, sorted.
fn loads(ecosystems: &BTreeSet<&str>) -> Vec<String> {
    let mut loads: Vec<String> = ecosystems
        .iter()
        .map(|ecosystem| {
            let (package, workspace) = (format!("{ecosystem}_package"), format!("{ecosystem}_workspace"));
            load(&module(ecosystem), &[&package, &workspace])
        })
        .collect();
    if !ecosystems.is_empty() {
        loads.push(load(TRAIN_MODULE, &["release_group", "release_train"]));
    }
    loads.sort();
    loads
}
