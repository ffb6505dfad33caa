//! What is in the repository: its configuration and its packages.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::thread::{Scope, ScopedJoinHandle};

use engine::StepError;
use model::{
    Adapters, Config, Diagnostic, Head, Package, PackageId, Tag, TagFormat, TrainDecl, Vcs, Workspace,
};
use rules::{Call, Evaluation, LeftOut, Reach, Why};

use crate::app::ConfigMode;
use crate::confine::{self, Texts};
use crate::exit::{Failure, Kind};
use crate::world::{Tree, World};

pub(crate) const CONFIG_FILE: &str = "RELEASE.star";

/// What is in the repository.
pub(crate) struct Project {
    pub(crate) adapters: Adapters,
    pub(crate) tree: Tree,
    /// Where the repository stands, asked for while the configuration was evaluated; `None` if there is none.
    pub(crate) seen: Option<Seen>,
    /// `None` when there is no RELEASE.star.
    pub(crate) config: Option<Config>,
    pub(crate) workspace: Workspace,
    /// The manifests that are no packages of it.
    pub(crate) left_out: Vec<LeftOut>,
    /// The variables the configuration read.
    pub(crate) env_read: Vec<String>,
    /// The files of the configuration that are evaluated, the root's first.
    pub(crate) config_files: Vec<String>,
}

/// A train, and the packages that are shown with it; all it releases if that is not said.
pub(crate) type Shown<'a> = (Cow<'a, TrainDecl>, Option<BTreeSet<PackageId>>);

/// Where a repository stands, or why that is not known: only those who need it are told.
pub(crate) struct Seen(pub(crate) Result<(Head, Vec<Tag>), StepError>);

impl Seen {
    fn by(vcs: &dyn Vcs) -> Self {
        Self(vcs.head().and_then(|head| Ok((head, vcs.tags()?))))
    }
}

impl Project {
    /// Reads the configuration if there is one, and finds the packages it speaks of; all there are if it speaks of
    /// no workspace.
    pub(crate) fn load(world: &World) -> Result<Self, Failure> {
        Self::load_from(world, None)
    }

    /// The same, as it is in `tree`; in the working tree if there is none.
    pub(crate) fn load_from(world: &World, tree: Option<Tree>) -> Result<Self, Failure> {
        let mut project = Self::read(world, tree)?;
        project.look(Reach::Declared)?;
        let is_in_doubt = |one: &&LeftOut| matches!(one.why, Why::Twice | Why::Unreadable | Why::OtherForm);
        let in_doubt: Vec<LeftOut> = project.left_out.iter().filter(is_in_doubt).cloned().collect();
        for warning in rules::warn_of_left_out(&in_doubt) {
            world.terminal.diagnose(&warning);
        }
        Ok(project)
    }

    /// Reads the configuration if there is one, and finds every package there is, declared or not; says what it
    /// leaves out.
    pub(crate) fn everywhere(world: &World) -> Result<Self, Failure> {
        let mut project = Self::read(world, None)?;
        project.look(Reach::Everywhere)?;
        let lacking = rules::warn_of_lacking(project.config.as_ref(), &project.workspace);
        for warning in rules::warn_of_left_out(&project.left_out).iter().chain(&lacking) {
            world.terminal.diagnose(warning);
        }
        Ok(project)
    }

    /// Finds the packages.
    pub(crate) fn look(&mut self, reach: Reach) -> Result<(), Failure> {
        let found = rules::look(&self.adapters, &*self.tree.files, self.config.as_ref(), reach)?;
        (self.workspace, self.left_out) = (found.workspace, found.left_out);
        Ok(())
    }

