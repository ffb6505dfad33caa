//! Hands. Each file keeps one promise for one tool or service. Never decides whether, only how.

pub mod ecosystem;

mod host;
mod registry;
mod vcs;

pub use ecosystem::{fits, published, version_files};
pub use host::{InPlace, ToolVersions, Trial, WorkingTree};
pub use registry::{directories, directory_name};
pub use vcs::{
    CaughtUp, Git, GitRemote, GitTree, Hg, HooksFolder, Jj, catch_up, comment_mark, git_hooks, open_remote,
    open_vcs, refuse_other_worktrees, staged,
};
