//! `publish`: build, then publish what was built.

use std::path::PathBuf;

use clap::Args;
use rules::Stage;

use crate::app::Format;
use crate::carry_out::{Manner, carry_out};
use crate::closing::refuse_obstacles;
use crate::command::plan::show;
use crate::exit::{Failure, Kind};
use crate::outcome;
use crate::plan::{Wish, prepare};
use crate::project::Project;
use crate::world::World;

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
    /// The train to release
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
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
    let project = Project::configured(world)?;
    let wish = Wish {
        stage: Stage::Publish,
        train: flags.train.clone(),
        to_directory: flags.to_directory.clone(),
        targets: flags.targets.clone(),
    };
    let prepared = prepare(world, &project, &wish)?;
    if flags.dry_run {
        return show(world, &project, &prepared, flags.format);
    }
    refuse_obstacles(&project, &prepared)?;
    warn_of_changes(world, &project, &prepared)?;
    let (kind, results) = carry_out(world, &project, &prepared, wish.stage, flags.manner)?;
    outcome::show(world, &prepared, wish.stage, &results, kind, flags.format)?;
    Ok(kind)
}

/// A tag names a commit; bytes built from files that differ from it would make the tag a lie.
fn warn_of_changes(
    world: &World,
    project: &Project,
    prepared: &crate::plan::Prepared,
) -> Result<(), Failure> {
    let Some(vcs) = &project.adapters.vcs else {
        return Ok(());
    };
    let changed = vcs.changed_files().map_err(crate::world::workspace_error)?;
    let released = |file: &&String| {
        prepared
            .packages
            .keys()
            .filter_map(|id| project.workspace.get(id))
            .any(|package| {
                package.path.is_empty()
                    || file
                        .strip_prefix(&package.path)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
    };
    if let Some(file) = changed.iter().find(released) {
        let message = format!("`{file}` differs from the commit that will be tagged");
        let warning =
            model::Diagnostic::warning(message, None).hint("commit it first, and the tag tells the truth");
        world.terminal.diagnose(&warning);
    }
    Ok(())
}
