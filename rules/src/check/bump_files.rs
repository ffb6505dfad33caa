//! Further files that hold a version: where in them it stands, and whether it is the right one.

use std::ops::Range;

use crate::placeholder::is_placeholder;
use model::{BumpFile, Config, Package, Workspace};
use regex::Regex;

use super::{CheckInput, Finding, FindingKind, says, written};

/// A version in a bump file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// Its bytes.
    pub(crate) range: Range<usize>,
    /// Its line, from 1.
    pub(crate) line: u32,
}

/// Every package with the bump files it declares.
pub(crate) fn declared<'a>(
    config: Option<&'a Config>,
    workspace: &'a Workspace,
) -> impl Iterator<Item = (&'a Package, &'a BumpFile)> {
    let declared = config.into_iter().flat_map(|config| &config.packages);
    declared.flat_map(|declared| {
        let package = workspace
            .named(&declared.name)
            .find(|package| package.id.ecosystem == declared.ecosystem);
        package
            .into_iter()
            .flat_map(|package| declared.bump_files.iter().map(move |file| (package, file)))
    })
}

/// Where the package's version stands in the text of a bump file: what the pattern's first group matches, or every
/// place where the version stands by itself, in either notation.
pub(crate) fn occurrences(pattern: Option<&str>, text: &str, package: &Package) -> Vec<Occurrence> {
    let ranges: Vec<Range<usize>> = match pattern {
        Some(pattern) => {
            // RELEASE.star was refused if this is no pattern.
            let Ok(pattern) = Regex::new(pattern) else {
                return Vec::new();
            };
            let groups = pattern.captures_iter(text).filter_map(|found| found.get(1));
            groups.map(|group| group.range()).collect()
        }
        None => alone(text, package),
    };
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    ranges
        .into_iter()
        .map(|range| Occurrence {
            line: u32::try_from(line(range.start)).unwrap_or(u32::MAX),
            range,
        })
        .collect()
}

fn alone(text: &str, package: &Package) -> Vec<Range<usize>> {
    let mut notations = vec![
        package.written_version.clone(),
        package.version.to_string(),
        crate::step::written("uv", &package.version),
    ];
    notations.sort();
    notations.dedup();
    let mut found: Vec<Range<usize>> = notations
        .iter()
        .flat_map(|version| {
            let places = text.match_indices(version.as_str());
            places.map(|(at, version)| at..at + version.len())
        })
        .filter(|range| is_alone(&text[..range.start], &text[range.end..]))
        .collect();
    found.sort_by_key(|range| range.start);
    found
}

/// Whether what stands between the two is a version of its own and no part of a longer one: `1.2.0` is in `v1.2.0`, in
/// `core-1.2.0.tar.gz` and at the end of a sentence, but not in `11.2.0`, `1.2.0.1`, `1.2.0-rc.1` or `1.2.0rc1`.
fn is_alone(before: &str, after: &str) -> bool {
    let before = match before.strip_suffix(['v', 'V']) {
        Some(rest) if !rest.ends_with(char::is_alphanumeric) => rest,
        _ => before,
    };
    let starts_apart =
        !before.ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '+'));
    let mut letters = after.chars();
    let ends_apart = match letters.next() {
        Some('.') => !letters.next().is_some_and(|letter| letter.is_ascii_digit()),
        Some('-') => !is_prerelease(letters.as_str()),
        Some('+') => false,
        Some(letter) => !letter.is_alphanumeric(),
        None => true,
    };
    starts_apart && ends_apart
}

/// Whether what follows a hyphen makes a pre-release of the version before it.
fn is_prerelease(after: &str) -> bool {
    let word: String = after.chars().take_while(char::is_ascii_alphabetic).collect();
    const WORDS: [&str; 11] = [
        "a", "alpha", "b", "beta", "rc", "dev", "pre", "next", "canary", "snapshot", "nightly",
    ];
    after.starts_with(|letter: char| letter.is_ascii_digit()) || WORDS.contains(&&*word.to_ascii_lowercase())
}

/// Bump files that are missing, that hold no version, or hold another one.
pub(super) fn check(input: &CheckInput<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (package, file) in declared(input.config, input.workspace) {
        if is_placeholder(package) {
            continue;
        }
        let expected = written(package, &package.version);
        let finding = |line: u32, stands: &str, hint: String| Finding {
            kind: FindingKind::BumpFile,
            file: file.path.clone(),
            line,
            place: file.pattern.clone().unwrap_or_default(),
            package: package.id.clone(),
            found: stands.to_owned(),
            expected: expected.clone(),
            hint,
        };
        if !input.tree.files().contains(&file.path) {
            let hint = "the file is missing, or an ignore file hides it: correct the path in `bump_files`";
            found.push(finding(0, "", hint.to_owned()));
            continue;
        }
        let text = match input.tree.read(&file.path) {
            Ok(text) => text,
            Err(reason) => {
                found.push(finding(0, "", reason));
                continue;
            }
        };
        let places = occurrences(file.pattern.as_deref(), &text, package);
        if places.is_empty() {
            let hint = match &file.pattern {
                Some(_) => "the pattern matches nothing in this file: correct the pattern in `bump_files`",
                None => {
                    "the version does not stand by itself in this file: write it there, or give a pattern"
                }
            };
            found.push(finding(0, "", hint.to_owned()));
        }
        for place in places {
            let stands = &text[place.range];
            if !says(stands, package) {
                let hint = format!("write {expected} there; `releasekit bump` does when the version changes");
                found.push(finding(place.line, stands, hint));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::is_alone;

    #[test]
    fn versions_stand_alone_or_do_not() {
        let alone = [
            ("", ""),
            ("v", "\n"),
            ("core-", ".tar.gz"),
            ("is ", ". "),
            ("\"", "\""),
            ("core-", "-linux.zip"),
            ("==", ","),
            ("_", "_"),
        ];
        for (before, after) in alone {
            assert!(is_alone(before, after), "{before}1.2.0{after}");
        }
        let parts = [
            ("1", ""),
            ("1.", ""),
            ("", ".1"),
            ("", "-rc.1"),
            ("", "-1"),
            ("", "rc1"),
            ("", "+b1"),
            ("", "4"),
            ("xv", ""),
            ("", "-beta"),
        ];
        for (before, after) in parts {
            assert!(!is_alone(before, after), "{before}1.2.0{after}");
        }
    }
}
