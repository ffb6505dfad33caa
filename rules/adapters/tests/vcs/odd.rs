//! Odd repositories: each has a clear outcome, and none ends in a panic.

use std::ffi::OsStr;

use adapters::Git;
use engine::StepError;
use model::{NewTag, Vcs as _};

use crate::repository::{Repository, log};

/// Everything a release asks of a repository.
fn ask(git: &Git) -> Result<(usize, usize), StepError> {
    let head = git.head()?;
    let tags = git.tags()?;
    let since: Vec<_> = tags.iter().map(|tag| tag.commit.clone()).collect();
    log(git, &since)?;
    git.changed_files()?;
    let log = log(git, &[])?;
    if let Some(commit) = head.commit {
        let tag = NewTag {
            name: "releasekit-was-here".to_owned(),
            commit,
            message: "m".to_owned(),
        };
        git.create_tag(&tag)?;
    }
    Ok((log.len(), tags.len()))
}

/// A commit with these bytes as its message and this header, on top of the head.
fn raw_commit(repository: &Repository, header: &str, message: &[u8]) {
    let tree = repository.git(["rev-parse", "HEAD^{tree}"]);
    let about = format!(
        "tree {tree}\nparent {}\nauthor a <a@b> 7 +0000\ncommitter a <a@b> 7 +0000\n{header}\n",
        repository.head()
    );
    let raw = [about.as_bytes(), message].concat();
    let args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
    let id = repository.git_with(args, &raw);
    repository.git(["reset", "--quiet", "--hard", &id]);
}

#[test]
fn commits_without_a_date_are_commits_all_the_same() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("first", &["a"]);
    let whole = repository.git(["cat-file", "commit", "HEAD"]);
    let (before, after) = whole
        .split_once("\ncommitter ")
        .expect("a commit has a committer");
    let rest = after.split_once('\n').expect("more follows").1;
    for committer in [
        "A <a@b>",
        "A <a@b> -5 +0000",
        "A <a@b> 99999999999999999999 +0000",
        "A <a@b> x y",
    ] {
        let raw = format!("{before}\ncommitter {committer}\n{rest}");
        let args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
        let id = repository.git_with(args, raw.as_bytes());
        repository.git(["reset", "--quiet", "--hard", &id]);
        let commits = log(&repository.open(), &[]).expect("history is there");
        assert_eq!(
            (commits[0].message.as_str(), commits[0].time),
            ("first", 0),
            "{committer}"
        );
    }
    // Nothing of it can be read by what it says of itself.
    raw_commit(&repository, "encoding UTF-16LE\n", b"fix: ascii");
    assert_eq!(log(&repository.open(), &[]).expect("history is there").len(), 2);
}

#[test]
fn any_message_is_told_as_text() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("first", &["a"]);
    let huge = [b"feat: big\n\n".as_slice(), "é line\n".repeat(200_000).as_bytes()].concat();
    let messages: &[(&str, &[u8], &str)] = &[
        ("", b"fix: caf\xe9\n", "fix: caf\u{e9}"),
        ("encoding ISO-8859-1\n", b"fix: caf\xe9\n", "fix: caf\u{e9}"),
        ("encoding no-such-encoding\n", b"fix: caf\xe9\n", "fix: caf\u{e9}"),
        ("encoding UTF-8\n", b"fix: \xf0\x28\x8c\n", "fix: \u{f0}(\u{8c}"),
        ("", "fix: ☃ \u{202e}".as_bytes(), "fix: ☃ \u{202e}"),
        ("", b"\xef\xbb\xbffix: bom", "\u{feff}fix: bom"),
        (
            "",
            b"fix: \x01\x1b[31m\x7f\r\n\r\nbody\r\n",
            "fix: \u{1}\u{1b}[31m\u{7f}\r",
        ),
        ("", b"", ""),
        ("", b"\n\n\nfix: late", "fix: late"),
        ("", &huge, "feat: big"),
        (
            "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n",
            b"fix: signed",
            "fix: signed",
        ),
        ("x-unknown header\n more of it\n", b"fix: header", "fix: header"),
    ];
    for (header, message, expected) in messages {
        raw_commit(&repository, header, message);
        let commits = log(&repository.open(), &[]).expect("history is there");
        let told = commits[0].message.trim_start_matches('\n').split('\n').next();
        assert_eq!(told, Some(*expected), "{header:?}");
        assert!(commits[0].message.len() >= message.len() / 2);
    }
    ask(&repository.open()).expect("it is a repository");
}

