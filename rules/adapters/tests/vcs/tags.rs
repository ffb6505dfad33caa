//! Tags: read with what they name in the end, made once and never moved.

use model::{CommitId, NewTag, Tag, Vcs as _};

use crate::repository::Repository;

fn new_tag(name: &str, commit: &CommitId) -> NewTag {
    NewTag {
        name: name.to_owned(),
        commit: commit.clone(),
        message: format!("{name}\n\nnotes\n"),
    }
}

#[test]
fn tags_name_commits_in_the_end() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    repository.git(["tag", "light"]);
    repository.git(["tag", "--annotate", "--message=m", "core/v1.0.0"]);
    repository.git(["tag", "--annotate", "--message=m", "nested", "core/v1.0.0"]);
    repository.git(["tag", "--annotate", "--message=m", "deep", "nested"]);
    repository.git(["tag", "tree", "HEAD^{tree}"]);
    repository.git(["tag", "--annotate", "--message=m", "to-tree", "HEAD^{tree}"]);
    repository.git(["update-ref", "refs/tags/-dash", "HEAD"]);
    repository.git(["branch", "light"]);
    let names = ["-dash", "core/v1.0.0", "deep", "light", "nested"];
    let wanted = names.map(|name| Tag {
        name: name.to_owned(),
        commit: one.clone(),
    });
    assert_eq!(repository.open().tags().expect("tags"), wanted);
    repository.git(["pack-refs", "--all"]);
    assert_eq!(repository.open().tags().expect("tags"), wanted);
    repository.write(".git/refs/tags/broken", "junk");
    assert!(
        repository.open().tags().is_err(),
        "a tag that cannot be read may be the latest version"
    );
}

#[test]
fn the_same_request_makes_the_same_object() {
    let make = |name: &str| {
        let repository = Repository::new()?;
        // The same commit in two repositories whose owners differ.
        repository.git(["config", "user.name", name]);
        let tree = repository.git_with(["mktree"], b"");
        let raw = format!("tree {tree}\nauthor a <a@b> 5 +0100\ncommitter a <a@b> 1700000000 +0200\n\nx\n");
        let id = repository.git_with(["hash-object", "-t", "commit", "-w", "--stdin"], raw.as_bytes());
        repository.git(["update-ref", "HEAD", &id]);
        let git = repository.open();
        let tag = new_tag("@scope/core@1.0.0", &CommitId(id));
        git.create_tag(&tag).expect("the name is free");
        git.create_tag(&tag).expect("it is there");
        assert_eq!(
            git.tags().expect("tags"),
            [Tag {
                name: tag.name.clone(),
                commit: tag.commit
            }]
        );
        let object = repository.git(["rev-parse", "refs/tags/@scope/core@1.0.0"]);
        let text = repository.git(["cat-file", "tag", &object]);
        Some((object, text))
    };
    let Some((one, text)) = make("Ada") else { return };
    assert_eq!(make("Bob").map(|(other, _)| other).as_ref(), Some(&one));
    assert!(
        text.contains("tagger releasekit <releasekit@localhost> 1700000000 +0000"),
        "{text}"
    );
    assert!(text.ends_with("@scope/core@1.0.0\n\nnotes"), "{text}");
}

#[test]
fn a_tag_is_never_moved() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let two = repository.commit("two", &["a"]);
    let git = repository.open();
    git.create_tag(&new_tag("v1", &one)).expect("the name is free");
    let object = repository.git(["rev-parse", "refs/tags/v1"]);
    let error = git
        .create_tag(&new_tag("v1", &two))
        .expect_err("it names another commit");
    assert!(
        error.message.contains(&one.0) && error.message.contains(&two.0),
        "{error}"
    );
    assert!(!error.transient && error.hint.is_some());
    assert_eq!(repository.git(["rev-parse", "refs/tags/v1"]), object);

    repository.git(["tag", "light", &one.0]);
    git.create_tag(&new_tag("light", &one))
        .expect("somebody made it by hand");
    assert!(git.create_tag(&new_tag("light", &two)).is_err());
    repository.git(["tag", "tree", "HEAD^{tree}"]);
    assert!(git.create_tag(&new_tag("tree", &two)).is_err());
    // Names that git would guess at are not taken for the name itself.
    for reference in [
        "refs/tags/refs/tags/v2",
        "refs/heads/refs/tags/v2",
        "refs/heads/v2",
    ] {
        repository.git(["update-ref", reference, &one.0]);
    }
    git.create_tag(&new_tag("v2", &two)).expect("the name is free");
    assert_eq!(repository.git(["rev-parse", "refs/tags/v2^{commit}"]), two.0);
    // git cannot keep a name beneath a name.
    assert!(
        git.create_tag(&new_tag("v1/x", &two))
            .is_err_and(|error| !error.transient)
    );
}

