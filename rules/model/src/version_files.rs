//! The promise about versions that stand in files: where they are, and how lock files follow.

use std::collections::BTreeMap;

use engine::Command;

use crate::{Diagnostic, Package, PackageId, SourceTree, Version};

/// What a place in a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MentionKind {
    /// The package's own version, in its manifest.
    Manifest,
    /// The package's own version, in a lock file.
    Lock,
    /// What another package of the repository requires of it.
    Requirement,
}

/// A place that says which version a package has, or has to have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The file, relative to the repository's root.
    pub file: String,
    /// Its line, from 1; 0 if only the file is known.
    pub line: u32,
    /// The place for people: `package.version`, `packages[""].version`.
    pub place: String,
    /// What it says.
    pub kind: MentionKind,
    /// About which package.
    pub package: PackageId,
    /// The version, or the requirement, as written.
    pub text: String,
    /// For a requirement: whether the version the package has now satisfies it.
    pub fits: bool,
}

/// How a workspace's lock file is brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The lock file, relative to the repository's root.
    pub lock: String,
    /// What is run in the workspace's folder (`workdir` is relative to the repository's root), without a network.
    pub command: Command,
    /// What is run if that fails: the same, with whatever network there is.
    pub online: Command,
    /// What is run in a folder of its own that holds a copy of the repository, without its history, at the same places:
    /// the one, or else the other.
    pub in_copy: Command,
    /// How to get the program, in one line.
    pub hint: &'static str,
}

/// Where versions stand in the files of one ecosystem. Pure.
pub trait VersionFiles: Send + Sync {
    /// Every place in manifests and lock files that states the version of one of `packages` (whole workspaces, of this
    /// ecosystem), or a requirement of one on another; sorted. Versions that are computed while building are stated
    /// nowhere.
    ///
    /// # Errors
    /// A manifest or lock file cannot be read.
    fn mentions(&self, tree: &dyn SourceTree, packages: &[&Package])
    -> Result<Vec<Mention>, Vec<Diagnostic>>;

    /// The files with a place that [`VersionFiles::mentions`] finds in a manifest and that `versions` change, by path,
    /// with their new texts: a package's own version is replaced, and so is a requirement that the new version would
    /// not satisfy, in the manner it is written in. Every other byte stays, and so do lock files.
    ///
    /// # Errors
    /// A manifest cannot be read, or the ecosystem cannot write one of the versions.
    fn rewritten(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
        versions: &BTreeMap<PackageId, Version>,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>>;

    /// How the lock file of the workspace in the folder `workspace` is brought up to date after manifests changed;
    /// `None` if it has none.
    fn refresh(&self, tree: &dyn SourceTree, workspace: &str) -> Option<Refresh>;

    /// The manifests that hold a package's own version and its requirements, by path, with their texts: what
    /// [`crate::Ecosystem::pin`] is given to write them anew.
    ///
    /// # Errors
    /// One of them cannot be read.
    fn manifests(
        &self,
        tree: &dyn SourceTree,
        package: &Package,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>>;
}
