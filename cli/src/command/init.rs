//! `init`: what to ignore, and a first RELEASE.star.

use clap::Args;

use crate::command::generate;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::World;

/// Where each system reads what it ignores, what we write there, and what says the same.
struct Ignoring {
    file: &'static str,
    rule: &'static str,
    alike: &'static [&'static str],
}

const GIT: Ignoring = Ignoring {
    file: ".gitignore",
    rule: ".releasekit/",
    alike: &[".releasekit", "/.releasekit/", "/.releasekit"],
};
/// A rule with a syntax of its own, whichever the file is written in.
const HG: Ignoring = Ignoring {
    file: ".hgignore",
    rule: "rootglob:.releasekit",
    alike: &["glob:.releasekit", "relglob:.releasekit"],
};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit init            show what would be written
  releasekit init --write    write it")]
pub(crate) struct Flags {
    /// Write the files; without it they are only shown
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let mut files = Vec::new();
    let ignoring = if world.root.join(".hg").exists() { HG } else { GIT };
    if let Some(text) = ignoring.added(world)? {
        files.push((ignoring.file, text));
    }
    if world.root.join("RELEASE.star").exists() {
        world
            .terminal
            .note("RELEASE.star is there already; `releasekit generate --update` keeps it up to date");
    } else {
        files.push((
            "RELEASE.star",
            generate::fresh(world, Project::everywhere(world)?, flags.write)?,
        ));
    }
    for (name, text) in &files {
        if flags.write {
            cas::write_atomically(&world.root.join(name), text.as_bytes())?;
            world.terminal.note(&format!("wrote {name}"));
        } else {
            world.terminal.result(&format!("# {name}\n{text}"))?;
        }
    }
    match (files.is_empty(), flags.write) {
        (true, _) => world.terminal.note("nothing to do"),
        (false, false) => world.terminal.note("nothing was written; `--write` writes it"),
        (false, true) => world.terminal.note("next: `releasekit plan`"),
    }
    Ok(Kind::Done)
}

impl Ignoring {
    /// The file's new text; `None` if it already ignores the state folder.
    fn added(&self, world: &World) -> Result<Option<String>, Failure> {
        let path = world.root.join(self.file);
        let mut text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        let is_rule = |line: &str| line == self.rule || self.alike.contains(&line);
        if text.lines().any(|line| is_rule(line.trim())) {
            return Ok(None);
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(self.rule);
        text.push('\n');
        Ok(Some(text))
    }
}
