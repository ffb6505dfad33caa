//! What was new in a version that is released already: its tag, the one before it, and the commits between them.

use std::collections::{BTreeSet, HashMap};

use model::{Bump, Commit, CommitId, Diagnostic, Package, PackageId, Tag, Version};

use crate::version::{Needed, PlannedVersion, VersionInput, plan_versions};

/// A version that was released.
#[derive(Clone, Debug, PartialEq, Eq)]
struct At {
    /// Which version.
    version: Version,
    /// Its tag.
    tag: Tag,
}

/// The version of `package` that `wanted` means, a version or a tag, as it was planned then: its commits, and what
/// it newly needed. `None` if the package has no such tag. The log has to hold all history.
///
/// The version before a release is the release before it; before a pre-release it may be a pre-release.
///
/// # Errors
/// The tag does not lead to the head, or versions cannot be planned.
pub fn released(
    input: &VersionInput<'_>,
    package: &PackageId,
    wanted: &str,
) -> Result<Option<PlannedVersion>, Vec<Diagnostic>> {
    let Some(package) = input.workspace.get(package) else {
        return Ok(None);
    };
    let all = releases(input, package);
    let version = read_version(wanted);
    let is_wanted = |at: &&At| at.tag.name == wanted || version.as_ref() == Some(&at.version);
    let Some(at) = all.iter().find(is_wanted) else {
        return Ok(None);
    };
    let before = ancestors(input.log, &at.tag.commit);
    if before.is_empty() {
        let message = format!(
            "`{}` does not lead to the commit that is checked out",
            at.tag.name
        );
        return Err(vec![
            Diagnostic::error(message, None).hint("check out a branch that holds it, and run this there"),
        ]);
    }
    let counts = |other: &&At| {
        other.version < at.version
            && (at.version.is_prerelease() || !other.version.is_prerelease())
            && before.contains(other.tag.commit.0.as_str())
    };
    let previous = all
        .iter()
        .filter(counts)
        .max_by(|one, other| one.version.cmp(&other.version));
    let planned = planned_then(input, package, at, previous, &before)?;
    let known = previous.map_or_else(BTreeSet::new, |previous| {
        ancestors(input.log, &previous.tag.commit)
    });
    // What it needs was planned too; what counts is what was released by then.
    let needed = |needed: Needed| {
        let package = input.workspace.get(&needed.package)?;
        let counts =
            |other: &At| before.contains(other.tag.commit.0.as_str()) && !other.version.is_prerelease();
        let by_then = releases(input, package).into_iter().filter(counts);
        let last = by_then.max_by(|one, other| one.version.cmp(&other.version))?;
        let is_new = needed.is_new && !known.contains(last.tag.commit.0.as_str());
        Some(Needed {
            version: last.version,
            is_new,
            ..needed
        })
    };
    Ok(planned.map(|planned| PlannedVersion {
        needs: planned.needs.iter().cloned().filter_map(needed).collect(),
        current: previous.map(|previous| previous.version.clone()),
        last_tag: previous.map(|previous| previous.tag.name.clone()),
        next: at.version.clone(),
        bump: Bump::Explicit,
        tag: at.tag.name.clone(),
        plans: Vec::new(),
        released_at_head: false,
        ..planned
    }))
}

/// `1.2.0`, also with a `v` before it, and as Python writes it.
fn read_version(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.parse().ok().or_else(|| Version::from_pep440(text).ok())
}

/// Every tagged version of a package, in the order of the tags.
fn releases(input: &VersionInput<'_>, package: &Package) -> Vec<At> {
    let rules = &input.train.tags;
    let formats = || {
        [&input.train.tag_format]
            .into_iter()
            .chain(&rules.former)
            .chain(&rules.secondary)
    };
    let declared = input.config.and_then(|config| {
        let mut packages = config.packages.iter();
        packages.find(|decl| decl.ecosystem == package.id.ecosystem && decl.name == package.id.name)
    });
    let former = declared.into_iter().flat_map(|decl| &decl.former_names);
    let names: Vec<&str> = [package.name()]
        .into_iter()
        .chain(former.map(String::as_str))
        .collect();
    let at = |tag: &Tag| {
        let version = names.iter().find_map(|name| {
            formats().find_map(|format| format.version_in(&package.id.ecosystem, name, &tag.name))
        })?;
        Some(At {
            version,
            tag: tag.clone(),
        })
    };
    input.tags.iter().filter_map(at).collect()
}

/// The commits that lead to `commit`, itself included; none if it is not in the log.
fn ancestors<'a>(log: &'a [Commit], commit: &CommitId) -> BTreeSet<&'a str> {
    let by_id: HashMap<&str, &Commit> = log.iter().map(|commit| (commit.id.0.as_str(), commit)).collect();
    let mut found = BTreeSet::new();
    let mut open: Vec<&Commit> = by_id.get(commit.0.as_str()).copied().into_iter().collect();
    while let Some(commit) = open.pop() {
        if found.insert(commit.id.0.as_str()) {
            let parents = commit.parents.iter();
            open.extend(parents.filter_map(|parent| by_id.get(parent.0.as_str()).copied()));
        }
    }
    found
}

/// Plans the package's version as if its commit were the head, and the version before the last one.
fn planned_then(
    input: &VersionInput<'_>,
    package: &Package,
    at: &At,
    previous: Option<&At>,
    before: &BTreeSet<&str>,
) -> Result<Option<PlannedVersion>, Vec<Diagnostic>> {
    let own: BTreeSet<String> = releases(input, package)
        .into_iter()
        .map(|release| release.tag.name)
        .collect();
    let is_there = |tag: &&Tag| !own.contains(&tag.name) && before.contains(tag.commit.0.as_str());
    let mut tags: Vec<Tag> = input.tags.iter().filter(is_there).cloned().collect();
    tags.extend(previous.map(|previous| {
        // As a release, whatever it was: those count on every channel.
        let version = previous.version.semver();
        let version = Version::new(version.major, version.minor, version.patch).to_string();
        let name = input
            .train
            .tag_format
            .format(&package.id.ecosystem, package.name(), &version);
        let commit = previous.tag.commit.clone();
        Tag { name, commit }
    }));
    tags.sort();
    let log: Vec<Commit> = input
        .log
        .iter()
        .filter(|commit| before.contains(commit.id.0.as_str()))
        .cloned()
        .collect();
    let then = VersionInput {
        tags: &tags,
        log: &log,
        head: Some(&at.tag.commit),
        plans: &[],
        ..*input
    };
    let planned = plan_versions(&then)?;
    Ok(planned.into_iter().find(|planned| planned.package == package.id))
}
