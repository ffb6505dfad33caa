//! Killed at a moment that the journal cannot tell apart from others: the next run finishes, or says how.

use harness::{Ran, Running, Sandbox, require_tool, search_path};

use super::releases::{head, publish, references};
use super::unfinished::{BACK, PUSH, begun};

/// Publishes with a git that kills whoever asks for what fits `pattern`, after it has done it or instead.
fn killed(sandbox: &Sandbox, pattern: &str, is_done: bool) -> Ran {
    let folders = search_path();
    let gits = folders.iter().map(|folder| folder.join("git"));
    let real = gits.into_iter().find(|git| git.is_file()).expect("git is there");
    let (real, kill) = (real.display(), "kill -9 $PPID; exit 1");
    let first = if is_done {
        format!("{real} \"$@\" || exit")
    } else {
        ":".to_owned()
    };
    let script =
        format!("#!/bin/sh\ncase \" $* \" in {pattern}) {first}; {kill};; esac\nexec {real} \"$@\"\n");
    sandbox.program("git", &script);
    let ran = publish(sandbox);
    std::fs::remove_file(sandbox.outside("bin/git")).expect("it is there");
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.stdout.is_empty(), "it lived to report: {ran}");
    ran
}

fn status(sandbox: &Sandbox) -> String {
    sandbox.git_says(&["status", "--porcelain=v1"])
}

const MOVES_MAIN: &str = "*\" update-ref \"*refs/heads/main*";
const MAKES_TAG: &str = "*\" update-ref \"*refs/tags/tern-a/v0.2.0*|*\" mktag \"*|*\" tag \"*";

#[test]
fn files_that_did_not_follow_their_commit_are_brought_forward() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = begun(BACK);
    sandbox.write("notes.txt", "mine\n");
    sandbox.git(&["add", "notes.txt"]);
    let released = head(&sandbox);
    let _killed = killed(&sandbox, MOVES_MAIN, true);
    assert_eq!(sandbox.git_says(&["rev-parse", "HEAD~"]).trim(), released);
    assert!(
        status(&sandbox).contains("tern-a/pyproject.toml"),
        "it was too late"
    );

    let dry = sandbox.run(&["publish", "--dry-run"]).expect(0);
    assert!(status(&sandbox).contains("tern-a/pyproject.toml"), "{dry}");
    let resumed = publish(&sandbox).expect(0);
    assert_eq!(resumed.ids("executed"), ["default:push"], "{resumed}");
    assert!(resumed.stderr.contains("tern-a/pyproject.toml"), "{resumed}");
    assert_eq!(status(&sandbox), "A  notes.txt\n", "{resumed}");
    assert!(
        sandbox
            .read("tern-a/pyproject.toml")
            .contains("version = \"0.2.0\"")
    );
    let main = format!("refs/heads/main {}", head(&sandbox));
    assert_eq!(references(&sandbox, &origin, "refs/heads"), [main]);

    // From now on what a person stages is theirs, were it the very same.
    sandbox.git(&["checkout", "HEAD~", "--", "tern-a/pyproject.toml"]);
    let theirs = status(&sandbox);
    let third = publish(&sandbox).expect(0);
    assert_eq!(third.count("executed"), 0, "{third}");
    assert_eq!(status(&sandbox), theirs, "{third}");
}

#[test]
fn what_somebody_changed_meanwhile_is_left_alone_and_told() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, _) = begun(BACK);
    let _killed = killed(&sandbox, MOVES_MAIN, true);
    sandbox.edit("tern-a/CHANGELOG.md", "# Changelog", "# What is new");
    let resumed = publish(&sandbox).expect(0);
    assert!(
        resumed.stderr.contains("`tern-a/CHANGELOG.md` is neither") && resumed.stderr.contains("hint:"),
        "{resumed}"
    );
    assert!(sandbox.read("tern-a/CHANGELOG.md").starts_with("# What is new"));
    assert_eq!(status(&sandbox), "MM tern-a/CHANGELOG.md\n", "{resumed}");
}

#[test]
fn what_was_uploaded_and_not_tagged_is_finished_as_told() {
    if !require_tool("uv") {
        return;
    }
    for train in [PUSH, BACK] {
        let (sandbox, origin) = begun(train);
        let released = head(&sandbox);
        let _killed = killed(&sandbox, MAKES_TAG, false);
        sandbox.write("tern-a/src/tern_a/more.py", "MORE = 1\n");
        sandbox.commit("fix: more");
        let there = harness::listing(&sandbox.registry());
        for _ in 0..2 {
            let told = publish(&sandbox).expect(4);
            let command = format!("`git checkout {} && releasekit publish`", &released[..7]);
            assert!(
                told.stderr.contains("is not finished") && told.stderr.contains(&command),
                "no {command}: {told}"
            );
            assert_eq!(harness::listing(&sandbox.registry()), there, "{told}");
        }
        sandbox.git(&["checkout", "--quiet", &released]);
        let _finished = publish(&sandbox).expect(0);
        let tags = references(&sandbox, &origin, "refs/tags");
        assert!(
            tags.contains(&format!("refs/tags/tern-a/v0.2.0 {released}")),
            "{tags:?}"
        );
        sandbox.git(&["checkout", "--quiet", "main"]);
        let next = publish(&sandbox).expect(0);
        assert!(
            sandbox.git_says(&["tag"]).contains("tern-a/v0.2.1"),
            "the next one: {next}"
        );
    }
}

#[test]
fn what_was_uploaded_as_it_still_is_goes_on_from_later_commits() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, _) = begun(PUSH);
    let mut command = sandbox.command(&["publish", "--format", "json"]);
    // Something was sent, and nobody wrote down how that ended.
    command.env("RELEASEKIT_CRASH_AT", "journal:4");
    let _crashed = Running::start(command).finish().expect(134);
    sandbox.write("notes.txt", "notes\n");
    sandbox.commit("docs: notes");
    let _finished = publish(&sandbox).expect(0);
    let tags = references(&sandbox, ".git", "refs/tags/tern-a");
    assert!(
        tags.contains(&format!("refs/tags/tern-a/v0.2.0 {}", head(&sandbox))),
        "{tags:?}"
    );
}
