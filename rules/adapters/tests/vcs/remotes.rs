//! Remotes: what is pushed to a real repository elsewhere, and what is not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use adapters::GitRemote;
use model::{CommitId, NewTag, Push, Remote as _, Vcs as _};

use crate::repository::Repository;

/// A repository with a commit, a bare one beside it, and a remote called `origin` that is that.
fn with_remote() -> Option<(Repository, PathBuf, CommitId)> {
    let repository = Repository::new()?;
    let one = repository.commit("one", &["a"]);
    let bare = repository.beside("bare.git");
    repository.git(["clone", "--quiet", "--bare", ".", bare.to_str().expect("UTF-8")]);
    repository.git(["remote", "add", "origin", bare.to_str().expect("UTF-8")]);
    Some((repository, bare, one))
}

fn open(repository: &Repository) -> GitRemote {
    GitRemote::open(&repository.root(), repository.env(), "origin")
        .expect("git answers")
        .expect("there is a remote")
}

fn tag(repository: &Repository, name: &str, commit: &CommitId) {
    let tag = NewTag {
        name: name.to_owned(),
        commit: commit.clone(),
        message: name.to_owned(),
    };
    repository.open().create_tag(&tag).expect("the name is free");
}

fn push(tags: &[&str]) -> Push {
    Push {
        tags: tags.iter().map(|name| (*name).to_owned()).collect(),
        branch: None,
    }
}

/// The references of the remote, as plain git shows them.
fn there(repository: &Repository, bare: &Path) -> String {
    let format = "--format=%(refname) %(objecttype)";
    repository.git(["--git-dir", bare.to_str().expect("UTF-8"), "for-each-ref", format])
}

