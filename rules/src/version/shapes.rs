//! How other tools write tags: understood without being declared, so that a repository can move over.
//!
//! | Tool | Tag |
//! |---|---|
//! | release-please | `component-v1.2.3`; the component is the name, what follows its scope, or both: `scope-name` |
//! | changesets, lerna, nx | `@scope/name@1.2.3` |
//! | release-plz, cargo-release | `name-v1.2.3` |
//! | cocogitto, hatch and others | `name-1.2.3`, `name_v1.2.3`, `name/1.2.3` |
//! | knope, Go modules | `name/v1.2.3`, `folder/of/it/v1.2.3` |
//! | Python's | any of these, with another case, `-`, `_` or `.` in the name: PEP 503 calls them equal |
//! | by hand | `python-v1.2.3`, `py/name-v1.2.3`, `name-rs-1.2.3`, `py-name-1.2.3`, named after the folder or the ecosystem |
//! | semantic-release, lerna with one version | `v1.2.3`, `1.2.3` |

use std::collections::HashMap;

use model::{Package, Version, tagged_version};

/// How well a tag names a package; the better one counts where two name the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It names nobody: `v1.2.3`.
    Bare,
    /// By its ecosystem, where it is the only one of that.
    Ecosystem,
    /// By the last part of its folder.
    Folder,
    /// By the whole folder.
    Path,
    /// By the name without its scope.
    Unscoped,
    /// By the name.
    Name,
    /// In a format that was declared as a former one, or under a former name.
    Former,
    /// As a further tag that the train makes.
    Secondary,
    /// As the train writes tags.
    Own,
}

/// What the packages of an ecosystem are called as a whole.
fn called(ecosystem: &str) -> &'static [&'static str] {
    match ecosystem {
        "uv" => &["python", "py", "pypi", "pip", "uv"],
        "cargo" => &["rust", "rs", "crates", "crate", "cargo"],
        "npm" | "pnpm" => &["node", "js", "javascript", "ts", "typescript", "npm"],
        _ => &[],
    }
}

/// A name as PEP 503 normalises it.
fn normal(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// What follows the last slash.
pub(super) fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// The one of `members` that `counts`, if it is the only one.
fn only(members: &[usize], counts: impl Fn(&usize) -> bool) -> Option<usize> {
    let mut counting = members.iter().copied().filter(counts);
    counting.next().filter(|_| counting.next().is_none())
}

/// What may stand before the version, beside the train's own formats.
pub(super) struct Shapes<'a> {
    by_name: HashMap<std::borrow::Cow<'a, str>, (Rank, Vec<usize>)>,
    /// Packages of Python's, by their normal names.
    pythons: HashMap<String, Vec<usize>>,
}

/// Whom a tag of no declared format names.
pub(super) enum Named<'s> {
    /// These packages, so well.
    Packages(&'s [usize], Rank),
    /// Nobody: it is a version and nothing else.
    Nobody,
}

