//! `doctor`: whether everything a release needs is in place.

use clap::Args;
use engine::{Journal, printable};
use serde_json::json;

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit doctor
  releasekit doctor --format json")]
pub(crate) struct Flags {
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

struct Finding {
    name: String,
    ok: bool,
    detail: String,
    hint: Option<String>,
}

impl Finding {
    fn new(name: &str, result: Result<String, Failure>, hint: Option<String>) -> Self {
        let name = name.to_owned();
        match result {
            Ok(detail) => Self {
                name,
                ok: true,
                detail,
                hint: None,
            },
            Err(failure) => Self {
                name,
                ok: false,
                detail: failure.to_string(),
                hint,
            },
        }
    }
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let mut findings = vec![cache(world), repository(world), journal(world)];
    match Project::load(world) {
        Ok(project) => {
            findings.push(configuration(&project));
            findings.extend(tools(world, &project)?);
        }
        Err(failure) => {
            let hint = "`releasekit config` shows the place".to_owned();
            findings.push(Finding::new("workspace", Err(failure), Some(hint)));
        }
    }
    let ok = findings.iter().all(|finding| finding.ok);
    match flags.format {
        Format::Json => {
            let checks: Vec<_> = findings
                .iter()
                .map(|one| json!({"name": one.name, "ok": one.ok, "detail": one.detail, "hint": one.hint}))
                .collect();
            world
                .terminal
                .json(&json!({"schema": "releasekit.doctor/1", "ok": ok, "checks": checks}))?;
        }
        Format::Text => {
            let line = |one: &Finding| {
                let word = if one.ok { "  ok " } else { "FAIL " };
                let hint = one
                    .hint
                    .as_ref()
                    .map(|hint| format!("\n       hint: {hint}"))
                    .unwrap_or_default();
                printable(&format!("{word} {}: {}{hint}", one.name, one.detail))
            };
            world
                .terminal
                .result(&findings.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
    }
    Ok(if ok { Kind::Done } else { Kind::Refused })
}

fn cache(world: &World) -> Finding {
    let folder = world.cache_folder();
    let opened = world.disk().map(|_| format!("`{}` is usable", folder.display()));
    Finding::new(
        "cache",
        opened,
        Some("RELEASEKIT_CACHE_DIR names another folder".to_owned()),
    )
}

fn repository(world: &World) -> Finding {
    let described = world.adapters().and_then(|adapters| {
        let Some(vcs) = adapters.vcs else {
            return Err(Failure::new(Kind::Config, "this folder is in no git repository"));
        };
        let head = vcs.head().map_err(crate::world::workspace_error)?;
        if head.shallow {
            return Err(Failure::new(
                Kind::Config,
                "history is cut off: this is a shallow clone",
            ));
        }
        let commit = head
            .commit
            .map_or_else(|| "no commit yet".to_owned(), |commit| commit.short().to_owned());
        Ok(format!(
            "{} at {commit} on {}",
            vcs.name(),
            head.branch.as_deref().unwrap_or("no branch")
        ))
    });
    let hint = "versions and tags need history: `git init`, or `git fetch --unshallow`".to_owned();
    Finding::new("repository", described, Some(hint))
}

/// What was done to the world: a release goes on only from a journal that can be read.
fn journal(world: &World) -> Finding {
    let path = world.state("journal");
    let read = Journal::read(&path).map_err(Failure::from);
    let described = read.map(|records| match records.len() {
        0 => "nothing was released from here yet".to_owned(),
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    });
    let hint = format!(
        "`publish` stops at it before it sends anything: restore `{}` from a copy, or move it away to begin a new one",
        path.display()
    );
    Finding::new("journal", described, Some(hint))
}

fn configuration(project: &Project) -> Finding {
    let described = match &project.config {
        Some(config) => Ok(format!(
            "{} packages declared, {} found",
            config.packages.len(),
            project.packages().count()
        )),
        None => Err(Failure::new(Kind::Config, "there is no RELEASE.star")),
    };
    Finding::new(
        "configuration",
        described,
        Some("`releasekit generate --write` writes one".to_owned()),
    )
}

/// The tools of the ecosystems that have packages here.
fn tools(world: &World, project: &Project) -> Result<Vec<Finding>, Failure> {
    let known = adapters::ToolVersions::load(&world.cache_folder().join("tools"), world.env.clone());
    let mut findings = Vec::new();
    for (name, ecosystem) in &project.adapters.ecosystems {
        if project.packages().any(|package| package.id.ecosystem == *name) {
            let tool = ecosystem.tool();
            let version = known
                .version(&tool)
                .map_err(|error| Failure::step(Kind::Config, error));
            findings.push(Finding::new(tool.program, version, Some(tool.hint.to_owned())));
        }
    }
    Ok(findings)
}
