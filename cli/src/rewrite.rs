//! Files that change together or not at all: new texts, then lock files by their own tools, and back if one fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adapters::InPlace;
use engine::{Cancel, StepError, printable};
use model::Refresh;
use rules::Rewritten;

use crate::exit::{Failure, Kind};
use crate::world::World;

/// The longest a tool may take over a lock file.
const DEADLINE: Duration = Duration::from_secs(600);

/// A file of the working tree as it was, and as this run left it.
struct Original {
    before: Vec<u8>,
    /// What this run wrote, or had a tool write; `None` as long as it did neither.
    ours: Option<Vec<u8>>,
}

/// Files of the working tree as they were, to be put back.
#[must_use]
pub(crate) struct Kept(BTreeMap<PathBuf, Original>);

impl Kept {
    fn of(world: &World, paths: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let kept = paths.map(|path| {
            let path = target(world, &path);
            let before = std::fs::read(&path).map_err(|error| {
                Failure::new(Kind::Config, format!("cannot read `{}`: {error}", path.display()))
            })?;
            Ok::<_, Failure>((path, Original { before, ours: None }))
        });
        Ok(Self(kept.collect::<Result<_, _>>()?))
    }

    /// Remembers what this run made of a file.
    fn wrote(&mut self, path: &Path, bytes: Option<Vec<u8>>) {
        if let Some(copy) = self.0.get_mut(path) {
            copy.ours = bytes;
        }
    }

    /// Puts back what this run changed; tries all, and says how it went. What somebody else wrote in the meantime is
    /// theirs, and stays.
    pub(crate) fn put_back(&self, world: &World) -> String {
        let (mut theirs, mut wrong) = (Vec::new(), Vec::new());
        for (path, copy) in &self.0 {
            let now = std::fs::read(path).ok();
            if now.as_ref() == Some(&copy.before) {
                continue;
            }
            if now.is_none() || now != copy.ours {
                let shown = path.strip_prefix(&world.root).unwrap_or(path);
                theirs.push(format!("`{}`", printable(&shown.to_string_lossy())));
            } else if let Err(error) = cas::write_atomically(path, &copy.before) {
                wrong.push(error.to_string());
            }
        }
        let mut said = Vec::new();
        if !theirs.is_empty() {
            said.push(format!(
                "changed in the meantime by somebody else, and left so: {}; if the new version stands there, take it out \
                 by hand",
                theirs.join(", ")
            ));
        }
        said.push(match (wrong.is_empty(), theirs.is_empty()) {
            (true, true) => "every file is as it was".to_owned(),
            (true, false) => "every other file is as it was".to_owned(),
            (false, _) => format!("not every file could be put back: {}", wrong.join("; ")),
        });
        said.join("\n")
    }
}

/// Writes `files` and has `refreshes` carried out. Whatever goes wrong, or if the person stops it, every file is what
/// it was before, but for what somebody else wrote meanwhile; and it can be put back afterwards.
pub(crate) fn carry_out(
    world: &World,
    files: &BTreeMap<String, Rewritten>,
    refreshes: &[Refresh],
    cancel: &Cancel,
) -> Result<Kept, Failure> {
    let tools = InPlace::new(&world.root, world.env.clone());
    for refresh in refreshes {
        tools.locate(&refresh.command, refresh.hint).map_err(|error| {
            Failure::new(
                Kind::Config,
                format!(
                    "`{}` cannot be brought up to date: {}; nothing was written",
                    refresh.lock, error.message
                ),
            )
            .hint(format!("{}; `--no-lock` leaves lock files alone", refresh.hint))
        })?;
    }
    let locks = refreshes.iter().map(|refresh| refresh.lock.clone());
    let mut kept = Kept::of(world, files.keys().cloned().chain(locks))?;
    unchanged(world, files, &kept)?;
    let done = write(world, files, &mut kept).and_then(|()| {
        refreshes.iter().try_for_each(|refresh| {
            let followed = follow(&tools, refresh, cancel);
            // However the tool ended, what stands there now is taken for its work.
            let lock = target(world, &refresh.lock);
            kept.wrote(&lock, std::fs::read(&lock).ok());
            followed
        })
    });
    let Err(error) = done else {
        return Ok(kept);
    };
    let kind = if cancel.is_cancelled() {
        Kind::Interrupted
    } else {
        Kind::Failed
    };
    let end = kept.put_back(world);
    let failure = Failure::new(kind, format!("{}\n{end}", error.message));
    Err(match error.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    })
}

/// What was planned from must still be what is there.
fn unchanged(world: &World, files: &BTreeMap<String, Rewritten>, kept: &Kept) -> Result<(), Failure> {
    for (path, text) in files {
        let copy = kept.0.get(&target(world, path));
        if copy.map(|copy| copy.before.as_slice()) != Some(text.old.as_bytes()) {
            return Err(Failure::new(
                Kind::Config,
                format!("`{path}` changed in the meantime; nothing was written"),
            )
            .hint("run it again"));
        }
    }
    Ok(())
}

fn write(world: &World, files: &BTreeMap<String, Rewritten>, kept: &mut Kept) -> Result<(), StepError> {
    for (path, text) in files {
        let path = target(world, path);
        cas::write_atomically(&path, text.new.as_bytes())
            .map_err(|error| StepError::new(error.to_string()))?;
        kept.wrote(&path, Some(text.new.clone().into_bytes()));
    }
    Ok(())
}

/// Where a file of the tree is; a link in the tree stays a link.
pub(crate) fn target(world: &World, path: &str) -> PathBuf {
    let path = world.root.join(path);
    path.canonicalize().unwrap_or(path)
}

/// Has a tool bring its lock file up to date: without a network, or else with one.
fn follow(tools: &InPlace, refresh: &Refresh, cancel: &Cancel) -> Result<(), StepError> {
    let offline = tools.run(&refresh.command, refresh.hint, DEADLINE, cancel);
    match offline {
        Err(error) if error.transient && !cancel.is_cancelled() => {
            tools.run(&refresh.online, refresh.hint, DEADLINE, cancel)
        }
        other => other,
    }
    .map_err(|error| {
        let message = format!(
            "`{}` could not be brought up to date: {}",
            refresh.lock, error.message
        );
        StepError { message, ..error }
    })
}
