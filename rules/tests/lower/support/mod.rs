//! A repository in memory, whose ecosystem, registry and version control system keep their promises in it.

mod shelf;
mod toy;
mod toy_versions;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cas::Digest;
use engine::{Action, Input};
use model::{
    ActionDecl, Adapters, Bump, Commit, CommitId, Config, Diagnostic, GroupDecl, LoadedFile, Location,
    PackageDecl, PackageId, Registry, TrainDecl, Version, VersionPlan, Workspace,
};
use rules::{Closing, Lowered, PlannedVersion, Release, Stage, lower};

pub(crate) use shelf::{Memory, Shelf};
pub(crate) use toy::{Toy, Tree};
use toy_versions::Toys;

/// Everything a release is lowered from.
pub(crate) struct World {
    pub(crate) tree: Tree,
    pub(crate) config: Config,
    pub(crate) workspace: Workspace,
    pub(crate) versions: Vec<PlannedVersion>,
    pub(crate) commits: Vec<Commit>,
    pub(crate) adapters: Adapters,
    pub(crate) registries: BTreeMap<PackageId, Arc<dyn Registry>>,
    pub(crate) tools: BTreeMap<String, String>,
    pub(crate) head: Option<CommitId>,
    pub(crate) stage: Stage,
    pub(crate) closing: Closing,
    pub(crate) plans: Vec<VersionPlan>,
}

pub(crate) fn adapters() -> Adapters {
    let mut adapters = Adapters::default();
    adapters.ecosystems.insert("toy", Arc::new(Toy("toy")));
    adapters.ecosystems.insert("game", Arc::new(Toy("game")));
    adapters.version_files.insert("toy", Arc::new(Toys));
    adapters.vcs = Some(Arc::new(Memory::default()));
    adapters
}

pub(crate) fn id(name: &str) -> PackageId {
    let (ecosystem, name) = name.split_once(':').unwrap_or(("toy", name));
    PackageId {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
    }
}

impl World {
    /// A repository with these files, all of whose packages are declared and planned as first releases.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let (tree, adapters) = (Tree::of(files), adapters());
        let workspace = rules::discover(&adapters, &tree, None).expect("packages that can be read");
        let head = CommitId("abc1234def".to_owned());
        let commit = Commit {
            id: head.clone(),
            parents: Vec::new(),
            author: "A".to_owned(),
            time: 1_767_312_000,
            message: "feat(x): begin <it>".to_owned(),
            paths: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            is_empty: false,
        };
        let released = || workspace.packages().filter(|package| !package.private);
        let shelf: Arc<dyn Registry> = Arc::new(Shelf::new("main"));
        let registries = released()
            .map(|package| (package.id.clone(), Arc::clone(&shelf)))
            .collect();
        let versions = released()
            .map(|package| planned(&package.id, "0.2.0", &head))
            .collect();
        let mut config = config();
        config.packages = released().map(|package| declared(&package.id)).collect();
        Self {
            tree,
            config,
            versions,
            commits: vec![commit],
            registries,
            tools: BTreeMap::from([("toy".to_owned(), "toymaker 1.0".to_owned())]),
            head: Some(head),
            stage: Stage::Publish,
            closing: Closing::default(),
            plans: Vec::new(),
            workspace,
            adapters,
        }
    }

    pub(crate) fn try_lower(&self) -> Result<Lowered, Vec<Diagnostic>> {
        lower(&Release {
            config: &self.config,
            train: &self.config.trains[0],
            workspace: &self.workspace,
            versions: &self.versions,
            commits: &self.commits,
            plans: &self.plans,
            links: None,
            adapters: &self.adapters,
            registries: &self.registries,
            tree: &self.tree,
            tools: &self.tools,
            platform: BTreeMap::from([
                ("os".to_owned(), "linux".to_owned()),
                ("arch".to_owned(), "x86_64".to_owned()),
            ]),
            head: self.head.as_ref(),
            stage: self.stage,
            closing: self.closing.clone(),
        })
    }

    /// The graph's actions; that they make a graph is checked.
    pub(crate) fn lower(&self) -> Actions {
        let lowered = self.try_lower().expect("it can be lowered");
        engine::Graph::build(lowered.actions.clone()).expect("it is a graph");
        Actions(lowered)
    }
}

pub(crate) fn planned(package: &PackageId, next: &str, commit: &CommitId) -> PlannedVersion {
    PlannedVersion {
        package: package.clone(),
        current: None,
        manifest: Version::new(0, 1, 0),
        next: next.parse().expect("a version"),
        bump: Bump::Initial,
        reason: String::new(),
        commits: vec![commit.clone()],
        parts: BTreeMap::new(),
        tag: format!("{}/v{next}", package.name),
        is_for_needs: false,
        secondary_tags: Vec::new(),
        last_tag: None,
        channel: "latest".to_owned(),
        plans: Vec::new(),
        earlier_plans: Vec::new(),
        warnings: Vec::new(),
        released_at_head: false,
        needs: Vec::new(),
    }
}

pub(crate) fn declared(id: &PackageId) -> PackageDecl {
    PackageDecl::new(&id.ecosystem, &id.name, Location::file("RELEASE.star"))
}

pub(crate) fn group(name: &str, packages: &[&str]) -> GroupDecl {
    let packages = packages.iter().map(|name| (*name).to_owned()).collect();
    GroupDecl::new(name, packages, Location::file("RELEASE.star"))
}

pub(crate) fn custom(name: &str, inputs: &[&str], outputs: &[&str], command: &[&str]) -> ActionDecl {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    ActionDecl {
        name: name.to_owned(),
        inputs: owned(inputs),
        outputs: owned(outputs),
        command: owned(command),
        env: vec![("A".to_owned(), "1".to_owned())],
        timeout: Duration::from_secs(7),
        location: Location {
            line: 3,
            ..Location::file("RELEASE.star")
        },
    }
}

pub(crate) fn config() -> Config {
    let train = TrainDecl {
        max_retries: 5,
        smoke_test_delay: Duration::from_secs(30),
        ..rules::default_train()
    };
    let file = LoadedFile {
        path: "RELEASE.star".to_owned(),
        digest: Digest::of(b""),
    };
    Config {
        trains: vec![train],
        files: vec![file],
        ..Config::default()
    }
}

/// Actions, asked about by name.
pub(crate) struct Actions(pub(crate) Lowered);

impl Actions {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.actions.iter().map(|action| action.name.as_str()).collect()
    }

    pub(crate) fn get(&self, name: &str) -> &Action {
        let found = self.0.actions.iter().find(|action| action.name == name);
        found.unwrap_or_else(|| panic!("there is no `{name}` among {:?}", self.names()))
    }

    /// The names of those it waits for without using their bytes.
    pub(crate) fn after(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .after
            .iter()
            .map(|id| self.0.actions[id.index()].name.as_str())
            .collect()
    }

    /// `path`, or `maker output > path`, for every input in order.
    pub(crate) fn inputs(&self, name: &str) -> Vec<String> {
        let words = |input: &Input| match input {
            Input::Source { path, .. } => path.clone(),
            Input::Output { action, output, path } => {
                format!("{} {output} > {path}", self.0.actions[action.index()].name)
            }
        };
        self.get(name).inputs.iter().map(words).collect()
    }
}
