//! `status`: every package's version, last tag and unreleased commits.

use clap::Args;
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::project::Project;
use crate::terminal::table;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit status
  releasekit status --format json")]
pub(crate) struct Flags {
    #[command(flatten)]
    versions: VersionFlags,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

struct Row {
    name: String,
    ecosystem: String,
    manifest: String,
    tag: Option<String>,
    unreleased: usize,
    next: String,
    state: &'static str,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    let train = project.train_or_default(flags.versions.train.as_deref())?;
    let history = History::of(world, &project, &train, &flags.versions)?;
    let rows = rows(&project, &history);
    match flags.format {
        Format::Json => {
            let packages: Vec<Value> = rows
                .iter()
                .map(|row| {
                    json!({
                        "name": row.name, "ecosystem": row.ecosystem, "manifest": row.manifest, "tag": row.tag,
                        "unreleased_commits": row.unreleased, "next": row.next, "state": row.state,
                    })
                })
                .collect();
            let head = history.commit().map(|commit| commit.0.clone());
            let value = json!({
                "schema": "releasekit.status/1", "commit": head, "branch": history.head.branch, "packages": packages,
            });
            world.terminal.json(&value)?;
        }
        Format::Text => {
            let cells = |row: &Row| {
                let tag = row.tag.clone().unwrap_or_else(|| "-".to_owned());
                let unreleased = row.unreleased.to_string();
                vec![
                    row.name.clone(),
                    row.manifest.clone(),
                    tag,
                    unreleased,
                    row.next.clone(),
                    row.state.to_owned(),
                ]
            };
            let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
            let header = ["PACKAGE", "MANIFEST", "LAST TAG", "UNRELEASED", "NEXT", "STATE"];
            world.terminal.result(&table(&header, &rows))?;
        }
    }
    Ok(Kind::Done)
}

fn rows(project: &Project, history: &History) -> Vec<Row> {
    history
        .versions
        .iter()
        .map(|version| {
            let id = &version.package;
            let state = match (version.bump, version.released_at_head) {
                (model::Bump::None, true) => "released from this commit",
                (model::Bump::None, false) => "nothing to release",
                (model::Bump::Initial, _) => "never released",
                _ => "to be released",
            };
            Row {
                name: project.workspace.display_name(id),
                ecosystem: id.ecosystem.clone(),
                manifest: version.manifest.to_string(),
                tag: version.last_tag.clone(),
                unreleased: version.commits.len(),
                next: version.next.to_string(),
                state,
            }
        })
        .collect()
}
