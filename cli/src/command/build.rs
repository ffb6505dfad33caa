//! `build`: everything that is made of bytes, and nothing that changes the world.

use std::time::SystemTime;

use clap::Args;
use rules::Stage;

use crate::app::Format;
use crate::carry_out::{Manner, carry_out};
use crate::exit::{Failure, Kind};
use crate::history::VersionFlags;
use crate::outcome;
use crate::plan::{Wish, prepare};
use crate::project::Project;
use crate::snapshot::{self, Question};
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit build                 everything
  releasekit build core            one package, and what it needs
  releasekit build --format json

Artifacts are laid down under .releasekit/dist, outputs of declared actions at their own paths.")]
pub(crate) struct Flags {
    /// Packages or actions, by name (default: all)
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    #[command(flatten)]
    versions: VersionFlags,
    #[command(flatten)]
    manner: Manner,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let question = Question(vec![
        format!("{:?}", world.global.config_mode),
        format!("{:?}", flags.versions),
        format!("{:?}", flags.targets),
    ]);
    if let Some(actions) = snapshot::recall(world, &question) {
        outcome::show_unchanged(world, actions, flags.format)?;
        return Ok(Kind::Done);
    }
    let began = SystemTime::now();
    let project = Project::configured(world)?;
    let wish = Wish {
        stage: Stage::Build,
        versions: flags.versions.clone(),
        to_directory: None,
        targets: flags.targets.clone(),
    };
    let prepared = prepare(world, &project, &wish)?;
    snapshot::forget(world);
    let (kind, results) = carry_out(world, &project, &prepared, wish.stage, flags.manner)?;
    outcome::show(world, &prepared, wish.stage, &results, kind, flags.format)?;
    if kind == Kind::Done {
        // Without a picture the next run is slower, and that is all.
        let _ = snapshot::keep(world, &question, &project, &prepared, began);
    }
    Ok(kind)
}
