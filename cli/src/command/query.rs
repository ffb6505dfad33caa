//! `query`: questions about the graph of packages or of actions.

use clap::Args;
use engine::{Network, printable};
use rules::Stage;
use serde_json::json;

use crate::app::Format;
use crate::command::graph::{Subject, actions, packages};
use crate::exit::{Failure, Kind};
use crate::graph::Drawing;
use crate::history::VersionFlags;
use crate::plan::{Wish, prepare};
use crate::project::Project;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Questions:
  deps(NAME)            what NAME needs, and what these need
  rdeps(NAME)           what needs NAME, and what needs these
  somepath(A, B)        one way from A to something it needs
  allpaths(A, B)        everything on any way from A to B
  group(NAME)           the packages of a declared group, or the nodes of an owner

Examples:
  releasekit query 'deps(app)'
  releasekit query rdeps core
  releasekit query --of actions 'somepath(app:tag, core:build)'
  releasekit query 'group(libraries)' --format json")]
pub(crate) struct Flags {
    /// The question: `deps(core)`, or the words `deps core`
    #[arg(value_name = "QUESTION", required = true)]
    question: Vec<String>,
    /// What is asked about
    #[arg(long, value_enum, default_value_t = Subject::Packages)]
    of: Subject,
    /// How far to look (`deps` and `rdeps`)
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let (verb, names) = parse(&flags.question.join(" "))?;
    let project = Project::load(world)?;
    let drawing = match flags.of {
        Subject::Packages => packages(&project),
        Subject::Actions => {
            let project = Project::configured(world)?;
            let wish = Wish {
                stage: Stage::Publish,
                versions: VersionFlags::default(),
                to_directory: None,
                targets: Vec::new(),
            };
            actions(&prepare(world, &project, &wish)?)
        }
    };
    let answer = answer(&verb, &names, &project, &drawing, flags.depth)?;
    match flags.format {
        Format::Json => world.terminal.json(&json!({
            "schema": "releasekit.query/1", "question": verb, "names": names, "answer": answer,
        }))?,
        Format::Text => world.terminal.result(&printable(&answer.join("\n")))?,
    }
    Ok(Kind::Done)
}

/// Splits `deps(a)`, `deps a`, `somepath(a, b)` or `somepath a b` into its verb and names.
fn parse(question: &str) -> Result<(String, Vec<String>), Failure> {
    let words = question.replace(['(', ')', ','], " ");
    let mut words = words.split_whitespace().map(str::to_owned);
    let verb = words.next().unwrap_or_default();
    let names: Vec<String> = words.collect();
    let wanted = match verb.as_str() {
        "deps" | "rdeps" | "group" => 1,
        "somepath" | "allpaths" => 2,
        _ => {
            return Err(Failure::new(Kind::Usage, format!("`{verb}` is no question"))
                .hint("ask deps, rdeps, somepath, allpaths or group"));
        }
    };
    if names.len() == wanted {
        return Ok((verb, names));
    }
    Err(Failure::new(
        Kind::Usage,
        format!("`{verb}` takes {wanted} name(s), and {} were given", names.len()),
    )
    .hint("`releasekit query --help` shows an example of each question"))
}

fn answer(
    verb: &str,
    names: &[String],
    project: &Project,
    drawing: &Drawing,
    depth: Option<usize>,
) -> Result<Vec<String>, Failure> {
    if verb == "group" {
        return group(&names[0], project, drawing);
    }
    let labels: Vec<String> = drawing.nodes.iter().map(|node| node.label.clone()).collect();
    let mut edges = vec![Vec::new(); labels.len()];
    for (from, to) in &drawing.edges {
        edges[*from].push(*to);
    }
    let network = Network::new(labels, edges);
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    Ok(match verb {
        "deps" => owned(network.deps(&names[0], depth)?),
        "rdeps" => owned(network.rdeps(&names[0], depth)?),
        "somepath" => owned(network.somepath(&names[0], &names[1])?.unwrap_or_default()),
        _ => network.allpaths(&names[0], &names[1])?.nodes,
    })
}

fn group(name: &str, project: &Project, drawing: &Drawing) -> Result<Vec<String>, Failure> {
    let config = project.config.as_ref();
    let declared = config.and_then(|config| config.groups.iter().find(|group| group.name == name));
    if let Some(group) = declared {
        return Ok(group.packages.clone());
    }
    let of_owner = drawing.nodes.iter().filter(|node| node.group == name);
    let labels: Vec<String> = of_owner.map(|node| node.label.clone()).collect();
    if !labels.is_empty() {
        return Ok(labels);
    }
    let known: Vec<&str> = config
        .map(|config| config.groups.iter().map(|group| group.name.as_str()).collect())
        .unwrap_or_default();
    Err(
        Failure::new(Kind::Config, format!("there is no group called `{name}`"))
            .hint(format!("declared groups: {}", known.join(", "))),
    )
}
