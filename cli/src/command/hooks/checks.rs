//! What the hooks check.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use model::{CommitId, Diagnostic, Location, Package, TrainDecl, Workspace};

use crate::command::check;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::World;

/// Where git's comments in a message begin to be all that follows.
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// Static versions have to agree in what is about to be committed; what else is in the working tree does not count.
pub(super) fn pre_commit(world: &World) -> Result<Kind, Failure> {
    let project = Project::load_from(world, world.staged()?)?;
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
            _ if finding.found.is_empty() => {
                format!(
                    "`{name}` is at no version here, and has to be at {}",
                    finding.expected
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
        Diagnostic::error(message, place).hint(hint(world, project, finding))
    };
    Ok(findings.iter().map(diagnostic).collect())
}

/// What to do about a finding: where the file was put right and not staged, another hint would mislead.
fn hint(world: &World, project: &Project, finding: &rules::Finding) -> String {
    let file = &*finding.file;
    let here = std::fs::read_to_string(world.root.join(file)).ok();
    if here == project.tree.files.read(file).ok() {
        return finding.hint.clone();
    }
    format!(
        "what is staged of `{file}` is not what is in the working tree; `git add` it if it is right there, or else: {}",
        finding.hint
    )
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
    let Some(config) = &project.config else {
        return Ok(Kind::Done);
    };
    let mut wrong = Vec::new();
    for (tag, object) in &pushed {
        for train in &config.trains {
            wrong.extend(check_tag(world, &project, train, tag, &CommitId(object.clone()))?);
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
    world: &World,
    project: &Project,
    train: &TrainDecl,
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
    let then = match packages_at(world, project, object) {
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
fn packages_at(world: &World, project: &Project, commit: &CommitId) -> Result<Workspace, Failure> {
    let tree = adapters::GitTree::of_commit(&world.root, world.env.clone(), commit);
    let tree = tree.map_err(|error| Failure::step(Kind::Config, error))?;
    Ok(rules::discover(
        &project.adapters,
        &tree,
        project.config.as_ref(),
    )?)
}
