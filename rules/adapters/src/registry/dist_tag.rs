//! npm's dist-tags: which of them move when a version is published, and what is refused.
//!
//! As npm 11 does it, with one difference: a pre-release never becomes `latest` of a package that has other
//! versions. Without a tag of its own it is published under its own word (`1.0.0-beta.1` as `beta`), where npm
//! refuses to guess.

use semver::Version;
use serde_json::{Map, Value};

/// What installers take when nothing else is asked for.
const LATEST: &str = "latest";

/// Why a version cannot be published under a tag, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) hint: String,
}

/// The tag of a version on a channel; empty if nobody said. `publishConfig.tag` of the manifest counts where the
/// channel says nothing special.
pub(super) fn of(channel: &str, version: &Version, manifest: &Map<String, Value>) -> String {
    if !matches!(channel, "" | LATEST) {
        return channel.to_owned();
    }
    let configured = manifest
        .get("publishConfig")
        .and_then(|config| config["tag"].as_str());
    match configured {
        Some(tag) => tag.to_owned(),
        None if channel == LATEST && !version.pre.is_empty() => word(version).unwrap_or("next").to_owned(),
        None => channel.to_owned(),
    }
}

/// The first word of a pre-release.
fn word(version: &Version) -> Option<&str> {
    version
        .pre
        .split('.')
        .next()
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_range(word))
}

/// The tags that move to a new version, beside `there`, the versions that are there already.
pub(super) fn moved<'v>(
    tag: &str,
    version: &'v Version,
    there: &[&'v Version],
    tags: &Map<String, Value>,
) -> Result<Vec<(String, &'v Version)>, Refusal> {
    if tag.is_empty() {
        // The highest release, or else the highest of all.
        let mut all: Vec<&Version> = there.iter().copied().chain([version]).collect();
        all.sort();
        let release = all.iter().rev().find(|version| version.pre.is_empty());
        let highest = release.or(all.last()).copied().unwrap_or(version);
        return Ok(vec![(LATEST.to_owned(), highest)]);
    }
    check(tag)?;
    let latest = tags.get(LATEST).and_then(Value::as_str);
    let latest = latest.and_then(|text| Version::parse(text).ok());
    if tag == LATEST
        && let Some(latest) = latest.filter(|latest| latest.pre.is_empty() && version < latest)
    {
        return Err(Refusal {
            why: format!("`latest` is {latest} already, which is higher"),
            hint: format!(
                "publish older lines on a channel of their own, such as `release-{}.x`",
                version.major
            ),
        });
    }
    let mut moved = vec![(tag.to_owned(), version)];
    if there.is_empty() && tag != LATEST {
        // A package without `latest` cannot be installed by its name.
        moved.push((LATEST.to_owned(), version));
    }
    Ok(moved)
}

/// A tag must not be what an installer takes for a version, and must not need quoting anywhere.
fn check(tag: &str) -> Result<(), Refusal> {
    let is_word = tag.starts_with(|c: char| c.is_ascii_alphanumeric())
        && tag.len() <= 214
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if is_word && !is_range(tag) {
        return Ok(());
    }
    let shown: String = tag.chars().take(60).collect();
    Err(Refusal {
        why: format!("the channel {shown:?} cannot be a dist-tag"),
        hint: "a dist-tag is a word that is no version and no range of versions, such as `release-1.x`"
            .to_owned(),
    })
}

