//! The hook before a commit checks what is about to be committed, however git was asked to commit.

use std::path::Path;

use harness::{Ran, Running, Sandbox, listing, require_tool, write_file};

use super::hooks::{git, sandbox};
use super::releases::head;

const A: &str = "a/package.json";
const B: &str = "b/package.json";
const RIGHT: &str = "{\"name\": \"a\", \"version\": \"1.0.0\"}\n";
const DRIFTED: &str = "{\"name\": \"a\", \"version\": \"1.1.0\"}\n";
const COMMIT: [&str; 4] = ["commit", "--quiet", "--message", "fix: x"];

/// Two packages with one version, and hooks that see to it.
fn installed() -> Sandbox {
    let sandbox = sandbox("");
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    sandbox
}

fn commit(sandbox: &Sandbox, args: &[&str]) -> Ran {
    git(sandbox, &[&COMMIT[..], args].concat())
}

/// Refused by the check, with nothing committed.
#[track_caller]
fn refused(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let before = head(sandbox);
    let ran = commit(sandbox, args);
    assert!(
        ran.code != 0
            && ran
                .stderr
                .contains("`b` is at 1.0.0 here, and has to be at 1.1.0"),
        "{ran}"
    );
    assert_eq!(head(sandbox), before, "{ran}");
    ran
}

