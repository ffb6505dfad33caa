//! A version, and how it grows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version as `SemVer` 2.0.0 writes it; PEP 440 is mapped to and from it (`Version::to_pep440`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub(crate) semver::Version);

/// A text that is not a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a version: {reason}")]
pub struct VersionError {
    /// The text.
    pub text: String,
    /// What does not fit.
    pub reason: String,
}

/// By how much a version grows. Ordered: a larger one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// Not at all.
    None,
    /// A pre-release of what comes next.
    Prerelease,
    /// A fix.
    Patch,
    /// A feature.
    Minor,
    /// A breaking change.
    Major,
    /// The first release: the version the manifest already has.
    Initial,
    /// To a version that was named.
    Explicit,
}

impl Bump {
    /// The bump as a lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Prerelease => "prerelease",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Initial => "initial",
            Self::Explicit => "explicit",
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Version {
    /// A release version.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self(semver::Version::new(major, minor, patch))
    }

    /// The version in `SemVer`'s own terms.
    #[must_use]
    pub const fn semver(&self) -> &semver::Version {
        &self.0
    }

    /// Whether it is a pre-release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// The next version. Below 1.0.0 a breaking change is a minor bump unless `major_on_zero`; a pre-release
    /// that is released grows only if it does not already cover the bump (`SemVer` clause 11). `None` if a number is
    /// at its end.
    #[must_use]
    pub fn bumped(&self, bump: Bump, major_on_zero: bool) -> Option<Self> {
        let bump = match bump {
            Bump::Major if self.0.major == 0 && !major_on_zero => Bump::Minor,
            other => other,
        };
        let (major, minor, patch) = (self.0.major, self.0.minor, self.0.patch);
        let pre = self.is_prerelease();
        Some(match bump {
            Bump::None | Bump::Prerelease | Bump::Initial | Bump::Explicit => self.clone(),
            Bump::Patch if pre => Self::new(major, minor, patch),
            Bump::Patch => Self::new(major, minor, patch.checked_add(1)?),
            Bump::Minor if pre && patch == 0 => Self::new(major, minor, 0),
            Bump::Minor => Self::new(major, minor.checked_add(1)?, 0),
            Bump::Major if pre && minor == 0 && patch == 0 => Self::new(major, 0, 0),
            Bump::Major => Self::new(major.checked_add(1)?, 0, 0),
        })
    }

    /// The same without what makes it a pre-release, and without build metadata.
    #[must_use]
    pub const fn release(&self) -> Self {
        Self::new(self.0.major, self.0.minor, self.0.patch)
    }

    /// The first word of a pre-release: `rc` in `1.2.0-rc.1` and in `1.2.0-rc1`; empty for a release.
    #[must_use]
    pub fn word(&self) -> &str {
        let label = self.0.pre.as_str();
        let first = label.split_once('.').map_or(label, |(word, _)| word);
        first.trim_end_matches(|last: char| last.is_ascii_digit())
    }

    /// The version with these identifiers as its pre-release (`SemVer` clause 9), and without build metadata.
    ///
    /// # Errors
    /// They are none.
    pub fn with_prerelease(&self, label: &str) -> Result<Self, VersionError> {
        let mut version = self.release();
        version.0.pre = semver::Prerelease::new(label).map_err(|error| VersionError {
            text: format!("{version}-{label}"),
            reason: error.to_string(),
        })?;
        Ok(version)
    }

    /// The version with this build metadata (`SemVer` clause 10).
    ///
    /// # Errors
    /// It is none.
    pub fn with_build(&self, build: &str) -> Result<Self, VersionError> {
        let mut version = self.clone();
        version.0.build = semver::BuildMetadata::new(build).map_err(|error| VersionError {
            text: format!("{self}+{build}"),
            reason: error.to_string(),
        })?;
        Ok(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        semver::Version::parse(text)
            .map(Self)
            .map_err(|error| VersionError {
                text: text.to_owned(),
                reason: error.to_string(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version written in this test")
    }

    #[test]
    fn bumps_follow_the_table() {
        let table = [
            ("1.2.3", Bump::Major, false, "2.0.0"),
            ("1.2.3", Bump::Minor, false, "1.3.0"),
            ("1.2.3", Bump::Patch, false, "1.2.4"),
            ("0.5.0", Bump::Major, false, "0.6.0"),
            ("0.5.0", Bump::Major, true, "1.0.0"),
            ("1.2.0-rc.1", Bump::Patch, false, "1.2.0"),
            ("1.2.0-rc.1", Bump::Minor, false, "1.2.0"),
            ("1.2.0-rc.1", Bump::Major, false, "2.0.0"),
            ("1.2.3", Bump::None, false, "1.2.3"),
        ];
        for (from, bump, major_on_zero, to) in table {
            assert_eq!(
                version(from).bumped(bump, major_on_zero),
                Some(version(to)),
                "{from} {bump}"
            );
        }
        let end = Version::new(u64::MAX, u64::MAX, u64::MAX);
        for bump in [Bump::Patch, Bump::Minor, Bump::Major] {
            assert_eq!(end.bumped(bump, true), None);
        }
    }

    #[test]
    fn other_notations_are_no_versions() {
        for text in ["1.2", "v1.2.3", "01.2.3", "", "1.2.3.4"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
