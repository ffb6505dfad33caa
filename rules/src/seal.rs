//! Seals a release: exactly which bytes may be published, as one list.

use std::collections::BTreeMap;

use cas::Digest;
use model::{PackageId, SealedManifest, SealedPackage};

use crate::step::written;
use crate::version::PlannedVersion;

/// The list of what finished builds made (by package, then by file name), for the packages with these versions.
/// A package whose build did not finish is not in it.
#[must_use]
pub fn sealed(
    commit: &str,
    versions: &[PlannedVersion],
    built: &BTreeMap<PackageId, BTreeMap<String, Digest>>,
) -> SealedManifest {
    let by_id: BTreeMap<&PackageId, &PlannedVersion> = versions
        .iter()
        .map(|version| (&version.package, version))
        .collect();
    let packages = built.iter().filter_map(|(package, files)| {
        let version = by_id.get(package)?;
        Some(SealedPackage {
            package: package.clone(),
            version: written(&package.ecosystem, &version.next),
            files: files.clone(),
        })
    });
    SealedManifest {
        commit: commit.to_owned(),
        packages: packages.collect(),
    }
}

/// The same as bytes: canonical JSON, so that the digest of the bytes names the release.
#[must_use]
pub fn seal(
    commit: &str,
    versions: &[PlannedVersion],
    built: &BTreeMap<PackageId, BTreeMap<String, Digest>>,
) -> Vec<u8> {
    let manifest = sealed(commit, versions, built);
    let mut bytes = serde_json::to_vec(&manifest).expect("a sealed manifest is maps with texts for keys");
    bytes.push(b'\n');
    bytes
}
