//! What the versions of a channel look like: releases, pre-releases of what comes next, nightlies, snapshots.

use std::cmp::Ordering;

use model::{Channel, Line, Version};

use super::calendar::Moment;

/// The words whose versions are on nobody's way to a release.
const NIGHTLY: &str = "nightly";
const SNAPSHOT: &str = "snapshot";

/// The words that everybody orders alike, the first being the earliest.
const WORDS: [&str; 4] = ["dev", "alpha", "beta", "rc"];

/// Which version is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As `SemVer` clause 11 has it.
    SemVer,
    /// As PEP 440 has it, where it can say both: `dev` comes before `alpha` there.
    Pep440,
}

impl Order {
    /// The order in an ecosystem.
    pub(super) fn of(ecosystem: &str) -> Self {
        if ecosystem == "uv" {
            Self::Pep440
        } else {
            Self::SemVer
        }
    }

    pub(super) fn compare(self, one: &Version, other: &Version) -> Ordering {
        match self {
            Self::Pep440 => one.compare_pep440(other).unwrap_or_else(|| one.cmp(other)),
            Self::SemVer => one.cmp(other),
        }
    }

    pub(super) fn is_less(self, one: &Version, other: &Version) -> bool {
        self.compare(one, other) == Ordering::Less
    }
}

/// Whether a tagged version counts as a package's last one on this line. `written` is what its manifest says.
pub(super) fn counts(line: &Line, written: Option<&Version>, version: &Version) -> bool {
    if !version.is_prerelease() {
        return true;
    }
    match line {
        Line::AsItIs => written == Some(version),
        Line::Release | Line::Snapshot => false,
        Line::Nightly => version.word() == NIGHTLY,
        Line::Prerelease(_) => is_step(version),
    }
}

/// Whether it is a nightly of a release.
pub(super) fn is_nightly_of(release: &Version, version: &Version) -> bool {
    version.word() == NIGHTLY && version.release() == *release
}

/// Whether a pre-release is a step towards its release.
pub(super) fn is_step(version: &Version) -> bool {
    version.is_prerelease() && ![NIGHTLY, SNAPSHOT].contains(&version.word())
}

/// The version that a release with that number gets on this line when nothing of it was released yet.
pub(super) fn started(line: &Line, release: &Version, now: Moment) -> Version {
    let label = match line {
        Line::Release if release.is_prerelease() => return release.release(),
        Line::AsItIs | Line::Release => return release.clone(),
        Line::Prerelease(word) if release.word() == word => return release.clone(),
        Line::Prerelease(word) => format!("{word}.1"),
        Line::Nightly => format!("{NIGHTLY}.{}", now.number()),
        Line::Snapshot => return snapshot(now),
    };
    release
        .with_prerelease(&label)
        .unwrap_or_else(|_| release.clone())
}

/// The nightly of a release after the `last` one of it: named after the day, and further ones of a day are counted, as
/// `nightly.20260102.1`. PEP 440 has one number there, and Python packages get `nightly.2026010201`; the days after go on
/// like that, so that each is greater than the one before. Never lower than `last`, whatever the clock says.
pub(super) fn nightly(release: &Version, last: Option<&Version>, now: Moment, is_python: bool) -> Version {
    let numbers = last
        .map_or("", |last| last.semver().pre.as_str())
        .split('.')
        .skip(1);
    let mut numbers = numbers.map_while(|number| number.parse::<u64>().ok());
    let today = now.number();
    let label = match (numbers.next(), numbers.next()) {
        (Some(day), _) if day >= today && is_python => {
            let counted = today.saturating_mul(100).saturating_add(1);
            counted.max(day.saturating_add(1)).to_string()
        }
        (Some(day), count) if day >= today => format!("{day}.{}", count.unwrap_or(0).saturating_add(1)),
        _ => today.to_string(),
    };
    release
        .with_prerelease(&format!("{NIGHTLY}.{label}"))
        .unwrap_or_else(|_| release.clone())
}

/// `0.0.0-snapshot.20260102030405`.
pub(super) fn snapshot(now: Moment) -> Version {
    let label = format!("{SNAPSHOT}.{}", now.second());
    let zero = Version::new(0, 0, 0);
    zero.with_prerelease(&label).unwrap_or(zero)
}

