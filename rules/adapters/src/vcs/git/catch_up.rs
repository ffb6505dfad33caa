//! Files and an index that stayed behind when a commit of ours was made, because we were killed in between.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use engine::StepError;
use model::{CommitId, NewCommit};

use super::new_commit::{Entries, Entry, Maker, entries};
use super::run::{Runner, commit_id, git};
use crate::vcs::lay_out::check_links;

/// What became of the files of a commit that is checked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Those that were still as in the commit before, and are now as in the commit; relative to the repository's top.
    pub brought: Vec<String>,
    /// Those that are neither, which are somebody's own: they were left alone.
    pub left_alone: Vec<String>,
}

/// Brings the files of `commit`, which is checked out in the repository that `root` lies in, and what is staged of
/// them, to what the commit says, where both are still what its parent says.
///
/// # Errors
/// There is no such commit, a file cannot be written, or git could not be asked.
pub fn catch_up(
    root: &Path,
    env: BTreeMap<String, String>,
    commit: &CommitId,
) -> Result<CaughtUp, StepError> {
    let runner = git(root, env)?;
    let top = PathBuf::from(runner.say(&["rev-parse", "--show-toplevel"])?);
    let runner = runner.elsewhere(&top, &[]);
    let staged = entries(&runner)?;
    let (mut caught_up, mut files, mut after) = (CaughtUp::default(), BTreeMap::new(), Entries::new());
    for change in changes(&runner, &commit_id(&commit.0)?)? {
        let there = object(&runner, &change.path)?;
        let is_staged = staged.get(&change.path) == change.new.as_ref();
        let is_written = there == change.new.as_ref().map(|entry| entry.object.clone());
        if is_staged && is_written {
            continue;
        }
        let was_staged = staged.get(&change.path) == change.old.as_ref();
        let was_written = there == change.old.as_ref().map(|entry| entry.object.clone());
        let is_linked = check_links(&top, &change.path).is_err();
        // Files are written before they are staged.
        if is_linked || !was_staged || !(was_written || is_written) {
            caught_up.left_alone.push(change.path);
            continue;
        }
        let bytes = match &change.new {
            Some(_) => {
                let name = format!("{commit}:{}", change.path);
                Some(runner.success(&["cat-file", "--filters", &name], b"")?.stdout)
            }
            None => None,
        };
        after.extend(change.new.map(|entry| (change.path.clone(), entry)));
        files.insert(change.path.clone(), bytes);
        caught_up.brought.push(change.path);
    }
    if files.is_empty() {
        return Ok(caught_up);
    }
    let request = NewCommit {
        branch: String::new(),
        parent: commit.clone(),
        message: String::new(),
        files,
        time: 0,
    };
    let maker = Maker {
        runner: &runner,
        prefix: "",
        is_bare: false,
        commit: &request,
    };
    maker.wait_for_index()?;
    maker.follow(&after)?;
    Ok(caught_up)
}

/// What a commit did to one file.
struct Change {
    path: String,
    old: Option<Entry>,
    new: Option<Entry>,
}

/// What a commit did to the files of its first parent.
fn changes(runner: &Runner, commit: &CommitId) -> Result<Vec<Change>, StepError> {
    let parent = format!("{commit}^");
    let args = [
        "diff-tree",
        "-r",
        "-z",
        "--no-renames",
        "--end-of-options",
        &parent,
        &commit.0,
    ];
    let said = runner.success(&args, b"")?.stdout;
    let mut words = said.split(|byte| *byte == 0);
    let mut changes = Vec::new();
    // `:MODE MODE OBJECT OBJECT STATUS`, and the path.
    while let (Some(about), Some(path)) = (words.next(), words.next()) {
        let unknown = || StepError::new("`git diff-tree` answered in a form that is not known");
        let about = str::from_utf8(about).map_err(|_| unknown())?;
        let fields: Vec<&str> = about.trim_start_matches(':').split(' ').collect();
        let [old_mode, new_mode, old, new, _] = fields[..] else {
            return Err(unknown());
        };
        let entry = |mode: &str, object: &str| {
            (mode != "000000").then(|| Entry {
                mode: mode.to_owned(),
                object: object.to_owned(),
            })
        };
        changes.push(Change {
            path: String::from_utf8(path.to_vec()).map_err(|_| unknown())?,
            old: entry(old_mode, old),
            new: entry(new_mode, new),
        });
    }
    Ok(changes)
}

/// The object that a file of the working tree would be kept as; `None` if there is nothing.
fn object(runner: &Runner, path: &str) -> Result<Option<String>, StepError> {
    match runner.root().join(path).symlink_metadata() {
        Err(_) => Ok(None),
        Ok(there) if there.is_file() => runner.say(&["hash-object", "--", path]).map(Some),
        // What is no regular file is none of ours.
        Ok(_) => Ok(Some(String::new())),
    }
}
