//! What was committed and tagged: one file per version control system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::StepError;
use model::{Remote, Vcs};

mod git;
mod hg;
mod jj;
mod lay_out;
mod runner;

pub use git::{
    CaughtUp, Git, GitRemote, GitTree, HooksFolder, catch_up, comment_mark, git_hooks, refuse_other_worktrees,
};
pub use hg::Hg;
pub use jj::Jj;

/// What each system keeps its state in, in the order in which they are looked for: a colocated repository is
/// Jujutsu's.
const FOLDERS: [(&str, &str); 3] = [("jj", ".jj"), ("git", ".git"), ("hg", ".hg")];

/// The repository that `root` lies in: of the system that is `named` (`git`, `hg`, `jj`), or of whichever has the
/// nearest one; `None` if there is none. `memory` is the file its log is remembered in.
///
/// # Errors
/// The system's program is not there or refuses the repository, or there is no repository of the one that is named.
pub fn open_vcs(
    root: &Path,
    env: &BTreeMap<String, String>,
    named: Option<&str>,
    memory: PathBuf,
) -> Result<Option<Arc<dyn Vcs>>, StepError> {
    let env = env.clone();
    match (nearest(root, named), named) {
        (Some("jj"), _) => Ok(Jj::open(root, env, Some(memory))?.map(|jj| Arc::new(jj) as Arc<dyn Vcs>)),
        (Some("hg"), _) => Ok(Hg::open(root, env)?.map(|hg| Arc::new(hg) as Arc<dyn Vcs>)),
        (Some(_), _) => {
            let git = Git::open(root, env)?;
            Ok(git.map(|git| Arc::new(git.remembering(memory)) as Arc<dyn Vcs>))
        }
        (None, None) => Ok(None),
        (None, Some(named)) => Err(
            StepError::new(format!("there is no repository of `{named}` here"))
                .hint("make one, or take `vcs()` out of RELEASE.star: what is there is found without it"),
        ),
    }
}

/// The system that keeps what is in `root`, of those that are wanted: the nearest, and of several in one folder the
/// first.
fn nearest(root: &Path, named: Option<&str>) -> Option<&'static str> {
    let steps = |folder: &str| root.ancestors().position(|above| above.join(folder).exists());
    let wanted = FOLDERS
        .iter()
        .filter(|(name, _)| named.is_none_or(|named| named == *name));
    let found = wanted.filter_map(|(name, folder)| Some((steps(folder)?, *name)));
    found.min_by_key(|(steps, _)| *steps).map(|(_, name)| name)
}

/// What is about to be committed, where that may be something else than what is in the working tree `root`: where git
/// keeps it, or where git asks for it (as in its hooks) and another system keeps it too.
///
/// # Errors
/// As [`GitTree::staged`].
pub fn staged(root: &Path, env: &BTreeMap<String, String>) -> Result<Option<GitTree>, StepError> {
    let is_asked = env.contains_key(git::INDEX) && nearest(root, Some("git")).is_some();
    if is_asked || nearest(root, None) == Some("git") {
        GitTree::staged(root, env.clone()).map(Some)
    } else {
        Ok(None)
    }
}

/// The repository called `name` that ours is pushed to; `None` if there is none of that name. `vcs` is what ours is
/// kept in.
///
/// # Errors
/// It cannot be asked, or pushing is not possible from that system.
pub fn open_remote(
    root: &Path,
    env: &BTreeMap<String, String>,
    vcs: &str,
    name: &str,
) -> Result<Option<Arc<dyn Remote>>, StepError> {
    let beneath = match vcs {
        "hg" => {
            return Err(
                StepError::new("nothing can be pushed from a Mercurial repository")
                    .hint("take `push` out of RELEASE.star, and run `hg push` after a release"),
            );
        }
        "jj" => Jj::store(root, env.clone())?,
        _ => None,
    };
    let remote = GitRemote::open_beneath(root, env.clone(), name, beneath.as_deref())?;
    Ok(remote.map(|remote| Arc::new(remote) as Arc<dyn Remote>))
}