/// Where a channel's word stands relative to the pre-release that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The counter goes on.
    Same,
    /// The word comes later: it begins anew.
    Later,
    /// The word comes earlier: going back is refused.
    Earlier,
}

/// What a pre-release with `word` is after the one that is `open`: `dev`, `alpha`, `beta` and `rc` in that order, other
/// words as `SemVer` sorts them.
pub(super) fn step(open: &Version, word: &str) -> Step {
    let rank = |word: &str| WORDS.iter().position(|known| *known == word);
    let order = match (rank(open.word()), rank(word)) {
        (Some(open), Some(word)) => open.cmp(&word),
        _ => open.word().cmp(word),
    };
    match order {
        Ordering::Equal => Step::Same,
        Ordering::Less => Step::Later,
        Ordering::Greater => Step::Earlier,
    }
}

/// The dist-tag of a version: `latest` never moves to a pre-release.
pub(super) fn channel_of(channel: &Channel, version: &Version) -> String {
    match version.word() {
        "" => channel.name.clone(),
        _ if channel.name != Channel::default().name => channel.name.clone(),
        word @ ("rc" | "beta") => word.to_owned(),
        _ => "next".to_owned(),
    }
}

/// The versions that a maintenance channel such as `release-1.x` or `1.2.x` is for: a major version, and perhaps a
/// minor one.
pub(super) fn maintained(channel: &str) -> Option<(u64, Option<u64>)> {
    let range = channel.strip_suffix(".x")?;
    let start = range
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(0, |at| at + 1);
    let mut parts = range[start..].split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = match parts.next() {
        Some(minor) => Some(minor.parse().ok()?),
        None => None,
    };
    parts.next().is_none().then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version written in this test")
    }

    #[test]
    fn words_escalate_and_never_go_back() {
        let table = [
            ("1.2.0-dev.1", "alpha", Step::Later),
            ("1.2.0-alpha.1", "beta", Step::Later),
            ("1.2.0-beta.9", "rc", Step::Later),
            ("1.2.0-rc.1", "rc", Step::Same),
            ("1.2.0-rc.1", "beta", Step::Earlier),
            ("1.2.0-alpha.1", "dev", Step::Earlier),
            ("1.2.0-canary.1", "next", Step::Later),
            ("2.0.0-next.3", "beta", Step::Earlier),
        ];
        for (open, word, expected) in table {
            assert_eq!(step(&version(open), word), expected, "{open} {word}");
        }
        let order = |order: Order, one, other| order.compare(&version(one), &version(other));
        assert_eq!(
            order(Order::SemVer, "1.0.0-dev.1", "1.0.0-alpha.1"),
            Ordering::Greater
        );
        assert_eq!(
            order(Order::Pep440, "1.0.0-dev.1", "1.0.0-alpha.1"),
            Ordering::Less
        );
        assert_eq!(order(Order::Pep440, "1.0.0-dev.1", "1.0.0"), Ordering::Less);
    }

    #[test]
    fn maintenance_channels_name_a_range() {
        let table = [
            ("release-1.x", Some((1, None))),
            ("1.x", Some((1, None))),
            ("1.2.x", Some((1, Some(2)))),
            ("v1.2.x", Some((1, Some(2)))),
            ("latest", None),
            ("next.x", None),
            ("release-1.2.3.x", None),
            (".x", None),
        ];
        for (channel, expected) in table {
            assert_eq!(maintained(channel), expected, "{channel}");
        }
    }

    #[test]
    fn latest_never_moves_to_a_prerelease() {
        let named = |channel: &str, text: &str| channel_of(&Channel::named(channel, None), &version(text));
        assert_eq!(named("latest", "1.0.0"), "latest");
        assert_eq!(named("latest", "1.0.0-rc.1"), "rc");
        assert_eq!(named("latest", "1.0.0-beta.1"), "beta");
        assert_eq!(named("latest", "1.0.0-alpha.1"), "next");
        assert_eq!(named("canary", "1.0.0-rc.1"), "canary");
    }
}
