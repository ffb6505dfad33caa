//! Puts the text of a version into a changelog that people edit too.

use model::Version;

use super::headings::{Heading, MARK, breaks, end, headings, is_version, version};

/// What a new changelog begins with.
pub(super) const TITLE: &str = "# Changelog";

/// How a version's text is put into a changelog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Insertion {
    /// Replace what the changelog says of that version, if it says something.
    pub overwrite: bool,
    /// Put it where its version belongs, before the first lower one; else on top.
    pub by_version: bool,
}

/// The changelog with `section`, which begins with a heading that names `released`. Everything that was there is
/// there still, byte for byte, except for what `overwrite` replaces. A changelog that has a section of exactly that
/// version stays as it is. Line ends are those of the changelog.
///
/// # Errors
/// The section does not begin with a heading that names the version, as a sentence.
pub fn insert(
    existing: Option<&str>,
    section: &str,
    released: &Version,
    how: Insertion,
) -> Result<String, String> {
    let names_it = headings(section)
        .first()
        .is_some_and(|heading| section[..heading.start].trim().is_empty() && names(heading, released));
    if !names_it {
        return Err(format!(
            "the text does not begin with a heading that names the version, such as `## {released}`"
        ));
    }
    let text = existing.unwrap_or_default();
    if text.trim_start_matches(MARK).trim().is_empty() {
        return Ok(begun(text, section));
    }
    let found = headings(text);
    if let Some(at) = found.iter().position(|heading| names(heading, released)) {
        if !how.overwrite {
            return Ok(text.to_owned());
        }
        let end = section_end(text, &found, at);
        let end = broken_off(text, found[at].end, end, section);
        return Ok(spliced(text, found[at].line, end, section));
    }
    let versions: Vec<usize> = (0..found.len())
        .filter(|at| is_version(found[*at].text))
        .collect();
    let is_lower = |at: &&usize| version(found[**at].text).is_some_and(|other| other < *released);
    let place = match versions.as_slice() {
        [] => end(text),
        [first, ..] if !how.by_version => found[*first].start,
        [.., last] => versions
            .iter()
            .find(is_lower)
            .map_or_else(|| section_end(text, &found, *last), |lower| found[*lower].start),
    };
    Ok(spliced(text, place, place, section))
}

fn names(heading: &Heading<'_>, released: &Version) -> bool {
    version(heading.text).as_ref() == Some(released)
}

/// A changelog with nothing in it but the section.
pub(super) fn begun(text: &str, section: &str) -> String {
    let mark = text.starts_with(MARK).then_some(MARK);
    let mark = mark.map_or_else(String::new, String::from);
    format!("{mark}{TITLE}\n\n{}\n", section.trim())
}

/// Where the section of a version ends. Headings of its own may be of its level where that is deep, as
/// conventional-changelog writes them.
fn section_end(text: &str, found: &[Heading<'_>], at: usize) -> usize {
    let own = &found[at];
    let ends = |heading: &&Heading<'_>| {
        is_version(heading.text) || heading.level < own.level || heading.level == own.level && own.level <= 2
    };
    found[at + 1..]
        .iter()
        .find(ends)
        .map_or_else(|| end(text).max(own.end), |next| next.start)
}

/// Where a section that ends at `end` ends for whom it is replaced: at a thematic break, because people write below one
/// what is about all versions; unless what it is replaced by has breaks of its own.
fn broken_off(text: &str, from: usize, end: usize, section: &str) -> usize {
    let within = |at: &usize| (from..end).contains(at);
    let is_broken = breaks(section).next().is_some();
    let mut breaks = breaks(text).filter(within).take_while(|_| !is_broken);
    breaks.next().unwrap_or(end)
}

/// The text with `section` instead of what is between two places, and empty lines around it.
pub(super) fn spliced(text: &str, from: usize, to: usize, section: &str) -> String {
    let (before, after) = (&text[..from], &text[to..]);
    let is_crlf = text
        .find('\n')
        .is_some_and(|at| at > 0 && text.as_bytes()[at - 1] == b'\r');
    let line_end = if is_crlf { "\r\n" } else { "\n" };
    let mut new = before.to_owned();
    let is_begin = before.trim_start_matches(MARK).is_empty();
    if !is_begin {
        if !before.ends_with('\n') {
            new.push_str(line_end);
        }
        let has_empty_line = before.ends_with("\n\n") || before.ends_with("\n\r\n");
        if !has_empty_line {
            new.push_str(line_end);
        }
    }
    let lines: Vec<&str> = section.trim().lines().collect();
    new.push_str(&lines.join(line_end));
    if !after.is_empty() {
        new.push_str(line_end);
        if !after.starts_with(['\r', '\n']) {
            new.push_str(line_end);
        }
        new.push_str(after);
    } else if text.ends_with('\n') {
        new.push_str(line_end);
    }
    new
}
