//! Makes commits without touching what else is changed or staged: the same bytes for the same request.
//!
//! Hooks are not run: they are for people, and some of them change files. Filters that the repository's attributes
//! name (line ends, large files) are applied as `git add` would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::{StepError, printable};
use model::{CommitId, NewCommit, legal_tag};

use super::refs::{self, Tip};
use super::run::{EMAIL, NAME, Runner, commit_id};
use super::worktrees;
use crate::host::io_error;
use crate::vcs::lay_out::{check_links, lay_out};

/// Settings that would make the same files into other objects on another machine.
const SAME_EVERYWHERE: [&str; 7] = [
    "core.fileMode=true",
    "core.symlinks=true",
    "core.ignoreCase=false",
    "core.safecrlf=false",
    "core.sparseCheckout=false",
    "core.splitIndex=false",
    "i18n.commitEncoding=UTF-8",
];
/// How often what is staged is tried to be changed while somebody else holds its lock.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
const EXECUTABLE: &str = "100755";
const REGULAR: &str = "100644";

/// An entry of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mode: String,
    pub(super) object: String,
}

/// What an index holds, by path.
pub(super) type Entries = BTreeMap<String, Entry>;

/// Where a commit is made, and what its files are called there.
pub(super) struct Maker<'a> {
    pub(super) runner: &'a Runner,
    /// The folder's place in the repository: empty, or ending with a slash.
    pub(super) prefix: &'a str,
    /// Whether there is no working tree to follow.
    pub(super) is_bare: bool,
    pub(super) commit: &'a NewCommit,
}

