//! Folders of a repository: joining them, and finding those that hold a manifest or match a pattern.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};
use model::{Diagnostic, Location, Package, PackageId, SourceDir, SourceTree};

/// Folders that hold what tools made, never what people wrote.
const MADE_BY_TOOLS: [&str; 7] = [
    "node_modules",
    "bower_components",
    "target",
    ".venv",
    ".git",
    ".releasekit",
    "__pycache__",
];

/// `path` seen from `folder`, without `.` and `..`; `None` if it leaves the repository.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A file of a folder.
pub(super) fn file(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The folder a file is in.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether `path` is `folder` or inside it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The files of `folder` and below, sorted.
pub(super) fn files_within<'a>(tree: &'a dyn SourceTree, folder: &str) -> impl Iterator<Item = &'a String> {
    let start = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let from = tree.files().range(start.clone()..);
    from.take_while(move |path| path.starts_with(&start))
}

/// The folders, `within` and below, that hold a file called `name`, parents first.
pub(super) fn holding(tree: &dyn SourceTree, name: &str, within: &str) -> Vec<String> {
    let mut folders: Vec<String> = files_within(tree, within)
        .filter(|path| {
            path.strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        })
        .map(|path| parent(path).to_owned())
        .filter(|folder| !is_made_by_tools(folder))
        .collect();
    folders.sort_by_cached_key(|folder| (depth(folder), folder.clone()));
    folders
}

/// How many folders deep a folder is.
pub(super) fn depth(folder: &str) -> usize {
    if folder.is_empty() {
        0
    } else {
        folder.matches('/').count() + 1
    }
}

fn is_made_by_tools(folder: &str) -> bool {
    folder.split('/').any(|part| MADE_BY_TOOLS.contains(&part))
}

/// Every folder inside `root` that holds anything, sorted; `root` itself is left out.
pub(super) fn inside(tree: &dyn SourceTree, root: &str) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for path in files_within(tree, root) {
        let mut folder = parent(path);
        while folder.len() > root.len() && !folders.contains(folder) {
            folders.insert(folder.to_owned());
            folder = parent(folder);
        }
    }
    folders.retain(|folder| !is_made_by_tools(folder));
    folders
}

/// Notes for every package which of `folders` (other packages' ones) are inside its own.
pub(super) fn note_nested(packages: &mut [Package], folders: &BTreeSet<String>) {
    for package in packages {
        let start = if package.path.is_empty() {
            String::new()
        } else {
            format!("{}/", package.path)
        };
        let inner = folders
            .range(start.clone()..)
            .take_while(|folder| folder.starts_with(&start));
        let inner: Vec<&str> = inner
            .map(String::as_str)
            .filter(|folder| *folder != package.path)
            .collect();
        if !inner.is_empty() {
            package.notes.insert("nested".to_owned(), inner.join("\n"));
        }
    }
}

/// The lines of a note.
pub(super) fn lines<'a>(package: &'a Package, note: &str) -> impl Iterator<Item = &'a str> {
    package
        .notes
        .get(note)
        .into_iter()
        .flat_map(|lines| lines.lines())
}

/// A package's own folder without those of packages inside it.
pub(super) fn own_sources(package: &Package) -> SourceDir {
    SourceDir {
        path: package.path.clone(),
        exclude: lines(package, "nested").map(str::to_owned).collect(),
    }
}

/// The package of that id; quick where `all` is sorted, as a workspace has it.
pub(super) fn find<'a>(all: &[&'a Package], id: &PackageId) -> Option<&'a Package> {
    match all.binary_search_by(|package| package.id.cmp(id)) {
        Ok(at) => Some(all[at]),
        Err(_) => all.iter().find(|package| package.id == *id).copied(),
    }
}

/// A pattern for folders, seen from a workspace's root.
pub(super) struct Pattern {
    /// What was written.
    text: String,
    meaning: Meaning,
}

enum Meaning {
    Folder(String),
    Glob(GlobMatcher),
}

