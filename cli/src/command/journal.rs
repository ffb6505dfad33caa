//! `journal`: what was done to the world.

use clap::Args;
use engine::printable;
use serde_json::json;

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit journal
  releasekit journal --run 1f2e3d4c5b6a --format json")]
pub(crate) struct Flags {
    /// Only records of this release
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let path = world.state("journal");
    let records = engine::Journal::read(&path)?;
    let records: Vec<serde_json::Value> = records
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::new(Kind::Defect, format!("a record cannot be shown: {error}")))?;
    let is_wanted =
        |record: &serde_json::Value| flags.run.as_ref().is_none_or(|run| record["run"] == run.as_str());
    let records: Vec<serde_json::Value> = records.into_iter().filter(is_wanted).collect();
    match flags.format {
        Format::Json => world
            .terminal
            .json(&json!({"schema": "releasekit.journal/1", "records": records}))?,
        Format::Text => {
            let lines: Vec<String> = records
                .iter()
                .map(|record| printable(&record.to_string()))
                .collect();
            world.terminal.result(&lines.join("\n"))?;
            match &flags.run {
                Some(run) if records.is_empty() => {
                    world
                        .terminal
                        .note(&format!("the journal holds no record of release `{run}`"));
                }
                None if records.is_empty() => world
                    .terminal
                    .note("the journal is empty: nothing was published from here"),
                _ => {}
            }
        }
    }
    Ok(Kind::Done)
}