impl Maker<'_> {
    /// Makes the commit and moves the branch to it.
    pub(super) fn make(&self) -> Result<CommitId, StepError> {
        let NewCommit { branch, parent, .. } = self.commit;
        self.check_request()?;
        let reference = format!("refs/heads/{branch}");
        let Tip { commit: tip, is_ours } = self.tip()?;
        let scratch = tempfile::tempdir().map_err(io_error("make a folder in", &std::env::temp_dir()))?;
        let (made, before, after) = self.objects(scratch.path(), &commit_id(&parent.0)?)?;
        if tip != *parent && tip != made {
            return Err(
                StepError::new(format!("`{branch}` is at commit {tip} by now, not at {parent}"))
                    .hint("somebody committed meanwhile: bring both together, and run again"),
            );
        }
        let is_checked_out = !self.is_bare && self.is_checked_out(&reference)?;
        if is_checked_out {
            self.check_unchanged(&before, &after)?;
            self.wait_for_index()?;
        }
        if tip != made || !is_ours {
            self.move_branch(&reference, &made, is_ours)?;
        }
        if is_checked_out {
            self.follow(&after)?;
        }
        Ok(made)
    }

    /// What the request itself must fulfil.
    fn check_request(&self) -> Result<(), StepError> {
        let NewCommit {
            branch,
            message,
            files,
            ..
        } = self.commit;
        legal_tag(branch)
            .map_err(|why| StepError::new(format!("`{}` cannot be a branch: {why}", printable(branch))))?;
        if message.contains('\0') || message.trim().is_empty() {
            return Err(StepError::new("a commit's message is empty or holds a NUL"));
        }
        for path in files.keys() {
            let is_bad = |part: &str| {
                matches!(part, "" | "." | "..")
                    || part.eq_ignore_ascii_case(".git")
                    || part.contains(['\0', '\\'])
            };
            if path.split('/').any(is_bad) {
                return Err(
                    StepError::new(format!("`{}` cannot be committed", printable(path)))
                        .hint("a path is relative to the repository's root, and not one of git's own files"),
                );
            }
        }
        Ok(())
    }

    fn tip(&self) -> Result<Tip, StepError> {
        refs::tip(self.runner, &self.commit.branch)?.ok_or_else(|| {
            StepError::new(format!("there is no branch `{}`", self.commit.branch))
                .hint("make it (`git branch`), or name one that is there: `commit_back_branch`")
        })
    }

    /// The files' places in the repository.
    fn place(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Makes the commit's objects in `scratch`; nothing refers to them yet. Also what the index of the parent says
    /// of its files, and that of the commit.
    fn objects(&self, scratch: &Path, parent: &CommitId) -> Result<(CommitId, Entries, Entries), StepError> {
        let (index, tree) = (scratch.join("index"), scratch.join("tree"));
        std::fs::create_dir(&tree).map_err(io_error("make", &tree))?;
        let repository = PathBuf::from(self.runner.say(&["rev-parse", "--absolute-git-dir"])?);
        let beside = self
            .runner
            .elsewhere(
                &tree,
                &[
                    ("GIT_INDEX_FILE", &index),
                    ("GIT_WORK_TREE", &tree),
                    ("GIT_DIR", &repository),
                ],
            )
            .set(SAME_EVERYWHERE);
        beside.success(&["read-tree", "--end-of-options", &parent.0], b"")?;
        let before = entries(&beside)?;
        let mut list = Vec::new();
        for (path, bytes) in &self.commit.files {
            let place = self.place(path);
            check_way(&before, &place)?;
            match bytes {
                Some(bytes) => {
                    let mode = before.get(&place).map_or(REGULAR, |entry| entry.mode.as_str());
                    lay_out(&tree.join(&place), bytes, mode == EXECUTABLE)?;
                }
                None if !before.contains_key(&place) => {
                    return Err(StepError::new(format!("`{path}` is not part of commit {parent}"))
                        .hint("commit it first: what goes away has to have been there"));
                }
                None => {}
            }
            list.extend_from_slice(place.as_bytes());
            list.push(0);
        }
        beside.success(&["update-index", "--add", "--remove", "-z", "--stdin"], &list)?;
        let after = entries(&beside)?;
        let made = self.commit_tree(&beside, parent, &beside.say(&["write-tree"])?)?;
        Ok((made, before, after))
    }

    fn commit_tree(&self, beside: &Runner, parent: &CommitId, tree: &str) -> Result<CommitId, StepError> {
        let who = |role: &str| -> Result<[(String, String); 3], StepError> {
            let of = |what: &str, otherwise: &str| -> Result<String, StepError> {
                let own = self.runner.setting(&[&format!("{role}.{what}")])?;
                let own = match own {
                    None => self.runner.setting(&[&format!("user.{what}")])?,
                    own => own,
                };
                Ok(own
                    .filter(|text| !text.trim().is_empty())
                    .unwrap_or_else(|| otherwise.to_owned()))
            };
            let variable = |what: &str| format!("GIT_{}_{what}", role.to_ascii_uppercase());
            Ok([
                (variable("NAME"), of("name", NAME)?),
                (variable("EMAIL"), of("email", EMAIL)?),
                (variable("DATE"), format!("@{} +0000", self.commit.time)),
            ])
        };
        let writer = beside
            .elsewhere(beside.root(), &[])
            .with(who("author")?.into_iter().chain(who("committer")?));
        let mut args = vec!["commit-tree"];
        let is_signed = self.runner.setting(&["--type=bool", "commit.gpgSign"])?;
        if is_signed.as_deref() == Some("true") {
            args.push("-S");
        }
        args.extend(["-p", &parent.0, "-F", "-", tree]);
        let message = format!("{}\n", self.commit.message.trim_end_matches('\n'));
        commit_id(&writer.success(&args, message.as_bytes())?.text())
    }

    /// Whether the branch is the one of this working tree.
    fn is_checked_out(&self, reference: &str) -> Result<bool, StepError> {
        let head = self.runner.run(&["symbolic-ref", "--quiet", "HEAD"], b"")?;
        if head.succeeded() && head.text() == reference {
            return Ok(true);
        }
        worktrees::refuse_elsewhere(self.runner, &self.commit.branch)?;
        Ok(false)
    }

    /// None of the files may have changes that are not committed; such as are already what they become do not count.
    fn check_unchanged(&self, before: &Entries, after: &Entries) -> Result<(), StepError> {
        let staged = entries(&self.top()?)?;
        let changed: BTreeSet<String> = changed(self.runner)?;
        for (path, bytes) in &self.commit.files {
            let place = self.place(path);
            let file = self.runner.root().join(path);
            check_links(self.runner.root(), path)?;
            let is = staged.get(&place);
            let is_staged = is != before.get(&place) && is != after.get(&place);
            let there = match file.symlink_metadata() {
                Ok(there) if there.is_file() => Some(std::fs::read(&file).map_err(io_error("read", &file))?),
                Ok(_) => Some(Vec::new()),
                Err(_) => None,
            };
            let is_done = there == *bytes;
            let is_new = !before.contains_key(&place) && there.is_some();
            if is_staged || !is_done && (is_new || changed.contains(&place)) {
                return Err(
                    StepError::new(format!("`{path}` has changes that are not committed")).hint(
                        "commit or undo them, and run again: they would be lost in the commit that is made",
                    ),
                );
            }
        }
        Ok(())
    }

    /// The repository seen from its top folder, whose paths are whole.
    fn top(&self) -> Result<Runner, StepError> {
        let top = PathBuf::from(self.runner.say(&["rev-parse", "--show-toplevel"])?);
        Ok(self.runner.elsewhere(&top, &[]))
    }

    /// Waits until nobody else is changing what is staged: the branch is not moved before its files can follow.
    pub(super) fn wait_for_index(&self) -> Result<(), StepError> {
        let lock = self
            .runner
            .root()
            .join(self.runner.say(&["rev-parse", "--git-path", "index.lock"])?);
        for _ in 0..TRIES {
            if !lock.exists() {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        let message = format!("`{}` is in the way: another git is at work here", lock.display());
        Err(StepError::transient(message).hint("if none is, one was killed: delete that file, and run again"))
    }

    /// Moves the branch from the commit's parent to the commit; makes it if it is not `is_ours` yet.
    fn move_branch(&self, reference: &str, made: &CommitId, is_ours: bool) -> Result<(), StepError> {
        let nowhere = "0".repeat(self.commit.parent.0.len());
        let old = if is_ours { &self.commit.parent.0 } else { &nowhere };
        let args = [
            "update-ref",
            "--no-deref",
            "-m",
            "releasekit: commit",
            reference,
            &made.0,
            old,
        ];
        let done = self.runner.run(&args, b"")?;
        if done.succeeded() {
            return Ok(());
        }
        let branch = &self.commit.branch;
        match refs::find(self.runner, reference)?.and_then(|found| found.commit) {
            Some(tip) if tip == *made => Ok(()),
            Some(tip) if tip.0 != *old => Err(StepError::new(format!(
                "`{branch}` moved to commit {tip} meanwhile"
            ))
            .hint("somebody committed meanwhile: bring both together, and run again")),
            _ if done.stderr.contains(".lock") => Err(StepError {
                transient: true,
                ..done.failure()
            }),
            _ => Err(done.failure()),
        }
    }

    /// Brings the files of the commit, and what is staged of them, to what the commit says.
    pub(super) fn follow(&self, after: &Entries) -> Result<(), StepError> {
        let mut staged = Vec::new();
        for (path, bytes) in &self.commit.files {
            let (place, file) = (self.place(path), self.runner.root().join(path));
            let entry = after.get(&place);
            if let Some(bytes) = bytes {
                lay_out(&file, bytes, entry.is_some_and(|entry| entry.mode == EXECUTABLE))?;
            } else {
                match std::fs::remove_file(&file) {
                    Ok(()) => {}
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(io_error("remove", &file)(error)),
                }
            }
            let line = match entry {
                Some(Entry { mode, object }) => format!("{mode} {object}\t{place}"),
                None => format!("0 {}\t{place}", "0".repeat(self.commit.parent.0.len())),
            };
            staged.extend_from_slice(line.as_bytes());
            staged.push(0);
        }
        let top = self.top()?;
        let mut tries = 0;
        loop {
            let done = top.run(&["update-index", "-z", "--index-info"], &staged)?;
            tries += 1;
            if done.succeeded() {
                break;
            }
            // Somebody else's git is at it; that takes milliseconds.
            if tries == TRIES || !done.stderr.contains(".lock") {
                return Err(done.failure());
            }
            std::thread::sleep(PAUSE);
        }
        // It ends with 1 if anything else is changed, which is fine.
        top.run(&["update-index", "-q", "--refresh"], b"")?;
        Ok(())
    }
}

/// What an index holds, by path.
pub(super) fn entries(runner: &Runner) -> Result<Entries, StepError> {
    let done = runner.success(&["ls-files", "--stage", "-z", "--full-name"], b"")?;
    let mut entries = Entries::new();
    for line in done
        .stdout
        .split(|byte| *byte == 0)
        .filter(|line| !line.is_empty())
    {
        // Paths that are not UTF-8 cannot be asked for either.
        let Ok(line) = str::from_utf8(line) else { continue };
        let unknown = || StepError::new("`git ls-files` answered in a form that is not known");
        let (about, path) = line.split_once('\t').ok_or_else(unknown)?;
        let fields: Vec<&str> = about.split(' ').collect();
        let [mode, object, _] = fields[..] else {
            return Err(unknown());
        };
        let entry = Entry {
            mode: mode.to_owned(),
            object: object.to_owned(),
        };
        entries.insert(path.to_owned(), entry);
    }
    Ok(entries)
}

/// The tracked files of the whole repository that differ from the head.
fn changed(runner: &Runner) -> Result<BTreeSet<String>, StepError> {
    let done = runner.success(&super::STATUS, b"")?;
    let lines = done.stdout.split(|byte| *byte == 0).filter(|line| line.len() > 3);
    Ok(lines
        .map(|line| String::from_utf8_lossy(&line[3..]).into_owned())
        .collect())
}

/// The path must lead through folders to a regular file, or to nothing.
fn check_way(entries: &Entries, place: &str) -> Result<(), StepError> {
    let refuse = |path: &str, what: &str| {
        Err(
            StepError::new(format!("`{place}` cannot be committed: `{path}` is {what}"))
                .hint("only regular files in folders of the repository are written"),
        )
    };
    let mut folder = place;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        match entries.get(folder).map(|entry| entry.mode.as_str()) {
            None => {}
            Some("120000") => return refuse(folder, "a symbolic link"),
            Some("160000") => return refuse(folder, "a submodule"),
            Some(_) => return refuse(folder, "a file"),
        }
    }
    match entries.get(place).map(|entry| entry.mode.as_str()) {
        None | Some(REGULAR | EXECUTABLE) => Ok(()),
        Some("120000") => refuse(place, "a symbolic link"),
        Some(_) => refuse(place, "a submodule"),
    }
}
