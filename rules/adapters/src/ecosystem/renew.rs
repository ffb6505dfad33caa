//! A requirement that no longer holds, written anew in the manner it was written in.

use std::ops::Range;

use model::{PinStrategy, Version};

use super::fits::{fits, node_range};
use super::{renew_prerelease, requirement};

/// What takes the place of `requirement` so that `version` satisfies it; `None` if it does already, or if nothing
/// that is written here could make it.
///
/// Operators, separators and the number of parts stay: `~1.2` becomes `~1.3`, `>=1.2,<2` becomes `>=2.0,<3`. Where that
/// does not do, the version is written out; where that does not do either, the ecosystem's usual compatible requirement
/// takes its place.
pub(super) fn renewed(ecosystem: &str, requirement: &str, version: &Version) -> Option<String> {
    if fits(ecosystem, requirement, version) {
        return None;
    }
    let is_node = matches!(ecosystem, "npm" | "pnpm");
    let (before, range) = if is_node {
        let range = node_range(requirement)?;
        requirement.split_at(requirement.len() - range.len())
    } else {
        ("", requirement)
    };
    // An alternative more is what a union means; what was supported stays supported.
    let (kept, range) = match range.rfind("||").filter(|_| is_node) {
        Some(bar) => (
            format!("{range} || "),
            range[bar + 2..].trim_start_matches(|letter: char| letter.is_whitespace()),
        ),
        None => (String::new(), range),
    };
    let own = written(ecosystem, version)?;
    let of_prerelease = version
        .is_prerelease()
        .then(|| renew_prerelease::rewritten(ecosystem, range, version, &own));
    let candidates = [
        of_prerelease.flatten(),
        rewritten(range, version, &own, true),
        rewritten(range, version, &own, false),
        usual(ecosystem, version),
    ];
    candidates
        .into_iter()
        .flatten()
        .map(|range| format!("{before}{kept}{range}"))
        .find(|requirement| fits(ecosystem, requirement, version))
}

/// What takes the place of a requirement that names a placeholder, which no published version satisfies; `None` if it
/// names none. Whatever is pinned or not, a placeholder means nothing to those who install.
pub(super) fn filled(ecosystem: &str, requirement: &str, version: &Version) -> Option<String> {
    let range = match ecosystem {
        "npm" | "pnpm" => node_range(requirement)?,
        _ => requirement,
    };
    let is_placeholder = |bound: &Bound<'_>| {
        let numbers = bound.text.split(['-', '+']).next().unwrap_or(bound.text);
        let mut parts = numbers.split('.');
        parts.clone().count() >= 3 && parts.by_ref().take(3).all(|part| part == "0")
    };
    let names_one = bounds(range)?.iter().any(is_placeholder);
    names_one
        .then(|| renewed(ecosystem, requirement, version))
        .flatten()
}

/// The version as the ecosystem writes it in a requirement.
fn written(ecosystem: &str, version: &Version) -> Option<String> {
    match ecosystem {
        "uv" => requirement::pep440(version).ok(),
        _ => Some(requirement::without_build(version)),
    }
}

fn usual(ecosystem: &str, version: &Version) -> Option<String> {
    match ecosystem {
        "uv" => requirement::python(version, PinStrategy::Compatible).ok()?,
        "cargo" => requirement::cargo(version, PinStrategy::Compatible),
        _ => requirement::node(version, PinStrategy::Compatible),
    }
}

/// One bound: an operator, and where the version after it stands.
pub(super) struct Bound<'a> {
    pub(super) operator: &'a str,
    /// Where it begins, with its operator.
    pub(super) from: usize,
    /// Where its version stands.
    pub(super) at: Range<usize>,
    pub(super) text: &'a str,
}

/// The bounds in a requirement. `None` if it is a hyphen range, which has no operators.
pub(super) fn bounds(requirement: &str) -> Option<Vec<Bound<'_>>> {
    if requirement.contains(" - ") {
        return None;
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = requirement[at..].find(|letter: char| letter.is_ascii_digit()) {
        let start = at + offset;
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".*+-_!".contains(letter);
        let end = requirement[start..]
            .find(|letter| !is_part(letter))
            .map_or(requirement.len(), |length| start + length);
        let head = requirement[..start].trim_end_matches([' ', 'v', 'V']);
        let operator = head.trim_end_matches(|letter: char| "<>=~^!".contains(letter));
        let before = requirement[..start].trim_end_matches(['v', 'V']);
        found.push(Bound {
            operator: &head[operator.len()..],
            from: if operator.len() < head.len() {
                operator.len()
            } else {
                before.len()
            },
            at: start..end,
            text: &requirement[start..end],
        });
        at = end;
    }
    Some(found)
}

fn rewritten(requirement: &str, version: &Version, own: &str, as_short: bool) -> Option<String> {
    let mut text = requirement.to_owned();
    for bound in bounds(requirement)?.into_iter().rev() {
        let new = match bound.operator {
            "!=" | ">" => continue,
            "<" => upper(bound.text, version, as_short),
            "<=" => own.to_owned(),
            _ if as_short => shortened(bound.text, version),
            _ => own.to_owned(),
        };
        text.replace_range(bound.at, &new);
    }
    (text != requirement).then_some(text)
}

