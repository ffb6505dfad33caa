//! Which versions are placeholders: filled in while building, never written back.

use model::{Package, Version};

/// How placeholders go on after `0.0.0-`.
const WORDS: [&str; 7] = [
    "dev",
    "placeholder",
    "semantic",
    "unreleased",
    "managed",
    "local",
    "snapshot",
];

/// Whether a package's version says nothing: it is computed while building and stands nowhere, or it is `0.0.0`,
/// alone or with a word such as `dev`.
#[must_use]
pub fn is_placeholder(package: &Package) -> bool {
    let version = package.version.semver();
    let is_zero = (version.major, version.minor, version.patch) == (0, 0, 0);
    package.written_version.is_empty()
        || is_zero
            && (version.pre.is_empty() || WORDS.iter().any(|word| version.pre.as_str().starts_with(word)))
}

/// Whether there is no version to begin with: a placeholder that is computed as nothing else either.
pub(crate) fn says_nothing(package: &Package) -> bool {
    is_placeholder(package) && package.version.release() == Version::new(0, 0, 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::PackageId;

    use super::*;

    #[test]
    fn placeholders_are_known_by_their_looks() {
        let table = [
            ("", "0.0.0", true),
            ("0.0.0", "0.0.0", true),
            ("0.0.0-dev", "0.0.0-dev", true),
            ("0.0.0.dev0", "0.0.0-dev.0", true),
            ("0.0.0-development", "0.0.0-development", true),
            ("0.0.0-semantically-released", "0.0.0-semantically-released", true),
            ("0.0.0-alpha.1", "0.0.0-alpha.1", false),
            ("0.0.1", "0.0.1", false),
            ("1.0.0-dev", "1.0.0-dev", false),
        ];
        for (written, version, expected) in table {
            let package = Package {
                id: PackageId {
                    ecosystem: "npm".to_owned(),
                    name: "a".to_owned(),
                },
                version: version.parse::<Version>().expect("a version"),
                written_version: written.to_owned(),
                path: String::new(),
                manifest: "package.json".to_owned(),
                workspace: String::new(),
                private: false,
                dependencies: Vec::new(),
                registry: None,
                notes: BTreeMap::new(),
            };
            assert_eq!(is_placeholder(&package), expected, "{written}");
        }
    }
}
