//! Releases that failed in their last steps, and commits that were made before they were run again: nothing is lost.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::{Ran, Sandbox, require_tool};

use super::releases::{head, publish, references, with_origin, with_train};

pub(super) const BACK: &str = "commit_back = True, push = True, registry = \"directory:{registry}\"";
pub(super) const PUSH: &str = "push = True, registry = \"directory:{registry}\"";

/// A workspace that was released once, with a feature since, and its remote.
pub(super) fn begun(train: &str) -> (Sandbox, String) {
    let sandbox = with_train(train);
    let origin = with_origin(&sandbox);
    let _first = publish(&sandbox).expect(0);
    sandbox.write("tern-a/src/tern_a/__init__.py", "NAME = \"better\"\n");
    sandbox.commit("feat: better");
    (sandbox, origin)
}

/// Publishes while the remote refuses everything.
fn without_push(sandbox: &Sandbox, origin: &str) -> Ran {
    let hook = Path::new(origin).join("hooks/update");
    std::fs::write(&hook, "#!/bin/sh\nexit 1\n").expect("ours");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let failed = publish(sandbox).expect(1);
    assert_eq!(failed.ids("failed"), ["default:push"], "{failed}");
    std::fs::remove_file(&hook).expect("there");
    failed
}

/// Publishes while somebody holds the branch.
fn without_commit_back(sandbox: &Sandbox) -> Ran {
    let lock = sandbox.path(".git/refs/heads/main.lock");
    std::fs::write(&lock, "").expect("ours");
    let failed = publish(sandbox).expect(1);
    assert_eq!(failed.ids("failed"), ["default:commit_back"], "{failed}");
    std::fs::remove_file(&lock).expect("there");
    failed
}

fn on_top(sandbox: &Sandbox, path: &str, message: &str) {
    sandbox.write(path, format!("# {message}\n"));
    sandbox.commit(message);
}

fn tags(sandbox: &Sandbox, git_dir: &str) -> Vec<String> {
    references(sandbox, git_dir, "refs/tags")
}

fn main_of(sandbox: &Sandbox, origin: &str) -> Vec<String> {
    references(sandbox, origin, "refs/heads")
}

/// Does what the hint says: goes back, publishes, and comes here again.
fn as_told(sandbox: &Sandbox, told: &Ran, commit: &str) -> Ran {
    let command = format!("`git checkout {} && releasekit publish`", &commit[..7]);
    assert!(told.stderr.contains(&command), "no {command}: {told}");
    assert!(told.stderr.contains("then `git checkout main`"), "{told}");
    sandbox.git(&["checkout", "--quiet", &commit[..7]]);
    let finished = publish(sandbox);
    sandbox.git(&["checkout", "--quiet", "main"]);
    finished
}

#[test]
fn a_push_that_is_left_is_made_up_for_beneath_later_commits() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(BACK);
    let failed = without_push(&sandbox, &origin);
    let back = head(&sandbox);
    on_top(&sandbox, "notes.txt", "docs: notes");
    let at = head(&sandbox);
    // From another branch, too: the release goes to the branch that it was made on.
    sandbox.git(&["checkout", "--quiet", "-b", "feature"]);
    let resumed = publish(&sandbox).expect(0);
    assert_eq!(resumed.ids("executed"), ["default:push"], "{resumed}");
    assert_eq!(resumed.json()["release"], failed.json()["release"]);
    assert_eq!(tags(&sandbox, &origin), tags(&sandbox, ".git"));
    assert_eq!(main_of(&sandbox, &origin), [format!("refs/heads/main {back}")]);
    sandbox.git(&["checkout", "--quiet", "main"]);
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.json()["outcome"], "nothing", "{again}");
    assert_eq!(head(&sandbox), at);
}

