//! An artifact: a file that is published; and the sealed list of all of them.

use std::collections::BTreeMap;

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::PackageId;

/// One file that is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Whose it is.
    pub package: PackageId,
    /// Which version, as its ecosystem writes it.
    pub version: String,
    /// Its name, without folders.
    pub filename: String,
    /// Its bytes.
    pub digest: Digest,
    /// The channel it goes to: in npm registries, its dist-tag. Empty if nobody said.
    pub channel: String,
}

/// What one package's build made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPackage {
    /// Which package.
    pub package: PackageId,
    /// Which version, as its ecosystem writes it.
    pub version: String,
    /// Its files by name.
    pub files: BTreeMap<String, Digest>,
}

/// The hand-over from the build stage to the publish stage: exactly these bytes, for exactly these places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedManifest {
    /// The commit that was released.
    pub commit: String,
    /// The packages, sorted by id.
    pub packages: Vec<SealedPackage>,
}
