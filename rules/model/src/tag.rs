//! A tag's format: how a released package and version are written as a tag, and read back.

use std::fmt;

use crate::Version;

/// A pattern such as `{name}/v{version}`. Holds `{version}` exactly once; `{ecosystem}` and one of `{name}` and
/// `{unscoped}` (the name without its `@scope/`) at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFormat(String);

impl TagFormat {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        if pattern.matches("{version}").count() != 1 {
            return Err(format!("`{pattern}` must hold `{{version}}` exactly once"));
        }
        let name = if pattern.contains("{unscoped}") {
            "{unscoped}"
        } else {
            "{name}"
        };
        let rest = pattern
            .replacen("{version}", "1.0.0", 1)
            .replacen(name, "n", 1)
            .replacen("{ecosystem}", "e", 1);
        if rest.contains(['{', '}']) {
            return Err(format!(
                "`{pattern}` may hold `{{name}}` or `{{unscoped}}`, `{{ecosystem}}` and `{{version}}`, each once"
            ));
        }
        legal(&rest).map_err(|reason| format!("`{pattern}` makes tags git refuses: {reason}"))?;
        Ok(Self(pattern.to_owned()))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.0
    }

    /// The tag of a package at a version. `version` is written as the caller gives it.
    #[must_use]
    pub fn format(&self, ecosystem: &str, name: &str, version: &str) -> String {
        let (before, after) = self.around(ecosystem, name);
        format!("{before}{version}{after}")
    }

    /// What stands before and after the version in the tags of a package.
    #[must_use]
    pub fn around(&self, ecosystem: &str, name: &str) -> (String, String) {
        let (before, after) = self.0.split_once("{version}").unwrap_or((&self.0, ""));
        (fill(before, ecosystem, name), fill(after, ecosystem, name))
    }

    /// Whether tags of different packages differ by their names.
    #[must_use]
    pub fn has_name(&self) -> bool {
        self.0.contains("{name}") || self.0.contains("{unscoped}")
    }

    /// The version in `tag` if it is a tag of this package in this format; `SemVer` or PEP 440 notation.
    #[must_use]
    pub fn version_in(&self, ecosystem: &str, name: &str, tag: &str) -> Option<Version> {
        let (before, after) = self.around(ecosystem, name);
        let text = tag.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
        version(text)
    }
}

/// The version a tag names, in `SemVer`'s or in PEP 440's notation.
#[must_use]
pub fn version(text: &str) -> Option<Version> {
    Version::read(text).ok()
}

