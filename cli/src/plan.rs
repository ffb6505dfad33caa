//! From what is in the repository to a graph of actions, ready to be looked at or run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use engine::{ActionId, Graph, Handlers};
use model::{Line, PackageId, Registry, Remote, TrainDecl};
use rules::{PlannedVersion, Release, Stage};

use crate::closing::{closing, with_remote};
use crate::command::changelog;
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::project::Project;
use crate::registries::OpenedRegistries;
use crate::unfinished::Unfinished;
use crate::world::{World, workspace_error};

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// How far to go.
    pub(crate) stage: Stage,
    /// The train, and what is asked of its versions.
    pub(crate) versions: VersionFlags,
    /// A folder that replaces every registry.
    pub(crate) to_directory: Option<PathBuf>,
    /// Packages or actions, by name; empty for everything.
    pub(crate) targets: Vec<String>,
}

/// A graph of actions and everything that is needed to run it.
pub(crate) struct Prepared {
    pub(crate) graph: Graph,
    /// The actions asked for; what they need comes with them.
    pub(crate) wanted: Vec<ActionId>,
    pub(crate) handlers: Handlers,
    pub(crate) packages: BTreeMap<PackageId, Vec<ActionId>>,
    pub(crate) registries: BTreeMap<PackageId, Arc<dyn Registry>>,
    /// What tags and commits are pushed to.
    pub(crate) remote: Option<Arc<dyn Remote>>,
    /// The files of the working tree that are committed back, sorted.
    pub(crate) written: Vec<String>,
    /// The branch they are committed to, if there are any.
    pub(crate) branch: Option<String>,
    /// All tags that are made, sorted.
    pub(crate) tags: Vec<String>,
    pub(crate) versions: Vec<PlannedVersion>,
    pub(crate) history: History,
    /// What this release is called in the journal.
    pub(crate) run: String,
    /// Releases beneath it that were not finished, and that it does not finish.
    pub(crate) unfinished: Vec<Unfinished>,
    pub(crate) jobs: usize,
}

