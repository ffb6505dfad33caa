//! What a release does to the repository in the end.

use std::sync::Arc;

use model::{Adapters, Package, Remote, Tag, TrainDecl};
use rules::{BroughtBack, Closing, PlannedVersion, Stage};

use crate::exit::{Failure, Kind};
use crate::history::History;
use crate::plan::Wish;
use crate::project::Project;
use crate::world::{World, workspace_error};

/// What the end of the release called `run` is made of.
pub(crate) fn closing(
    project: &Project,
    train: &TrainDecl,
    history: &History,
    versions: &[PlannedVersion],
    wish: &Wish,
    run: String,
) -> Result<Closing, Failure> {
    let mut closing = Closing {
        run,
        branch: history.head.branch.clone(),
        into_folders: wish.to_directory.is_some(),
        ..Closing::default()
    };
    if versions.is_empty()
        && wish.stage == Stage::Publish
        && let Some((run, back)) = brought_back(project, train, history)?
    {
        closing.run = run;
        closing.brought_back = Some(back);
    }
    Ok(closing)
}

/// The release that the commit that is checked out brought back, with what it is called.
fn brought_back(
    project: &Project,
    train: &TrainDecl,
    history: &History,
) -> Result<Option<(String, BroughtBack)>, Failure> {
    let (Some(vcs), Some(head)) = (&project.adapters.vcs, history.commit()) else {
        return Ok(None);
    };
    let Some(commit) = vcs.look_up(head).map_err(workspace_error)? else {
        return Ok(None);
    };
    let (Some(run), [released]) = (rules::release_of(&commit.message), &commit.parents[..]) else {
        return Ok(None);
    };
    let members = project.members(train)?;
    let packages: Vec<&Package> = members
        .iter()
        .filter_map(|id| project.workspace.get(id))
        .collect();
    let tags = rules::tags_of_release(train, &packages, &history.tags, released);
    let back = BroughtBack {
        released: released.clone(),
        tags,
    };
    Ok(Some((run.to_owned(), back)))
}

/// Everyone present, and the remote that the train pushes to.
pub(crate) fn with_remote(
    world: &World,
    project: &Project,
    train: &TrainDecl,
    wish: &Wish,
) -> Result<Adapters, Failure> {
    let mut adapters = project.adapters.clone();
    if let Some(name) = &train.tags.push
        && wish.stage == Stage::Publish
        && wish.to_directory.is_none()
    {
        adapters.remote = Some(remote(world, project, name)?);
    }
    Ok(adapters)
}

/// The remote of that name.
pub(crate) fn remote(world: &World, project: &Project, name: &str) -> Result<Arc<dyn Remote>, Failure> {
    let vcs = project.adapters.vcs.as_ref().map_or("git", |vcs| vcs.name());
    let found = adapters::open_remote(&world.root, &world.env, vcs, name).map_err(workspace_error)?;
    match found {
        Some(remote) => Ok(remote),
        None => Err(Failure::new(
            Kind::Config,
            format!("there is no remote called `{name}` to push to"),
        )
        .hint(format!(
            "`git remote add {name} ADDRESS` adds it; `git remote` lists those there are"
        ))),
    }
}

/// A tag that names another commit than the one that is to be tagged.
pub(crate) fn taken_tag(tag: &Tag, wanted: &model::CommitId) -> Failure {
    let (name, found) = (&tag.name, tag.commit.short());
    let message = format!(
        "the tag `{name}` already names commit {found}, not {}",
        wanted.short()
    );
    Failure::new(Kind::Conflict, message)
        .hint("tags are never moved: release another version, or delete the tag if nobody has seen it")
}
