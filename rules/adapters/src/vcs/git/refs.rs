//! References by their full names, never by git's guesses: `HEAD` and `refs/tags/v1` may be branches' names too.

use std::collections::BTreeSet;

use engine::StepError;
use model::CommitId;

use super::run::{Runner, commit_id};

/// A reference that is there.
pub(super) struct Reference {
    /// Its full name: `refs/tags/v1`.
    pub(super) name: String,
    /// The commit it names in the end; `None` if it names something else.
    pub(super) commit: Option<CommitId>,
}

const FORMAT: &str = "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)";

/// The references at and beneath `pattern`, each with the commit it names in the end; names that are not UTF-8
/// are left out.
pub(super) fn list(runner: &Runner, pattern: &str) -> Result<Vec<Reference>, StepError> {
    let done = runner.success(&["for-each-ref", FORMAT, pattern], b"")?;
    if done.stderr.contains("ignoring") {
        let message = format!("a reference beneath `{pattern}` cannot be read: {}", done.stderr);
        return Err(
            StepError::new(message).hint("run `git fsck`; a damaged tag can be deleted and fetched again")
        );
    }
    let lines = done
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .filter_map(|line| str::from_utf8(line).ok())
        .map(|line| read(runner, line))
        .collect()
}

/// The reference of exactly that name.
pub(super) fn find(runner: &Runner, name: &str) -> Result<Option<Reference>, StepError> {
    Ok(list(runner, name)?
        .into_iter()
        .find(|reference| reference.name == name))
}

/// Where a branch is.
pub(super) struct Tip {
    pub(super) commit: CommitId,
    /// Whether it is a branch of this repository; else it is one that a remote was last seen with.
    pub(super) is_ours: bool,
}

/// Where the branch `name` is: ours, or else that of the remotes, if they agree. A clone that was made to build one
/// commit, as CI makes them, often has no branch of its own.
pub(super) fn tip(runner: &Runner, name: &str) -> Result<Option<Tip>, StepError> {
    let tip = |commit, is_ours| Tip { commit, is_ours };
    if let Some(ours) = find(runner, &format!("refs/heads/{name}"))? {
        return Ok(ours.commit.map(|commit| tip(commit, true)));
    }
    let theirs = list(runner, &format!("refs/remotes/*/{name}"))?;
    let commits: BTreeSet<CommitId> = theirs.into_iter().filter_map(|theirs| theirs.commit).collect();
    let only = commits.first().filter(|_| commits.len() == 1);
    Ok(only.cloned().map(|commit| tip(commit, false)))
}

fn read(runner: &Runner, line: &str) -> Result<Reference, StepError> {
    let fields: Vec<&str> = line.split('\0').collect();
    let [name, kind, id, peeled_kind, peeled] = fields[..] else {
        return Err(StepError::new(
            "`git for-each-ref` answered in a form that is not known",
        ));
    };
    let commit = match (kind, peeled_kind) {
        ("commit", _) => Some(commit_id(id)?),
        ("tag", "commit") => Some(commit_id(peeled)?),
        // A tag of a tag; older versions of git look only one step ahead.
        ("tag", "tag") => runner.resolve(&format!("{peeled}^{{commit}}"))?,
        _ => None,
    };
    Ok(Reference {
        name: name.to_owned(),
        commit,
    })
}
