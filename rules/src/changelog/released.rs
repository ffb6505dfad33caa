//! What was new in a version that is released already: its tag, the one before it, and the commits between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Bump, Commit, CommitId, Diagnostic, Package, PackageId, Tag, Version};

use crate::version::{Needed, PlannedVersion, VersionInput, plan_versions, tagged_versions};

/// A version that was released.
#[derive(Clone, Debug, PartialEq, Eq)]
struct At {
    /// Which version.
    version: Version,
    /// Its tag.
    tag: Tag,
}

/// One package's version that is asked about.
struct Asked<'a> {
    package: &'a Package,
    at: At,
    /// The version before it that leads to it.
    previous: Option<At>,
    /// The names of all tags of the package.
    own: Vec<String>,
}

/// The versions of `packages` that `wanted` means, a version or a tag, each as it was planned then: its commits, and
/// what it newly needed; in the order of the packages. Packages without such a tag are left out. The log has to hold
/// all history.
///
/// The version before a release is the release before it; before a pre-release it may be a pre-release.
///
/// # Errors
/// A tag does not lead to the head, or versions cannot be planned.
pub fn released<'p>(
    input: &VersionInput<'_>,
    packages: impl IntoIterator<Item = &'p PackageId>,
    wanted: &str,
) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
    let past = Past::of(input);
    let mut by_commit: BTreeMap<String, Vec<Asked<'_>>> = BTreeMap::new();
    let packages: Vec<&PackageId> = packages.into_iter().collect();
    for id in &packages {
        let Some(package) = input.workspace.get(id) else {
            continue;
        };
        if let Some(asked) = past.asked(package, wanted)? {
            let commit = asked.at.tag.commit.0.clone();
            by_commit.entry(commit).or_default().push(asked);
        }
    }
    let mut found = BTreeMap::new();
    for asked in by_commit.values() {
        for planned in past.planned_then(asked)? {
            found.insert(planned.package.clone(), planned);
        }
    }
    Ok(packages.iter().filter_map(|id| found.remove(id)).collect())
}

/// History as it was at some commit.
struct Past<'a> {
    input: &'a VersionInput<'a>,
    by_id: HashMap<&'a str, &'a Commit>,
    /// The tags of each package, the least version first; of two on one version the better one last.
    tagged: BTreeMap<PackageId, Vec<At>>,
}

impl<'a> Past<'a> {
    fn of(input: &'a VersionInput<'a>) -> Self {
        let by_id = input
            .log
            .iter()
            .map(|commit| (commit.id.0.as_str(), commit))
            .collect();
        let of = |(version, tag): (Version, &Tag)| At {
            version,
            tag: tag.clone(),
        };
        let tagged = tagged_versions(input.workspace, input.tags, input.train, input.config);
        let tagged = tagged
            .into_iter()
            .map(|(id, tags)| (id, tags.into_iter().map(of).collect()));
        Self {
            tagged: tagged.collect(),
            input,
            by_id,
        }
    }

