//! Heads, logs and changed files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use adapters::Git;
use model::{CommitId, Vcs as _};

use crate::repository::{Repository, log};

#[test]
fn a_folder_outside_any_repository_has_none() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let outside = tempfile::tempdir().expect("a temporary folder");
    assert!(
        Git::open(outside.path(), repository.env())
            .expect("nothing is wrong")
            .is_none()
    );
    assert!(
        Git::open(outside.path(), Default::default())
            .expect("nothing is wrong")
            .is_none()
    );
    std::fs::write(outside.path().join(".git"), "gitdir: /nowhere").expect("our own folder");
    assert!(
        Git::open(outside.path(), repository.env()).is_err(),
        "damage is not absence"
    );
    let error = Git::open(&repository.root(), Default::default())
        .err()
        .expect("git cannot be found");
    assert!(error.hint.is_some());
}

#[test]
fn an_empty_repository_has_no_history() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let git = repository.open();
    let head = git.head().expect("nothing is wrong");
    assert_eq!(
        (head.commit, head.branch.as_deref(), head.shallow),
        (None, Some("main"), false)
    );
    assert_eq!(log(&git, &[]).expect("nothing is wrong"), []);
    assert_eq!(git.tags().expect("nothing is wrong"), []);
    repository.write("a", "1");
    repository.git(["add", "a"]);
    assert_eq!(git.changed_files().expect("nothing is wrong"), ["a"]);
}

#[test]
fn a_damaged_head_is_not_an_empty_repository() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    let git = repository.open();
    for text in ["junk\n", "1111111111111111111111111111111111111111\n"] {
        repository.write(".git/refs/heads/main", text);
        assert!(git.head().is_err() && log(&git, &[]).is_err(), "{text}");
    }
}

#[test]
fn the_head_is_a_branch_or_a_commit() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    assert_eq!(
        repository.open().head().expect("a head").commit,
        Some(one.clone())
    );
    repository.git(["checkout", "--quiet", "--detach"]);
    let head = repository.open().head().expect("a head");
    assert_eq!((head.commit, head.branch), (Some(one), None));
}

#[test]
fn log_tells_everything_newest_first() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one\n\nbody line\n\nRefs: #1", &["a", "b/c"]);
    repository.git(["checkout", "--quiet", "-b", "side"]);
    let two = repository.commit("two", &["side"]);
    repository.git(["checkout", "--quiet", "main"]);
    let three = repository.commit("three", &["main"]);
    repository.git(["merge", "--quiet", "--no-ff", "--message", "four", "side"]);
    let four = repository.head();
    repository.git(["mv", "a", "renamed"]);
    repository.commit("five", &[]);
    repository.commit("six", &[]);

    let commits = log(&repository.open(), &[]).expect("history is there");
    let log: Vec<(&str, Vec<&str>)> = commits
        .iter()
        .map(|commit| {
            (
                &commit.message[..],
                commit.paths.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    assert_eq!(
        log[..3],
        [("six", vec![]), ("five", vec!["a", "renamed"]), ("four", vec![])]
    );
    let empty = |commits: &[model::Commit]| -> Vec<String> {
        let empty = commits.iter().filter(|commit| commit.is_empty);
        empty.map(|commit| commit.message.clone()).collect()
    };
    assert_eq!(empty(&commits), ["six"]);
    // Seen from a folder, what changes something elsewhere is not called empty.
    let from_b = crate::repository::log(&repository.open_at("b"), &[]).expect("history is there");
    assert_eq!(empty(&from_b), ["six"]);
    assert_eq!(from_b.iter().filter(|commit| commit.paths.is_empty()).count(), 5);
    assert_eq!(log[5], ("one\n\nbody line\n\nRefs: #1", vec!["a", "b/c"]));
    assert_eq!(commits[2].parents, [three.clone(), two.clone()]);
    assert_eq!(
        (
            &commits[5].id,
            commits[5].parents.len(),
            commits[5].author.as_str()
        ),
        (&one, 0, "Ada L")
    );
    assert!(commits[0].time > 1_500_000_000);

    assert_eq!(repository.subjects(std::slice::from_ref(&four)), ["six", "five"]);
    // From the last commit that all of them share.
    let from_one = ["six", "five", "four", "three", "two"];
    let sorted = |mut subjects: Vec<String>| {
        subjects.sort();
        subjects
    };
    let mut wanted = from_one.map(str::to_owned).to_vec();
    wanted.sort();
    assert_eq!(sorted(repository.subjects(&[two.clone(), three])), wanted);
    assert_eq!(sorted(repository.subjects(&[one, four, two])), wanted);
}

#[test]
fn histories_that_share_nothing_are_told_whole() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    repository.git(["checkout", "--quiet", "--orphan", "other"]);
    let other = repository.commit("other", &["b"]);
    repository.git([
        "merge",
        "--quiet",
        "--allow-unrelated-histories",
        "--no-ff",
        "--message",
        "both",
        "main",
    ]);
    assert_eq!(repository.subjects(&[one.clone(), other]).len(), 3);
    assert_eq!(repository.subjects(&[one]).len(), 2);
}

#[test]
fn since_is_a_commit_that_exists() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    let git = repository.open();
    for id in [
        "main",
        "--output=canary",
        "HEAD",
        "",
        "0000000000000000000000000000000000000001",
    ] {
        let id = CommitId(id.to_owned());
        assert!(log(&git, std::slice::from_ref(&id)).is_err(), "{id}");
        assert!(log(&git, &[id.clone(), repository.head()]).is_err(), "{id}");
    }
    assert!(!repository.root().join("canary").exists());
}

