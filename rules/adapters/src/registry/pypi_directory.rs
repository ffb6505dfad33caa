//! A PyPI in a folder: files, and the simple index (PEP 503) that pip and uv read.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use bytes::Bytes;
use cas::Digest;
use engine::{Slot, SlotState, StepError, printable};
use model::{Artifact, Catalogue, PackageId, Registry};
use pep440_rs::{Version, VersionSpecifiers};

use super::archive::{from_tar_gz, from_zip};
use super::directory::Directory;
use super::name::plain;

/// What every page of ours begins with.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"generator\" content=\"releasekit\">\
<meta name=\"pypi:repository-version\" content=\"1.0\"></head><body>\n";
const END: &str = "</body></html>\n";

/// `simple/` for installers, `files/` for the files.
struct PypiDirectory {
    directory: Directory,
}

/// Opens the registry in `folder`.
pub(super) fn open(folder: &Path) -> Arc<dyn Registry> {
    Arc::new(PypiDirectory {
        directory: Directory::new(folder),
    })
}

impl Catalogue for PypiDirectory {
    fn versions(&self, package: &PackageId) -> Result<Vec<model::Version>, StepError> {
        let name = normalised(&package.name);
        plain("package", &name)?;
        let page = self.directory.index(&page_of(&name))?.unwrap_or_default();
        let files = links(&page);
        let mut versions: Vec<_> = files.keys().filter_map(|file| version_of(file)).collect();
        versions.sort();
        versions.dedup();
        Ok(versions)
    }
}

/// The version in the name of a distribution (a wheel's second part, or what a source distribution's ends with).
fn version_of(filename: &str) -> Option<model::Version> {
    let text = match filename.strip_suffix(".whl") {
        Some(wheel) => wheel.split('-').nth(1)?,
        None => filename.strip_suffix(".tar.gz")?.rsplit_once('-')?.1,
    };
    model::Version::from_pep440(text).ok()
}

impl Registry for PypiDirectory {
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

    /// `core/core-1.0.0-py3-none-any.whl`: the normalised name, and the file.
    fn coordinate(&self, artifact: &Artifact) -> String {
        format!("{}/{}", normalised(&artifact.package.name), artifact.filename)
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        let (name, filename) = split(self.directory.coordinate(slot)?)?;
        let Some(digest) = self.directory.digest(&format!("files/{filename}"))? else {
            return Ok(SlotState::Absent);
        };
        let page = self.directory.index(&page_of(name))?.unwrap_or_default();
        let listed = links(&page)
            .get(filename)
            .is_some_and(|line| line.contains(&format!("#sha256={}\"", digest.hex())));
        Ok(if listed {
            SlotState::Present(digest)
        } else {
            SlotState::Absent
        })
    }

    fn send(&self, artifact: &Artifact, bytes: &Bytes) -> Result<(), StepError> {
        let digest = super::digest_of(artifact, bytes)?;
        let coordinate = self.coordinate(artifact);
        let (name, filename) = split(&coordinate)?;
        let named = |why: String| StepError::new(format!("`{filename}` cannot be published: {why}"));
        let requires_python = examine(artifact, bytes).map_err(named)?;
        self.directory.place(&format!("files/{filename}"), bytes)?;
        // A page without links, then the list of pages, then the link: whoever is interrupted leaves nothing
        // that leads nowhere.
        let page = page_of(name);
        if self.directory.index(&page)?.is_none() {
            self.directory.edit(&page, |old| {
                Ok(old.map_or_else(|| render(&BTreeMap::new()), str::to_owned))
            })?;
        }
        let to_page = format!("<a href=\"{name}/\">{name}</a><br>");
        self.directory
            .edit("simple/index.html", |old| merged(old, name, &to_page))?;
        let to_file = link(filename, &digest, requires_python.as_deref());
        self.directory.edit(&page, |old| merged(old, filename, &to_file))
    }
}

fn page_of(name: &str) -> String {
    format!("simple/{name}/index.html")
}

/// A name as PEP 503 normalises it.
fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// The two halves of a coordinate, both plain.
fn split(coordinate: &str) -> Result<(&str, &str), StepError> {
    let (name, filename) = coordinate
        .split_once('/')
        .ok_or_else(|| StepError::new(format!("{coordinate:?} is not a package and a file of it")))?;
    Ok((plain("package", name)?, plain("file", filename)?))
}

