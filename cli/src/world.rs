//! Composition: wires stores, engine, rules and adapters from what the process was given. The only place that
//! reads the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::StepError;
use model::{Adapters, SourceTree};

use crate::app::Global;
use crate::exit::{Failure, Kind};
use crate::terminal::Terminal;

/// What the process was given, made explicit.
pub(crate) struct World<'a> {
    pub(crate) terminal: &'a Terminal,
    pub(crate) global: &'a Global,
    /// The environment; variables that are not UTF-8 are not seen.
    pub(crate) env: BTreeMap<String, String>,
    /// This program.
    pub(crate) program: PathBuf,
    /// The repository's root, absolute, without symbolic links.
    pub(crate) root: PathBuf,
}

impl<'a> World<'a> {
    pub(crate) fn new(global: &'a Global, terminal: &'a Terminal) -> Result<Self, Failure> {
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let program = std::env::current_exe()?;
        let root = match &global.directory {
            Some(directory) => directory.canonicalize().map_err(|error| {
                Failure::new(
                    Kind::Config,
                    format!("cannot work in `{}`: {error}", directory.display()),
                )
                .hint("`--directory` names the repository's root")
            })?,
            None => find_root(&std::env::current_dir()?.canonicalize()?),
        };
        terminal.set_root(root.clone());
        Ok(Self {
            terminal,
            global,
            env,
            program,
            root,
        })
    }

    /// The folder of local state in the workspace.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.root.join(".releasekit").join(name)
    }

    /// The folder the cache is kept in.
    pub(crate) fn cache_folder(&self) -> PathBuf {
        let set = |name: &str| {
            self.env
                .get(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        set("RELEASEKIT_CACHE_DIR")
            .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("releasekit")))
            .or_else(|| set("HOME").map(|folder| folder.join(".cache/releasekit")))
            .unwrap_or_else(|| self.state("cache"))
    }

    /// Where commands run: outside the workspace, because tools look upwards for files of theirs.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.cache_folder().join("scratch")
    }

    /// The store and action cache of this machine.
    pub(crate) fn disk(&self) -> Result<Arc<cas::Disk>, Failure> {
        Ok(Arc::new(cas::Disk::open(&self.cache_folder())?))
    }

    /// The files of the working tree. Nothing is written.
    pub(crate) fn tree(&self) -> Result<Tree, Failure> {
        let digests = Arc::new(cas::FileDigests::load(&self.state("stat")));
        let tree = adapters::WorkingTree::scan(&self.root, Arc::clone(&digests)).map_err(workspace_error)?;
        Ok(Tree {
            files: Arc::new(tree),
            digests,
        })
    }

    /// Everyone present.
    pub(crate) fn adapters(&self) -> Result<Adapters, Failure> {
        let vcs = adapters::Git::open(&self.root, self.env.clone()).map_err(workspace_error)?;
        Ok(Adapters {
            ecosystems: adapters::ecosystem::standard(),
            version_files: adapters::version_files(),
            remote: None,
            directories: adapters::directories(),
            vcs: vcs.map(|git| Arc::new(git) as Arc<dyn model::Vcs>),
        })
    }

    /// How many actions run at once.
    pub(crate) fn jobs(&self, wanted: Option<usize>) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.global
            .jobs
            .map(usize::from)
            .or(wanted)
            .unwrap_or_else(processors)
    }
}

/// The working tree, and what is remembered of its files' digests.
pub(crate) struct Tree {
    pub(crate) files: Arc<dyn SourceTree>,
    pub(crate) digests: Arc<cas::FileDigests>,
}

/// A step's error while looking at the workspace.
pub(crate) fn workspace_error(error: StepError) -> Failure {
    Failure::step(Kind::Config, error)
}

/// The nearest folder upwards that holds a `RELEASE.star`, else a repository; else the folder itself.
fn find_root(from: &Path) -> PathBuf {
    let nearest = |name: &str| from.ancestors().find(|folder| folder.join(name).exists());
    nearest("RELEASE.star")
        .or_else(|| nearest(".git"))
        .unwrap_or(from)
        .to_path_buf()
}