#[test]
fn tags_that_are_left_go_with_the_next_release() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(BACK);
    let _failed = without_push(&sandbox, &origin);
    on_top(&sandbox, "tern-a/src/tern_a/more.py", "fix: more");
    let next = publish(&sandbox).expect(0);
    assert!(
        !next.stderr.contains("is not finished"),
        "nothing else is left: {next}"
    );
    let there = tags(&sandbox, &origin);
    assert_eq!(there, tags(&sandbox, ".git"));
    assert_eq!(there.len(), 6, "{there:?}");
    assert_eq!(
        main_of(&sandbox, &origin),
        [format!("refs/heads/main {}", head(&sandbox))]
    );
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn what_was_not_brought_back_is_no_success_and_is_finished_as_told() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(BACK);
    let failed = without_commit_back(&sandbox);
    let released = head(&sandbox);
    on_top(&sandbox, "notes.txt", "docs: notes");
    let above = head(&sandbox);
    let dry = sandbox.run(&["publish", "--dry-run"]).expect(0);
    assert!(dry.stderr.contains("is not finished"), "{dry}");
    let told = publish(&sandbox).expect(4);
    let release = failed.json()["release"].as_str().expect("a name").to_owned();
    assert!(
        told.stderr.contains("uv/tern-a 0.2.0, uv/tern-b 0.1.1") && told.stderr.contains(&release),
        "{told}"
    );
    let finished = as_told(&sandbox, &told, &released).expect(0);
    assert_eq!(finished.json()["release"], release.as_str());
    assert_eq!(
        finished.ids("executed"),
        ["default:commit_back", "default:push"],
        "{finished}"
    );
    assert_eq!(sandbox.git_says(&["rev-parse", "main~"]).trim(), above);
    assert!(
        sandbox
            .read("tern-a/pyproject.toml")
            .contains("version = \"0.2.0\"")
    );
    assert!(sandbox.read("tern-a/CHANGELOG.md").contains("better"));
    assert_eq!(sandbox.git_says(&["status", "--porcelain=v1"]), "");
    assert_eq!(tags(&sandbox, &origin), tags(&sandbox, ".git"));
    assert_eq!(
        main_of(&sandbox, &origin),
        [format!("refs/heads/main {}", head(&sandbox))]
    );
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn what_would_be_overwritten_is_not_brought_back() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(BACK);
    let _failed = without_commit_back(&sandbox);
    let released = head(&sandbox);
    sandbox.edit(
        "tern-a/pyproject.toml",
        "version = \"0.1.0\"",
        "version = \"0.1.0\" # here",
    );
    sandbox.commit("chore: a remark");
    let above = head(&sandbox);
    let told = publish(&sandbox).expect(4);
    let stopped = as_told(&sandbox, &told, &released).expect(4);
    assert!(stopped.stderr.contains("`main` is at commit"), "{stopped}");
    assert_eq!(head(&sandbox), above);
    assert!(sandbox.read("tern-a/pyproject.toml").contains("# here"));
    // On a branch of its own it comes back, and git brings both together.
    sandbox.git(&["checkout", "--quiet", "-b", "mend", &released]);
    let _mended = publish(&sandbox).expect(0);
    assert_eq!(tags(&sandbox, &origin), tags(&sandbox, ".git"));
    sandbox.git(&["checkout", "--quiet", "main"]);
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn a_later_release_says_what_it_leaves_behind() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(BACK);
    let _failed = without_commit_back(&sandbox);
    on_top(&sandbox, "tern-a/src/tern_a/more.py", "fix: more");
    let next = publish(&sandbox).expect(0);
    assert!(
        next.stderr.contains("warning: the release of uv/tern-a 0.2.0") && next.stderr.contains("hint:"),
        "{next}"
    );
    assert_eq!(tags(&sandbox, &origin), tags(&sandbox, ".git"));
    assert!(
        sandbox
            .read("tern-a/pyproject.toml")
            .contains("version = \"0.2.1\"")
    );
    on_top(&sandbox, "notes.txt", "docs: notes");
    let after = publish(&sandbox).expect(0);
    assert!(
        !after.stderr.contains("is not finished"),
        "it is history now: {after}"
    );
}

#[test]
fn tags_alone_are_pushed_as_told() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(PUSH);
    let _failed = without_push(&sandbox, &origin);
    let released = head(&sandbox);
    on_top(&sandbox, "notes.txt", "docs: notes");
    let told = publish(&sandbox).expect(4);
    let finished = as_told(&sandbox, &told, &released).expect(0);
    assert_eq!(finished.ids("executed"), ["default:push"], "{finished}");
    assert_eq!(tags(&sandbox, &origin), tags(&sandbox, ".git"));
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.json()["outcome"], "nothing", "{again}");
}
