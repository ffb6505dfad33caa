//! Jujutsu, through its command line; its commits through the git store it keeps them in.
//!
//! What is checked out in git's sense is the parent of jj's working-copy commit: that is the head, and what differs
//! from it is changed. Looking takes a snapshot of the working copy first, as every command of jj does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use engine::{StepError, printable};
use model::{Commit, CommitId, Head, NewCommit, NewTag, Revisions, Tag, Vcs};

use super::git::Git;
use super::git::memory::Memory;
use super::runner::Runner;

/// Before every command.
const ALWAYS: [&str; 3] = ["--no-pager", "--color=never", "--quiet"];
const HINT: &str = "install Jujutsu 0.30 or later (`cargo install --locked --bin jj jj-cli`)";

/// The identity of the commit before all others.
const ROOT: &str = "0000000000000000000000000000000000000000";

/// A jj repository, with its store beside it (colocated) or inside it, seen from a folder in it.
pub struct Jj {
    runner: Runner,
    git: Git,
}

impl Jj {
    /// The repository that `root` lies in; `None` if it lies in none. `memory` is where its log is remembered.
    ///
    /// # Errors
    /// jj or git is not there, or refuses the repository.
    pub fn open(
        root: &Path,
        mut env: BTreeMap<String, String>,
        memory: Option<PathBuf>,
    ) -> Result<Option<Self>, StepError> {
        let Some(top) = root.ancestors().find(|folder| folder.join(".jj").is_dir()) else {
            return Ok(None);
        };
        env.retain(|name, _| !name.starts_with("JJ_") && !name.starts_with("GIT_"));
        let runner = Runner::find("jj", root, env.clone(), HINT)?.always(ALWAYS);
        let store = PathBuf::from(runner.say(&["git", "root"])?);
        let inside = root
            .strip_prefix(top)
            .map_or("", |inside| inside.to_str().unwrap_or_default());
        let prefix = if inside.is_empty() {
            String::new()
        } else {
            format!("{inside}/")
        };
        let git = Git::store(
            &store,
            prefix,
            env,
            memory.map_or_else(Memory::default, Memory::at),
        )?;
        Ok(Some(Self { runner, git }))
    }

    /// The git repository that keeps the commits of the jj repository that `root` lies in.
    ///
    /// # Errors
    /// jj is not there or refuses the repository.
    pub fn store(root: &Path, env: BTreeMap<String, String>) -> Result<Option<PathBuf>, StepError> {
        if !root.ancestors().any(|folder| folder.join(".jj").is_dir()) {
            return Ok(None);
        }
        let runner = Runner::find("jj", root, env, HINT)?.always(ALWAYS);
        let said = runner.say(&["git", "root"])?;
        Ok(Some(PathBuf::from(said)))
    }

    /// Takes over what was done to the store.
    fn import(&self) -> Result<(), StepError> {
        self.runner.say(&["git", "import"]).map(drop)
    }
}

impl Revisions for Jj {
    fn branch(&self, name: &str) -> Result<Option<CommitId>, StepError> {
        let template = "name ++ \"\\0\" ++ normal_target.commit_id() ++ \"\\0\"";
        let said = self.runner.say(&["bookmark", "list", "--template", template])?;
        let found = pairs(&said).into_iter().find(|(found, _)| found == name);
        Ok(found.map(|(_, commit)| CommitId(commit)))
    }

    fn between(&self, from: &CommitId, to: &CommitId) -> Result<Vec<Commit>, StepError> {
        self.git.between(from, to)
    }

    fn look_up(&self, id: &CommitId) -> Result<Option<Commit>, StepError> {
        self.git.look_up(id)
    }

    fn contents(&self, files: &[(CommitId, String)]) -> Result<Vec<Option<Vec<u8>>>, StepError> {
        self.git.contents(files)
    }

    fn files(&self, commit: &CommitId) -> Result<BTreeSet<String>, StepError> {
        self.git.files(commit)
    }
}

impl Vcs for Jj {
    fn name(&self) -> &'static str {
        "jj"
    }

    fn head(&self) -> Result<Head, StepError> {
        let template = "commit_id ++ \"\\0\" ++ local_bookmarks.map(|b| b.name()).join(\" \") ++ \"\\0\"";
        let said = self
            .runner
            .say(&["log", "--no-graph", "--revisions", "@-", "--template", template])?;
        let parents = pairs(&said);
        let [(commit, bookmarks)] = parents.as_slice() else {
            return Err(StepError::new(
                "the working copy of jj has several parents, and one commit is released",
            )
            .hint("finish the merge first: `jj new`"));
        };
        Ok(Head {
            commit: (commit != ROOT).then(|| CommitId(commit.clone())),
            branch: bookmarks
                .split(' ')
                .next()
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            shallow: false,
        })
    }

    fn tags(&self) -> Result<Vec<Tag>, StepError> {
        let template = "name ++ \"\\0\" ++ normal_target.commit_id() ++ \"\\0\"";
        let said = self.runner.say(&["tag", "list", "--template", template])?;
        let tags = pairs(&said).into_iter().map(|(name, commit)| Tag {
            name,
            commit: CommitId(commit),
        });
        let mut tags: Vec<Tag> = tags.collect();
        tags.sort();
        self.git.read_ahead();
        Ok(tags)
    }

    fn log(&self, head: &Head, since: &[CommitId]) -> Result<Vec<Commit>, StepError> {
        self.git.log(head, since)
    }

    fn changed_files(&self) -> Result<Vec<String>, StepError> {
        let template = "path.display() ++ \"\\0\"";
        let args = ["diff", "--from", "@-", "--to", "@", "--template", template, "."];
        let said = self.runner.say(&args)?;
        let mut paths: Vec<String> = said.split_terminator('\0').map(str::to_owned).collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// jj has no annotated tags of its own: the tag is made in its store, and taken over.
    fn create_tag(&self, tag: &NewTag) -> Result<(), StepError> {
        if let Some(there) = self.tags()?.into_iter().find(|there| there.name == tag.name) {
            if there.commit == tag.commit {
                return Ok(());
            }
            let message = format!(
                "the tag `{}` is on commit {} already",
                printable(&tag.name),
                there.commit
            );
            return Err(StepError::new(message).hint("a tag is never moved: release another version"));
        }
        self.git.create_tag(tag)?;
        self.import()
    }

    /// The commit is made in jj's store; the working copy is put on top of it, with its changes.
    fn commit(&self, commit: &NewCommit) -> Result<CommitId, StepError> {
        let changed = self.changed_files()?;
        if let Some(path) = commit.files.keys().find(|path| changed.contains(path)) {
            let message = format!("`{path}` has changes that are not committed");
            return Err(StepError::new(message).hint("`jj commit` them, and run again"));
        }
        self.runner.say(&["git", "export"])?;
        let made = self.git.commit(commit)?;
        self.import()?;
        self.runner
            .say(&["rebase", "--branch", "@", "--destination", &made.0])?;
        Ok(made)
    }
}

/// Pairs of texts that each end with a NUL.
fn pairs(said: &str) -> Vec<(String, String)> {
    let mut texts = said
        .split_terminator('\0')
        .map(|text| text.trim_start_matches('\n').to_owned());
    let mut pairs = Vec::new();
    while let (Some(one), Some(other)) = (texts.next(), texts.next()) {
        pairs.push((one, other));
    }
    pairs
}