impl<'a> Shapes<'a> {
    /// `former` are the names a package had before.
    pub(super) fn of(packages: &[&'a Package], former: &[&'a [String]]) -> Self {
        let mut shapes = Self {
            by_name: HashMap::new(),
            pythons: HashMap::new(),
        };
        let mut of_ecosystem: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, package) in packages.iter().enumerate() {
            let (name, path) = (package.name(), package.path.as_str());
            shapes.add(name.into(), Rank::Name, index);
            shapes.add(last(name).into(), Rank::Unscoped, index);
            if let Some(scoped) = name.strip_prefix('@') {
                shapes.add(scoped.replace('/', "-").into(), Rank::Unscoped, index);
            }
            if package.id.ecosystem == "uv" {
                shapes.pythons.entry(normal(name)).or_default().push(index);
            }
            shapes.add(path.into(), Rank::Path, index);
            shapes.add(last(path).into(), Rank::Folder, index);
            for name in former[index] {
                shapes.add(name.as_str().into(), Rank::Former, index);
            }
            for called in called(&package.id.ecosystem) {
                of_ecosystem.entry(called).or_default().push(index);
                for name in [name, last(name)] {
                    shapes.add(format!("{called}/{name}").into(), Rank::Unscoped, index);
                    shapes.add(format!("{name}-{called}").into(), Rank::Unscoped, index);
                    shapes.add(format!("{called}-{name}").into(), Rank::Folder, index);
                }
            }
        }
        for (called, members) in of_ecosystem {
            if let [only] = members[..] {
                shapes.add(called.into(), Rank::Ecosystem, only);
            }
        }
        shapes.by_name.retain(|name, (rank, members)| {
            // A folder of two ecosystems may be called after one of them.
            let is_meant = |index: &usize| called(&packages[*index].id.ecosystem).contains(&last(name));
            if let (Rank::Folder | Rank::Path, Some(only)) = (&rank, only(members, is_meant)) {
                *members = vec![only];
            }
            // Only whole names may mean several packages: two ecosystems may have one.
            *rank >= Rank::Name || members.len() == 1
        });
        shapes
    }

    fn add(&mut self, name: std::borrow::Cow<'a, str>, rank: Rank, index: usize) {
        if name.is_empty() {
            return;
        }
        let (best, members) = self.by_name.entry(name).or_insert((rank, Vec::new()));
        if rank > *best {
            *best = rank;
            members.clear();
        }
        if rank == *best && members.last() != Some(&index) {
            members.push(index);
        }
    }

    /// The packages that are called so, and how well that names them.
    fn named(&self, name: &str) -> Option<(Rank, &[usize])> {
        if let Some((rank, members)) = self.by_name.get(name) {
            return Some((*rank, members.as_slice()));
        }
        if self.pythons.is_empty() {
            return None;
        }
        let members = self.pythons.get(&normal(name))?;
        Some((Rank::Name, members.as_slice()))
    }

    /// Whom a tag names, and at which version.
    pub(super) fn read(&self, tag: &str) -> Option<(Named<'_>, Version)> {
        for (at, _) in tag.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
            let (before, text) = tag.split_at(at);
            // A lone number is too little, except after a `v`: a tag may be called `issue-12`.
            let is_whole = text.contains('.');
            if before.is_empty() || before == "v" {
                match Some(text).filter(|_| is_whole).and_then(tagged_version) {
                    Some(version) => return Some((Named::Nobody, version)),
                    // A name may begin with a digit.
                    None => continue,
                }
            }
            let named = ["-v", "/v", "@v", "_v", "@", "-", "/", "_"];
            let name = named.iter().find_map(|sign| {
                let name = before.strip_suffix(sign)?;
                (is_whole || sign.ends_with(['v', '@'])).then_some(name)
            });
            if let Some((rank, members)) = name.and_then(|name| self.named(name))
                && let Some(version) = tagged_version(text)
            {
                return Some((Named::Packages(members, rank), version));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(ecosystem: &str, name: &str, path: &str) -> Package {
        Package {
            id: model::PackageId {
                ecosystem: ecosystem.to_owned(),
                name: name.to_owned(),
            },
            version: Version::new(0, 1, 0),
            written_version: "0.1.0".to_owned(),
            path: path.to_owned(),
            manifest: format!("{path}/manifest"),
            workspace: String::new(),
            private: false,
            dependencies: Vec::new(),
            registry: None,
            notes: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn tags_of_other_tools_name_packages() {
        let packages = [
            package("npm", "@acme/core", "packages/core"),
            package("npm", "@acme/web-ui", "packages/web"),
            package("cargo", "engine", "crates/engine"),
            package("uv", "acme", "bindings/python"),
            package("cargo", "engine-macros", "crates/macros"),
            package("cargo", "acme-py", "bindings/python"),
            package("uv", "3d-engine", "3d"),
            package("uv", "Big_Name", "big"),
        ];
        let packages: Vec<&Package> = packages.iter().collect();
        let former = ["old-core".to_owned()];
        let none: &[String] = &[];
        let shapes = Shapes::of(&packages, &[&former, none, none, none, none, none, none, none]);
        let table = [
            ("core-v1.2.3", Some((0, Rank::Unscoped, "1.2.3"))),
            ("@acme/core@1.2.3", Some((0, Rank::Name, "1.2.3"))),
            ("@acme/core@1.2.3-beta.1", Some((0, Rank::Name, "1.2.3-beta.1"))),
            ("old-core@0.9.0", Some((0, Rank::Former, "0.9.0"))),
            ("packages/core/v1.2.3", Some((0, Rank::Path, "1.2.3"))),
            ("web-v2.0.0", Some((1, Rank::Folder, "2.0.0"))),
            ("web-ui-v2.0.0", Some((1, Rank::Unscoped, "2.0.0"))),
            ("engine-v0.3.0", Some((2, Rank::Name, "0.3.0"))),
            ("engine-0.3.0", Some((2, Rank::Name, "0.3.0"))),
            ("engine-macros-0.3.0-rc.1", Some((4, Rank::Name, "0.3.0-rc.1"))),
            ("engine_v0.3.0", Some((2, Rank::Name, "0.3.0"))),
            ("engine/0.3.0", Some((2, Rank::Name, "0.3.0"))),
            ("rust/engine-v0.3.0", Some((2, Rank::Unscoped, "0.3.0"))),
            ("python-v0.20.0", Some((3, Rank::Folder, "0.20.0"))),
            ("py/acme-v1", Some((3, Rank::Unscoped, "1.0.0"))),
            ("py/acme-v1.0.0rc1", Some((3, Rank::Unscoped, "1.0.0-rc.1"))),
            ("bindings/python/v0.20.0", Some((3, Rank::Path, "0.20.0"))),
            ("engine-rs-0.3.0", Some((2, Rank::Unscoped, "0.3.0"))),
            ("py-acme-0.1.2", Some((3, Rank::Folder, "0.1.2"))),
            ("acme-core-0.1.0", Some((0, Rank::Unscoped, "0.1.0"))),
            ("acme-web-ui-v0.1.0", Some((1, Rank::Unscoped, "0.1.0"))),
            ("3d-engine@1.0.0", Some((6, Rank::Name, "1.0.0"))),
            ("3d-engine-1.0.0", Some((6, Rank::Name, "1.0.0"))),
            ("big-name-v1.0.0", Some((7, Rank::Name, "1.0.0"))),
            ("Big_Name@1.0.0", Some((7, Rank::Name, "1.0.0"))),
            ("BIG.name-1.0.0", Some((7, Rank::Name, "1.0.0"))),
            ("Engine-v1.0.0", None),
            ("3d/v1.0.0", Some((6, Rank::Path, "1.0.0"))),
            // Several packages are of these ecosystems.
            ("pypi-v0.20.0", None),
            ("rust-v1.0.0", None),
            ("node-v1.2", None),
            ("engine-12", None),
            ("engine-v", None),
            ("other-v1.0.0", None),
            ("nonsense", None),
            ("", None),
            ("\u{661}-v\u{662}", None),
        ];
        for (tag, expected) in table {
            let read = shapes.read(tag).and_then(|(named, version)| match named {
                Named::Packages(members, rank) => Some((members[0], rank, version)),
                Named::Nobody => None,
            });
            let expected =
                expected.map(|(index, rank, text)| (index, rank, text.parse().expect("a version")));
            assert_eq!(read, expected, "{tag}");
        }
        for (tag, version) in [
            ("v1.2.3", Some("1.2.3")),
            ("1.2", Some("1.2.0")),
            ("v1", None),
            ("v1.x", None),
        ] {
            let read = shapes.read(tag).map(|(_, version)| version.to_string());
            assert_eq!(read.as_deref(), version, "{tag}");
        }
    }
}
