//! A bump that cannot be finished: every file is what it was before.

use std::time::{Duration, Instant};

use harness::{Running, Sandbox, require_tool};

#[test]
fn a_tool_that_is_absent_or_fails_leaves_every_file_as_it_was() {
    if !require_tool("npm") {
        return;
    }
    let sandbox = Sandbox::example("polyglot");
    let before = sandbox.listing();
    let bump = ["bump", "major", "--group", "js", "--group", "rust"];

    let only = sandbox.outside("only");
    std::fs::create_dir(&only).expect("the sandbox is ours");
    let mut absent = sandbox.command(&bump);
    absent.env("PATH", &only);
    let ran = Running::start(absent).finish();
    assert_ne!(ran.code, 0, "{ran}");
    assert_eq!(sandbox.listing(), before);
    let git = harness::search_path()
        .iter()
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file());
    std::os::unix::fs::symlink(git.expect("git is there"), only.join("git")).expect("the sandbox is ours");
    let mut absent = sandbox.command(&bump);
    absent.env("PATH", &only);
    let ran = Running::start(absent).finish().expect(3);
    assert!(
        ran.stderr.contains("is not on the search path") && ran.stderr.contains("--no-lock"),
        "{ran}"
    );
    assert_eq!(sandbox.listing(), before);

    // The first lock file is already written when the second tool fails.
    sandbox.program(
        "cargo",
        "#!/bin/sh\necho nonsense >Cargo.lock\necho 'cargo is unwell' >&2\nexit 7\n",
    );
    let ran = sandbox.run(&bump).expect(1);
    assert!(
        ran.stderr.contains("cargo is unwell") && ran.stderr.contains("every file is as it was"),
        "{ran}"
    );
    assert_eq!(sandbox.listing(), before);

    for stop in [Running::interrupt, Running::hang_up] {
        let running = stopped_in_cargo(&sandbox, &bump);
        stop(&running);
        let ran = running.finish().expect(130);
        assert!(ran.stderr.contains("every file is as it was"), "{ran}");
        std::fs::remove_file(sandbox.path("rust/Cargo.stopped")).expect("it is there");
        assert_eq!(sandbox.listing(), before);
    }
}

/// A bump that waits for a cargo which does not end by itself.
fn stopped_in_cargo(sandbox: &Sandbox, bump: &[&str]) -> Running {
    sandbox.program(
        "cargo",
        "#!/bin/sh\necho nonsense >Cargo.lock\n: >Cargo.stopped\nsleep 60\n",
    );
    let mut running = sandbox.start(bump);
    let began = Instant::now();
    while !sandbox.path("rust/Cargo.stopped").exists() {
        assert!(
            began.elapsed() < Duration::from_secs(60) && !running.has_ended(),
            "cargo is not called"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    running
}

#[test]
fn what_a_person_writes_meanwhile_stays_theirs() {
    let sandbox = Sandbox::example("polyglot");
    let before = sandbox.listing();
    let running = stopped_in_cargo(&sandbox, &["bump", "major", "--group", "rust"]);
    let manifests: Vec<&String> = before
        .keys()
        .filter(|path| path.starts_with("rust/") && path.ends_with("Cargo.toml"))
        .filter(|path| sandbox.read(path).as_bytes() != before[*path])
        .collect();
    let [typed, others @ ..] = &manifests[..] else {
        panic!("a manifest is written before the lock file");
    };
    let text = format!("{}# typed by a person\n", sandbox.read(typed));
    sandbox.write(typed, &text);
    running.interrupt();
    let ran = running.finish().expect(130);
    assert!(
        ran.stderr.contains(&format!("left so: `{typed}`"))
            && ran.stderr.contains("every other file is as it was"),
        "{ran}"
    );
    assert_eq!(sandbox.read(typed), text);
    for other in others.iter().map(|path| path.as_str()).chain(["rust/Cargo.lock"]) {
        assert_eq!(sandbox.read(other).as_bytes(), before[other], "{other}");
    }
}

#[test]
fn a_result_that_does_not_agree_is_taken_back() {
    if !require_tool("cargo") {
        return;
    }
    let sandbox = Sandbox::of(
        r#"
        //- RELEASE.star
        load("@releasekit//rules/cargo.star", "cargo_package", "cargo_workspace")
        cargo_workspace(name = "rust", root = ".")
        cargo_package(name = "ink")
        //- .gitignore
        /.releasekit/
        //- Cargo.toml
        [package]
        name = "ink"
        version = "1.0.0"
        edition = "2021"
        //- src/lib.rs
        pub const INK: &str = "blue";
        //- Cargo.lock
        version = 4

        [[package]]
        name = "ink"
        version = "1.0.0"
        "#,
    );
    sandbox.begin();
    let before = sandbox.listing();
    // A tool that says it has done what it has not.
    sandbox.program("cargo", "#!/bin/sh\nexit 0\n");
    let ran = sandbox.run(&["bump", "minor"]).expect(4);
    assert!(
        ran.stdout.contains("Cargo.lock:5 ") && ran.stderr.contains("every file is as it was"),
        "{ran}"
    );
    assert_eq!(sandbox.listing(), before);
    let ran = sandbox.run(&["bump", "minor", "--format", "json"]).expect(4);
    assert_eq!(ran.json()["undone"], true, "{ran}");
    assert_eq!(sandbox.listing(), before);
}
