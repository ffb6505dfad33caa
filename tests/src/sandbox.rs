//! A workspace of its own, with a home, a cache and an environment that hold nothing of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{
    Listing, Ran, Running, binary, copy_tree, fixture, listing, repository, search_path, write_file,
};

/// A workspace of its own. Gone when dropped, unless `RELEASEKIT_KEEP_SANDBOXES` is set.
#[derive(Debug)]
pub struct Sandbox {
    folder: PathBuf,
    cache: PathBuf,
    _guard: Option<TempDir>,
}

impl Sandbox {
    /// An empty workspace.
    ///
    /// # Panics
    /// There is no room for one.
    #[must_use]
    pub fn new() -> Self {
        let guard = tempfile::Builder::new()
            .prefix("releasekit-")
            .tempdir()
            .expect("there is room for a sandbox");
        let folder = guard.path().canonicalize().expect("it was just made");
        for part in ["workspace", "home", "bin", "tmp"] {
            std::fs::create_dir(folder.join(part)).expect("the sandbox is ours");
        }
        let guard = match std::env::var_os("RELEASEKIT_KEEP_SANDBOXES") {
            Some(_) => {
                let _kept = guard.keep();
                None
            }
            None => Some(guard),
        };
        Self {
            cache: folder.join("cache"),
            folder,
            _guard: guard,
        }
    }

    /// A workspace with the files of a text; see [`fixture`].
    #[must_use]
    pub fn of(text: &str) -> Self {
        let sandbox = Self::new();
        for (path, content) in fixture(text) {
            sandbox.write(&path, content);
        }
        sandbox
    }

    /// A committed copy of the example of that name.
    #[must_use]
    pub fn example(name: &str) -> Self {
        let sandbox = Self::new();
        copy_tree(&repository().join("examples").join(name), &sandbox.root());
        sandbox.begin();
        sandbox
    }

    /// The workspace.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    /// A path in the workspace.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    /// A path outside the workspace that goes when the sandbox goes.
    #[must_use]
    pub fn outside(&self, relative: &str) -> PathBuf {
        self.folder.join(relative)
    }

    /// Where the cache is.
    #[must_use]
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Uses another cache from now on.
    pub fn use_cache(&mut self, folder: &Path) {
        folder.clone_into(&mut self.cache);
    }

    /// Writes a file of the workspace.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        write_file(&self.path(relative), content);
    }

    /// The text of a file of the workspace.
    ///
    /// # Panics
    /// It cannot be read.
    #[must_use]
    pub fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    /// Replaces text that must be there in a file of the workspace.
    ///
    /// # Panics
    /// It is not there.
    pub fn edit(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert!(text.contains(from), "{relative} does not hold {from:?}");
        self.write(relative, text.replacen(from, to, 1));
    }

    /// Puts a program in front of all others of that name.
    pub fn program(&self, name: &str, script: &str) {
        write_file(&self.folder.join("bin").join(name), script);
    }

    /// The files of the workspace as they are, git's own left out.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let mut files = listing(&self.root());
        files.retain(|path, _| !path.starts_with(".git/"));
        files
    }

    /// Makes the workspace a git repository and commits all of it.
    pub fn begin(&self) {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.git(&["config", "user.name", "Tester"]);
        self.git(&["config", "user.email", "tester@example.com"]);
        self.commit("feat: first version");
    }

    /// Commits everything that changed.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Runs git in the workspace; its output.
    #[must_use = "use `git` where nothing is read"]
    pub fn git_says(&self, args: &[&str]) -> String {
        let mut command = self.tool("git");
        command.args(args);
        Running::start(command).finish().expect(0).stdout
    }

    /// Runs git in the workspace.
    pub fn git(&self, args: &[&str]) {
        drop(self.git_says(args));
    }

    /// A command of any program, in the workspace and its environment.
    #[must_use]
    pub fn tool(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root()).env_clear();
        let bin = self.folder.join("bin");
        let path = std::env::join_paths(std::iter::once(&bin).chain(search_path()))
            .expect("no folder holds a colon");
        command
            .env("PATH", path)
            .env("HOME", self.folder.join("home"))
            .env("TMPDIR", self.folder.join("tmp"))
            .env("RELEASEKIT_CACHE_DIR", &self.cache)
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z")
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
            .env("UV_PYTHON_DOWNLOADS", "never");
        command
    }

    /// A command of the real binary.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.tool(binary());
        command.args(args);
        command
    }

    /// Starts the real binary.
    #[must_use]
    pub fn start(&self, args: &[&str]) -> Running {
        Running::start(self.command(args))
    }

    /// Runs the real binary.
    #[must_use]
    pub fn run(&self, args: &[&str]) -> Ran {
        self.start(args).finish()
    }

    /// Publishes into directory registries under `registry`, beside the workspace.
    #[must_use]
    pub fn publish(&self) -> Ran {
        self.run(&self.publishing().each_ref().map(String::as_str))
    }

    /// The arguments of [`Sandbox::publish`].
    #[must_use]
    pub fn publishing(&self) -> [String; 5] {
        let registry = self.registry().to_string_lossy().into_owned();
        ["publish", "--to-directory", &registry, "--format", "json"].map(str::to_owned)
    }

    /// Where [`Sandbox::publish`] publishes.
    #[must_use]
    pub fn registry(&self) -> PathBuf {
        self.folder.join("registry")
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}
