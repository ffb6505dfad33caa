//! `publish`: build, then publish what was built.

use std::path::PathBuf;

use clap::Args;
use engine::Input;
use model::Vcs;
use rules::Stage;

use crate::app::Format;
use crate::carry_out::{Manner, carry_out};
use crate::command::plan::show;
use crate::exit::{Failure, Kind};
use crate::history::VersionFlags;
use crate::plan::{Prepared, Wish, prepare};
use crate::project::Project;
use crate::world::{World, workspace_error};
use crate::{left_behind, obstacles, other_trains, outcome};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit publish --dry-run             show the plan and stop
  releasekit publish --to-directory out    publish into folders that installers can read
  releasekit publish                       publish where RELEASE.star says; run it again to resume")]
pub(crate) struct Flags {
    /// Packages, by name (default: everything that is to be released)
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    #[command(flatten)]
    versions: VersionFlags,
    /// Publish into folders under DIR instead of any registry
    #[arg(long, value_name = "DIR")]
    to_directory: Option<PathBuf>,
    /// Show the plan and stop
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    manner: Manner,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    if !flags.dry_run {
        // Before anything is read: what stayed behind is not what the commit says.
        left_behind::catch_up(world)?;
    }
    let project = Project::configured(world)?;
    let wish = Wish {
        stage: Stage::Publish,
        versions: flags.versions.clone(),
        to_directory: flags.to_directory.clone(),
        targets: flags.targets.clone(),
    };
    let prepared = prepare(world, &project, &wish)?;
    tell_unfinished(world, &project, &prepared, flags.dry_run)?;
    other_trains::tell(world, &project, &prepared, &flags.versions)?;
    if flags.dry_run {
        return show(
            world,
            &project,
            &prepared,
            flags.versions.train.as_deref(),
            flags.format,
        );
    }
    if let Some(vcs) = &project.adapters.vcs {
        obstacles::refuse(world, &**vcs, &prepared)?;
    }
    check_changes(world, &project, &prepared, flags)?;
    let (kind, results) = carry_out(world, &project, &prepared, wish.stage, flags.manner)?;
    outcome::show(world, &prepared, wish.stage, &results, kind, flags.format)?;
    Ok(kind)
}

/// Says which releases beneath this one were not finished. Where there is nothing else to do, that nothing is done is
/// no success.
fn tell_unfinished(
    world: &World,
    project: &Project,
    prepared: &Prepared,
    is_dry: bool,
) -> Result<(), Failure> {
    let vcs = project.adapters.vcs.as_ref().map_or("git", |vcs| vcs.name());
    let others = prepared
        .unfinished
        .iter()
        .filter(|one| one.begun.run != prepared.run);
    let goes_on = is_dry || !prepared.graph.actions().is_empty();
    let told: Vec<model::Diagnostic> = others.map(|one| one.told(vcs, goes_on)).collect();
    if goes_on || told.is_empty() {
        told.iter().for_each(|one| world.terminal.diagnose(one));
        return Ok(());
    }
    Err(Failure::about(Kind::Refused, told))
}

/// A tag names a commit; bytes built from files that differ from it would make the tag a lie. Where the tag stays
/// here that is worth a warning, where it is pushed it is refused.
fn check_changes(
    world: &World,
    project: &Project,
    prepared: &Prepared,
    flags: &Flags,
) -> Result<(), Failure> {
    let Some(vcs) = &project.adapters.vcs else {
        return Ok(());
    };
    let Some((file, why)) = untold(project, prepared, &**vcs)? else {
        return Ok(());
    };
    let message = format!("`{file}` {why}");
    let train = project.train(flags.versions.train.as_deref())?;
    if train.tags.push.is_some() && flags.to_directory.is_none() {
        return Err(Failure::new(Kind::Refused, message).hint(
            "commit it, or put it away with `git stash` (`--include-untracked` for a new file): the tag is pushed, and \
             has to tell the truth",
        ));
    }
    let warning =
        model::Diagnostic::warning(message, None).hint("commit it first, and the tag tells the truth");
    world.terminal.diagnose(&warning);
    Ok(())
}

/// A file of the release that is not as the commit has it, and what is wrong with it: one of a package's folder that
/// differs, or one that a package is made of and that no commit has.
fn untold(
    project: &Project,
    prepared: &Prepared,
    vcs: &dyn Vcs,
) -> Result<Option<(String, &'static str)>, Failure> {
    let changed = vcs.changed_files().map_err(workspace_error)?;
    let released = |file: &String| {
        let packages = prepared.packages.keys();
        packages
            .filter_map(|id| project.workspace.get(id))
            .any(|package| is_within(file, &package.path))
    };
    if let Some(file) = changed.into_iter().find(released) {
        return Ok(Some((file, "differs from the commit that will be tagged")));
    }
    let Some(head) = prepared
        .history
        .commit()
        .filter(|_| !prepared.packages.is_empty())
    else {
        return Ok(None);
    };
    let kept = vcs.files(head).map_err(workspace_error)?;
    // What is in a submodule is kept as one path.
    let is_kept = |file: &str| {
        let folders = file.match_indices('/').map(|(end, _)| &file[..end]);
        kept.contains(file) || folders.into_iter().any(|folder| kept.contains(folder))
    };
    let file = sources(prepared).find(|file| !is_kept(file));
    Ok(file.map(|file| {
        (
            file.to_owned(),
            "is published and not in the commit that will be tagged",
        )
    }))
}

/// The files of the working tree that the released packages are made of.
fn sources(prepared: &Prepared) -> impl Iterator<Item = &str> {
    let wanted = match &prepared.wanted[..] {
        [] => prepared.packages.values().flatten().copied().collect(),
        some => some.to_vec(),
    };
    let needed = prepared.graph.needed(&wanted);
    let actions = prepared.graph.ids().filter(move |id| needed[id.index()]);
    let inputs = actions.flat_map(|id| &prepared.graph.action(id).inputs);
    inputs.filter_map(|input| match input {
        Input::Source { path, .. } => Some(path.as_str()),
        Input::Output { .. } => None,
    })
}

fn is_within(file: &str, folder: &str) -> bool {
    folder.is_empty()
        || file
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}
