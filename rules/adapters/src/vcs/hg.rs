//! Mercurial, through its command line.
//!
//! A tag of Mercurial is a line of `.hgtags`, and making one makes a commit on top of what is checked out; the tag
//! names the commit that was released all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::{StepError, printable};
use model::{Commit, CommitId, Head, NewCommit, NewTag, Revisions, Tag, Vcs, legal_tag};

use super::lay_out::{check_links, lay_out};
use super::runner::Runner;
use crate::host::io_error;

/// Before every command: no questions, no colours, and paths from the repository's top.
const ALWAYS: [&str; 7] = [
    "--noninteractive",
    "--config",
    "ui.relative-paths=no",
    "--config",
    "ui.merge=internal:fail",
    "--config",
    "ui.username=releasekit <releasekit@localhost>",
];
const HINT: &str = "install Mercurial 6.1 or later (`pip install mercurial`)";

/// The file that holds the tags.
const TAGS: &str = ".hgtags";

/// The identity of the commit before all others.
const NULL: &str = "0000000000000000000000000000000000000000";

/// How a commit is printed: six fields; its files, those it adds and those it removes, each list up to an empty field.
const TEMPLATE: &str = "{node}\\0{p1node}\\0{p2node}\\0{person(author)}\\0{date|hgdate}\\0{desc}\\0{files % \"{file}\\0\"}\\0\
                        {file_adds % \"{file}\\0\"}\\0{file_dels % \"{file}\\0\"}\\0";

/// How many commits one revision set names; with more, all of history is read, which is right and slower.
const MOST_NAMED: usize = 1_000;

/// A Mercurial repository, seen from a folder in it.
pub struct Hg {
    runner: Runner,
    /// The folder's place in the repository: empty, or ending with a slash.
    prefix: String,
}

impl Hg {
    /// The repository that `root` lies in; `None` if it lies in none.
    ///
    /// # Errors
    /// hg is not there.
    pub fn open(root: &Path, mut env: BTreeMap<String, String>) -> Result<Option<Self>, StepError> {
        let Some(top) = root.ancestors().find(|folder| folder.join(".hg").is_dir()) else {
            return Ok(None);
        };
        env.retain(|name, _| !name.starts_with("HG") && !name.starts_with("LC_"));
        for (name, value) in [("HGPLAIN", "1"), ("HGENCODING", "UTF-8"), ("LC_ALL", "C")] {
            env.insert(name.to_owned(), value.to_owned());
        }
        let inside = root
            .strip_prefix(top)
            .map_or("", |inside| inside.to_str().unwrap_or_default());
        let prefix = if inside.is_empty() {
            String::new()
        } else {
            format!("{inside}/")
        };
        let runner = Runner::find("hg", root, env, HINT)?.always(ALWAYS);
        Ok(Some(Self { runner, prefix }))
    }

    fn commits(&self, revisions: &str) -> Result<Vec<Commit>, StepError> {
        let said = self
            .runner
            .say(&["log", "--template", TEMPLATE, "--rev", revisions])?;
        let unknown = || StepError::new("`hg log` answered in a form that is not known");
        self.parse(&said).ok_or_else(unknown)
    }

    fn parse(&self, said: &str) -> Option<Vec<Commit>> {
        let mut commits = Vec::new();
        let mut fields = said.split_terminator('\0');
        while let Some(id) = fields.next() {
            let parents: Vec<&str> = [fields.next()?, fields.next()?]
                .into_iter()
                .filter(|id| *id != NULL)
                .collect();
            let author = fields.next()?.to_owned();
            let time = fields.next()?.split(' ').next()?.parse().ok()?;
            let message = fields.next()?.to_owned();
            let mut files =
                || -> Vec<&str> { fields.by_ref().take_while(|field| !field.is_empty()).collect() };
            let (changed, added, removed) = (files(), files(), files());
            let is_empty = changed.is_empty() && parents.len() < 2;
            let inside = |files: Vec<&str>| -> Vec<String> {
                let inside: BTreeSet<String> = files.iter().filter_map(|file| self.inside(file)).collect();
                inside.into_iter().collect()
            };
            commits.push(Commit {
                id: CommitId(id.to_owned()),
                parents: parents.into_iter().map(|id| CommitId(id.to_owned())).collect(),
                author,
                time,
                message,
                paths: inside(changed),
                added: inside(added),
                removed: inside(removed),
                is_empty,
            });
        }
        Some(commits)
    }

    /// A path of the repository as seen from the root; `None` if it is outside.
    fn inside(&self, path: &str) -> Option<String> {
        path.strip_prefix(&self.prefix).map(str::to_owned)
    }

