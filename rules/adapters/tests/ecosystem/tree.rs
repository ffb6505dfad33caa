//! A source tree made of what a test says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use adapters::ecosystem;
use cas::Digest;
use model::{Diagnostic, Package, Selection, SourceTree};

/// Files by path.
pub(crate) struct Tree {
    names: BTreeSet<String>,
    pub(crate) texts: BTreeMap<String, String>,
}

impl Tree {
    /// A tree of these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let texts: BTreeMap<String, String> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        Self {
            names: texts.keys().cloned().collect(),
            texts,
        }
    }

    /// Puts the files into a folder.
    pub(crate) fn write(&self, folder: &std::path::Path) {
        for (path, text) in &self.texts {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
    }
}

impl SourceTree for Tree {
    fn files(&self) -> &BTreeSet<String> {
        &self.names
    }

    fn read(&self, path: &str) -> Result<String, String> {
        self.texts
            .get(path)
            .cloned()
            .ok_or_else(|| "there is no such file".to_owned())
    }

    fn digest(&self, path: &str) -> Result<(Digest, bool), String> {
        self.read(path).map(|text| (Digest::of(text.as_bytes()), false))
    }

    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from("/nowhere").join(path)
    }
}

/// The packages of one root.
pub(crate) fn try_discover(
    ecosystem: &str,
    files: &[(&str, &str)],
    root: &str,
) -> Result<Vec<Package>, Vec<Diagnostic>> {
    let selection = Selection {
        root: root.to_owned(),
        ..Selection::default()
    };
    ecosystem::standard()[ecosystem].discover(&Tree::new(files), &selection)
}

/// The packages of the repository's root, which are sound.
pub(crate) fn discover(ecosystem: &str, files: &[(&str, &str)]) -> Vec<Package> {
    try_discover(ecosystem, files, "").expect("sound manifests")
}

/// The roots of one kind.
pub(crate) fn roots(ecosystem: &str, files: &[(&str, &str)]) -> Vec<String> {
    ecosystem::standard()[ecosystem].roots(&Tree::new(files))
}

/// A package in one line: `name version path private -> kind:dependency requirement`.
pub(crate) fn line(package: &Package) -> String {
    let mut line = format!("{} {} {:?}", package.id.name, package.version, package.path);
    if package.private {
        line.push_str(" private");
    }
    if let Some(registry) = &package.registry {
        line.push_str(&format!(" to {registry}"));
    }
    line
}

/// Its needs, one per line, those on `known` packages only.
pub(crate) fn needs(package: &Package, known: &[&str]) -> Vec<String> {
    let inner = package
        .dependencies
        .iter()
        .filter(|dependency| known.contains(&&*dependency.on.name));
    inner
        .map(|need| {
            format!("{:?} {} {}", need.kind, need.on.name, need.requirement)
                .trim()
                .to_owned()
        })
        .collect()
}
