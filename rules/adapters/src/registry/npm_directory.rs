//! An npm registry in a folder: tarballs, and what is known of each package beside them.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::{Slot, SlotState, StepError, printable};
use model::{Artifact, Catalogue, PackageId, Registry};
use semver::Version;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha512};

use super::archive::from_tar_gz;
use super::directory::Directory;
use super::dist_tag;
use super::name::plain;
use crate::host::io_error;

/// `NAME/-/BASENAME-VERSION.tgz`, and `NAME/index.json` as a registry answers it.
struct NpmDirectory {
    directory: Directory,
}

/// Opens the registry in `folder`.
pub(super) fn open(folder: &Path) -> Arc<dyn Registry> {
    Arc::new(NpmDirectory {
        directory: Directory::new(folder),
    })
}

impl Catalogue for NpmDirectory {
    fn versions(&self, package: &PackageId) -> Result<Vec<model::Version>, StepError> {
        let name = package_name(&package.name)?;
        let index = self.directory.index(&format!("{name}/index.json"))?;
        let index = index.map_or(Ok(Map::new()), |text| packument(&text))?;
        let versions = index
            .get("versions")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let mut versions: Vec<_> = versions.filter_map(|(text, _)| text.parse().ok()).collect();
        versions.sort();
        Ok(versions)
    }
}

impl Registry for NpmDirectory {
    fn name(&self) -> String {
        format!("directory {}", self.directory.location())
    }

    fn identity(&self) -> String {
        self.directory.identity()
    }

    fn location(&self) -> String {
        self.directory.location()
    }

    fn is_cheap_to_observe(&self) -> bool {
        true
    }

    /// `@scope/core/-/core-1.0.0.tgz`: where the tarball is.
    fn coordinate(&self, artifact: &Artifact) -> String {
        let (name, version) = (&artifact.package.name, &artifact.version);
        format!("{name}/-/{}-{version}.tgz", basename(name))
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        let coordinate = self.directory.coordinate(slot)?;
        let strange = || StepError::new(format!("{coordinate:?} is not the tarball of a package"));
        let (name, file) = coordinate.split_once("/-/").ok_or_else(strange)?;
        package_name(name)?;
        plain("file", file)?;
        let Some(digest) = self.directory.digest(coordinate)? else {
            return Ok(SlotState::Absent);
        };
        let Some(index) = self.directory.index(&format!("{name}/index.json"))? else {
            return Ok(SlotState::Absent);
        };
        let tarball = format!("-/{file}");
        let versions = packument(&index)?.remove("versions").unwrap_or_default();
        let mut dists = versions
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, manifest)| &manifest["dist"]);
        let Some(dist) = dists.find(|dist| dist["tarball"] == tarball.as_str()) else {
            return Ok(SlotState::Absent);
        };
        let path = Path::new(coordinate);
        let Some(there) = self.directory.open(coordinate)? else {
            return Ok(SlotState::Absent);
        };
        let listed = dist["integrity"] == integrity(there).map_err(io_error("read", path))?.as_str();
        Ok(if listed {
            SlotState::Present(digest)
        } else {
            SlotState::Absent
        })
    }

    fn send(&self, artifact: &Artifact, bytes: &Bytes) -> Result<(), StepError> {
        super::digest_of(artifact, bytes)?;
        let name = package_name(&artifact.package.name)?;
        let version = Version::parse(&artifact.version)
            .map_err(|error| StepError::new(format!("{:?} is not a version: {error}", artifact.version)))?;
        let packed = name.trim_start_matches('@').replace('/', "-");
        let (basename, filename) = (basename(name), &artifact.filename);
        let refused = |why: String| StepError::new(format!("`{name} {version}` cannot be published: {why}"));
        if ![
            format!("{packed}-{version}.tgz"),
            format!("{basename}-{version}.tgz"),
        ]
        .contains(filename)
        {
            return Err(refused(format!(
                "the file is called {filename:?}, not `{packed}-{version}.tgz`"
            )));
        }
        let text = from_tar_gz(bytes, "package/package.json", false).map_err(refused)?;
        let mut manifest = manifest(&text, name, &artifact.version).map_err(refused)?;
        let tarball = format!("-/{basename}-{version}.tgz");
        let integrity = integrity(&bytes[..]).map_err(|error| refused(error.to_string()))?;
        let shasum = hex::encode(sha1::Sha1::digest(bytes));
        manifest.insert("_id".to_owned(), format!("{name}@{version}").into());
        manifest.insert(
            "dist".to_owned(),
            json!({"tarball": tarball, "integrity": integrity, "shasum": shasum}),
        );
        let index = format!("{name}/index.json");
        let tag = dist_tag::of(&artifact.channel, &version, &manifest);
        // Before anything is placed: it may be refused.
        let old = self.directory.index(&index)?;
        merged(old.as_deref(), name, &version, &tag, manifest.clone())?;
        self.directory.place(&format!("{name}/{tarball}"), bytes)?;
        self.directory
            .edit(&index, |old| merged(old, name, &version, &tag, manifest))
    }
}

