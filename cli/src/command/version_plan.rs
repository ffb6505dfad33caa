//! `version plan`: writes, lists and checks version plans.

use std::collections::BTreeMap;
use std::io::Read as _;

use clap::{Args, Subcommand, ValueEnum};
use model::{Bump, CommitId, Diagnostic, Location, PackageId, SourceTree, TrainDecl, VersionPlan};
use rules::{VersionInput, plans as rule};
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::history::beside;
use crate::past::Past;
use crate::project::Project;
use crate::terminal::table;
use crate::world::World;

/// The longest text that is read from standard input.
const LONGEST: u64 = 1 << 20;
/// What the results of these commands are.
const SCHEMA: &str = "releasekit.version-plan/1";

#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a version plan
    Add(Add),
    /// List the version plans that are there
    List(List),
    /// Exit 4 if a package changed whose versions come from plans, and no plan names it
    Check(Check),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit version plan add --package core --bump minor -m \"Banners can be wide\"
  releasekit version plan add --package core=major --package app=patch -m \"Drop the old API\"
  git log -1 --format=%B | releasekit version plan add --package core --bump patch -m -
  releasekit version plan add --empty -m \"Only tests\"")]
struct Add {
    /// A package that grows, by name or as `ecosystem/name`; with `=BUMP` by that much
    #[arg(
        long = "package",
        short,
        value_name = "NAME[=BUMP]",
        required_unless_present = "empty"
    )]
    packages: Vec<String>,
    /// By how much packages grow that do not say
    #[arg(long, short, value_enum)]
    bump: Option<Word>,
    /// What is new, as Markdown; `-` reads it from standard input
    #[arg(long, short, value_name = "TEXT", required_unless_present = "empty")]
    message: Option<String>,
    /// Say that nothing has to be released
    #[arg(long, conflicts_with_all = ["packages", "bump"])]
    empty: bool,
    /// The train whose folder of plans counts
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit version plan list
  releasekit version plan list --format json")]
struct List {
    /// The train whose folder of plans counts
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit version plan check
  releasekit version plan check --since \"$(git merge-base origin/main HEAD)\"

Plans count that are as new as what changed. One that names no package (`version plan add --empty`) says that
nothing has to be released.")]
struct Check {
    /// Look at what changed since this commit or tag (default: since each package's last release)
    #[arg(long, value_name = "COMMIT")]
    since: Option<String>,
    /// The train whose folder of plans and strategy count
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// By how much a package can grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Word {
    Major,
    Minor,
    Patch,
    None,
}

impl Word {
    const fn bump(self) -> Bump {
        match self {
            Self::Major => Bump::Major,
            Self::Minor => Bump::Minor,
            Self::Patch => Bump::Patch,
            Self::None => Bump::None,
        }
    }
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    match &flags.command {
        Command::Add(flags) => add(flags, world),
        Command::List(flags) => list(flags, world),
        Command::Check(flags) => check(flags, world),
    }
}

/// The version plans in a folder of the working tree, sorted.
pub(crate) fn plans(tree: &dyn SourceTree, folder: &str) -> Result<Vec<VersionPlan>, Vec<Diagnostic>> {
    let prefix = format!("{folder}/");
    let beside = |path: &&String| {
        path.strip_prefix(&prefix)
            .is_some_and(|name| !name.contains('/') && rule::is_plan(name))
    };
    let (mut files, mut wrong) = (Vec::new(), Vec::new());
    for path in tree.files().iter().filter(beside) {
        match tree.read(path) {
            Ok(text) => files.push((path.clone(), text)),
            Err(reason) => wrong.push(Diagnostic::error(reason, Location::file(path.as_str()))),
        }
    }
    match rule::read(&files) {
        Ok(plans) if wrong.is_empty() => Ok(plans),
        Ok(_) => Err(wrong),
        Err(more) => Err([wrong, more].concat()),
    }
}

fn add(flags: &Add, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    let train = project.train_or_default(flags.train.as_deref())?;
    let bumps = bumps(flags, &project)?;
    let text = message(flags.message.as_deref())?;
    if text.trim().is_empty() && !flags.empty {
        return Err(Failure::new(
            Kind::Usage,
            "a version plan says what is new, and this text is empty",
        )
        .hint("`-m TEXT` says it; `-m -` reads it from standard input"));
    }
    let (name, written) = rule::write(&bumps, &text);
    let file = format!("{}/{name}", train.plans_dir);
    let folder = world.root.join(&train.plans_dir);
    std::fs::create_dir_all(&folder).map_err(cas::Error::io("make the folder", &folder))?;
    cas::write_atomically(&folder.join(&name), written.as_bytes())?;
    match flags.format {
        Format::Json => {
            let bumps: Vec<Value> = bumps.iter().map(bump).collect();
            let value = json!({"schema": SCHEMA, "file": file, "packages": bumps, "text": text.trim()});
            world.terminal.json(&value)?;
        }
        Format::Text => world.terminal.result(&file)?,
    }
    Ok(Kind::Done)
}

/// The packages named, each as it is called in plans.
fn bumps(flags: &Add, project: &Project) -> Result<Vec<(String, Bump)>, Failure> {
    let mut bumps: Vec<(String, Bump)> = Vec::new();
    for written in &flags.packages {
        let (name, word) = match written.split_once('=') {
            Some((name, word)) => (name, Word::from_str(word, false).map_err(|_| unknown_bump(word))?),
            None => (written.as_str(), flags.bump.ok_or_else(|| no_bump(written))?),
        };
        let id = project.package(name)?;
        if project.workspace.get(&id).is_some_and(|package| package.private) {
            return Err(Failure::new(
                Kind::Config,
                format!("`{name}` is private, so it is never released"),
            )
            .hint("leave it out, or make it public in its manifest"));
        }
        let name = project.workspace.display_name(&id);
        if bumps.iter().any(|(other, _)| *other == name) {
            return Err(Failure::new(Kind::Usage, format!("`{name}` is named twice")));
        }
        bumps.push((name, word.bump()));
    }
    Ok(bumps)
}

fn unknown_bump(word: &str) -> Failure {
    Failure::new(Kind::Usage, format!("`{word}` is no bump")).hint("bumps are major, minor, patch and none")
}

fn no_bump(name: &str) -> Failure {
    Failure::new(Kind::Usage, format!("by how much does `{name}` grow?")).hint(format!(
        "say it for all with `--bump minor`, or for one with `--package {name}=minor`"
    ))
}

fn message(given: Option<&str>) -> Result<String, Failure> {
    if given != Some("-") {
        return Ok(given.unwrap_or_default().to_owned());
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(LONGEST + 1).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(Kind::Usage, "the text on standard input is not UTF-8"))?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::new(
            Kind::Usage,
            "the text on standard input is too long",
        ));
    }
    Ok(text)
}

