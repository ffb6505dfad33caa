//! The files that actions can take in: those of the working tree, and what declared actions make.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::rc::Rc;

use cas::Digest;
use engine::{ActionId, Input, nearest};
use model::{ActionDecl, Diagnostic, SourceTree};

use super::pattern::{Pattern, is_pattern};

/// Where bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin<'a> {
    /// A file of the working tree.
    File(&'a str),
    /// An output of a declared action.
    Output(&'a str, ActionId),
}

/// All files, found by path, by folder or by pattern. A file that a declared action makes is that action's output,
/// also where an earlier run has left a copy in the tree.
pub(super) struct Files<'a> {
    tree: &'a dyn SourceTree,
    files: &'a BTreeSet<String>,
    made: BTreeMap<&'a str, ActionId>,
    /// The same, to look paths up in.
    makers: HashMap<&'a str, ActionId>,
    found: RefCell<HashMap<String, Rc<[Origin<'a>]>>>,
    digests: RefCell<HashMap<&'a str, (Digest, bool)>>,
}

/// From how many files on it pays to remember what a folder or a pattern means.
const MANY: usize = 16;

impl<'a> Files<'a> {
    /// The files of `tree`, and the outputs of `actions`, whose ids are their places.
    pub(super) fn of(
        tree: &'a dyn SourceTree,
        actions: &'a [ActionDecl],
        wrong: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut makers: HashMap<&str, ActionId> = HashMap::with_capacity(actions.len());
        for (place, decl) in actions.iter().enumerate() {
            for output in &decl.outputs {
                let Some(first) = makers.insert(plain(output), super::id(place)) else {
                    continue;
                };
                let first = &actions[first.index()].name;
                let message = format!("`{output}` is made by `{first}` and by `{}`", decl.name);
                let diagnostic = Diagnostic::error(message, decl.location.clone());
                wrong.push(diagnostic.hint("let one action make it"));
            }
        }
        let made = makers.iter().map(|(output, id)| (*output, *id)).collect();
        let (found, digests) = (RefCell::default(), RefCell::default());
        Self {
            tree,
            files: tree.files(),
            made,
            makers,
            found,
            digests,
        }
    }

    /// What a path is, if it is anything: an output, something inside an output, or a file.
    pub(super) fn at(&self, path: &str) -> Option<Origin<'a>> {
        let output = self.maker(path).map(|(output, id)| Origin::Output(output, id));
        output.or_else(|| self.files.get(path).map(|file| Origin::File(file)))
    }

    /// The output that a path is, or is inside of.
    fn maker(&self, path: &str) -> Option<(&'a str, ActionId)> {
        if self.makers.is_empty() {
            return None;
        }
        let mut folder = path;
        loop {
            if let Some((output, id)) = self.makers.get_key_value(folder) {
                return Some((output, *id));
            }
            folder = folder.rsplit_once('/')?.0;
        }
    }

    /// Everything in a folder, sorted; everything there is for the empty path.
    pub(super) fn folder(&self, folder: &str) -> Rc<[Origin<'a>]> {
        self.remembered(folder, |_| true, folder)
    }

    /// What one input of a declared action means; empty if it means nothing.
    ///
    /// # Errors
    /// It is not a pattern although it looks like one.
    pub(super) fn meant_by(&self, text: &str) -> Result<Rc<[Origin<'a>]>, String> {
        if let Some(one) = self.at(text) {
            return Ok([one].into());
        }
        if !is_pattern(text)
            || self
                .files
                .range::<str, _>(inside(text, &mut Ends::default()))
                .next()
                .is_some()
        {
            return Ok(self.folder(text));
        }
        let pattern = Pattern::new(text)?;
        Ok(self.remembered(text, |path| pattern.matches(path), pattern.base))
    }

    /// The paths in `base` that are wanted. Asked for the same `key` again, it does not look again.
    fn remembered(&self, key: &str, is_wanted: impl Fn(&str) -> bool, base: &str) -> Rc<[Origin<'a>]> {
        if let Some(found) = self.found.borrow().get(key) {
            return Rc::clone(found);
        }
        let mut ends = Ends::default();
        let range = inside(base, &mut ends);
        let mut seen = 0;
        let mut is_looked_at = |path: &str| {
            seen += 1;
            is_wanted(path)
        };
        let files = self.files.range::<str, _>(range).map(String::as_str);
        let files = files.filter(|file| is_looked_at(file) && self.maker(file).is_none());
        let mut found: Vec<Origin<'a>> = files.map(Origin::File).collect();
        let outputs = self
            .made
            .range::<str, _>(range)
            .filter(|(output, _)| is_looked_at(output));
        found.extend(outputs.map(|(output, id)| Origin::Output(output, *id)));
        let found: Rc<[Origin<'a>]> = found.into();
        if seen > MANY {
            self.found.borrow_mut().insert(key.to_owned(), Rc::clone(&found));
        }
        found
    }

    /// A path or output that is most like `text`.
    pub(super) fn nearest(&self, text: &str) -> Option<&str> {
        // Only names beside it: a repository may have very many files.
        let folder = text.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = |path: &&str| path.rsplit_once('/').map_or("", |(folder, _)| folder) == folder;
        let known = self.folder(folder);
        let known = known.iter().map(|origin| match origin {
            Origin::File(path) | Origin::Output(path, _) => *path,
        });
        nearest(text, known.filter(beside).collect::<Vec<_>>())
    }

    /// The input that lays something out at its own place.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn input(&self, origin: Origin<'a>) -> Result<Input, String> {
        match origin {
            Origin::Output(output, action) => Ok(Input::Output {
                action,
                output: output.to_owned(),
                path: output.to_owned(),
            }),
            Origin::File(path) => {
                let known = self.digests.borrow().get(path).copied();
                let (digest, executable) = match known {
                    Some(known) => known,
                    None => *self
                        .digests
                        .borrow_mut()
                        .entry(path)
                        .or_insert(self.tree.digest(path)?),
                };
                Ok(Input::Source {
                    from: self.tree.locate(path),
                    path: path.to_owned(),
                    digest,
                    executable,
                })
            }
        }
    }
}

/// A path as it is written down everywhere: without `./` before it and `/` after it; the root is empty.
pub(super) fn plain(path: &str) -> &str {
    let mut path = path.trim_end_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    if path == "." { "" } else { path }
}

/// Whether a path stays inside the repository.
pub(super) fn is_inside(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "." | ".."))
}

/// What sorts before and after everything inside a folder.
#[derive(Default)]
struct Ends(String, String);

/// The range of everything in a folder: it sorts between `folder/` and `folder0`, the next character.
fn inside<'e>(folder: &str, ends: &'e mut Ends) -> (Bound<&'e str>, Bound<&'e str>) {
    if folder.is_empty() {
        return (Bound::Unbounded, Bound::Unbounded);
    }
    *ends = Ends([folder, "/"].concat(), [folder, "0"].concat());
    (Bound::Included(&ends.0), Bound::Excluded(&ends.1))
}
