//! `explain`: why an action runs, or why it does not.

use std::path::PathBuf;

use clap::Args;
use engine::printable;
use rules::Stage;
use serde_json::json;

use crate::app::Format;
use crate::carry_out::reasons;
use crate::command::plan::status_word;
use crate::exit::{Failure, Kind};
use crate::history::VersionFlags;
use crate::plan::{Wish, prepare};
use crate::project::Project;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit explain core:build
  releasekit explain core:publish --to-directory out --format json")]
pub(crate) struct Flags {
    /// The action, as `plan` calls it
    #[arg(value_name = "ACTION")]
    action: String,
    #[command(flatten)]
    versions: VersionFlags,
    /// As `publish --to-directory DIR` would
    #[arg(long, value_name = "DIR")]
    to_directory: Option<PathBuf>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::configured(world)?;
    let wish = |stage| Wish {
        stage,
        versions: flags.versions.clone(),
        to_directory: flags.to_directory.clone(),
        targets: Vec::new(),
    };
    let mut prepared = prepare(world, &project, &wish(Stage::Publish))?;
    if prepared.graph.find(&flags.action).is_none() {
        // Packages that have nothing to release can still be built.
        prepared = prepare(world, &project, &wish(Stage::Build))?;
    }
    let Some(id) = prepared.graph.find(&flags.action) else {
        let names: Vec<&str> = prepared
            .graph
            .actions()
            .iter()
            .map(|action| action.name.as_str())
            .collect();
        return Err(Failure::new(
            Kind::Config,
            format!("there is no action called `{}`", flags.action),
        )
        .hint(format!("actions there are: {}", names.join(", "))));
    };
    let explanation = reasons(world, &prepared, id)?;
    match flags.format {
        Format::Json => world.terminal.json(&json!({
            "schema": "releasekit.explain/1",
            "action": flags.action,
            "status": status_word(explanation.status),
            "key": explanation.key.map(|key| key.hex()),
            "reasons": explanation.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?,
        Format::Text => {
            let mut text = format!(
                "{}: {}\n",
                printable(&flags.action),
                status_word(explanation.status)
            );
            for reason in &explanation.reasons {
                text.push_str(&format!("  {}\n", printable(&reason.to_string())));
            }
            world.terminal.result(&text)?;
        }
    }
    Ok(Kind::Done)
}
