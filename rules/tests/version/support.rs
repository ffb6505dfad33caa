//! A repository in memory: packages, commits and tags, written down shortly.

use std::collections::BTreeMap;

use model::{
    Channel, Commit, CommitId, Config, Dependency, DependencyKind, Diagnostic, GroupDecl, Location, Package,
    PackageDecl, PackageId, Tag, TrainDecl, Version, VersionPlan, Versioning, Workspace,
};
use rules::plans::Renamed;
use rules::{Answer, Pinned, PlannedVersion, VersionInput, default_train, plan_versions, tags_beside};

/// 2026-01-02, around noon.
pub(crate) const NOW: i64 = 1_767_355_200;

pub(crate) fn id(name: &str) -> PackageId {
    let (ecosystem, name) = name.split_once(':').unwrap_or(("uv", name));
    PackageId {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
    }
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().expect("a version written in a test")
}

/// A package in the folder of its name; `cargo:core` is of another ecosystem.
pub(crate) fn package(name: &str, at: &str, needs: &[&str]) -> Package {
    let id = id(name);
    let path = id.name.clone();
    Package {
        version: version(at),
        written_version: at.to_owned(),
        manifest: match id.ecosystem.as_str() {
            "uv" => format!("{path}/pyproject.toml"),
            other => format!("{path}/{other}.manifest"),
        },
        workspace: String::new(),
        private: false,
        dependencies: needs
            .iter()
            .map(|need| dependency(need, DependencyKind::Normal))
            .collect(),
        registry: None,
        notes: BTreeMap::new(),
        path,
        id,
    }
}

pub(crate) fn dependency(on: &str, kind: DependencyKind) -> Dependency {
    Dependency {
        on: id(on),
        kind,
        requirement: String::new(),
    }
}

/// A repository whose commits are added one after another.
pub(crate) struct Repo {
    pub(crate) packages: Vec<Package>,
    pub(crate) config: Option<Config>,
    pub(crate) train: TrainDecl,
    pub(crate) channel: Channel,
    pub(crate) plans: Vec<VersionPlan>,
    pub(crate) renamed: Vec<Renamed>,
    pub(crate) set: BTreeMap<PackageId, Version>,
    pub(crate) answers: BTreeMap<PackageId, Answer>,
    pub(crate) fits: fn(&Dependency, Pinned<'_>, &Version) -> bool,
    pub(crate) now: i64,
    pub(crate) tags: Vec<Tag>,
    /// Oldest first.
    pub(crate) log: Vec<Commit>,
    /// What leads to tags and not to the head.
    pub(crate) beside: Vec<Commit>,
    head: Vec<String>,
    count: usize,
}

impl Repo {
    pub(crate) fn new(packages: Vec<Package>) -> Self {
        Self {
            packages,
            config: None,
            train: default_train(),
            channel: Channel::default(),
            plans: Vec::new(),
            renamed: Vec::new(),
            set: BTreeMap::new(),
            answers: BTreeMap::new(),
            fits: |_, _, _| true,
            now: NOW,
            tags: Vec::new(),
            log: Vec::new(),
            beside: Vec::new(),
            head: Vec::new(),
            count: 0,
        }
    }

    /// Commits on top of the head; the id follows from the number of commits.
    pub(crate) fn commit(&mut self, message: &str, paths: &[&str]) -> String {
        self.count += 1;
        let id = format!("{:07x}{:033x}", 0xabc_0000 + self.count, self.count);
        let parents = std::mem::replace(&mut self.head, vec![id.clone()]);
        self.log.push(Commit {
            id: CommitId(id.clone()),
            parents: parents.into_iter().map(CommitId).collect(),
            author: "A".to_owned(),
            time: 1_767_312_000 + i64::try_from(self.log.len()).expect("few commits"),
            message: message.to_owned(),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            added: Vec::new(),
            removed: Vec::new(),
            is_empty: paths.is_empty(),
        });
        id
    }

    /// Commits files that come, and files that go.
    pub(crate) fn moving(&mut self, message: &str, added: &[&str], removed: &[&str]) -> String {
        let id = self.commit(message, &[added, removed].concat());
        let commit = self.log.last_mut().expect("it was just made");
        let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        (commit.added, commit.removed) = (owned(added), owned(removed));
        commit.paths.sort();
        id
    }

