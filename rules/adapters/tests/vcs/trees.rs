//! The files of a commit and of what is staged, read without a working tree.

use std::os::unix::fs::PermissionsExt as _;

use adapters::GitTree;
use model::SourceTree as _;

use crate::repository::Repository;

fn names(tree: &GitTree) -> Vec<&str> {
    tree.files().iter().map(String::as_str).collect()
}

fn staged(repository: &Repository) -> GitTree {
    GitTree::staged(&repository.root(), repository.env()).expect("an index")
}

#[test]
fn what_is_staged_is_read_and_nothing_is_written() {
    let Some(repository) = Repository::new() else {
        return;
    };
    assert!(staged(&repository).files().is_empty(), "before the first file");
    repository.git(["config", "core.splitIndex", "true"]);
    let one = repository.commit("one", &["a", "dir/b", "gone", "odd\nname"]);
    repository.write("a", "staged");
    repository.write("new", "announced");
    std::os::unix::fs::symlink("../a", repository.root().join("dir/link")).expect("our own folder");
    std::os::unix::fs::symlink("../../outside", repository.root().join("dir/out")).expect("our own folder");
    let run = repository.root().join("run");
    repository.write("run", "#!/bin/sh\n");
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    repository.git(["rm", "--quiet", "gone"]);
    repository.git(["add", "a", "dir", "run"]);
    repository.git(["add", "--intent-to-add", "new"]);
    repository.write("a", "not staged");
    std::fs::remove_file(repository.root().join("dir/b")).expect("our own file");

    let objects = || repository.git(["count-objects"]);
    let index = || std::fs::read(repository.root().join(".git/index")).expect("an index");
    let before = (objects(), index());
    let tree = staged(&repository);
    assert_eq!(names(&tree), ["a", "dir/b", "dir/link", "odd\nname", "run"]);
    assert_eq!(tree.read("a").as_deref(), Ok("staged"));
    assert_eq!(tree.read("dir/link").as_deref(), Ok("staged"));
    assert_eq!(tree.read("dir/b").as_deref(), Ok("one dir/b"));
    assert_eq!(tree.read("odd\nname").as_deref(), Ok("one odd\nname"));
    assert_eq!(tree.digest("a"), Ok((cas::Digest::of(b"staged"), false)));
    assert!(tree.digest("run").expect("a digest").1);
    let missing = tree.read("gone").expect_err("it is gone");
    assert!(
        missing.contains("`gone` is not a file of the commit"),
        "{missing}"
    );
    assert_eq!((objects(), index()), before);

    let tree = GitTree::of_commit(&repository.root(), repository.env(), &one).expect("a commit");
    assert_eq!(names(&tree), ["a", "dir/b", "gone", "odd\nname"]);
    assert_eq!(tree.read("a").as_deref(), Ok("one a"));
    let below = GitTree::of_commit(&repository.root().join("dir"), repository.env(), &one);
    assert_eq!(names(&below.expect("a commit")), ["b"]);
}

#[test]
fn the_index_is_the_one_that_git_names() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a", "sub/b"]);
    let index = repository.root().join(".git/index");
    let other = repository.root().join(".git/next-index-7.lock");
    std::fs::copy(&index, &other).expect("our own file");
    repository.git(["rm", "--quiet", "--cached", "a"]);
    for (name, expected) in [
        (".git/next-index-7.lock".to_owned(), vec!["a", "sub/b"]),
        (other.display().to_string(), vec!["a", "sub/b"]),
        (String::new(), vec!["sub/b"]),
    ] {
        let mut env = repository.env();
        env.insert("GIT_INDEX_FILE".to_owned(), name.clone());
        // Not one of these has a say.
        env.insert("GIT_DIR".to_owned(), "/nowhere".to_owned());
        env.insert("GIT_OBJECT_DIRECTORY".to_owned(), "/nowhere".to_owned());
        let tree = GitTree::staged(&repository.root(), env.clone()).expect("an index");
        assert_eq!(names(&tree), expected, "{name}");
        let below = GitTree::staged(&repository.root().join("sub"), env).expect("an index");
        assert_eq!(names(&below), ["b"], "{name}");
    }
}

#[test]
fn what_cannot_be_read_says_so() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a", "b"]);
    let object = repository.git(["rev-parse", "HEAD:a"]);
    let file = repository
        .root()
        .join(".git/objects")
        .join(&object[..2])
        .join(&object[2..]);
    std::fs::remove_file(file).expect("our own file");
    let tree = GitTree::of_commit(&repository.root(), repository.env(), &one).expect("a commit");
    let missing = tree.read("a").expect_err("its object is gone");
    assert!(
        missing.contains("cannot read `a`") && missing.contains("is not in this clone"),
        "{missing}"
    );
    assert_eq!(tree.read("b").as_deref(), Ok("one b"), "others are still there");
    std::fs::write(repository.root().join("b"), b"ok\n\xff").expect("our own file");
    repository.git(["add", "b"]);
    repository.git(["rm", "--quiet", "--cached", "a"]);
    let told = staged(&repository).read("b").expect_err("no text");
    assert!(told.contains("it is not UTF-8 (line 2)"), "{told}");
    let nowhere = model::CommitId("0".repeat(40));
    assert!(GitTree::of_commit(&repository.root(), repository.env(), &nowhere).is_err());
}
