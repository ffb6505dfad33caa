//! Hooks: what real git may commit and push once they are installed, and what is left when they are gone.

use std::os::unix::fs::PermissionsExt;

use harness::{Ran, Running, Sandbox, listing};

use super::npm_packages::workspace;
use super::releases::{head, references, with_origin};

const NAMES: [&str; 3] = ["pre-commit", "commit-msg", "pre-push"];

/// Two packages with one version, and one with a placeholder.
pub(super) fn sandbox(train: &str) -> Sandbox {
    let packages = [("a", "a", "1.0.0"), ("b", "b", "1.0.0"), ("d", "d", "0.0.0-dev")];
    let group = "release_group(name = \"ab\", packages = [\"a\", \"b\"], versioning = \"fixed\")";
    workspace(
        &packages,
        &format!("{group}\nrelease_train(name = \"default\"{train})"),
    )
}

pub(super) fn git(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let mut command = sandbox.tool("git");
    command.args(args);
    Running::start(command).finish()
}

/// Commits everything, and lets the hooks have their say.
fn commit(sandbox: &Sandbox, message: &str) -> Ran {
    let _added = git(sandbox, &["add", "--all"]).expect(0);
    git(
        sandbox,
        &["commit", "--quiet", "--allow-empty", "--message", message],
    )
}

fn own_hook(sandbox: &Sandbox, name: &str, script: &str) {
    sandbox.write(&format!(".git/hooks/{name}"), format!("#!/bin/sh\n{script}\n"));
}