impl Pattern {
    /// The pattern `text` seen from `root`. `braces` says whether `{a,b}` means a choice.
    ///
    /// # Errors
    /// It is no pattern, or leaves the repository.
    pub(super) fn new(root: &str, text: &str, braces: bool, at: Location) -> Result<Self, Diagnostic> {
        let Some(path) = join(&globset::escape(root), text) else {
            return Err(Diagnostic::error(format!("`{text}` leaves the repository"), at)
                .hint("members are folders inside the repository, relative to the workspace's root"));
        };
        let path = if braces {
            path
        } else {
            path.replace('{', "[{]").replace('}', "[}]")
        };
        if !(text.contains(['*', '?', '[']) || braces && text.contains('{')) {
            let (text, literal) = (text.to_owned(), join(root, text).unwrap_or_default());
            return Ok(Self {
                text,
                meaning: Meaning::Folder(literal),
            });
        }
        // As tools have it, a folder matches if a manifest in it does: `x/**` also means `x`.
        match GlobBuilder::new(&file(&path, "manifest"))
            .literal_separator(true)
            .build()
        {
            Ok(glob) => Ok(Self {
                text: text.to_owned(),
                meaning: Meaning::Glob(glob.compile_matcher()),
            }),
            Err(error) => Err(
                Diagnostic::error(format!("`{text}` is not a pattern: {}", error.kind()), at)
                    .hint("write a folder, or a glob such as `packages/*`"),
            ),
        }
    }

    /// The folder it names, if it is no glob.
    pub(super) fn literal(&self) -> Option<&str> {
        match &self.meaning {
            Meaning::Folder(folder) => Some(folder),
            Meaning::Glob(_) => None,
        }
    }

    /// Whether it means `folder`.
    pub(super) fn matches(&self, folder: &str) -> bool {
        match &self.meaning {
            Meaning::Folder(named) => named == folder,
            Meaning::Glob(glob) => glob.is_match(file(folder, "manifest")),
        }
    }
}

/// Patterns of which any may match.
#[derive(Default)]
pub(super) struct Patterns {
    literals: BTreeSet<String>,
    globs: Vec<GlobMatcher>,
    /// Whether one of them leaves the workspace's root.
    climbs: bool,
}

impl Patterns {
    /// One more.
    pub(super) fn add(&mut self, pattern: Pattern) {
        self.climbs |= pattern.text.split('/').any(|part| part == "..");
        match pattern.meaning {
            Meaning::Folder(folder) => {
                self.literals.insert(folder);
            }
            Meaning::Glob(glob) => self.globs.push(glob),
        }
    }

    /// Whether any of them means `folder`.
    pub(super) fn matches(&self, folder: &str) -> bool {
        self.literals.contains(folder)
            || !self.globs.is_empty() && {
                let manifest = file(folder, "manifest");
                self.globs.iter().any(|glob| glob.is_match(&manifest))
            }
    }

    /// Whether `folder` is, or is inside, a folder named outright.
    pub(super) fn names(&self, folder: &str) -> bool {
        let mut folder = Some(folder);
        while let Some(inner) = folder {
            if self.literals.contains(inner) {
                return true;
            }
            folder = if inner.is_empty() {
                None
            } else {
                Some(parent(inner))
            };
        }
        false
    }

    /// Where to look for what matches, seen from `root`.
    pub(super) fn reach<'a>(&self, root: &'a str) -> &'a str {
        if self.climbs { "" } else { root }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.literals.is_empty() && self.globs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_stay_inside() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", ".").as_deref(), Some(""));
        assert_eq!(join("a", "../.."), None);
        assert!(is_within("a/b", "a") && is_within("a", "a") && !is_within("ab", "a"));
    }

    #[test]
    fn patterns_mean_folders() {
        let table = [
            ("packages/*", "packages/a", true),
            ("packages/*", "packages/a/b", false),
            ("packages/*", "packages", false),
            ("packages/**", "packages", true),
            ("packages/**", "packages/a/b", true),
            ("./packages/a/", "packages/a", true),
            ("p{a,b}", "pa", true),
            (".", "", true),
            ("**", "x/y", true),
        ];
        for (pattern, folder, expected) in table {
            let pattern = Pattern::new("", pattern, true, Location::file("f")).expect("a pattern");
            assert_eq!(pattern.matches(folder), expected, "{} {folder}", pattern.text);
        }
        let below = Pattern::new("x", "*", true, Location::file("f")).expect("a pattern");
        assert!(below.matches("x/a") && !below.matches("a"));
    }
}
