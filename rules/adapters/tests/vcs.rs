//! Version control systems, with real repositories.
#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

#[path = "vcs/repository.rs"]
mod repository;

#[path = "vcs/commits.rs"]
mod commits;
#[path = "vcs/history.rs"]
mod history;
#[path = "vcs/links.rs"]
mod links;
#[path = "vcs/odd.rs"]
mod odd;
#[path = "vcs/promise.rs"]
mod promise;
#[path = "vcs/remotes.rs"]
mod remotes;
#[path = "vcs/tags.rs"]
mod tags;
#[path = "vcs/trees.rs"]
mod trees;
#[path = "vcs/trust.rs"]
mod trust;