    /// The commits that lead to `commit`, itself included; none if it is not in the log.
    fn ancestors(&self, commit: &CommitId) -> BTreeSet<&'a str> {
        let find = |id: &CommitId| self.by_id.get(id.0.as_str()).copied();
        let mut found = BTreeSet::new();
        let mut open: Vec<&Commit> = find(commit).into_iter().collect();
        while let Some(commit) = open.pop() {
            if found.insert(commit.id.0.as_str()) {
                open.extend(commit.parents.iter().filter_map(find));
            }
        }
        found
    }

    fn tagged(&self, package: &PackageId) -> &[At] {
        self.tagged.get(package).map_or(&[], Vec::as_slice)
    }

    /// The tag that is meant: of several on one version, one that leads to the head.
    fn meant(&self, package: &PackageId, wanted: &str) -> Option<&At> {
        let version = read_version(wanted);
        let all = self.tagged(package).iter();
        let wanted = |at: &&At| (at.tag.name == wanted, version.as_ref() == Some(&at.version));
        let leads = |at: &&At| self.by_id.contains_key(at.tag.commit.0.as_str());
        all.filter(|at| wanted(at) != (false, false))
            .max_by_key(|at| (wanted(at), leads(at)))
    }

    fn asked(&self, package: &'a Package, wanted: &str) -> Result<Option<Asked<'a>>, Vec<Diagnostic>> {
        let Some(at) = self.meant(&package.id, wanted).cloned() else {
            return Ok(None);
        };
        let all = self.tagged(&package.id);
        let before = self.ancestors(&at.tag.commit);
        if before.is_empty() {
            let message = format!(
                "`{}` does not lead to the commit that is checked out",
                at.tag.name
            );
            let hint = "check out a branch that holds it, and run this there";
            return Err(vec![Diagnostic::error(message, None).hint(hint)]);
        }
        let counts = |other: &&At| {
            other.version < at.version
                && (at.version.is_prerelease() || !other.version.is_prerelease())
                && before.contains(other.tag.commit.0.as_str())
        };
        Ok(Some(Asked {
            previous: all.iter().rfind(counts).cloned(),
            own: all.iter().map(|at| at.tag.name.clone()).collect(),
            package,
            at,
        }))
    }

    /// Plans versions that were released from one commit as if that were the head, and the version before each its
    /// last one.
    fn planned_then(&self, asked: &[Asked<'_>]) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
        let Some(head) = asked.first().map(|asked| &asked.at.tag.commit) else {
            return Ok(Vec::new());
        };
        let before = self.ancestors(head);
        let own: BTreeSet<&str> = asked
            .iter()
            .flat_map(|asked| asked.own.iter().map(String::as_str))
            .collect();
        let is_there =
            |tag: &&Tag| !own.contains(tag.name.as_str()) && before.contains(tag.commit.0.as_str());
        let mut tags: Vec<Tag> = self.input.tags.iter().filter(is_there).cloned().collect();
        tags.extend(asked.iter().filter_map(|asked| self.as_release(asked)));
        tags.sort();
        tags.dedup();
        let led = self
            .input
            .log
            .iter()
            .filter(|commit| before.contains(commit.id.0.as_str()));
        let log: Vec<Commit> = led.cloned().collect();
        let then = VersionInput {
            tags: &tags,
            log: &log,
            head: Some(head),
            plans: &[],
            ..*self.input
        };
        let mut planned: BTreeMap<PackageId, PlannedVersion> = plan_versions(&then)?
            .into_iter()
            .map(|planned| (planned.package.clone(), planned))
            .collect();
        let mut told = Vec::with_capacity(asked.len());
        for asked in asked {
            let Some(planned) = planned.remove(&asked.package.id) else {
                continue;
            };
            told.push(PlannedVersion {
                current: asked.previous.as_ref().map(|previous| previous.version.clone()),
                last_tag: asked.previous.as_ref().map(|previous| previous.tag.name.clone()),
                needs: self.needs(asked, &planned.needs, &before),
                next: asked.at.version.clone(),
                bump: Bump::Explicit,
                tag: asked.at.tag.name.clone(),
                plans: Vec::new(),
                released_at_head: false,
                ..planned
            });
        }
        Ok(told)
    }

    /// The tag of the version before, as that of a release whatever it was: those count on every channel.
    fn as_release(&self, asked: &Asked<'_>) -> Option<Tag> {
        let previous = asked.previous.as_ref()?;
        let version = previous.version.semver();
        let version = Version::new(version.major, version.minor, version.patch).to_string();
        let (format, id) = (&self.input.train.tag_format, &asked.package.id);
        Some(Tag {
            name: format.format(&id.ecosystem, &id.name, &version),
            commit: previous.tag.commit.clone(),
        })
    }

    /// What a version needed. That was planned too; what counts is what was released by then.
    fn needs(&self, asked: &Asked<'_>, planned: &[Needed], before: &BTreeSet<&str>) -> Vec<Needed> {
        let known = asked
            .previous
            .as_ref()
            .map_or_else(BTreeSet::new, |previous| self.ancestors(&previous.tag.commit));
        let needed = |needed: &Needed| {
            let counts =
                |other: &&At| before.contains(other.tag.commit.0.as_str()) && !other.version.is_prerelease();
            let last = self.tagged(&needed.package).iter().rfind(counts)?;
            Some(Needed {
                package: needed.package.clone(),
                is_new: needed.is_new && !known.contains(last.tag.commit.0.as_str()),
                version: last.version.clone(),
            })
        };
        planned.iter().filter_map(needed).collect()
    }
}

/// `1.2.0`, also with a `v` before it, and as Python writes it.
fn read_version(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.parse().ok().or_else(|| Version::from_pep440(text).ok())
}
