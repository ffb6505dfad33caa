//! What a release does to the repository in the end.

use std::sync::Arc;

use model::{Adapters, CommitId, Package, Remote, Tag, TrainDecl, Vcs, Version};
use rules::{BroughtBack, Closing, PlannedVersion, Stage};

use crate::exit::{Failure, Kind};
use crate::history::History;
use crate::plan::Wish;
use crate::project::Project;
use crate::unfinished::{self, Begun, Unfinished};
use crate::world::{World, workspace_error};

/// What the end of the release called `run` is made of, and the releases beneath it that were not finished.
pub(crate) fn closing(
    world: &World,
    project: &Project,
    train: &TrainDecl,
    history: &History,
    versions: &[PlannedVersion],
    wish: &Wish,
    run: String,
) -> Result<(Closing, Vec<Unfinished>), Failure> {
    let mut closing = Closing {
        run,
        branch: history.head.branch.clone(),
        into_folders: wish.to_directory.is_some(),
        ..Closing::default()
    };
    let (Some(vcs), Some(head), Stage::Publish) = (&project.adapters.vcs, history.commit(), wish.stage)
    else {
        return Ok((closing, Vec::new()));
    };
    let members = project.members(train)?;
    let packages: Vec<&Package> = members
        .iter()
        .filter_map(|id| project.workspace.get(id))
        .collect();
    let tags = |commit: &CommitId| rules::tags_of_release(train, &packages, &history.tags, commit);
    let begun = unfinished::begun(world)?;
    let mut left = unfinished::beneath(&begun, &**vcs, head, &tags)?;
    // Whoever goes back to a commit to finish its release has no branch checked out.
    let here = begun.iter().rfind(|one| one.commit == *head);
    closing.branch = closing.branch.or_else(|| here?.branch.clone());
    if !versions.is_empty() {
        closing.left = left.iter().flat_map(|one| one.tags.clone()).collect();
        // All that they leave then is what they would have brought back.
        left.retain(|one| one.back.is_none() && train.commit_back.is_some());
    } else if let Some(back) = brought_back(&begun, &left, &**vcs, head)? {
        left.retain(|one| one.begun.run != back.run);
        closing.run = back.run;
        closing.branch = back.branch.or(closing.branch);
        closing.brought_back = Some(BroughtBack {
            tags: tags(&back.released),
            released: back.released,
        });
    }
    Ok((closing, left))
}

/// A release that was brought back.
struct Back {
    run: String,
    released: CommitId,
    branch: Option<String>,
}

/// The release that the commit that is checked out brought back, or else one beneath it whose push is left.
fn brought_back(
    begun: &[Begun],
    left: &[Unfinished],
    vcs: &dyn Vcs,
    head: &CommitId,
) -> Result<Option<Back>, Failure> {
    let of = |one: &Begun| Back {
        run: one.run.clone(),
        released: one.commit.clone(),
        branch: one.branch.clone(),
    };
    let Some(commit) = vcs.look_up(head).map_err(workspace_error)? else {
        return Ok(None);
    };
    let Some(run) = rules::release_of(&commit.message) else {
        let beneath = left.iter().find(|one| one.back.is_some());
        return Ok(beneath.map(|one| of(&one.begun)));
    };
    if let Some(known) = begun.iter().rfind(|one| one.run == run) {
        return Ok(Some(of(known)));
    }
    // On a machine that has not its journal it follows the commit that was released, as far as anybody knows.
    let [released] = &commit.parents[..] else {
        return Ok(None);
    };
    Ok(Some(Back {
        run: run.to_owned(),
        released: released.clone(),
        branch: None,
    }))
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
pub(crate) fn taken_tag(tag: &Tag, wanted: &CommitId) -> Failure {
    let (name, found) = (&tag.name, tag.commit.short());
    let message = format!(
        "the tag `{name}` already names commit {found}, not {}",
        wanted.short()
    );
    Failure::new(Kind::Conflict, message)
        .hint("tags are never moved: release another version, or delete the tag if nobody has seen it")
}

/// A version below what was released from here.
pub(crate) fn going_back(package: &str, version: &Version, above: &Tag) -> Failure {
    let message = format!(
        "`{package}` would go back to {version}: `{}` leads to this commit; nothing was tagged",
        above.name
    );
    Failure::new(Kind::Refused, message).hint(
        "`releasekit bump` writes a higher version; a version that is maintained is tagged on a branch of its own",
    )
}

/// The same, where only the remote has the tag.
pub(crate) fn taken_there(tag: &Tag, wanted: &CommitId, remote: &str) -> Failure {
    let (name, found) = (&tag.name, tag.commit.short());
    let message = format!(
        "the tag `{name}` already names commit {found} on the remote `{remote}`, not {}",
        wanted.short()
    );
    Failure::new(Kind::Conflict, message).hint(
        "`git fetch --tags` brings it here; tags are never moved: release another version, or delete the tag there if \
         nobody has seen it",
    )
}

/// A tag that there cannot be beside another one.
pub(crate) fn clashing_tags(tag: &str, other: &str) -> Failure {
    let message =
        format!("there cannot be a tag `{tag}` beside `{other}`: git keeps tags as files in folders");
    Failure::new(Kind::Refused, message).hint("delete the other one, or give the train another `tag_format`")
}
