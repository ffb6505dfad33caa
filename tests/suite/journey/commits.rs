//! Commits as git really writes them: merges that change something, squashes, and folders that are used again.

use harness::{Ran, Sandbox};

const FILES: &str = r#"
    //- RELEASE.star
    load("@releasekit//rules/npm.star", "npm_package", "npm_workspace")
    load("@releasekit//rules/train.star", "release_train")
    npm_workspace(name = "js", root = "")
    [npm_package(name = name) for name in ["a", "b"]]
    release_train(commits = conventional_commits(squashed = True))
    //- package.json
    {"private": true, "workspaces": ["packages/*"]}
    //- packages/a/package.json
    {"name": "a", "version": "1.0.0"}
    //- packages/b/package.json
    {"name": "b", "version": "1.0.0"}
    "#;

fn repository() -> Sandbox {
    let sandbox = Sandbox::of(FILES);
    sandbox.begin();
    sandbox.git(&["tag", "a/v1.0.0"]);
    sandbox.git(&["tag", "b/v1.0.0"]);
    sandbox
}

/// `a 1.1.0`, for every package that would be released.
fn next(sandbox: &Sandbox) -> Vec<String> {
    let ran: Ran = sandbox.run(&["version", "--format", "json"]).expect(0);
    let packages = ran.json()["packages"].as_array().expect("a list").clone();
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let released = packages.iter().filter(|one| one["bump"] != "none");
    released
        .map(|one| format!("{} {}", word(one, "name"), word(one, "next")))
        .collect()
}

fn change(sandbox: &Sandbox, path: &str, message: &str) {
    sandbox.write(path, message);
    sandbox.commit(message);
}

#[test]
fn a_merge_counts_for_what_it_changes_itself() {
    let sandbox = repository();
    sandbox.git(&["checkout", "--quiet", "-b", "branch"]);
    change(&sandbox, "packages/b/1", "docs: of b");
    sandbox.git(&["checkout", "--quiet", "main"]);
    change(&sandbox, "top", "docs: of all");
    sandbox.git(&["merge", "--quiet", "--no-ff", "--no-commit", "branch"]);
    change(&sandbox, "packages/a/1", "feat: the merge changes a");
    assert_eq!(next(&sandbox), ["a 1.1.0"]);
}

#[test]
fn a_squash_says_what_its_commits_said() {
    let sandbox = repository();
    sandbox.git(&["checkout", "--quiet", "-b", "branch"]);
    change(&sandbox, "packages/a/1", "fix!: one");
    change(&sandbox, "packages/a/2", "feat: two");
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.git(&["merge", "--quiet", "--squash", "branch"]);
    sandbox.git(&["commit", "--quiet", "--no-edit"]);
    let subject = sandbox.git_says(&["log", "-1", "--format=%s"]);
    assert_eq!(subject.trim(), "Squashed commit of the following:");
    assert_eq!(next(&sandbox), ["a 2.0.0"]);
}

#[test]
fn a_package_that_moves_keeps_its_commits_from_who_comes_after_it() {
    let sandbox = repository();
    change(&sandbox, "packages/a/1", "feat: before");
    sandbox.git(&["mv", "packages/a", "packages/moved"]);
    sandbox.commit("refactor: move a");
    assert_eq!(next(&sandbox), ["a 1.1.0"]);
    sandbox.git(&["mv", "packages/b", "packages/a"]);
    sandbox.commit("refactor: b lives where a did");
    assert_eq!(next(&sandbox), ["a 1.1.0"]);
    change(&sandbox, "packages/a/2", "fix: b");
    assert_eq!(next(&sandbox), ["a 1.1.0", "b 1.0.1"]);
}

#[test]
fn what_a_release_branch_released_is_not_new_on_main() {
    let sandbox = Sandbox::of(FILES);
    sandbox.begin();
    change(&sandbox, "packages/a/1", "feat: of a");
    change(&sandbox, "packages/b/1", "feat: of b");
    sandbox.git(&["checkout", "--quiet", "-b", "release"]);
    change(&sandbox, "packages/a/2", "fix: last minute");
    sandbox.git(&["tag", "a/v1.0.0"]);
    sandbox.git(&["tag", "b/v1.0.0"]);
    sandbox.git(&["checkout", "--quiet", "main"]);
    assert_eq!(next(&sandbox), [""; 0]);
    change(&sandbox, "packages/b/2", "fix: on main");
    assert_eq!(next(&sandbox), ["b 1.0.1"]);
    let changelog = sandbox.run(&["changelog", "b"]).expect(0);
    assert!(changelog.stdout.contains("on main"), "{changelog}");
    assert!(!changelog.stdout.contains("of b"), "{changelog}");
}

#[test]
fn every_change_of_a_squash_is_told_to_whom_its_scope_names() {
    let sandbox = repository();
    sandbox.edit(
        "RELEASE.star",
        "squashed = True",
        "squashed = True, scopes = True",
    );
    sandbox.commit("chore: scopes");
    sandbox.write("packages/b/1", "x");
    change(
        &sandbox,
        "packages/a/1",
        "chore: PR (#3)\n\n* feat(a)!: one\n\n* fix(b): two",
    );
    assert_eq!(next(&sandbox), ["a 2.0.0", "b 1.0.1"]);
    let told = |name: &str| sandbox.run(&["changelog", name]).expect(0).stdout;
    assert!(
        told("a").contains("one") && !told("a").contains("two"),
        "{}",
        told("a")
    );
    assert!(
        told("b").contains("two") && !told("b").contains("one"),
        "{}",
        told("b")
    );
    change(&sandbox, "packages/b/2", "feat(a): three");
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(next(&sandbox), ["a 2.0.0", "b 1.0.1"]);
    assert!(!told("a").contains("three"), "{}", told("a"));
}

#[test]
fn a_released_plan_that_is_only_renamed_is_not_released_again() {
    let sandbox = repository();
    sandbox.write(".releases/1.md", "---\na: patch\n---\n\nText\n");
    sandbox.commit("chore: plan");
    assert_eq!(next(&sandbox), ["a 1.0.1"]);
    sandbox.git(&["tag", "a/v1.0.1"]);
    sandbox.git(&["mv", ".releases/1.md", ".releases/2.md"]);
    sandbox.commit("chore: rename");
    assert_eq!(next(&sandbox), [""; 0]);
    change(&sandbox, ".releases/2.md", "---\na: minor\n---\n\nMore\n");
    assert_eq!(next(&sandbox), ["a 1.1.0"]);
}