impl Prepared {
    /// What this release is about, for people: `core 1.2.0, app 0.3.1`.
    pub(crate) fn subject(&self) -> String {
        let one = |version: &PlannedVersion| format!("{} {}", version.package, version.next);
        self.versions.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Makes the graph. Nothing is run but the tools' own version queries.
pub(crate) fn prepare(world: &World, project: &Project, wish: &Wish) -> Result<Prepared, Failure> {
    let train = project.train(wish.versions.train.as_deref())?;
    let history = match wish.stage {
        Stage::Build => History::of(world, project, train, &wish.versions)?,
        Stage::Publish => History::of_release(world, project, train, &wish.versions)?,
    };
    let members = project.members(train)?;
    let versions = chosen(&history.begun, &members, wish.stage);
    let released: BTreeSet<&PackageId> = versions.iter().map(|version| &version.package).collect();
    let opened = OpenedRegistries::new(world, project, train, wish.to_directory.as_deref())?;
    let registries = released
        .iter()
        .map(|id| Ok(((*id).clone(), opened.of(id)?)))
        .collect::<Result<BTreeMap<_, _>, Failure>>()?;
    let mut adapters = with_remote(world, project, train, wish)?;
    if history.channel.line == Line::Snapshot {
        refuse_snapshots(wish)?;
        // Nobody is going to ask for a snapshot again: it gets no tag, and nothing comes back.
        adapters.vcs = None;
    }
    let run = release_id(&versions, &registries);
    let (closing, unfinished) = closing(world, project, train, &history, &versions, wish, run)?;
    let run = closing.run.clone();
    let links = changelog::links(world, project, train)?;
    let lowered = rules::lower(&Release {
        config: project.config(),
        train,
        workspace: &project.workspace,
        versions: &versions,
        commits: &history.log,
        plans: &history.plans,
        links: links.as_ref(),
        adapters: &adapters,
        registries: &registries,
        tree: &*project.tree.files,
        tools: &tools(world, project, train, &released)?,
        platform: platform(),
        head: history.commit(),
        stage: wish.stage,
        closing,
    })?;
    let by_identity: BTreeMap<String, Arc<dyn Registry>> = registries
        .values()
        .map(|registry| (registry.identity(), Arc::clone(registry)))
        .collect();
    let trial = Arc::new(adapters::Trial::new(world.env.clone(), &world.scratch()));
    let handlers = rules::handlers(&adapters, &by_identity, trial);
    let graph = Graph::build(lowered.actions)?;
    let packages: BTreeMap<PackageId, Vec<ActionId>> = lowered.packages.into_iter().collect();
    let wanted = with_tags(&graph, &packages, wanted(&graph, &wish.targets)?);
    let jobs = world.jobs(train.jobs);
    Ok(Prepared {
        graph,
        wanted,
        handlers,
        packages,
        registries,
        remote: adapters.remote,
        written: lowered.written,
        branch: lowered.branch,
        tags: lowered.tags,
        versions,
        history,
        run,
        unfinished,
        jobs,
    })
}

/// Snapshots are for this machine.
fn refuse_snapshots(wish: &Wish) -> Result<(), Failure> {
    if wish.stage == Stage::Build || wish.to_directory.is_some() {
        return Ok(());
    }
    Err(Failure::new(Kind::Refused, "a snapshot is never published")
        .hint("`--to-directory DIR` puts it into folders that installers can read"))
}

/// The versions that take part: for a release those that are new, or were released from this very commit; for a
/// build all of them.
fn chosen(all: &[PlannedVersion], members: &BTreeSet<PackageId>, stage: Stage) -> Vec<PlannedVersion> {
    let takes_part = |version: &PlannedVersion| match stage {
        Stage::Build => true,
        Stage::Publish => version.bump != model::Bump::None || version.released_at_head,
    };
    all.iter()
        .filter(|version| members.contains(&version.package) && takes_part(version))
        .cloned()
        .collect()
}

/// The versions of the tools that the released packages are built with; and, where a release is committed back, of
/// other tools that are there, because their lock files may have to follow.
fn tools(
    world: &World,
    project: &Project,
    train: &TrainDecl,
    released: &BTreeSet<&PackageId>,
) -> Result<BTreeMap<String, String>, Failure> {
    let kinds: BTreeSet<&str> = released.iter().map(|id| id.ecosystem.as_str()).collect();
    let known = adapters::ToolVersions::load(&world.cache_folder().join("tools"), world.env.clone());
    let mut versions = BTreeMap::new();
    for kind in &kinds {
        let tool = project.adapters.ecosystem(kind)?.tool();
        versions.insert((*kind).to_owned(), known.version(&tool).map_err(workspace_error)?);
    }
    if train.commit_back.is_some() && !kinds.is_empty() {
        let others = project.packages().map(|package| package.id.ecosystem.as_str());
        for kind in others.collect::<BTreeSet<_>>().difference(&kinds) {
            // Whoever needs one that is not there says so.
            if let Ok(version) = known.version(&project.adapters.ecosystem(kind)?.tool()) {
                versions.insert((*kind).to_owned(), version);
            }
        }
    }
    Ok(versions)
}

/// What of this machine may influence a build.
fn platform() -> BTreeMap<String, String> {
    [("arch", std::env::consts::ARCH), ("os", std::env::consts::OS)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The actions that `targets` name: an action by its name, or all actions of an owner.
fn wanted(graph: &Graph, targets: &[String]) -> Result<Vec<ActionId>, Failure> {
    let mut wanted = BTreeSet::new();
    for target in targets {
        let before = wanted.len();
        for (index, action) in graph.actions().iter().enumerate() {
            if action.name == *target || action.owner == *target {
                wanted.insert(ActionId(
                    u32::try_from(index).expect("a graph has fewer than 2^32 actions"),
                ));
            }
        }
        if wanted.len() == before {
            let owners: BTreeSet<&str> = graph
                .actions()
                .iter()
                .map(|action| action.owner.as_str())
                .collect();
            let owners: Vec<&str> = owners.into_iter().collect();
            return Err(Failure::new(
                Kind::Config,
                format!("there is no package or action called `{target}`"),
            )
            .hint(format!("packages and actions there are: {}", owners.join(", "))));
        }
    }
    Ok(wanted.into_iter().collect())
}

/// The same, and the tag of every package that is published along with them: what is published and has none would be
/// released again.
fn with_tags(
    graph: &Graph,
    packages: &BTreeMap<PackageId, Vec<ActionId>>,
    mut wanted: Vec<ActionId>,
) -> Vec<ActionId> {
    loop {
        let needed = graph.needed(&wanted);
        let is = |id: &ActionId, mnemonic| graph.action(*id).mnemonic == mnemonic;
        let is_published = |actions: &&Vec<ActionId>| {
            actions
                .iter()
                .any(|id| is(id, rules::PUBLISH) && needed[id.index()])
        };
        let published = packages.values().filter(is_published).flatten();
        // A tag that packages share brings others with it.
        let tags: Vec<ActionId> = published
            .filter(|id| is(id, rules::TAG) && !needed[id.index()])
            .copied()
            .collect();
        if tags.is_empty() {
            return wanted;
        }
        wanted.extend(tags);
    }
}

/// What a release is called: the same packages at the same versions to the same places are the same release.
fn release_id(versions: &[PlannedVersion], registries: &BTreeMap<PackageId, Arc<dyn Registry>>) -> String {
    let mut text = String::new();
    for version in versions {
        let place = registries
            .get(&version.package)
            .map(|registry| registry.identity())
            .unwrap_or_default();
        text.push_str(&format!("{} {} {place}\n", version.package, version.next));
    }
    cas::Digest::of(text.as_bytes()).short()
}
