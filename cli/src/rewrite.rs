//! Files that change together or not at all: new texts, then lock files by their own tools, and back if one fails.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use adapters::InPlace;
use engine::{Cancel, StepError};
use model::Refresh;
use rules::Rewritten;

use crate::exit::{Failure, Kind};
use crate::world::World;

/// The longest a tool may take over a lock file.
const DEADLINE: Duration = Duration::from_secs(600);

/// Files of the working tree as they were, to be put back.
#[must_use]
pub(crate) struct Kept(BTreeMap<PathBuf, Vec<u8>>);

impl Kept {
    fn of(world: &World, paths: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let kept = paths.map(|path| {
            let path = target(world, &path);
            let bytes = std::fs::read(&path).map_err(|error| {
                Failure::new(Kind::Config, format!("cannot read `{}`: {error}", path.display()))
            })?;
            Ok::<_, Failure>((path, bytes))
        });
        Ok(Self(kept.collect::<Result<_, _>>()?))
    }

    /// Puts back what differs; tries all, and says how it went.
    pub(crate) fn put_back(&self) -> String {
        match self.restore() {
            Ok(()) => "every file is as it was".to_owned(),
            Err(reason) => format!("not every file could be put back: {reason}"),
        }
    }

    /// Tries all, and says what could not be put back.
    fn restore(&self) -> Result<(), String> {
        let mut wrong = Vec::new();
        for (path, bytes) in &self.0 {
            let is_same = std::fs::read(path).is_ok_and(|now| now == *bytes);
            if !is_same && let Err(error) = cas::write_atomically(path, bytes) {
                wrong.push(error.to_string());
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("; "))
        }
    }
}

/// Writes `files` and has `refreshes` carried out. Whatever goes wrong, or if the person stops it, every file is what
/// it was before; and it can be put back afterwards.
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
    let kept = Kept::of(world, files.keys().cloned().chain(locks))?;
    unchanged(world, files, &kept)?;
    let done = write(world, files).and_then(|()| {
        refreshes
            .iter()
            .try_for_each(|refresh| follow(&tools, refresh, cancel))
    });
    let Err(error) = done else {
        return Ok(kept);
    };
    let kind = if cancel.is_cancelled() {
        Kind::Interrupted
    } else {
        Kind::Failed
    };
    let end = kept.put_back();
    let failure = Failure::new(kind, format!("{}\n{end}", error.message));
    Err(match error.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    })
}

/// What was planned from must still be what is there.
fn unchanged(world: &World, files: &BTreeMap<String, Rewritten>, kept: &Kept) -> Result<(), Failure> {
    for (path, text) in files {
        if kept.0.get(&target(world, path)).map(Vec::as_slice) != Some(text.old.as_bytes()) {
            return Err(Failure::new(
                Kind::Config,
                format!("`{path}` changed in the meantime; nothing was written"),
            )
            .hint("run it again"));
        }
    }
    Ok(())
}

fn write(world: &World, files: &BTreeMap<String, Rewritten>) -> Result<(), StepError> {
    for (path, text) in files {
        cas::write_atomically(&target(world, path), text.new.as_bytes())
            .map_err(|error| StepError::new(error.to_string()))?;
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
