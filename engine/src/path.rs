//! Plain relative paths: the check, and the change of base between the scratch folder and a working folder in it.

use std::borrow::Cow;

/// Whether `path` is relative, in normal form, and stays where it is: no empty, `.` or `..` part.
pub(crate) fn is_plain(path: &str) -> bool {
    !path.contains('\0') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether `inner` is `outer` or lies beneath it.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `path`, given relative to the scratch folder, as seen from the folder `from` in it.
///
/// REAPI gives output paths relative to the working folder; we give all paths relative to the scratch folder.
pub(crate) fn seen_from<'a>(from: &str, path: &'a str) -> Cow<'a, str> {
    if from.is_empty() {
        return Cow::Borrowed(path);
    }
    let (mut base, mut rest) = (from.split('/').peekable(), path);
    while let (Some(part), Some((head, tail))) = (base.peek(), rest.split_once('/')) {
        if *part != head {
            break;
        }
        base.next();
        rest = tail;
    }
    let climbs = base.count();
    if climbs == 0 {
        Cow::Borrowed(rest)
    } else {
        Cow::Owned("../".repeat(climbs) + rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_stay_where_they_are() {
        for good in ["a", "a/b", "a.b/c", "..a/b"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "./a", "a/../b", "..", "a\0"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn paths_change_their_base() {
        assert_eq!(seen_from("", "dist/a"), "dist/a");
        assert_eq!(seen_from("core", "core/dist/a"), "dist/a");
        assert_eq!(seen_from("core", "dist"), "../dist");
        assert_eq!(seen_from("a/b", "a/c/d"), "../c/d");
        assert_eq!(seen_from("a/b", "a"), "../../a");
        assert_eq!(seen_from("core", "core"), "../core");
    }

    #[test]
    fn one_path_covers_another_by_whole_parts() {
        assert!(covers("a", "a") && covers("a", "a/b"));
        assert!(!covers("a", "ab") && !covers("a/b", "a"));
    }
}
