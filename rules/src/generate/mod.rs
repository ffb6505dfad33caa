//! Writes RELEASE.star from what is in a repository, and keeps it up to date without hurting what a person wrote.
//!
//! [`generate`] writes a new file; [`update`] edits an existing one as spans of its own text, so that every byte
//! that need not change stays. Like Gazelle: look, decide what should be there, merge. A comment may steer it:
//!
//! ```text
//! # releasekit:generate ignore             above or beside a call: hands off this call
//! # releasekit:generate ignore NAME...     anywhere: hands off these packages
//! # releasekit:generate ignore FOLDER/...  anywhere: adds no packages from these folders
//! # releasekit:generate group=GROUP        above or beside a package's call: the group it belongs to
//! # releasekit:generate group=GROUP NAME...  anywhere: the group new packages of these names get
//! ```
//!
//! Whatever follows `--` in a directive is a remark.

mod changesets;
mod create;
mod declared;
mod diff;
mod directive;
mod edit;
mod elements;
mod infer;
mod layout;
mod loads;
mod members;
mod parse;
mod prune;
mod regroup;
mod sets;
mod source;
mod syntax;
mod tags;
mod ties;
mod trains;
mod update;

use model::{Package, PackageId, Tag, Workspace};

pub use changesets::Changesets;
pub use create::{forms, generate};
pub use declared::Declared;
pub use diff::diff;
pub use update::update;

/// A folder that is the root of a workspace, or of a lone package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundWorkspace {
    /// Which ecosystem's.
    pub ecosystem: String,
    /// The folder, relative to the repository's root; empty for the root.
    pub root: String,
    /// Members to write down; empty (as it should be) for what the workspace's own manifest says.
    pub members: Vec<String>,
}

/// What is in the repository.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// All its packages, private ones included.
    pub workspace: &'a Workspace,
    /// The folders where workspaces start.
    pub roots: &'a [FoundWorkspace],
    /// The ecosystems that were looked for. Declarations of any other are left alone: that nothing was found
    /// then means nothing.
    pub ecosystems: &'a [&'a str],
    /// Its version control system: `git`.
    pub vcs: &'a str,
    /// Its tags.
    pub tags: &'a [Tag],
    /// Where its version plans are, if another tool left some: `.changeset`.
    pub plans_dir: Option<&'a str>,
    /// Packages that another tool kept at one version, whatever their tags say.
    pub fixed: &'a [Vec<PackageId>],
    /// What a person should know before releasing, as sentences: they stand above the trains.
    pub remarks: &'a [String],
}

impl<'a> Found<'a> {
    /// The packages that are to be released, sorted by ecosystem, workspace and name.
    fn releasable(&self) -> Vec<&'a Package> {
        let mut packages: Vec<&'a Package> = self
            .workspace
            .packages()
            .filter(|package| !package.private)
            .collect();
        packages.sort_by_key(|package| (&package.id.ecosystem, &package.workspace, &package.id.name));
        packages
    }
}
