//! A TOML file as its text and where in it everything stands.

use std::ops::Range;

use model::{Diagnostic, Location, SourceTree};
use toml_edit::{Document, Item, TableLike};

use super::{splice, spot};

/// A parsed TOML file that still knows its text.
#[derive(Debug)]
pub(super) struct Toml {
    /// Its path.
    pub(super) file: String,
    /// Its text, byte-order mark included.
    pub(super) text: String,
    document: Document<String>,
}

const BYTE_ORDER_MARK: char = '\u{feff}';

impl Toml {
    /// Reads a file of the tree.
    ///
    /// # Errors
    /// It cannot be read or is not TOML.
    pub(super) fn read(tree: &dyn SourceTree, file: &str) -> Result<Self, Diagnostic> {
        Self::parse(file, spot::read(tree, file)?)
    }

    /// Parses a text.
    ///
    /// # Errors
    /// It is not TOML.
    pub(super) fn parse(file: &str, text: String) -> Result<Self, Diagnostic> {
        let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
        let skipped = text.len() - body.len();
        match Document::parse(body.to_owned()) {
            Ok(document) => Ok(Self {
                file: file.to_owned(),
                text,
                document,
            }),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let place = splice::place(file, &text, &(span.start + skipped..span.end + skipped));
                let message = error.message().lines().next().unwrap_or("").to_owned();
                Err(Diagnostic::error(format!("this is not TOML: {message}"), place)
                    .hint("correct the syntax; nothing of this file was read"))
            }
        }
    }

    /// The value at a path of keys.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Item> {
        look(self.document.as_item(), path)
    }

    /// The text at a path of keys, if there is one.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.get(path).and_then(Item::as_str)
    }

    /// The table at a path of keys.
    pub(super) fn table(&self, path: &[&str]) -> Option<&dyn TableLike> {
        self.get(path).and_then(Item::as_table_like)
    }

    /// The texts of the list at a path of keys; what is not a text is left out.
    pub(super) fn list(&self, path: &[&str]) -> Vec<Spanned<'_>> {
        self.get(path).map(|item| self.texts(item)).unwrap_or_default()
    }

    /// The texts in a list, each with its range.
    pub(super) fn texts<'a>(&self, item: &'a Item) -> Vec<Spanned<'a>> {
        let values = item.as_array().into_iter().flatten();
        values
            .filter_map(|value| {
                Some(Spanned {
                    text: value.as_str()?,
                    range: self.range(value.span()?),
                })
            })
            .collect()
    }

    /// A range of the parsed part as a range of the whole text.
    pub(super) fn range(&self, span: Range<usize>) -> Range<usize> {
        let skipped = if self.text.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len_utf8()
        } else {
            0
        };
        span.start + skipped..span.end + skipped
    }

    /// Where an item stands.
    pub(super) fn range_of(&self, item: &Item) -> Option<Range<usize>> {
        item.span().map(|span| self.range(span))
    }

    /// Where a key of a table stands.
    pub(super) fn range_of_key(&self, table: &dyn TableLike, key: &str) -> Option<Range<usize>> {
        table
            .key(key)
            .and_then(toml_edit::Key::span)
            .map(|span| self.range(span))
    }

    /// Where an item stands, for people; the file if it stands nowhere.
    pub(super) fn place(&self, item: &Item) -> Location {
        self.range_of(item)
            .map_or_else(|| Location::file(&*self.file), |range| self.place_of(&range))
    }

    /// A range for people.
    pub(super) fn place_of(&self, range: &Range<usize>) -> Location {
        splice::place(&self.file, &self.text, range)
    }
}

/// A text in a TOML file.
#[derive(Clone, Debug)]
pub(super) struct Spanned<'a> {
    /// What it says.
    pub(super) text: &'a str,
    /// Where it stands, quotes included.
    pub(super) range: Range<usize>,
}

/// The value at a path of keys, seen from `item`.
pub(super) fn look<'a>(item: &'a Item, path: &[&str]) -> Option<&'a Item> {
    path.iter()
        .try_fold(item, |item, key| item.as_table_like()?.get(key))
}
