//! How versions grow: below 1.0.0, on a pre-release's line, and what people are told about it.

use model::{Bump, CommitRules, Version, ZeroPolicy};

use super::dialect::{Zero, reading};

impl Zero {
    /// What happens below 1.0.0 by these rules: what they say, else the dialect's own way.
    pub(super) fn of(rules: &CommitRules) -> Self {
        match rules.zero {
            None => reading(rules.dialect).zero,
            Some(ZeroPolicy::Shift) => Self::Shift,
            Some(ZeroPolicy::Semver) => Self::Semver,
            Some(ZeroPolicy::Cargo) => Self::Cargo,
        }
    }

    /// The bump that a change makes to `last`.
    fn reduced(self, last: &Version, bump: Bump) -> Bump {
        let last = last.semver();
        if last.major > 0 {
            return bump;
        }
        match (self, bump) {
            (Self::Semver, _) => bump,
            (Self::Cargo, Bump::Patch | Bump::Minor | Bump::Major) if last.minor == 0 => Bump::Patch,
            (_, Bump::Major) => Bump::Minor,
            (Self::Cargo | Self::Early, Bump::Minor) => Bump::Patch,
            _ => bump,
        }
    }
}

/// The version after `last`. A pre-release stays one: only a person can say that it is ready. `None` if a number is at
/// its end.
pub(super) fn grown(last: &Version, bump: Bump, zero: Zero) -> Option<Version> {
    let next = last.bumped(zero.reduced(last, bump), true)?;
    if !last.is_prerelease() || bump == Bump::None {
        return Some(next);
    }
    let (words, count) = counter(last);
    let is_covered = next.release() == last.release();
    let number = match count.filter(|_| is_covered) {
        Some(count) => count.checked_add(1)?,
        None => 1,
    };
    let sign = if count.is_none() { "." } else { "" };
    next.with_prerelease(&format!("{words}{sign}{number}")).ok()
}

/// The words of a pre-release with what separates them from the number, and that number if there is one: `rc.` and 1
/// in `1.2.0-rc.1`.
fn counter(version: &Version) -> (&str, Option<u64>) {
    let label = version.semver().pre.as_str();
    let words = label.trim_end_matches(|last: char| last.is_ascii_digit());
    (words, label[words.len()..].parse().ok())
}

/// What people are told about the growth from `last` to `next`.
pub(super) fn named(last: &Version, next: &Version) -> Bump {
    let (a, b) = (last.semver(), next.semver());
    if a == b {
        Bump::None
    } else if next.is_prerelease() {
        Bump::Prerelease
    } else if a.major != b.major {
        Bump::Major
    } else if a.minor != b.minor {
        Bump::Minor
    } else {
        Bump::Patch
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version written in this test")
    }

    #[test]
    fn prereleases_stay_on_their_line() {
        let table = [
            ("1.2.0-rc.1", Bump::Patch, "1.2.0-rc.2"),
            ("1.2.0-rc.1", Bump::Minor, "1.2.0-rc.2"),
            ("1.2.0-rc.1", Bump::Major, "2.0.0-rc.1"),
            ("1.2.1-rc.9", Bump::Minor, "1.3.0-rc.1"),
            ("1.2.0-rc", Bump::Patch, "1.2.0-rc.1"),
            ("1.2.0-3", Bump::Patch, "1.2.0-4"),
            ("1.2.0-3", Bump::Major, "2.0.0-1"),
            ("1.2.0-a.b.3", Bump::Patch, "1.2.0-a.b.4"),
            ("1.2.0-rc1", Bump::Patch, "1.2.0-rc2"),
            ("1.2.0-rc1", Bump::Major, "2.0.0-rc1"),
            ("1.2.0-rc.1", Bump::None, "1.2.0-rc.1"),
            ("1.2.0", Bump::Patch, "1.2.1"),
        ];
        for (last, bump, next) in table {
            assert_eq!(
                grown(&version(last), bump, Zero::Shift),
                Some(version(next)),
                "{last} {bump}"
            );
        }
        for last in ["1.2.0-rc.18446744073709551615", "1.2.0-rc.99999999999999999999"] {
            assert_eq!(grown(&version(last), Bump::Patch, Zero::Shift), None, "{last}");
        }
    }

    #[test]
    fn below_one_everybody_has_a_way() {
        // From 0.2.3 and from 0.0.3: patch, minor, major.
        let table = [
            (
                Zero::Shift,
                ["0.2.4", "0.3.0", "0.3.0"],
                ["0.0.4", "0.1.0", "0.1.0"],
            ),
            (
                Zero::Semver,
                ["0.2.4", "0.3.0", "1.0.0"],
                ["0.0.4", "0.1.0", "1.0.0"],
            ),
            (
                Zero::Cargo,
                ["0.2.4", "0.2.4", "0.3.0"],
                ["0.0.4", "0.0.4", "0.0.4"],
            ),
            (
                Zero::Early,
                ["0.2.4", "0.2.4", "0.3.0"],
                ["0.0.4", "0.0.4", "0.1.0"],
            ),
            (
                Zero::Deaf,
                ["0.2.4", "0.3.0", "0.3.0"],
                ["0.0.4", "0.1.0", "0.1.0"],
            ),
        ];
        for (zero, early, earliest) in table {
            for (last, expected) in [("0.2.3", early), ("0.0.3", earliest)] {
                for (bump, next) in [Bump::Patch, Bump::Minor, Bump::Major].into_iter().zip(expected) {
                    assert_eq!(
                        grown(&version(last), bump, zero),
                        Some(version(next)),
                        "{zero:?} {last} {bump}"
                    );
                }
            }
            assert_eq!(
                grown(&version("1.2.3"), Bump::Major, zero),
                Some(version("2.0.0"))
            );
        }
    }

    proptest! {
        /// A larger change never makes a smaller version, and every change makes a larger one.
        #[test]
        fn growth_is_monotonic(
            major in 0..3_u64, minor in 0..3_u64, patch in 0..3_u64,
            label in proptest::option::of("(rc|beta|dev)(\\.?[0-8])?"),
            zero in 0..5_usize,
        ) {
            let zero = [Zero::Shift, Zero::Semver, Zero::Cargo, Zero::Early, Zero::Deaf][zero];
            let mut last = Version::new(major, minor, patch);
            if let Some(label) = label {
                last = last.with_prerelease(&label).expect("a label");
            }
            let [none, small, middle, large] =
                [Bump::None, Bump::Patch, Bump::Minor, Bump::Major].map(|bump| grown(&last, bump, zero).expect("small numbers"));
            prop_assert_eq!(&none, &last);
            prop_assert!(none < small && small <= middle && middle <= large);
        }
    }
}
