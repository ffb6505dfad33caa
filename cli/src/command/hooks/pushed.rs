//! What the hook before a push checks: tags of releases say the truth, and stay where they are.

use std::collections::BTreeMap;
use std::io::BufRead;

use model::{CommitId, Diagnostic, Package, ReleasesFrom, TrainDecl, Version, Workspace};

use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::World;

/// A tag that is pushed.
struct PushedTag {
    name: String,
    /// The object it names here.
    object: CommitId,
    /// Whether the remote has a tag of that name on another object.
    moves: bool,
}

/// Checks the tags that git says are pushed, one reference per line: the local one, its object, the remote one, its
/// object.
pub(super) fn pre_push(world: &World, input: impl BufRead) -> Result<Kind, Failure> {
    let mut pushed = Vec::new();
    for line in input.lines() {
        pushed.extend(tag(&line?));
    }
    if pushed.is_empty() {
        return Ok(Kind::Done);
    }
    let project = Project::load(world)?;
    let Some(config) = &project.config else {
        return Ok(Kind::Done);
    };
    let mut check = Check {
        world,
        project: &project,
        then: BTreeMap::new(),
    };
    let mut wrong = Vec::new();
    for train in &config.trains {
        let members = project.members(train)?;
        let packages = members.iter().filter_map(|id| project.workspace.get(id));
        let packages: Vec<&Package> = packages.collect();
        for tag in &pushed {
            wrong.extend(check.tag(train, &packages, tag).err());
        }
    }
    if wrong.is_empty() {
        Ok(Kind::Done)
    } else {
        Err(Failure::about(Kind::Refused, wrong))
    }
}

/// The tag in a line, unless it is deleted.
fn tag(line: &str) -> Option<PushedTag> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [_, object, reference, theirs] = fields[..] else {
        return None;
    };
    let is_one = |object: &str| object.contains(|c| c != '0');
    let name = reference.strip_prefix("refs/tags/").filter(|_| is_one(object))?;
    Some(PushedTag {
        name: name.to_owned(),
        object: CommitId(object.to_owned()),
        moves: is_one(theirs) && theirs != object,
    })
}

struct Check<'a> {
    world: &'a World<'a>,
    project: &'a Project,
    /// The packages as they are in the commits that tags name, or why that is not known.
    then: BTreeMap<CommitId, Result<Workspace, String>>,
}

impl Check<'_> {
    /// What is wrong with a tag, if it is one of a release of this train.
    fn tag(&mut self, train: &TrainDecl, packages: &[&Package], tag: &PushedTag) -> Result<(), Diagnostic> {
        let name = &tag.name;
        let Some(read) = rules::release_tag(train, packages, name) else {
            return Ok(());
        };
        if train.releases_from == ReleasesFrom::PullRequests {
            let message = format!(
                "the tag `{name}` may not be pushed: releases of `{}` come from merged pull requests only",
                train.name
            );
            return Err(Diagnostic::error(message, train.location.clone())
                .hint("merge the release's pull request; delete the tag here (`git tag --delete`)"));
        }
        if tag.moves {
            let message = format!("the tag `{name}` is somewhere else already, and tags are never moved");
            return Err(Diagnostic::error(message, None).hint("release another version"));
        }
        let Some(version) = read.version else {
            let message =
                format!("the tag `{name}` looks like a release, and names no version (SemVer 2.0.0)");
            return Err(Diagnostic::error(message, None).hint(format!(
                "a tag that works: `{}` with a version such as 1.2.0",
                train.tag_format
            )));
        };
        // Packages that share a tag share its version as well.
        let is_meant = |package: &&&Package| {
            let alone = rules::release_tag(train, &[**package], name);
            alone.is_some_and(|read| read.package.is_some() && read.version.is_some())
        };
        let meant: Vec<&Package> = packages.iter().filter(is_meant).copied().collect();
        self.versions(&meant, tag, &version)
    }

    /// Whether the packages that a tag means are at its version in the commit it names.
    fn versions(&mut self, meant: &[&Package], tag: &PushedTag, version: &Version) -> Result<(), Diagnostic> {
        let name = &tag.name;
        let then = match self.packages_at(&tag.object) {
            Ok(then) => then,
            Err(reason) => {
                let message = format!("the tag `{name}` cannot be checked against its commit: {reason}");
                return Err(Diagnostic::error(message, None).hint("tag a commit whose manifests can be read"));
            }
        };
        for package in meant {
            match then.get(&package.id) {
                None if meant.len() > 1 => {}
                None => {
                    let message = format!(
                        "the tag `{name}` names a commit in which there is no `{}`",
                        package.name()
                    );
                    return Err(Diagnostic::error(message, None).hint("tag a commit that has the package"));
                }
                Some(there) if rules::is_placeholder(there) || there.version == *version => {}
                Some(there) => {
                    let message = format!(
                        "the tag `{name}` says {version}, and `{}` says {} in the commit it names",
                        there.manifest, there.written_version
                    );
                    return Err(Diagnostic::error(message, None)
                        .hint("bump the version and commit it, then tag that commit (`releasekit tag`)"));
                }
            }
        }
        Ok(())
    }

    /// The packages as they are in a commit; looked for once.
    fn packages_at(&mut self, commit: &CommitId) -> Result<&Workspace, &String> {
        let (world, project) = (self.world, self.project);
        let then = self.then.entry(commit.clone()).or_insert_with(|| {
            let tree = adapters::GitTree::of_commit(&world.root, world.env.clone(), commit);
            let tree = tree.map_err(|error| Failure::step(Kind::Config, error).to_string())?;
            let found = rules::discover(&project.adapters, &tree, project.config.as_ref());
            found.map_err(|wrong| Failure::from(wrong).to_string())
        });
        then.as_ref()
    }
}
