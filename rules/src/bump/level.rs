//! The version a person asks for: a level above the present one, or that version itself.

use std::fmt;

use model::{Bump, Version};

/// By which part a version grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A breaking change. Whoever types it means it, also below 1.0.0.
    Major,
    /// A feature.
    Minor,
    /// A fix.
    Patch,
    /// The next pre-release.
    Prerelease,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// One step on.
    Level(Level),
    /// This version.
    Version(Version),
}

impl Wish {
    /// Reads `major`, `minor`, `patch`, `prerelease`, or a version in either notation.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let level = match text {
            "major" => Level::Major,
            "minor" => Level::Minor,
            "patch" => Level::Patch,
            "prerelease" => Level::Prerelease,
            version => return crate::check::read(version).map(Self::Version),
        };
        Some(Self::Level(level))
    }
}

/// A version that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoVersion(String);

impl fmt::Display for NoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version `level` above `from`. `word` names pre-releases: asked for, or what goes without saying; `asked` tells
/// which. A pre-release is counted from 1, and goes on counting as long as its release and its word stay
/// (`SemVer` clause 11).
pub(super) fn above(
    from: &Version,
    level: Level,
    asked: Option<&str>,
    otherwise: &str,
) -> Result<Version, NoVersion> {
    let bump = match level {
        Level::Major => Bump::Major,
        Level::Minor => Bump::Minor,
        Level::Patch | Level::Prerelease => Bump::Patch,
    };
    let ended = || NoVersion(format!("{from} cannot grow: one of its numbers is at its end"));
    let release = from.bumped(bump, true).ok_or_else(ended)?;
    if level != Level::Prerelease && asked.is_none() {
        return Ok(release);
    }
    let present = from.semver();
    let word = present.pre.as_str().split(['.', '-']).next().unwrap_or_default();
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let core = |version: &Version| {
        let version = version.semver();
        (version.major, version.minor, version.patch)
    };
    let goes_on =
        from.is_prerelease() && core(from) == core(&release) && asked.is_none_or(|asked| asked == word);
    let pre = if goes_on {
        next_number(present.pre.as_str()).ok_or_else(ended)?
    } else {
        format!("{}.1", asked.unwrap_or(otherwise))
    };
    format!("{release}-{pre}")
        .parse()
        .map_err(|error: model::VersionError| NoVersion(error.to_string()))
}

/// The pre-release after `pre`: its last number is one more; where it has none, it gets one. `None` if that number is
/// at its end.
fn next_number(pre: &str) -> Option<String> {
    let digits = pre.len() - pre.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let (head, number) = pre.split_at(pre.len() - digits);
    if number.is_empty() {
        return Some(format!("{pre}.1"));
    }
    let number = number.parse::<u64>().ok()?.checked_add(1)?;
    Some(format!("{head}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_the_table() {
        use Level::{Major, Minor, Patch, Prerelease};
        let table = [
            ("1.2.3", Major, None, "2.0.0"),
            ("0.2.3", Major, None, "1.0.0"),
            ("1.2.3", Minor, None, "1.3.0"),
            ("1.2.3", Patch, None, "1.2.4"),
            ("1.3.0-rc.2", Minor, None, "1.3.0"),
            ("1.3.0-rc.2", Patch, None, "1.3.0"),
            ("1.2.3", Prerelease, None, "1.2.4-rc.1"),
            ("1.2.3", Prerelease, Some("beta"), "1.2.4-beta.1"),
            ("1.2.4-beta.1", Prerelease, None, "1.2.4-beta.2"),
            ("1.2.4-beta.9", Prerelease, Some("beta"), "1.2.4-beta.10"),
            ("1.2.4-beta.2", Prerelease, Some("rc"), "1.2.4-rc.1"),
            ("1.0.0-beta", Prerelease, None, "1.0.0-beta.1"),
            ("1.0.0-rc1", Prerelease, None, "1.0.0-rc2"),
            ("1.2.3", Minor, Some("rc"), "1.3.0-rc.1"),
            ("1.3.0-rc.1", Minor, Some("rc"), "1.3.0-rc.2"),
            ("1.3.0-rc.1", Major, Some("rc"), "2.0.0-rc.1"),
        ];
        for (from, level, pre, to) in table {
            let from: Version = from.parse().expect("a version");
            let next = above(&from, level, pre, "rc").expect("a version");
            assert_eq!(next.to_string(), to, "{from} {level:?} {pre:?}");
            assert!(next > from);
        }
        assert!(above(&Version::new(1, 0, 0), Minor, Some("r c"), "rc").is_err());
        for end in ["1.2.18446744073709551615", "1.2.3-rc.18446744073709551615"] {
            let end: Version = end.parse().expect("a version");
            assert!(above(&end, Prerelease, None, "rc").is_err(), "{end}");
        }
        assert_eq!(Wish::parse("minro"), None);
        assert_eq!(Wish::parse("major"), Some(Wish::Level(Major)));
        let wanted = Some(Wish::Version("1.2.0-rc.1".parse().expect("a version")));
        assert_eq!(
            (Wish::parse("1.2.0rc1"), Wish::parse("1.2.0-rc.1")),
            (wanted.clone(), wanted)
        );
    }
}