/// Whether npm reads a word as a version or a range: `1`, `1.x`, `v1`, `1.2.3-rc.1`, `x`.
fn is_range(word: &str) -> bool {
    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
    if Version::parse(word).is_ok() {
        return true;
    }
    let parts: Vec<&str> = word.split('.').collect();
    let is_part = |part: &&str| {
        matches!(*part, "x" | "X") || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    parts.len() <= 3 && parts.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    /// Versions that are there, and the tags (`latest 2.0.0`); version, channel, `publishConfig.tag`; the tags then.
    type Row = (
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
        Option<&'static str>,
        Result<&'static [(&'static str, &'static str)], &'static str>,
    );

    #[test]
    fn tags_move_by_the_table() {
        const BOTH: &[&str] = &["1.0.0", "2.0.0"];
        const ON_TWO: &[(&str, &str)] = &[("latest", "2.0.0")];
        const RC: (&[&str], &[(&str, &str)]) = (&["3.0.0-rc.1"], &[("latest", "3.0.0-rc.1")]);
        let table: &[Row] = &[
            (&[], &[], "1.0.0", "latest", None, Ok(&[("latest", "1.0.0")])),
            // npm: refused without a tag
            (
                &[],
                &[],
                "1.0.0-beta.1",
                "latest",
                None,
                Ok(&[("beta", "1.0.0-beta.1"), ("latest", "1.0.0-beta.1")]),
            ),
            (
                &[],
                &[],
                "1.0.0-beta.1",
                "beta",
                None,
                Ok(&[("beta", "1.0.0-beta.1"), ("latest", "1.0.0-beta.1")]),
            ),
            (
                &[],
                &[],
                "1.0.0-0",
                "latest",
                None,
                Ok(&[("next", "1.0.0-0"), ("latest", "1.0.0-0")]),
            ),
            (BOTH, ON_TWO, "2.1.0", "latest", None, Ok(&[("latest", "2.1.0")])),
            (BOTH, ON_TWO, "1.5.0", "latest", None, Err("release-1.x")),
            (
                BOTH,
                ON_TWO,
                "1.5.0",
                "release-1.x",
                None,
                Ok(&[("release-1.x", "1.5.0")]),
            ),
            (BOTH, ON_TWO, "1.5.0", "v1-lts", None, Ok(&[("v1-lts", "1.5.0")])),
            (BOTH, ON_TWO, "2.1.0", "1.x", None, Err("no range")),
            (BOTH, ON_TWO, "2.1.0", "v1", None, Err("no range")),
            (BOTH, ON_TWO, "2.1.0", "x", None, Err("no range")),
            (BOTH, ON_TWO, "2.1.0", "2.0.0-rc.1", None, Err("no range")),
            (BOTH, ON_TWO, "2.1.0", "a b", None, Err("no range")),
            (BOTH, ON_TWO, "2.1.0", "-f", None, Err("no range")),
            (BOTH, ON_TWO, "2.1.0", "next", None, Ok(&[("next", "2.1.0")])),
            (
                BOTH,
                ON_TWO,
                "3.0.0-rc.1",
                "latest",
                None,
                Ok(&[("rc", "3.0.0-rc.1")]),
            ),
            // Pre-releases are not compared.
            (RC.0, RC.1, "2.9.0", "latest", None, Ok(&[("latest", "2.9.0")])),
            (RC.0, RC.1, "3.0.0-rc.2", "rc", None, Ok(&[("rc", "3.0.0-rc.2")])),
            (
                BOTH,
                ON_TWO,
                "1.5.0",
                "latest",
                Some("old"),
                Ok(&[("old", "1.5.0")]),
            ),
            (BOTH, ON_TWO, "1.5.0", "", Some("old"), Ok(&[("old", "1.5.0")])),
            (
                BOTH,
                ON_TWO,
                "3.0.0-rc.1",
                "next",
                Some("old"),
                Ok(&[("next", "3.0.0-rc.1")]),
            ),
            (BOTH, ON_TWO, "2.1.0", "latest", Some("1.x"), Err("no range")),
            // Nobody said.
            (BOTH, ON_TWO, "1.5.0", "", None, Ok(&[("latest", "2.0.0")])),
            (&[], &[], "1.0.0-rc.1", "", None, Ok(&[("latest", "1.0.0-rc.1")])),
        ];
        for (there, tags, new, channel, configured, expected) in table {
            let there: Vec<Version> = there.iter().map(|text| version(text)).collect();
            let there: Vec<&Version> = there.iter().collect();
            let tags = tags
                .iter()
                .map(|(tag, text)| ((*tag).to_owned(), Value::from(*text)));
            let mut manifest = Map::new();
            if let Some(tag) = configured {
                manifest.insert("publishConfig".to_owned(), serde_json::json!({"tag": tag}));
            }
            let new = version(new);
            let tag = of(channel, &new, &manifest);
            let moved = moved(&tag, &new, &there, &tags.collect());
            let row = format!("{new} on {channel:?}, configured {configured:?}");
            match (moved, expected) {
                (Ok(moved), Ok(expected)) => {
                    let moved: Vec<(String, String)> = moved
                        .into_iter()
                        .map(|(tag, version)| (tag, version.to_string()))
                        .collect();
                    let expected = expected
                        .iter()
                        .map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned()));
                    assert_eq!(moved, expected.collect::<Vec<_>>(), "{row}");
                }
                (Err(refusal), Err(hint)) => assert!(refusal.hint.contains(hint), "{row}: {refusal:?}"),
                (other, _) => panic!("{row}: {other:?}"),
            }
        }
    }
}
