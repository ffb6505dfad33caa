//! What npm and pnpm have in common: which of them a folder belongs to, its members, and what packing needs.

use std::collections::{BTreeMap, BTreeSet};

use engine::StepError;
use model::{Diagnostic, Location, Package, Pins, Selection, SourceTree};
use rayon::prelude::*;

use super::folder::{self, Pattern, Patterns};
use super::package_json::{MANIFEST, PackageJson};
use super::pnpm_workspace::{FILE as WORKSPACE, PnpmWorkspace};
use super::spot;
use super::uv::refused;

/// The lock file of pnpm.
pub(super) const PNPM_LOCK: &str = "pnpm-lock.yaml";

/// Where Node.js tools keep things.
pub(super) const PLACES: [&str; 10] = [
    "npm_config_cache",
    "npm_config_userconfig",
    "npm_config_registry",
    "NPM_CONFIG_CACHE",
    "NPM_CONFIG_USERCONFIG",
    "NPM_CONFIG_REGISTRY",
    "PNPM_HOME",
    "pnpm_config_store_dir",
    "npm_config_store_dir",
    "COREPACK_HOME",
];

/// Whose root a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Npm,
    Pnpm,
}

impl Owner {
    /// The ecosystem's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
        }
    }
}

/// The roots that belong to `owner`.
pub(super) fn roots(tree: &dyn SourceTree, owner: Owner) -> Vec<String> {
    let mut claimed = BTreeSet::new();
    let mut roots = Vec::new();
    let mut candidates = folder::holding(tree, MANIFEST, "");
    candidates.extend(folder::holding(tree, WORKSPACE, ""));
    candidates.sort_by_cached_key(|folder| (folder::depth(folder), folder.clone()));
    candidates.dedup();
    for candidate in &candidates {
        if claimed.contains(candidate) {
            continue;
        }
        let has = |name: &str| tree.files().contains(&folder::file(candidate, name));
        let selection = Selection {
            root: candidate.clone(),
            ..Selection::default()
        };
        let belongs_to = if has(WORKSPACE) || has(PNPM_LOCK) {
            Some(Owner::Pnpm)
        } else {
            let file = folder::file(candidate, MANIFEST);
            let text = tree.read(&file).unwrap_or_default();
            match PackageJson::parse(&file, &text) {
                Ok(manifest) if manifest.text_of("name").is_none() && manifest.workspaces().is_none() => None,
                _ => Some(Owner::Npm),
            }
        };
        if let Some(belongs_to) = belongs_to {
            claimed.extend(members(tree, &selection, belongs_to, &mut Vec::new()));
            if belongs_to == owner {
                roots.push(candidate.clone());
            }
        }
    }
    roots.sort();
    roots
}

