//! What the hooks check.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cas::Digest;
use model::{CommitId, Diagnostic, Location, Package, SourceTree, TrainDecl, Vcs, Workspace};

use crate::command::check;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::World;

/// Where git's comments in a message begin to be all that follows.
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// Static versions have to agree.
pub(super) fn pre_commit(world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    if project.config.is_none() {
        return Ok(Kind::Done);
    }
    let wrong = versions_that_drifted(world, &project)?;
    if wrong.is_empty() {
        Ok(Kind::Done)
    } else {
        Err(Failure::about(Kind::Refused, wrong))
    }
}

/// Every version that is not what it has to be. What was released before is not looked at: a commit may well come
/// before its release.
fn versions_that_drifted(world: &World, project: &Project) -> Result<Vec<Diagnostic>, Failure> {
    let findings = check::findings(world, project, &BTreeMap::new())?;
    let diagnostic = |finding: &rules::Finding| {
        let name = project.workspace.display_name(&finding.package);
        let message = match finding.kind {
            rules::FindingKind::Requirement => {
                format!(
                    "{} is required, which `{name}` at {} does not satisfy",
                    finding.found, finding.expected
                )
            }
            _ => format!(
                "`{name}` is at {} here, and has to be at {}",
                finding.found, finding.expected
            ),
        };
        let place = Location {
            line: finding.line,
            ..Location::file(&*finding.file)
        };
        Diagnostic::error(message, place).hint(finding.hint.clone())
    };
    Ok(findings.iter().map(diagnostic).collect())
}

/// A message has to say what changed.
pub(super) fn commit_msg(file: &Path) -> Result<Kind, Failure> {
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::new(Kind::Usage, format!("cannot read `{}`: {error}", file.display()))
            .hint("git passes the file that holds the message")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let message: Vec<&str> = text
        .lines()
        .take_while(|line| *line != SCISSORS)
        .filter(|line| !line.starts_with('#'))
        .collect();
    let message = message.join("\n");
    // git itself refuses an empty one, unless it was told not to.
    if message.trim().is_empty() {
        return Ok(Kind::Done);
    }
    match rules::check_message(&message) {
        Ok(()) => Ok(Kind::Done),
        Err(diagnostic) => Err(Failure::about(Kind::Refused, vec![diagnostic])),
    }
}

/// Release tags have to say the truth. Git says one reference per line: the local one, its object, the remote one,
/// its object.
pub(super) fn pre_push(world: &World, input: impl BufRead) -> Result<Kind, Failure> {
    let mut pushed: Vec<(String, String)> = Vec::new();
    for line in input.lines() {
        let line = line?;
        let fields: Vec<&str> = line.split(' ').collect();
        if let [_, object, reference, _] = fields[..]
            && let Some(tag) = reference.strip_prefix("refs/tags/")
            && object.contains(|c| c != '0')
        {
            pushed.push((tag.to_owned(), object.to_owned()));
        }
    }
    if pushed.is_empty() {
        return Ok(Kind::Done);
    }
    let project = Project::load(world)?;
    let (Some(config), Some(vcs)) = (&project.config, &project.adapters.vcs) else {
        return Ok(Kind::Done);
    };
    let mut wrong = Vec::new();
    for (tag, object) in &pushed {
        for train in &config.trains {
            wrong.extend(check_tag(&project, train, vcs, tag, &CommitId(object.clone()))?);
        }
    }
    if wrong.is_empty() {
        Ok(Kind::Done)
    } else {
        Err(Failure::about(Kind::Refused, wrong))
    }
}

/// What is wrong with a tag, if it is one of a release of this train.
fn check_tag(
    project: &Project,
    train: &TrainDecl,
    vcs: &Arc<dyn Vcs>,
    tag: &str,
    object: &CommitId,
) -> Result<Option<Diagnostic>, Failure> {
    let members = project.members(train)?;
    let packages: Vec<&Package> = members
        .iter()
        .filter_map(|id| project.workspace.get(id))
        .collect();
    let Some(read) = rules::release_tag(train, &packages, tag) else {
        return Ok(None);
    };
    if train.releases_from == model::ReleasesFrom::PullRequests {
        let message = format!(
            "the tag `{tag}` may not be pushed: releases of `{}` come from merged pull requests only",
            train.name
        );
        return Ok(Some(Diagnostic::error(message, train.location.clone()).hint(
            "merge the release's pull request; delete the tag here (`git tag --delete`)",
        )));
    }
    let Some(version) = read.version else {
        let message = format!("the tag `{tag}` looks like a release, and names no version (SemVer 2.0.0)");
        return Ok(Some(Diagnostic::error(message, None).hint(format!(
            "a tag that works: `{}` with a version such as 1.2.0",
            train.tag_format
        ))));
    };
    let Some(package) = read.package else {
        return Ok(None);
    };
    let then = match packages_at(project, vcs, object) {
        Ok(then) => then,
        Err(failure) => {
            let message = format!("the tag `{tag}` cannot be checked against its commit: {failure}");
            return Ok(Some(
                Diagnostic::error(message, None).hint("tag a commit whose manifests can be read"),
            ));
        }
    };
    // Packages that share a tag share its version as well.
    let sharing = packages.iter().filter(|other| {
        let same = rules::release_tag(train, &[other], tag).is_some_and(|read| read.version.is_some());
        same || other.id == package.id
    });
    for package in sharing {
        let Some(there) = then.get(&package.id) else {
            if sharing_is_one(train, &packages, tag) {
                let message = format!(
                    "the tag `{tag}` names a commit in which there is no `{}`",
                    package.name()
                );
                return Ok(Some(
                    Diagnostic::error(message, None).hint("tag a commit that has the package"),
                ));
            }
            continue;
        };
        if !rules::is_placeholder(there) && there.version != version {
            let message = format!(
                "the tag `{tag}` says {version}, and `{}` says {} in the commit it names",
                there.manifest, there.written_version
            );
            return Ok(Some(Diagnostic::error(message, None).hint(
                "bump the version and commit it, then tag that commit (`releasekit tag`)",
            )));
        }
    }
    Ok(None)
}

/// Whether a tag is that of one package only.
fn sharing_is_one(train: &TrainDecl, packages: &[&Package], tag: &str) -> bool {
    let reads = |package: &&&Package| rules::release_tag(train, &[**package], tag).is_some();
    packages.iter().filter(reads).count() == 1
}

/// The packages as they are in a commit.
fn packages_at(project: &Project, vcs: &Arc<dyn Vcs>, commit: &CommitId) -> Result<Workspace, Failure> {
    let step = |error| Failure::step(Kind::Config, error);
    let tree = Snapshot {
        files: vcs.files(commit).map_err(step)?,
        vcs: Arc::clone(vcs),
        commit: commit.clone(),
    };
    Ok(rules::discover(
        &project.adapters,
        &tree,
        project.config.as_ref(),
    )?)
}

/// The files of a commit.
struct Snapshot {
    files: BTreeSet<String>,
    vcs: Arc<dyn Vcs>,
    commit: CommitId,
}

impl Snapshot {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.vcs.file(&self.commit, path).map_err(|error| error.message)?;
        found.ok_or_else(|| format!("`{path}` is not in commit {}", self.commit.short()))
    }
}

impl SourceTree for Snapshot {
    fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|_| format!("`{path}` is not UTF-8"))
    }

    fn digest(&self, path: &str) -> Result<(Digest, bool), String> {
        Ok((Digest::of(&self.bytes(path)?), false))
    }

    /// It is nowhere on this machine as a file of its own.
    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from(path)
    }
}
