//! What a journey needs: a workspace of its own, the real binary, real tools, and eyes for what came out of it.
//!
//! A [`Sandbox`] is a folder nobody else uses, with a home, a cache and an environment that hold nothing of this
//! machine. [`Sandbox::run`] runs the real `releasekit` there and gives a [`Ran`]. [`require_tool`] says whether a
//! real tool is there, and counts it when it is not.

mod binary;
mod files;
mod fixture;
mod process;
mod random;
mod sandbox;
mod tell;
mod tool;

pub use binary::{binary, repository};
pub use files::{Listing, copy_tree, listing, write_file};
pub use fixture::fixture;
pub use process::{Ran, Running};
pub use random::Random;
pub use sandbox::Sandbox;
pub use tell::tell;
pub use tool::{require_tool, search_path};
