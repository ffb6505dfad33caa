//! `journal`: what was done to the world.

use clap::Args;
use serde_json::json;

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::terminal::printable;
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
        .filter_map(|record| serde_json::to_value(record).ok())
        .filter(|record| flags.run.as_ref().is_none_or(|run| record["run"] == run.as_str()))
        .collect();
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
            if records.is_empty() {
                world
                    .terminal
                    .note("the journal is empty: nothing was published from here");
            }
        }
    }
    Ok(Kind::Done)
}
