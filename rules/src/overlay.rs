//! A working tree as it will be: new texts over what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cas::Digest;
use model::SourceTree;

/// New texts over a tree; nothing is written.
pub(crate) struct Overlay<'a> {
    below: &'a dyn SourceTree,
    texts: BTreeMap<String, String>,
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(below: &'a dyn SourceTree) -> Self {
        Self {
            below,
            texts: BTreeMap::new(),
        }
    }

    /// Puts new texts of files that are there over what they were.
    pub(crate) fn extend(&mut self, texts: BTreeMap<String, String>) {
        self.texts.extend(texts);
    }

    /// The new texts.
    pub(crate) fn into_texts(self) -> BTreeMap<String, String> {
        self.texts
    }
}

impl SourceTree for Overlay<'_> {
    fn files(&self) -> &BTreeSet<String> {
        self.below.files()
    }

    fn read(&self, path: &str) -> Result<String, String> {
        match self.texts.get(path) {
            Some(text) => Ok(text.clone()),
            None => self.below.read(path),
        }
    }

    fn digest(&self, path: &str) -> Result<(Digest, bool), String> {
        let (digest, executable) = self.below.digest(path)?;
        let digest = self
            .texts
            .get(path)
            .map_or(digest, |text| Digest::of(text.as_bytes()));
        Ok((digest, executable))
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.below.locate(path)
    }
}