    /// Reads the configuration; packages are not looked for.
    fn read(world: &World, tree: Option<Tree>) -> Result<Self, Failure> {
        let mut adapters = world.adapters()?;
        let asked = adapters
            .vcs
            .clone()
            .map(|vcs| std::thread::spawn(move || Seen::by(&*vcs)));
        let (tree, root) = match tree {
            Some(tree) => (tree, None),
            None => std::thread::scope(|scope| {
                let root = begun(world, scope);
                Ok::<_, Failure>((world.tree()?, root.and_then(|root| root.join().ok())))
            })?,
        };
        let (config, env_read, config_files) = match evaluate(world, &tree, root)? {
            Some((evaluation, files)) => (Some(rules::resolve(&evaluation)?), evaluation.env_read, files),
            None => (None, Vec::new(), Vec::new()),
        };
        let named = config.as_ref().and_then(|config: &Config| config.vcs.as_deref());
        let found = adapters.vcs.as_ref().map_or("git", |vcs| vcs.name());
        if let Some(named) = named.filter(|named| *named != found) {
            adapters.vcs = world.vcs(Some(named))?;
        }
        let seen = match asked {
            Some(asked) if named.is_none_or(|named| named == found) => asked.join().ok(),
            _ => adapters.vcs.as_deref().map(Seen::by),
        };
        Ok(Self {
            seen,
            adapters,
            tree,
            config,
            workspace: Workspace::default(),
            left_out: Vec::new(),
            env_read,
            config_files,
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
        project.warn_of_nothing(world);
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
            None => self.config().default_train(),
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

    /// The package that the command line means by a name, or by `ecosystem/name`.
    pub(crate) fn package(&self, name: &str) -> Result<PackageId, Failure> {
        rules::find_package(&self.workspace, name)
            .map_err(|unknown| Failure::about(Kind::Usage, vec![unknown]))
    }

    /// The packages of a train that the command line names; all that it releases if it names none. Without a
    /// configuration all are released that are not private.
    pub(crate) fn chosen(&self, train: &TrainDecl, names: &[String]) -> Result<BTreeSet<PackageId>, Failure> {
        let members = match &self.config {
            Some(_) => self.members(train)?,
            None => {
                let released = self.packages().filter(|package| !package.private);
                released.map(|package| package.id.clone()).collect()
            }
        };
        if names.is_empty() {
            return Ok(members);
        }
        let chosen = names.iter().map(|name| {
            let id = self.package(name)?;
            if members.contains(&id) {
                return Ok(id);
            }
            let private = self.workspace.get(&id).filter(|package| package.private);
            let hint = match private {
                Some(package) => format!("it is private; make it public in `{}`", package.manifest),
                None => "`--train NAME` chooses another one".to_owned(),
            };
            let message = format!("`{name}` is not released by the train `{}`", train.name);
            Err(Failure::new(Kind::Config, message).hint(hint))
        });
        chosen.collect()
    }

    /// The train that `flags` mean; without a configuration, the one that goes without saying.
    pub(crate) fn train_or_default(&self, name: Option<&str>) -> Result<Cow<'_, TrainDecl>, Failure> {
        match (&self.config, name) {
            (Some(_), _) => self.train(name).map(Cow::Borrowed),
            (None, None) => Ok(Cow::Owned(self.undeclared_train())),
            (None, Some(name)) => Err(Failure::new(
                Kind::Config,
                format!("there is no train called `{name}`: there is no `{CONFIG_FILE}`"),
            )),
        }
    }

    /// The trains that packages are shown with, each with the packages it is the first to release; of a train that is
    /// named, all it releases (`None`). There is always one.
    pub(crate) fn shown_trains(&self, name: Option<&str>) -> Result<Vec<Shown<'_>>, Failure> {
        let default = self.train_or_default(name)?;
        let (None, Some(config)) = (name, &self.config) else {
            return Ok(vec![(default, None)]);
        };
        let mut shown: Vec<Shown<'_>> = Vec::new();
        let first = rules::first_trains(config, &self.workspace);
        for train in &config.trains {
            let its = first.iter().filter(|(_, first)| first.name == train.name);
            let packages: BTreeSet<PackageId> = its.map(|(id, _)| id.clone()).collect();
            if !packages.is_empty() {
                shown.push((Cow::Borrowed(train), Some(packages)));
            }
        }
        if shown.is_empty() {
            shown.push((default, None));
        }
        Ok(shown)
    }

    /// Warns of a configuration that declares no package.
    pub(crate) fn warn_of_nothing(&self, world: &World) {
        let config = self.config.as_ref();
        if let Some(warning) = config.and_then(|config| rules::nothing_declared(config, &self.workspace)) {
            world.terminal.diagnose(&warning);
        }
    }

    /// The train that goes without saying. Where two ecosystems share a package's name its tags say which one is meant,
    /// as they do in a configuration that `generate` writes.
    fn undeclared_train(&self) -> TrainDecl {
        let train = rules::default_train();
        let released = || self.packages().filter(|package| !package.private);
        let names: BTreeSet<&str> = released().map(Package::name).collect();
        if names.len() == released().count() {
            return train;
        }
        TrainDecl {
            tag_format: TagFormat::parse("{ecosystem}/{name}/v{version}").expect("a legal pattern"),
            ..train
        }
    }

    /// The packages in the order they are shown: by ecosystem, then name.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.workspace.packages()
    }
}

