//! Where packages are published to: one file per kind of registry.

use std::collections::BTreeMap;

use bytes::Bytes;
use cas::Digest;
use engine::StepError;
use model::{Artifact, OpenRegistry};

mod archive;
mod directory;
mod dist_tag;
mod name;

mod cargo_directory;
mod npm_directory;
mod pypi_directory;

/// The directory registry of each ecosystem, by the ecosystem's name. Each is given a folder of its own
/// (absolute), which need not exist.
#[must_use]
pub fn directories() -> BTreeMap<&'static str, OpenRegistry> {
    BTreeMap::from([
        ("cargo", cargo_directory::open as OpenRegistry),
        ("npm", npm_directory::open),
        ("pnpm", npm_directory::open),
        ("uv", pypi_directory::open),
    ])
}

/// What a folder is called that holds the packages of an ecosystem beside those of others: by the kind of
/// registry, so that ecosystems that share one share the folder.
#[must_use]
pub fn directory_name(ecosystem: &str) -> &str {
    match ecosystem {
        "uv" => "pypi",
        "pnpm" => "npm",
        other => other,
    }
}

/// The artifact's digest, if that is what these bytes have.
fn digest_of(artifact: &Artifact, bytes: &Bytes) -> Result<Digest, StepError> {
    let found = Digest::of(bytes);
    if found == artifact.digest {
        return Ok(found);
    }
    let (filename, wanted) = (&artifact.filename, artifact.digest);
    Err(StepError::new(format!(
        "`{filename:?}` is to be published with other bytes: given {found}, wanted {wanted}"
    )))
}
