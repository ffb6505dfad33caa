//! Commits: the same bytes for the same request, and nothing else is touched.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use adapters::Git;
use model::{CommitId, NewCommit, Revisions as _, Vcs as _};

use crate::repository::Repository;

const TIME: i64 = 1_700_000_000;

fn request(parent: &CommitId, files: &[(&str, Option<&str>)]) -> NewCommit {
    let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), bytes(*text)));
    NewCommit {
        branch: "main".to_owned(),
        parent: parent.clone(),
        message: "chore(release): all 1.0.0\n\nReleasekit-Release: abc".to_owned(),
        files: files.collect(),
        time: TIME,
    }
}

/// What a person sees: the head, what is staged, what is not, and what is not tracked.
fn status(repository: &Repository) -> Vec<String> {
    let text = repository.git(["status", "--porcelain=v1", "--untracked-files=all"]);
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn only_its_own_files_follow() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("bin/run", "#!/bin/sh\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repository.root().join("bin/run"), mode).expect("our own file");
    let one = repository.commit("one", &["a", "b", "gone", "deep/er/c"]);
    repository.write("staged", "staged");
    repository.git(["add", "staged"]);
    repository.write("b", "not staged");
    repository.write("untracked", "untracked");
    let before = status(&repository);

    let wanted = request(
        &one,
        &[
            ("a", Some("new a")),
            ("bin/run", Some("#!/bin/sh\nexit\n")),
            ("gone", None),
            ("new/file", Some("new")),
            ("deep/er/c", Some("one deep/er/c")),
        ],
    );
    let git = repository.open();
    let made = git.commit(&wanted).expect("it can be made");
    assert_eq!(repository.head(), made);
    assert_eq!(status(&repository), before, "something else was touched");
    assert_eq!(
        repository.git(["show", "--name-status", "--format=%P %at %ct %s", "HEAD"]),
        format!("{one} {TIME} {TIME} chore(release): all 1.0.0\n\nM\ta\nM\tbin/run\nD\tgone\nA\tnew/file")
    );
    let read = |path: &str| std::fs::read_to_string(repository.root().join(path)).ok();
    assert_eq!(read("a").as_deref(), Some("new a"));
    assert_eq!((read("gone"), read("new/file").as_deref()), (None, Some("new")));
    assert_eq!(read("b").as_deref(), Some("not staged"));
    let tree = repository.git(["ls-tree", "-r", "HEAD", "bin/run", "new/file"]);
    assert!(tree.starts_with("100755") && tree.contains("\n100644"), "{tree}");
    let run = repository.root().join("bin/run").metadata().expect("there");
    assert_eq!(run.permissions().mode() & 0o111, 0o111);

    // The same request again is the same commit, and so is it in another repository.
    assert_eq!(git.commit(&wanted).expect("it is there"), made);
    assert_eq!(repository.git(["show", "HEAD:a"]), "new a");
    assert_eq!(git.branch("main").expect("read"), Some(made.clone()));
    assert_eq!(git.between(&one, &made).expect("read").len(), 1);
}

#[test]
fn the_same_request_makes_the_same_commit_anywhere() {
    let make = |name: Option<&str>| {
        let repository = Repository::new()?;
        let tree = repository.git_with(["mktree"], b"");
        let raw = format!("tree {tree}\nauthor a <a@b> 5 +0100\ncommitter a <a@b> 7 +0200\n\nx\n");
        let id = repository.git_with(["hash-object", "-t", "commit", "-w", "--stdin"], raw.as_bytes());
        repository.git(["update-ref", "HEAD", &id]);
        if let Some(name) = name {
            repository.git(["config", "user.name", name]);
            repository.git(["config", "user.email", "a@example.com"]);
        }
        let made = repository
            .open()
            .commit(&request(&CommitId(id), &[("a", Some("1"))]));
        let made = made.expect("it can be made");
        Some((
            made.0,
            repository.git(["log", "-1", "--format=%an <%ae> %cn <%ce>"]),
        ))
    };
    let Some((one, who)) = make(None) else { return };
    assert_eq!(
        who,
        "releasekit <releasekit@localhost> releasekit <releasekit@localhost>"
    );
    assert_eq!(make(None).map(|(other, _)| other), Some(one.clone()));
    let (named, who) = make(Some("Ada")).expect("git is there");
    assert_eq!(who, "Ada <a@example.com> Ada <a@example.com>");
    assert_ne!(named, one);
}

#[test]
fn what_would_be_lost_is_refused_before_anything() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let root = repository.root();
    let cases: [(&str, &dyn Fn()); 6] = [
        ("has changes", &|| repository.write("a", "mine")),
        ("has changes", &|| {
            repository.write("a", "mine");
            repository.git(["add", "a"]);
            repository.write("a", "first a");
        }),
        ("has changes", &|| {
            std::fs::remove_file(root.join("a")).expect("there");
        }),
        ("has changes", &|| repository.write("new", "mine")),
        ("symbolic link", &|| {
            std::fs::remove_file(root.join("a")).expect("there");
            std::os::unix::fs::symlink("/nowhere", root.join("a")).expect("ours");
        }),
        ("symbolic link", &|| {
            std::fs::remove_dir_all(root.join("sub")).expect("there");
            std::os::unix::fs::symlink("/tmp", root.join("sub")).expect("ours");
        }),
    ];
    let first = repository.commit("first", &["a", "sub/b"]);
    for (words, change) in cases {
        repository.git(["reset", "--quiet", "--hard"]);
        repository.git(["clean", "--quiet", "-fd"]);
        change();
        let before = status(&repository);
        let files = [
            ("a", Some("ours")),
            ("new", Some("ours")),
            ("sub/b", Some("ours")),
        ];
        let error = repository
            .open()
            .commit(&request(&first, &files))
            .expect_err(words);
        assert!(error.message.contains(words) && error.hint.is_some(), "{error:?}");
        assert_eq!(repository.head(), first);
        assert_eq!(status(&repository), before);
    }
    // What is already as it will be does not stand in the way.
    repository.git(["reset", "--quiet", "--hard"]);
    repository.write("a", "ours");
    repository.write("new", "ours");
    let files = [("a", Some("ours")), ("new", Some("ours"))];
    repository
        .open()
        .commit(&request(&first, &files))
        .expect("nothing is lost");
    assert_eq!(status(&repository), [""; 0]);
}

