//! This machine: the working tree, the tools on the search path, and programs run to try something out.

mod environment;
mod files;
mod in_place;
mod process;
mod text;

mod tool;
mod trial;
mod working_tree;

pub use in_place::InPlace;
pub use tool::ToolVersions;
pub use trial::Trial;
pub use working_tree::WorkingTree;

pub(crate) use environment::find_program;
pub(crate) use files::io_error;
pub(crate) use process::{Ended, MAX_OUTPUT, Process, tail};