#[test]
fn what_cannot_be_a_tag_is_refused() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let git = repository.open();
    for name in [
        "", "-d", "--delete", "a b", "a..b", "a.lock", "a\nb", "@", "/a", "a//b",
    ] {
        assert!(git.create_tag(&new_tag(name, &one)).is_err(), "{name}");
    }
    for commit in [
        "HEAD",
        "main",
        "--stdin",
        "1111111111111111111111111111111111111111",
    ] {
        assert!(
            git.create_tag(&new_tag("v1", &CommitId(commit.to_owned())))
                .is_err(),
            "{commit}"
        );
    }
    let tree = CommitId(repository.git(["rev-parse", "HEAD^{tree}"]));
    assert!(git.create_tag(&new_tag("v1", &tree)).is_err());
    for message in ["a\0b", "-----BEGIN PGP SIGNATURE-----\nx"] {
        let tag = NewTag {
            message: message.to_owned(),
            ..new_tag("v1", &one)
        };
        assert!(git.create_tag(&tag).is_err(), "{message:?}");
    }
    assert_eq!(git.tags().expect("tags"), []);
    git.create_tag(&NewTag {
        message: String::new(),
        ..new_tag("v1", &one)
    })
    .expect("an empty message is one");
}

#[test]
fn whoever_is_faster_the_tag_is_one() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let two = repository.commit("two", &["a"]);
    for round in 0..25 {
        let name = format!("same-{round}");
        let results: Vec<_> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| repository.open().create_tag(&new_tag(&name, &one)));
            [start(), start(), start()]
                .map(|thread| thread.join().expect("no panic"))
                .into()
        });
        assert!(results.iter().all(Result::is_ok), "{results:?}");

        let name = format!("other-{round}");
        let results: Vec<_> = std::thread::scope(|scope| {
            let (name, repository) = (&name, &repository);
            let start = |commit| scope.spawn(move || repository.open().create_tag(&new_tag(name, commit)));
            [start(&one), start(&two)]
                .map(|thread| thread.join().expect("no panic"))
                .into()
        });
        assert_eq!(
            results.iter().filter(|result| result.is_ok()).count(),
            1,
            "{results:?}"
        );
        let error = results.into_iter().find_map(Result::err).expect("one lost");
        assert!(error.message.contains("already names"), "{error}");
    }
    // One object for all who made the same: nothing is left over.
    let objects = repository.git(["count-objects"]);
    let kinds = repository.git(["cat-file", "--batch-check=%(objecttype)", "--batch-all-objects"]);
    let tags = kinds.lines().filter(|kind| *kind == "tag").count();
    assert!((50..=75).contains(&tags), "{tags} tag objects, {objects}");
}

#[test]
fn a_lock_left_by_a_killed_git_of_ours_is_cleared_and_no_other() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let lock = ".git/refs/tags/core/v1.0.0.lock";
    let age = |seconds: u64| {
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
        let file = std::fs::File::options()
            .write(true)
            .open(repository.root().join(lock))
            .expect("the lock");
        file.set_modified(long_ago).expect("files have times");
    };
    let wanted = new_tag("core/v1.0.0", &one);
    repository.write(lock, "");
    let refused = repository
        .open()
        .create_tag(&wanted)
        .expect_err("a fresh lock is somebody's");
    assert!(refused.transient, "{refused}");
    repository.write(lock, "1111111111111111111111111111111111111111\n");
    age(60);
    repository
        .open()
        .create_tag(&wanted)
        .expect_err("an old lock about something else is somebody's");
    repository.write(lock, "");
    age(60);
    repository
        .open()
        .create_tag(&wanted)
        .expect("an old empty lock is ours");
    let tags = repository.open().tags().expect("tags");
    assert_eq!(
        tags,
        [Tag {
            name: "core/v1.0.0".to_owned(),
            commit: one
        }]
    );
}
