//! `plan`: what would be done, and why.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use engine::{Forecast, Status};
use rules::{PlanEntry, Stage};
use serde_json::{Value, json};

use crate::app::Format;
use crate::carry_out::look_ahead;
use crate::exit::{Failure, Kind};
use crate::history::VersionFlags;
use crate::other_trains;
use crate::plan::{Prepared, Wish, prepare};
use crate::project::Project;
use crate::terminal::table;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit plan
  releasekit plan core --to-directory out
  releasekit plan --format json

Nothing is run and nothing is written.")]
pub(crate) struct Flags {
    /// Packages or actions, by name (default: all)
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
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
    let wish = Wish {
        stage: Stage::Publish,
        versions: flags.versions.clone(),
        to_directory: flags.to_directory.clone(),
        targets: flags.targets.clone(),
    };
    let prepared = prepare(world, &project, &wish)?;
    other_trains::tell(world, &project, &prepared, &flags.versions)?;
    show(
        world,
        &project,
        &prepared,
        flags.versions.train.as_deref(),
        flags.format,
    )
}

/// Shows the plan: versions, then every action with what would become of it.
pub(crate) fn show(
    world: &World,
    project: &Project,
    prepared: &Prepared,
    train: Option<&str>,
    format: Format,
) -> Result<Kind, Failure> {
    let forecasts = look_ahead(world, prepared)?;
    let blocked = forecasts
        .iter()
        .any(|forecast| forecast.status == Status::Blocked);
    match format {
        Format::Json => {
            let versions: Vec<Value> = prepared
                .versions
                .iter()
                .map(|version| {
                    json!({
                        "name": version.package.name, "ecosystem": version.package.ecosystem,
                        "version": version.next.to_string(), "bump": version.bump.as_str(), "tag": version.tag,
                    })
                })
                .collect();
            let actions: Vec<Value> = forecasts
                .iter()
                .map(|forecast| action(prepared, forecast))
                .collect();
            let entries = overview(project, prepared, train)?;
            let packages: Vec<Value> = entries.iter().map(|entry| package(project, entry)).collect();
            let mut summary: BTreeMap<&str, usize> = BTreeMap::new();
            for entry in &entries {
                *summary.entry(entry.status.as_str()).or_default() += 1;
            }
            let not_run: Vec<String> = project.config().unused.iter().map(ToString::to_string).collect();
            let released = prepared.versions.iter();
            let released: Vec<_> = released
                .map(|version| (&version.package, &version.next))
                .collect();
            world.terminal.json(&json!({
                "schema": "releasekit.plan/1", "release": prepared.run,
                "commit": prepared.history.commit().map(|commit| commit.0.clone()),
                "version": rules::common_version(&released).map(ToString::to_string),
                "summary": summary, "packages": packages, "versions": versions, "actions": actions,
                "not_run": not_run,
            }))?;
        }
        Format::Text => world.terminal.result(&words(project, prepared, &forecasts))?,
    }
    Ok(if blocked { Kind::Conflict } else { Kind::Done })
}

/// What is done with every package of the repository.
fn overview(project: &Project, prepared: &Prepared, train: Option<&str>) -> Result<Vec<PlanEntry>, Failure> {
    let members = project.members(project.train(train)?)?;
    Ok(rules::overview(
        project.config(),
        &project.workspace,
        &members,
        &prepared.history.begun,
    ))
}

fn package(project: &Project, entry: &PlanEntry) -> Value {
    json!({
        "name": project.workspace.display_name(&entry.package),
        "ecosystem": entry.package.ecosystem,
        "status": entry.status.as_str(),
        "level": entry.level,
        "order": entry.order,
        "current": entry.current.to_string(),
        "next": entry.next.to_string(),
        "bump": entry.bump.as_str(),
        "reason": entry.reason,
    })
}

fn action(prepared: &Prepared, forecast: &Forecast) -> Value {
    let action = prepared.graph.action(forecast.id);
    let deps: Vec<&str> = prepared
        .graph
        .dependencies(forecast.id)
        .iter()
        .map(|id| prepared.graph.action(*id).name.as_str())
        .collect();
    json!({
        "id": action.name,
        "package": action.owner,
        "mnemonic": action.mnemonic.as_str(),
        "class": action.class.as_str(),
        "key": forecast.key.map(|key| key.hex()),
        "status": status_word(forecast.status),
        "reason": forecast.reason,
        "deps": deps,
    })
}

pub(crate) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Cached => "cached",
        Status::Confirmed => "confirmed",
        Status::Run => "run",
        Status::Blocked => "blocked",
    }
}

fn words(project: &Project, prepared: &Prepared, forecasts: &[Forecast]) -> String {
    let mut text = String::new();
    if prepared.versions.is_empty() {
        text.push_str("No package has anything to release.\n");
    } else {
        let version = |version: &rules::PlannedVersion| {
            vec![
                project.workspace.display_name(&version.package),
                version.current.as_ref().unwrap_or(&version.manifest).to_string(),
                version.next.to_string(),
                prepared
                    .registries
                    .get(&version.package)
                    .map(|registry| registry.name())
                    .unwrap_or_default(),
                version.reason.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = prepared.versions.iter().map(version).collect();
        text.push_str(&table(&["PACKAGE", "CURRENT", "NEXT", "TO", "WHY"], &rows));
    }
    if !forecasts.is_empty() {
        let row = |forecast: &Forecast| {
            let name = prepared.graph.action(forecast.id).name.clone();
            vec![
                name,
                status_word(forecast.status).to_owned(),
                forecast.reason.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = forecasts.iter().map(row).collect();
        text.push('\n');
        text.push_str(&table(&["ACTION", "STATUS", "WHY"], &rows));
    }
    text
}
