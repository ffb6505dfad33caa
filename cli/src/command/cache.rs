//! `cache`: look at the cache, check it, shrink it.

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit cache stats
  releasekit cache verify
  releasekit cache gc --max-age-days 30 --max-size-mib 2048")]
pub(crate) struct Flags {
    #[command(subcommand)]
    verb: Verb,
    /// How to write the result
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// How much is kept, and where
    Stats,
    /// Read everything back and compare; what is damaged is dropped and will be made again
    Verify,
    /// Forget what was not used for long, and the oldest beyond a size
    Gc {
        /// Forget results not used for so many days
        #[arg(long, value_name = "DAYS")]
        max_age_days: Option<u64>,
        /// Forget the oldest results beyond so many MiB
        #[arg(long, value_name = "MIB")]
        max_size_mib: Option<u64>,
    },
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let disk = world.disk()?;
    let folder = world.cache_folder().display().to_string();
    let (value, words) = match flags.verb {
        Verb::Stats => {
            let usage = disk.usage()?;
            let value = json!({
                "schema": "releasekit.cache.stats/1", "folder": folder, "blobs": usage.blobs, "bytes": usage.bytes,
                "results": usage.entries, "files": usage.files,
            });
            let words = format!(
                "{folder}\n{} results, {} blobs, {} bytes in {} files",
                usage.entries, usage.blobs, usage.bytes, usage.files
            );
            (value, words)
        }
        Verb::Verify => {
            let report = disk.verify()?;
            let value = json!({
                "schema": "releasekit.cache.verify/1", "folder": folder, "checked": report.checked,
                "damaged": report.damaged,
            });
            (
                value,
                format!(
                    "{} blobs read back, {} damaged and dropped",
                    report.checked, report.damaged
                ),
            )
        }
        Verb::Gc {
            max_age_days,
            max_size_mib,
        } => {
            let policy = cas::GcPolicy {
                max_age: max_age_days.map(|days| Duration::from_secs(days * 24 * 60 * 60)),
                max_bytes: max_size_mib.map(|mib| mib * 1024 * 1024),
                now: SystemTime::now(),
            };
            if policy.max_age.is_none() && policy.max_bytes.is_none() {
                return Err(Failure::new(Kind::Usage, "nothing says what may be forgotten")
                    .hint("give `--max-age-days`, `--max-size-mib`, or both"));
            }
            let report = disk.gc(policy, &|entry| named(&disk, entry))?;
            let value = json!({
                "schema": "releasekit.cache.gc/1", "folder": folder, "forgotten_results": report.entries_forgotten,
                "dropped_blobs": report.blobs_dropped, "freed_bytes": report.bytes_freed,
            });
            let words = format!(
                "{} results forgotten, {} blobs dropped, {} bytes freed",
                report.entries_forgotten, report.blobs_dropped, report.bytes_freed
            );
            (value, words)
        }
    };
    match flags.format {
        Format::Json => world.terminal.json(&value)?,
        Format::Text => world.terminal.result(&words)?,
    }
    Ok(Kind::Done)
}

/// The blobs a kept result needs; none if it is not readable, and then it is of no use to anybody.
fn named(disk: &cas::Disk, entry: &[u8]) -> Vec<cas::Digest> {
    let result = engine::ActionResult::decode(entry);
    let digests = result.and_then(|result| result.digests(disk).ok().flatten());
    digests.into_iter().flatten().collect()
}
