//! What is listed, what is hidden, and what is read.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use adapters::WorkingTree;
use cas::{Digest, FileDigests};
use model::SourceTree as _;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("our own folder");
    fs::write(path, text).expect("our own file");
}

fn scan(root: &Path) -> WorkingTree {
    WorkingTree::scan(root, Arc::new(FileDigests::in_memory())).expect("our own folder")
}

fn files(root: &Path) -> Vec<String> {
    scan(root).files().iter().cloned().collect()
}

#[test]
fn ignore_files_hide_and_nothing_else_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    write(root, ".gitignore", "*.log\n/dist/\n!keep.log\n");
    write(root, "sub/.gitignore", "local\n");
    write(root, ".ignore", "seen\n");
    for path in [
        "seen",
        ".hidden/a",
        "a.log",
        "keep.log",
        "dist/x",
        "sub/dist/x",
        "sub/local",
        "local",
        "B",
        "a b/ü\n",
        ".git/config",
        ".git/info/exclude",
        ".hg/x",
        ".jj/x",
        ".releasekit/journal",
        "sub/.git/x",
        ".github/ci.yml",
    ] {
        write(root, path, "excluded\n");
    }
    write(root, "excluded", "x");
    write(root, "deep/excluded", "x");
    let listed = [
        ".github/ci.yml",
        ".gitignore",
        ".hidden/a",
        ".ignore",
        "B",
        "a b/ü\n",
        "keep.log",
        "local",
        "seen",
        "sub/.gitignore",
        "sub/dist/x",
    ];
    assert_eq!(files(root), listed);
    let tree = scan(root);
    let folders: Vec<&str> = tree.folders().iter().map(String::as_str).collect();
    assert_eq!(folders, [".github", ".hidden", "a b", "deep", "sub", "sub/dist"]);
}

#[test]
fn a_workspace_below_the_root_obeys_the_ignore_files_above() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    write(root, ".gitignore", "*\n");
    write(root, "repo/.gitignore", "*.log\n/ws/anchored\n");
    write(root, "repo/.git/info/exclude", "*.tmp\n");
    write(root, "repo/.git/HEAD", "ref: refs/heads/main\n");
    for path in ["a", "b.log", "c.tmp", "anchored", "sub/anchored"] {
        write(root, &format!("repo/ws/{path}"), "x");
    }
    // Whatever stands above the repository is not asked.
    assert_eq!(files(&root.join("repo/ws")), ["a", "sub/anchored"]);
    write(root, "loose/a", "x");
    assert_eq!(files(&root.join("loose")), ["a"]);
}

#[test]
fn links_are_files_only_if_they_lead_to_one_inside() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (root, outside) = (folder.path().join("repo"), folder.path().join("outside"));
    write(&root, "sub/file", "text");
    write(&root, ".git/config", "secret");
    fs::write(&outside, "secret").expect("our own folder");
    for (target, link) in [
        ("sub/file", "good"),
        ("../outside", "out"),
        ("sub", "folder"),
        ("nowhere", "dangling"),
        ("loop", "loop"),
        (".git/config", "state"),
        ("good", "twice"),
    ] {
        symlink(target, root.join(link)).expect("our own folder");
    }
    symlink(&outside, root.join("absolute")).expect("our own folder");
    symlink(root.join("sub/file"), root.join("absolute-good")).expect("our own folder");
    assert_eq!(files(&root), ["absolute-good", "good", "sub/file", "twice"]);
    let tree = scan(&root);
    assert_eq!(tree.read("twice").as_deref(), Ok("text"));
    assert_eq!(tree.digest("good"), Ok((Digest::of(b"text"), false)));
    assert!(tree.read("out").is_err() && tree.digest("absolute").is_err());
}

#[test]
fn files_are_read_as_they_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    write(root, "bom", "\u{feff}a\r\n");
    write(root, "run.sh", "#!/bin/sh\n");
    fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o755)).expect("our own file");
    fs::write(root.join("bin"), b"ab\xff").expect("our own folder");
    let tree = scan(root);
    assert_eq!(tree.read("bom").as_deref(), Ok("\u{feff}a\r\n"));
    assert!(tree.read("bin").is_err_and(|why| why.contains("not UTF-8")));
    assert!(tree.read("absent").is_err_and(|why| why.contains("absent")));
    for path in ["../x", "/etc/passwd", "", "./bom"] {
        assert!(tree.read(path).is_err() && tree.digest(path).is_err(), "{path}");
    }
    assert_eq!(tree.digest("run.sh"), Ok((Digest::of(b"#!/bin/sh\n"), true)));
    assert_eq!(tree.locate("bom"), tree.root().join("bom"));
    write(root, "bom", "other");
    assert_eq!(
        tree.read("bom").as_deref(),
        Ok("other"),
        "texts are read when they are asked for"
    );
}

#[test]
fn names_that_are_not_text_are_refused_unless_hidden() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    fs::create_dir(root.join("sub")).expect("our own folder");
    fs::write(root.join("sub").join(OsStr::from_bytes(b"bad-\xff")), "x").expect("our own folder");
    let error = WorkingTree::scan(root, Arc::new(FileDigests::in_memory()))
        .err()
        .expect("it is not UTF-8");
    assert!(
        error.message.contains("sub/bad-\u{fffd}") && error.hint.is_some(),
        "{error}"
    );
    write(root, ".gitignore", "bad-*\n");
    assert_eq!(files(root), [".gitignore"]);
    assert!(WorkingTree::scan(&root.join("absent"), Arc::new(FileDigests::in_memory())).is_err());
}

#[test]
fn what_git_sees_is_what_is_listed() {
    if Command::new("git").arg("--version").output().is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "`git` is missing");
        eprintln!("passed over: `git` is missing");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(root)
            .env("HOME", "/nonexistent")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().expect("git");
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    git(&["init", "--quiet"]);
    write(
        root,
        ".gitignore",
        "build/\n*.o\n!important.o\n/only-top\ndoc/**/x\n\\#hash\ntrailing\\ \n[ab]z\n# comment\n",
    );
    write(root, "sub/.gitignore", "!build/\n*.txt\n!/yes.txt\n");
    write(root, ".git/info/exclude", "private*\n");
    for folder in [
        "",
        "sub/",
        "sub/deep/",
        "doc/",
        "doc/a/b/",
        "build/",
        "sub/build/",
        ".hidden/",
    ] {
        for name in [
            "a.o",
            "important.o",
            "only-top",
            "x",
            "yes.txt",
            "no.txt",
            "#hash",
            "az",
            "private-1",
            "trailing ",
        ] {
            write(root, &format!("{folder}{name}"), "x");
        }
    }
    let listed = git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let mut listed: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
    listed.sort();
    assert_eq!(files(root), listed);
}
