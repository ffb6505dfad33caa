//! How a repository's tags are written so far, so that a new RELEASE.star goes on in the same way.

use model::{Package, Tag, TagFormat};

/// The ways that are recognised; those with a name come first.
const SHAPES: [&str; 8] = [
    "{name}/v{version}",
    "{name}-v{version}",
    "{name}@{version}",
    "{name}@v{version}",
    "{name}-{version}",
    "{name}/{version}",
    "v{version}",
    "{version}",
];

/// How tags are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) format: TagFormat,
    /// Whether one tag speaks of all packages.
    pub(super) is_shared: bool,
}

/// The way that most packages' tags are written in; `None` if no tag is a release's.
pub(super) fn spelling(tags: &[Tag], packages: &[&Package]) -> Option<Spelling> {
    let formats = SHAPES.map(|shape| TagFormat::parse(shape).expect("our own shapes are legal"));
    let counted = formats.into_iter().map(|format| {
        let is_tagged = |package: &&&Package| {
            let id = &package.id;
            tags.iter()
                .any(|tag| format.version_in(&id.ecosystem, &id.name, &tag.name).is_some())
        };
        let count = packages.iter().filter(is_tagged).count();
        (count, format)
    });
    let has_name = |format: &TagFormat| format.pattern().contains("{name}");
    let mut best: Option<(usize, TagFormat)> = None;
    for (count, format) in counted.filter(|(count, _)| *count > 0) {
        let is_better = best
            .as_ref()
            .is_none_or(|(most, known)| has_name(&format) == has_name(known) && count > *most);
        if is_better {
            best = Some((count, format));
        }
    }
    best.map(|(_, format)| Spelling {
        is_shared: !has_name(&format) && packages.len() > 1,
        format,
    })
}