#[test]
fn what_is_committed_as_a_link_or_a_submodule_is_refused() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("real/a", "1");
    std::os::unix::fs::symlink("real", repository.root().join("link")).expect("ours");
    let one = repository.commit("one", &["x"]);
    repository.git([
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{one},module"),
    ]);
    repository.git(["commit", "--quiet", "-m", "module"]);
    let head = repository.head();
    for path in [
        "link",
        "link/a",
        "module",
        "module/x",
        "x/y",
        ".git/config",
        "../x",
        "/x",
        "a//b",
        "",
    ] {
        let error = repository.open().commit(&request(&head, &[(path, Some("x"))]));
        let error = error.expect_err(path);
        assert!(error.message.contains("cannot be committed"), "{path}: {error}");
    }
    let error = repository.open().commit(&request(&head, &[("never", None)]));
    assert!(error.is_err_and(|error| error.message.contains("not part of")));
    assert_eq!(repository.head(), head);
}

#[test]
fn a_branch_is_only_moved_from_where_it_was() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let two = repository.commit("two", &["a"]);
    let error = repository
        .open()
        .commit(&request(&one, &[("a", Some("x"))]))
        .expect_err("it moved");
    assert!(
        error.message.contains(&two.0) && error.hint.is_some() && !error.transient,
        "{error:?}"
    );
    assert_eq!(repository.head(), two);

    let mut elsewhere = request(&two, &[("a", Some("x"))]);
    elsewhere.branch = "nowhere".to_owned();
    let error = repository.open().commit(&elsewhere).expect_err("there is none");
    assert!(error.message.contains("no branch") && error.hint.is_some());
    for branch in ["-d", "a b", "", "a..b"] {
        elsewhere.branch = branch.to_owned();
        repository.open().commit(&elsewhere).expect_err("not a name");
    }

    // A branch that is not checked out moves, and the working tree does not follow.
    repository.git(["branch", "release"]);
    repository.git(["checkout", "--quiet", "--detach"]);
    repository.write("a", "mine");
    elsewhere.branch = "release".to_owned();
    let made = repository.open().commit(&elsewhere).expect("it can be made");
    assert_eq!(repository.git(["rev-parse", "release"]), made.0);
    assert_eq!(
        (repository.head(), status(&repository)),
        (two.clone(), vec!["M a".to_owned()])
    );

    // One that is checked out elsewhere would leave that place behind.
    let tree = repository.beside("tree");
    repository.git([
        "worktree",
        "add",
        "--quiet",
        tree.to_str().expect("UTF-8"),
        "main",
    ]);
    let error = repository
        .open()
        .commit(&request(&two, &[("a", Some("x"))]))
        .expect_err("in use");
    assert!(error.message.contains("checked out in"), "{error}");
    let there = Git::open(&tree, repository.env())
        .expect("git")
        .expect("a repository");
    let made = there
        .commit(&request(&two, &[("a", Some("x"))]))
        .expect("it can be made there");
    assert_eq!(std::fs::read_to_string(tree.join("a")).expect("there"), "x");
    assert_eq!(repository.git(["rev-parse", "main"]), made.0);
}