fn bump((name, bump): &(String, Bump)) -> Value {
    json!({"name": name, "bump": bump.as_str()})
}

fn list(flags: &List, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    let train = project.train_or_default(flags.train.as_deref())?;
    let plans = known_plans(&project, &train)?;
    match flags.format {
        Format::Json => {
            let one = |plan: &VersionPlan| {
                let packages: Vec<Value> = plan.bumps.iter().map(bump).collect();
                json!({"file": plan.file, "packages": packages, "text": plan.text})
            };
            let plans: Vec<Value> = plans.iter().map(one).collect();
            world.terminal.json(&json!({"schema": SCHEMA, "plans": plans}))?;
        }
        Format::Text if plans.is_empty() => {
            world
                .terminal
                .note(&format!("there are no version plans in `{}`", train.plans_dir));
        }
        Format::Text => {
            let row = |plan: &VersionPlan| {
                let packages: Vec<String> = plan
                    .bumps
                    .iter()
                    .map(|(name, bump)| format!("{name} {bump}"))
                    .collect();
                let line = plan.text.lines().next().unwrap_or_default();
                vec![plan.file.clone(), packages.join(", "), engine::printable(line)]
            };
            let rows: Vec<Vec<String>> = plans.iter().map(row).collect();
            world
                .terminal
                .result(&table(&["FILE", "PACKAGES", "TEXT"], &rows))?;
        }
    }
    Ok(Kind::Done)
}

/// The plans of a train; every package they name is there.
fn known_plans(project: &Project, train: &TrainDecl) -> Result<Vec<VersionPlan>, Failure> {
    let plans = plans(&*project.tree.files, &train.plans_dir)?;
    let wrong = rule::wrong_names(&plans, &project.workspace);
    if wrong.is_empty() {
        Ok(plans)
    } else {
        Err(wrong.into())
    }
}

fn check(flags: &Check, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    let train = project.train_or_default(flags.train.as_deref())?;
    let plans = known_plans(&project, &train)?;
    let mut changed = changed(&project, &train, &plans, flags.since.as_deref())?;
    if project.config.is_some() {
        let members = project.members(&train)?;
        changed.retain(|id, _| members.contains(id));
    }
    let missing = rule::unplanned(project.config.as_ref(), &train, &changed);
    let name = |id: &&PackageId| project.workspace.display_name(id);
    let missing: Vec<String> = missing.iter().map(name).collect();
    if flags.format == Format::Json {
        let changed: Vec<String> = changed.keys().map(|id| name(&id)).collect();
        let value = json!({"schema": SCHEMA, "changed": changed, "missing": missing});
        world.terminal.json(&value)?;
    }
    if missing.is_empty() {
        world.terminal.note("every changed package has the plan it needs");
        return Ok(Kind::Done);
    }
    let packages: Vec<String> = missing.iter().map(|name| format!("--package {name}")).collect();
    Err(Failure::new(
        Kind::Refused,
        format!("changed, and in no version plan: {}", missing.join(", ")),
    )
    .hint(format!(
        "`releasekit version plan add {} --bump minor -m TEXT`, or `--empty` if nothing has to be released",
        packages.join(" ")
    )))
}

/// What changed since a tag or a commit, or since each package's last release; see [`rule::changed`].
fn changed(
    project: &Project,
    train: &TrainDecl,
    plans: &[VersionPlan],
    since: Option<&str>,
) -> Result<BTreeMap<PackageId, bool>, Failure> {
    let past = Past::read(project, train)?;
    let since = since.map(|since| found(&past, since)).transpose()?;
    let mut input = VersionInput {
        plans,
        ..past.input(project, train)
    };
    let beside = beside(project, &input)?;
    input.beside = &beside;
    Ok(rule::changed(&input, since)?)
}

/// The commit that a tag names, or that is called so.
fn found<'p>(past: &'p Past, since: &str) -> Result<&'p CommitId, Failure> {
    let (tags, log) = (&past.tags, &past.log);
    let tagged = tags.iter().find(|tag| tag.name == since).map(|tag| &tag.commit);
    let named: Vec<&CommitId> = log
        .iter()
        .map(|commit| &commit.id)
        .filter(|id| since.len() >= 4 && id.0.starts_with(&since.to_ascii_lowercase()))
        .collect();
    match (tagged, named.as_slice()) {
        (Some(commit), _) if log.iter().any(|known| known.id == *commit) => Ok(commit),
        (None, [one]) => Ok(one),
        _ => {
            let message = format!("`{since}` is no tag or commit that leads to the one that is checked out");
            Err(Failure::new(Kind::Config, message)
                .hint("for a branch, give the commit both have: `--since \"$(git merge-base BRANCH HEAD)\"`"))
        }
    }
}
