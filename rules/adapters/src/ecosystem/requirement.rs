//! How each ecosystem writes the need of a version, and where it stands in a Python requirement.

use std::ops::Range;

use model::{PinStrategy, Version, VersionError};

/// A name as package indexes compare it: lower case, runs of `-`, `_` and `.` as one `-`.
pub(super) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            letter => out.extend(letter.to_lowercase()),
        }
    }
    out
}

/// A Python requirement: `name[extra]>=1; marker`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requirement<'a> {
    /// The package's name as written.
    pub(super) name: &'a str,
    /// The versions allowed, or `@ address`, as written; empty for any.
    pub(super) versions: &'a str,
    /// Where `versions` stands; where it would, if it is empty.
    pub(super) range: Range<usize>,
}

impl<'a> Requirement<'a> {
    /// Takes a requirement apart; `None` if it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let start = text.len() - text.trim_start().len();
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let name_end = text[start..]
            .find(|letter| !is_name(letter))
            .map_or(text.len(), |at| start + at);
        let name = &text[start..name_end];
        if !name.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
            return None;
        }
        let mut at = name_end;
        if let Some(extras) = text[at..].trim_start().strip_prefix('[') {
            at = text.len() - extras.len() + extras.find(']')? + 1;
        }
        let rest = text[at..].trim_start();
        let from = if rest.is_empty() || rest.starts_with(';') {
            at
        } else {
            text.len() - rest.len()
        };
        let end = if rest.starts_with('@') {
            rest.find(" ;").map_or(rest.len(), |semicolon| semicolon)
        } else {
            rest.find(';').unwrap_or(rest.len())
        };
        let versions = if from == at && (rest.is_empty() || rest.starts_with(';')) {
            ""
        } else {
            rest[..end].trim_end()
        };
        Some(Self {
            name,
            versions,
            range: from..from + versions.len(),
        })
    }
}

/// A version as Python has it. The only place that asks: what PEP 440 has no words for is refused by all callers alike.
///
/// # Errors
/// PEP 440 cannot say it.
pub(super) fn pep440(version: &Version) -> Result<String, VersionError> {
    version.to_pep440()
}

/// The requirement in a `pyproject.toml`. Compatible means the same major version (below 1.0.0: the same minor
/// version), since `~=1.2.3` would refuse 1.3.0.
///
/// # Errors
/// PEP 440 cannot say the version.
pub(super) fn python(version: &Version, strategy: PinStrategy) -> Result<Option<String>, VersionError> {
    let from = pep440(version)?;
    let semver = version.semver();
    let public = from.split('+').next().unwrap_or(&from);
    Ok(match (strategy, semver.major) {
        (PinStrategy::Exact, _) => Some(format!("=={from}")),
        (PinStrategy::Compatible, 0) => Some(format!(">={public},<0.{}", semver.minor + 1)),
        (PinStrategy::Compatible, major) => Some(format!(">={public},<{}", major + 1)),
        (PinStrategy::Minimum, _) => Some(format!(">={public}")),
        (PinStrategy::Range, 0) => Some(format!(">={public},<0.{}.0", semver.minor + 1)),
        (PinStrategy::Range, major) => Some(format!(">={public},<{}.0.0", major + 1)),
        (PinStrategy::None, _) => None,
    })
}

/// The requirement in a `Cargo.toml`; a bare version means compatible there.
pub(super) fn cargo(version: &Version, strategy: PinStrategy) -> Option<String> {
    let from = without_build(version);
    match strategy {
        PinStrategy::Exact => Some(format!("={from}")),
        PinStrategy::Compatible => Some(from),
        PinStrategy::Minimum => Some(format!(">={from}")),
        PinStrategy::Range => Some(format!(">={from}, <{}", incompatible(version))),
        PinStrategy::None => None,
    }
}

