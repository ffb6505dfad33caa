//! `graph`: the graph of packages or of actions, drawn.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rules::Stage;

use crate::exit::{Failure, Kind};
use crate::graph::{Drawing, Format, Node, render};
use crate::history::VersionFlags;
use crate::plan::{Prepared, Wish, prepare};
use crate::project::Project;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit graph
  releasekit graph actions --format mermaid
  releasekit graph --format dot | dot -Tsvg > graph.svg")]
pub(crate) struct Flags {
    /// What is drawn
    #[arg(value_enum, default_value_t = Subject::Packages)]
    subject: Subject,
    /// How it is drawn
    #[arg(long, value_enum, default_value_t = Format::Ascii)]
    format: Format,
    #[command(flatten)]
    versions: VersionFlags,
    /// As `publish --to-directory DIR` would
    #[arg(long, value_name = "DIR")]
    to_directory: Option<PathBuf>,
}

/// What a graph is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// Packages and their needs.
    Packages,
    /// Actions and what they wait for.
    Actions,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let drawing = match flags.subject {
        Subject::Packages => packages(&Project::load(world)?),
        Subject::Actions => {
            let project = Project::configured(world)?;
            let wish = Wish {
                stage: Stage::Publish,
                versions: flags.versions.clone(),
                to_directory: flags.to_directory.clone(),
                targets: Vec::new(),
            };
            actions(&prepare(world, &project, &wish)?)
        }
    };
    world.terminal.result(&render(&drawing, flags.format))?;
    Ok(Kind::Done)
}

/// The packages of a project and what they need.
pub(crate) fn packages(project: &Project) -> Drawing {
    let packages: Vec<&model::Package> = project.packages().collect();
    let place = |id: &model::PackageId| packages.iter().position(|package| package.id == *id);
    let nodes = packages
        .iter()
        .map(|package| Node {
            id: package.id.to_string(),
            label: project.workspace.display_name(&package.id),
            group: package.id.ecosystem.clone(),
            detail: vec![
                ("version".to_owned(), package.written_version.clone()),
                ("path".to_owned(), package.path.clone()),
            ],
        })
        .collect();
    let edges = packages.iter().enumerate().flat_map(|(from, package)| {
        project
            .workspace
            .dependencies(&package.id)
            .into_iter()
            .filter_map(move |id| Some((from, place(id)?)))
    });
    Drawing {
        nodes,
        edges: edges.collect(),
    }
}

/// The actions of a graph and what they wait for.
pub(crate) fn actions(prepared: &Prepared) -> Drawing {
    let nodes = prepared
        .graph
        .actions()
        .iter()
        .map(|action| Node {
            id: action.name.clone(),
            label: action.name.clone(),
            group: action.owner.clone(),
            detail: vec![
                ("mnemonic".to_owned(), action.mnemonic.to_string()),
                ("class".to_owned(), action.class.to_string()),
            ],
        })
        .collect();
    let count = prepared.graph.actions().len();
    let ids =
        (0..count).map(|index| engine::ActionId(u32::try_from(index).expect("fewer than 2^32 actions")));
    let edges = ids.flat_map(|id| {
        prepared
            .graph
            .dependencies(id)
            .iter()
            .map(move |on| (id.index(), on.index()))
            .collect::<Vec<_>>()
    });
    Drawing {
        nodes,
        edges: edges.collect(),
    }
}
