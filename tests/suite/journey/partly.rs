//! Parts of a release, releases that are stopped, and journals that are damaged: what is done and said about them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use harness::require_tool;

use super::releases::{publish, with_origin, with_train};
use super::unfinished::PUSH;

#[test]
fn what_is_published_along_with_a_package_is_tagged_too() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(PUSH);
    let _origin = with_origin(&sandbox);
    let part = sandbox.run(&["publish", "tern-b", "--format", "json"]).expect(0);
    assert_eq!(
        sandbox.git_says(&["tag"]),
        "tern-a/v0.1.0\ntern-b/v0.1.0\n",
        "{part}"
    );
    assert!(part.stderr.contains("left open: default:push"), "{part}");
    sandbox.write("notes.txt", "notes\n");
    sandbox.commit("docs: notes");
    let told = publish(&sandbox).expect(4);
    assert!(told.stderr.contains("is not finished"), "{told}");
    sandbox.git(&["checkout", "--quiet", "HEAD~"]);
    let whole = publish(&sandbox).expect(0);
    assert_eq!(whole.ids("executed"), ["default:push"], "{whole}");
    sandbox.git(&["checkout", "--quiet", "main"]);
    let again = publish(&sandbox).expect(0);
    assert_eq!(again.json()["outcome"], "nothing", "{again}");
}

#[test]
fn a_release_that_is_stopped_after_it_published_does_not_say_otherwise() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(PUSH);
    let origin = with_origin(&sandbox);
    let (hook, at_it) = (Path::new(&origin).join("hooks/update"), sandbox.outside("at-it"));
    let script = format!("#!/bin/sh\ntouch {}\nsleep 2\nexit 1\n", at_it.display());
    std::fs::write(&hook, script).expect("ours");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let child = sandbox.start(&["publish"]);
    let began = Instant::now();
    while !at_it.exists() && began.elapsed() < Duration::from_secs(300) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.interrupt();
    let stopped = child.finish();
    assert_ne!(stopped.code, 0, "{stopped}");
    assert!(!stopped.stderr.contains("nothing was published"), "{stopped}");
    assert!(stopped.stderr.contains("the release was stopped"), "{stopped}");
    std::fs::remove_file(&hook).expect("there");
    let resumed = publish(&sandbox).expect(0);
    assert_eq!(resumed.ids("executed"), ["default:push"], "{resumed}");
}

#[test]
fn a_journal_that_cannot_be_read_is_found_by_the_doctor() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train("registry = \"directory:{registry}\"");
    let _released = publish(&sandbox).expect(0);
    let well = sandbox.run(&["doctor"]).expect(0);
    assert!(well.stdout.contains("ok  journal"), "{well}");
    let journal = sandbox.read(".releasekit/journal");
    sandbox.write(".releasekit/journal", journal.replacen("tern-a", "tern-x", 1));
    let ill = sandbox.run(&["doctor"]).expect(4);
    assert!(
        ill.stdout.contains("FAIL  journal") && ill.stdout.contains("hint:"),
        "{ill}"
    );
    let _stopped = publish(&sandbox).expect(1);
}
