//! `discover`: the packages that are there.

use clap::Args;
use model::LACKS;
use rules::Why;
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::terminal::table;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit discover
  releasekit discover --ecosystem cargo --format json")]
pub(crate) struct Flags {
    /// Only packages of this ecosystem
    #[arg(long, value_name = "NAME")]
    ecosystem: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    if let Some(name) = &flags.ecosystem {
        project.adapters.ecosystem(name)?;
    }
    let declared = |package: &model::Package| {
        let config = project.config.as_ref()?;
        config
            .packages
            .iter()
            .find(|one| one.ecosystem == package.id.ecosystem && one.name == package.id.name)
    };
    let packages: Vec<&model::Package> = project
        .packages()
        .filter(|package| {
            flags
                .ecosystem
                .as_ref()
                .is_none_or(|name| *name == package.id.ecosystem)
        })
        .collect();
    match flags.format {
        Format::Json => {
            let packages: Vec<Value> = packages
                .iter()
                .map(|package| {
                    let publishable = !package.private && declared(package).is_none_or(|one| !one.skip);
                    json!({
                        "name": package.name(),
                        "ecosystem": package.id.ecosystem,
                        "version": package.written_version,
                        "path": path(&package.path),
                        "private": package.private,
                        "publishable": publishable,
                        "deps": dependency_names(&project, package),
                    })
                })
                .collect();
            let left_out = project.left_out.iter();
            let left_out: Vec<&str> = left_out.map(|one| one.manifest.as_str()).collect();
            world.terminal.json(&json!({
                "schema": "releasekit.discover/1",
                "packages": packages,
                "left_out": left_out,
            }))?;
        }
        Format::Text => {
            let row = |package: &&model::Package| {
                vec![
                    package.name().to_owned(),
                    package.id.ecosystem.clone(),
                    package.written_version.clone(),
                    path(&package.path).to_owned(),
                    match package.notes.get(LACKS) {
                        Some(lacks) => format!("lacks {lacks}"),
                        None if package.private => "private".to_owned(),
                        None => String::new(),
                    },
                    dependency_names(&project, package).join(", "),
                ]
            };
            let rows: Vec<Vec<String>> = packages.iter().map(row).collect();
            let header = ["NAME", "ECOSYSTEM", "VERSION", "PATH", "", "NEEDS"];
            world.terminal.result(&table(&header, &rows))?;
            let is_known = |one: &&rules::LeftOut| matches!(one.why, Why::Aside | Why::Unpublished);
            let aside: Vec<rules::LeftOut> = project.left_out.iter().filter(is_known).cloned().collect();
            for warning in rules::warn_of_left_out(&aside) {
                world.terminal.note(&warning.message);
            }
            if rows.is_empty() {
                world
                    .terminal
                    .note("no packages found: no uv, cargo, npm or pnpm manifest is here");
            }
        }
    }
    Ok(Kind::Done)
}

fn path(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

fn dependency_names(project: &Project, package: &model::Package) -> Vec<String> {
    let ids = project.workspace.dependencies(&package.id);
    let name = |id: &&model::PackageId| {
        if id.ecosystem == package.id.ecosystem {
            id.name.clone()
        } else {
            project.workspace.display_name(id)
        }
    };
    ids.iter().map(name).collect()
}