/// Checks that the file is what its name says, and that its name is the artifact's; what it says about the
/// versions of Python it runs on.
fn examine(artifact: &Artifact, bytes: &[u8]) -> Result<Option<String>, String> {
    let filename = artifact.filename.as_str();
    let metadata = if let Some(stem) = filename.strip_suffix(".whl") {
        let fields: Vec<&str> = stem.split('-').collect();
        let (name, version) = match fields[..] {
            [name, version, _, _, _] => (name, version),
            [name, version, build, _, _, _] if build.starts_with(|c: char| c.is_ascii_digit()) => {
                (name, version)
            }
            _ => return Err("a wheel is called NAME-VERSION-PYTHON-ABI-PLATFORM.whl (PEP 427)".to_owned()),
        };
        matches(artifact, name, version)?;
        let folder = |path: &str| path.strip_suffix(".dist-info/METADATA").map(str::to_owned);
        from_zip(bytes, |path| {
            folder(path).is_some_and(|folder| {
                folder
                    .rsplit_once('-')
                    .is_some_and(|(name, version)| matches(artifact, name, version).is_ok())
            })
        })?
    } else if let Some(stem) = filename.strip_suffix(".tar.gz") {
        let (name, version) = stem
            .split_once('-')
            .ok_or("a source distribution is called NAME-VERSION.tar.gz (PEP 625)")?;
        matches(artifact, name, version)?;
        from_tar_gz(bytes, &format!("{stem}/PKG-INFO"), true)?
    } else {
        return Err("only wheels (.whl) and source distributions (.tar.gz) are".to_owned());
    };
    let metadata = String::from_utf8(metadata).map_err(|_| "its metadata is not UTF-8")?;
    let field = |name: &str| header(&metadata, name);
    matches(
        artifact,
        &field("Name").unwrap_or_default(),
        &field("Version").unwrap_or_default(),
    )
    .map_err(|why| format!("its metadata does not fit: {why}"))?;
    let requires_python = field("Requires-Python").filter(|text| !text.is_empty());
    if let Some(text) = &requires_python {
        VersionSpecifiers::from_str(text)
            .map_err(|_| format!("its `Requires-Python: {}` cannot be read", printable(text)))?;
    }
    Ok(requires_python)
}

/// Whether a name and version, in whatever spelling, are the artifact's.
fn matches(artifact: &Artifact, name: &str, version: &str) -> Result<(), String> {
    let wanted = &artifact.package.name;
    if normalised(name) != normalised(wanted) {
        return Err(format!("it names `{}`, not `{wanted}`", printable(name)));
    }
    match (Version::from_str(version), Version::from_str(&artifact.version)) {
        (Ok(found), Ok(wanted)) if found == wanted => Ok(()),
        _ => Err(format!(
            "it says version `{}`, not `{}`",
            printable(version),
            artifact.version
        )),
    }
}

/// A field of the e-mail-like text that describes a package.
fn header(text: &str, field: &str) -> Option<String> {
    let head = text.lines().take_while(|line| !line.is_empty());
    let mut lines = head.skip_while(|line| {
        !line
            .split_once(':')
            .is_some_and(|(name, _)| name.eq_ignore_ascii_case(field))
    });
    let first = lines.next()?.split_once(':')?.1;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    Some(
        std::iter::once(first)
            .chain(more)
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
            .trim()
            .to_owned(),
    )
}

/// The line that leads to a file.
fn link(filename: &str, digest: &Digest, requires_python: Option<&str>) -> String {
    let requires = requires_python.map(|text| format!(" data-requires-python=\"{}\"", escaped(text)));
    // The two characters of plain names that an address may not hold as they are.
    let address = filename.replace('+', "%2B").replace('!', "%21");
    let (requires, hash) = (requires.unwrap_or_default(), digest.hex());
    format!("<a href=\"../../files/{address}#sha256={hash}\"{requires}>{filename}</a><br>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The page with one more line; the same page if it holds that line.
fn merged(old: Option<&str>, key: &str, line: &str) -> Result<String, StepError> {
    if old.is_some_and(|old| !old.starts_with(PAGE)) {
        return Err(
            StepError::new("the index in the registry's folder was not written by releasekit")
                .hint("publish to another folder, or move that index away"),
        );
    }
    let mut lines = links(old.unwrap_or_default());
    lines.insert(key, line);
    Ok(render(&lines))
}

/// The links of a page by what they say.
fn links(page: &str) -> BTreeMap<&str, &str> {
    page.lines()
        .filter(|line| line.starts_with("<a href="))
        .filter_map(|line| Some((line.strip_suffix("</a><br>")?.rsplit_once('>')?.1, line)))
        .collect()
}

fn render(lines: &BTreeMap<&str, &str>) -> String {
    let body: String = lines.values().flat_map(|line| [line, "\n"]).collect();
    format!("{PAGE}{body}{END}")
}