    /// Goes to another commit, to grow a branch there.
    pub(crate) fn checkout(&mut self, commit: &str) {
        self.head = vec![commit.to_owned()];
    }

    /// Merges another commit into the head.
    pub(crate) fn merge(&mut self, other: &str) -> String {
        self.head.push(other.to_owned());
        self.commit("Merge branch 'other'", &[])
    }

    pub(crate) fn tag(&mut self, name: &str) {
        let commit = CommitId(self.head[0].clone());
        self.tags.push(Tag {
            name: name.to_owned(),
            commit,
        });
    }

    /// Tags every package that the plan would release, as a release does.
    pub(crate) fn release(&mut self) -> Vec<PlannedVersion> {
        let plan = self.plan();
        for one in plan.iter().filter(|one| one.bump != model::Bump::None) {
            self.tag(&one.tag);
        }
        plan
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::new(self.packages.clone()).expect("every package has its own name")
    }

    pub(crate) fn try_plan(&self) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
        let log: Vec<Commit> = self.log.iter().rev().cloned().collect();
        self.plan_from(&log)
    }

    /// Plans from part of the log, newest first.
    pub(crate) fn plan_from(&self, log: &[Commit]) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
        self.with_input(log, plan_versions)
    }

    /// The tags that count and do not lead to the head.
    pub(crate) fn tags_beside(&self) -> Vec<CommitId> {
        let log: Vec<Commit> = self.log.iter().rev().cloned().collect();
        self.with_input(&log, tags_beside)
    }

    /// Goes back to the first commits, where what came after them was released from another branch.
    pub(crate) fn leave(&mut self, count: usize) {
        self.beside = self.log.split_off(count);
        self.head = vec![self.log[count - 1].id.0.clone()];
    }

    fn with_input<T>(&self, log: &[Commit], then: impl FnOnce(&VersionInput<'_>) -> T) -> T {
        let head = self.head.first().cloned().map(CommitId);
        then(&VersionInput {
            config: self.config.as_ref(),
            workspace: &self.workspace(),
            tags: &self.tags,
            log,
            beside: &self.beside,
            head: head.as_ref(),
            train: &self.train,
            channel: &self.channel,
            plans: &self.plans,
            renamed: &self.renamed,
            set: &self.set,
            answers: &self.answers,
            fits: &self.fits,
            now: self.now,
        })
    }

    pub(crate) fn plan(&self) -> Vec<PlannedVersion> {
        self.try_plan().expect("a plan")
    }

    /// `core 0.2.0 minor`, for every package.
    pub(crate) fn words(&self) -> Vec<String> {
        self.plan().iter().map(words).collect()
    }
}

pub(crate) fn words(one: &PlannedVersion) -> String {
    format!("{} {} {}", one.package.name, one.next, one.bump)
}

/// A configuration that declares these packages, in these groups.
pub(crate) fn config(packages: &[&str], groups: &[(&str, &[&str], Option<Versioning>)]) -> Config {
    let packages = packages.iter().map(|name| declared(name)).collect();
    let groups = groups.iter().map(|(name, packages, versioning)| {
        let packages = packages.iter().map(|name| (*name).to_owned()).collect();
        GroupDecl {
            versioning: *versioning,
            ..GroupDecl::new(name, packages, Location::file("RELEASE.star"))
        }
    });
    Config {
        packages,
        groups: groups.collect(),
        trains: vec![train("default", &[])],
        ..Config::default()
    }
}

pub(crate) fn declared(name: &str) -> PackageDecl {
    let id = id(name);
    PackageDecl::new(&id.ecosystem, &id.name, Location::file("RELEASE.star"))
}

pub(crate) fn train(name: &str, groups: &[&str]) -> TrainDecl {
    TrainDecl {
        name: name.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        location: Some(Location::file("RELEASE.star")),
        ..default_train()
    }
}

/// core feat, plug -> core, app -> plug + core, all at 0.1.0.
pub(crate) fn three() -> Repo {
    let mut repo = Repo::new(vec![
        package("core", "0.1.0", &[]),
        package("plug", "0.1.0", &["core"]),
        package("app", "0.1.0", &["plug", "core"]),
    ]);
    repo.commit("chore: start", &["core/a", "plug/a", "app/a"]);
    repo.release();
    repo
}
