//! Working trees that a repository has besides the one that is asked.

use std::collections::BTreeMap;
use std::path::Path;

use engine::StepError;

use super::run::{Runner, git};
use engine::printable;

/// Refuses a commit on `branch` that is made from the repository that `root` lies in while another working tree has
/// the branch checked out: the files there would no longer be those of their branch.
///
/// # Errors
/// One has, or git could not be asked.
pub fn refuse_other_worktrees(
    root: &Path,
    env: BTreeMap<String, String>,
    branch: &str,
) -> Result<(), StepError> {
    refuse_elsewhere(&git(root, env)?, branch)
}

/// The same, for whoever has asked already that it is not checked out here.
pub(super) fn refuse_elsewhere(runner: &Runner, branch: &str) -> Result<(), StepError> {
    let reference = format!("refs/heads/{branch}");
    let trees = runner.say(&["worktree", "list", "--porcelain"])?;
    let mut tree = "";
    for line in trees.lines() {
        if let Some(folder) = line.strip_prefix("worktree ") {
            tree = folder;
        } else if line.strip_prefix("branch ") == Some(&reference) {
            let message = format!("`{}` is checked out in `{}`", printable(branch), printable(tree));
            return Err(StepError::new(message).hint(
                "run there, or check out another branch there: its files would no longer be its branch's",
            ));
        }
    }
    Ok(())
}
