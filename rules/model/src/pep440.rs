//! Versions in Python's notation, and back: PEP 440 says some things that `SemVer` cannot, and the other way round.
//!
//! | `SemVer` | PEP 440 |
//! |---|---|
//! | `1.0.0-alpha.1`, `-a.1`, `-alpha1`, `-alpha-1` | `1.0.0a1` |
//! | `1.0.0-beta.1`, `-b.1` | `1.0.0b1` |
//! | `1.0.0-rc.1`, `-c.1`, `-pre.1`, `-preview.1` | `1.0.0rc1` |
//! | `1.0.0-dev.1`, `-nightly.1`, `-canary.1`, `-next.1`, `-snapshot.1` | `1.0.0.dev1` |
//! | `1.0.0+post.1` | `1.0.0.post1` |
//! | `1.0.0+1` | `1.0.0.1` |
//! | `1.0.0+build.5` | `1.0.0+build.5` |
//!
//! The first of each row is what is read back. Everything else cannot be said, and that is an error: a version that
//! sorts differently in two ecosystems must not come about silently.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::{Version, VersionError};

/// Words of a pre-release that PEP 440 has a sign for.
const SIGNS: [(&str, &str); 14] = [
    ("alpha", "a"),
    ("a", "a"),
    ("beta", "b"),
    ("b", "b"),
    ("rc", "rc"),
    ("c", "rc"),
    ("preview", "rc"),
    ("pre", "rc"),
    ("dev", ".dev"),
    ("nightly", ".dev"),
    ("canary", ".dev"),
    ("next", ".dev"),
    ("snapshot", ".dev"),
    ("post", ".post"),
];

/// Words that may stand without a number, which is 0 then.
const BARE: [&str; 4] = ["alpha", "beta", "rc", "dev"];

impl Version {
    /// The version as PEP 440 writes it: `1.2.0-rc.1` is `1.2.0rc1`.
    ///
    /// # Errors
    /// PEP 440 has no such version, or would sort it differently.
    pub fn to_pep440(&self) -> Result<String, VersionError> {
        let fail = |reason: String| VersionError {
            text: self.to_string(),
            reason,
        };
        let sign = sign(self.semver().pre.as_str()).map_err(fail)?;
        let (after, local) = after_release(self.semver().build.as_str());
        if !after.is_empty() && sign.starts_with(".dev")
            || after.starts_with('.') && !after.starts_with(".post") && !sign.is_empty()
        {
            return Err(fail("PEP 440 would sort it differently".to_owned()));
        }
        // A fourth part comes before a pre-release's sign, `.post1` after it; never both.
        let text = format!("{}{sign}{after}{local}", self.release());
        let normal = pep440_rs::Version::from_str(&text).map_err(|error| fail(error.to_string()))?;
        if normal.to_string() != text {
            return Err(fail(format!("PEP 440 would write it `{normal}`")));
        }
        Ok(text)
    }

    /// The version as PEP 440 writes it; as `SemVer` does if PEP 440 cannot say it. For those who write down what
    /// was planned: planning refuses such versions of Python packages, so that the fallback is only ever shown.
    #[must_use]
    pub fn pep440_or_semver(&self) -> String {
        self.to_pep440().unwrap_or_else(|_| self.to_string())
    }

    /// How PEP 440 sorts two versions, which is not always as `SemVer` does: `1.0.0-dev.1` comes before
    /// `1.0.0-alpha.1` there. `None` if it cannot say one of them.
    #[must_use]
    pub fn compare_pep440(&self, other: &Self) -> Option<Ordering> {
        let parsed = |version: &Self| pep440_rs::Version::from_str(&version.to_pep440().ok()?).ok();
        // Releases sort alike, and are most of what is compared.
        if self.is_prerelease() && other.is_prerelease() && self.release() == other.release() {
            Some(parsed(self)?.cmp(&parsed(other)?))
        } else {
            Some(self.cmp(other))
        }
    }

