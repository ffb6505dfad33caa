//! What was committed and tagged: one file per version control system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::StepError;
use model::Vcs;

mod git;
mod hg;
mod jj;
mod program;

pub use git::{Git, GitRemote, HooksFolder, git_hooks};
pub use hg::Hg;
pub use jj::Jj;

/// The version control system that keeps `root`: what `named` says (`git`, `hg` or `jj`), else what is there, jj before
/// git (a colocated repository is both), git before hg; `None` if none is. `memory` is the file its log is remembered
/// in.
///
/// # Errors
/// Its program is not there or refuses the repository, or it is not the one that was named.
pub fn open_vcs(
    root: &Path,
    env: &BTreeMap<String, String>,
    named: Option<&str>,
    memory: PathBuf,
) -> Result<Option<Arc<dyn Vcs>>, StepError> {
    let is_there = |folder: &str| root.ancestors().any(|above| above.join(folder).exists());
    let found = match named {
        Some(named) => Some(named),
        None if is_there(".jj") => Some("jj"),
        None if is_there(".hg") && !is_there(".git") => Some("hg"),
        None => Some("git"),
    };
    let env = env.clone();
    let opened: Option<Arc<dyn Vcs>> = match found {
        Some("jj") => Jj::open(root, env, Some(memory))?.map(|jj| Arc::new(jj) as Arc<dyn Vcs>),
        Some("hg") => Hg::open(root, env)?.map(|hg| Arc::new(hg) as Arc<dyn Vcs>),
        _ => Git::open(root, env)?.map(|git| Arc::new(git.remembering(memory)) as Arc<dyn Vcs>),
    };
    match (opened, named) {
        (None, Some(named)) => Err(StepError::new(format!(
            "`{}` is in no {named} repository",
            root.display()
        ))
        .hint("`vcs(...)` in RELEASE.star names the system that keeps this repository")),
        (opened, _) => Ok(opened),
    }
}
