//! A package: something of an ecosystem that can be released.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Version;

/// Which package: two ecosystems may use one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageId {
    /// The ecosystem's name: `uv`, `cargo`, `npm`, `pnpm`.
    pub ecosystem: String,
    /// The name in its manifest.
    pub name: String,
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ecosystem, self.name)
    }
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// To run.
    Normal,
    /// To run, if asked for.
    Optional,
    /// To run, brought by whoever depends on us.
    Peer,
    /// To build.
    Build,
    /// To develop; has no say in what is released.
    Dev,
    /// Declared in RELEASE.star: released first.
    Cross,
}

/// One package's need of another package of the same repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// Whom.
    pub on: PackageId,
    /// What for.
    pub kind: DependencyKind,
    /// The version requirement as the manifest writes it; empty if it names none.
    pub requirement: String,
}

/// The note of a package whose version does not stand in its own manifest: the file, and after a `#` the place in it if
/// the file has several.
pub const VERSION_PLACE: &str = "version-place";

/// The note of a package that cannot be released although it does not say it is private: what its manifest lacks.
pub const LACKS: &str = "lacks";

/// The note of a package whose version is somewhere, so that none may be made up, and cannot be read there: the place
/// and why. It has the note [`LACKS`] too.
pub const UNREADABLE: &str = "unreadable-version";

/// The note of a package that is described in another form than the one that is read: which. It has the note [`LACKS`]
/// too.
pub const OTHER_FORM: &str = "other-form";

/// A package as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Which.
    pub id: PackageId,
    /// Its version in the manifest.
    pub version: Version,
    /// That version as the manifest writes it.
    pub written_version: String,
    /// Its folder, relative to the repository's root; empty for the root itself.
    pub path: String,
    /// Its manifest, relative to the repository's root.
    pub manifest: String,
    /// The folder of the workspace it belongs to, relative to the repository's root; empty for the root.
    pub workspace: String,
    /// Whether its manifest says it is not to be released.
    pub private: bool,
    /// What it needs of this repository, sorted; development needs included.
    pub dependencies: Vec<Dependency>,
    /// The remote registry its manifest insists on, if any.
    pub registry: Option<String>,
    /// What the ecosystem's adapter noted for itself (such as a build backend's name), by key.
    pub notes: std::collections::BTreeMap<String, String>,
}

impl Package {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.id.name
    }

    /// Where its version stands: its manifest, or what the note [`VERSION_PLACE`] says. Packages with one place have one
    /// version.
    #[must_use]
    pub fn version_place(&self) -> &str {
        self.notes.get(VERSION_PLACE).unwrap_or(&self.manifest)
    }
}