    /// Reads a version in `SemVer`'s notation or, if it is none, in PEP 440's.
    ///
    /// # Errors
    /// It is neither; with what is wrong with it as `SemVer`'s.
    pub fn read(text: &str) -> Result<Self, VersionError> {
        text.parse()
            .or_else(|error| Self::from_pep440(text).map_err(|_| error))
    }

    /// Reads a version as PEP 440 writes it.
    ///
    /// # Errors
    /// It is not one, or it says something that no other notation can.
    pub fn from_pep440(text: &str) -> Result<Self, VersionError> {
        let fail = |reason: &str| VersionError {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let parsed = pep440_rs::Version::from_str(text).map_err(|error| fail(&error.to_string()))?;
        let release = parsed.release();
        if parsed.epoch() != 0 {
            return Err(fail("an epoch has no place in other ecosystems"));
        }
        if release.len() > 4 {
            return Err(fail("a fifth part has no place in other ecosystems"));
        }
        if parsed.dev().is_some() && (parsed.pre().is_some() || parsed.post().is_some()) {
            return Err(fail(
                "`.dev` of a pre-release or of `.post` has no place in other ecosystems",
            ));
        }
        let part = |index: usize| release.get(index).copied().unwrap_or(0);
        let mut version = Self::new(part(0), part(1), part(2));
        if let Some(label) = label(&parsed) {
            version = version.with_prerelease(&label)?;
        }
        let build = build(&parsed, part(3)).map_err(fail)?;
        if build.is_empty() {
            Ok(version)
        } else {
            version.with_build(&build)
        }
    }
}

/// How PEP 440 writes the identifiers of a pre-release.
fn sign(label: &str) -> Result<String, String> {
    if label.is_empty() {
        return Ok(String::new());
    }
    let end = label
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(label.len());
    let (word, rest) = label.split_at(end);
    let sign = SIGNS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, sign)| *sign);
    let number = match rest.strip_prefix(['.', '-']).unwrap_or(rest) {
        "" if rest.is_empty() && BARE.contains(&word) => Some(0),
        "0" => Some(0),
        digits if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) => None,
        digits => digits.parse::<u64>().ok(),
    };
    match (sign, number) {
        (Some(".post"), _) => {
            Err("PEP 440 sorts `post` after the release, SemVer before it; write `+post.1`".to_owned())
        }
        (Some(sign), Some(number)) => Ok(format!("{sign}{number}")),
        (None, _) if word.is_empty() => {
            Err("PEP 440 has no pre-release that is a number; write a word before it: `rc.1`".to_owned())
        }
        (None, _) => Err(format!(
            "PEP 440 has no pre-release called `{word}`; `alpha`, `beta`, `rc` and `dev` are some it has"
        )),
        (Some(_), None) => Err(format!(
            "PEP 440 wants one number after `{word}`, such as `{word}.1`"
        )),
    }
}

/// What build metadata is in PEP 440: `.post1` or a fourth part, and a local version.
fn after_release(build: &str) -> (String, String) {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if number(build) {
        return (format!(".{build}"), String::new());
    }
    let mut parts = build.splitn(3, '.');
    let (after, local) = match (parts.next(), parts.next(), parts.next()) {
        (Some("post"), Some(digits), rest) if number(digits) => {
            (format!(".post{digits}"), rest.unwrap_or_default())
        }
        _ => (String::new(), build),
    };
    let local = if local.is_empty() {
        String::new()
    } else {
        format!("+{local}")
    };
    (after, local)
}

/// The identifiers of a pre-release.
fn label(parsed: &pep440_rs::Version) -> Option<String> {
    let Some(pre) = parsed.pre() else {
        return parsed.dev().map(|number| format!("dev.{number}"));
    };
    let word = match pre.kind {
        pep440_rs::PrereleaseKind::Alpha => "alpha",
        pep440_rs::PrereleaseKind::Beta => "beta",
        pep440_rs::PrereleaseKind::Rc => "rc",
    };
    Some(format!("{word}.{}", pre.number))
}

