//! What would stand in the way of a release is found before anything is published.

use harness::{Ran, Sandbox, require_tool};

use super::releases::{head, publish, references, with_origin, with_train};

const REGISTRY: &str = "registry = \"directory:{registry}\"";

/// The release was refused with these words, and nothing was sent, tagged or committed.
fn nothing_happened(sandbox: &Sandbox, ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not in {ran}");
    }
    assert!(ran.stderr.contains("hint:"), "{ran}");
    assert!(!sandbox.registry().exists(), "something was published: {ran}");
    let ours = references(sandbox, ".git", "refs/tags/tern-a/v0.1.0");
    assert_eq!(ours, [""; 0], "{ran}");
}

#[test]
fn tags_that_git_cannot_keep_beside_others() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(REGISTRY);
    sandbox.git(&["tag", "tern-b"]);
    let beside = "there cannot be a tag `tern-b/v0.1.0` beside `tern-b`";
    nothing_happened(&sandbox, &publish(&sandbox).expect(4), &[beside]);
    sandbox.git(&["tag", "--delete", "tern-b"]);
    let _released = publish(&sandbox).expect(0);

    let clashing = with_train(&format!(
        "secondary_tags = [\"{{name}}/v{{version}}/docs\"], {REGISTRY}"
    ));
    let beside = "there cannot be a tag `tern-a/v0.1.0` beside `tern-a/v0.1.0/docs`";
    nothing_happened(&clashing, &publish(&clashing).expect(4), &[beside]);

    let remote = with_train(&format!("push = True, {REGISTRY}"));
    let origin = with_origin(&remote);
    remote.git(&["--git-dir", &origin, "tag", "tern-b/v0.1.0", "main~"]);
    let taken = "the tag `tern-b/v0.1.0` already names commit";
    let whose = "on the remote `origin`";
    nothing_happened(&remote, &publish(&remote).expect(5), &[taken, whose]);
}

#[test]
fn a_repository_without_commits() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(REGISTRY);
    sandbox.git(&["update-ref", "-d", "HEAD"]);
    nothing_happened(&sandbox, &publish(&sandbox).expect(4), &["there is no commit"]);
}

/// A release that is committed back, by a train that says more.
fn returning(more: &str) -> Sandbox {
    let sandbox = with_train(&format!("commit_back = True, {more}{REGISTRY}"));
    sandbox.write(
        "tern-a/CHANGELOG.md",
        "# Changelog\n\n## 0.0.9\n\n- precious, by hand\n",
    );
    sandbox.commit("docs: what was");
    sandbox
}

#[test]
fn a_branch_that_is_not_there_or_elsewhere() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = returning("commit_back_branch = \"bot\", ");
    nothing_happened(
        &sandbox,
        &publish(&sandbox).expect(4),
        &["`bot`", "no branch here"],
    );
    sandbox.git(&["branch", "bot", "HEAD~"]);
    nothing_happened(&sandbox, &publish(&sandbox).expect(4), &["`bot` is at commit"]);
    sandbox.git(&["branch", "--force", "bot", "HEAD"]);
    let _released = publish(&sandbox).expect(0);
}

#[test]
fn a_clone_of_one_commit_makes_the_branch_that_its_remote_has() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = returning("commit_back_branch = \"main\", push = True, ");
    let origin = with_origin(&sandbox);
    sandbox.git(&["fetch", "--quiet", "origin"]);
    sandbox.git(&["checkout", "--quiet", "--detach"]);
    sandbox.git(&["branch", "--delete", "--force", "main"]);
    let at = head(&sandbox);
    let _released = publish(&sandbox).expect(0);
    let parent = sandbox.git_says(&["--git-dir", &origin, "rev-parse", "main~"]);
    assert_eq!(parent.trim(), at);
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn files_that_cannot_be_written_back() {
    if !require_tool("uv") {
        return;
    }
    let linked = returning("");
    linked.git(&["mv", "tern-a/CHANGELOG.md", "CHANGES.md"]);
    std::os::unix::fs::symlink("../CHANGES.md", linked.path("tern-a/CHANGELOG.md")).expect("a link");
    linked.commit("docs: linked");
    nothing_happened(
        &linked,
        &publish(&linked).expect(4),
        &["tern-a/CHANGELOG.md", "is a symbolic link"],
    );

    let sparse = returning("");
    sparse.git(&["sparse-checkout", "set", "--no-cone", "/*", "!CHANGELOG.md"]);
    nothing_happened(
        &sparse,
        &publish(&sparse).expect(4),
        &["tern-a/CHANGELOG.md", "not in the working tree"],
    );
    sparse.git(&["sparse-checkout", "disable"]);
    let _released = publish(&sparse).expect(0);
    assert!(
        sparse
            .read("tern-a/CHANGELOG.md")
            .ends_with("\n- precious, by hand\n")
    );

    let hidden = returning("");
    hidden.git(&["update-index", "--skip-worktree", "tern-a/CHANGELOG.md"]);
    hidden.write("tern-a/CHANGELOG.md", "mine\n");
    nothing_happened(
        &hidden,
        &publish(&hidden).expect(4),
        &["tern-a/CHANGELOG.md", "not committed"],
    );
}

