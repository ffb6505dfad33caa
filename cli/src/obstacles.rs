//! What would stand in the way of a release: found out before anything is published.

use std::collections::BTreeSet;
use std::path::Path;

use model::{CommitId, Tag, Vcs};

use crate::closing::{clashing_tags, taken_tag, taken_there};
use crate::exit::{Failure, Kind};
use crate::plan::Prepared;
use crate::world::{World, workspace_error};

/// Refuses a release that could not be finished or would be made again: there is no commit, a tag is taken or can never
/// be made, a version plan is not committed, the branch that it is committed back to is elsewhere, or a file that is
/// committed back cannot be.
pub(crate) fn refuse(world: &World, vcs: &dyn Vcs, prepared: &Prepared) -> Result<(), Failure> {
    if prepared.versions.is_empty() {
        return Ok(());
    }
    let Some(head) = prepared.history.commit() else {
        let failure = Failure::new(Kind::Refused, "there is no commit that could be released");
        return Err(failure.hint("commit first: what is published has to be found again"));
    };
    // Whoever does not answer now is asked again in the end, and what was done until then is not lost.
    let remote = prepared.remote.as_ref();
    let theirs = remote.and_then(|remote| remote.tags().ok()).unwrap_or_default();
    refuse_tags(prepared, head, &theirs)?;
    let kept = Kept {
        files: vcs.files(head).map_err(workspace_error)?,
        changed: vcs.changed_files().map_err(workspace_error)?,
    };
    refuse_plans(world, prepared, &kept)?;
    if prepared.written.is_empty() {
        return Ok(());
    }
    refuse_branch(world, vcs, prepared, head)?;
    refuse_changed(prepared, &kept)?;
    let mut written = prepared.written.iter();
    written.try_for_each(|file| refuse_way(&world.root, file))?;
    refuse_odd(world, prepared, &kept)
}

/// What the version control system keeps.
struct Kept {
    /// The files of the commit that is released.
    files: BTreeSet<String>,
    /// Those that differ from it.
    changed: Vec<String>,
}

/// A version plan that no commit has would be used up by no release: the next run would find it again.
fn refuse_plans(world: &World, prepared: &Prepared, kept: &Kept) -> Result<(), Failure> {
    // What gets no tag is released as often as anybody likes.
    if prepared.tags.is_empty() {
        return Ok(());
    }
    // Those that were used up before are recalled from history.
    let is_here = |plan: &&String| world.root.join(plan).exists();
    let mut plans = prepared
        .versions
        .iter()
        .flat_map(|version| &version.plans)
        .filter(is_here);
    match plans.find(|plan| !kept.files.contains(*plan) || kept.changed.contains(plan)) {
        None => Ok(()),
        Some(plan) => {
            let message =
                format!("the version plan `{plan}` is not committed as it is, and would be released");
            Err(Failure::new(Kind::Refused, message)
                .hint("commit it, so that it is released once, or move it away; nothing was published"))
        }
    }
}

/// Tags are never moved, and git keeps `a` and `a/b` apart only if there are not both.
fn refuse_tags(prepared: &Prepared, head: &CommitId, theirs: &[Tag]) -> Result<(), Failure> {
    let known = || prepared.history.tags.iter().chain(theirs);
    let is_taken = |tag: &&Tag| tag.commit != *head && prepared.tags.binary_search(&tag.name).is_ok();
    if let Some(taken) = prepared.history.tags.iter().find(is_taken) {
        return Err(taken_tag(taken, head));
    }
    if let (Some(taken), Some(remote)) = (theirs.iter().find(is_taken), &prepared.remote) {
        return Err(taken_there(taken, head, &remote.name()));
    }
    let names = known().map(|tag| tag.name.as_str());
    match rules::tag_in_the_way(&prepared.tags, names) {
        None => Ok(()),
        Some((tag, other)) => Err(clashing_tags(tag, other)),
    }
}

/// A release is committed back onto the commit that was released, or onto what came on top and left its files alone;
/// it may have been done already.
fn refuse_branch(world: &World, vcs: &dyn Vcs, prepared: &Prepared, head: &CommitId) -> Result<(), Failure> {
    let Some(branch) = prepared.branch.as_deref() else {
        return Ok(());
    };
    let nothing = "; nothing was published";
    let Some(tip) = vcs.branch(branch).map_err(workspace_error)? else {
        let message = format!("the release is to be committed back to `{branch}`, which is no branch here");
        return Err(Failure::new(Kind::Refused, message).hint(format!(
            "make or fetch it, or name another one: `commit_back_branch`{nothing}"
        )));
    };
    // Mercurial's branches have several ends.
    if prepared.history.head.branch.as_deref() == Some(branch) {
        return Ok(());
    }
    let since = vcs.between(head, &tip).map_err(workspace_error)?;
    let is_ours = |commit: &model::Commit| rules::release_of(&commit.message) == Some(&*prepared.run);
    if since.iter().any(is_ours) {
        return Ok(());
    }
    if vcs.name() == "git" {
        let free = adapters::refuse_other_worktrees(&world.root, world.env.clone(), branch);
        free.map_err(|error| {
            let hint = error.hint.unwrap_or_default();
            Failure::new(Kind::Refused, error.message).hint(format!("{hint}; nothing was published"))
        })?;
    }
    let is_written = |path: &str| prepared.written.iter().any(|file| file == path);
    if tip == *head || rules::can_follow(head, &since, is_written) {
        return Ok(());
    }
    let message = format!(
        "`{branch}` is at commit {}, and the release of {} is to be committed back to it",
        tip.short(),
        head.short()
    );
    Err(Failure::new(Kind::Refused, message).hint(format!(
        "release the commit that `{branch}` is at, or name the branch that is released: `commit_back_branch`{nothing}"
    )))
}

/// Changes of somebody's own would be lost in the commit, or get into it.
fn refuse_changed(prepared: &Prepared, kept: &Kept) -> Result<(), Failure> {
    match kept.changed.iter().find(|file| prepared.written.contains(file)) {
        None => Ok(()),
        Some(file) => {
            let message =
                format!("`{file}` has changes that are not committed, and the release writes to it");
            Err(Failure::new(Kind::Refused, message).hint("commit or undo them; nothing was published"))
        }
    }
}

/// What leads through a link would be written elsewhere.
fn refuse_way(root: &Path, file: &str) -> Result<(), Failure> {
    let mut place = root.to_path_buf();
    for part in file.split('/') {
        place.push(part);
        if place.symlink_metadata().is_ok_and(|about| about.is_symlink()) {
            let message = format!(
                "the release writes to `{file}`, and `{}` is a symbolic link",
                place.display()
            );
            return Err(Failure::new(Kind::Refused, message).hint(
                "name the file itself in RELEASE.star, or make it a regular one; nothing was published",
            ));
        }
    }
    Ok(())
}

/// A file that is here and in no commit would be lost; one that is tracked and was left out of the working tree would
/// be written anew, without what it holds.
fn refuse_odd(world: &World, prepared: &Prepared, kept: &Kept) -> Result<(), Failure> {
    for file in &prepared.written {
        let is_here = world.root.join(file).symlink_metadata().is_ok();
        let (what, hint) = match (is_here, kept.files.contains(file)) {
            (true, false) => ("is here and not committed", "commit it, or move it away"),
            (false, true) => (
                "is tracked and not in the working tree",
                "`git sparse-checkout add` or `git restore` brings it here",
            ),
            _ => continue,
        };
        let message = format!("the release writes to `{file}`, which {what}");
        return Err(Failure::new(Kind::Refused, message).hint(format!("{hint}; nothing was published")));
    }
    Ok(())
}
