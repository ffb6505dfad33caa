//! Trials: alone, in time, and with nothing left of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use adapters::Trial;
use bytes::Bytes;
use cas::Digest;
use engine::{Cancel, Command, Facts, ObservedHandler as _, Provided, StepError};

struct Nothing(BTreeMap<String, Digest>);

impl Provided for Nothing {
    fn files(&self) -> &BTreeMap<String, Digest> {
        &self.0
    }

    fn read(&self, path: &str) -> Result<Bytes, StepError> {
        Err(StepError::new(path))
    }

    fn blob(&self, digest: &Digest) -> Result<Bytes, StepError> {
        Err(StepError::new(digest.hex()))
    }
}

const LONG: Duration = Duration::from_secs(30);

fn shell(script: &str) -> Command {
    Command {
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
        pass_env: BTreeSet::from([
            "PATH".to_owned(),
            "PASSED".to_owned(),
            "BOTH".to_owned(),
            "UNSET".to_owned(),
        ]),
        env: BTreeMap::from([
            ("SET".to_owned(), "set".to_owned()),
            ("BOTH".to_owned(), "own".to_owned()),
        ]),
        ..Command::default()
    }
}

fn run(
    scratch: &Path,
    command: &Command,
    delay_ms: u64,
    deadline: Duration,
    cancel: &Cancel,
) -> Result<Facts, StepError> {
    let env = ["PASSED", "BOTH", "SECRET"].map(|name| (name.to_owned(), "outside".to_owned()));
    let mut env = BTreeMap::from(env);
    env.insert("PATH".to_owned(), std::env::var("PATH").unwrap_or_default());
    let params = serde_json::json!({"command": command, "delay_ms": delay_ms}).to_string();
    let trial = Trial::new(env, scratch);
    let result = trial.observe(&params, &Nothing(BTreeMap::new()), deadline, cancel);
    assert_eq!(
        std::fs::read_dir(scratch).map_or(0, Iterator::count),
        0,
        "something is left in the scratch folder"
    );
    result
}

fn try_out(script: &str) -> Result<Facts, StepError> {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    run(scratch.path(), &shell(script), 0, LONG, &Cancel::new())
}

#[test]
fn a_trial_sees_what_it_was_given() {
    try_out("test \"$SET,$PASSED,$BOTH,${SECRET-none},${UNSET-none}\" = set,outside,own,none,none")
        .expect("its environment is its own");
    try_out("test -z \"$(ls -A)\" && echo x > file && test ! -t 0 && ! read line")
        .expect("its folder is empty");
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let command = Command {
        workdir: "a/b".to_owned(),
        ..shell("case $PWD in */a/b) ;; *) exit 1;; esac")
    };
    let facts = run(scratch.path(), &command, 0, LONG, &Cancel::new()).expect("it starts where it should");
    assert_eq!(facts.summary, "installed and tried");
}

#[test]
fn a_failure_shows_the_end_of_what_was_written() {
    let error =
        try_out("for i in $(seq 50); do echo line-$i; done; printf '\\033[31mred\\007\\n' >&2; exit 7")
            .expect_err("it fails");
    assert!(
        error.message.contains("exit status: 7") && error.transient,
        "{error}"
    );
    assert!(
        error.message.contains("line-32") && !error.message.contains("line-31"),
        "{error}"
    );
    assert!(
        error.message.ends_with("\\u{1b}[31mred\\u{7}"),
        "{:?}",
        error.message
    );
    let killed = try_out("kill -9 $$").expect_err("it is killed");
    assert!(killed.message.contains("signal: 9"), "{killed}");
}

#[test]
fn time_is_kept_and_nobody_survives() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let alive = folder.path().join("alive");
    // Children, one of them deaf to polite words, that would leave a trace later.
    let script = format!(
        "(sleep 2; echo child > '{0}') & (trap '' TERM; sleep 2; echo deaf > '{0}') & sleep 60",
        alive.display()
    );
    let start = Instant::now();
    let scratch = folder.path().join("scratch");
    let command = shell(&script);
    let error = run(&scratch, &command, 0, Duration::from_millis(300), &Cancel::new())
        .expect_err("it takes too long");
    assert!(error.message.contains("did not end within 0.3 s"), "{error}");
    assert!(start.elapsed() < Duration::from_millis(1900));

    // Those that a command leaves behind when it is done end with it.
    let script = format!("(sleep 2; echo left > '{}') & exit 0", alive.display());
    run(&scratch, &shell(&script), 0, LONG, &Cancel::new()).expect("the command itself succeeds");
    std::thread::sleep(Duration::from_millis(2300));
    assert!(!alive.exists());
}

#[test]
fn a_stopped_run_stops_waiting_and_running() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for delay in [20_000, 0] {
        let cancel = Cancel::new();
        let start = Instant::now();
        let result = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| run(scratch.path(), &shell("sleep 20"), delay, LONG, &cancel));
            std::thread::sleep(Duration::from_millis(200));
            cancel.cancel();
            waiting.join().expect("no panic")
        });
        assert!(result.is_err_and(|error| error.message.contains("stopped")));
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[test]
fn the_wait_comes_first_and_on_top() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let start = Instant::now();
    run(
        scratch.path(),
        &shell("true"),
        700,
        Duration::from_millis(600),
        &Cancel::new(),
    )
    .expect("it succeeds");
    assert!(start.elapsed() >= Duration::from_millis(700));
}

#[test]
fn what_cannot_be_run_is_said() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let attempt = |command: &Command| {
        run(scratch.path(), command, 0, LONG, &Cancel::new()).expect_err("it cannot be run")
    };
    let argv = |program: &str| Command {
        argv: vec![program.to_owned()],
        ..shell("")
    };
    for program in ["no-such-program", "", "./here", "/no/such", "sh\0"] {
        let error = attempt(&argv(program));
        assert!(!error.transient && error.hint.is_some(), "{error}");
    }
    attempt(&Command {
        argv: Vec::new(),
        ..shell("")
    });
    for workdir in ["..", "/tmp", "a/../b", "a//b", "a\0"] {
        attempt(&Command {
            workdir: workdir.to_owned(),
            ..shell("true")
        });
    }
    let trial = Trial::new(BTreeMap::new(), scratch.path());
    for params in ["", "{}", "{\"command\": {}}"] {
        assert!(
            trial
                .observe(params, &Nothing(BTreeMap::new()), LONG, &Cancel::new())
                .is_err()
        );
    }
    let flood = try_out("yes").expect_err("it writes without end");
    assert!(
        flood.message.contains("without end") && !flood.transient,
        "{flood}"
    );
}
