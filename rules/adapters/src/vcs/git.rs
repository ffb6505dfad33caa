//! git, through its command line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use engine::StepError;
use model::{Commit, CommitId, Head, NewCommit, NewTag, Revisions, Tag, Vcs};

use ahead::Ahead;
use memory::Memory;
use run::{Runner, commit_id, git};

mod address;
mod ahead;
mod blobs;
mod catch_up;
mod contents;
mod graph;
mod hidden;
mod history;
mod hooks;
pub(super) mod memory;
mod new_commit;
mod new_tag;
mod refs;
mod remote;
mod run;
mod tree;
mod worktrees;

pub use catch_up::{CaughtUp, catch_up};
pub use hooks::{HooksFolder, comment_mark, git_hooks};
pub use remote::GitRemote;
pub use tree::GitTree;
pub(super) use tree::INDEX;
pub use worktrees::refuse_other_worktrees;

/// Asks for the tracked files that differ from the head. Submodules are not entered: their own settings would be
/// obeyed.
const STATUS: [&str; 6] = [
    "status",
    "--porcelain=v1",
    "-z",
    "--untracked-files=no",
    "--no-renames",
    "--ignore-submodules=dirty",
];

/// A git repository, seen from a folder in it: paths are relative to that folder, and what is outside it is
/// not seen. Replaced objects (`git replace`) are seen as they were committed.
pub struct Git {
    runner: Runner,
    /// The folder's place in the repository: empty, or ending with a slash.
    prefix: Vec<u8>,
    memory: Memory,
    ahead: Ahead,
    /// Whether only commits are looked at: somebody else keeps the working tree.
    is_bare: bool,
}

impl Git {
    /// The repository that `root` lies in; `None` if it lies in none. git and its settings are found by `env`,
    /// of which everything that would point git elsewhere is left out.
    ///
    /// # Errors
    /// git is not there or refuses the repository.
    pub fn open(root: &Path, env: BTreeMap<String, String>) -> Result<Option<Self>, StepError> {
        let runner = match git(root, env) {
            Ok(runner) => runner,
            // Without a repository, a machine without git is nothing to complain about.
            Err(_) if !root.ancestors().any(|folder| folder.join(".git").exists()) => return Ok(None),
            Err(error) => return Err(error),
        };
        let done = runner.run(&["rev-parse", "--is-inside-work-tree", "--show-prefix"], b"")?;
        if !done.succeeded() {
            // A damaged repository says "not a git repository: PATH" instead.
            if done.stderr.contains("not a git repository (or any") {
                return Ok(None);
            }
            return Err(done.failure());
        }
        let Some(prefix) = done.stdout.strip_prefix(b"true\n") else {
            return Err(StepError::new(format!(
                "`{}` is not in a git working tree",
                root.display()
            )));
        };
        let prefix = prefix.strip_suffix(b"\n").unwrap_or(prefix).to_vec();
        let memory = Memory::default();
        Ok(Some(Self {
            runner,
            prefix,
            memory,
            ahead: Ahead::default(),
            is_bare: false,
        }))
    }

    /// The commits kept in the folder `store`, whose working tree somebody else keeps. `prefix` is the place in the
    /// repository that paths are seen from: empty, or ending with a slash.
    pub(super) fn store(
        store: &Path,
        prefix: String,
        env: BTreeMap<String, String>,
        memory: Memory,
    ) -> Result<Self, StepError> {
        let runner = git(store, env)?;
        let runner = runner.elsewhere(store, &[("GIT_DIR", store)]);
        Ok(Self {
            runner,
            prefix: prefix.into_bytes(),
            memory,
            ahead: Ahead::default(),
            is_bare: true,
        })
    }

    /// The same repository, whose log is remembered in `file`: asked again for the same range, git is not run.
    #[must_use]
    pub fn remembering(mut self, file: PathBuf) -> Self {
        self.memory = Memory::at(file);
        self
    }

    /// The commit that is checked out. `branch` is the full name of what `HEAD` stands for, if it does.
    fn head_commit(&self, branch: Option<&str>) -> Result<Option<CommitId>, StepError> {
        let commit = match branch {
            // Before the first commit there is a branch's name and no branch.
            Some(branch) => match refs::find(&self.runner, branch)? {
                None => return Ok(None),
                Some(reference) => reference.commit,
            },
            None => self.runner.resolve("HEAD^{commit}")?,
        };
        let unreadable =
            || StepError::new("the commit that is checked out cannot be read").hint("run `git fsck`");
        commit.map(Some).ok_or_else(unreadable)
    }

    /// Begins to read the log that is remembered: who asks for tags asks for the log next, and looks for packages
    /// meanwhile.
    pub(super) fn read_ahead(&self) {
        let prefix = self.prefix.clone();
        self.ahead
            .begin(self.memory.clone(), move |path| inside(&prefix, path));
    }

    /// A path of the repository as seen from the root; `None` if it is outside.
    fn inside(&self, path: &[u8]) -> Option<String> {
        inside(&self.prefix, path)
    }
}