    /// The files that hg says are changed, of those that `flags` ask for.
    fn status(&self, flags: &str) -> Result<Vec<String>, StepError> {
        let said = self.runner.say(&["status", flags, "--no-status", "--print0"])?;
        let mut paths: Vec<String> = said
            .split_terminator('\0')
            .filter_map(|path| self.inside(path))
            .collect();
        paths.sort();
        Ok(paths)
    }

    /// What must hold before a commit is made: what is checked out is the branch, at the commit that is followed or after
    /// nothing but tags of it.
    fn check(&self, commit: &NewCommit) -> Result<(), StepError> {
        let head = self.head()?;
        let is_there = match &head.commit {
            Some(at) if head.branch.as_deref() == Some(&commit.branch) => {
                let since = self.between(&commit.parent, at)?;
                let follows = since.last().map_or(at == &commit.parent, |oldest| {
                    oldest.parents.first() == Some(&commit.parent)
                });
                follows && since.iter().all(|one| one.paths.iter().all(|path| path == TAGS))
            }
            _ => false,
        };
        if !is_there {
            let message = format!(
                "`{}` at commit {} is not what is checked out",
                commit.branch, commit.parent
            );
            return Err(StepError::new(message).hint("somebody committed meanwhile: update, and run again"));
        }
        let changed = self.status("-mardu")?;
        if let Some(path) = commit.files.keys().find(|path| changed.contains(path)) {
            let message = format!("`{path}` has changes that are not committed");
            return Err(StepError::new(message).hint("commit or undo them, and run again"));
        }
        let mut paths = commit.files.keys();
        paths.try_for_each(|path| check_links(self.runner.root(), path))
    }

    fn write(&self, commit: &NewCommit) -> Result<(), StepError> {
        for (path, bytes) in &commit.files {
            let file = self.runner.root().join(path);
            match bytes {
                Some(bytes) => lay_out(&file, bytes, false)?,
                None => std::fs::remove_file(&file).map_err(io_error("remove", &file))?,
            }
        }
        Ok(())
    }
}

impl Revisions for Hg {
    fn branch(&self, name: &str) -> Result<Option<CommitId>, StepError> {
        if name.contains(['"', '\\']) {
            return Ok(None);
        }
        let said = self.runner.run(
            &["log", "--template", "{node}", "--rev", &format!("\"{name}\"")],
            b"",
        )?;
        match said.code {
            Some(0) => Ok(Some(CommitId(said.text()))),
            Some(255) if said.stderr.contains("unknown revision") => Ok(None),
            _ => Err(said.failure()),
        }
    }

    fn between(&self, from: &CommitId, to: &CommitId) -> Result<Vec<Commit>, StepError> {
        self.commits(&format!("reverse(only({}, {}))", node(to)?, node(from)?))
    }

    fn look_up(&self, id: &CommitId) -> Result<Option<Commit>, StepError> {
        let said = self
            .runner
            .run(&["log", "--template", TEMPLATE, "--rev", node(id)?], b"")?;
        match said.code {
            Some(0) => Ok(self.parse(&said.text()).and_then(|mut commits| commits.pop())),
            Some(255) if said.stderr.contains("unknown revision") => Ok(None),
            _ => Err(said.failure()),
        }
    }

    /// hg shows the files of one commit at a time, and not where one ends.
    fn contents(&self, files: &[(CommitId, String)]) -> Result<Vec<Option<Vec<u8>>>, StepError> {
        let one = |(commit, path): &(CommitId, String)| {
            let place = format!("path:{}{path}", self.prefix);
            let said = self
                .runner
                .run(&["cat", "--rev", node(commit)?, "--", &place], b"")?;
            match said.code {
                Some(0) => Ok(Some(said.stdout)),
                Some(1) => Ok(None),
                _ => Err(said.failure()),
            }
        };
        files.iter().map(one).collect()
    }

    fn files(&self, commit: &CommitId) -> Result<BTreeSet<String>, StepError> {
        let args = ["files", "--rev", node(commit)?, "--template", "{path}\\0"];
        let said = self.runner.run(&args, b"")?;
        match said.code {
            Some(0) => {}
            // It holds nothing.
            Some(1) => return Ok(BTreeSet::new()),
            _ => return Err(said.failure()),
        }
        let text = said.text();
        let inside = text
            .split('\0')
            .filter_map(|path| path.strip_prefix(&self.prefix));
        Ok(inside
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect())
    }
}