/// The version with as many parts as `like` has, wildcards where it has wildcards.
pub(super) fn shortened(like: &str, version: &Version) -> String {
    let semver = version.semver();
    let own = [semver.major, semver.minor, semver.patch];
    let release = like.split(['-', '+']).next().unwrap_or(like);
    let parts = release.split('.').take(3).zip(own);
    let parts: Vec<String> = parts
        .map(|(part, number)| {
            if matches!(part, "*" | "x" | "X") {
                part.to_owned()
            } else {
                number.to_string()
            }
        })
        .collect();
    parts.join(".")
}

/// The next end of a range that ended at `like`: the part that made that end is one more than the version's.
pub(super) fn upper(like: &str, version: &Version, as_short: bool) -> String {
    let semver = version.semver();
    let old: Vec<u64> = like
        .split('.')
        .map_while(|part| part.parse().ok())
        .take(3)
        .collect();
    let step = old.iter().rposition(|part| *part > 0).unwrap_or(0);
    // Whoever leaves 0.x behind also leaves behind that every minor version may break.
    let step = if semver.major > 0 && old.first() == Some(&0) {
        0
    } else {
        step
    };
    let next = match step {
        0 if semver.major > 0 => Version::new(semver.major + 1, 0, 0),
        0 => requirement::incompatible(version),
        1 => Version::new(semver.major, semver.minor + 1, 0),
        _ => Version::new(semver.major, semver.minor, semver.patch + 1),
    };
    if as_short {
        shortened(like, &next)
    } else {
        next.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_keep_their_manner() {
        let table = [
            ("cargo", "1.2", "2.0.0", "2.0"),
            ("cargo", "1", "2.3.4", "2"),
            ("cargo", "^1.2.3", "2.0.0", "^2.0.0"),
            ("cargo", "=1.2.3", "1.2.4", "=1.2.4"),
            ("cargo", "~0.1.3", "0.2.0", "~0.2.0"),
            ("cargo", ">=1.2, <2", "2.1.0", ">=2.1, <3"),
            ("cargo", "1.*", "2.0.0", "2.*"),
            ("cargo", "1", "2.0.0-rc.1", "2.0.0-rc.1"),
            ("cargo", ">=0.1, <0.2", "1.0.0", ">=1.0, <2.0"),
            ("uv", ">=1.2,<2", "2.0.0", ">=2.0,<3"),
            ("uv", ">= 1.2 , < 2.0.0", "2.0.0", ">= 2.0 , < 3.0.0"),
            ("uv", "==1.2.3", "1.3.0", "==1.3.0"),
            ("uv", "~=1.2", "2.0.0", "~=2.0"),
            ("uv", "==1.2.*", "1.3.0", "==1.3.*"),
            ("uv", "(>=1.2,<2)", "2.0.0", "(>=2.0,<3)"),
            ("uv", ">=1.2,!=1.3,<2", "2.0.0", ">=2.0,!=1.3,<3"),
            ("uv", ">=1.4,<1.5", "1.5.0", ">=1.5,<1.6"),
            ("uv", ">=1.2", "2.0.0-rc.1", ">=2.0.0rc1"),
            ("uv", "<2", "2.0.0", "<3"),
            ("uv", "<=1.9", "2.0.0", "<=2.0.0"),
            ("npm", "^1.2.0", "2.0.0", "^2.0.0"),
            ("npm", "~1.2", "1.3.0", "~1.3"),
            ("npm", "1.2.3", "1.2.4", "1.2.4"),
            ("npm", "1.x", "2.0.0", "2.x"),
            ("npm", "1.0.0 - 1.5.0", "2.0.0", "^2.0.0"),
            ("npm", "^1.0.0 || ^2.0.0", "3.0.0", "^1.0.0 || ^2.0.0 || ^3.0.0"),
            ("npm", ">=1.0.0 <2", "2.0.0", ">=2.0.0 <3"),
            ("npm", "npm:@x/y1@^1.0", "2.0.0", "npm:@x/y1@^2.0"),
            ("npm", "^1.0.0", "1.1.0-rc.1", "^1.1.0-rc.1"),
            ("pnpm", "workspace:^1.0.0", "2.0.0", "workspace:^2.0.0"),
            ("pnpm", "workspace:@x/y@~1.0.0", "2.0.0", "workspace:@x/y@~2.0.0"),
        ];
        for (ecosystem, old, version, new) in table {
            let version: Version = version.parse().expect("a version");
            assert_eq!(
                renewed(ecosystem, old, &version).as_deref(),
                Some(new),
                "{ecosystem}: {old} for {version}"
            );
        }
        let table = [
            ("cargo", "0.0.0", Some("1.2.3")),
            ("cargo", "=0.0.0-dev", Some("=1.2.3")),
            ("npm", "^0.0.0", Some("^1.2.3")),
            ("pnpm", "workspace:^0.0.0", Some("workspace:^1.2.3")),
            ("uv", "==0.0.0.dev0", Some("==1.2.3")),
            ("uv", ">=0.0.0", None),
            ("npm", "^1.0.0", None),
            ("npm", "^2.0.0", None),
            ("npm", "*", None),
        ];
        for (ecosystem, requirement, expected) in table {
            let version: Version = "1.2.3".parse().expect("a version");
            let filled = filled(ecosystem, requirement, &version);
            assert_eq!(filled.as_deref(), expected, "{ecosystem}: {requirement}");
        }
        for (ecosystem, kept) in [
            ("cargo", "*"),
            ("npm", "workspace:*"),
            ("npm", "latest"),
            ("uv", ">=1"),
        ] {
            assert_eq!(renewed(ecosystem, kept, &Version::new(2, 0, 0)), None, "{kept}");
        }
    }
}
