//! Places in files that state a version: the one list that is both read and rewritten.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{Diagnostic, Location, Mention, MentionKind, Package, PackageId, SourceTree, Version};

use super::fits::fits;
use super::renew::renewed;
use super::requirement::pep440;
use super::splice::{Edits, place};

/// A place that states a version or a requirement.
pub(super) struct Spot {
    /// The bytes of the version or requirement, without quotes.
    pub(super) range: Range<usize>,
    /// The place for people.
    pub(super) place: String,
    pub(super) kind: MentionKind,
    /// About which package.
    pub(super) package: PackageId,
}

/// A requirement that cannot be written anew by itself: not as it reads, or not for it alone.
pub(super) struct Held {
    /// Where it is read.
    pub(super) spot: Spot,
    /// What it comes to.
    pub(super) says: String,
    /// What holds it, for people.
    pub(super) why: &'static str,
}

/// A file with its places.
pub(super) struct Page {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) spots: Vec<Spot>,
    pub(super) held: Vec<Held>,
}

/// How a file writes versions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    SemVer,
    Pep440,
}

impl Page {
    /// A file with all its places, which can all be written anew.
    pub(super) fn of(file: String, text: String, spots: Vec<Spot>) -> Self {
        Self {
            file,
            text,
            spots,
            held: Vec::new(),
        }
    }

    /// A file of the tree, in which nothing was looked for yet.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(tree: &dyn SourceTree, file: &str) -> Result<Self, Diagnostic> {
        Ok(Self::of(file.to_owned(), read(tree, file)?, Vec::new()))
    }

    /// A Python package may take its version from a `Cargo.toml`.
    fn notation(&self, ecosystem: &str) -> Notation {
        let is_python = ecosystem == "uv" && !self.file.ends_with("Cargo.toml");
        if is_python {
            Notation::Pep440
        } else {
            Notation::SemVer
        }
    }

    fn mentions(&self, ecosystem: &str, versions: &BTreeMap<&PackageId, &Version>, into: &mut Vec<Mention>) {
        let newlines: Vec<usize> = self.text.match_indices('\n').map(|(at, _)| at).collect();
        let spots = self
            .spots
            .iter()
            .map(|spot| (spot, &self.text[spot.range.clone()]));
        let held = self.held.iter().map(|held| (&held.spot, held.says.as_str()));
        into.extend(spots.chain(held).map(|(spot, text)| {
            let fits = spot.kind != MentionKind::Requirement
                || versions
                    .get(&spot.package)
                    .is_none_or(|version| fits(ecosystem, text, version));
            let line = newlines.partition_point(|newline| *newline < spot.range.start) + 1;
            Mention {
                file: self.file.clone(),
                line: u32::try_from(line).unwrap_or(u32::MAX),
                place: spot.place.clone(),
                kind: spot.kind,
                package: spot.package.clone(),
                text: text.to_owned(),
                fits,
            }
        }));
    }

    /// The text with `versions` in it; `None` if they change nothing.
    fn rewritten(
        &self,
        ecosystem: &str,
        versions: &BTreeMap<PackageId, Version>,
    ) -> Result<Option<String>, Diagnostic> {
        let unfit = |held: &&Held| {
            let version = versions.get(&held.spot.package);
            version.is_some_and(|version| !fits(ecosystem, &held.says, version))
        };
        if let Some(held) = self.held.iter().find(unfit) {
            return Err(self.refused(held));
        }
        let mut edits = Edits::default();
        for spot in &self.spots {
            let Some(version) = versions.get(&spot.package) else {
                continue;
            };
            let new = match spot.kind {
                MentionKind::Requirement => renewed(ecosystem, &self.text[spot.range.clone()], version),
                MentionKind::Lock => None,
                MentionKind::Manifest if self.notation(ecosystem) == Notation::SemVer => {
                    Some(version.to_string())
                }
                MentionKind::Manifest => Some(pep440(version).map_err(|error| {
                    Diagnostic::error(error.to_string(), Location::file(&*self.file)).hint(
                        "choose a pre-release that PEP 440 can say too: alpha, beta, rc, dev and a number",
                    )
                })?),
            };
            if let Some(new) = new {
                edits.replace(spot.range.clone(), new);
            }
        }
        let new = edits.apply(&self.text);
        Ok((new != self.text).then_some(new))
    }

    fn refused(&self, held: &Held) -> Diagnostic {
        let Held { spot, says, why } = held;
        let message = format!("`{says}` of `{}` {why}", spot.place);
        Diagnostic::error(message, place(&self.file, &self.text, &spot.range))
            .hint("write the requirement itself there, as a plain text without anchor or alias")
    }
}