#[test]
fn hooks_come_and_go_and_leave_nothing() {
    let sandbox = sandbox("");
    own_hook(&sandbox, "pre-commit", "echo mine");
    let before = listing(&sandbox.path(".git/hooks"));
    let state = |ran: &Ran| -> Vec<String> {
        let json = ran.json();
        assert_eq!(json["schema"], "releasekit.hooks/1");
        let hooks = json["hooks"].as_array().expect("a list");
        hooks
            .iter()
            .map(|hook| hook["state"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let run = |verb: &str| sandbox.run(&["hooks", verb, "--format", "json"]).expect(0);
    assert_eq!(
        state(&run("status")),
        ["somebody else's", "not installed", "not installed"]
    );
    assert_eq!(state(&run("install")), ["installed"; 3]);
    let installed = listing(&sandbox.path(".git/hooks"));
    assert_eq!(state(&run("install")), ["installed"; 3]);
    assert_eq!(
        listing(&sandbox.path(".git/hooks")),
        installed,
        "installing twice is not installing once"
    );
    assert!(installed.contains_key("before-releasekit/pre-commit"));
    for name in NAMES {
        let about = std::fs::metadata(sandbox.path(&format!(".git/hooks/{name}"))).expect("there");
        assert_eq!(about.permissions().mode() & 0o111, 0o111, "{name}");
    }
    assert_eq!(state(&run("uninstall"))[0], "somebody else's");
    assert_eq!(listing(&sandbox.path(".git/hooks")), before);
    assert_eq!(state(&run("uninstall"))[1], "not installed");

    // A folder of hooks of the repository's own; and one for all repositories, which is not ours to change.
    sandbox.git(&["config", "core.hooksPath", "tools/hooks"]);
    assert_eq!(state(&run("install")), ["installed"; 3]);
    assert!(sandbox.path("tools/hooks/pre-push").exists());
    sandbox.git(&["config", "--unset", "core.hooksPath"]);
    sandbox.git(&["config", "--global", "core.hooksPath", "/everywhere"]);
    let refused = sandbox.run(&["hooks", "install"]).expect(3);
    assert!(
        refused.stderr.contains("all repositories") && refused.stderr.contains("hint:"),
        "{refused}"
    );
}

#[test]
fn comments_are_what_git_takes_for_comments() {
    let sandbox = sandbox("");
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    // With an editor git writes comments into the message, here with what is committed below a line.
    let edited = |subject: &str| {
        sandbox.write(
            "editor.sh",
            format!("#!/bin/sh\n{{ echo '{subject}'; cat \"$1\"; }} > message && cp message \"$1\"\n"),
        );
        git(
            &sandbox,
            &[
                "-c",
                "core.editor=sh editor.sh",
                "commit",
                "--allow-empty",
                "--verbose",
            ],
        )
    };
    let message = || git(&sandbox, &["log", "-1", "--format=%B"]).expect(0).stdout;
    for mark in ["#", ";", "auto", "!"] {
        sandbox.git(&["config", "core.commentChar", mark]);
        let _made = edited("fix: with comments").expect(0);
        assert_eq!(message().trim_end(), "fix: with comments", "{mark}");
    }
    for mark in [";", "!"] {
        sandbox.git(&["config", "core.commentChar", mark]);
        let refused = edited("#12 is no comment");
        assert!(
            refused.code != 0 && refused.stderr.contains("Conventional Commit"),
            "{mark}: {refused}"
        );
    }
}

#[test]
fn commits_say_what_changed_and_versions_agree() {
    let sandbox = sandbox("");
    own_hook(
        &sandbox,
        "commit-msg",
        "echo \"asked about $(head -n 1 \"$1\")\"; ! grep -q forbidden \"$1\"",
    );
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    sandbox.write("x", "1");
    for message in [
        "feat: x",
        "fixup! feat: x",
        "Merge branch 'y'",
        "Revert \"feat: x\"",
        "fix(a)!: x\n\nbody",
        "fix: call main() only once",
    ] {
        let ran = commit(&sandbox, message).expect(0);
        assert!(
            ran.stdout.contains("asked about") || ran.stderr.contains("asked about"),
            "{ran}"
        );
    }
    for message in ["update things", "feat:x", "feat(a) b: x", "fix: "] {
        let at = head(&sandbox);
        let ran = commit(&sandbox, message);
        assert!(
            ran.code != 0 && ran.stderr.contains("Conventional Commit"),
            "{ran}"
        );
        assert!(
            ran.stderr.contains("hint:") && ran.stderr.contains("type(scope)"),
            "{ran}"
        );
        assert_eq!(head(&sandbox), at);
    }
    let ran = commit(&sandbox, "feat: forbidden");
    assert!(
        ran.code != 0 && !ran.stderr.contains("Conventional"),
        "the earlier hook's word does not count: {ran}"
    );

    sandbox.edit("a/package.json", "1.0.0", "1.1.0");
    let ran = commit(&sandbox, "feat: only a");
    assert!(
        ran.code != 0 && ran.stderr.contains("b/package.json") && ran.stderr.contains("1.1.0"),
        "{ran}"
    );
    sandbox.edit("b/package.json", "1.0.0", "1.1.0");
    let _both = commit(&sandbox, "feat: both").expect(0);
}

#[test]
fn pushed_tags_say_the_truth() {
    let sandbox = sandbox("");
    let origin = with_origin(&sandbox);
    own_hook(&sandbox, "pre-push", "cat >../said; echo \"$1 $2\" >>../said");
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    let push = |refs: &[&str]| git(&sandbox, &[&["push", "--quiet", "origin"], refs].concat());
    let there = || references(&sandbox, &origin, "refs/tags").len();

    for name in [
        "a/v1.0.0",
        "d/v7.0.0",
        "nightly",
        "a/v1.0.1",
        "b/v1",
        "b/v1.0.0-rc",
    ] {
        sandbox.git(&["tag", name]);
    }
    let _true = push(&["a/v1.0.0", "d/v7.0.0", "nightly", "main"]).expect(0);
    assert_eq!(there(), 3);
    let said = std::fs::read_to_string(sandbox.outside("said")).expect("the earlier hook was asked");
    assert!(
        said.contains("refs/tags/a/v1.0.0") && said.ends_with(&format!("origin {origin}\n")),
        "{said}"
    );

    let lie = push(&["a/v1.0.1", "main"]);
    assert!(
        lie.code != 0 && lie.stderr.contains("`a/package.json` says 1.0.0"),
        "{lie}"
    );
    let none = push(&["b/v1"]);
    assert!(
        none.code != 0 && none.stderr.contains("names no version"),
        "{none}"
    );
    // The tag's own commit counts, not what is in the working tree.
    sandbox.edit("a/package.json", "1.0.0", "1.0.1");
    assert!(push(&["a/v1.0.1"]).code != 0);
    sandbox.edit("b/package.json", "1.0.0", "1.0.1");
    let _both = commit(&sandbox, "fix: both").expect(0);
    sandbox.git(&["tag", "--annotate", "--force", "--message=m", "a/v1.0.1"]);
    let _true = push(&["a/v1.0.1"]).expect(0);
    let _gone = push(&["--delete", "nightly"]).expect(0);
    assert_eq!(there(), 3);

    // Nobody moves a tag that is there, and a new one beside it is looked at all the same.
    sandbox.commit("feat: later");
    sandbox.git(&["tag", "--annotate", "--force", "--message=m", "a/v1.0.1"]);
    let moved = push(&["--force", "a/v1.0.1"]);
    assert!(moved.code != 0 && moved.stderr.contains("never moved"), "{moved}");

    std::fs::create_dir_all(sandbox.path(".git/hooks/before-releasekit")).expect("ours");
    own_hook(&sandbox, "before-releasekit/pre-push", "cat >/dev/null; exit 7");
    assert!(
        push(&["main"]).code != 0,
        "the earlier hook's word does not count"
    );
}

#[test]
fn where_releases_come_from_pull_requests_nobody_pushes_their_tags() {
    let sandbox = sandbox(", releases_from = \"pull-requests\", umbrella_tag = \"all-{version}\"");
    let origin = with_origin(&sandbox);
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    for name in ["a/v1.0.0", "all-1.0.0", "other"] {
        sandbox.git(&["tag", name]);
    }
    for name in ["a/v1.0.0", "all-1.0.0"] {
        let ran = git(&sandbox, &["push", "origin", name]);
        assert!(
            ran.code != 0 && ran.stderr.contains("merged pull requests only"),
            "{ran}"
        );
    }
    let _other = git(&sandbox, &["push", "origin", "other", "main"]).expect(0);
    assert_eq!(references(&sandbox, &origin, "refs/tags").len(), 1);
}

#[test]
fn a_hook_that_finds_no_program_says_so() {
    let sandbox = sandbox("");
    let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    for name in NAMES {
        let path = format!(".git/hooks/{name}");
        let program = harness::binary().display().to_string();
        sandbox.edit(&path, &program, "/nowhere/releasekit");
    }
    let ran = commit(&sandbox, "feat: x");
    assert!(
        ran.code != 0 && ran.stderr.contains("neither on PATH nor where it was"),
        "{ran}"
    );
    // One on the search path is as good.
    let real = harness::binary().display().to_string();
    sandbox.program("releasekit", &format!("#!/bin/sh\nexec '{real}' \"$@\"\n"));
    let _found = commit(&sandbox, "feat: x").expect(0);
}

#[test]
fn huskys_hooks_are_asked_as_husky_asks_them() {
    let sandbox = sandbox("");
    // What husky 9 writes at every installation, in short.
    sandbox.write(
        ".husky/_/h",
        "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\n",
    );
    for name in NAMES {
        sandbox.write(
            &format!(".husky/_/{name}"),
            "#!/bin/sh\n. \"$(dirname \"$0\")/h\"\n",
        );
    }
    let here = harness::binary();
    sandbox.program(
        "releasekit",
        &format!("#!/bin/sh\nexec '{}' \"$@\"\n", here.display()),
    );
    sandbox.git(&["config", "core.hooksPath", ".husky/_"]);
    sandbox.write(".husky/pre-commit", "echo mine\n[ ! -e forbidden ]\n");
    for _ in 0..2 {
        let _installed = sandbox.run(&["hooks", "install"]).expect(0);
    }
    let fine = commit(&sandbox, "feat: x").expect(0);
    assert!(
        fine.stderr.contains("mine") || fine.stdout.contains("mine"),
        "{fine}"
    );
    sandbox.write("forbidden", "");
    assert!(
        commit(&sandbox, "feat: y").code != 0,
        "the earlier hook's word does not count"
    );
    std::fs::remove_file(sandbox.path("forbidden")).expect("ours");
    assert!(commit(&sandbox, "Y").code != 0, "our own word does not count");
    let _gone = sandbox.run(&["hooks", "uninstall"]).expect(0);
    assert_eq!(
        sandbox.read(".husky/pre-commit"),
        "echo mine\n[ ! -e forbidden ]\n"
    );
    assert!(!sandbox.path(".husky/before-releasekit").exists());
}
