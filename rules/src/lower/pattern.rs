//! Patterns for files: `src/**/*.rs`, compiled cheaply, because there may be thousands of them.

use globset::{GlobBuilder, GlobMatcher};

/// A compiled pattern.
pub(super) struct Pattern<'t> {
    /// The folder that everything it matches is in; empty for the root.
    pub(super) base: &'t str,
    matcher: Matcher<'t>,
}

enum Matcher<'t> {
    /// Part by part below the base, for patterns of `*`, `?` and `**` only.
    Parts(Vec<&'t str>),
    /// Everything else, on whole paths.
    Glob(Box<GlobMatcher>),
}

/// Any number of parts.
const ANY: &str = "**";

/// Whether a text is a pattern rather than a path.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

impl<'t> Pattern<'t> {
    /// Compiles a text that [`is_pattern`]. `*` and `?` stop at slashes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(text: &'t str) -> Result<Self, String> {
        let plain = text
            .split('/')
            .take_while(|part| !is_pattern(part))
            .map(|part| part.len() + 1)
            .sum::<usize>();
        let (base, rest) = (&text[..plain.saturating_sub(1)], &text[plain.min(text.len())..]);
        let matcher = if text.contains(['[', '{', '\\']) {
            let mut glob = GlobBuilder::new(text);
            let glob = glob.literal_separator(true).empty_alternates(true).build();
            Matcher::Glob(Box::new(
                glob.map_err(|error| error.kind().to_string())?.compile_matcher(),
            ))
        } else {
            Matcher::Parts(rest.split('/').collect())
        };
        Ok(Self { base, matcher })
    }

    /// Whether it matches a path.
    pub(super) fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Glob(glob) => glob.is_match(path),
            Matcher::Parts(parts) => {
                let rest = if self.base.is_empty() {
                    Some(path)
                } else {
                    path.strip_prefix(self.base)
                        .and_then(|rest| rest.strip_prefix('/'))
                };
                rest.is_some_and(|rest| matches(parts, rest))
            }
        }
    }
}

/// Part by part. A `**` is tried at one place after another; only the last one met has to be tried again.
fn matches(parts: &[&str], path: &str) -> bool {
    let (mut at, mut left) = (0, Some(path));
    let mut retry: Option<(usize, &str)> = None;
    while let Some(path) = left {
        if parts.get(at) == Some(&ANY) {
            // At the end it means what is in a folder, not the folder.
            if at + 1 == parts.len() {
                return true;
            }
            retry = Some((at, path));
            at += 1;
            continue;
        }
        let (name, rest) = path
            .split_once('/')
            .map_or((path, None), |(name, rest)| (name, Some(rest)));
        if parts.get(at).is_some_and(|part| is_like(part, name)) {
            (at, left) = (at + 1, rest);
        } else {
            let Some((any, from)) = retry else { return false };
            let Some((_, rest)) = from.split_once('/') else {
                return false;
            };
            retry = Some((any, rest));
            (at, left) = (any + 1, Some(rest));
        }
    }
    at == parts.len()
}

/// The same within one name.
fn is_like(pattern: &str, name: &str) -> bool {
    let (mut wanted, mut left) = (pattern.chars(), name.chars());
    let mut retry = None;
    loop {
        let before = left.clone();
        match (wanted.next(), left.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                left = before;
                retry = Some((wanted.clone(), left.clone()));
            }
            (Some(one), Some(other)) if one == '?' || one == other => {}
            _ => {
                let Some((after_star, mut from)) = retry.take() else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                (wanted, left) = (after_star.clone(), from.clone());
                retry = Some((after_star, from));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_globs_do() {
        let table = [
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/b/a.rs", false),
            ("src/**/*.rs", "src/a.rs", true),
            ("src/**/*.rs", "src/b/c/a.rs", true),
            ("src/**", "src/b/c/a.rs", true),
            ("src/**", "src", false),
            ("src/**", "srcs/a", false),
            ("**", "a/b", true),
            ("**/a", "a", true),
            ("**/x/**/y", "a/x/b/x/c/y", true),
            ("**/x/**/y", "a/b/y", false),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/c", false),
            ("*", ".hidden", true),
            ("{a,b}/*", "b/c", true),
            ("[ab]c", "bc", true),
            ("[ab]c", "cc", false),
        ];
        for (text, path, expected) in table {
            assert_eq!(
                Pattern::new(text).expect("a pattern").matches(path),
                expected,
                "{text} {path}"
            );
            let glob = GlobBuilder::new(text)
                .literal_separator(true)
                .build()
                .expect("a pattern")
                .compile_matcher();
            assert_eq!(glob.is_match(path), expected, "globset: {text} {path}");
        }
        assert_eq!(Pattern::new("a/b/*.rs").expect("a pattern").base, "a/b");
        assert_eq!(Pattern::new("*").expect("a pattern").base, "");
        assert!(Pattern::new("a[").is_err());
        // A character, where globset counts bytes.
        assert!(Pattern::new("?").expect("a pattern").matches("é"));
    }

    proptest::proptest! {
        /// Our quick way and the general one agree.
        #[test]
        fn quick_patterns_mean_what_globs_mean(
            parts in proptest::collection::vec(proptest::sample::select(vec!["a", "b", "*", "?", "a*", "*b", "*a*", "**"]), 1..5),
            path in proptest::collection::vec(proptest::sample::select(vec!["a", "b", "ab", "ba", ".a"]), 1..6),
        ) {
            let (text, path) = (parts.join("/"), path.join("/"));
            proptest::prop_assume!(is_pattern(&text));
            let glob = GlobBuilder::new(&text).literal_separator(true).build().expect("a pattern").compile_matcher();
            let ours = Pattern::new(&text).expect("a pattern").matches(&path);
            proptest::prop_assert_eq!(ours, glob.is_match(&path), "{} {}", text, path);
        }
    }
}
