//! Lowering: from packages with versions, and declared actions, to a graph of actions. Nothing has run yet.
//!
//! Per package: pin, build, checksums, changelog; and for publishing: publish, poll, smoke test, verify, tag. At the
//! end: the tag of the whole, the commit that brings versions back, the push.
//! Declared actions come first. The same repository, configuration and versions give the same actions in the same
//! order.

mod chain;
mod changes;
mod custom;
mod effects;
mod files;
mod locks;
mod logbook;
mod new_files;
mod package;
mod pattern;
mod source;
mod train;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Action, ActionId};
use model::{
    Adapters, Commit, CommitId, Config, Diagnostic, Location, PackageId, Registry, SourceTree, Tag,
    TrainDecl, VersionPlan, Workspace,
};

use crate::changelog::Links;
use crate::cycles::package_cycles;
use crate::version::PlannedVersion;
use chain::Chains;
use files::Files;

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Make everything, and change nothing in the world.
    Build,
    /// Then publish it.
    Publish,
}

/// What is lowered.
pub struct Release<'a> {
    /// What RELEASE.star said.
    pub config: &'a Config,
    /// The train that is released.
    pub train: &'a TrainDecl,
    /// Every package of the repository.
    pub workspace: &'a Workspace,
    /// The packages that take part, with their versions.
    pub versions: &'a [PlannedVersion],
    /// The commits that the versions name, and the newest one.
    pub commits: &'a [Commit],
    /// The version plans that the versions name.
    pub plans: &'a [VersionPlan],
    /// Where the forge shows commits, if that is known.
    pub links: Option<&'a Links>,
    /// Everyone present.
    pub adapters: &'a Adapters,
    /// Where each package goes; only asked for publishing.
    pub registries: &'a BTreeMap<PackageId, Arc<dyn Registry>>,
    /// The files of the working tree.
    pub tree: &'a dyn SourceTree,
    /// The version of each ecosystem's tool, of those that are there: of all whose packages take part, and of those
    /// whose lock files may have to follow.
    pub tools: &'a BTreeMap<String, String>,
    /// What of this machine may influence a build: `os`, `arch`.
    pub platform: BTreeMap<String, String>,
    /// The commit that is released.
    pub head: Option<&'a CommitId>,
    /// How far to go.
    pub stage: Stage,
    /// What is known about its end.
    pub closing: Closing,
}

/// What the end of a release is made of: the tag of the whole, the commit that brings versions back, the push.
#[derive(Clone, Debug, Default)]
pub struct Closing {
    /// What the release is called in the journal.
    pub run: String,
    /// The branch that is checked out, or was when the release was begun.
    pub branch: Option<String>,
    /// Whether it is released into folders, so that nothing is pushed.
    pub into_folders: bool,
    /// The release that the commit that is checked out brought back, or one beneath it: all that may be left of it is
    /// the push.
    pub brought_back: Option<BroughtBack>,
    /// Tags of earlier releases that were not finished: they are pushed along with this one's.
    pub left: Vec<Tag>,
}

/// A release that was brought back.
#[derive(Clone, Debug)]
pub struct BroughtBack {
    /// The commit that was released.
    pub released: CommitId,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// The actions of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lowered {
    /// All actions; an action's id is its place.
    pub actions: Vec<Action>,
    /// The packages that take part, sorted, each with its actions in the order of its chain.
    pub packages: Vec<(PackageId, Vec<ActionId>)>,
    /// The actions of the release as a whole, in order.
    pub ending: Vec<ActionId>,
    /// The files of the working tree that are committed back, sorted.
    pub written: Vec<String>,
    /// The branch they are committed to, if there are any.
    pub branch: Option<String>,
    /// All tags that are made, sorted.
    pub tags: Vec<String>,
}

/// Makes the actions of a release.
///
/// # Errors
/// A declared action wants what is not there, is declared twice, or makes what another one makes; packages need one
/// another in a circle; a file cannot be read; or the tool of a lock file that has to follow is not there.
pub fn lower(release: &Release<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let mut wrong = circles(release);
    wrong.extend(uninstallable(release));
    let files = Files::of(release.tree, &release.config.actions, &mut wrong);
    let mut actions = custom::lower(release, &files, &mut wrong);
    let chains = Chains::of(release, &files, actions.len(), &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let packages = package::lower(&chains, &files, &mut actions, &mut wrong);
    let ending = train::lower(&chains, &files, &mut actions, &mut wrong);
    if wrong.is_empty() {
        Ok(Lowered {
            actions,
            packages,
            ending: ending.ids,
            written: ending.written,
            branch: ending.branch,
            tags: ending.tags,
        })
    } else {
        Err(wrong)
    }
}

/// Packages that nobody could install, because they need one that is private.
fn uninstallable(release: &Release<'_>) -> Vec<Diagnostic> {
    if release.stage != Stage::Publish {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let released = release.versions.iter();
    for package in released.filter_map(|version| release.workspace.get(&version.package)) {
        for need in &package.dependencies {
            let needed = release.workspace.get(&need.on);
            if needed.is_some_and(|needed| crate::needs::is_unpublished(need, needed)) {
                let (name, on) = (package.name(), &need.on.name);
                let message = format!(
                    "`{name}` needs `{on}`, which is private and never published: nobody could install it"
                );
                let hint = format!("publish `{on}` too, or make it a development dependency that is bundled");
                wrong.push(Diagnostic::error(message, Location::file(&*package.manifest)).hint(hint));
            }
        }
    }
    wrong
}

/// Packages of this release that would wait for one another for ever.
fn circles(release: &Release<'_>) -> Vec<Diagnostic> {
    let released: BTreeSet<&PackageId> = release.versions.iter().map(|version| &version.package).collect();
    let cycles = package_cycles(release.workspace);
    let cycles = cycles
        .into_iter()
        .filter(|cycle| cycle.iter().all(|id| released.contains(id)));
    let diagnostic = |cycle: Vec<PackageId>| {
        let way: Vec<String> = cycle.iter().map(ToString::to_string).collect();
        Diagnostic::error(format!("packages need one another: {}", way.join(" -> ")), None).hint(
            "one of them has to be released first: remove a dependency, or make it a development dependency",
        )
    };
    cycles.map(diagnostic).collect()
}

/// The id of the action at a place.
fn id(place: usize) -> ActionId {
    ActionId(u32::try_from(place).expect("a release has fewer than four thousand million actions"))
}
