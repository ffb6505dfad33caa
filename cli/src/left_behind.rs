//! Files that did not follow the commit that brought a release back, because we were killed in between.

use std::collections::BTreeMap;

use cas::Digest;
use engine::{How, Journal, Lock, Record, Slot, printable};
use model::{CommitId, Diagnostic};

use crate::exit::Failure;
use crate::world::{World, workspace_error};

/// A commit that was begun and that nobody saw made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Begun {
    run: String,
    action: String,
    slot: Slot,
    digest: Digest,
}

/// Brings the files of the commit that is checked out forward, and what is staged of them, if it is one of ours that
/// was cut short: the next commit would take back what it says. Mercurial and Jujutsu do both at once.
pub(crate) fn catch_up(world: &World) -> Result<(), Failure> {
    let path = world.state("journal");
    let begun = begun(&Journal::read(&path)?);
    if begun.is_empty() {
        return Ok(());
    }
    let Some(vcs) = world.vcs(Some("git"))? else {
        return Ok(());
    };
    let head = vcs.head().map_err(workspace_error)?;
    let (Some(commit), Some(branch)) = (head.commit, head.branch) else {
        return Ok(());
    };
    let found = vcs.look_up(&commit).map_err(workspace_error)?;
    let run = found.as_ref().and_then(|found| rules::release_of(&found.message));
    let place = format!("refs/heads/{branch} after ");
    let is_it = |one: &Begun| run == Some(&*one.run) && one.slot.coordinate.starts_with(&place);
    let Some(one) = begun.into_iter().find(is_it) else {
        return Ok(());
    };
    let holder = format!("process {}, release {}", std::process::id(), one.run);
    let _lock = Lock::acquire(&world.state("lock"), &holder)?;
    if bring(world, &commit)? {
        let Begun {
            run,
            action,
            slot,
            digest,
        } = one;
        let how = How::Sent;
        Journal::open(&path)?.append(Record::Receipt {
            run,
            action,
            slot,
            digest,
            how,
        })?;
    }
    Ok(())
}

/// Brings the files forward, and says which; `false` if some are not as they were left.
fn bring(world: &World, commit: &CommitId) -> Result<bool, Failure> {
    let done = adapters::catch_up(&world.root, world.env.clone(), commit).map_err(workspace_error)?;
    let short = commit.short();
    if !done.brought.is_empty() {
        let files = done.brought.join(", ");
        world.terminal.note(&printable(&format!(
            "the release was cut short when commit {short} had been made: its files are brought here now ({files})"
        )));
    }
    for file in &done.left_alone {
        let message = format!(
            "the release was cut short when commit {short} had been made, and `{file}` is neither as before nor as in \
             the commit: it was left alone"
        );
        let hint = format!("`git diff HEAD -- {file}` shows how it differs; the next commit would keep that");
        world
            .terminal
            .diagnose(&Diagnostic::warning(message, None).hint(hint));
    }
    Ok(done.left_alone.is_empty())
}

/// The commits in git whose end the journal does not tell.
fn begun(records: &[Record]) -> Vec<Begun> {
    let mut open: BTreeMap<&Slot, Begun> = BTreeMap::new();
    for record in records {
        match record {
            Record::Intent {
                run,
                action,
                slot,
                digest,
                ..
            } if slot.target == "git" && slot.coordinate.starts_with("refs/heads/") => {
                let one = Begun {
                    run: run.clone(),
                    action: action.clone(),
                    slot: slot.clone(),
                    digest: *digest,
                };
                open.insert(slot, one);
            }
            Record::Receipt { slot, .. } | Record::Rejected { slot, .. } => _ = open.remove(slot),
            _ => {}
        }
    }
    open.into_values().collect()
}
