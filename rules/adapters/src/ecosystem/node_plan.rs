//! What packing a Node.js package takes: its own folder, and what its scripts need around it.

use std::collections::{BTreeMap, BTreeSet};

use model::{DependencyKind, Package, PackageId, SourceDir};

use super::folder;
use super::node::is_licence;

/// What is laid out to pack a package, and what is done.
pub(super) struct Plan {
    pub(super) sources: Vec<SourceDir>,
    /// Built siblings, by the folder their artifacts are laid out in.
    pub(super) artifacts: BTreeMap<String, PackageId>,
    /// For the script: the package's folder, whether modules are installed (`install` or `-`), the script that
    /// builds (or `-`), what packing does with its own scripts (`run` or `ignore`), the workspace's folder; then for
    /// each built sibling the folder of its artifact and its own; then `--` and the folders of siblings that are
    /// laid out as they are.
    pub(super) arguments: Vec<String>,
}

/// Plans packing. A package whose scripts make what is packed gets its modules, its siblings that are released as
/// they are released, and its other siblings as they are; any other package gets its own folder only.
pub(super) fn plan(package: &Package, all: &[&Package], always: &[&str]) -> Plan {
    let scripts: Vec<&str> = folder::lines(package, "scripts").collect();
    let around: Vec<&str> = folder::lines(package, "around").collect();
    let name_of = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let mut files: BTreeSet<&str> = BTreeSet::new();
    files.extend(around.iter().filter(|file| always.contains(&&*name_of(file))));
    if always.contains(&"LICENSE") {
        files.extend(around.iter().filter(|file| is_licence(&name_of(file))));
    }
    let (mut built, mut plain) = (BTreeSet::new(), BTreeSet::new());
    let installs = !scripts.is_empty() && package.notes.contains_key("modules");
    if !scripts.is_empty() {
        files.extend(&around);
    }
    if installs {
        siblings(package, package, all, true, &mut built, &mut plain);
        plain.retain(|id| !built.contains(id));
    }
    let mut sources = vec![folder::own_sources(package)];
    files.retain(|file| !folder::is_within(file, &package.path));
    sources.extend(files.into_iter().map(|file| SourceDir {
        path: file.to_owned(),
        exclude: Vec::new(),
    }));
    let find = |id: &PackageId| folder::find(all, id);
    let dot = |folder: &str| {
        if folder.is_empty() {
            ".".to_owned()
        } else {
            folder.to_owned()
        }
    };
    let build = if scripts.contains(&"build") {
        "build"
    } else if scripts.contains(&"prepublishOnly")
        && !scripts.contains(&"prepack")
        && !scripts.contains(&"prepare")
    {
        "prepublishOnly"
    } else {
        "-"
    };
    let packs = scripts
        .iter()
        .any(|script| ["prepack", "prepare", "postpack"].contains(script));
    let mut arguments = vec![
        dot(&package.path),
        if installs { "install" } else { "-" }.to_owned(),
        build.to_owned(),
        if packs { "run" } else { "ignore" }.to_owned(),
        dot(&package.workspace),
    ];
    let mut artifacts = BTreeMap::new();
    for (number, sibling) in built.iter().filter_map(find).enumerate() {
        let laid_out = format!(".siblings/{number}");
        arguments.extend([laid_out.clone(), dot(&sibling.path)]);
        artifacts.insert(laid_out, sibling.id.clone());
    }
    arguments.push("--".to_owned());
    for sibling in plain.iter().filter_map(find) {
        sources.push(folder::own_sources(sibling));
        arguments.push(dot(&sibling.path));
    }
    Plan {
        sources,
        artifacts,
        arguments,
    }
}

/// The siblings a build needs. What runs with the package is taken as it is released; what is private or only for
/// development, and all that hangs on it, as it stands (which also keeps development circles from mattering).
fn siblings(
    package: &Package,
    of: &Package,
    all: &[&Package],
    released: bool,
    built: &mut BTreeSet<PackageId>,
    plain: &mut BTreeSet<PackageId>,
) {
    for dependency in &package.dependencies {
        let is_dev = dependency.kind == DependencyKind::Dev;
        let is_near = |other: &&Package| {
            other.id != of.id && other.id.ecosystem == of.id.ecosystem && other.workspace == of.workspace
        };
        let Some(sibling) = folder::find(all, &dependency.on).filter(is_near) else {
            continue;
        };
        let as_released = released && !is_dev && !sibling.private;
        if is_dev && released && package.id != of.id {
            continue;
        }
        let seen = if as_released { &mut *built } else { &mut *plain };
        if seen.insert(sibling.id.clone()) {
            siblings(sibling, of, all, as_released, built, plain);
        }
    }
}
