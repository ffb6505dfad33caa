//! A throw-away repository.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use adapters::Git;
use engine::StepError;
use model::{Commit, CommitId, Vcs};

pub(crate) struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// An empty one; `None` if git is missing (which is an error in CI).
    pub(crate) fn new() -> Option<Self> {
        let folders = std::env::var("PATH").unwrap_or_default();
        if !folders
            .split(':')
            .any(|folder| Path::new(folder).join("git").is_file())
        {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "`git` is missing");
            eprintln!("passed over: `git` is missing");
            return None;
        }
        let repository = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        std::fs::create_dir(repository.root()).expect("our own folder");
        repository.git(["init", "--quiet", "--initial-branch=main"]);
        Some(repository)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// A place beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn env(&self) -> BTreeMap<String, String> {
        let path = std::env::var("PATH").unwrap_or_default();
        let home = self.folder.path().display().to_string();
        BTreeMap::from([("PATH".to_owned(), path), ("HOME".to_owned(), home)])
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            .current_dir(self.root())
            .env_clear()
            .envs(self.env())
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command.args([
            "-c",
            "user.name=Ada L",
            "-c",
            "user.email=ada@example.com",
            "-c",
            "protocol.file.allow=always",
        ]);
        command
    }

    /// Runs git, which must succeed; what it prints.
    pub(crate) fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        self.git_with(args, b"")
    }

    pub(crate) fn git_with<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> String {
        let mut command = self.command();
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("git");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(input)
            .expect("git reads");
        let output = child.wait_with_output().expect("git");
        assert!(
            output.status.success(),
            "{command:?}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("our own folder");
        std::fs::write(path, text).expect("our own file");
    }

    /// Changes some files and commits everything.
    pub(crate) fn commit(&self, message: &str, paths: &[&str]) -> CommitId {
        for path in paths {
            self.write(path, &format!("{message} {path}"));
        }
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    pub(crate) fn head(&self) -> CommitId {
        CommitId(self.git(["rev-parse", "HEAD"]))
    }

    pub(crate) fn open(&self) -> Git {
        self.open_at("")
    }

    pub(crate) fn open_at(&self, folder: &str) -> Git {
        let root = self.root().join(folder);
        Git::open(&root, self.env())
            .expect("git answers")
            .expect("a repository")
    }

    /// The first lines of the messages, newest first, with the paths.
    pub(crate) fn log(&self, since: &[CommitId]) -> Vec<(String, Vec<String>)> {
        let commits = log(&self.open(), since).expect("history is there");
        commits
            .into_iter()
            .map(|commit| {
                (
                    commit.message.lines().next().unwrap_or_default().to_owned(),
                    commit.paths,
                )
            })
            .collect()
    }

    pub(crate) fn subjects(&self, since: &[CommitId]) -> Vec<String> {
        self.log(since).into_iter().map(|(subject, _)| subject).collect()
    }
}

/// The log from where the working tree stands.
pub(crate) fn log(vcs: &dyn Vcs, since: &[CommitId]) -> Result<Vec<Commit>, StepError> {
    vcs.log(&vcs.head()?, since)
}
