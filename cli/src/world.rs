//! Composition: wires stores, engine, rules and adapters from what the process was given. The only place that
//! reads the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::StepError;
use model::{Adapters, SourceTree};

use crate::app::Global;
use crate::confine::Texts;
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
    /// When it was started, in seconds since 1970-01-01T00:00:00Z.
    pub(crate) now: i64,
}

impl<'a> World<'a> {
    pub(crate) fn new(global: &'a Global, terminal: &'a Terminal) -> Result<Self, Failure> {
        let env: BTreeMap<String, String> = std::env::vars_os()
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
        let shown = root.clone();
        terminal.show_texts(move |file| std::fs::read_to_string(shown.join(file)).ok());
        Ok(Self {
            terminal,
            global,
            program,
            root,
            now: now(&env)?,
            env,
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
            texts: Texts::Folder(self.root.clone()),
        })
    }

    /// The files of the commit that is about to be made; `None` where there is nothing but the working tree. What is
    /// shown of files from now on is theirs.
    pub(crate) fn staged(&self) -> Result<Option<Tree>, Failure> {
        let Some(staged) = adapters::staged(&self.root, &self.env).map_err(workspace_error)? else {
            return Ok(None);
        };
        let tree = Tree::kept(staged);
        let files = Arc::clone(&tree.files);
        self.terminal.show_texts(move |file| files.read(file).ok());
        Ok(Some(tree))
    }

    /// The version control system that keeps the workspace: the one that is named, or whichever is there.
    pub(crate) fn vcs(&self, named: Option<&str>) -> Result<Option<Arc<dyn model::Vcs>>, Failure> {
        let place = cas::Digest::of(self.root.as_os_str().as_encoded_bytes());
        let memory = self.cache_folder().join("log").join(place.short());
        adapters::open_vcs(&self.root, &self.env, named, memory).map_err(workspace_error)
    }

    /// Everyone present.
    pub(crate) fn adapters(&self) -> Result<Adapters, Failure> {
        Ok(Adapters {
            ecosystems: adapters::ecosystem::standard(),
            version_files: adapters::version_files(),
            remote: None,
            directories: adapters::directories(),
            vcs: self.vcs(None)?,
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

/// The files that a project is read from: the working tree, or those of a commit.
pub(crate) struct Tree {
    pub(crate) files: Arc<dyn SourceTree>,
    /// What is remembered of the digests of the working tree's files.
    pub(crate) digests: Arc<cas::FileDigests>,
    /// What its configuration is evaluated from.
    pub(crate) texts: Texts,
}

impl Tree {
    /// Files that git keeps.
    fn kept(files: adapters::GitTree) -> Self {
        let is_config = |path: &&String| path.ends_with(".star");
        let text = |path: &String| (path.clone(), files.read(path));
        let texts = files.files().iter().filter(is_config).map(text).collect();
        Self {
            digests: Arc::new(cas::FileDigests::in_memory()),
            texts: Texts::Given(texts),
            files: Arc::new(files),
        }
    }
}

/// The time; `SOURCE_DATE_EPOCH` is the time where it is set, as reproducible builds have it.
fn now(env: &BTreeMap<String, String>) -> Result<i64, Failure> {
    if let Some(epoch) = env.get("SOURCE_DATE_EPOCH").filter(|epoch| !epoch.is_empty()) {
        return epoch.parse().map_err(|_| {
            Failure::new(
                Kind::Usage,
                format!("`SOURCE_DATE_EPOCH` is no number of seconds: `{epoch}`"),
            )
        });
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Ok(now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX)))
}

/// A step's error while looking at the workspace.
pub(crate) fn workspace_error(error: StepError) -> Failure {
    Failure::step(Kind::Config, error)
}

/// The nearest folder upwards that holds a `RELEASE.star`, else a repository; else the folder itself.
fn find_root(from: &Path) -> PathBuf {
    let nearest = |name: &str| from.ancestors().find(|folder| folder.join(name).exists());
    nearest("RELEASE.star")
        .or_else(|| [".jj", ".git", ".hg"].iter().find_map(|kept| nearest(kept)))
        .unwrap_or(from)
        .to_path_buf()
}
