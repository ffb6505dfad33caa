//! The actions that have lock files brought up to date by their own tools, for the commit that brings versions back.

use std::collections::{BTreeMap, BTreeSet};

use cas::Digest;
use engine::{Action, Input, Policy, Work};
use model::{Diagnostic, Location, Package, Workspace};

use super::chain::Chains;
use super::files::{Files, Origin};
use crate::following::Following;

/// The action that makes a lock file anew, out of a template of the release's own actions, and the digest of what it
/// holds now. `new` are the files that become other ones before, by path: they are laid out in place of those that are
/// there, which `owned` knows.
///
/// What a tool reads besides manifests is its own affair: settings, sources that are looked for, a vendored registry,
/// what a build backend computes metadata from. So it is given a copy of the repository, as a person would run it in;
/// its versions are in the key anyway, so that less would not be answered from the cache more often.
pub(super) fn lock<'f>(
    chains: &Chains<'_>,
    files: &Files<'f>,
    owned: &Owned<'_, 'f>,
    following: &Following,
    new: &BTreeMap<String, Input>,
    template: Action,
) -> Result<(Action, Digest), Diagnostic> {
    let (release, refresh) = (chains.release, &following.refresh);
    let file = &refresh.lock;
    let wrong = |message: String, hint: &str| Diagnostic::error(message, Location::file(&**file)).hint(hint);
    let unreadable = |reason| wrong(reason, "look at the file and its permissions");
    let found = files.at(file).map(|origin| files.input(origin));
    let Some(Input::Source { digest: was, .. }) = found.transpose().map_err(unreadable)? else {
        let message = format!("`{file}` is to follow the new versions, and a declared action makes it");
        return Err(wrong(message, "take it out of the action's `outputs`"));
    };
    let mut command = refresh.in_copy.clone();
    let program = refresh.online.argv.first().cloned().unwrap_or_default();
    let Some(version) = release.tools.get(following.ecosystem) else {
        let message =
            format!("`{file}` has to follow the new versions, and `{program}` is not there or not usable");
        return Err(wrong(message, refresh.hint));
    };
    command.platform.extend(release.platform.clone());
    command.platform.insert(program, version.clone());
    let mut inputs: Vec<Input> = Vec::new();
    for origin in owned.seen(release.workspace, following) {
        let (Origin::File(path) | Origin::Output(path, _)) = origin;
        inputs.push(match new.get(path) {
            Some(input) => input.clone(),
            None => files.input(origin).map_err(unreadable)?,
        });
    }
    let action = Action {
        inputs,
        outputs: vec![file.clone()],
        work: Work::Command(command),
        policy: Policy::default(),
        ..template
    };
    Ok((action, was))
}

/// The files of the repository by the folder of the package they belong to: the innermost one around them.
pub(super) struct Owned<'w, 'f> {
    files: BTreeMap<Option<&'w str>, Vec<Origin<'f>>>,
    packages: BTreeMap<&'w str, Vec<&'w Package>>,
}

impl<'w, 'f> Owned<'w, 'f> {
    pub(super) fn of(chains: &Chains<'w>, files: &Files<'f>) -> Self {
        let mut packages: BTreeMap<&'w str, Vec<&'w Package>> = BTreeMap::new();
        for package in chains.release.workspace.packages() {
            packages.entry(&package.path).or_default().push(package);
        }
        let mut owned: BTreeMap<Option<&str>, Vec<Origin<'f>>> = BTreeMap::new();
        for origin in files.folder("").iter() {
            let (Origin::File(path) | Origin::Output(path, _)) = *origin;
            if !chains.config_files.contains(path) {
                let owner = above(path).find_map(|folder| packages.get_key_value(folder));
                owned
                    .entry(owner.map(|(folder, _)| *folder))
                    .or_default()
                    .push(*origin);
            }
        }
        Self {
            files: owned,
            packages,
        }
    }

    /// What a lock file's tool sees: everything, but not the packages that none of its workspace's packages lead to.
    /// Many small workspaces beside one another would else be copied once for each. What declared actions make is part
    /// of the packages it lies in, and of nothing else.
    fn seen(&self, workspace: &Workspace, following: &Following) -> Vec<Origin<'f>> {
        let is_member = |package: &&&Package| {
            package.id.ecosystem == following.ecosystem && package.workspace == following.workspace
        };
        let members = self.packages.values().flatten().filter(is_member);
        let mut open: Vec<&str> = members.map(|package| &*package.path).collect();
        open.push(&following.workspace);
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        while let Some(folder) = open.pop() {
            if !reached.insert(folder) {
                continue;
            }
            // Settings are looked for upwards.
            open.extend(parent(folder));
            for package in self.packages.get(folder).into_iter().flatten() {
                open.push(&package.workspace);
                let needed = package.dependencies.iter();
                open.extend(needed.filter_map(|need| Some(&*workspace.get(&need.on)?.path)));
            }
        }
        let owners = reached.into_iter().map(Some).chain([None]);
        let seen = owners.filter_map(|owner| Some((owner, self.files.get(&owner)?)));
        seen.flat_map(|(owner, files)| {
            let is_seen = move |origin: &&Origin<'_>| owner.is_some() || matches!(origin, Origin::File(_));
            files.iter().filter(is_seen).copied()
        })
        .collect()
    }
}

/// The folders around a path, from the inside out; the last one is the root.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(path), |folder| parent(folder))
}

fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((folder, _)) => Some(folder),
        None => (!path.is_empty()).then_some(""),
    }
}
