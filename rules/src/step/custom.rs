//! Custom: an action declared in RELEASE.star. A command, so nobody here carries it out.

use engine::Mnemonic;

/// The kind of these actions.
pub const CUSTOM: Mnemonic = Mnemonic::new("Custom");