fn basename(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// `core` or `@scope/core`, each part plain.
fn package_name(name: &str) -> Result<&str, StepError> {
    let parts = match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').map(|(scope, base)| [scope, base]),
        None => Some([name, name]),
    };
    let Some(parts) = parts.filter(|_| name.len() <= 214) else {
        return Err(StepError::new(format!(
            "{name:?} cannot be the name of a package"
        )));
    };
    for part in parts {
        plain("package", part)?;
    }
    Ok(name)
}

/// The manifest in the tarball, which must be the artifact's.
fn manifest(text: &[u8], name: &str, version: &str) -> Result<Map<String, Value>, String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let manifest: Map<String, Value> =
        serde_json::from_slice(text).map_err(|error| format!("its package.json cannot be read: {error}"))?;
    let says = |field: &str| manifest.get(field).and_then(Value::as_str).unwrap_or_default();
    if says("name") != name || says("version") != version {
        return Err(format!(
            "its package.json says `{} {}`",
            printable(says("name")),
            printable(says("version"))
        ));
    }
    Ok(manifest)
}

/// SHA-512 as package managers write it.
fn integrity(mut bytes: impl Read) -> std::io::Result<String> {
    let mut hasher = Sha512::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match bytes.read(&mut buffer)? {
            0 => return Ok(format!("sha512-{}", STANDARD.encode(hasher.finalize()))),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn packument(index: &str) -> Result<Map<String, Value>, StepError> {
    serde_json::from_str(index)
        .map_err(|error| StepError::new(format!("the package's index.json is damaged: {error}")))
}

/// The index with one more version: versions in order, tags as they become. A version that is there already moves
/// no tag: that was done when it came.
fn merged(
    old: Option<&str>,
    name: &str,
    version: &Version,
    tag: &str,
    manifest: Map<String, Value>,
) -> Result<String, StepError> {
    let mut index = old.map_or(Ok(Map::new()), packument)?;
    let old_versions = match index.remove("versions") {
        Some(Value::Object(versions)) => versions,
        _ => Map::new(),
    };
    let mut versions = Vec::new();
    for (text, manifest) in old_versions {
        let parsed = Version::parse(&text);
        let parsed = parsed
            .map_err(|_| StepError::new(format!("the package's index.json holds the version {text:?}")))?;
        if parsed != *version && parsed.cmp_precedence(version).is_eq() {
            let message =
                format!("`{name} {version}` cannot be published: `{name} {parsed}` is there already");
            return Err(StepError::new(message));
        }
        versions.push((parsed, manifest));
    }
    let mut tags = match index.remove("dist-tags") {
        Some(Value::Object(tags)) => tags,
        _ => Map::new(),
    };
    if !versions.iter().any(|(other, _)| other == version) {
        let there: Vec<&Version> = versions.iter().map(|(other, _)| other).collect();
        let moved = dist_tag::moved(tag, version, &there, &tags).map_err(|refusal| {
            StepError::new(format!("`{name} {version}` cannot be published: {}", refusal.why))
                .hint(refusal.hint)
        })?;
        tags.extend(
            moved
                .into_iter()
                .map(|(tag, version)| (tag, version.to_string().into())),
        );
    }
    versions.retain(|(other, _)| other != version);
    versions.push((version.clone(), Value::Object(manifest)));
    versions.sort_by(|(one, _), (other, _)| one.cmp(other));
    let versions: Map<_, _> = versions
        .into_iter()
        .map(|(version, manifest)| (version.to_string(), manifest))
        .collect();
    let new = json!({"_id": name, "name": name, "dist-tags": tags, "versions": versions});
    let mut text = serde_json::to_string_pretty(&new).map_err(|error| StepError::new(error.to_string()))?;
    text.push('\n');
    Ok(text)
}
