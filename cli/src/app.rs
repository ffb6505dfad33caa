//! The command line, as types.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command;
use crate::exit::{Failure, Kind};
use crate::terminal::Terminal;
use crate::world::World;

/// Releases any package, of any ecosystem, out of one repository, and finishes what it starts.
#[derive(Debug, Parser)]
#[command(
    name = "releasekit",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "\
Examples:
  releasekit generate --write            write RELEASE.star from what is in the repository
  releasekit plan                        show what would happen, and why
  releasekit publish --to-directory out  release into folders that installers can read
  releasekit explain core:build          say why an action runs, or why it does not

Exit codes: 0 done or nothing to do, 1 failed and can be resumed, 2 usage, 3 configuration, 4 a check said no,
5 a slot holds other bytes, 70 a defect in releasekit, 130 interrupted and can be resumed")]
pub(crate) struct App {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Work in this folder instead of the current one
    #[arg(
        long,
        short = 'C',
        global = true,
        value_name = "DIR",
        env = "RELEASEKIT_DIRECTORY"
    )]
    pub(crate) directory: Option<PathBuf>,
    /// Where configuration is looked for: one file, one file and one for each package, or one for each package
    #[arg(long, global = true, value_enum, default_value_t = ConfigMode::Auto)]
    pub(crate) config_mode: ConfigMode,
    /// How many actions run at once (default: the train's `jobs`, else one for each processor)
    #[arg(long, short = 'j', global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
    /// Say only what went wrong
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more (twice: even more)
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Where configuration is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigMode {
    /// Whatever is there.
    Auto,
    /// One `RELEASE.star` at the root.
    Central,
    /// One at the root, and one in any package's folder.
    Hybrid,
    /// One in each package's folder.
    Decentralized,
}

/// When to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object, for programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prepare a repository: what to ignore, and a first RELEASE.star
    Init(command::init::Flags),
    /// Write RELEASE.star from the packages that are there
    Generate(command::generate::Flags),
    /// List the packages that are there
    Discover(command::discover::Flags),
    /// Show what would be done, and why
    Plan(command::plan::Flags),
    /// Build, and publish nothing
    Build(command::build::Flags),
    /// Build, then publish; run it again to finish what failed
    Publish(command::publish::Flags),
    /// Show every package: its version, its last tag, what is unreleased
    Status(command::status::Flags),
    /// Show the next version of every package
    Version(command::version::Flags),
    /// Tag the versions that packages have now, without building or publishing
    Tag(command::tag::Flags),
    /// Check commits, messages and pushed tags as git makes them
    Hooks(command::hooks::Flags),
    /// Write a new version everywhere it stands
    Bump(command::bump::Flags),
    /// Check that everything that states a version states the same one
    Check(command::check::Flags),
    /// Show what is new in every package, and write it into changelogs
    Changelog(command::changelog::Flags),
    /// Show what RELEASE.star says once evaluated
    Config(command::config::Flags),
    /// Draw the graph of packages or of actions
    Graph(command::graph::Flags),
    /// Ask the graph: deps, rdeps, somepath, allpaths, group
    Query(command::query::Flags),
    /// Say why an action runs, or why it does not
    Explain(command::explain::Flags),
    /// Look at the cache, check it, shrink it
    Cache(command::cache::Flags),
    /// Show what was done to the world
    Journal(command::journal::Flags),
    /// Check that everything a release needs is in place
    Doctor(command::doctor::Flags),
}

/// Parses the command line, runs the command, says what went wrong.
pub(crate) fn main() -> ExitCode {
    let app = match App::try_parse() {
        Ok(app) => app,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::new(&app.global);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&app, &terminal)));
    match outcome {
        Ok(Ok(kind)) => kind.into(),
        Ok(Err(failure)) => failure.report(&terminal),
        Err(_) => Failure::new(Kind::Defect, "releasekit ran into a defect of its own").report(&terminal),
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    let written = error.print();
    match (error.use_stderr(), written) {
        (true, _) => Kind::Usage.into(),
        (false, _) => ExitCode::SUCCESS,
    }
}

fn run(app: &App, terminal: &Terminal) -> Result<Kind, Failure> {
    let world = World::new(&app.global, terminal)?;
    match &app.command {
        Command::Init(flags) => command::init::run(flags, &world),
        Command::Generate(flags) => command::generate::run(flags, &world),
        Command::Discover(flags) => command::discover::run(flags, &world),
        Command::Plan(flags) => command::plan::run(flags, &world),
        Command::Build(flags) => command::build::run(flags, &world),
        Command::Publish(flags) => command::publish::run(flags, &world),
        Command::Status(flags) => command::status::run(flags, &world),
        Command::Version(flags) => command::version::run(flags, &world),
        Command::Tag(flags) => command::tag::run(flags, &world),
        Command::Hooks(flags) => command::hooks::run(flags, &world),
        Command::Bump(flags) => command::bump::run(flags, &world),
        Command::Check(flags) => command::check::run(flags, &world),
        Command::Changelog(flags) => command::changelog::run(flags, &world),
        Command::Config(flags) => command::config::run(flags, &world),
        Command::Graph(flags) => command::graph::run(flags, &world),
        Command::Query(flags) => command::query::run(flags, &world),
        Command::Explain(flags) => command::explain::run(flags, &world),
        Command::Cache(flags) => command::cache::run(flags, &world),
        Command::Journal(flags) => command::journal::run(flags, &world),
        Command::Doctor(flags) => command::doctor::run(flags, &world),
    }
}