#[test]
fn odd_repositories_are_read_or_refused() {
    /// What it is, how it comes about, and how many commits and tags are told of it, or why none are.
    type Case = (
        &'static str,
        fn(&Repository),
        Result<(usize, usize), &'static str>,
    );
    let cases: &[Case] = &[
        ("empty", |_| {}, Ok((0, 0))),
        ("no tags", |r| drop(r.commit("one", &["a"])), Ok((1, 0))),
        (
            "tags that do not parse",
            |r| {
                r.commit("one", &["a"]);
                for name in [
                    "v",
                    "v1",
                    "latest",
                    "core/v1.2",
                    "ünï/v1.0.0",
                    "v1.0.0.0.0",
                    "core/v99999999999999999999.0.0",
                ] {
                    r.git(["tag", name]);
                }
            },
            Ok((1, 7)),
        ),
        (
            "tags of trees and blobs, and tags of tags",
            |r| {
                r.commit("one", &["a"]);
                r.git(["tag", "tree", "HEAD^{tree}"]);
                r.git(["tag", "-m", "m", "blob", "HEAD:a"]);
                r.git(["tag", "-m", "m", "one"]);
                r.git(["tag", "-m", "m", "two", "one"]);
            },
            Ok((1, 2)),
        ),
        (
            "detached",
            |r| {
                r.commit("one", &["a"]);
                r.git(["checkout", "--quiet", "--detach"]);
            },
            Ok((1, 0)),
        ),
        (
            "a tag ahead of the branch, and two on one commit",
            |r| {
                r.commit("one", &["a"]);
                r.commit("two", &["a"]);
                r.git(["tag", "v2.0.0"]);
                r.git(["tag", "v2.0.1"]);
                r.git(["reset", "--quiet", "--hard", "HEAD~"]);
            },
            Ok((1, 2)),
        ),
        (
            "replaced",
            |r| {
                let one = r.commit("one", &["a"]);
                let two = r.commit("two", &["a"]);
                r.commit("three", &["a"]);
                r.git(["replace", "-f", &two.0, &one.0]);
            },
            Ok((3, 0)),
        ),
        (
            "grafted",
            |r| {
                r.commit("one", &["a"]);
                r.commit("two", &["a"]);
                let three = r.commit("three", &["a"]);
                r.write(".git/info/grafts", &format!("{three}\n"));
            },
            Ok((3, 0)),
        ),
        (
            "with a submodule",
            |r| {
                let one = r.commit("one", &["a"]);
                r.write(
                    ".gitmodules",
                    "[submodule \"m\"]\n\tpath = m\n\turl = ../nowhere\n",
                );
                r.git(["add", ".gitmodules"]);
                r.git(["update-index", "--add", "--cacheinfo", &format!("160000,{one},m")]);
                r.git(["commit", "--quiet", "-m", "two"]);
            },
            Ok((2, 0)),
        ),
        (
            "odd paths",
            |r| {
                use std::os::unix::ffi::OsStrExt as _;
                r.write("li\nne", "1");
                r.write("quo\"te\\", "1");
                std::fs::write(r.root().join(OsStr::from_bytes(b"\xff\xfe")), "1").expect("ours");
                r.commit("one", &["a"]);
            },
            Ok((1, 0)),
        ),
        (
            "without a branch's commit",
            |r| {
                r.commit("one", &["a"]);
                r.git(["checkout", "--quiet", "--orphan", "fresh"]);
            },
            Ok((0, 0)),
        ),
        (
            "bare",
            |r| {
                r.commit("one", &["a"]);
                r.git(["config", "core.bare", "true"]);
            },
            Err("working tree"),
        ),
        (
            "of another format",
            |r| {
                r.commit("one", &["a"]);
                r.git(["config", "core.repositoryFormatVersion", "99"]);
            },
            Err("99"),
        ),
        (
            "without objects",
            |r| {
                r.commit("one", &["a"]);
                std::fs::remove_dir_all(r.root().join(".git/objects")).expect("there");
                std::fs::create_dir(r.root().join(".git/objects")).expect("ours");
            },
            Err(""),
        ),
        (
            "with a broken index",
            |r| {
                r.commit("one", &["a"]);
                r.write(".git/index", "junk");
            },
            Err("index"),
        ),
        (
            "with an odd HEAD",
            |r| {
                r.commit("one", &["a"]);
                r.write(".git/HEAD", "ref: refs/heads/../../x\n");
            },
            Err(""),
        ),
    ];
    for (name, make, expected) in cases {
        let Some(repository) = Repository::new() else {
            return;
        };
        make(&repository);
        let opened = Git::open(&repository.root(), repository.env());
        let outcome = opened.and_then(|git| match git {
            Some(git) => ask(&git),
            None => Err(StepError::new("no repository")),
        });
        match (outcome, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, *expected, "{name}"),
            (Err(error), Err(words)) => assert!(error.message.contains(words), "{name}: {error}"),
            (outcome, _) => panic!("{name}: {outcome:?}"),
        }
    }
}

