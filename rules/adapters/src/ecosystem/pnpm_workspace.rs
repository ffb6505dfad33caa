//! `pnpm-workspace.yaml`: which folders are members, and the catalogs of versions they share.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{Diagnostic, Location, SourceTree};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::yaml_anchor::is_shared;
use super::{folder, spot};

pub(super) const FILE: &str = "pnpm-workspace.yaml";

/// A parsed `pnpm-workspace.yaml` that still knows its text.
pub(super) struct PnpmWorkspace {
    /// Its path.
    pub(super) file: String,
    /// Its text.
    pub(super) text: String,
    content: Content,
}

type Catalog = BTreeMap<String, Spanned<String>>;

#[derive(Default, Deserialize)]
struct Content {
    packages: Option<Vec<Spanned<String>>>,
    catalog: Option<Catalog>,
    catalogs: Option<BTreeMap<String, Catalog>>,
}

/// What a catalog says about one package.
pub(super) struct CatalogEntry<'a> {
    /// The place for people: `catalogs.old.core`.
    pub(super) place: String,
    /// The key.
    pub(super) name: &'a str,
    /// The requirement.
    pub(super) says: &'a str,
    /// Where it stands, without quotes; if it is held, where it is read.
    pub(super) range: Range<usize>,
    /// Why another requirement cannot be written there, if it cannot.
    pub(super) held: Option<&'static str>,
}

impl PnpmWorkspace {
    /// Reads the file in the folder `root`; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, or is not what pnpm expects.
    pub(super) fn read(tree: &dyn SourceTree, root: &str) -> Result<Option<Self>, Diagnostic> {
        let file = folder::file(root, FILE);
        if !tree.files().contains(&file) {
            return Ok(None);
        }
        let text = spot::read(tree, &file)?;
        let is_empty = text
            .trim_start_matches('\u{feff}')
            .lines()
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
        let content = if is_empty {
            Content::default()
        } else {
            serde_saphyr::from_str(&text).map_err(|error| {
                let at = error
                    .location()
                    .map_or_else(|| Location::file(&*file), |at| place(&file, at));
                let message = error.to_string();
                let message = message.lines().next().unwrap_or("");
                Diagnostic::error(format!("this is not a workspace of pnpm: {message}"), at).hint(
                    "`packages` is a list of folders or globs, `catalog` and each of `catalogs` maps names to versions",
                )
            })?
        };
        Ok(Some(Self { file, text, content }))
    }

    /// The patterns of members, each with its place.
    pub(super) fn patterns(&self) -> Vec<(String, Location)> {
        let packages = self.content.packages.iter().flatten();
        packages
            .map(|text| (text.value.clone(), place(&self.file, text.referenced)))
            .collect()
    }

    /// The entries of all catalogs.
    pub(super) fn catalog_entries(&self) -> Vec<CatalogEntry<'_>> {
        let named = self.content.catalogs.iter().flatten();
        let named = named.map(|(name, catalog)| (format!("catalogs.{name}"), catalog));
        let plain = self
            .content
            .catalog
            .iter()
            .map(|catalog| ("catalog".to_owned(), catalog));
        plain
            .chain(named)
            .flat_map(|(place, catalog)| {
                catalog.iter().map(move |(name, requirement)| {
                    let (range, held) = self.range(requirement);
                    CatalogEntry {
                        place: format!("{place}.{name}"),
                        name,
                        says: &requirement.value,
                        range,
                        held,
                    }
                })
            })
            .collect()
    }

    /// Where a scalar stands, without quotes, and why it cannot be written anew there: it is an alias, has an anchor
    /// that others use, or is no plain text (a folded or an escaped one).
    fn range(&self, scalar: &Spanned<String>) -> (Range<usize>, Option<&'static str>) {
        let at = offset(&self.text, scalar.referenced).unwrap_or(0);
        if scalar.referenced != scalar.defined {
            return (at..at, Some("is an alias of what stands elsewhere"));
        }
        match range_of(&self.text, scalar) {
            None => (at..at, Some("is not written as a plain text")),
            Some(range) if is_shared(&self.text, range.start) => {
                (range, Some("has an anchor that something else uses too"))
            }
            Some(range) => (range, None),
        }
    }
}

/// Where a scalar stands in its text, without quotes; `None` if it is not written there as it reads.
pub(super) fn range_of(text: &str, scalar: &Spanned<String>) -> Option<Range<usize>> {
    let start = offset(text, scalar.referenced)?;
    let quote = usize::from(text[start..].starts_with(['"', '\'']));
    let range = start + quote..start + quote + scalar.value.len();
    (text.get(range.clone())? == scalar.value).then_some(range)
}

/// The byte of a place.
fn offset(text: &str, at: serde_saphyr::Location) -> Option<usize> {
    let before = usize::try_from(at.line()).ok()?.checked_sub(1)?;
    let line = text
        .split_inclusive('\n')
        .take(before)
        .map(str::len)
        .sum::<usize>();
    let column = usize::try_from(at.column()).ok()?.checked_sub(1)?;
    let rest = text.get(line..)?;
    // A byte-order mark is no column.
    let mark = rest.len() - rest.trim_start_matches('\u{feff}').len();
    let (offset, _) = rest[mark..].char_indices().nth(column)?;
    Some(line + mark + offset)
}

fn place(file: &str, at: serde_saphyr::Location) -> Location {
    Location {
        line: u32::try_from(at.line()).unwrap_or(0),
        column: u32::try_from(at.column()).unwrap_or(0),
        ..Location::file(file)
    }
}