/// What [`model::VersionFiles::mentions`] promises, from all pages.
pub(super) fn mentions(ecosystem: &str, packages: &[&Package], pages: &[Page]) -> Vec<Mention> {
    let versions = packages
        .iter()
        .map(|package| (&package.id, &package.version))
        .collect();
    let mut found = Vec::new();
    for page in pages {
        page.mentions(ecosystem, &versions, &mut found);
    }
    found.sort();
    found
}

/// What [`model::VersionFiles::rewritten`] promises, from the pages of manifests.
pub(super) fn rewritten(
    ecosystem: &str,
    pages: &[Page],
    versions: &BTreeMap<PackageId, Version>,
) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let (mut texts, mut wrong) = (BTreeMap::new(), Vec::new());
    for page in pages {
        match page.rewritten(ecosystem, versions) {
            Ok(Some(text)) => _ = texts.insert(page.file.clone(), text),
            Ok(None) => {}
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    if wrong.is_empty() { Ok(texts) } else { Err(wrong) }
}

/// What all of `results` hold, or what is wrong with any.
pub(super) fn all(
    results: impl IntoIterator<Item = Result<Page, Diagnostic>>,
) -> Result<Vec<Page>, Vec<Diagnostic>> {
    let (mut pages, mut wrong) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(page) => pages.push(page),
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    if wrong.is_empty() { Ok(pages) } else { Err(wrong) }
}

/// The text of a file of the tree.
///
/// # Errors
/// It cannot be read: which file, why, and what to do.
pub(super) fn read(tree: &dyn SourceTree, file: &str) -> Result<String, Diagnostic> {
    tree.read(file).map_err(|reason| unreadable(file, &reason))
}

/// A file that cannot be read. A reason that names the file's line is believed about it.
pub(super) fn unreadable(file: &str, reason: &str) -> Diagnostic {
    let line = reason
        .split_once("(line ")
        .and_then(|(_, rest)| rest.split([',', ')']).next()?.parse().ok())
        .unwrap_or(0);
    let at = Location {
        line,
        ..Location::file(file)
    };
    let message = if reason.contains(file) {
        reason.to_owned()
    } else {
        format!("cannot read `{file}`: {reason}")
    };
    let hint = if reason.contains("UTF-8") {
        "save it as UTF-8"
    } else {
        "look at the file and its permissions"
    };
    Diagnostic::error(message, at).hint(hint)
}

/// The manifests that pinning a package is given: those of its recipe.
pub(super) fn manifests(
    tree: &dyn SourceTree,
    ecosystem: &dyn model::Ecosystem,
    package: &Package,
) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let (mut texts, mut wrong) = (BTreeMap::new(), Vec::new());
    for file in ecosystem.recipe(package, &package.version, &[package]).pinned {
        match read(tree, &file) {
            Ok(text) => _ = texts.insert(file, text),
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    if wrong.is_empty() { Ok(texts) } else { Err(wrong) }
}

/// The folders of the packages' workspaces, sorted, each once.
pub(super) fn workspaces<'a>(packages: &[&'a Package]) -> std::collections::BTreeSet<&'a str> {
    packages.iter().map(|package| &*package.workspace).collect()
}
