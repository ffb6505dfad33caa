//! Where git looks for the hooks of a repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use engine::StepError;

use super::run::git_obeying;

/// Where hooks are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksFolder {
    /// The folder (absolute); it may not exist yet.
    pub path: PathBuf,
    /// The workspace's folder as seen from where hooks run, the top of the working tree; empty if it is that.
    pub below: String,
}

/// What a line of a commit's message begins with that is a comment: `#`, unless the person's settings say something
/// else. Where git is to choose (`auto`), it chooses `#` unless a line begins so already.
///
/// # Errors
/// git is not there, or its settings cannot be read.
pub fn comment_mark(root: &Path, env: BTreeMap<String, String>) -> Result<String, StepError> {
    let runner = git_obeying(root, env, "")?;
    // The later one, by either name, is what git goes by.
    let pattern = "^core\\.comment(char|string)$";
    let done = runner.run(&["config", "--get-regexp", pattern], b"")?;
    if !done.succeeded() && done.code != Some(1) {
        return Err(done.failure());
    }
    let said = done.text();
    let last = said.lines().last().and_then(|line| line.split_once(' '));
    let mark = last.map_or("#", |(_, mark)| mark);
    Ok(if mark == "auto" { "#" } else { mark }.to_owned())
}

/// The hooks of the repository that `root` lies in; `None` if it lies in none.
///
/// # Errors
/// git is not there, or its settings name one folder for all repositories.
pub fn git_hooks(root: &Path, env: BTreeMap<String, String>) -> Result<Option<HooksFolder>, StepError> {
    let runner = git_obeying(root, env, "core.hooksPath")?;
    let top = runner.run(&["rev-parse", "--show-prefix"], b"")?;
    if top.stderr.contains("not a git repository (or any") {
        return Ok(None);
    }
    if !top.succeeded() {
        return Err(top.failure());
    }
    let set = runner.run(&["config", "--show-scope", "--get", "core.hooksPath"], b"")?;
    let text = set.text();
    let (scope, place) = text.split_once('\t').unwrap_or_default();
    if matches!(scope, "global" | "system") {
        let message =
            format!("git's {scope} settings have one folder of hooks for all repositories: `{place}`");
        return Err(StepError::new(message)
            .hint("give this one its own: `git config core.hooksPath .git/hooks`, then run this again"));
    }
    let path = runner.say(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
    Ok(Some(HooksFolder {
        path: PathBuf::from(path),
        below: top.text().trim_end_matches('/').to_owned(),
    }))
}
