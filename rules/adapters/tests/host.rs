//! The working tree, tools and trials, with real files and programs.
#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

#[path = "host/tool.rs"]
mod tool;
#[path = "host/trial.rs"]
mod trial;
#[path = "host/working_tree.rs"]
mod working_tree;
