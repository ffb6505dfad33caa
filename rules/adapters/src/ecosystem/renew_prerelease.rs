//! A requirement written anew for a pre-release, which has to be named in full, without another meaning.

use model::Version;

use super::renew::{Bound, bounds, shortened, upper};

/// What comes in the place of one bound.
struct New {
    /// Its operator, if that is another one.
    operator: Option<&'static str>,
    text: String,
    /// Whether it names the pre-release, which lets it in.
    is_named: bool,
}

/// What takes the place of `requirement` so that the pre-release `version`, which the ecosystem writes as `own`, may
/// satisfy it: a range stays one, as wide as before, and what is open stays open.
pub(super) fn rewritten(ecosystem: &str, requirement: &str, version: &Version, own: &str) -> Option<String> {
    let found = bounds(requirement)?;
    if found.is_empty() {
        return Some(format!(">={own}"));
    }
    let mut text = requirement.to_owned();
    let mut is_named = false;
    for bound in found.iter().rev() {
        let Some(new) = anew(ecosystem, bound, version, own) else {
            continue;
        };
        is_named |= new.is_named;
        let (place, operator) = match new.operator {
            Some(operator) => (bound.from..bound.at.end, operator),
            None => (bound.at.clone(), ""),
        };
        text.replace_range(place, &format!("{operator}{}", new.text));
    }
    if !is_named {
        let end = text.trim_end_matches([')', ' ']).len();
        text.insert_str(end, &format!("{}>={own}", separator(ecosystem)));
    }
    Some(text)
}

/// `None` if the bound stays what it is.
fn anew(ecosystem: &str, bound: &Bound<'_>, version: &Version, own: &str) -> Option<New> {
    let new = |operator, text: String, is_named| {
        Some(New {
            operator,
            text,
            is_named,
        })
    };
    let named = |operator| new(operator, own.to_owned(), true);
    let release = version.release();
    let semver = version.semver();
    let parts = numbers(bound.text).len();
    let is_wild = bound.text.split('.').any(|part| matches!(part, "*" | "x" | "X"));
    match bound.operator {
        "!=" => None,
        "<" | "<=" if is_below(version, bound) => None,
        "<" => new(None, upper(bound.text, version, true), false),
        ">" => named(Some(">=")),
        "==" if is_wild => new(None, shortened(bound.text, version), false),
        // `~=1.2` stands for `>=1.2,==1.*`, and cannot name a patch.
        "~=" if parts == 2 && semver.patch > 0 => {
            new(Some(">="), format!("{own},<{}", semver.major + 1), true)
        }
        "~=" if parts == 2 => {
            let label = own.strip_prefix(&release.to_string()).unwrap_or_default();
            new(None, format!("{}{label}", shortened(bound.text, version)), true)
        }
        "" | "=" | "~" | "~>" | "^" if ecosystem != "uv" && parts == 1 && semver.major == 0 => {
            new(Some(">="), format!("{own}{}<1", separator(ecosystem)), true)
        }
        // A part of a version is a range, but for Cargo's bare ones, which are that anyhow.
        "" if ecosystem == "cargo" && !is_wild => named(None),
        "" | "=" | "~" | "~>" if ecosystem != "uv" && parts == 1 => named(Some("^")),
        "" | "=" if ecosystem != "uv" && parts == 2 => named(Some("~")),
        _ => named(None),
    }
}

/// Whether the release of a pre-release is within an upper bound already.
fn is_below(version: &Version, bound: &Bound<'_>) -> bool {
    let mut end = numbers(bound.text);
    end.resize(3, 0);
    let end = Version::new(end[0], end[1], end[2]);
    let release = version.release();
    release < end || (bound.operator == "<=" && release == end)
}

/// The leading numbers of a version or a part of one.
fn numbers(text: &str) -> Vec<u64> {
    let release = text.split(['-', '+']).next().unwrap_or(text);
    let digits = |part: &str| {
        part.split(|letter: char| !letter.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    };
    release.split('.').map_while(digits).collect()
}

/// What stands between two bounds that both have to hold.
fn separator(ecosystem: &str) -> &'static str {
    match ecosystem {
        "uv" => ",",
        "cargo" => ", ",
        _ => " ",
    }
}

