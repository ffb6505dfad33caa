//! The files of a commit, or of what is about to be committed, without a working tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cas::Digest;
use engine::{StepError, printable};
use model::{CommitId, SourceTree};
use tempfile::TempDir;

use super::blobs::Blobs;
use super::run::{Runner, commit_id, git};
use crate::host::io_error;

/// Where git says which index a commit is made of: of `git commit --all` and `git commit PATH` it is one of their own.
pub(in crate::vcs) const INDEX: &str = "GIT_INDEX_FILE";
/// The largest file that is read.
const MAX_FILE: u64 = 64 << 20;
/// How many links may lead to one another.
const MOST_LINKS: usize = 16;

/// The files that git keeps for one commit, seen from a folder in the repository. Files whose names are not UTF-8 are
/// left out, and so are submodules and links that do not lead to one of the files.
pub struct GitTree {
    files: BTreeSet<String>,
    entries: BTreeMap<String, Entry>,
    blobs: Blobs,
    /// Objects that nobody else has, until nobody asks any more.
    _scratch: Option<TempDir>,
}

/// A regular file.
#[derive(Clone)]
struct Entry {
    object: String,
    executable: bool,
}

impl GitTree {
    /// The files of a commit of the repository that `root` lies in.
    ///
    /// # Errors
    /// There is no such commit, or git could not be asked.
    pub fn of_commit(
        root: &Path,
        env: BTreeMap<String, String>,
        commit: &CommitId,
    ) -> Result<Self, StepError> {
        Self::list(git(root, env)?, &commit_id(&commit.0)?.0, None)
    }

    /// What a commit would hold that is made now, in the repository that `root` lies in: what is staged in the index
    /// that `env` names, as it does in git's hooks, or in the repository's own. Nothing is written to the repository.
    ///
    /// # Errors
    /// There is no repository or no working tree, files in it are in conflict, or git could not be asked.
    pub fn staged(root: &Path, env: BTreeMap<String, String>) -> Result<Self, StepError> {
        let named = env
            .get(INDEX)
            .filter(|place| !place.is_empty())
            .map(PathBuf::from);
        let runner = git(root, env)?;
        let scratch = tempfile::tempdir().map_err(io_error("make a folder in", &std::env::temp_dir()))?;
        let beside = beside(&runner, scratch.path(), named.as_deref())?;
        let done = beside.run(&["write-tree"], b"")?;
        if !done.succeeded() {
            let is_conflict = done.stderr.contains(": unmerged (");
            let error = done.failure();
            return Err(if is_conflict {
                error.hint(
                    "resolve the conflicts and `git add` the files: they cannot be committed as they are",
                )
            } else {
                error
            });
        }
        Self::list(beside, &done.text(), Some(scratch))
    }

    fn list(runner: Runner, tree: &str, scratch: Option<TempDir>) -> Result<Self, StepError> {
        let done = runner.success(&["ls-tree", "-r", "-z", "--end-of-options", tree], b"")?;
        let blobs = Blobs::of(runner);
        let (mut entries, mut links) = (BTreeMap::new(), BTreeMap::new());
        for line in done.stdout.split(|byte| *byte == 0) {
            // Names that are not UTF-8, and the end.
            let Some((about, path)) = str::from_utf8(line).ok().and_then(|line| line.split_once('\t')) else {
                continue;
            };
            match about.split(' ').collect::<Vec<_>>()[..] {
                ["120000", _, object] => {
                    let target = blobs.read(object, MAX_FILE)?;
                    links.insert(path, String::from_utf8_lossy(&target).into_owned());
                }
                [mode, "blob", object] => {
                    let entry = Entry {
                        object: object.to_owned(),
                        executable: mode == "100755",
                    };
                    entries.insert(path.to_owned(), entry);
                }
                // Commits of submodules.
                _ => {}
            }
        }
        for path in links.keys() {
            if let Some(entry) = end_of(path, &links).and_then(|end| entries.get(&end).cloned()) {
                entries.insert((*path).to_owned(), entry);
            }
        }
        Ok(Self {
            files: entries.keys().cloned().collect(),
            entries,
            blobs,
            _scratch: scratch,
        })
    }

    fn entry(&self, path: &str) -> Result<&Entry, String> {
        let found = self.entries.get(path);
        found.ok_or_else(|| format!("`{}` is not a file of the commit", printable(path)))
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        let read = self.blobs.read(&self.entry(path)?.object, MAX_FILE);
        read.map_err(|error| format!("cannot read `{}`: {}", printable(path), error.message))
    }
}

impl SourceTree for GitTree {
    fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|error| {
            let (good, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("cannot read `{}`: it is not UTF-8 (line {line})", printable(path))
        })
    }

    fn digest(&self, path: &str) -> Result<(Digest, bool), String> {
        Ok((Digest::of(&self.bytes(path)?), self.entry(path)?.executable))
    }

    /// It is nowhere on this machine as a file of its own.
    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from(path)
    }
}

/// git with a copy of the index, and with a place of its own for new objects: looking changes nothing.
fn beside(runner: &Runner, scratch: &Path, named: Option<&Path>) -> Result<Runner, StepError> {
    let args = ["rev-parse", "--path-format=absolute", "--show-toplevel"];
    let places = runner.say(&[&args[..], &["--git-path", "objects", "--git-path", "index"]].concat())?;
    let [top, objects, own] = places.lines().collect::<Vec<_>>()[..] else {
        return Err(StepError::new(
            "the repository is in a folder whose name has several lines",
        ));
    };
    // git reads the variable as seen from the top of the working tree.
    let index = named.map_or_else(|| PathBuf::from(own), |named| Path::new(top).join(named));
    let (copy, new) = (scratch.join("index"), scratch.join("objects"));
    match std::fs::copy(&index, &copy) {
        Ok(_) => {}
        // Before anything was staged there is none.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(io_error("read", &index)(error)),
    }
    let info = new.join("info");
    std::fs::create_dir_all(&info).map_err(io_error("make", &info))?;
    let alternates = info.join("alternates");
    std::fs::write(&alternates, format!("{objects}\n")).map_err(io_error("write", &alternates))?;
    Ok(runner
        .elsewhere(runner.root(), &[(INDEX, &copy), ("GIT_OBJECT_DIRECTORY", &new)])
        .set(["core.splitIndex=false"]))
}

/// Where a link leads in the end; `None` if that is outside, or in a circle.
fn end_of(link: &str, links: &BTreeMap<&str, String>) -> Option<String> {
    let mut path = link.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(target) = links.get(path.as_str()) else {
            return Some(path);
        };
        if target.starts_with('/') {
            return None;
        }
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." => _ = parts.pop()?,
                part => parts.push(part),
            }
        }
        path = parts.join("/");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_or_nowhere() {
        let links = [
            ("a/x", "../y"),
            ("y", "./z/../w"),
            ("out", "../z"),
            ("root", "/w"),
            ("one", "two"),
            ("two", "one"),
        ];
        let links = links.map(|(path, target)| (path, target.to_owned())).into();
        assert_eq!(end_of("a/x", &links).as_deref(), Some("w"));
        assert_eq!(end_of("w", &links).as_deref(), Some("w"));
        for nowhere in ["out", "root", "one"] {
            assert_eq!(end_of(nowhere, &links), None, "{nowhere}");
        }
    }
}
