//! Versions that a Python build backend computes: noted where they are, and how the backend is told another one.

use std::collections::BTreeMap;
use std::ops::Range;

use engine::StepError;
use model::{LACKS, Package, SourceTree, UNREADABLE, VERSION_PLACE, Version};

use super::origin::{self, Origin, SCM};
use super::splice::Edits;
use super::toml_text::Toml;
use super::version_rule::Rule;

/// Notes how a package's version is found. The version and its text, if it stands anywhere.
pub(super) fn note(
    tree: &dyn SourceTree,
    toml: &Toml,
    path: &str,
    name: &str,
    notes: &mut BTreeMap<String, String>,
) -> Option<(Version, String)> {
    notes.insert("dynamic".to_owned(), "true".to_owned());
    match origin::origin(tree, toml, path, name) {
        Origin::File(file, rule) => match origin::read(tree, file, rule) {
            Ok(stated) => {
                // As Cargo's packages have it, who may inherit it too.
                let place = match &stated.rule {
                    Rule::Key(keys) if keys.starts_with("workspace.") => format!("{}#{keys}", stated.file),
                    _ => stated.file.clone(),
                };
                notes.insert(VERSION_PLACE.to_owned(), place);
                notes.insert("version-file".to_owned(), stated.file);
                notes.insert("version-rule".to_owned(), stated.rule.to_string());
                return Some((stated.version, stated.written));
            }
            Err((place, why)) => note_unreadable(&place, &why, notes),
        },
        Origin::Unreadable(place, why) => note_unreadable(&place, &why, notes),
        Origin::Told(variables) => {
            notes.insert("told".to_owned(), variables.join("\n"));
        }
        Origin::Deaf(tool) => {
            notes.insert("deaf".to_owned(), tool.to_owned());
        }
        Origin::Elsewhere => {
            // Without effect on those who do not ask.
            notes.insert("asked".to_owned(), SCM.to_owned());
        }
    }
    None
}

/// There is a version, so none may be made up: the package cannot be released.
fn note_unreadable(place: &str, why: &str, notes: &mut BTreeMap<String, String>) {
    notes.insert(UNREADABLE.to_owned(), format!("{place}: {why}"));
    notes.insert(
        LACKS.to_owned(),
        format!("a version that can be read ({place}: {why})"),
    );
}

/// The bytes of a package's version in the text of the file that its version stands in.
pub(super) fn version_in(package: &Package, file: &str, text: &str) -> Option<Range<usize>> {
    let rule = package
        .notes
        .get("version-rule")
        .and_then(|note| Rule::noted(note))?;
    rule.find(file, text).ok()
}

/// A package whose version this program cannot say to its build.
///
/// # Errors
/// It is one: why, and what to do.
pub(super) fn refuse(package: &Package) -> Result<(), StepError> {
    let name = &package.id.name;
    if let Some(place) = package.notes.get(UNREADABLE) {
        let message = format!("{place}, so no version of `{name}` can be written");
        return Err(StepError::new(message)
            .hint("assign one plain text, `__version__ = \"1.2.3\"`, or give [project] a version"));
    }
    if let Some(tool) = package.notes.get("deaf") {
        let message = format!("`{tool}` finds the version of `{name}`, and cannot be told another one");
        return Err(StepError::new(message).hint(
            "use setuptools_scm, hatch-vcs or another tool that takes the version from its environment",
        ));
    }
    Ok(())
}

/// Turns a version that the build backend computes into a written one.
pub(super) fn make_static(toml: &Toml, version: &str, edits: &mut Edits) {
    let Some(project) = toml.table(&["project"]) else {
        return;
    };
    let Some(key) = toml.range_of_key(project, "dynamic") else {
        return;
    };
    let listed = toml.list(&["project", "dynamic"]);
    let Some(entry) = listed.into_iter().find(|entry| entry.text == "version") else {
        return;
    };
    edits.insert(
        key.start,
        format!("version = \"{version}\"{}", super::splice::newline(&toml.text)),
    );
    edits.replace(with_comma(&toml.text, &entry.range), "");
}

/// The range of a list's entry with the comma that sets it apart, on its own line; comments stay.
fn with_comma(text: &str, entry: &Range<usize>) -> Range<usize> {
    let blank = [' ', '\t'];
    let (before, after) = (&text[..entry.start], &text[entry.end..]);
    if let Some(rest) = after.trim_start_matches(blank).strip_prefix(',') {
        return entry.start..text.len() - rest.trim_start_matches(blank).len();
    }
    match before.trim_end_matches(blank).strip_suffix(',') {
        Some(head) => head.len()..entry.end,
        None => entry.clone(),
    }
}
