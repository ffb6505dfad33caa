//! Which versions were tagged: every package's own tags, and packages that would share tags.

use std::collections::BTreeMap;

use model::{CommitId, Diagnostic, Location, Package, Tag, TagFormat, Version, Workspace};

use super::history::History;

/// A version that a tag names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tagged<'a> {
    pub(crate) tag: &'a Tag,
    /// The version, among those read for its package.
    pub(crate) version: &'a Version,
}

/// The tags of every package, newest version last.
#[derive(Debug)]
pub(crate) struct Tags<'a> {
    by_affixes: BTreeMap<(String, String), Vec<(Version, &'a Tag)>>,
    format: &'a TagFormat,
}

impl<'a> Tags<'a> {
    /// Reads the tags of `packages`.
    pub(crate) fn read<'p>(
        tags: &'a [Tag],
        format: &'a TagFormat,
        packages: impl Iterator<Item = &'p Package>,
    ) -> Self {
        let mut sorted: Vec<&Tag> = tags.iter().collect();
        sorted.sort();
        let mut by_affixes = BTreeMap::new();
        for package in packages {
            let affixes = affixes(format, package);
            by_affixes.entry(affixes).or_insert_with_key(|(before, after)| {
                let from = sorted.partition_point(|tag| tag.name.as_str() < before.as_str());
                let own = sorted[from..]
                    .iter()
                    .take_while(|tag| tag.name.starts_with(before.as_str()));
                let own = own.filter(|tag| {
                    tag.name.len() > before.len() + after.len() && tag.name.ends_with(after.as_str())
                });
                let mut own: Vec<(Version, &Tag)> = own
                    .filter_map(|tag| {
                        Some((
                            format.version_in(&package.id.ecosystem, package.name(), &tag.name)?,
                            *tag,
                        ))
                    })
                    .collect();
                own.sort();
                own
            });
        }
        Self { by_affixes, format }
    }

    /// The tag a package's next version is counted from: the greatest version of those that lead to the head.
    ///
    /// A tag that is not in the log leads to the head all the same, unless the log is closed: history before the
    /// log may be left out. If no tag leads there, the greatest of all counts: better too high than taken twice.
    /// Pre-releases count only while the manifest is on a pre-release of that same version.
    pub(crate) fn last(&self, package: &Package, history: &History<'_>) -> Option<Tagged<'_>> {
        let all = self.by_affixes.get(&affixes(self.format, package))?;
        let counts = |version: &Version| !version.is_prerelease() || is_on_line(&package.version, version);
        let leads = |tag: &Tag| !history.is_closed() || history.find(&tag.commit).is_some();
        let candidates = || all.iter().rev().filter(|(version, _)| counts(version));
        let last = candidates()
            .find(|(_, tag)| leads(tag))
            .or_else(|| candidates().next());
        last.map(|(version, tag)| Tagged { tag, version })
    }

    /// The greatest tag of a package, wherever it is.
    fn greatest(&self, package: &Package) -> Option<&'a Tag> {
        let all = self.by_affixes.get(&affixes(self.format, package))?;
        let counts = |version: &Version| !version.is_prerelease() || is_on_line(&package.version, version);
        all.iter()
            .rev()
            .find(|(version, _)| counts(version))
            .map(|(_, tag)| *tag)
    }
}

/// Whether the manifest is on a pre-release of the same version.
fn is_on_line(manifest: &Version, version: &Version) -> bool {
    let (ours, theirs) = (manifest.semver(), version.semver());
    manifest.is_prerelease()
        && (ours.major, ours.minor, ours.patch) == (theirs.major, theirs.minor, theirs.patch)
}

/// What stands before and after the version in a package's tags.
pub(crate) fn affixes(format: &TagFormat, package: &Package) -> (String, String) {
    let pattern = format.pattern();
    let (before, after) = pattern.split_once("{version}").unwrap_or((pattern, ""));
    let fill = |text: &str| {
        text.replace("{ecosystem}", &package.id.ecosystem)
            .replace("{name}", package.name())
    };
    (fill(before), fill(after))
}

/// The commits that a log has to lead back to, so that versions can be planned from it: for [`model::Vcs::log`].
/// Empty, which means everything, if a package that can be released has no tag yet.
#[must_use]
pub fn oldest_needed(workspace: &Workspace, tags: &[Tag], format: &TagFormat) -> Vec<CommitId> {
    let released = || workspace.packages().filter(|package| !package.private);
    let read = Tags::read(tags, format, released());
    let last: Option<Vec<&Tag>> = released().map(|package| read.greatest(package)).collect();
    let mut commits: Vec<CommitId> = last
        .unwrap_or_default()
        .into_iter()
        .map(|tag| tag.commit.clone())
        .collect();
    commits.sort();
    commits.dedup();
    commits
}

/// Diagnostics about packages whose tags git would refuse, or that would share tags although their versions are
/// not the same. `unit_of` says with which others a package always shares its version.
pub(crate) fn check(
    packages: &[&Package],
    format: &TagFormat,
    at: Option<&Location>,
    unit_of: impl Fn(usize) -> usize,
) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let mut owners: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        let affixes = affixes(format, package);
        let example = format!("{}{}{}", affixes.0, package.version, affixes.1);
        if let Err(reason) = model::legal_tag(&example) {
            let message = format!("`{}` cannot be tagged `{example}`: {reason}", package.id);
            wrong.push(Diagnostic::error(message, at.cloned()).hint("choose another `tag_format`"));
        }
        let first = *owners.entry(affixes).or_insert(index);
        if unit_of(first) != unit_of(index) {
            let first = packages[first];
            let missing = if first.name() == package.name() {
                "{ecosystem}"
            } else {
                "{name}"
            };
            let message = format!(
                "`{}` and `{}` would have the same tags, such as `{example}`",
                first.id, package.id
            );
            let hint = format!(
                "put `{missing}` into `tag_format`, which is `{format}`, or give them one version: \
                 a group with `versioning = \"fixed\"`"
            );
            wrong.push(Diagnostic::error(message, at.cloned()).hint(hint));
        }
    }
    wrong
}
