//! What is in the repository: its configuration, its packages, its history.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Adapters, Commit, CommitId, Config, Diagnostic, Head, Package, PackageId, Tag, TrainDecl, Workspace,
};
use rules::{ChannelWish, Evaluation, PlannedVersion, VersionInput};

use crate::app::ConfigMode;
use crate::confine;
use crate::exit::{Failure, Kind};
use crate::world::{Tree, World, workspace_error};

const CONFIG_FILE: &str = "RELEASE.star";

/// What is in the repository.
pub(crate) struct Project {
    pub(crate) adapters: Adapters,
    pub(crate) tree: Tree,
    /// `None` when there is no RELEASE.star.
    pub(crate) config: Option<Config>,
    pub(crate) workspace: Workspace,
    /// The variables the configuration read.
    pub(crate) env_read: Vec<String>,
}

/// The repository's history, as far as versions need it.
pub(crate) struct History {
    pub(crate) head: Head,
    pub(crate) tags: Vec<Tag>,
    pub(crate) log: Vec<Commit>,
    pub(crate) versions: Vec<PlannedVersion>,
}

impl Project {
    /// Reads the configuration if there is one, and finds the packages it speaks of; all there are if it speaks of
    /// no workspace.
    pub(crate) fn load(world: &World) -> Result<Self, Failure> {
        let mut project = Self::read(world)?;
        project.workspace =
            rules::discover(&project.adapters, &*project.tree.files, project.config.as_ref())?;
        Ok(project)
    }

    /// Reads the configuration if there is one, and finds every package there is, declared or not.
    pub(crate) fn undeclared(world: &World) -> Result<Self, Failure> {
        let mut project = Self::read(world)?;
        project.workspace = rules::discover(&project.adapters, &*project.tree.files, None)?;
        Ok(project)
    }

    fn read(world: &World) -> Result<Self, Failure> {
        let tree = world.tree()?;
        let adapters = world.adapters()?;
        let (config, env_read) = match evaluate(world, &tree)? {
            Some(evaluation) => (Some(rules::resolve(&evaluation)?), evaluation.env_read),
            None => (None, Vec::new()),
        };
        let workspace = rules::discover(&adapters, &*tree.files, config.as_ref())?;
        Ok(Self {
            adapters,
            tree,
            config,
            workspace,
            env_read,
        })
    }

    /// The same, where nothing can be done without a configuration.
    pub(crate) fn configured(world: &World) -> Result<Self, Failure> {
        let project = Self::load(world)?;
        if project.config.is_none() {
            return Err(missing_config(world));
        }
        for warning in &project.config().unused {
            world.terminal.diagnose(warning);
        }
        Ok(project)
    }

    /// The configuration of a project that has one.
    pub(crate) fn config(&self) -> &Config {
        self.config.as_ref().expect("callers come through `configured`")
    }

    /// The train called `name`, or the only one, or the one called `default`, or the first.
    pub(crate) fn train(&self, name: Option<&str>) -> Result<&TrainDecl, Failure> {
        let trains = &self.config().trains;
        let found = match name {
            Some(name) => trains.iter().find(|train| train.name == name),
            None => trains
                .iter()
                .find(|train| train.name == "default")
                .or_else(|| trains.first()),
        };
        found.ok_or_else(|| {
            let known: Vec<&str> = trains.iter().map(|train| train.name.as_str()).collect();
            Failure::new(
                Kind::Config,
                format!("there is no train called `{}`", name.unwrap_or("default")),
            )
            .hint(format!("declared trains: {}", known.join(", ")))
        })
    }

    /// The packages a train releases: declared, not skipped, not private, in one of its groups.
    pub(crate) fn members(&self, train: &TrainDecl) -> Result<BTreeSet<PackageId>, Vec<Diagnostic>> {
        rules::members(self.config(), train, &self.workspace)
    }

