//! What was committed and tagged: one file per version control system.

mod git;

pub use git::{Git, GitRemote, HooksFolder, git_hooks};
