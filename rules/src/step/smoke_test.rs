//! Smoke test: installs what was published and tries it. Carried out by an adapter, which runs the command.

use engine::{Command, Mnemonic};
use serde::{Deserialize, Serialize};

/// The kind of these actions.
pub const SMOKE_TEST: Mnemonic = Mnemonic::new("SmokeTest");

/// What is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmokeTest {
    /// What is run in an empty folder.
    pub command: Command,
    /// How long to wait first, in milliseconds.
    pub delay_ms: u64,
}