/// Fills the braces of one side of a pattern, once: what is filled in is taken as it is.
fn fill(side: &str, ecosystem: &str, name: &str) -> String {
    let mut filled = String::with_capacity(side.len() + name.len());
    let mut rest = side;
    while let Some((plain, after)) = rest.split_once('{') {
        filled.push_str(plain);
        let (word, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(match word {
            "name" => name,
            "unscoped" => unscoped(name),
            _ => ecosystem,
        });
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A name without the scope that npm's names may have: `core` of `@acme/core`.
fn unscoped(name: &str) -> &str {
    let scoped = name.strip_prefix('@').and_then(|rest| rest.split_once('/'));
    scoped.map_or(name, |(_, rest)| rest)
}

impl fmt::Display for TagFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether git accepts `name` as a tag (the rules of `git check-ref-format`, and no leading dash).
///
/// # Errors
/// Which rule is broken.
pub fn legal(name: &str) -> Result<(), &'static str> {
    let bad = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    if name.is_empty() || name == "@" {
        return Err("it is empty or a lone `@`");
    }
    if name.starts_with('-') {
        return Err("it starts with a dash");
    }
    if name.contains(bad) {
        return Err("it holds a space, a control character or one of ~^:?*[\\");
    }
    if name.contains("..") || name.contains("@{") || name.ends_with('.') {
        return Err("it holds `..` or `@{`, or ends with a dot");
    }
    if name
        .split('/')
        .any(|part| part.is_empty() || part.starts_with('.') || part.ends_with(".lock"))
    {
        return Err("a part between slashes is empty, starts with a dot or ends with `.lock`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_parse_back() {
        for (pattern, tag) in [
            ("{name}/v{version}", "core/v1.2.0"),
            ("{name}-v{version}", "core-v1.2.0"),
            ("{name}@{version}", "core@1.2.0"),
            ("v{version}", "v1.2.0"),
            ("{ecosystem}/{name}/v{version}", "uv/core/v1.2.0"),
        ] {
            let format = TagFormat::parse(pattern).expect("a legal pattern");
            assert_eq!(format.format("uv", "core", "1.2.0"), tag);
            assert_eq!(format.version_in("uv", "core", tag), Some(Version::new(1, 2, 0)));
        }
        let format = TagFormat::parse("py/{name}-v{version}").expect("a legal pattern");
        assert_eq!(
            format.version_in("uv", "x", "py/x-v1.0.0rc1"),
            "1.0.0-rc.1".parse().ok()
        );
        assert_eq!(format.version_in("uv", "x", "v0.5.0"), None);
    }

    #[test]
    fn tags_of_others_are_not_read() {
        let format = TagFormat::parse("{name}-v{version}").expect("a legal pattern");
        for (name, tag, version) in [
            ("genkit", "genkit-v0.5.0", Some("0.5.0")),
            ("genkit", "v0.5.0", None),
            ("genkit", "genkit-v", None),
            ("genkit", "genkit-vnext", None),
            ("genkit", "genkit-core-v0.5.0", None),
            ("{version}", "{version}-v0.5.0", Some("0.5.0")),
        ] {
            let expected = version.map(|text: &str| text.parse().expect("a version"));
            assert_eq!(format.version_in("uv", name, tag), expected, "{tag}");
        }
        let format = TagFormat::parse("{name}@{version}").expect("a legal pattern");
        assert_eq!(
            format.version_in("npm", "@a/b", "@a/b@1.2.3"),
            Some(Version::new(1, 2, 3))
        );
        let format = TagFormat::parse("{unscoped}-v{version}").expect("a legal pattern");
        for (name, tag) in [
            ("@a/git-client", "git-client-v3.1.2"),
            ("template", "template-v3.1.2"),
            ("a/b", "a/b-v3.1.2"),
        ] {
            assert_eq!(format.format("npm", name, "3.1.2"), tag);
            assert_eq!(
                format.version_in("npm", name, tag),
                Some(Version::new(3, 1, 2)),
                "{tag}"
            );
        }
        assert_eq!(format.version_in("npm", "@a/b", "@a/b-v1.2.3"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_was_written_is_read_back(
            pieces in proptest::collection::vec(0..8_usize, 0..6),
            place in 0..6_usize,
            name in "(@[a-z]{1,3}/)?[a-z@][a-z0-9/@._-]{0,8}",
            version in "(0|[1-9][0-9]{0,3})\\.(0|[1-9])\\.(0|[1-9])(-(rc|alpha)\\.[1-9])?(\\+post\\.[1-9])?",
        ) {
            let mut pieces: Vec<&str> = pieces
                .into_iter()
                .map(|piece| ["{name}", "{unscoped}", "{ecosystem}", "/", "-", "v", "@", "x_1"][piece])
                .collect();
            pieces.insert(place.min(pieces.len()), "{version}");
            if let Ok(format) = TagFormat::parse(&pieces.concat()) {
                let tag = format.format("uv", &name, &version);
                let read = format.version_in("uv", &name, &tag).expect("its own tag");
                proptest::prop_assert_eq!(format.format("uv", &name, &read.to_string()), tag);
            }
        }
    }

    #[test]
    fn illegal_patterns_are_refused() {
        for pattern in [
            "",
            "v1",
            "{version}{version}",
            "a b/{version}",
            "-{version}",
            "{who}/{version}",
            "{name}/{unscoped}-{version}",
            "/{version}",
        ] {
            assert!(TagFormat::parse(pattern).is_err(), "{pattern}");
        }
        for name in [
            "@", "/a", "a/", "a..b", "a b", "a~b", "a@{b", "a//b", "a/.b", "a.", "a.lock/b", "-a", "a\u{7}",
            "", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "b/a.lock", ".a",
        ] {
            assert!(legal(name).is_err(), "{name}");
        }
    }
}