/// A path of the repository as seen from the folder that `prefix` names; `None` if it is outside.
fn inside(prefix: &[u8], path: &[u8]) -> Option<String> {
    let path = path.strip_prefix(prefix)?;
    Some(String::from_utf8_lossy(path).into_owned())
}

impl Revisions for Git {
    fn branch(&self, name: &str) -> Result<Option<CommitId>, StepError> {
        Ok(refs::tip(&self.runner, name)?.map(|tip| tip.commit))
    }

    fn between(&self, from: &CommitId, to: &CommitId) -> Result<Vec<Commit>, StepError> {
        let (from, to) = (commit_id(&from.0)?, commit_id(&to.0)?);
        history::log(&self.runner, &Memory::default(), &to, &[from], |path| {
            self.inside(path)
        })
    }

    fn look_up(&self, id: &CommitId) -> Result<Option<Commit>, StepError> {
        let id = commit_id(&id.0)?;
        if self.runner.resolve(&format!("{id}^{{commit}}"))?.as_ref() != Some(&id) {
            return Ok(None);
        }
        let found = history::one(&self.runner, &id, |path| self.inside(path))?;
        Ok(found.into_iter().next())
    }

    fn contents(&self, files: &[(CommitId, String)]) -> Result<Vec<Option<Vec<u8>>>, StepError> {
        let name = |(commit, path): &(CommitId, String)| {
            let commit = commit_id(&commit.0)?.0;
            Ok([commit.as_bytes(), b":", &self.prefix, path.as_bytes()].concat())
        };
        let names = files.iter().map(name).collect::<Result<Vec<_>, StepError>>()?;
        contents::contents(&self.runner, &names)
    }

    fn files(&self, commit: &CommitId) -> Result<BTreeSet<String>, StepError> {
        let commit = commit_id(&commit.0)?.0;
        let args = [
            "ls-tree",
            "-r",
            "-z",
            "--full-tree",
            "--name-only",
            "--end-of-options",
            &commit,
        ];
        let listed = self.runner.success(&args, b"")?.stdout;
        let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.filter_map(|path| self.inside(path)).collect())
    }
}

impl Vcs for Git {
    fn name(&self) -> &'static str {
        "git"
    }

    fn head(&self) -> Result<Head, StepError> {
        let symbolic = self.runner.run(&["symbolic-ref", "--quiet", "HEAD"], b"")?;
        let branch = match symbolic.code {
            Some(0) => Some(symbolic.text()),
            Some(1) => None,
            _ => return Err(symbolic.failure()),
        };
        let commit = self.head_commit(branch.as_deref())?;
        let branch = branch.and_then(|branch| branch.strip_prefix("refs/heads/").map(str::to_owned));
        let shallow = self.runner.say(&["rev-parse", "--is-shallow-repository"])? == "true";
        Ok(Head {
            commit,
            branch,
            shallow,
        })
    }

    fn tags(&self) -> Result<Vec<Tag>, StepError> {
        let mut tags = Vec::new();
        for reference in refs::list(&self.runner, "refs/tags/")? {
            let name = reference
                .name
                .strip_prefix("refs/tags/")
                .unwrap_or(&reference.name)
                .to_owned();
            tags.extend(reference.commit.map(|commit| Tag { name, commit }));
        }
        tags.sort();
        self.read_ahead();
        Ok(tags)
    }

    fn log(&self, head: &Head, since: &[CommitId]) -> Result<Vec<Commit>, StepError> {
        if head.shallow {
            return Err(StepError::new(
                "this is a shallow clone: older commits are missing, so versions cannot be known",
            )
            .hint("run `git fetch --unshallow` (in CI: check out the full history, `fetch-depth: 0`)"));
        }
        match &head.commit {
            Some(commit) if let Some(known) = self.ahead.take(commit, since) => Ok(known),
            Some(commit) => history::log(&self.runner, &self.memory, commit, since, |path| {
                self.inside(path)
            }),
            None => Ok(Vec::new()),
        }
    }

    fn changed_files(&self) -> Result<Vec<String>, StepError> {
        let done = self.runner.success(&STATUS, b"")?;
        let lines = done.stdout.split(|byte| *byte == 0).filter(|line| line.len() > 3);
        let mut paths: Vec<String> = lines.filter_map(|line| self.inside(&line[3..])).collect();
        let unseen = hidden::changed(&self.runner)?;
        paths.extend(
            unseen
                .iter()
                .map(|path| String::from_utf8_lossy(path).into_owned()),
        );
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    fn create_tag(&self, tag: &NewTag) -> Result<(), StepError> {
        new_tag::create(&self.runner, tag)
    }

    fn commit(&self, commit: &NewCommit) -> Result<CommitId, StepError> {
        let prefix = str::from_utf8(&self.prefix).map_err(|_| {
            StepError::new(
                "the workspace is in a folder whose name is not UTF-8, where nothing can be committed",
            )
        })?;
        let maker = new_commit::Maker {
            runner: &self.runner,
            prefix,
            is_bare: self.is_bare,
            commit,
        };
        maker.make()
    }
}