fn hook(bare: &Path, name: &str, script: &str) {
    let path = bare.join("hooks").join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("our own file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("our own file");
}

#[test]
fn only_what_is_named_is_pushed() {
    let Some((repository, bare, one)) = with_remote() else {
        return;
    };
    assert!(
        GitRemote::open(&repository.root(), repository.env(), "nobody")
            .expect("git answers")
            .is_none()
    );
    assert!(
        GitRemote::open(&repository.root(), repository.env(), "--all").is_ok_and(|found| found.is_none())
    );
    for setting in ["push.followTags", "remote.origin.prune", "push.autoSetupRemote"] {
        repository.git(["config", setting, "true"]);
    }
    repository.git(["config", "remote.origin.push", "+refs/*:refs/*"]);
    let two = repository.commit("two", &["a"]);
    for name in ["core/v1.0.0", "app/v1.0.0", "other"] {
        tag(&repository, name, &one);
    }
    let remote = open(&repository);
    assert_eq!(
        (remote.name().as_str(), remote.address()),
        ("origin", bare.display().to_string())
    );
    repository.git(["remote", "set-url", "origin", "../bare.git"]);
    let place = bare.canonicalize().expect("there").display().to_string();
    assert_eq!(
        open(&repository).address(),
        place,
        "a relative address is one of this folder only"
    );
    let remote = open(&repository);
    assert_eq!(remote.tags().expect("read"), []);
    let wanted = push(&["app/v1.0.0", "core/v1.0.0"]);
    remote.push(&wanted).expect("it is taken");
    remote.push(&wanted).expect("it is there already");
    let expected = "refs/heads/main commit\nrefs/tags/app/v1.0.0 tag\nrefs/tags/core/v1.0.0 tag";
    assert_eq!(there(&repository, &bare), expected);
    let tags = remote.tags().expect("read");
    assert!(
        tags.len() == 2 && tags.iter().all(|tag| tag.commit == one),
        "{tags:?}"
    );

    assert_eq!(remote.branch("main").expect("read"), Some(one.clone()));
    assert_eq!(remote.branch("none").expect("read"), None);
    assert!(!remote.leads_to("main", &two).expect("read"));
    let branch = Push {
        branch: Some(("main".to_owned(), two.clone())),
        ..push(&["other"])
    };
    remote.push(&branch).expect("it is taken");
    assert_eq!(remote.branch("main").expect("read"), Some(two.clone()));
    assert!(remote.leads_to("main", &one).expect("read") && remote.leads_to("main", &two).expect("read"));

    let unknown = remote.push(&push(&["never"])).expect_err("there is no such tag");
    assert!(unknown.message.contains("`never`"));
}

#[test]
fn a_refused_reference_takes_all_others_with_it() {
    let Some((repository, bare, one)) = with_remote() else {
        return;
    };
    let before = there(&repository, &bare);
    for name in ["a", "b", "c"] {
        tag(&repository, name, &one);
    }
    hook(
        &bare,
        "update",
        "case $1 in refs/tags/b) echo 'not b, never'; exit 1;; esac",
    );
    let error = open(&repository)
        .push(&push(&["a", "b", "c"]))
        .expect_err("one is refused");
    assert!(
        error.message.contains("`refs/tags/b`") && !error.message.contains("`refs/tags/a`"),
        "{error}"
    );
    assert!(
        error.message.contains("not b, never") && !error.transient && error.hint.is_some(),
        "{error:?}"
    );
    assert_eq!(there(&repository, &bare), before);
    std::fs::remove_file(bare.join("hooks/update")).expect("it was there");

    hook(
        &bare,
        "pre-receive",
        "while read old new name; do [ $name != refs/tags/c ] || exit 1; done",
    );
    let error = open(&repository)
        .push(&push(&["a", "c"]))
        .expect_err("all are refused");
    assert!(error.message.contains("pre-receive hook declined"), "{error}");
    assert_eq!(there(&repository, &bare), before);
    std::fs::remove_file(bare.join("hooks/pre-receive")).expect("it was there");
    open(&repository)
        .push(&push(&["a", "b", "c"]))
        .expect("nothing stands in the way");
}

#[test]
fn nothing_is_moved_there() {
    let Some((repository, bare, one)) = with_remote() else {
        return;
    };
    let two = repository.commit("two", &["a"]);
    tag(&repository, "v1", &two);
    tag(&repository, "v2", &two);
    let git_dir = bare.to_str().expect("UTF-8");
    repository.git(["--git-dir", git_dir, "update-ref", "refs/tags/v1", &one.0]);
    let before = there(&repository, &bare);
    let error = open(&repository)
        .push(&push(&["v1", "v2"]))
        .expect_err("it names another commit there");
    assert!(
        error.message.contains(&one.0) && error.message.contains(&two.0),
        "{error}"
    );
    assert!(!error.transient && error.hint.is_some());
    assert_eq!(there(&repository, &bare), before);
    // A tag made by hand on the same commit is the same.
    repository.git(["push", "--quiet", "origin", "main"]);
    repository.git(["--git-dir", git_dir, "update-ref", "refs/tags/v2", &two.0]);
    open(&repository)
        .push(&push(&["v2"]))
        .expect("it names that commit");

    // Somebody else's commits on the branch: nothing is forced, and ours is found beneath theirs.
    let other = repository.beside("other");
    repository.git(["clone", "--quiet", git_dir, other.to_str().expect("UTF-8")]);
    let in_other = |args: &[&str]| {
        let place = ["-C", other.to_str().expect("UTF-8")];
        repository.git(place.iter().chain(args))
    };
    in_other(&["commit", "--quiet", "--allow-empty", "-m", "theirs"]);
    in_other(&["push", "--quiet", "origin", "main"]);
    let remote = open(&repository);
    assert!(
        remote.leads_to("main", &two).expect("read"),
        "theirs stands on ours"
    );
    let three = repository.commit("three", &["a"]);
    assert!(!remote.leads_to("main", &three).expect("read"));
    tag(&repository, "v3", &three);
    let wanted = Push {
        branch: Some(("main".to_owned(), three)),
        ..push(&["v3"])
    };
    let error = remote.push(&wanted).expect_err("it is not forward");
    assert!(
        error.hint.as_ref().is_some_and(|hint| hint.contains("git pull")),
        "{error:?}"
    );
    assert!(
        !there(&repository, &bare).contains("v3"),
        "the tag went without the branch"
    );
}

#[test]
fn a_remote_that_is_not_there_is_an_error_with_a_way_out() {
    let Some((repository, bare, one)) = with_remote() else {
        return;
    };
    tag(&repository, "v1", &one);
    let remote = open(&repository);
    std::fs::rename(&bare, repository.beside("moved.git")).expect("ours");
    for error in [
        remote.tags().expect_err("gone"),
        remote.push(&push(&["v1"])).expect_err("gone"),
        remote.branch("main").expect_err("gone"),
    ] {
        assert!(!error.transient && error.hint.is_some(), "{error:?}");
    }
    repository.git([
        "remote",
        "set-url",
        "origin",
        "https://me:s3cret@localhost:1/x.git",
    ]);
    let remote = open(&repository);
    assert_eq!(remote.address(), "https://localhost:1/x.git");
    let error = remote.tags().expect_err("nobody listens there");
    assert!(
        !format!("{error:?}").contains("s3cret") && error.transient,
        "{error:?}"
    );
    repository.git(["remote", "set-url", "--add", "--push", "origin", "/a"]);
    repository.git(["remote", "set-url", "--add", "--push", "origin", "/b"]);
    let several = GitRemote::open(&repository.root(), repository.env(), "origin")
        .err()
        .expect("two places");
    assert!(several.message.contains("2 places"));
}

#[test]
fn whoever_is_faster_both_are_served() {
    let Some((repository, bare, one)) = with_remote() else {
        return;
    };
    for round in 0..5 {
        let names = [format!("x{round}"), format!("y{round}")];
        names.iter().for_each(|name| tag(&repository, name, &one));
        let wanted = push(&names.each_ref().map(String::as_str));
        let results: Vec<_> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| open(&repository).push(&wanted));
            [start(), start()]
                .map(|thread| thread.join().expect("no panic"))
                .into()
        });
        assert!(results.iter().any(Result::is_ok), "{results:?}");
        // Who was in the other's way may be told to try again, and then it is there.
        for error in results.into_iter().filter_map(Result::err) {
            assert!(error.transient, "{error:?}");
        }
        open(&repository).push(&wanted).expect("it is there");
    }
    assert_eq!(there(&repository, &bare).lines().count(), 11);
}
