//! How next versions are found: strategies, and how commits are read.

use serde::{Deserialize, Serialize};

use crate::{Bump, Calendar};

/// Where the next version of a package comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// From commits and from version plans; whichever asks for more wins.
    #[default]
    Conventional,
    /// From version plans only.
    Plans,
    /// From the calendar.
    Calendar(Calendar),
    /// From what a person writes: the manifest's version, or one named on the command line.
    Manual,
    /// From a function of RELEASE.star, which is asked about each package.
    Function(FunctionId),
}

/// A function that was passed to a declaration: the how manieth of all such functions, counted from 0 in the order
/// in which they were passed. The same configuration gives the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FunctionId(pub u32);

/// What a version is counted up by below 1.0.0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroPolicy {
    /// A breaking change is a minor bump, a feature too.
    #[default]
    Shift,
    /// As from 1.0.0 on: a breaking change makes 1.0.0 (`major_on_zero`).
    Semver,
    /// The left-most part that is not zero is the breaking one, and a feature is a patch: what Cargo's
    /// requirements take as compatible.
    Cargo,
}

impl ZeroPolicy {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, Self); 3] = [
        ("shift", Self::Shift),
        ("semver", Self::Semver),
        ("cargo", Self::Cargo),
    ];
}

/// Whose reading of a commit's message counts where tools disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Conventional Commits 1.0.0.
    #[default]
    Conventional,
    /// semantic-release's commit analyzer with its default preset, `angular`.
    SemanticRelease,
    /// conventional-changelog with the preset `conventionalcommits`.
    ConventionalChangelog,
    /// release-please.
    ReleasePlease,
    /// nx release.
    Nx,
    /// python-semantic-release.
    PythonSemanticRelease,
    /// commitizen.
    Commitizen,
    /// git-cliff.
    GitCliff,
    /// cocogitto.
    Cocogitto,
    /// knope.
    Knope,
    /// `next_version`, release-plz's library.
    ReleasePlz,
}

impl Dialect {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, Self); 11] = [
        ("conventional", Self::Conventional),
        ("semantic-release", Self::SemanticRelease),
        ("conventional-changelog", Self::ConventionalChangelog),
        ("release-please", Self::ReleasePlease),
        ("nx", Self::Nx),
        ("python-semantic-release", Self::PythonSemanticRelease),
        ("commitizen", Self::Commitizen),
        ("git-cliff", Self::GitCliff),
        ("cocogitto", Self::Cocogitto),
        ("knope", Self::Knope),
        ("release-plz", Self::ReleasePlz),
    ];
}

/// How commits are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRules {
    /// Whose reading counts.
    pub dialect: Dialect,
    /// The bump of commits of a type (lower case), before what the dialect says; in the order declared.
    pub types: Vec<(String, Bump)>,
    /// What happens below 1.0.0; `None` for the dialect's own way.
    pub zero: Option<ZeroPolicy>,
    /// Whether a commit whose scope names packages (by name, or the last part of it) belongs to those, wherever its
    /// files are; in a squashed message, each change belongs to those that its own scope names.
    pub scopes: bool,
    /// Whether headers in the body of a commit (`* fix: x`, as forges write when squashing) are commits as well, and
    /// the messages in the body that `git merge --squash` writes.
    pub squashed: bool,
    /// Whether the body of a merge commit is read.
    pub merges: bool,
}

/// When a package is released because of what it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dependents {
    /// Whenever something it needs is released.
    #[default]
    Always,
    /// Only if its requirement does not allow the new version.
    OutOfRange,
    /// Never.
    Never,
}

impl Dependents {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, Self); 3] = [
        ("always", Self::Always),
        ("out-of-range", Self::OutOfRange),
        ("never", Self::Never),
    ];
}
