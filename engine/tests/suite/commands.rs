//! Commands: what a process sees, what is kept of it, and what is said when it fails.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use engine::*;

use crate::stage::{Stage, graph, message, out, outcomes, script};

fn bytes(stage: &Stage, results: &Results, id: u32, output: &str) -> String {
    String::from_utf8_lossy(&stage.bytes(results, ActionId(id), output)).into_owned()
}

fn run_one(stage: &Stage, text: &str) -> Results {
    stage.run(&graph(vec![script("core:test", text, vec![], &[])]))
}

#[test]
fn a_process_sees_its_inputs_and_its_environment_and_nothing_else() {
    let mut stage = Stage::new();
    stage.env = BTreeMap::from([("SHOWN", "1"), ("HIDDEN", "2")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    let text = "env | cut -d= -f1 | sort >env; find . -type f | sort >files; cat deep/in.txt >copy";
    let mut action = script(
        "a",
        text,
        vec![stage.source("deep/in.txt", b"in")],
        &["env", "files", "copy"],
    );
    if let Work::Command(command) = &mut action.work {
        command.env.insert("SET".to_owned(), "x".to_owned());
        command.pass_env = ["SHOWN", "ABSENT"].map(str::to_owned).into();
    }
    let results = stage.run(&graph(vec![action]));
    assert_eq!(outcomes(&results), ["executed"], "{}", message(&results, 0));
    let names = bytes(&stage, &results, 0, "env");
    let names: Vec<&str> = names
        .lines()
        .filter(|name| !matches!(*name, "_" | "PWD" | "SHLVL" | "OLDPWD"))
        .collect();
    assert_eq!(names, ["HOME", "SET", "SHOWN", "TMPDIR"]);
    assert_eq!(
        bytes(&stage, &results, 0, "files"),
        "./deep/in.txt\n./env\n./files\n"
    );
    assert_eq!(bytes(&stage, &results, 0, "copy"), "in");
    assert_eq!(
        std::fs::read_dir(stage.path("scratch")).expect("there").count(),
        0,
        "nothing is left"
    );
}

#[test]
fn files_folders_and_modes_travel_between_processes() {
    let stage = Stage::new();
    let make = "mkdir -p out/sub/empty; echo hi >out/sub/a; chmod +x out/sub/a; ln -s sub/a out/link";
    let mut read = script(
        "b",
        "cd in; ./sub/a 2>/dev/null; test -d sub/empty; readlink link >../x",
        vec![out(0, "in")],
        &["x"],
    );
    read.policy.timeout = Duration::from_secs(20);
    let graph = graph(vec![script("a", make, vec![], &["out"]), read]);
    let results = stage.run(&graph);
    assert_eq!(
        outcomes(&results),
        ["executed", "executed"],
        "{}",
        message(&results, 1)
    );
    assert_eq!(bytes(&stage, &results, 1, "x"), "sub/a\n");
    assert_eq!(outcomes(&stage.run(&graph)), ["cached", "cached"]);
}

#[test]
fn a_working_folder_changes_where_a_process_starts_and_nothing_else() {
    let stage = Stage::new();
    let mut action = script(
        "a",
        "cat x >../log; echo y >dist/y",
        vec![stage.source("core/x", b"1")],
        &["core/dist", "log"],
    );
    if let Work::Command(command) = &mut action.work {
        "core".clone_into(&mut command.workdir);
    }
    action.outputs[0] = "core/dist/y".to_owned();
    let graph = graph(vec![action]);
    let results = stage.run(&graph);
    assert_eq!(outcomes(&results), ["executed"], "{}", message(&results, 0));
    assert_eq!(
        (
            bytes(&stage, &results, 0, "log"),
            bytes(&stage, &results, 0, "core/dist/y")
        ),
        ("1".into(), "y\n".into())
    );
    assert_eq!(outcomes(&stage.run(&graph)), ["cached"]);
}

#[test]
fn a_failure_says_how_and_shows_the_last_lines() {
    let stage = Stage::new();
    let results = run_one(&stage, "echo fine; printf 'bad \\033[31mred\\n' >&2; exit 2");
    assert_eq!(outcomes(&results), ["failed"]);
    let told = message(&results, 0);
    assert!(
        told.contains("exited with 2\nbad \\u{1b}[31mred") && !told.contains("\nfine"),
        "{told}"
    );
    let told = message(&run_one(&stage, "kill -9 $$"), 0);
    assert!(told.contains("killed by signal 9"), "{told}");
    let told = message(&run_one(&stage, "echo only this; exit 1"), 0);
    assert!(told.ends_with("exited with 1\nonly this"), "{told}");
}

#[test]
fn programs_are_found_on_the_process_own_search_path() {
    let stage = Stage::new();
    let with = |argv: &[&str], path: Option<&str>| {
        let mut action = script("a", "", vec![stage.source("tool", b"#!/bin/sh\nexit 0\n")], &[]);
        if let Input::Source { executable, .. } = &mut action.inputs[0] {
            *executable = true;
        }
        let env = path
            .map(|path| ("PATH".to_owned(), path.to_owned()))
            .into_iter()
            .collect();
        let argv = argv.iter().map(|word| (*word).to_owned()).collect();
        action.work = Work::Command(Command {
            argv,
            env,
            ..Command::default()
        });
        let results = stage.run(&graph(vec![action]));
        (outcomes(&results)[0], message(&results, 0))
    };
    assert_eq!(with(&["true"], None).0, "executed");
    assert_eq!(with(&["./tool"], None).0, "executed");
    assert_eq!(with(&["tool"], Some("/nowhere:.")).0, "executed");
    let (outcome, told) = with(&["true"], Some("/nowhere"));
    assert_eq!(
        (outcome, told.as_str()),
        ("failed", "`true` was not found on the search path `/nowhere`")
    );
    assert_eq!(with(&[], None).1, "the command is empty");
    assert_eq!(with(&["./absent"], None).1, "`./absent` is not a program");
}

#[test]
fn a_missing_output_is_a_failure_that_names_it() {
    let stage = Stage::new();
    let results = stage.run(&graph(vec![script("a", "echo >x", vec![], &["x", "y"])]));
    assert_eq!(
        message(&results, 0),
        "it succeeded, but did not make its declared output `y`"
    );
    assert_eq!(
        outcomes(&stage.run(&graph(vec![script("a", "echo >x", vec![], &["x"])]))),
        ["executed"]
    );
}

#[test]
fn outputs_that_lead_elsewhere_are_refused() {
    let stage = Stage::new();
    for text in [
        "ln -s /etc/passwd x",
        "mkdir x; ln -s /etc/passwd x/y",
        "mkdir x; ln -s ../../home x/y",
    ] {
        let results = stage.run(&graph(vec![script("a", text, vec![], &["x"])]));
        assert_eq!(outcomes(&results), ["failed"], "{text}");
        assert!(
            message(&results, 0).contains("its output `x`"),
            "{}",
            message(&results, 0)
        );
    }
}

#[test]
fn a_source_that_changes_fails_the_action_and_nothing_is_kept() {
    let stage = Stage::new();
    let graph = graph(vec![script(
        "a",
        "cp in x",
        vec![stage.source("in", b"planned")],
        &["x"],
    )]);
    std::fs::write(stage.path("in"), b"changed").expect("written");
    let results = stage.run(&graph);
    assert_eq!(outcomes(&results), ["failed"]);
    assert!(
        message(&results, 0).ends_with("in` changed while it was being used"),
        "{}",
        message(&results, 0)
    );
    std::fs::write(stage.path("in"), b"planned").expect("written");
    let results = stage.run(&graph);
    assert_eq!(
        (outcomes(&results), bytes(&stage, &results, 0, "x")),
        (vec!["executed"], "planned".to_owned())
    );
}

#[test]
fn a_timeout_kills_the_whole_group() {
    let stage = Stage::new();
    let note = stage.path("alive");
    let text = format!("(while :; do date >{}; sleep 0.05; done) & wait", note.display());
    let mut action = script("a", &text, vec![], &[]);
    action.policy.timeout = Duration::from_millis(400);
    let start = Instant::now();
    let results = stage.run(&graph(vec![action]));
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(
        message(&results, 0).contains("killed because it took longer than 0.4 s"),
        "{}",
        message(&results, 0)
    );
    std::fs::remove_file(&note).expect("it was alive");
    std::thread::sleep(Duration::from_millis(300));
    assert!(!note.exists(), "the child lives on");
}

#[test]
fn what_a_process_leaves_running_is_killed() {
    let stage = Stage::new();
    let note = stage.path("alive");
    let text = format!(
        "(while :; do date >{}; sleep 0.05; done) >/dev/null 2>&1 & sleep 0.2",
        note.display()
    );
    let results = run_one(&stage, &text);
    assert_eq!(outcomes(&results), ["executed"]);
    std::fs::remove_file(&note).expect("it was alive");
    std::thread::sleep(Duration::from_millis(300));
    assert!(!note.exists(), "the child lives on");
}

#[test]
fn cancelling_kills_commands_and_skips_the_rest() {
    let stage = Stage::new();
    let graph = graph(vec![
        script("a", "sleep 1000", vec![], &["out"]),
        script("b", "", vec![out(0, "x")], &[]),
    ]);
    let cancel = stage.cancel.clone();
    let events = std::sync::Arc::clone(&stage.events);
    let canceller = std::thread::spawn(move || {
        while events.told().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(50));
        cancel.cancel();
    });
    let start = Instant::now();
    let results = stage.run(&graph);
    canceller.join().expect("no panics");
    assert!(start.elapsed() < Duration::from_secs(60), "it was killed");
    assert_eq!(outcomes(&results), ["skipped", "skipped"]);
    assert_eq!(
        (message(&results, 0), results.stopped()),
        ("the run was interrupted".into(), Some("the run was interrupted"))
    );
}

#[test]
fn commands_are_tried_again_only_if_the_policy_says_so() {
    let stage = Stage::new();
    let note = stage.path("note");
    let text = format!("test -e {0} || {{ touch {0}; exit 1; }}", note.display());
    assert_eq!(outcomes(&run_one(&stage, &text)), ["failed"]);
    std::fs::remove_file(&note).expect("it was made");
    let mut action = script("b", &text, vec![], &[]);
    action.policy.retries = 1;
    action.policy.backoff = Duration::from_millis(1);
    assert_eq!(outcomes(&stage.run(&graph(vec![action]))), ["executed"]);
}

#[test]
fn scratch_folders_are_kept_on_request() {
    let mut stage = Stage::new();
    stage.keep_scratch = true;
    run_one(&stage, "echo hi >left; exit 1");
    let kept = std::fs::read_dir(stage.path("scratch")).expect("there");
    let mut kept = kept
        .map(|entry| entry.expect("read").path())
        .filter(|path| path.join("left").exists());
    let name = kept
        .next()
        .and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    assert!(name.is_some_and(|name| name.starts_with("core-test")));
}

#[test]
fn folders_nobody_may_write_to_are_removed_too() {
    let stage = Stage::new();
    assert_eq!(
        outcomes(&run_one(
            &stage,
            "mkdir -p a/b; touch a/b/c; chmod 500 a/b; chmod 000 a"
        )),
        ["executed"]
    );
    assert_eq!(
        std::fs::read_dir(stage.path("scratch")).expect("there").count(),
        0
    );
}

#[test]
fn what_a_process_says_is_kept() {
    let stage = Stage::new();
    let results = run_one(&stage, "echo said; echo complained >&2");
    let result = results.result(ActionId(0)).expect("it succeeded");
    let read = |digest: Option<cas::Digest>| {
        cas::Store::get(&*stage.memory, &digest.expect("something"))
            .expect("memory")
            .expect("there")
    };
    assert_eq!(
        (&read(result.stdout)[..], &read(result.stderr)[..]),
        (&b"said\n"[..], &b"complained\n"[..])
    );
}