#[test]
fn any_path_and_any_message_comes_through() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let names = [
        "\nfirst",
        "a b",
        "line\nbreak",
        "quo\"te",
        "tab\tand\\",
        "ünï",
        "\u{1}",
    ];
    for name in names {
        repository.write(name, "1");
    }
    std::fs::write(repository.root().join(OsStr::from_bytes(b"\xff")), "1").expect("our own file");
    repository.commit("paths", &[]);
    let mut wanted = names.map(str::to_owned).to_vec();
    wanted.push("\u{fffd}".to_owned());
    wanted.sort();
    assert_eq!(repository.log(&[])[0].1, wanted);

    // In an encoding that the commit declares, and in one that it does not.
    repository.git_with(
        [
            "-c",
            "i18n.commitEncoding=ISO-8859-1",
            "commit",
            "--allow-empty",
            "--quiet",
            "-F",
            "-",
        ],
        b"caf\xe9",
    );
    let tree = repository.git(["rev-parse", "HEAD^{tree}"]);
    let raw = [
        format!("tree {tree}\nparent {}\nauthor J", repository.head()).as_bytes(),
        b"os\xe9 <a@b> 7 +0000\ncommitter a <a@b> 1700000000 +0000\n\nna\xefve: x\n\n\x01 body\n",
    ]
    .concat();
    let id = repository.git_with(
        ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        &raw,
    );
    repository.git(["reset", "--quiet", "--hard", &id]);
    repository.git([
        "-c",
        "core.commentChar=;",
        "commit",
        "--quiet",
        "--allow-empty",
        "--allow-empty-message",
        "-m",
        "",
    ]);
    let commits = log(&repository.open(), &[]).expect("history is there");
    let told: Vec<(&str, &str)> = commits
        .iter()
        .map(|commit| (commit.author.as_str(), commit.message.as_str()))
        .collect();
    assert_eq!(
        told[..3],
        [
            ("Ada L", ""),
            ("José", "naïve: x\n\n\u{1} body"),
            ("Ada L", "café")
        ]
    );
    assert_eq!(commits[1].time, 1_700_000_000);
}

#[test]
fn a_workspace_below_the_root_sees_its_own_paths() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["top", "sub dir/a", "sub dir/b/c", "sub dir.txt"]);
    let git = repository.open_at("sub dir");
    let commits = log(&git, &[]).expect("history is there");
    assert_eq!(commits[0].paths, ["a", "b/c"]);
    repository.commit("two", &["top"]);
    let commits = log(&git, &[one]).expect("history is there");
    assert_eq!((commits.len(), commits[0].paths.len()), (1, 0));
    repository.write("top", "changed");
    repository.write("sub dir/a", "changed");
    repository.write("sub dir/untracked", "new");
    assert_eq!(git.changed_files().expect("a status"), ["a"]);
}

#[test]
fn changed_files_are_tracked_ones_that_differ() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a", "b", "c", "gone", "li\nne"]);
    let git = repository.open();
    assert_eq!(git.changed_files().expect("a status"), [""; 0]);
    // The same bytes, written again: not a change, although the file's times are others.
    repository.write("c", "one c");
    repository.write("a", "changed");
    repository.write("li\nne", "changed");
    repository.write("new", "untracked");
    repository.write("staged", "new");
    std::fs::remove_file(repository.root().join("gone")).expect("our own file");
    repository.git(["mv", "b", "moved"]);
    repository.git(["add", "staged"]);
    assert_eq!(
        git.changed_files().expect("a status"),
        ["a", "b", "gone", "li\nne", "moved", "staged"]
    );
}

#[test]
fn a_shallow_clone_has_no_versions() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    let two = repository.commit("two", &["a"]);
    let clone = repository.beside("clone");
    let url = format!("file://{}", repository.root().display());
    repository.git([
        OsStr::new("clone"),
        "--quiet".as_ref(),
        "--depth=1".as_ref(),
        url.as_ref(),
        clone.as_os_str(),
    ]);
    let git = Git::open(&clone, repository.env())
        .expect("git answers")
        .expect("a repository");
    let head = git.head().expect("a head");
    assert_eq!((head.commit, head.shallow), (Some(two), true));
    let error = log(&git, &[]).expect_err("history is not all there");
    assert!(
        error
            .hint
            .is_some_and(|hint| hint.contains("git fetch --unshallow"))
    );
}

#[test]
fn a_worktree_is_a_repository() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    let tree = repository.beside("tree");
    repository.git([
        OsStr::new("worktree"),
        "add".as_ref(),
        "--quiet".as_ref(),
        tree.as_os_str(),
    ]);
    let git = Git::open(&tree, repository.env())
        .expect("git answers")
        .expect("a repository");
    assert_eq!(git.head().expect("a head").branch.as_deref(), Some("tree"));
    assert_eq!(log(&git, &[]).expect("history is there").len(), 1);
}
