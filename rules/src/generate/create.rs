//! Writes a new RELEASE.star.

use std::collections::{BTreeMap, BTreeSet};

use super::infer::{self, Place};
use super::layout::{TRAIN_MODULE, call, comment, heading, list, load, module, quote, title};
use super::trains::{self, Layout};
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
    forms(found).swap_remove(0)
}

/// The texts a new RELEASE.star may have, the best first, the simplest last: tags and versions of a repository may
/// not go together in the best.
#[must_use]
pub fn forms(found: &Found<'_>) -> Vec<String> {
    let names = infer::workspaces(found, &Declared::default());
    let layouts = trains::layouts(found, &names);
    let mut texts: Vec<String> = Vec::new();
    for layout in layouts {
        let text = written(found, &names, &layout);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn written(found: &Found<'_>, names: &BTreeMap<Place, String>, layout: &Layout) -> String {
    let groups = &layout.groups;
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
    for (id, group) in groups {
        members
            .entry(group)
            .or_default()
            .extend(infer::listed(id, &ambiguous));
    }
    if !members.is_empty() {
        paragraphs.push(heading("Groups"));
        for (group, members) in &members {
            let members: Vec<String> = members.iter().cloned().collect();
            paragraphs.push(group_call(
                "release_group",
                group,
                &members,
                layout.fixed.contains(*group),
            ));
        }
        let title = if layout.trains.len() > 1 {
            "Release trains"
        } else {
            "Release train"
        };
        paragraphs.push(heading(title));
        paragraphs.extend(found.remarks.iter().map(|remark| comment(remark)));
        let trains = layout.trains.iter();
        paragraphs.extend(trains.map(|train| train.declaration(found.plans_dir)));
    }
    paragraphs.join("\n\n") + "\n"
}

/// The call that declares a group.
pub(super) fn release_group(function: &str, name: &str, packages: &[String]) -> String {
    group_call(function, name, packages, false)
}

fn group_call(function: &str, name: &str, packages: &[String], is_fixed: bool) -> String {
    let mut arguments = vec![("name", quote(name))];
    if !packages.is_empty() {
        arguments.push(("packages", list(packages)));
    }
    if is_fixed {
        arguments.push(("versioning", quote("fixed")));
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
