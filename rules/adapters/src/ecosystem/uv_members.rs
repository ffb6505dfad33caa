//! Which packages a uv workspace has.

use model::{Diagnostic, Location, Selection, SourceTree};

use super::folder::{self, Pattern, Patterns};
use super::toml_text::Toml;

pub(super) const MANIFEST: &str = "pyproject.toml";

/// The folders of a workspace's packages, its root first; sorted otherwise.
pub(super) fn members(
    tree: &dyn SourceTree,
    selection: &Selection,
    root: Option<&Toml>,
    wrong: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let has_manifest = |folder: &str| tree.files().contains(&folder::file(folder, MANIFEST));
    let listed = |key: &str, own: &[String]| -> Vec<(String, Location)> {
        let written = root.filter(|_| own.is_empty());
        let written = written
            .map(|toml| (toml, toml.list(&["tool", "uv", "workspace", key])))
            .into_iter();
        let written = written.flat_map(|(toml, list)| {
            list.into_iter()
                .map(|entry| (entry.text.to_owned(), toml.place_of(&entry.range)))
        });
        written
            .chain(
                own.iter()
                    .map(|text| (text.clone(), Location::file(&*selection.root))),
            )
            .collect()
    };
    let mut compile = |entries: Vec<(String, Location)>, patterns: &mut Patterns| {
        for (text, at) in entries {
            match Pattern::new(&selection.root, &text, false, at) {
                Ok(pattern) => patterns.add(pattern),
                Err(diagnostic) => wrong.push(diagnostic),
            }
        }
    };
    let (mut wanted, mut unwanted) = (Patterns::default(), Patterns::default());
    let entries = listed("members", &selection.members);
    compile(entries.clone(), &mut wanted);
    compile(listed("exclude", &[]), &mut unwanted);
    compile(
        selection
            .exclude
            .iter()
            .map(|text| (text.clone(), Location::default()))
            .collect(),
        &mut unwanted,
    );
    let mut found = Vec::new();
    if (selection.members.is_empty() || wanted.matches(&selection.root)) && has_manifest(&selection.root) {
        found.push(selection.root.clone());
    }
    if wanted.is_empty() {
        return found;
    }
    for folder in folder::inside(tree, wanted.reach(&selection.root)) {
        let hidden = folder
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with('.'));
        if hidden || folder == selection.root || !wanted.matches(&folder) || unwanted.matches(&folder) {
            continue;
        }
        if has_manifest(&folder) {
            found.push(folder);
        } else {
            let matching = |text: &str, at: &Location| {
                Pattern::new(&selection.root, text, false, at.clone())
                    .is_ok_and(|pattern| pattern.matches(&folder))
            };
            // uv is strict here too; but what `**` reaches is not all meant.
            let Some((_, at)) = entries
                .iter()
                .find(|(text, at)| matching(text, at))
                .filter(|(text, _)| !text.contains("**"))
            else {
                continue;
            };
            wrong.push(
                Diagnostic::error(
                    format!("`{folder}` is a member of the workspace without a {MANIFEST}"),
                    at.clone(),
                )
                .hint(format!(
                    "add one, or list \"{}\" in `exclude`",
                    folder.rsplit('/').next().unwrap_or(&folder)
                )),
            );
        }
    }
    found
}