/// The requirement in a `package.json`.
pub(super) fn node(version: &Version, strategy: PinStrategy) -> Option<String> {
    let from = without_build(version);
    match strategy {
        PinStrategy::Exact => Some(from),
        PinStrategy::Compatible => Some(format!("^{from}")),
        PinStrategy::Minimum => Some(format!(">={from}")),
        PinStrategy::Range => Some(format!(">={from} <{}", incompatible(version))),
        PinStrategy::None => None,
    }
}

/// A version without build metadata, which no requirement can speak of.
pub(super) fn without_build(version: &Version) -> String {
    let text = version.to_string();
    text.split('+').next().unwrap_or(&text).to_owned()
}

/// The first release that is not compatible, as Cargo and npm see it.
pub(super) fn incompatible(version: &Version) -> Version {
    let semver = version.semver();
    match (semver.major, semver.minor) {
        (0, 0) => Version::new(0, 0, semver.patch + 1),
        (0, minor) => Version::new(0, minor + 1, 0),
        (major, _) => Version::new(major + 1, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_taken_apart() {
        let table = [
            ("core", "core", "", 4..4),
            ("core>=0.1", "core", ">=0.1", 4..9),
            ("core >= 0.1 , < 2", "core", ">= 0.1 , < 2", 5..17),
            ("core[x, y]>=0.1; python_version < '3'", "core", ">=0.1", 10..15),
            ("core[x] ; extra == 'a'", "core", "", 7..7),
            (
                "core @ https://x.invalid/a;b ; os_name == 'nt'",
                "core",
                "@ https://x.invalid/a;b",
                5..28,
            ),
            ("core (>=1)", "core", "(>=1)", 5..10),
        ];
        for (text, name, versions, range) in table {
            assert_eq!(
                Requirement::parse(text),
                Some(Requirement {
                    name,
                    versions,
                    range
                }),
                "{text}"
            );
        }
        assert_eq!(Requirement::parse("  "), None);
    }

    #[test]
    fn names_compare_as_indexes_do() {
        assert_eq!(normalised("A__b.-C"), "a-b-c");
    }

    #[test]
    fn every_strategy_has_its_notation() {
        let table = [
            ("1.2.3", PinStrategy::Exact, "==1.2.3", "=1.2.3", "1.2.3"),
            ("1.2.3", PinStrategy::Compatible, ">=1.2.3,<2", "1.2.3", "^1.2.3"),
            ("1.2.3", PinStrategy::Minimum, ">=1.2.3", ">=1.2.3", ">=1.2.3"),
            (
                "1.2.3",
                PinStrategy::Range,
                ">=1.2.3,<2.0.0",
                ">=1.2.3, <2.0.0",
                ">=1.2.3 <2.0.0",
            ),
            (
                "0.2.3-rc.1",
                PinStrategy::Exact,
                "==0.2.3rc1",
                "=0.2.3-rc.1",
                "0.2.3-rc.1",
            ),
            (
                "0.2.3-rc.1",
                PinStrategy::Compatible,
                ">=0.2.3rc1,<0.3",
                "0.2.3-rc.1",
                "^0.2.3-rc.1",
            ),
            (
                "0.0.3",
                PinStrategy::Range,
                ">=0.0.3,<0.1.0",
                ">=0.0.3, <0.0.4",
                ">=0.0.3 <0.0.4",
            ),
            ("1.0.0+b.1", PinStrategy::Exact, "==1.0.0+b.1", "=1.0.0", "1.0.0"),
        ];
        for (version, strategy, in_python, in_cargo, in_node) in table {
            let version: Version = version.parse().expect("a version");
            let written = python(&version, strategy).expect("PEP 440 can say it");
            assert_eq!(written.as_deref(), Some(in_python));
            assert_eq!(cargo(&version, strategy).as_deref(), Some(in_cargo));
            assert_eq!(node(&version, strategy).as_deref(), Some(in_node));
        }
        assert_eq!(python(&Version::new(1, 0, 0), PinStrategy::None), Ok(None));
    }
}