/// The packages of one workspace.
pub(super) fn discover(
    tree: &dyn SourceTree,
    selection: &Selection,
    owner: Owner,
) -> Result<Vec<Package>, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let root_manifest = folder::file(&selection.root, MANIFEST);
    let is_root = tree.files().contains(&root_manifest)
        || tree.files().contains(&folder::file(&selection.root, WORKSPACE));
    if !is_root && selection.members.is_empty() {
        return Err(vec![
            Diagnostic::error(format!("there is no `{root_manifest}`"), None).hint(format!(
                "name the folder of a workspace of {} or of one package",
                owner.name()
            )),
        ]);
    }
    let around = surroundings(tree, &selection.root).join("\n");
    let read = |member: &String| {
        let file = folder::file(member, MANIFEST);
        let text = spot::read(tree, &file).map_err(|error| vec![error])?;
        let manifest = PackageJson::parse(&file, &text).map_err(|error| vec![error])?;
        manifest.package(owner.name(), &selection.root)
    };
    let members = members(tree, selection, owner, &mut wrong);
    let manifests: Vec<Result<Option<Package>, Vec<Diagnostic>>> = members.par_iter().map(read).collect();
    let mut packages = Vec::new();
    for manifest in manifests {
        match manifest {
            Ok(package) => packages.extend(package),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    if !around.is_empty() {
        let note = |package: &mut Package| package.notes.insert("around".to_owned(), around.clone());
        packages.iter_mut().map(note).for_each(drop);
    }
    let folders = packages.iter().map(|package| package.path.clone()).collect();
    folder::note_nested(&mut packages, &folders);
    if wrong.is_empty() {
        Ok(packages)
    } else {
        Err(wrong)
    }
}

/// Files at a workspace's root that building or packing a member reads: lock files, settings, licences.
fn surroundings(tree: &dyn SourceTree, root: &str) -> Vec<String> {
    let names = [
        MANIFEST,
        WORKSPACE,
        PNPM_LOCK,
        "package-lock.json",
        "npm-shrinkwrap.json",
        ".npmrc",
        ".pnpmfile.cjs",
    ];
    let is_read = |name: &str| {
        names.contains(&name)
            || name.starts_with("tsconfig") && name.ends_with(".json")
            || name.contains(".config.")
            || is_licence(name)
            || name.starts_with("patches/")
    };
    let inside = folder::files_within(tree, root).filter(|file| {
        let rest = file[root.len()..].trim_start_matches('/');
        is_read(rest) && (!rest.contains('/') || rest.starts_with("patches/"))
    });
    inside.cloned().collect()
}

/// Whether a file is a licence by its name.
pub(super) fn is_licence(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("license") || name.starts_with("licence")
}

/// The folders of a workspace's packages, sorted.
fn members(
    tree: &dyn SourceTree,
    selection: &Selection,
    owner: Owner,
    wrong: &mut Vec<Diagnostic>,
) -> BTreeSet<String> {
    let asked = || {
        selection
            .members
            .iter()
            .map(|text| (text.clone(), Location::file(&*selection.root)))
    };
    let written = if selection.members.is_empty() {
        match owner {
            Owner::Pnpm => PnpmWorkspace::read(tree, &selection.root)
                .map(|workspace| workspace.map(|found| found.patterns()).unwrap_or_default())
                .map_err(|diagnostic| wrong.push(diagnostic)),
            Owner::Npm => npm_patterns(tree, &selection.root).map_err(|diagnostic| wrong.push(diagnostic)),
        }
        .unwrap_or_default()
    } else {
        asked().collect()
    };
    let is_last_word = owner == Owner::Npm && written.iter().any(|(text, _)| text.starts_with('!'));
    let (mut wanted, mut unwanted, mut in_order) = (Patterns::default(), Patterns::default(), Vec::new());
    let excluded = selection
        .exclude
        .iter()
        .map(|text| (format!("!{text}"), Location::file(&*selection.root)));
    for (text, at) in written.into_iter().chain(excluded) {
        let (adds, text) = text
            .strip_prefix('!')
            .map_or((true, &*text), |text| (false, text));
        match Pattern::new(&selection.root, text, true, at) {
            Ok(pattern) if is_last_word => in_order.push((adds, pattern)),
            Ok(pattern) if adds => wanted.add(pattern),
            Ok(pattern) => unwanted.add(pattern),
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    // npm lets a later pattern win over an earlier one, pnpm lets every `!` win.
    let is_member = |folder: &str| {
        let last = in_order.iter().rev().find(|(_, pattern)| pattern.matches(folder));
        last.is_some_and(|(adds, _)| *adds) || wanted.matches(folder) && !unwanted.matches(folder)
    };
    let mut found = BTreeSet::new();
    if selection.members.is_empty() && tree.files().contains(&folder::file(&selection.root, MANIFEST)) {
        found.insert(selection.root.clone());
    }
    if !wanted.is_empty() || !in_order.is_empty() {
        let reach = if in_order.is_empty() {
            wanted.reach(&selection.root)
        } else {
            ""
        };
        found.extend(
            folder::holding(tree, MANIFEST, reach)
                .into_iter()
                .filter(|folder| is_member(folder)),
        );
    }
    found
}

fn npm_patterns(tree: &dyn SourceTree, root: &str) -> Result<Vec<(String, Location)>, Diagnostic> {
    let file = folder::file(root, MANIFEST);
    let Ok(text) = tree.read(&file) else {
        return Ok(Vec::new());
    };
    // A syntax error is reported when the root itself is read as a package.
    Ok(PackageJson::parse(&file, &text)
        .ok()
        .and_then(|manifest| manifest.workspaces())
        .unwrap_or_default())
}

/// The manifests with `pins` written in.
pub(super) fn pin(
    package: &Package,
    manifests: &BTreeMap<String, String>,
    pins: &Pins,
) -> Result<BTreeMap<String, String>, StepError> {
    let mut pinned = manifests.clone();
    if let Some(text) = manifests.get(&package.manifest) {
        let manifest = PackageJson::parse(&package.manifest, text).map_err(|error| refused(&error))?;
        let new = manifest.pin(pins).map_err(|reason| {
            StepError::new(format!(
                "`{}` cannot be given a version: {reason}",
                package.manifest
            ))
            .hint("add `\"version\": \"0.1.0\"`")
        })?;
        pinned.insert(package.manifest.clone(), new);
    }
    Ok(pinned)
}
