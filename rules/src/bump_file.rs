//! Bump files: further files that hold versions, where in them these stand, and their text with other versions.

use std::ops::Range;

use model::{BumpFile, Config, Diagnostic, Location, Package, PackageId, Version, Workspace};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::check::{read, written};

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

/// Where the package's version stands in the text of a bump file: what the pattern's first group matches, without white
/// space around it (such as the first half of `\r\n`) and a `v` before it, which stay what they are; or every place where
/// the version stands by itself, in either notation.
pub(crate) fn occurrences(pattern: Option<&str>, text: &str, package: &Package) -> Vec<Occurrence> {
    let ranges: Vec<Range<usize>> = match pattern {
        Some(pattern) => {
            // RELEASE.star was refused if this is no pattern.
            let Ok(pattern) = Regex::new(pattern) else {
                return Vec::new();
            };
            let groups = pattern.captures_iter(text).filter_map(|found| found.get(1));
            groups.map(|group| bare(text, group.range())).collect()
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

/// What of `range` is the version.
fn bare(text: &str, range: Range<usize>) -> Range<usize> {
    let group = &text[range.clone()];
    let version = group.trim();
    let start = range.start + (group.len() - group.trim_start().len());
    let v = version
        .strip_prefix(['v', 'V'])
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
    start + usize::from(v)..start + version.len()
}

/// Whether what stands in a bump file is a whole version: as many numbers as the package's has, `1` being none of
/// `1.0.0`.
pub(crate) fn is_whole(text: &str, package: &Package) -> bool {
    let numbers = |text: &str| {
        let release = text.split_once('!').map_or(text, |(_, after)| after);
        let release = release.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let release = release.map(|release| release.trim_end_matches('.')).next();
        release.map_or(0, |release| release.split_terminator('.').count())
    };
    let own = match numbers(&package.written_version) {
        0 => 3,
        own => own.min(3),
    };
    read(text).is_some() && numbers(text) >= own
}

fn alone(text: &str, package: &Package) -> Vec<Range<usize>> {
    let mut notations = vec![
        package.written_version.clone(),
        package.version.to_string(),
        crate::step::written("uv", &package.version),
    ];
    notations.retain(|version| !version.is_empty());
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

/// What a package's release means for one of the files that hold its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BumpedFile {
    /// The file, relative to the repository's root.
    pub path: String,
    /// A regular expression whose first group is the version; `None` for every place where the package's version stands by itself.
    pub pattern: Option<String>,
    /// The package whose version it holds.
    pub package: Package,
    /// The version from now on; `None` if the package keeps the one it has, and its places are not to be touched.
    pub to: Option<Version>,
}

/// Every bump file with the version that `next` says its package gets.
pub(crate) fn bumped<'a>(
    config: Option<&'a Config>,
    workspace: &'a Workspace,
    next: impl Fn(&PackageId) -> Option<Version>,
) -> Vec<BumpedFile> {
    declared(config, workspace)
        .map(|(package, file)| BumpedFile {
            path: file.path.clone(),
            pattern: file.pattern.clone(),
            package: package.clone(),
            to: next(&package.id),
        })
        .collect()
}

/// A place and what comes there.
struct Change<'a> {
    place: Occurrence,
    new: String,
    package: &'a Package,
}

/// The text of the file `path` with the versions of all `parts` that are about it. All places are found in the text as it
/// is, so that no new version is taken for somebody else's old one.
///
/// # Errors
/// A version is not there, what a pattern finds is none, or two packages take one place for theirs and do not agree.
pub(crate) fn spliced<'a>(
    path: &str,
    text: &str,
    parts: impl IntoIterator<Item = &'a BumpedFile>,
) -> Result<String, Diagnostic> {
    let mut changes = Vec::new();
    for part in parts.into_iter().filter(|part| part.path == path) {
        changes.extend(changes_of(part, text)?);
    }
    changes.sort_by_key(|change| (change.place.range.start, change.place.range.end));
    for pair in changes.windows(2) {
        let [one, other] = pair else { continue };
        let is_same = one.place.range == other.place.range && one.new == other.new;
        if other.place.range.start < one.place.range.end && !is_same {
            return Err(contested(path, one, other));
        }
    }
    changes.dedup_by(|one, other| one.place.range == other.place.range);
    let mut new = text.to_owned();
    for change in changes.iter().rev() {
        new.replace_range(change.place.range.clone(), &change.new);
    }
    Ok(new)
}

fn changes_of<'a>(part: &'a BumpedFile, text: &str) -> Result<Vec<Change<'a>>, Diagnostic> {
    let BumpedFile {
        path,
        pattern,
        package,
        to,
    } = part;
    let places = occurrences(pattern.as_deref(), text, package);
    if let Some(to) = to
        && places.is_empty()
        && !(pattern.is_none() && text.contains(&written(package, to)))
    {
        let name = package.name();
        let message = format!("`{path}` is a bump file of `{name}` and does not hold its version");
        let hint =
            "correct the file, or `bump_files` in RELEASE.star; `releasekit check` says what was looked for";
        return Err(Diagnostic::error(message, Location::file(&**path)).hint(hint));
    }
    let mut changes = Vec::new();
    for place in places {
        let old = &text[place.range.clone()];
        let new = match to {
            Some(_) if !is_whole(old, package) => return Err(no_version(part, &place, old)),
            Some(to) => in_notation(old, package, to),
            None => old.to_owned(),
        };
        changes.push(Change { place, new, package });
    }
    Ok(changes)
}

/// The version in the notation that `old` is in; where that does not show, in the package's own.
fn in_notation(old: &str, package: &Package, version: &Version) -> String {
    let is_semver = old.parse::<Version>().ok();
    match is_semver {
        Some(old) if old.is_prerelease() => version.to_string(),
        Some(_) => written(package, version),
        None if Version::from_pep440(old).is_ok_and(|old| old.is_prerelease()) => {
            crate::step::written("uv", version)
        }
        None => written(package, version),
    }
}

fn at(path: &str, place: &Occurrence) -> Location {
    Location {
        line: place.line,
        ..Location::file(path)
    }
}

fn no_version(part: &BumpedFile, place: &Occurrence, found: &str) -> Diagnostic {
    let name = part.package.name();
    let message = format!("`{found}`, which the pattern of `{name}` finds here, is no whole version");
    Diagnostic::error(message, at(&part.path, place))
        .hint("let the first group of the pattern match the version and nothing else; `(?:…)` groups without counting")
}

fn contested(path: &str, one: &Change<'_>, other: &Change<'_>) -> Diagnostic {
    let (one_name, other_name) = (one.package.name(), other.package.name());
    let message = if one_name == other_name {
        format!("two `bump_files` of `{one_name}` take this place for theirs")
    } else {
        format!("`{one_name}` and `{other_name}` both take this place for their version")
    };
    Diagnostic::error(message, at(path, &other.place))
        .hint("give each a pattern of its own: `bump_file(path, pattern = r\"name (\\S+)\")`")
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
