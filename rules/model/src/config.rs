//! What RELEASE.star said, as plain data.

use std::time::Duration;

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Location, TagFormat, Value};

/// One call of a declaring function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The function: `uv_package`.
    pub function: String,
    /// Its arguments, defaults included, in the order of the function's signature.
    pub attributes: Vec<(String, Value)>,
    /// Where a person wrote the call.
    pub location: Location,
}

impl Declaration {
    /// An argument; [`Value::None`] if the function has no such parameter.
    #[must_use]
    pub fn get(&self, attribute: &str) -> &Value {
        const NONE: &Value = &Value::None;
        self.attributes
            .iter()
            .find(|(name, _)| name == attribute)
            .map_or(NONE, |(_, value)| value)
    }
}

/// A file that took part in evaluating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedFile {
    /// Relative to the workspace.
    pub path: String,
    /// What it held.
    pub digest: Digest,
}

/// How tightly a dependency's version is pinned while building.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PinStrategy {
    /// That version only.
    Exact,
    /// That version and those compatible with it.
    #[default]
    Compatible,
    /// That version or any later one.
    Minimum,
    /// From that version up to the next incompatible one, both ends written out.
    Range,
    /// Not at all: the manifest's own requirement stays.
    None,
}

/// How the versions of a group relate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Versioning {
    /// Each package has its own.
    #[default]
    Independent,
    /// All have the same.
    Fixed,
}

/// A workspace of one ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceDecl {
    /// Which ecosystem.
    pub ecosystem: String,
    /// What people call it.
    pub name: String,
    /// Its folder, relative to the repository's root; empty for the root.
    pub root: String,
    /// Members, relative to the root; empty for what its own manifest says.
    pub members: Vec<String>,
    /// Members to leave out.
    pub exclude: Vec<String>,
    /// The registry its packages go to, if it names one: `directory:PATH`, or a remote one's name.
    pub registry: Option<String>,
    /// Where it was declared.
    pub location: Location,
}

/// A package to be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageDecl {
    /// Which ecosystem.
    pub ecosystem: String,
    /// The name in its manifest.
    pub name: String,
    /// The group it says it is in, if any.
    pub group: Option<String>,
    /// Whether it is left out for now.
    pub skip: bool,
    /// Packages to be released first, by name.
    pub cross_deps: Vec<String>,
    /// How others are pinned in it, if it says.
    pub pin_strategy: Option<PinStrategy>,
    /// The registry it goes to, if it names one.
    pub registry: Option<String>,
    /// Where it was declared.
    pub location: Location,
}

/// Packages that are released together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDecl {
    /// Its name.
    pub name: String,
    /// Its packages, by name.
    pub packages: Vec<String>,
    /// How their versions relate, if it says.
    pub versioning: Option<Versioning>,
    /// How others are pinned in them, if it says.
    pub pin_strategy: Option<PinStrategy>,
    /// Whether published packages are installed and tried.
    pub smoke_test: bool,
    /// Where it was declared.
    pub location: Location,
}

/// What is released in one go, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainDecl {
    /// Its name.
    pub name: String,
    /// Its groups, by name; empty for all.
    pub groups: Vec<String>,
    /// How many actions run at once, if it says.
    pub jobs: Option<usize>,
    /// How others are pinned.
    pub pin_strategy: PinStrategy,
    /// How versions relate in groups that do not say.
    pub versioning: Versioning,
    /// How often a failed effect or observation is tried again.
    pub max_retries: u32,
    /// How long to wait between publishing and trying out.
    pub smoke_test_delay: Duration,
    /// How tags are written.
    pub tag_format: TagFormat,
    /// The registry packages go to, if it names one.
    pub registry: Option<String>,
    /// Where it was declared; `None` for the train that is there when none is declared.
    pub location: Option<Location>,
}

/// An action a person declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionDecl {
    /// Its name.
    pub name: String,
    /// Files, folders or globs relative to the repository's root, or outputs of other declared actions.
    pub inputs: Vec<String>,
    /// Files or folders it makes, relative to the repository's root.
    pub outputs: Vec<String>,
    /// The program and its arguments; a single text is run by a shell.
    pub command: Vec<String>,
    /// Environment variables to set.
    pub env: Vec<(String, String)>,
    /// The longest it may take.
    pub timeout: Duration,
    /// Where it was declared.
    pub location: Location,
}

/// Everything RELEASE.star said, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Workspaces, in the order declared.
    pub workspaces: Vec<WorkspaceDecl>,
    /// Packages, in the order declared.
    pub packages: Vec<PackageDecl>,
    /// Groups, in the order declared.
    pub groups: Vec<GroupDecl>,
    /// Trains, in the order declared; never empty.
    pub trains: Vec<TrainDecl>,
    /// Custom actions, in the order declared.
    pub actions: Vec<ActionDecl>,
    /// Every call, in order: the whole truth, also of what this version does not carry out.
    pub declarations: Vec<Declaration>,
    /// The files that were evaluated, root first.
    pub files: Vec<LoadedFile>,
    /// What is declared and not carried out by this version, as sentences.
    pub unused: Vec<Diagnostic>,
}
