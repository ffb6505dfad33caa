//! A version plan: a file in which a person says how much packages grow, and why.

use serde::{Deserialize, Serialize};

use crate::Bump;

/// One file of the folder of version plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPlan {
    /// The file, relative to the repository's root.
    pub file: String,
    /// Which package grows by how much: its name, or `ecosystem/name`; in the order written.
    pub bumps: Vec<(String, Bump)>,
    /// What is new, as Markdown.
    pub text: String,
}
