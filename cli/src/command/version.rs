//! `version`: the next version of every package.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::app::Format;
use crate::command::version_plan;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::terminal::table;
use crate::world::World;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  releasekit version
  releasekit version --format json
  releasekit version plan add --package core --bump minor -m \"Banners can be wide\"")]
pub(crate) struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    /// The train whose tag format and versioning count
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write, list and check version plans: files that say how much packages grow, and why
    Plan(version_plan::Flags),
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    if let Some(Command::Plan(flags)) = &flags.command {
        return version_plan::run(flags, world);
    }
    let project = Project::load(world)?;
    let train = match &project.config {
        Some(_) => Some(project.train(flags.train.as_deref())?),
        None => None,
    };
    let history = project.history(train)?;
    match flags.format {
        Format::Json => {
            let packages: Vec<Value> = history
                .versions
                .iter()
                .map(|version| {
                    json!({
                        "name": version.package.name,
                        "ecosystem": version.package.ecosystem,
                        "current": version.current.as_ref().unwrap_or(&version.manifest).to_string(),
                        "next": version.next.to_string(),
                        "bump": version.bump.as_str(),
                        "reason": version.reason,
                    })
                })
                .collect();
            world
                .terminal
                .json(&json!({"schema": "releasekit.version/1", "packages": packages}))?;
        }
        Format::Text => {
            let row = |version: &rules::PlannedVersion| {
                vec![
                    project.workspace.display_name(&version.package),
                    version.current.as_ref().unwrap_or(&version.manifest).to_string(),
                    version.next.to_string(),
                    version.bump.as_str().to_owned(),
                    version.reason.clone(),
                ]
            };
            let rows: Vec<Vec<String>> = history.versions.iter().map(row).collect();
            world
                .terminal
                .result(&table(&["PACKAGE", "CURRENT", "NEXT", "BUMP", "WHY"], &rows))?;
        }
    }
    Ok(Kind::Done)
}
