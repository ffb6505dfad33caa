//! `version`: the next version of every package.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::app::Format;
use crate::command::version_plan;
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::project::Project;
use crate::terminal::table;
use crate::world::World;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  releasekit version                       what the next release would be, and why
  releasekit version --channel rc          the next release candidates
  releasekit version --set core=2.0.0      what follows if a person decides
  releasekit version plan add --package core --bump minor -m \"Banners can be wide\"
  releasekit version --format json

Packages that the train does not release are not shown: `releasekit status` says why.")]
pub(crate) struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    versions: VersionFlags,
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
    project.warn_of_nothing(world);
    let train = project.train_or_default(flags.versions.train.as_deref())?;
    let history = History::of(world, &project, &train, &flags.versions)?;
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
                        "tag": version.tag,
                        "channel": version.channel,
                        "plans": version.plans,
                        "warnings": version.warnings,
                    })
                })
                .collect();
            world
                .terminal
                .json(&json!({"schema": "releasekit.version/1", "packages": packages}))?;
        }
        Format::Text if history.versions.is_empty() => {
            world
                .terminal
                .note(&format!("`{}` releases no package", train.name));
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
