//! What every version control system promises, asked of git, Mercurial, and Jujutsu with its store beside and inside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use model::{CommitId, NewCommit, NewTag, Vcs};

use crate::repository::log;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Git,
    Hg,
    JjBeside,
    JjInside,
}

const KINDS: [Kind; 4] = [Kind::Git, Kind::Hg, Kind::JjBeside, Kind::JjInside];

/// A throw-away repository of one kind.
pub(crate) struct Shop {
    pub(crate) kind: Kind,
    folder: tempfile::TempDir,
}

impl Shop {
    /// An empty one; `None` if its program is missing (which is an error in CI).
    fn open(kind: Kind) -> Option<Self> {
        let program = match kind {
            Kind::Git => "git",
            Kind::Hg => "hg",
            Kind::JjBeside | Kind::JjInside => "jj",
        };
        let is_there = search_path()
            .split(':')
            .any(|folder| Path::new(folder).join(program).is_file());
        if !is_there {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "`{program}` is missing"
            );
            eprintln!("passed over: `{program}` is missing");
            return None;
        }
        let shop = Self {
            kind,
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        std::fs::create_dir(shop.root()).expect("our own folder");
        match kind {
            Kind::Git => shop.run("git", &["init", "--quiet", "--initial-branch=main"]),
            Kind::Hg => shop.run("hg", &["init"]),
            Kind::JjBeside => shop.run("jj", &["git", "init", "--colocate"]),
            Kind::JjInside => shop.run("jj", &["git", "init", "--no-colocate"]),
        };
        Some(shop)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    fn env(&self) -> BTreeMap<String, String> {
        let home = self.folder.path().display().to_string();
        BTreeMap::from([("PATH".to_owned(), search_path()), ("HOME".to_owned(), home)])
    }

    fn run(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(program);
        command.current_dir(self.root()).env_clear().envs(self.env());
        for (name, value) in [("user.name", "Ada L"), ("user.email", "ada@example.com")] {
            match program {
                "git" => command.args(["-c", &format!("{name}={value}")]),
                "jj" => command.args(["--config", &format!("{name}={value:?}")]),
                _ => &mut command,
            };
        }
        if program == "hg" {
            command
                .env("HGUSER", "Ada L <ada@example.com>")
                .env("HGENCODING", "UTF-8");
        }
        let output = command.args(args).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {args:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        std::fs::create_dir_all(file.parent().expect("it has one")).expect("our own folder");
        std::fs::write(file, text).expect("our own file");
    }

    /// Commits files on the branch `main`.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> CommitId {
        for (path, text) in files {
            self.write(path, text);
        }
        match self.kind {
            Kind::Git => {
                self.run("git", &["add", "--all"]);
                self.run("git", &["commit", "--quiet", "--message", message]);
            }
            Kind::Hg => {
                self.run("hg", &["addremove", "--quiet"]);
                self.run("hg", &["commit", "--message", message]);
            }
            Kind::JjBeside | Kind::JjInside => {
                self.run("jj", &["commit", "--message", message]);
                self.run("jj", &["bookmark", "set", "main", "--revision", "@-"]);
            }
        }
        self.head()
    }

    /// Makes a commit beside the last one, with `files`, and merges it into `main`; in the merge itself, `own` is added.
    fn merge(&self, message: &str, files: &[(&str, &str)], own: &str) -> (CommitId, CommitId) {
        let (main, before) = (self.head().0, self.first_parent());
        let other = match self.kind {
            Kind::Git => {
                self.run("git", &["checkout", "--quiet", "-b", "other", &before]);
                let other = self.commit(message, files);
                self.run("git", &["checkout", "--quiet", "main"]);
                self.run("git", &["merge", "--quiet", "--no-ff", "--no-commit", "other"]);
                self.commit("Merge other", &[(own, "own")]);
                other
            }
            Kind::Hg => {
                self.run("hg", &["update", "--quiet", &before]);
                let other = self.commit(message, files);
                self.run("hg", &["update", "--quiet", &main]);
                self.run("hg", &["merge", "--quiet", &other.0]);
                self.commit("Merge other", &[(own, "own")]);
                other
            }
            Kind::JjBeside | Kind::JjInside => {
                self.run("jj", &["new", &before]);
                for (path, text) in files {
                    self.write(path, text);
                }
                self.run("jj", &["commit", "--message", message]);
                let other = self.run("jj", &["log", "--no-graph", "-r", "@-", "-T", "commit_id"]);
                self.run("jj", &["new", &main, &other]);
                self.commit("Merge other", &[(own, "own")]);
                CommitId(other)
            }
        };
        (self.head(), other)
    }

    fn first_parent(&self) -> String {
        let log = log(&*self.vcs(), &[]).expect("a log");
        log[0].parents[0].0.clone()
    }

    pub(crate) fn head(&self) -> CommitId {
        self.vcs().head().expect("a head").commit.expect("a commit")
    }

    pub(crate) fn vcs(&self) -> Arc<dyn Vcs> {
        let memory = self.folder.path().join("memory");
        let opened = adapters::open_vcs(&self.root(), &self.env(), None, memory).expect("a repository");
        opened.expect("a repository")
    }
}

/// The machine's own, and the tools of this project.
fn search_path() -> String {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin");
    let tools = tools.canonicalize().unwrap_or(tools);
    format!(
        "{}:{}",
        std::env::var("PATH").unwrap_or_default(),
        tools.display()
    )
}

pub(crate) fn each(test: impl Fn(&Shop)) {
    for kind in KINDS {
        if let Some(shop) = Shop::open(kind) {
            test(&shop);
        }
    }
}

#[test]
fn before_the_first_commit_there_is_nothing() {
    each(|shop| {
        let vcs = shop.vcs();
        let head = vcs.head().expect("a head");
        assert_eq!((head.commit, head.shallow), (None, false), "{:?}", shop.kind);
        assert_eq!(vcs.tags().expect("tags"), [], "{:?}", shop.kind);
        assert_eq!(log(&*vcs, &[]).expect("a log"), [], "{:?}", shop.kind);
    });
}

#[test]
fn commits_say_who_what_and_where() {
    each(|shop| {
        let kind = shop.kind;
        let one = shop.commit(
            "feat: \u{e9}clair \u{1f370}",
            &[("a b/\u{e9}.txt", "1"), ("z", "1")],
        );
        let two = shop.commit("fix: two\n\nBREAKING CHANGE: all\n", &[("z", "2")]);
        let log = log(&*shop.vcs(), &[]).expect("a log");
        let ids: Vec<&CommitId> = log.iter().map(|commit| &commit.id).collect();
        assert_eq!(ids, [&two, &one], "{kind:?}");
        assert_eq!(log[0].parents, std::slice::from_ref(&one), "{kind:?}");
        assert_eq!(
            log[0].message.trim_end(),
            "fix: two\n\nBREAKING CHANGE: all",
            "{kind:?}"
        );
        assert_eq!(log[0].paths, ["z"], "{kind:?}");
        assert_eq!(log[1].author, "Ada L", "{kind:?}");
        assert_eq!(
            log[1].message.trim_end(),
            "feat: \u{e9}clair \u{1f370}",
            "{kind:?}"
        );
        assert_eq!(log[1].paths, ["a b/\u{e9}.txt", "z"], "{kind:?}");
        assert_eq!(log[1].added, log[1].paths, "{kind:?}");
        assert_eq!(log[0].added, Vec::<String>::new(), "{kind:?}");
        assert!(
            log[0].time >= log[1].time && log[1].time > 1_700_000_000,
            "{kind:?}"
        );
        let head = shop.vcs().head().expect("a head");
        let branch = if kind == Kind::Hg { "default" } else { "main" };
        assert_eq!(
            (head.commit.as_ref(), head.branch.as_deref()),
            (Some(&two), Some(branch)),
            "{kind:?}"
        );
    });
}

#[test]
fn a_log_that_was_read_ahead_is_the_one_that_is_asked_for() {
    each(|shop| {
        let kind = shop.kind;
        let one = shop.commit("feat: one", &[("a", "1")]);
        let ahead = || {
            let vcs = shop.vcs();
            vcs.tags().expect("tags");
            vcs
        };
        let messages = |vcs: &dyn Vcs, since: &[CommitId]| -> Vec<String> {
            let log = log(vcs, since).expect("a log").into_iter();
            log.map(|commit| commit.message.trim_end().to_owned()).collect()
        };
        // Nothing is remembered yet; then just that, and it is given away once.
        for _ in 0..2 {
            let vcs = ahead();
            assert_eq!(messages(&*vcs, &[]), ["feat: one"], "{kind:?}");
            assert_eq!(messages(&*vcs, &[]), ["feat: one"], "{kind:?}");
        }
        // Something else is remembered than what is asked for.
        let vcs = ahead();
        shop.commit("fix: two", &[("a", "2")]);
        assert_eq!(messages(&*vcs, &[]), ["fix: two", "feat: one"], "{kind:?}");
        assert_eq!(messages(&*ahead(), &[one]), ["fix: two"], "{kind:?}");
    });
}

#[test]
fn what_a_merge_brought_is_in_the_log() {
    each(|shop| {
        let kind = shop.kind;
        let one = shop.commit("chore: one", &[("a", "1")]);
        let two = shop.commit("fix: two", &[("b", "1")]);
        let (merge, other) = shop.merge("feat: other", &[("c", "1")], "d");
        let vcs = shop.vcs();
        let log = log(&*vcs, std::slice::from_ref(&one)).expect("a log");
        let found = |id: &CommitId| log.iter().find(|commit| commit.id == *id);
        let merged = found(&merge).expect("the merge");
        // What it changes itself is its own.
        assert_eq!(
            (merged.parents.len(), &merged.paths[..]),
            (2, &["d".to_owned()][..]),
            "{kind:?}"
        );
        assert_eq!(merged.added, merged.paths, "{kind:?}");
        assert_eq!(found(&other).expect("the other").paths, ["c"], "{kind:?}");
        assert!(found(&two).is_some() && found(&one).is_none(), "{kind:?}");
        let looked_up = vcs.look_up(&other).expect("an answer").expect("a commit");
        assert_eq!(looked_up.paths, ["c"], "{kind:?}");
        let unknown = CommitId("0123456789012345678901234567890123456789".to_owned());
        assert_eq!(vcs.look_up(&unknown).expect("an answer"), None, "{kind:?}");
        let between = vcs.between(&two, &merge).expect("commits");
        assert_eq!(between.len(), 2, "{kind:?}: {between:?}");
    });
}

#[test]
fn files_of_commits_are_read_from_below_the_root() {
    each(|shop| {
        let one = shop.commit("feat: one", &[("a b/\u{e9}.md", "one\n\n"), ("z", "")]);
        let two = shop.commit("feat: two", &[("a b/\u{e9}.md", "two")]);
        let place = |commit: &CommitId, path: &str| (commit.clone(), path.to_owned());
        let asked = [
            place(&two, "a b/\u{e9}.md"),
            place(&one, "nowhere missing"),
            place(&one, "a b/\u{e9}.md"),
            place(&one, "z"),
            place(&one, "a\nb"),
            place(&two, "z/b"),
        ];
        let found = shop.vcs().contents(&asked).expect("files");
        let told = ["two", "-", "one\n\n", "", "-", "-"];
        let expected = told.map(|text| (text != "-").then(|| text.as_bytes().to_vec()));
        assert_eq!(found, expected, "{:?}", shop.kind);
        assert_eq!(
            shop.vcs().contents(&[]).expect("none"),
            Vec::<Option<Vec<u8>>>::new()
        );
    });
}

#[test]
fn tags_are_made_once_and_never_moved() {
    each(|shop| {
        let kind = shop.kind;
        let one = shop.commit("feat: one", &[("a", "1")]);
        let two = shop.commit("feat: two", &[("a", "2")]);
        let tag = |commit: &CommitId| NewTag {
            name: "core/v1.0.0".to_owned(),
            commit: commit.clone(),
            message: "core 1.0.0".to_owned(),
        };
        shop.vcs().create_tag(&tag(&one)).expect("a tag");
        shop.vcs().create_tag(&tag(&one)).expect("the same tag again");
        let moved = shop.vcs().create_tag(&tag(&two)).expect_err("another commit");
        assert!(moved.message.contains(&one.0), "{kind:?}: {moved}");
        let bad = NewTag {
            name: "-x".to_owned(),
            ..tag(&one)
        };
        assert!(shop.vcs().create_tag(&bad).is_err(), "{kind:?}");
        let tags = shop.vcs().tags().expect("tags");
        assert_eq!(tags.len(), 1, "{kind:?}: {tags:?}");
        assert_eq!(
            (tags[0].name.as_str(), &tags[0].commit),
            ("core/v1.0.0", &one),
            "{kind:?}"
        );
    });
}

#[test]
fn a_commit_takes_its_files_and_leaves_all_others() {
    each(|shop| {
        let kind = shop.kind;
        let files = [("own", "1"), ("gone", "1"), ("theirs", "1"), ("dir/own", "1")];
        let parent = shop.commit("feat: one", &files);
        shop.write("theirs", "changed by a person");
        let changed = shop.vcs().changed_files().expect("changed files");
        assert_eq!(changed, ["theirs"], "{kind:?}");
        let branch = shop.vcs().head().expect("a head").branch.expect("a branch");
        let new = NewCommit {
            branch: branch.clone(),
            parent: parent.clone(),
            message: "chore(release): core 1.0.0\n\nReleasekit-Release: x".to_owned(),
            files: BTreeMap::from([
                ("own".to_owned(), Some(b"2".to_vec())),
                ("dir/new".to_owned(), Some(b"new".to_vec())),
                ("gone".to_owned(), None),
            ]),
            time: 1_767_355_200,
        };
        let taken = NewCommit {
            files: BTreeMap::from([("theirs".to_owned(), Some(b"ours".to_vec()))]),
            ..new.clone()
        };
        let refused = shop.vcs().commit(&taken).expect_err("a person changed it");
        assert!(
            refused.message.contains("theirs") && refused.hint.is_some(),
            "{kind:?}: {refused}"
        );
        assert_eq!(shop.head(), parent, "{kind:?}");

        let made = shop.vcs().commit(&new).expect("a commit");
        let vcs = shop.vcs();
        let head = vcs.head().expect("a head");
        assert_eq!(
            (head.commit.as_ref(), head.branch),
            (Some(&made), Some(branch.clone())),
            "{kind:?}"
        );
        assert_eq!(
            vcs.branch(&branch).expect("a branch").as_ref(),
            Some(&made),
            "{kind:?}"
        );
        assert_eq!(vcs.branch("none").expect("an answer"), None, "{kind:?}");
        let log = log(&*vcs, std::slice::from_ref(&parent)).expect("a log");
        assert_eq!(log.len(), 1, "{kind:?}: {log:?}");
        assert_eq!(log[0].paths, ["dir/new", "gone", "own"], "{kind:?}");
        assert_eq!(
            (&log[0].added[..], &log[0].removed[..]),
            (&["dir/new".to_owned()][..], &["gone".to_owned()][..]),
            "{kind:?}"
        );
        assert_eq!(
            (log[0].time, &log[0].parents[0]),
            (1_767_355_200, &parent),
            "{kind:?}"
        );
        assert!(log[0].message.contains("Releasekit-Release: x"), "{kind:?}");

        let files = vcs.files(&made).expect("its files");
        let names = ["dir/new", "dir/own", "own", "theirs"];
        assert!(
            names.iter().all(|name| files.contains(*name)) && !files.contains("gone"),
            "{kind:?}: {files:?}"
        );
        let read = |path: &str| std::fs::read_to_string(shop.root().join(path)).ok();
        assert_eq!(read("own").as_deref(), Some("2"), "{kind:?}");
        assert_eq!(read("dir/new").as_deref(), Some("new"), "{kind:?}");
        assert_eq!(read("gone"), None, "{kind:?}");
        assert_eq!(read("theirs").as_deref(), Some("changed by a person"), "{kind:?}");
        assert_eq!(
            vcs.changed_files().expect("changed files"),
            ["theirs"],
            "{kind:?}"
        );
        let late = shop.vcs().commit(&NewCommit {
            message: "another".to_owned(),
            ..new
        });
        assert!(late.is_err(), "{kind:?}: the branch is elsewhere by now");
    });
}