/// The build metadata.
fn build(parsed: &pep440_rs::Version, fourth: u64) -> Result<String, &'static str> {
    let local: Vec<String> = parsed.local().iter().map(ToString::to_string).collect();
    let local = local.join(".");
    if fourth > 0 {
        let is_more = parsed.pre().is_some() || parsed.dev().is_some() || parsed.post().is_some();
        if is_more || !local.is_empty() {
            return Err("a fourth part and more after it has no place in other ecosystems");
        }
        return Ok(fourth.to_string());
    }
    let (after, _) = after_release(&local);
    if !after.is_empty() {
        return Err(
            "a local version that is a number or begins with `post` would be taken for something else",
        );
    }
    Ok(match (parsed.post(), local.is_empty()) {
        (None, _) => local,
        (Some(number), true) => format!("post.{number}"),
        (Some(number), false) => format!("post.{number}.{local}"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version written in this test")
    }

    /// What both notations say, and read back.
    const SAME: [(&str, &str); 15] = [
        ("1.2.3", "1.2.3"),
        ("0.6.0-rc.1", "0.6.0rc1"),
        ("1.0.0-alpha.1", "1.0.0a1"),
        ("1.0.0-alpha.0", "1.0.0a0"),
        ("1.0.0-beta.2", "1.0.0b2"),
        ("1.0.0-rc.3", "1.0.0rc3"),
        ("1.0.0-dev.5", "1.0.0.dev5"),
        ("1.0.0+build.5", "1.0.0+build.5"),
        ("1.0.0+post.1", "1.0.0.post1"),
        ("1.0.0-rc.1+post.2", "1.0.0rc1.post2"),
        ("1.0.0+post.1.ubuntu.2", "1.0.0.post1+ubuntu.2"),
        ("1.0.0-rc.1+abc", "1.0.0rc1+abc"),
        ("2026.1.2+1", "2026.1.2.1"),
        ("1.0.0-dev.5+abc", "1.0.0.dev5+abc"),
        ("0.0.0-dev.20260102030405", "0.0.0.dev20260102030405"),
    ];

    #[test]
    fn notations_map_both_ways() {
        for (semver, pep440) in SAME {
            assert_eq!(version(semver).to_pep440().as_deref(), Ok(pep440), "{semver}");
            assert_eq!(Version::from_pep440(pep440), Ok(version(semver)), "{pep440}");
        }
    }

    #[test]
    fn other_spellings_collide_with_the_first() {
        for (semver, pep440) in [
            ("1.0.0-a.1", "1.0.0a1"),
            ("1.0.0-alpha1", "1.0.0a1"),
            ("1.0.0-alpha-1", "1.0.0a1"),
            ("1.0.0-alpha", "1.0.0a0"),
            ("1.0.0-b.2", "1.0.0b2"),
            ("1.0.0-c.3", "1.0.0rc3"),
            ("1.0.0-pre.3", "1.0.0rc3"),
            ("1.0.0-preview.3", "1.0.0rc3"),
            ("1.0.0-next.1", "1.0.0.dev1"),
            ("1.0.0-canary.7", "1.0.0.dev7"),
            ("1.0.0-nightly.20260102", "1.0.0.dev20260102"),
            ("0.0.0-snapshot.20260102030405", "0.0.0.dev20260102030405"),
            ("0.0.0-dev", "0.0.0.dev0"),
        ] {
            assert_eq!(version(semver).to_pep440().as_deref(), Ok(pep440), "{semver}");
        }
        for (written, semver) in [
            ("1.2", "1.2.0"),
            ("v1.0.0", "1.0.0"),
            ("01.2.3", "1.2.3"),
            ("2026.01.02", "2026.1.2"),
            ("1.0.0RC3", "1.0.0-rc.3"),
            ("1.2.3.0", "1.2.3"),
            ("1.0.0-1", "1.0.0+post.1"),
        ] {
            assert_eq!(Version::from_pep440(written), Ok(version(semver)), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        for (semver, reason) in [
            ("1.0.0-1", "is a number"),
            ("1.0.0-0", "is a number"),
            ("1.0.0-0.3.7", "is a number"),
            ("1.0.0-post.1", "sorts `post` after"),
            ("1.0.0-SNAPSHOT", "called `SNAPSHOT`"),
            ("1.0.0-RC.1", "called `RC`"),
            ("1.0.0-snapshot", "wants one number"),
            ("1.0.0-beta.1.2", "wants one number"),
            ("1.0.0-alpha.beta", "wants one number"),
            ("1.0.0-rc.99999999999999999999", "wants one number"),
            ("0.0.0-2026-abc", "is a number"),
            ("1.0.0-dev.1+post.1", "sort it differently"),
            ("1.0.0-rc.1+1", "sort it differently"),
            ("1.0.0+Build.5", "would write it `1.0.0+build.5`"),
            ("1.0.0+a-b", "would write it `1.0.0+a.b`"),
            ("1.0.0+007", "would write it `1.0.0.7`"),
        ] {
            let error = version(semver).to_pep440().expect_err(semver);
            assert!(error.reason.contains(reason), "{semver}: {error}");
            assert_eq!(version(semver).pep440_or_semver(), semver);
        }
        for (pep440, reason) in [
            ("1!2.0", "epoch"),
            ("1.2.3.4.5", "fifth part"),
            ("1.2.3.4rc1", "fourth part"),
            ("1.2.3.4+abc", "fourth part"),
            ("1.0.0a1.dev2", "`.dev` of"),
            ("1.0.0.post1.dev2", "`.dev` of"),
            ("1.0.0+1", "local version"),
            ("1.0.0+post.1", "local version"),
            ("latest", "version"),
        ] {
            let error = Version::from_pep440(pep440).expect_err(pep440);
            assert!(error.reason.contains(reason), "{pep440}: {error}");
        }
    }

    /// Versions that both notations say, in the spelling that is read back, without `dev` and local versions.
    fn sayable() -> impl Strategy<Value = Version> {
        let label = prop_oneof![
            2 => Just(String::new()),
            3 => ((0..3_usize), (0..12_u64)).prop_map(|(word, number)| {
                format!("-{}.{number}", ["alpha", "beta", "rc"][word])
            }),
        ];
        let build = prop_oneof![
            3 => Just(String::new()),
            1 => (0..12_u64).prop_map(|number| format!("+post.{number}")),
        ];
        ((0..3_u64, 0..3_u64, 0..3_u64), label, build).prop_map(|((major, minor, patch), label, build)| {
            version(&format!("{major}.{minor}.{patch}{label}{build}"))
        })
    }

    proptest! {
        #[test]
        fn order_is_kept_and_nothing_is_lost(one in sayable(), other in sayable()) {
            let written = |version: &Version| version.to_pep440().expect("both notations say it");
            let parsed = |version: &Version| pep440_rs::Version::from_str(&written(version)).expect("PEP 440");
            prop_assert_eq!(one.cmp(&other), parsed(&one).cmp(&parsed(&other)));
            prop_assert_eq!(Version::from_pep440(&written(&one)), Ok(one));
        }

        #[test]
        fn every_text_has_an_outcome(text in "\\PC{0,20}|[0-9]{1,3}(\\.[0-9]{1,3}){0,4}[-+.a-z0-9]{0,12}") {
            if let Ok(version) = Version::from_pep440(&text) {
                let again = version.to_pep440().expect("what was read can be written");
                prop_assert_eq!(Version::from_pep440(&again), Ok(version));
            }
            if let Ok(version) = text.parse::<Version>() && let Ok(written) = version.to_pep440() {
                prop_assert!(Version::from_pep440(&written).is_ok());
            }
        }
    }
}