#[test]
fn settings_and_hooks_have_no_say_in_what_is_committed() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("crlf", "a\r\nb\r\n");
    repository.write(".gitattributes", "crlf text eol=crlf\n");
    let one = repository.commit("one", &["sub/a"]);
    for hook in [
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
        "prepare-commit-msg",
    ] {
        repository.write(
            format!(".git/hooks/{hook}"),
            "#!/bin/sh\ntouch \"$(dirname \"$0\")/../ran\"\nexit 1\n",
        );
        let mode = std::fs::Permissions::from_mode(0o755);
        let path = repository.root().join(".git/hooks").join(hook);
        std::fs::set_permissions(path, mode).expect("our own file");
    }
    for (setting, value) in [
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("core.fileMode", "false"),
        ("core.splitIndex", "true"),
        ("core.sparseCheckout", "true"),
        ("core.safecrlf", "true"),
        ("commit.cleanup", "strip"),
        ("commit.template", "/nowhere"),
        ("core.untrackedCache", "true"),
    ] {
        repository.git(["config", setting, value]);
    }
    let mut wanted = request(&one, &[("crlf", Some("a\r\nc\r\n")), ("sub/a", Some("é\n"))]);
    wanted.message = "chore: é\n\n# kept".to_owned();
    let made = repository.open().commit(&wanted).expect("it can be made");
    assert!(!repository.root().join(".git/ran").exists(), "a hook was run");
    let raw = repository.git(["cat-file", "commit", &made.0]);
    assert!(
        raw.ends_with("chore: é\n\n# kept") && !raw.contains("encoding"),
        "{raw}"
    );
    assert_eq!(repository.git(["cat-file", "blob", "HEAD:crlf"]), "a\nc");
    assert_eq!(status(&repository), [""; 0]);

    // Seen from a folder below the root, paths are that folder's.
    let below = repository
        .open_at("sub")
        .commit(&request(&made, &[("a", Some("2")), ("b", Some("3"))]));
    let below = below.expect("it can be made");
    assert_eq!(
        repository.git(["show", "--name-only", "--format=", &below.0]),
        "sub/a\nsub/b"
    );
    assert_eq!(status(&repository), [""; 0]);
}

#[test]
fn a_commit_is_signed_where_that_is_asked_for() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let program = repository.beside("gpg");
    let script = "#!/bin/sh\necho '[GNUPG:] SIG_CREATED ' >&2\nprintf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n'\n\
                  printf -- '-----END PGP SIGNATURE-----\\n'\ncat >/dev/null\n";
    std::fs::write(&program, script).expect("ours");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("ours");
    repository.git(["config", "gpg.program", program.to_str().expect("UTF-8")]);
    let plain = repository
        .open()
        .commit(&request(&one, &[("a", Some("x"))]))
        .expect("made");
    assert!(
        !repository
            .git(["cat-file", "commit", &plain.0])
            .contains("gpgsig")
    );
    repository.git(["config", "commit.gpgSign", "yes"]);
    let signed = repository
        .open()
        .commit(&request(&plain, &[("a", Some("y"))]))
        .expect("made");
    assert!(
        repository
            .git(["cat-file", "commit", &signed.0])
            .contains("gpgsig")
    );
}

#[test]
fn two_at_once_make_one_commit() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a"]);
    let wanted = request(&one, &[("a", Some("x")), ("b", Some("y"))]);
    let results: Vec<_> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| repository.open().commit(&wanted));
        [start(), start()]
            .map(|thread| thread.join().expect("no panic"))
            .into()
    });
    let made: BTreeMap<_, _> = results.into_iter().flatten().map(|made| (made.0, ())).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made.keys().next(), Some(&repository.head().0));
    let again = repository.open().commit(&wanted).expect("it is there");
    assert_eq!((again, status(&repository).len()), (repository.head(), 0));
}
