//! What a repository's tags say so far: how they are written, for which packages, and up to which version.

use std::collections::{BTreeMap, BTreeSet};

use model::{Package, Tag, TagFormat, Version};

use crate::version::{is_whole, mark};

/// The ways of naming a package that are recognised; of equals the first counts.
const SHAPES: [&str; 12] = [
    "{name}/v{version}",
    "{name}-v{version}",
    "{name}@{version}",
    "{name}@v{version}",
    "{name}-{version}",
    "{name}/{version}",
    "{unscoped}/v{version}",
    "{unscoped}-v{version}",
    "{unscoped}@{version}",
    "{unscoped}@v{version}",
    "{unscoped}-{version}",
    "{unscoped}/{version}",
];

/// What stands before versions in tags, with the greatest of those versions.
#[derive(Debug, Default)]
pub(super) struct Marks {
    all: BTreeMap<String, Version>,
    /// Those of the tags that a manifest may have come to: one typing error does not outbid everything.
    reached: BTreeMap<String, Version>,
    /// All versions of tags that name nobody.
    bare: BTreeSet<Version>,
}

impl Marks {
    /// Reads tags. Pre-releases count where there is nothing else.
    pub(super) fn of(tags: &[Tag], packages: &[&Package]) -> Self {
        let written = packages.iter().map(|package| package.version.release());
        let most = written.max();
        let mut marks = Self::default();
        let is_python = packages.iter().any(|package| package.id.ecosystem == "uv");
        let whole = tags.iter().filter(|tag| is_whole(&tag.name));
        let whole: BTreeSet<&str> = whole.filter_map(|tag| Some(mark(&tag.name)?.0)).collect();
        let counts = |tag: &Tag, before: &str| is_python || is_whole(&tag.name) || !whole.contains(before);
        let read = tags.iter().filter_map(|tag| Some((tag, mark(&tag.name)?)));
        for (_, (before, version)) in read.filter(|(tag, (before, _))| counts(tag, before)) {
            if most.as_ref().is_some_and(|most| version.release() <= *most) {
                raise(&mut marks.reached, before, &version);
            }
            raise(&mut marks.all, before, &version);
            if matches!(before, "v" | "") {
                marks.bare.insert(version);
            }
        }
        marks
    }

    /// The form of tags that name nobody, and the greatest version tagged so.
    pub(super) fn bare<'a>(&'a self) -> Option<(&'static str, &'a Version)> {
        let greatest = |marks: &'a BTreeMap<String, Version>| {
            let forms = [("v", "v{version}"), ("", "{version}")].into_iter();
            let tagged = forms.filter_map(|(before, form)| Some((form, marks.get(before)?)));
            tagged.reduce(|best, other| if other.1 > best.1 { other } else { best })
        };
        greatest(&self.reached).or_else(|| greatest(&self.all))
    }

    /// Whether a tag that names nobody has this version.
    pub(super) fn is_bare(&self, version: &Version) -> bool {
        self.bare.contains(version)
    }

    /// Folders whose name stands alone before versions, with the form of such tags and the greatest version.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&str, String, &Version)> {
        let all = self.all.iter();
        all.filter_map(|(before, version)| {
            let folder = before.strip_suffix("/v").or_else(|| before.strip_suffix('/'))?;
            Some((folder, format!("{before}{{version}}"), version))
        })
    }

    /// The greatest version of a package that a tag names, in any form.
    pub(super) fn named(&self, package: &Package) -> Option<&Version> {
        let forms = SHAPES.iter().filter_map(|shape| self.in_form(shape, package));
        forms.max()
    }

    fn in_form(&self, shape: &str, package: &Package) -> Option<&Version> {
        let format = TagFormat::parse(shape).expect("our own forms are legal");
        let (before, _) = format.around(&package.id.ecosystem, package.name());
        self.all.get(&before)
    }

    /// The form in which most packages were tagged last; `None` if no tag names a package.
    pub(super) fn form(&self, packages: &[&Package]) -> Option<&'static str> {
        let mut best: Option<(usize, &'static str)> = None;
        for shape in SHAPES {
            let is_last = |package: &&&Package| {
                let tagged = self.in_form(shape, package);
                tagged.is_some() && tagged == self.named(package)
            };
            let count = packages.iter().filter(is_last).count();
            if count > best.map_or(0, |(most, _)| most) {
                best = Some((count, shape));
            }
        }
        best.map(|(_, shape)| shape)
    }
}

/// Notes a version, if it is greater than the one that is known.
fn raise(marks: &mut BTreeMap<String, Version>, before: &str, version: &Version) {
    let weight = |version: &Version| (!version.is_prerelease(), version.clone());
    match marks.get_mut(before) {
        Some(known) if weight(known) >= weight(version) => {}
        Some(known) => *known = version.clone(),
        None => drop(marks.insert(before.to_owned(), version.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_names() {
        let table = [
            ("v1.2.3", Some(("v", "1.2.3"))),
            ("1.2", Some(("", "1.2.0"))),
            ("core-v1.2.3-rc.1", Some(("core-v", "1.2.3-rc.1"))),
            ("@acme/core@1.0.0", Some(("@acme/core@", "1.0.0"))),
            ("h2-0.4.1", Some(("h2-", "0.4.1"))),
            ("experimental/v0.2.0", Some(("experimental/v", "0.2.0"))),
            ("issue-12", None),
            ("vision", None),
            ("", None),
        ];
        for (tag, expected) in table {
            let read = mark(tag).map(|(before, version)| (before, version.to_string()));
            let expected = expected.map(|(before, version)| (before, version.to_owned()));
            assert_eq!(read, expected, "{tag}");
        }
    }
}