/// What the configuration says, without looking for packages.
pub(crate) fn read_config(world: &World) -> Result<Config, Failure> {
    let (evaluation, _) = evaluate(world, &world.tree()?, None)?.ok_or_else(|| missing_config(world))?;
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

/// Begins to evaluate the root file, which almost every mode begins with, while files are still being looked for.
fn begun<'scope>(
    world: &'scope World<'_>,
    scope: &'scope Scope<'scope, '_>,
) -> Option<ScopedJoinHandle<'scope, Evaluation>> {
    let (program, root, env) = (&world.program, &world.root, &world.env);
    let is_first = world.global.config_mode != ConfigMode::Decentralized;
    let is_there = || root.join(CONFIG_FILE).is_file();
    (is_first && is_there()).then(|| {
        let texts = Texts::Folder(root.clone());
        scope.spawn(move || confine::evaluate(program, &texts, &[CONFIG_FILE.to_owned()], env, &[]))
    })
}

/// Evaluates the configuration in a confined child, and says which files it began with; `None` if there is none.
/// `root` is what the root file by itself says, if that is known already.
fn evaluate(
    world: &World,
    tree: &Tree,
    root: Option<Evaluation>,
) -> Result<Option<(Evaluation, Vec<String>)>, Failure> {
    let only = vec![CONFIG_FILE.to_owned()];
    let (is_there, others) = config_files(tree);
    let mode = world.global.config_mode;
    if is_there && matches!(mode, ConfigMode::Auto | ConfigMode::Central) {
        let root = root.unwrap_or_else(|| asked(world, &tree.texts, &only, &[]));
        if mode == ConfigMode::Central || others.is_empty() || is_central(&root) {
            return Ok(Some((told(world, root)?, only)));
        }
    }
    let roots = match (mode, is_there) {
        (ConfigMode::Auto | ConfigMode::Hybrid, true) => [only, others].concat(),
        (ConfigMode::Auto, false) | (ConfigMode::Decentralized, _) => others,
        (ConfigMode::Central | ConfigMode::Hybrid, _) => Vec::new(),
    };
    if roots.is_empty() {
        return Ok(None);
    }
    let evaluation = told(world, asked(world, &tree.texts, &roots, &[]))?;
    Ok(Some((evaluation, roots)))
}

/// Whether the root file says by `config(mode = ...)` that files in packages' folders do not count.
fn is_central(root: &Evaluation) -> bool {
    let mut declared = root.declarations.iter();
    let config = declared.find(|declaration| declaration.function == "config");
    config.is_some_and(|config| config.get("mode").as_str() == Some("central"))
}

/// Evaluates `roots` in a confined child, and puts `calls` to the functions they pass on.
fn asked(world: &World, texts: &Texts, roots: &[String], calls: &[Call]) -> Evaluation {
    confine::evaluate(&world.program, texts, roots, &world.env, calls)
}

/// Shows what an evaluation printed and warns of.
fn told(world: &World, evaluation: Evaluation) -> Result<Evaluation, Failure> {
    let evaluation = sound(world, evaluation)?;
    for warning in &evaluation.diagnostics {
        world.terminal.diagnose(warning);
    }
    Ok(evaluation)
}

/// The evaluation, if nothing is wrong with it but what is warned of; shows what it printed.
fn sound(world: &World, evaluation: Evaluation) -> Result<Evaluation, Failure> {
    for line in &evaluation.printed {
        world.terminal.note(line);
    }
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == model::Severity::Error;
    let errors: Vec<Diagnostic> = evaluation.diagnostics.iter().filter(is_error).cloned().collect();
    if errors.is_empty() {
        Ok(evaluation)
    } else {
        Err(errors.into())
    }
}

/// What the functions that a project's configuration passes on answer to `calls`; what is warned of besides was shown
/// before.
pub(crate) fn answered(world: &World, project: &Project, calls: &[Call]) -> Result<Evaluation, Failure> {
    sound(
        world,
        asked(world, &project.tree.texts, &project.config_files, calls),
    )
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