#[test]
fn longer_names_of_objects_are_names() {
    let Some(repository) = Repository::new() else {
        return;
    };
    std::fs::remove_dir_all(repository.root().join(".git")).expect("there");
    repository.git([
        "init",
        "--quiet",
        "--object-format=sha256",
        "--initial-branch=main",
    ]);
    let one = repository.commit("one", &["a"]);
    assert_eq!(one.0.len(), 64);
    assert_eq!(ask(&repository.open()).expect("it is a repository"), (1, 0));
    let wanted = model::NewCommit {
        branch: "main".to_owned(),
        parent: one,
        message: "chore: x".to_owned(),
        files: [("a".to_owned(), None), ("b".to_owned(), Some(b"1".to_vec()))].into(),
        time: 7,
    };
    let made = repository.open().commit(&wanted).expect("it can be made");
    assert_eq!(
        (repository.head(), repository.git(["status", "--porcelain"])),
        (made, String::new())
    );
}

#[test]
fn a_clone_without_files_is_read_and_one_without_trees_is_refused_with_a_way_out() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    repository.commit("two", &["a"]);
    repository.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repository.root().display());
    let clone = |name: &str, filter: &str| {
        let place = repository.beside(name);
        let args = [
            "clone",
            "--quiet",
            "--no-checkout",
            filter,
            &url,
            place.to_str().expect("UTF-8"),
        ];
        repository.git(args);
        Git::open(&place, repository.env())
            .expect("git answers")
            .expect("a repository")
    };
    let blobless = clone("blobless", "--filter=blob:none");
    assert_eq!(log(&blobless, &[]).expect("history is there").len(), 2);
    let treeless = clone("treeless", "--filter=tree:0");
    let error = log(&treeless, &[]).expect_err("what was changed is not there");
    assert!(error.hint.is_some(), "{error:?}");
}

#[test]
fn a_repository_of_somebody_else_is_refused_with_a_way_out() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    // Only root may give files away.
    if std::os::unix::fs::chown(repository.root(), Some(12_345), None).is_err() {
        return;
    }
    std::os::unix::fs::chown(repository.root().join(".git"), Some(12_345), None).expect("root");
    let error = Git::open(&repository.root(), repository.env())
        .err()
        .expect("not ours");
    assert!(
        error
            .hint
            .as_ref()
            .is_some_and(|hint| hint.contains("safe.directory")),
        "{error:?}"
    );
}
