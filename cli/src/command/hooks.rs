//! `hooks`: small scripts in git's hooks folder that call releasekit, and what they call.

mod checks;
mod folder;
mod pushed;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::terminal::table;
use crate::world::World;
use folder::Folder;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit hooks install      check commits, messages and pushed tags from now on
  releasekit hooks status
  releasekit hooks uninstall    put back what was there before

A hook that is there already is kept: it is called first, and its word counts.")]
pub(crate) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write the hooks `pre-commit`, `commit-msg` and `pre-push`
    #[command(after_help = "Example:\n  releasekit hooks install")]
    Install(Show),
    /// Take them away, and put back what was there before
    #[command(after_help = "Example:\n  releasekit hooks uninstall")]
    Uninstall(Show),
    /// Show which are there
    #[command(after_help = "Example:\n  releasekit hooks status --format json")]
    Status(Show),
    /// Do what a hook does; called by the hooks themselves
    #[command(subcommand)]
    Run(Hook),
}

#[derive(Debug, Args)]
struct Show {
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Hook {
    /// Check that static versions agree
    #[command(after_help = "Example:\n  releasekit hooks run pre-commit")]
    PreCommit,
    /// Check that a commit's message says what changed
    #[command(after_help = "Example:\n  releasekit hooks run commit-msg .git/COMMIT_EDITMSG")]
    CommitMsg {
        /// The file that holds the message
        file: PathBuf,
    },
    /// Check release tags that are pushed; reads what git says of them from standard input
    #[command(after_help = "Example:\n  releasekit hooks run pre-push origin git@example.com:a/b.git")]
    PrePush {
        /// The remote's name
        remote: String,
        /// Its address
        url: String,
    },
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    match &flags.verb {
        Verb::Install(how) => {
            let folder = Folder::find(world)?;
            folder.install(world)?;
            show(world, &folder, how.format)
        }
        Verb::Uninstall(how) => {
            let folder = Folder::find(world)?;
            folder.uninstall()?;
            show(world, &folder, how.format)
        }
        Verb::Status(how) => show(world, &Folder::find(world)?, how.format),
        Verb::Run(Hook::PreCommit) => checks::pre_commit(world),
        Verb::Run(Hook::CommitMsg { file }) => checks::commit_msg(world, file),
        Verb::Run(Hook::PrePush { .. }) => pushed::pre_push(world, std::io::stdin().lock()),
    }
}

/// Shows every hook and whose it is.
fn show(world: &World, folder: &Folder, format: Format) -> Result<Kind, Failure> {
    let states = folder.states()?;
    match format {
        Format::Json => {
            let one = |hook: &folder::State| -> Value {
                json!({"name": hook.name, "state": hook.word(), "chained": hook.has_earlier})
            };
            let hooks: Vec<Value> = states.iter().map(one).collect();
            let path = folder.path().display().to_string();
            world
                .terminal
                .json(&json!({"schema": "releasekit.hooks/1", "folder": path, "hooks": hooks}))?;
        }
        Format::Text => {
            let row = |hook: &folder::State| {
                let chained = if hook.has_earlier { "yes" } else { "no" };
                vec![hook.name.to_owned(), hook.word().to_owned(), chained.to_owned()]
            };
            let rows: Vec<Vec<String>> = states.iter().map(row).collect();
            world
                .terminal
                .result(&table(&["HOOK", "STATE", "EARLIER ONE CHAINED"], &rows))?;
            world.terminal.note(&format!("in {}", folder.path().display()));
        }
    }
    Ok(Kind::Done)
}