impl Vcs for Hg {
    fn name(&self) -> &'static str {
        "hg"
    }

    fn head(&self) -> Result<Head, StepError> {
        let template = "{node}\\0{if(activebookmark, activebookmark, branch)}";
        let said = self.runner.say(&["log", "--template", template, "--rev", "."])?;
        let (commit, branch) = said.split_once('\0').unwrap_or((&said, ""));
        Ok(Head {
            commit: (commit != NULL && !commit.is_empty()).then(|| CommitId(commit.to_owned())),
            branch: Some(branch.to_owned()).filter(|name| !name.is_empty()),
            shallow: false,
        })
    }

    fn tags(&self) -> Result<Vec<Tag>, StepError> {
        let said = self.runner.say(&["tags", "--template", "{tag}\\0{node}\\0"])?;
        let mut fields = said.split_terminator('\0');
        let mut tags = Vec::new();
        while let (Some(name), Some(commit)) = (fields.next(), fields.next()) {
            // hg's own name for the newest commit.
            if name != "tip" {
                tags.push(Tag {
                    name: name.to_owned(),
                    commit: CommitId(commit.to_owned()),
                });
            }
        }
        tags.sort();
        Ok(tags)
    }

    fn log(&self, head: &Head, since: &[CommitId]) -> Result<Vec<Commit>, StepError> {
        let Some(head) = &head.commit else {
            return Ok(Vec::new());
        };
        let head = node(head)?;
        let known = since.iter().map(node).collect::<Result<Vec<_>, _>>()?;
        if known.is_empty() || known.len() > MOST_NAMED {
            return self.commits(&format!("reverse(::{head})"));
        }
        self.commits(&format!("reverse(::{head} - ::ancestor({}))", known.join(", ")))
    }

    fn changed_files(&self) -> Result<Vec<String>, StepError> {
        self.status("-mard")
    }

    fn create_tag(&self, tag: &NewTag) -> Result<(), StepError> {
        let name = &tag.name;
        legal_tag(name)
            .map_err(|why| StepError::new(format!("`{}` cannot be a tag: {why}", printable(name))))?;
        if let Some(there) = self.tags()?.into_iter().find(|there| there.name == *name) {
            if there.commit == tag.commit {
                return Ok(());
            }
            let message = format!("the tag `{name}` is on commit {} already", there.commit);
            return Err(StepError::new(message).hint("a tag is never moved: release another version"));
        }
        let commit = node(&tag.commit)?;
        let date = self
            .runner
            .say(&["log", "--template", "{date|hgdate}", "--rev", commit])?;
        let args = [
            "tag",
            "--rev",
            commit,
            "--message",
            &tag.message,
            "--user",
            "releasekit",
            "--date",
            &date,
            "--",
            name,
        ];
        self.runner.say(&args).map(drop)
    }

    fn commit(&self, commit: &NewCommit) -> Result<CommitId, StepError> {
        self.check(commit)?;
        let paths: Vec<&str> = commit.files.keys().map(String::as_str).collect();
        let named = |command: &[&'static str]| {
            let mut args: Vec<String> = command.iter().map(|arg| (*arg).to_owned()).collect();
            args.push("--".to_owned());
            args.extend(paths.iter().map(|path| format!("path:{}{path}", self.prefix)));
            args
        };
        let say = |args: &[String]| {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            self.runner.say(&args)
        };
        let date = format!("{} 0", commit.time);
        let made = self.write(commit).and_then(|()| {
            say(&named(&["addremove", "--quiet", "--similarity", "0"]))?;
            let mut args = named(&["commit", "--user", "releasekit <releasekit@localhost>"]);
            let at = args.len() - paths.len() - 1;
            let more = ["--message", &commit.message, "--date", &date].map(str::to_owned);
            args.splice(at..at, more);
            say(&args)
        });
        if let Err(error) = made {
            // Back to what was committed: the files had no changes of their own.
            let undone = say(&named(&["revert", "--no-backup", "--rev", "."]));
            return Err(match undone {
                Ok(_) => error,
                Err(other) => StepError::new(format!(
                    "{}; and it could not be undone: {}",
                    error.message, other.message
                )),
            });
        }
        let head = self.head()?.commit;
        head.ok_or_else(|| StepError::new("`hg commit` made no commit"))
    }
}

/// A commit's whole identity, which is no other revision set.
fn node(id: &CommitId) -> Result<&str, StepError> {
    let is_whole = id.0.len() == 40 && id.0.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_whole {
        Ok(&id.0)
    } else {
        Err(StepError::new(format!(
            "`{}` is not the full name of a commit",
            printable(&id.0)
        )))
    }
}
