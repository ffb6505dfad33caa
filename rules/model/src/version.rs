//! A version, and how it grows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version as `SemVer` 2.0.0 writes it; other notations are mapped to and from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(semver::Version);

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
    /// that is released grows only if it does not already cover the bump (`SemVer` clause 11).
    #[must_use]
    pub fn bumped(&self, bump: Bump, major_on_zero: bool) -> Self {
        let bump = match bump {
            Bump::Major if self.0.major == 0 && !major_on_zero => Bump::Minor,
            other => other,
        };
        let (major, minor, patch) = (self.0.major, self.0.minor, self.0.patch);
        let pre = self.is_prerelease();
        match bump {
            Bump::None | Bump::Prerelease | Bump::Initial | Bump::Explicit => self.clone(),
            Bump::Patch if pre => Self::new(major, minor, patch),
            Bump::Patch => Self::new(major, minor, patch + 1),
            Bump::Minor if pre && patch == 0 => Self::new(major, minor, 0),
            Bump::Minor => Self::new(major, minor + 1, 0),
            Bump::Major if pre && minor == 0 && patch == 0 => Self::new(major, 0, 0),
            Bump::Major => Self::new(major + 1, 0, 0),
        }
    }

    /// The version as PEP 440 writes it: `1.2.0-rc.1` is `1.2.0rc1`.
    #[must_use]
    pub fn to_pep440(&self) -> String {
        let mut text = format!("{}.{}.{}", self.0.major, self.0.minor, self.0.patch);
        if self.is_prerelease() {
            let (word, number) = self.0.pre.split_once('.').unwrap_or((self.0.pre.as_str(), "0"));
            match word {
                "alpha" | "a" => text.push_str(&format!("a{number}")),
                "beta" | "b" => text.push_str(&format!("b{number}")),
                "dev" => text.push_str(&format!(".dev{number}")),
                "post" => text.push_str(&format!(".post{number}")),
                _ => text.push_str(&format!("rc{number}")),
            }
        }
        if !self.0.build.is_empty() {
            text.push('+');
            text.push_str(self.0.build.as_str());
        }
        text
    }

    /// Reads a version as PEP 440 writes it.
    ///
    /// # Errors
    /// It is not one, or it has an epoch or more than three release parts, which no other notation can say.
    pub fn from_pep440(text: &str) -> Result<Self, VersionError> {
        let fail = |reason: &str| VersionError {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let parsed = pep440_rs::Version::from_str(text).map_err(|error| fail(&error.to_string()))?;
        let release = parsed.release();
        if parsed.epoch() != 0 || release.len() > 3 {
            return Err(fail("an epoch or a fourth part has no place in other ecosystems"));
        }
        let part = |index: usize| release.get(index).copied().unwrap_or(0);
        let mut version = Self::new(part(0), part(1), part(2));
        let pre = if let Some(pre) = parsed.pre() {
            let word = match pre.kind {
                pep440_rs::PrereleaseKind::Alpha => "alpha",
                pep440_rs::PrereleaseKind::Beta => "beta",
                pep440_rs::PrereleaseKind::Rc => "rc",
            };
            Some(format!("{word}.{}", pre.number))
        } else {
            parsed.dev().map(|number| format!("dev.{number}"))
        };
        if let Some(pre) = pre {
            version.0.pre = semver::Prerelease::new(&pre).map_err(|error| fail(&error.to_string()))?;
        }
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
                version(to),
                "{from} {bump}"
            );
        }
    }

    #[test]
    fn notations_map_both_ways() {
        for (semver, pep440) in [
            ("0.6.0-rc.1", "0.6.0rc1"),
            ("1.0.0-alpha.2", "1.0.0a2"),
            ("1.0.0-beta.3", "1.0.0b3"),
            ("1.0.0-dev.4", "1.0.0.dev4"),
            ("1.2.3", "1.2.3"),
        ] {
            assert_eq!(version(semver).to_pep440(), pep440);
            assert_eq!(Version::from_pep440(pep440).expect("valid"), version(semver));
        }
        assert_eq!(Version::from_pep440("1.2").expect("valid"), version("1.2.0"));
        assert!(Version::from_pep440("1!2.0").is_err());
        assert!("v1.2.3".parse::<Version>().is_err());
        assert!("1.2".parse::<Version>().is_err());
    }
}