fn in_folder(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> Ran {
    let mut command = sandbox.tool("git");
    command.args(args).current_dir(folder);
    Running::start(command).finish()
}

#[test]
fn what_is_staged_counts_and_nothing_else() {
    let sandbox = installed();
    sandbox.write(A, DRIFTED);
    sandbox.write("x", "1");
    sandbox.git(&["add", "x"]);
    let _others = commit(&sandbox, &[]).expect(0);

    sandbox.git(&["add", A]);
    sandbox.write(A, RIGHT);
    let at_b = refused(&sandbox, &[]);
    assert!(!at_b.stderr.contains("what is staged of"), "{at_b}");
    sandbox.write(B, "{\"name\": \"b\", \"version\": \"1.1.0\"}\n");
    let ran = refused(&sandbox, &[]);
    assert!(
        ran.stderr.contains("`git add` it") && ran.stderr.contains("b/package.json:1"),
        "{ran}"
    );

    // Looking leaves nothing behind: not in the index, not among the objects.
    let before = listing(&sandbox.path(".git"));
    let _looked = sandbox.run(&["hooks", "run", "pre-commit"]).expect(4);
    assert_eq!(listing(&sandbox.path(".git")), before);
    let left = std::fs::read_dir(sandbox.outside("tmp"))
        .expect("a folder")
        .count();
    assert_eq!(left, 0, "temporary files were left behind");

    sandbox.git(&["add", B]);
    let _both = commit(&sandbox, &[]).expect(0);
}

#[test]
fn each_way_to_commit_is_checked_for_what_it_commits() {
    let sandbox = installed();
    sandbox.write("x", "1");
    sandbox.git(&["add", "x"]);
    sandbox.write(A, DRIFTED);
    let _all = refused(&sandbox, &["--all"]);
    let _path = refused(&sandbox, &["--", A]);
    let _include = refused(&sandbox, &["--include", "--", A]);
    let from_below = in_folder(
        &sandbox,
        &sandbox.path("a"),
        &[&COMMIT[..], &["package.json"]].concat(),
    );
    assert!(
        from_below.code != 0 && from_below.stderr.contains("b/package.json"),
        "{from_below}"
    );

    // Only what is named is committed, whatever else is staged.
    sandbox.git(&["add", A]);
    let _only = commit(&sandbox, &["--only", "--", "x"]).expect(0);
    assert_eq!(sandbox.git_says(&["show", "--format=", "--name-only"]), "x\n");
    let _staged = refused(&sandbox, &[]);
    let _amended = refused(&sandbox, &["--amend"]);
    sandbox.git(&["reset", "--quiet", A]);
    let _amended = commit(&sandbox, &["--amend"]).expect(0);
    let below = [&COMMIT[..], &["--allow-empty"]].concat();
    let _from_below = in_folder(&sandbox, &sandbox.path("a"), &below).expect(0);

    let _unchecked = commit(&sandbox, &["--no-verify", "--all"]).expect(0);
    sandbox.write("x", "2");
    let _still = refused(&sandbox, &["--all"]);
    sandbox.edit(B, "1.0.0", "1.1.0");
    sandbox.git(&["add", B]);
    let _mended = commit(&sandbox, &["--amend"]).expect(0);
}

#[test]
fn a_linked_worktree_has_an_index_of_its_own() {
    let sandbox = installed();
    let linked = sandbox.outside("linked");
    let place = linked.to_string_lossy().into_owned();
    sandbox.git(&["worktree", "add", "--quiet", "-b", "other", &place]);
    sandbox.write(A, DRIFTED);
    sandbox.git(&["add", A]);
    let there = |args: &[&str]| in_folder(&sandbox, &linked, args);
    write_file(&linked.join("x"), "1");
    let _added = there(&["add", "x"]).expect(0);
    let _right = there(&COMMIT).expect(0);
    write_file(&linked.join(A), DRIFTED);
    let _not_staged = there(&[&COMMIT[..], &["--allow-empty"]].concat()).expect(0);
    for args in [&["--all"][..], &["--", A]] {
        let ran = there(&[&COMMIT[..], args].concat());
        assert!(ran.code != 0 && ran.stderr.contains("b/package.json"), "{ran}");
    }
    let _here = refused(&sandbox, &[]);
}

#[test]
fn the_configuration_is_the_one_that_is_staged() {
    let sandbox = installed();
    sandbox.write("tools/names.star", "NAMES = [\"a\", \"b\", \"d\"]\n");
    sandbox.edit(
        "RELEASE.star",
        "npm_workspace(name",
        "load(\"//tools/names.star\", \"NAMES\")\n\nnpm_workspace(name",
    );
    sandbox.edit("RELEASE.star", "in [\"a\", \"b\", \"d\"]]", "in NAMES]");
    sandbox.git(&["add", "RELEASE.star"]);
    let ran = commit(&sandbox, &[]);
    assert!(
        ran.code != 0
            && ran
                .stderr
                .contains("`tools/names.star` cannot be loaded: no such file"),
        "what is loaded is not staged: {ran}"
    );
    sandbox.git(&["add", "tools"]);
    let _loaded = commit(&sandbox, &[]).expect(0);

    let good = sandbox.read("RELEASE.star");
    sandbox.write("RELEASE.star", format!("{good}release_train(nonsense = 1)\n"));
    let _not_staged = commit(&sandbox, &["--allow-empty"]).expect(0);
    sandbox.git(&["add", "RELEASE.star"]);
    sandbox.write("RELEASE.star", format!("# Another first line.\n{good}"));
    let ran = commit(&sandbox, &[]);
    assert!(
        ran.code != 0 && ran.stderr.contains("RELEASE.star:10") && ran.stderr.contains("nonsense"),
        "{ran}"
    );
    assert!(
        ran.stderr.contains("| release_train(nonsense = 1)"),
        "the text that is shown is not the one that is staged: {ran}"
    );
    sandbox.git(&["add", "RELEASE.star"]);
    let _right = commit(&sandbox, &[]).expect(0);
}

#[test]
fn new_packages_and_bump_files_count_as_they_are_staged() {
    let sandbox = installed();
    sandbox.write("e/package.json", "not JSON yet");
    sandbox.git(&["add", "--intent-to-add", "e/package.json"]);
    let _announced = commit(&sandbox, &["--allow-empty"]).expect(0);

    sandbox.write("e/package.json", "{\"name\": \"e\", \"version\": \"2.0.0\"}\n");
    sandbox.edit("package.json", "\"d\"]", "\"d\", \"e\"]");
    sandbox.edit(
        "RELEASE.star",
        "packages = [\"a\", \"b\"]",
        "packages = [\"a\", \"b\", \"e\"]",
    );
    sandbox.edit(
        "RELEASE.star",
        "[\"a\", \"b\", \"d\"]]",
        "[\"a\", \"b\", \"d\", \"e\"]]",
    );
    sandbox.git(&["add", "--all"]);
    let ran = commit(&sandbox, &[]);
    assert!(
        ran.code != 0
            && ran
                .stderr
                .contains("`e` is at 2.0.0 here, and has to be at 1.0.0"),
        "{ran}"
    );
    sandbox.edit("e/package.json", "2.0.0", "1.0.0");
    let _right = commit(&sandbox, &["--all"]).expect(0);

    sandbox.write("chart.yaml", "appVersion: 1.0.0\n");
    sandbox.edit(
        "RELEASE.star",
        "npm_package(name = name)",
        "npm_package(name = name, bump_files = [\"chart.yaml\"] if name == \"a\" else [])",
    );
    sandbox.git(&["add", "RELEASE.star"]);
    let ran = commit(&sandbox, &[]);
    assert!(
        ran.code != 0 && ran.stderr.contains("chart.yaml"),
        "it is not staged: {ran}"
    );
    sandbox.git(&["add", "chart.yaml"]);
    sandbox.write("chart.yaml", "appVersion: 0.9.0\n");
    let _right = commit(&sandbox, &[]).expect(0);
    let ran = commit(&sandbox, &["--all"]);
    assert!(
        ran.code != 0 && ran.stderr.contains("`a` is at no version here"),
        "{ran}"
    );

    // A link is the file it leads to, as in the working tree.
    sandbox.write("chart.yaml", "appVersion: 1.0.0\n");
    sandbox.write("charts/one.yaml", "appVersion: 0.9.0\n");
    std::fs::remove_file(sandbox.path("chart.yaml")).expect("ours");
    std::os::unix::fs::symlink("charts/one.yaml", sandbox.path("chart.yaml")).expect("ours");
    sandbox.git(&["add", "--all"]);
    let ran = commit(&sandbox, &[]);
    assert!(
        ran.code != 0 && ran.stderr.contains("`a` is at no version here"),
        "{ran}"
    );
}

#[test]
fn the_first_commit_is_checked_too() {
    let sandbox = sandbox("");
    std::fs::remove_dir_all(sandbox.path(".git")).expect("ours");
    sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
    sandbox.git(&["config", "user.name", "Tester"]);
    sandbox.git(&["config", "user.email", "tester@example.com"]);
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    let _nothing = sandbox.run(&["hooks", "run", "pre-commit"]).expect(0);
    sandbox.write(A, DRIFTED);
    sandbox.git(&["add", "--all"]);
    let ran = commit(&sandbox, &[]);
    assert!(ran.code != 0 && ran.stderr.contains("b/package.json"), "{ran}");
    sandbox.edit(A, "1.1.0", "1.0.0");
    sandbox.git(&["add", A]);
    sandbox.write(A, DRIFTED);
    let _first = commit(&sandbox, &[]).expect(0);
}

#[test]
fn a_workspace_below_the_top_sees_what_is_its_own() {
    let sandbox = sandbox("");
    std::fs::remove_dir_all(sandbox.path(".git")).expect("ours");
    let files = sandbox.listing();
    for path in files.keys() {
        let text = std::fs::read(sandbox.path(path)).expect("there");
        sandbox.write(&format!("shop/{path}"), text);
        std::fs::remove_file(sandbox.path(path)).expect("ours");
    }
    sandbox.begin();
    let _installed = sandbox
        .run(&["--directory", "shop", "hooks", "install"])
        .expect(0);
    let a = format!("shop/{A}");
    sandbox.write(&a, DRIFTED);
    let _not_staged = commit(&sandbox, &["--allow-empty"]).expect(0);
    for args in [&["--all"][..], &["--", a.as_str()]] {
        let ran = commit(&sandbox, args);
        assert!(ran.code != 0 && ran.stderr.contains("b/package.json"), "{ran}");
    }
}

#[test]
fn in_the_middle_of_a_merge_and_of_a_rebase() {
    let sandbox = installed();
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.write("x", "side");
    sandbox.git(&["add", "x"]);
    let _side = commit(&sandbox, &[]).expect(0);
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.write("x", "main");
    sandbox.git(&["add", "x"]);
    let _main = commit(&sandbox, &[]).expect(0);

    let merged = git(&sandbox, &["merge", "side"]);
    assert!(merged.code != 0, "{merged}");
    let in_conflict = sandbox.run(&["hooks", "run", "pre-commit"]).expect(3);
    assert!(
        in_conflict.stderr.contains("resolve the conflicts"),
        "{in_conflict}"
    );
    sandbox.write("x", "both");
    sandbox.write(A, DRIFTED);
    sandbox.git(&["add", "x", A]);
    let _drifted = refused(&sandbox, &[]);
    sandbox.git(&["reset", "--quiet", A]);
    let _merged = commit(&sandbox, &[]).expect(0);
    assert_eq!(
        sandbox
            .git_says(&["show", "--format=%P", "--no-patch"])
            .split(' ')
            .count(),
        2
    );
    sandbox.git(&["checkout", "--quiet", A]);

    sandbox.git(&["checkout", "--quiet", "-b", "other", "side"]);
    let rebased = git(&sandbox, &["rebase", "main~"]);
    assert!(rebased.code != 0, "{rebased}");
    sandbox.write("x", "rebased");
    sandbox.git(&["add", "x"]);
    sandbox.write(A, DRIFTED);
    sandbox.git(&["add", A]);
    let _drifted = refused(&sandbox, &[]);
    sandbox.git(&["reset", "--quiet", A]);
    sandbox.git(&["checkout", "--quiet", A]);
    let _committed = commit(&sandbox, &[]).expect(0);
    sandbox.git(&["rebase", "--continue"]);
    assert_eq!(sandbox.git_says(&["branch", "--show-current"]), "other\n");
}

#[test]
fn where_nothing_is_staged_the_working_tree_counts() {
    if !require_tool("jj") {
        return;
    }
    let sandbox = sandbox("");
    std::fs::remove_dir_all(sandbox.path(".git")).expect("ours");
    let mut command = sandbox.tool("jj");
    command.args(["git", "init", "--no-colocate"]);
    let _made = Running::start(command).finish().expect(0);
    let _right = sandbox.run(&["hooks", "run", "pre-commit"]).expect(0);
    sandbox.write(A, DRIFTED);
    let _drifted = sandbox.run(&["hooks", "run", "pre-commit"]).expect(4);
}
