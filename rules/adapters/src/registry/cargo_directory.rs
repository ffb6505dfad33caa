//! A cargo registry in a folder: what cargo calls a local registry (`[source] local-registry`).

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use engine::{Slot, SlotState, StepError};
use model::{Artifact, Catalogue, PackageId, Registry};
use semver::Version;
use serde::Deserialize;

use super::archive::from_tar_gz;
use super::directory::Directory;
use super::name::plain;
use entry::Entry;

mod entry;

/// `NAME-VERSION.crate` side by side, and an index of one line per version.
struct CargoDirectory {
    directory: Directory,
}

/// What is looked for in the lines of an index.
#[derive(Deserialize)]
struct Line {
    name: String,
    vers: Version,
    cksum: String,
}

/// Opens the registry in `folder`.
pub(super) fn open(folder: &Path) -> Arc<dyn Registry> {
    Arc::new(CargoDirectory {
        directory: Directory::new(folder),
    })
}

impl Catalogue for CargoDirectory {
    fn versions(&self, package: &PackageId) -> Result<Vec<model::Version>, StepError> {
        let index = self
            .directory
            .index(&shard(crate_name(&package.name)?))?
            .unwrap_or_default();
        let found = lines(&index)?.into_iter();
        let mut versions: Vec<_> = found
            .filter_map(|(line, _)| line.vers.to_string().parse().ok())
            .collect();
        versions.sort();
        Ok(versions)
    }
}

impl Registry for CargoDirectory {
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

    /// `core/1.0.0`; upper and lower case are one.
    fn coordinate(&self, artifact: &Artifact) -> String {
        format!(
            "{}/{}",
            artifact.package.name.to_ascii_lowercase(),
            artifact.version
        )
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        let coordinate = self.directory.coordinate(slot)?;
        let (name, version) = coordinate
            .split_once('/')
            .ok_or_else(|| StepError::new(format!("{coordinate:?} is not a crate and a version of it")))?;
        let (name, version) = (crate_name(name)?, parse_version(version)?);
        let index = self.directory.index(&shard(name))?.unwrap_or_default();
        let Some(line) = lines(&index)?.into_iter().find(|(line, _)| line.vers == version) else {
            return Ok(SlotState::Absent);
        };
        let (Line { name, cksum, .. }, _) = line;
        let digest = self
            .directory
            .digest(&format!("{}-{version}.crate", crate_name(&name)?))?;
        Ok(digest
            .filter(|digest| digest.hex() == cksum)
            .map_or(SlotState::Absent, SlotState::Present))
    }

    fn send(&self, artifact: &Artifact, bytes: &Bytes) -> Result<(), StepError> {
        let digest = super::digest_of(artifact, bytes)?;
        let name = crate_name(&artifact.package.name)?;
        let version = parse_version(&artifact.version)?;
        let filename = format!("{name}-{version}.crate");
        let refused = |why: String| StepError::new(format!("`{filename}` cannot be published: {why}"));
        if artifact.filename != filename {
            return Err(refused(format!("the file is called {:?}", artifact.filename)));
        }
        let manifest = from_tar_gz(bytes, &format!("{name}-{version}/Cargo.toml"), false).map_err(refused)?;
        let entry = Entry::read(&manifest, digest.hex()).map_err(refused)?;
        if entry.name != name || entry.vers != version {
            return Err(refused(format!(
                "its manifest says `{} {}`",
                entry.name, entry.vers
            )));
        }
        let line = serde_json::to_string(&entry).map_err(|error| refused(error.to_string()))?;
        let shard = shard(name);
        if let Some(index) = self.directory.index(&shard)? {
            check(&index, &entry)?;
        }
        self.directory.place(&filename, bytes)?;
        self.directory
            .edit(&shard, |old| merged(old.unwrap_or_default(), &entry, &line))
    }
}

/// The names cargo's own registry takes.
fn crate_name(name: &str) -> Result<&str, StepError> {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.chars().all(is_legal) && name.len() <= 64 && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return plain("crate", name);
    }
    Err(StepError::new(format!("{name:?} cannot be the name of a crate")))
}

fn parse_version(version: &str) -> Result<Version, StepError> {
    Version::parse(version).map_err(|error| StepError::new(format!("{version:?} is not a version: {error}")))
}

/// Where the index of a crate is. The name is plain and not empty.
fn shard(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.len() {
        1 => format!("index/1/{name}"),
        2 => format!("index/2/{name}"),
        3 => format!("index/3/{}/{name}", &name[..1]),
        _ => format!("index/{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

fn lines(index: &str) -> Result<Vec<(Line, &str)>, StepError> {
    let lines = index.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|text| serde_json::from_str(text).map(|line| (line, text)))
        .collect::<Result<_, _>>()
        .map_err(|error| StepError::new(format!("a line of the index is damaged: {error}")))
}

/// Refuses what the index already has under another spelling, or under the same version with other build
/// metadata, which cargo does not tell apart.
fn check(index: &str, entry: &Entry) -> Result<(), StepError> {
    for (line, _) in lines(index)? {
        let is_taken = line.vers != entry.vers && line.vers.cmp_precedence(&entry.vers).is_eq();
        if line.name != entry.name || is_taken {
            let (name, version) = (&entry.name, &entry.vers);
            return Err(StepError::new(format!(
                "`{name} {version}` cannot be published: `{} {}` is there already",
                line.name, line.vers
            )));
        }
    }
    Ok(())
}

/// The index with one more line, sorted by version; the same index if it holds that version with these bytes
/// (it may have been yanked meanwhile).
fn merged(index: &str, entry: &Entry, line: &str) -> Result<String, StepError> {
    check(index, entry)?;
    let mut lines = lines(index)?;
    if lines
        .iter()
        .any(|(line, _)| line.vers == entry.vers && line.cksum == entry.cksum)
    {
        return Ok(index.to_owned());
    }
    lines.retain(|(line, _)| line.vers != entry.vers);
    let mut texts: Vec<(Version, &str)> = lines.into_iter().map(|(line, text)| (line.vers, text)).collect();
    texts.push((entry.vers.clone(), line));
    texts.sort();
    Ok(texts.into_iter().flat_map(|(_, text)| [text, "\n"]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_where_cargo_looks() {
        for (name, path) in [
            ("a", "index/1/a"),
            ("Ab", "index/2/ab"),
            ("a-b", "index/3/a/a-b"),
            ("core", "index/co/re/core"),
        ] {
            assert_eq!(shard(name), path);
        }
    }
}
