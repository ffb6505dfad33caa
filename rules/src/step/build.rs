//! Build: a package's artifacts, made by its ecosystem's own tool. A command, so nobody here carries it out.

use engine::Mnemonic;

/// The kind of these actions.
pub const BUILD: Mnemonic = Mnemonic::new("Build");