#[cfg(test)]
mod tests {
    use crate::ecosystem::renew::renewed;

    #[test]
    fn a_prerelease_does_not_change_what_is_meant() {
        let table = [
            ("uv", "~=1.0", "2.0.0-rc.1", "~=2.0rc1"),
            ("uv", "~=1.0", "1.0.1-rc.1", ">=1.0.1rc1,<2"),
            ("uv", "~=1.0.0", "2.0.0-rc.1", "~=2.0.0rc1"),
            ("uv", "~=1.0,!=1.0.5", "2.0.0-rc.1", "~=2.0rc1,!=1.0.5"),
            ("uv", ">0.9", "2.0.0-rc.1", ">=2.0.0rc1"),
            ("uv", ">=1.2", "2.0.0-rc.1", ">=2.0.0rc1"),
            ("uv", ">=1.2,<2", "2.0.0-rc.1", ">=2.0.0rc1,<3"),
            ("uv", ">=1.2,<9", "2.0.0-rc.1", ">=2.0.0rc1,<9"),
            ("uv", "(>=1.0,<2)", "1.5.0-rc.1", "(>=1.5.0rc1,<2)"),
            ("uv", "<2", "1.5.0-rc.1", "<2,>=1.5.0rc1"),
            ("uv", "(!=1.1.0)", "2.0.0-rc.1", "(!=1.1.0,>=2.0.0rc1)"),
            ("uv", "==1.*", "2.0.0-rc.1", "==2.*,>=2.0.0rc1"),
            ("uv", "==1.2.*", "1.3.0-rc.1", "==1.3.*,>=1.3.0rc1"),
            ("uv", "==1.2", "1.3.0-rc.1", "==1.3.0rc1"),
            ("npm", "1", "2.0.0-rc.1", "^2.0.0-rc.1"),
            ("npm", "1.x", "2.0.0-rc.1", "^2.0.0-rc.1"),
            ("npm", "~1", "2.0.0-rc.1", "^2.0.0-rc.1"),
            ("npm", "x", "2.0.0-rc.1", ">=2.0.0-rc.1"),
            ("cargo", "*", "2.0.0-rc.1", ">=2.0.0-rc.1"),
            ("npm", "1.0", "2.0.0-rc.1", "~2.0.0-rc.1"),
            ("npm", "1.0.x", "2.0.0-rc.1", "~2.0.0-rc.1"),
            ("npm", "=1.0", "2.0.0-rc.1", "~2.0.0-rc.1"),
            ("npm", "0", "0.3.0-rc.1", ">=0.3.0-rc.1 <1"),
            ("npm", "~1.0", "2.0.0-rc.1", "~2.0.0-rc.1"),
            ("npm", "1.0.0", "2.0.0-rc.1", "2.0.0-rc.1"),
            ("npm", "v1.0.0", "2.0.0-rc.1", "v2.0.0-rc.1"),
            ("npm", "> 0.9", "2.0.0-rc.1", ">=2.0.0-rc.1"),
            ("npm", ">=1.0.0 <2", "2.0.0-rc.1", ">=2.0.0-rc.1 <3"),
            ("npm", "<2.0.0", "1.5.0-rc.1", "<2.0.0 >=1.5.0-rc.1"),
            ("npm", "1 || 2", "3.0.0-rc.1", "1 || 2 || ^3.0.0-rc.1"),
            ("pnpm", "workspace:1.x", "2.0.0-rc.1", "workspace:^2.0.0-rc.1"),
            ("cargo", "1", "2.0.0-rc.1", "2.0.0-rc.1"),
            ("cargo", "~1", "2.0.0-rc.1", "^2.0.0-rc.1"),
            ("cargo", "=1.2.3", "1.3.0-rc.1", "=1.3.0-rc.1"),
            ("cargo", ">0.9, <9", "2.0.0-rc.1", ">=2.0.0-rc.1, <9"),
            ("cargo", "1.2.*", "1.3.0-rc.1", "~1.3.0-rc.1"),
        ];
        for (ecosystem, old, version, new) in table {
            let version = version.parse().expect("a version");
            let written = renewed(ecosystem, old, &version);
            assert_eq!(written.as_deref(), Some(new), "{ecosystem}: {old} for {version}");
        }
    }
}