#[test]
fn a_version_plan_that_no_commit_has() {
    if !require_tool("uv") {
        return;
    }
    for train in ["commit_back = True, ", ""] {
        let sandbox = with_train(&format!("{train}{REGISTRY}"));
        let args = [
            "version",
            "plan",
            "add",
            "-p",
            "tern-b=minor",
            "-m",
            "Not committed",
        ];
        let plan = sandbox.run(&args).expect(0).stdout.trim().to_owned();
        let shown = sandbox.run(&["version"]).expect(0);
        assert!(shown.stdout.contains("0.1.0"), "{shown}");
        nothing_happened(
            &sandbox,
            &publish(&sandbox).expect(4),
            &[&plan, "nothing was published"],
        );
        sandbox.commit("docs: a plan");
        let _released = publish(&sandbox).expect(0);
        let tags = sandbox.git_says(&["tag"]);
        let again = publish(&sandbox).expect(0);
        assert_eq!(again.count("executed"), 0, "{again}");
        assert_eq!(sandbox.git_says(&["tag"]), tags);
    }
}

#[test]
fn a_file_that_would_be_written_over_and_a_branch_that_is_checked_out_elsewhere() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(&format!("commit_back = True, {REGISTRY}"));
    sandbox.write("tern-a/CHANGELOG.md", "mine\n");
    let words = ["`tern-a/CHANGELOG.md`, which is here and not committed"];
    nothing_happened(&sandbox, &publish(&sandbox).expect(4), &words);
    assert_eq!(sandbox.read("tern-a/CHANGELOG.md"), "mine\n");

    let named = with_train(&format!(
        "commit_back = True, commit_back_branch = \"main\", {REGISTRY}"
    ));
    let other = named.outside("other").display().to_string();
    named.git(&["checkout", "--quiet", "--detach"]);
    named.git(&["worktree", "add", "--quiet", &other, "main"]);
    nothing_happened(
        &named,
        &publish(&named).expect(4),
        &["`main` is checked out in", "nothing was published"],
    );
    named.git(&["worktree", "remove", "--force", &other]);
    let _released = publish(&named).expect(0);
}

#[test]
fn new_files_that_no_commit_has() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(&format!("push = True, {REGISTRY}"));
    let _origin = with_origin(&sandbox);
    sandbox.write("notes.txt", "part of nothing\n");
    sandbox.write("tern-a/src/tern_a/new.py", "NEW = 1\n");
    let words = ["`tern-a/src/tern_a/new.py`", "has to tell the truth"];
    nothing_happened(&sandbox, &publish(&sandbox).expect(4), &words);
    sandbox.write(".git/info/exclude", "new.py\n");
    let _released = publish(&sandbox).expect(0);

    let unpushed = with_train(REGISTRY);
    unpushed.write("tern-a/src/tern_a/new.py", "NEW = 1\n");
    let warned = publish(&unpushed).expect(0);
    assert!(
        warned.stderr.contains("warning: `tern-a/src/tern_a/new.py`"),
        "{warned}"
    );
}

#[test]
fn another_git_at_work_is_waited_for_before_the_branch_moves() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = returning("");
    let at = head(&sandbox);
    sandbox.write(".git/index.lock", "");
    let refused = publish(&sandbox).expect(1);
    assert!(refused.stdout.contains("index.lock"), "{refused}");
    assert_eq!(head(&sandbox), at);
    std::fs::remove_file(sandbox.path(".git/index.lock")).expect("ours");
    let _resumed = publish(&sandbox).expect(0);
    assert_ne!(head(&sandbox), at);
    assert_eq!(sandbox.git_says(&["status", "--porcelain=v1"]), "");
}
