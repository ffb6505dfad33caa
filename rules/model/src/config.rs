//! What RELEASE.star said, as plain data.

use std::time::Duration;

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::{
    BranchChannel, CommitRules, Dependents, Diagnostic, Location, PackageId, Strategy, TagFormat, Value,
};

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

/// A further file that holds a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BumpFile {
    /// The file, relative to the repository's root.
    pub path: String,
    /// A regular expression whose first group is the version; `None` for every place where the current version
    /// stands by itself.
    pub pattern: Option<String>,
}

/// One section of a changelog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionRule {
    /// Its heading.
    pub title: String,
    /// The types of the commits it holds (lower case), or `breaking`, `revert`, `dependencies`, `other`.
    pub types: Vec<String>,
}

/// How changelogs are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangelogRules {
    /// The file in each package's folder.
    pub file: String,
    /// A file, relative to the repository's root, that tells of all packages together, if one does.
    pub workspace_file: Option<String>,
    /// Sections in the order they are written; empty for what goes without saying.
    pub sections: Vec<SectionRule>,
    /// The file with the template of one version's text, if not our own.
    pub template: Option<String>,
    /// Whether commits, pull requests and comparisons are linked to the forge.
    pub links: bool,
}

impl Default for ChangelogRules {
    fn default() -> Self {
        Self {
            file: "CHANGELOG.md".to_owned(),
            workspace_file: None,
            sections: Vec::new(),
            template: None,
            links: true,
        }
    }
}

/// How version changes get back into the repository after a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitBack {
    /// The branch it is made on; `None` for the one that is checked out.
    pub branch: Option<String>,
    /// Its message; may hold `{train_name}`, `{version}` and `{packages}`.
    pub message: String,
}

/// Where releases may come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleasesFrom {
    /// From any machine.
    #[default]
    Anywhere,
    /// From merged pull requests only: nobody pushes a tag by hand.
    PullRequests,
}

/// The tag of a release as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Umbrella {
    /// How it is written; `{name}` is the train's name.
    pub format: TagFormat,
    /// The package whose version it bears, by name; `None` where all have one.
    pub package: Option<String>,
}

impl Umbrella {
    /// Whether it bears the version of this package.
    #[must_use]
    pub fn is_of(&self, id: &PackageId) -> bool {
        let name = self.package.as_ref();
        name.is_some_and(|name| id.name == *name || id.to_string() == *name)
    }
}

/// Which tags are made beside the first, and which are understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagRules {
    /// Further tags of every package.
    pub secondary: Vec<TagFormat>,
    /// How tags were written before; read, never made.
    pub former: Vec<TagFormat>,
    /// The tag of the release as a whole, if it gets one.
    pub umbrella: Option<Umbrella>,
    /// The remote new tags are pushed to, by name, if they are.
    pub push: Option<String>,
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
    /// Globs of further files, relative to the repository's root, whose changes count as its own.
    pub include: Vec<String>,
    /// Globs of files, relative to the repository's root, whose changes do not count.
    pub exclude: Vec<String>,
    /// Names it had before: their tags are its tags.
    pub former_names: Vec<String>,
    /// Further files that hold its version.
    pub bump_files: Vec<BumpFile>,
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
    /// How their next versions are found, if it says.
    pub strategy: Option<Strategy>,
    /// How their commits are read, if it says.
    pub commits: Option<CommitRules>,
    /// When they are released because of what they need, if it says.
    pub dependents: Option<Dependents>,
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
    /// Which tags are made and understood beside those.
    pub tags: TagRules,
    /// How next versions are found.
    pub strategy: Strategy,
    /// How commits are read.
    pub commits: CommitRules,
    /// When packages are released because of what they need.
    pub dependents: Dependents,
    /// The folder of version plans, relative to the repository's root.
    pub plans_dir: String,
    /// The channel releases go to, if it says.
    pub channel: Option<String>,
    /// The word in pre-release versions, if it says.
    pub prerelease_token: Option<String>,
    /// How changelogs are written.
    pub changelog: ChangelogRules,
    /// How version changes get back into the repository, if they do.
    pub commit_back: Option<CommitBack>,
    /// Where releases may come from.
    pub releases_from: ReleasesFrom,
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

impl PackageDecl {
    /// A package about which nothing else is said.
    #[must_use]
    pub fn new(ecosystem: &str, name: &str, location: Location) -> Self {
        Self {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            group: None,
            skip: false,
            cross_deps: Vec::new(),
            pin_strategy: None,
            registry: None,
            include: Vec::new(),
            exclude: Vec::new(),
            former_names: Vec::new(),
            bump_files: Vec::new(),
            location,
        }
    }
}

impl GroupDecl {
    /// A group about which nothing else is said.
    #[must_use]
    pub fn new(name: &str, packages: Vec<String>, location: Location) -> Self {
        Self {
            name: name.to_owned(),
            packages,
            versioning: None,
            pin_strategy: None,
            smoke_test: false,
            strategy: None,
            commits: None,
            dependents: None,
            location,
        }
    }
}

/// Everything RELEASE.star said, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Which branches feed which channel, in the order declared; the first that fits counts.
    pub branch_channels: Vec<BranchChannel>,
    /// The version control system that was named, if one was.
    pub vcs: Option<String>,
    /// The forge that was named, if one was.
    pub forge: Option<String>,
    /// Every call, in order: the whole truth, also of what this version does not carry out.
    pub declarations: Vec<Declaration>,
    /// The files that were evaluated, root first.
    pub files: Vec<LoadedFile>,
    /// What is declared and not carried out by this version, as sentences.
    pub unused: Vec<Diagnostic>,
}

impl Config {
    /// The train that is meant where none is named: the one called `default`, else the first.
    #[must_use]
    pub fn default_train(&self) -> Option<&TrainDecl> {
        let mut trains = self.trains.iter();
        let called = trains.find(|train| train.name == "default");
        called.or_else(|| self.trains.first())
    }
}
