//! This machine: the working tree, the tools on the search path, and programs run to try something out.

mod environment;
mod files;
mod process;
mod text;

mod tool;
mod trial;
mod working_tree;

pub use tool::ToolVersions;
pub use trial::Trial;
pub use working_tree::WorkingTree;

pub(crate) use environment::find_program;
pub(crate) use files::io_error;
pub(crate) use process::{Ended, MAX_OUTPUT, Process, tail};
pub(crate) use text::printable;