    /// History and next versions. Without a version control system every package is at its first release.
    pub(crate) fn history(&self, train: Option<&TrainDecl>) -> Result<History, Failure> {
        let undeclared = rules::default_train();
        let train = train.unwrap_or(&undeclared);
        let (head, tags, log) = match &self.adapters.vcs {
            None => (
                Head {
                    commit: None,
                    branch: None,
                    shallow: false,
                },
                Vec::new(),
                Vec::new(),
            ),
            Some(vcs) => {
                let head = vcs.head().map_err(workspace_error)?;
                let tags = vcs.tags().map_err(workspace_error)?;
                let since = rules::oldest_needed(&self.workspace, &tags, train, self.config.as_ref());
                let mut log = if head.commit.is_some() {
                    vcs.log(&since).map_err(workspace_error)?
                } else {
                    Vec::new()
                };
                // A tag on another branch: only the whole history says which ones lead here.
                if !since.is_empty() && !rules::is_enough(&log, &since, head.commit.as_ref(), &[]) {
                    log = vcs.log(&[]).map_err(workspace_error)?;
                }
                (head, tags, log)
            }
        };
        let versions = rules::plan_versions(&VersionInput {
            config: self.config.as_ref(),
            workspace: &self.workspace,
            tags: &tags,
            log: &log,
            head: head.commit.as_ref(),
            train,
            channel: &rules::channel(
                self.config.as_ref(),
                train,
                head.branch.as_deref(),
                &ChannelWish::default(),
            ),
            plans: &[],
            set: &BTreeMap::new(),
            answers: &BTreeMap::new(),
            exists: &|path| self.tree.files.files().contains(path),
            fits: &|_, _| true,
            now: 0,
        })?;
        Ok(History {
            head,
            tags,
            log,
            versions,
        })
    }

    /// The packages in the order they are shown: by ecosystem, then name.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.workspace.packages()
    }
}

impl History {
    /// The head commit, if there is one.
    pub(crate) fn commit(&self) -> Option<&CommitId> {
        self.head.commit.as_ref()
    }
}

/// What the configuration says, without looking for packages.
pub(crate) fn read_config(world: &World) -> Result<Config, Failure> {
    let evaluation = evaluate(world, &world.tree()?)?.ok_or_else(|| missing_config(world))?;
    Ok(rules::resolve(&evaluation)?)
}

/// There is no configuration, and what to do about it.
pub(crate) fn missing_config(world: &World) -> Failure {
    Failure::new(
        Kind::Config,
        format!("there is no `{CONFIG_FILE}` in `{}`", world.root.display()),
    )
    .hint("`releasekit generate --write` writes one from the packages that are there")
}

/// Evaluates the configuration in a confined child; `None` if there is no file to evaluate.
pub(crate) fn evaluate(world: &World, tree: &Tree) -> Result<Option<Evaluation>, Failure> {
    let (root, others) = config_files(tree);
    let roots = match (world.global.config_mode, root) {
        (ConfigMode::Central, true) => vec![CONFIG_FILE.to_owned()],
        (ConfigMode::Hybrid, true) => [vec![CONFIG_FILE.to_owned()], others].concat(),
        (ConfigMode::Decentralized, _) => others,
        (ConfigMode::Auto, true) => return automatic(world, others).map(Some),
        (ConfigMode::Auto, false) => others,
        (ConfigMode::Central | ConfigMode::Hybrid, false) => Vec::new(),
    };
    if roots.is_empty() {
        return Ok(None);
    }
    confined(world, &roots).map(Some)
}

/// The root file decides by `config(mode = ...)`; if it does not, files in packages' folders count as well.
fn automatic(world: &World, others: Vec<String>) -> Result<Evaluation, Failure> {
    let evaluation = confined(world, &[CONFIG_FILE.to_owned()])?;
    let mode = evaluation
        .declarations
        .iter()
        .find(|declaration| declaration.function == "config");
    let is_central = mode.is_some_and(|mode| mode.get("mode").as_str() == Some("central"));
    if others.is_empty() || is_central {
        return Ok(evaluation);
    }
    confined(world, &[vec![CONFIG_FILE.to_owned()], others].concat())
}

fn confined(world: &World, roots: &[String]) -> Result<Evaluation, Failure> {
    let evaluation = confine::evaluate(&world.program, &world.root, roots, &world.env);
    for line in &evaluation.printed {
        world.terminal.note(&crate::terminal::printable(line));
    }
    let (errors, warnings): (Vec<_>, Vec<_>) = evaluation
        .diagnostics
        .iter()
        .cloned()
        .partition(|diagnostic| diagnostic.severity == model::Severity::Error);
    if !errors.is_empty() {
        return Err(errors.into());
    }
    for warning in &warnings {
        world.terminal.diagnose(warning);
    }
    Ok(evaluation)
}

/// Whether there is a root file, and the files in folders that hold a package's manifest.
fn config_files(tree: &Tree) -> (bool, Vec<String>) {
    let files = tree.files.files();
    let has_manifest = |folder: &str| {
        ["pyproject.toml", "Cargo.toml", "package.json"]
            .iter()
            .any(|manifest| files.contains(&format!("{folder}{manifest}")))
    };
    let suffix = format!("/{CONFIG_FILE}");
    let others = files
        .iter()
        .filter(|file| file.ends_with(&suffix) && has_manifest(&file[..file.len() - CONFIG_FILE.len()]))
        .cloned();
    (files.contains(CONFIG_FILE), others.collect())
}
