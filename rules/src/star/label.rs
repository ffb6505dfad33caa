//! Labels of files: what a `load()` names, and who may load it.

use std::fmt;

/// What labels of our own files start with.
pub(super) const BUNDLED: &str = "@releasekit//";

/// A file that can be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Label {
    /// One of ours: `rules/uv.star`.
    Bundled(String),
    /// One of the workspace's: its path relative to the root.
    Local(String),
}

/// A label that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadLabel {
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: &'static str,
}

impl Label {
    /// What `text` means in a `load()` of this file.
    pub(super) fn follow(&self, text: &str) -> Result<Self, BadLabel> {
        let bad = |message: String, hint| Err(BadLabel { message, hint });
        let (bundled, folder, path) = match (text.strip_prefix(BUNDLED), text.strip_prefix("//"), self) {
            (Some(path), _, _) => (true, "", path),
            (None, Some(path), _) => (matches!(self, Self::Bundled(_)), "", path),
            (None, None, Self::Bundled(file)) => (true, folder_of(file), text),
            (None, None, Self::Local(file)) => (false, folder_of(file), text),
        };
        if path.starts_with('@') {
            return bad(
                format!("`{text}` names a repository that is not known"),
                "only `@releasekit//` is",
            );
        }
        if path.starts_with('/') {
            return bad(
                format!("`{text}` is an absolute path"),
                "write `//folder/file.star`",
            );
        }
        let Some(path) = joined(folder, &path.replacen(':', "/", 1)) else {
            return bad(
                format!("`{text}` names no file of the workspace"),
                "write `//folder/file.star`",
            );
        };
        if !path.ends_with(".star") {
            return bad(
                format!("`{text}` is not a Starlark file"),
                "its name must end in `.star`",
            );
        }
        if bundled && path.contains("/private/") && matches!(self, Self::Local(_)) {
            return bad(
                format!("`{text}` is private to releasekit's own rules"),
                "load one of its public rule files",
            );
        }
        Ok(if bundled {
            Self::Bundled(path)
        } else {
            Self::Local(path)
        })
    }
}

/// The folder a file is in; empty for the root.
fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundled(path) => write!(f, "{BUNDLED}{path}"),
            Self::Local(path) => f.write_str(path),
        }
    }
}

/// `path` seen from `folder`, in normal form; `None` if it climbs out or names nothing.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    (!parts.is_empty() && !path.contains(['\0', '\\'])).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lead_to_files() {
        let root = Label::Local("RELEASE.star".to_owned());
        let deep = Label::Local("python/core/RELEASE.star".to_owned());
        for (from, text, to) in [
            (&root, "@releasekit//rules/uv.star", "@releasekit//rules/uv.star"),
            (&root, "@releasekit//rules:uv.star", "@releasekit//rules/uv.star"),
            (&root, "//tools/a.star", "tools/a.star"),
            (&root, "//tools:a.star", "tools/a.star"),
            (&root, "//:a.star", "a.star"),
            (&root, "a.star", "a.star"),
            (&deep, "a.star", "python/core/a.star"),
            (&deep, ":a.star", "python/core/a.star"),
            (&deep, "./a.star", "python/core/a.star"),
            (&deep, "../a.star", "python/a.star"),
            (&deep, "//a.star", "a.star"),
        ] {
            assert_eq!(
                from.follow(text).map(|label| label.to_string()),
                Ok(to.to_owned()),
                "{text}"
            );
        }
        for text in [
            "../a.star",
            "/etc/a.star",
            "///a.star",
            "@other//a.star",
            "",
            "//",
            "a.txt",
            "a\\b.star",
        ] {
            assert!(root.follow(text).is_err(), "{text}");
        }
        for text in [
            "rules/private/types.star",
            "rules:private/types.star",
            "rules/uv/../private/types.star",
        ] {
            assert!(root.follow(&format!("{BUNDLED}{text}")).is_err(), "{text}");
        }
    }
}
