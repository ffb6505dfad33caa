//! The promise of an ecosystem: how packages of one kind are found, pinned, built and tried.

use std::collections::BTreeMap;

use engine::{Command, StepError};

use crate::{Diagnostic, Package, PackageId, PinStrategy, SourceTree, Version};

/// The program an ecosystem builds with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name on the search path.
    pub program: &'static str,
    /// What makes it print its version.
    pub version_args: &'static [&'static str],
    /// How to get it, in one line.
    pub hint: &'static str,
}

/// Which part of a repository to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The workspace's folder, relative to the repository's root; empty for the root.
    pub root: String,
    /// Member folders or globs, relative to `root`; empty for what the workspace's own manifest says.
    pub members: Vec<String>,
    /// Member folders or globs to leave out.
    pub exclude: Vec<String>,
}

/// Versions to be written into a manifest while building.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pins {
    /// The package's own new version.
    pub version: Option<Version>,
    /// New versions of what it needs, with how tightly each is pinned.
    pub dependencies: BTreeMap<String, (Version, PinStrategy)>,
}

/// Files of the repository that a build needs, laid out at the same places in the scratch folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceDir {
    /// A folder, or one file, relative to the repository's root; empty for the root.
    pub path: String,
    /// Folders inside it to leave out, relative to the repository's root.
    pub exclude: Vec<String>,
}

/// How a package is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What is laid out.
    pub sources: Vec<SourceDir>,
    /// Manifests that are pinned first (workspace-relative); each is given to [`Ecosystem::pin`] and its new
    /// text replaces it in the layout.
    pub pinned: Vec<String>,
    /// Artifacts of other packages that the build needs, by the folder they are laid out in.
    pub artifacts: BTreeMap<String, PackageId>,
    /// What is run.
    pub command: Command,
    /// The folder, relative to the scratch folder, that holds the artifacts afterwards and nothing else.
    pub output: String,
}

/// How packages of one kind are found, pinned, built and tried. Decides nothing about versions or order.
pub trait Ecosystem: Send + Sync {
    /// Its name: `uv`.
    fn name(&self) -> &'static str;

    /// The program it builds with.
    fn tool(&self) -> Tool;

    /// The folders that are roots of a workspace (or a lone package) of this kind, relative to the
    /// repository's root, sorted.
    fn roots(&self, tree: &dyn SourceTree) -> Vec<String>;

    /// The packages of one workspace. Dependencies may name anything; those outside the repository are
    /// dropped by the caller.
    ///
    /// # Errors
    /// What is wrong with the manifests.
    fn discover(&self, tree: &dyn SourceTree, selection: &Selection)
    -> Result<Vec<Package>, Vec<Diagnostic>>;

    /// New texts of the `manifests` (by path) with the versions of `pins` written in; every byte outside the
    /// versions stays as it was. Pure.
    ///
    /// # Errors
    /// A manifest cannot be read or has no place for a version.
    fn pin(
        &self,
        package: &Package,
        manifests: &BTreeMap<String, String>,
        pins: &Pins,
    ) -> Result<BTreeMap<String, String>, StepError>;

    /// How the package is built at `version`. `all` holds every package of the repository. Pure.
    fn recipe(&self, package: &Package, version: &Version, all: &[&Package]) -> Recipe;

    /// How the package, as published at `location`, is installed offline into the scratch folder and tried.
    /// `location` is a folder or an address. Pure.
    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command;
}
