//! Lock: a lock file brought up to date by its own tool. A command, so nobody here carries it out.

use engine::Mnemonic;

/// The kind of these actions.
pub const LOCK: Mnemonic = Mnemonic::new("Lock");
