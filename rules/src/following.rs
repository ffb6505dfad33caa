//! Which lock files have to follow when packages get other versions.

use std::collections::{BTreeMap, BTreeSet};

use model::{Adapters, Mention, MentionKind, Package, PackageId, Refresh, SourceTree, Version, Workspace};

use crate::check::{of_ecosystem, read};

/// A lock file that has to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Following {
    /// Whose: the ecosystem's name.
    pub(crate) ecosystem: &'static str,
    /// The folder of its workspace.
    pub(crate) workspace: String,
    /// How.
    pub(crate) refresh: Refresh,
}

/// What changes.
#[derive(Clone, Copy)]
pub(crate) struct Changed<'a> {
    /// The versions that packages get.
    pub(crate) versions: &'a BTreeMap<PackageId, Version>,
    /// The new texts of manifests and of other files, by path.
    pub(crate) files: &'a BTreeSet<&'a str>,
}

/// The lock files that have to follow, sorted by path: those that state a version that becomes another one, or state
/// something about a package whose manifest becomes another one; and those of workspaces in which somebody requires a
/// package that gets another version, because that decides whether it is still the workspace's own that is meant. A
/// lock file about which neither is true says the same afterwards, so its tool is not troubled.
pub(crate) fn following(
    adapters: &Adapters,
    tree: &dyn SourceTree,
    workspace: &Workspace,
    mentions: &[Mention],
    changed: Changed<'_>,
) -> Vec<Following> {
    let mut found: BTreeMap<String, Following> = BTreeMap::new();
    for (ecosystem, files) in &adapters.version_files {
        let packages = of_ecosystem(workspace, ecosystem);
        let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for package in &packages {
            folders
                .entry(&package.workspace)
                .or_default()
                .insert(&package.manifest);
        }
        for (folder, manifests) in folders {
            let Some(refresh) = files.refresh(tree, folder) else {
                continue;
            };
            // A catalog stands in the workspace's own folder, and so does the manifest of a root that is no package.
            let is_of_it = |file: &str| {
                manifests.contains(file) || file.rsplit_once('/').map_or("", |(parent, _)| parent) == folder
            };
            let follows = mentions.iter().any(|mention| match mention.kind {
                MentionKind::Manifest => false,
                MentionKind::Lock => mention.file == refresh.lock && is_stale(workspace, mention, changed),
                MentionKind::Requirement => {
                    mention.package.ecosystem == **ecosystem
                        && is_of_it(&mention.file)
                        && is_touched(workspace, mention, changed)
                }
            });
            if follows {
                let following = Following {
                    ecosystem,
                    workspace: folder.to_owned(),
                    refresh,
                };
                found.insert(following.refresh.lock.clone(), following);
            }
        }
    }
    found.into_values().collect()
}

/// Whether what a lock file says of a package will be wrong.
fn is_stale(workspace: &Workspace, mention: &Mention, changed: Changed<'_>) -> bool {
    let manifest = workspace
        .get(&mention.package)
        .is_some_and(|package: &Package| changed.files.contains(&*package.manifest));
    let version = changed.versions.get(&mention.package);
    manifest || version.is_some_and(|version| read(&mention.text).as_ref() != Some(version))
}

/// Whether a requirement is on a package that becomes another one, or will be written anew.
fn is_touched(workspace: &Workspace, mention: &Mention, changed: Changed<'_>) -> bool {
    let has = workspace.get(&mention.package).map(|package| &package.version);
    let gets = changed.versions.get(&mention.package);
    gets.is_some() && (gets != has || !mention.fits)
}
