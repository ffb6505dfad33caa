//! Every command: its help, its JSON, its exit codes; and how it behaves among others.

use std::process::Command;
use std::time::{Duration, Instant};

use harness::{Running, Sandbox, binary, require_tool};
use serde_json::Value;

const COMMANDS: [&str; 20] = [
    "init",
    "generate",
    "discover",
    "plan",
    "build",
    "publish",
    "status",
    "version",
    "bump",
    "tag",
    "changelog",
    "check",
    "hooks",
    "config",
    "graph",
    "query",
    "explain",
    "cache",
    "journal",
    "doctor",
];

/// A release that takes a few seconds because of one slow action.
fn slow() -> Sandbox {
    let sandbox = Sandbox::of(
        r#"
        //- RELEASE.star
        action(name = "quick", outputs = ["out/quick"], command = "mkdir -p out; echo quick > out/quick")
        action(
            name = "slow",
            inputs = ["out/quick"],
            outputs = ["out/slow"],
            command = "sleep 3; mkdir -p out; echo slow > out/slow",
        )
        //- .gitignore
        /out/
        /.releasekit/
        "#,
    );
    sandbox.begin();
    sandbox
}

/// Waits until a release has begun and its first action is done.
fn wait_until_it_runs(sandbox: &Sandbox, running: &mut Running) {
    let began = Instant::now();
    while !sandbox.path(".releasekit/journal").exists() || began.elapsed() < Duration::from_millis(500) {
        assert!(
            began.elapsed() < Duration::from_secs(60) && !running.has_ended(),
            "the release does not begin"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]).expect(0);
    for command in COMMANDS {
        assert!(
            help.stdout.contains(&format!("  {command} ")),
            "`{command}` is not in the help: {help}"
        );
        let help = sandbox.run(&[command, "--help"]).expect(0);
        assert!(help.stdout.contains("Example"), "{help}");
        assert!(help.stdout.contains(&format!("releasekit {command}")), "{help}");
        assert!(help.stderr.is_empty(), "{help}");
        for flag in [
            "--directory",
            "--config-mode",
            "--jobs",
            "--color",
            "--quiet",
            "--verbose",
        ] {
            assert!(help.stdout.contains(flag), "{flag}: {help}");
        }
        let wrong = sandbox.run(&[command, "--no-such-flag"]).expect(2);
        assert!(
            wrong.stdout.is_empty() && wrong.stderr.contains("--no-such-flag"),
            "{wrong}"
        );
    }
    let version = sandbox.run(&["--version"]).expect(0);
    assert!(version.stdout.starts_with("releasekit 0."), "{version}");
    let _none = sandbox.run(&[]).expect(2);
    let unknown = sandbox.run(&["pubish"]).expect(2);
    assert!(unknown.stderr.contains("publish"), "{unknown}");
}

#[test]
fn json_is_one_object_with_a_schema() {
    if !require_tool("uv") || !require_tool("npm") {
        return;
    }
    let sandbox = Sandbox::example("polyglot");
    let before = sandbox.listing();
    let json = |args: &[&str], schema: &str| -> Value {
        let ran = sandbox.run(&[args, &["--format", "json"]].concat()).expect(0);
        let value = ran.json();
        assert_eq!(value["schema"], schema, "{ran}");
        value
    };
    let names = |value: &Value| -> Vec<String> {
        let packages = value["packages"].as_array().expect("a list").iter();
        packages
            .filter_map(|package| package["name"].as_str().map(str::to_owned))
            .collect()
    };

    let found = json(&["discover"], "releasekit.discover/1");
    assert!(names(&found).contains(&"tidewords-sample".to_owned()), "{found}");
    let packages = found["packages"].as_array().expect("a list");
    let package = |name: &str| {
        packages
            .iter()
            .find(|one| one["name"] == name)
            .expect("it is there")
    };
    for field in [
        "name",
        "ecosystem",
        "version",
        "path",
        "private",
        "publishable",
        "deps",
    ] {
        assert!(
            packages.iter().all(|package| !package[field].is_null()),
            "{field}: {found}"
        );
    }
    assert_eq!(package("tidewords-sample")["publishable"], false);
    assert_eq!(
        package("tidewords-page")["deps"],
        serde_json::json!(["@tidewords/catalog", "tidewords"])
    );
    assert_eq!(package("tidewords")["path"], "python/tidewords");

    let versions = json(&["version"], "releasekit.version/1");
    assert!(names(&versions).contains(&"tidewords".to_owned()), "{versions}");
    let status = json(&["status"], "releasekit.status/1");
    assert!(names(&status).contains(&"tidewords".to_owned()), "{status}");
    let plan = json(&["plan"], "releasekit.plan/1");
    let actions = plan["actions"].as_array().expect("a list");
    assert!(actions.len() >= 30, "{plan}");
    for field in ["id", "package", "mnemonic", "class", "status", "reason", "deps"] {
        assert!(
            actions.iter().all(|action| !action[field].is_null()),
            "{field}: {plan}"
        );
    }
    let dry = json(&["publish", "--dry-run"], "releasekit.plan/1");
    assert_eq!(
        dry["actions"].as_array().map(Vec::len),
        Some(actions.len()),
        "{dry}"
    );
    let config = json(&["config"], "releasekit.config/1");
    assert!(
        config["declarations"]
            .as_array()
            .is_some_and(|all| all.len() >= 10),
        "{config}"
    );
    let explained = json(&["explain", "tidewords:build"], "releasekit.explain/1");
    assert_eq!(explained["status"], "run", "{explained}");
    let deps = json(&["query", "deps(tidewords-page)"], "releasekit.query/1");
    let answer: Vec<&str> = deps["answer"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for name in [
        "tidewords",
        "tidewords-core",
        "tidewords-banner",
        "tidewords-format",
        "@tidewords/catalog",
    ] {
        assert!(answer.contains(&name), "{name}: {deps}");
    }
    let _ = json(&["query", "group(rust)"], "releasekit.query/1");
    let _ = json(&["journal"], "releasekit.journal/1");
    let _ = json(&["cache", "stats"], "releasekit.cache.stats/1");
    let _ = json(&["cache", "verify"], "releasekit.cache.verify/1");
    let doctor = json(&["doctor"], "releasekit.doctor/1");
    assert_eq!(doctor["ok"], true, "{doctor}");
    let graph = sandbox.run(&["graph", "--format", "json"]).expect(0);
    assert!(graph.json().is_object(), "{graph}");
    for format in ["dot", "levels", "ascii", "mermaid", "d2", "csv", "table"] {
        for subject in ["packages", "actions"] {
            let drawn = sandbox.run(&["graph", subject, "--format", format]).expect(0);
            assert!(drawn.stdout.contains("tidewords-core"), "{drawn}");
        }
    }

    let mut after = sandbox.listing();
    after.retain(|path, _| !path.starts_with(".releasekit/"));
    assert_eq!(before, after, "a command that only looks has written something");
    let wrong = sandbox.run(&["explain", "tidewords:bild"]).expect(3);
    assert!(wrong.stderr.contains("tidewords:build"), "{wrong}");
    let _wrong = sandbox.run(&["build", "tidewerds"]).expect(3);
}

#[test]
fn generate_writes_what_is_there_and_keeps_what_was_changed() {
    let sandbox = Sandbox::example("polyglot");
    let _declared = sandbox.run(&["generate", "--check"]).expect(0);
    std::fs::remove_file(sandbox.path("RELEASE.star")).expect("it was there");
    let _drift = sandbox.run(&["generate", "--check"]).expect(4);
    let shown = sandbox.run(&["generate"]).expect(0);
    assert!(!sandbox.path("RELEASE.star").exists(), "it was only to be shown");
    let _written = sandbox.run(&["generate", "--write"]).expect(0);
    assert_eq!(sandbox.read("RELEASE.star").trim(), shown.stdout.trim());
    assert!(
        !shown.stdout.contains("tidewords-sample\""),
        "a private crate is declared: {shown}"
    );
    let _planned = sandbox.run(&["plan"]).expect(0);
    let _same = sandbox.run(&["generate", "--check"]).expect(0);

    let by_hand = format!("# Ours.\n{}", sandbox.read("RELEASE.star"));
    sandbox.write("RELEASE.star", &by_hand);
    sandbox.write(
        "js/packages/fresh/package.json",
        "{\"name\": \"tidewords-fresh\", \"version\": \"0.1.0\"}\n",
    );
    let _drift = sandbox.run(&["generate", "--check"]).expect(4);
    let _updated = sandbox.run(&["generate", "--update", "--write"]).expect(0);
    let updated = sandbox.read("RELEASE.star");
    assert!(
        updated.starts_with("# Ours.\n") && updated.contains("\"tidewords-fresh\""),
        "{updated}"
    );
    let kept = by_hand
        .lines()
        .filter(|line| updated.lines().any(|one| one == *line))
        .count();
    assert!(
        kept + 3 >= by_hand.lines().count(),
        "more was changed than had to be:\n{updated}"
    );
    let _same = sandbox.run(&["generate", "--check"]).expect(0);
}

#[test]
fn init_prepares_a_repository() {
    let sandbox = Sandbox::example("polyglot");
    for file in ["RELEASE.star", ".gitignore"] {
        std::fs::remove_file(sandbox.path(file)).expect("it was there");
    }
    let _shown = sandbox.run(&["init"]).expect(0);
    assert!(!sandbox.path("RELEASE.star").exists(), "it was only to be shown");
    let _written = sandbox.run(&["init", "--write"]).expect(0);
    assert!(sandbox.read(".gitignore").contains(".releasekit/"));
    let _planned = sandbox.run(&["plan"]).expect(0);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let sandbox = Sandbox::example("custom-actions");
    for reader in ["true", "head -1"] {
        for args in [
            "config",
            "plan",
            "config --format json",
            "graph actions --format dot",
            "--help",
        ] {
            let mut shell = Command::new("bash");
            let script = format!(
                "set -o pipefail; for i in 1 2 3; do '{}' {args} | {reader} || exit; done",
                binary().display()
            );
            let tool = sandbox.tool("bash");
            shell
                .env_clear()
                .envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?))));
            shell.args(["-c", &script]).current_dir(sandbox.root());
            let ran = Running::start(shell).finish().expect(0);
            assert!(
                !ran.stderr.contains("panicked") && !ran.stderr.to_lowercase().contains("pipe"),
                "{ran}"
            );
        }
    }
}

#[test]
fn only_one_release_runs_at_a_time() {
    let sandbox = slow();
    let mut first = sandbox.start(&["publish"]);
    wait_until_it_runs(&sandbox, &mut first);
    let began = Instant::now();
    let second = sandbox.run(&["publish"]).expect(1);
    assert!(began.elapsed() < Duration::from_secs(5), "{second}");
    assert!(
        second.stderr.contains("lock") || second.stderr.contains("another release"),
        "{second}"
    );
    assert!(
        second.stderr.to_lowercase().contains("hint") || second.stderr.contains("help:"),
        "{second}"
    );
    // Looking is never locked out.
    let _planned = sandbox.run(&["plan"]).expect(0);
    let _finished = first.finish().expect(0);
    let _next = sandbox.run(&["publish"]).expect(0);
}

#[test]
fn a_dead_holder_leaves_no_lock() {
    let sandbox = slow();
    let mut first = sandbox.start(&["publish"]);
    wait_until_it_runs(&sandbox, &mut first);
    first.kill();
    let _killed = first.finish().expect(128 + 9);
    let _next = sandbox.run(&["publish"]).expect(0);
    assert_eq!(sandbox.read("out/slow"), "slow\n");
}

#[test]
fn ctrl_c_stops_in_order_and_the_next_run_goes_on() {
    let sandbox = slow();
    let mut running = sandbox.start(&["publish"]);
    wait_until_it_runs(&sandbox, &mut running);
    running.interrupt();
    let stopped = running.finish().expect(130);
    assert!(
        stopped.took < Duration::from_secs(3),
        "it waited for the slow action: {stopped}"
    );
    assert!(!stopped.stderr.contains("panicked"), "{stopped}");
    let next = sandbox.run(&["publish", "--format", "json"]).expect(0);
    assert_eq!((next.count("cached"), next.count("executed")), (1, 1), "{next}");
}

#[test]
fn builds_of_one_workspace_may_run_side_by_side() {
    let sandbox = Sandbox::example("custom-actions");
    let all: Vec<Running> = (0..4)
        .map(|_| sandbox.start(&["build", "--format", "json"]))
        .collect();
    for one in all {
        let _built = one.finish().expect(0);
    }
    let again = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(
        (again.count("executed"), again.count("cached")),
        (0, 4),
        "{again}"
    );
}

#[test]
fn a_journal_says_what_it_has_no_record_of() {
    let sandbox = Sandbox::of(
        "
        //- RELEASE.star
        action(name = \"quick\", outputs = [\"out/quick\"], command = \"mkdir -p out; echo quick > out/quick\")
        //- .gitignore
        /out/
        /.releasekit/
        ",
    );
    sandbox.begin();
    let empty = sandbox.run(&["journal"]).expect(0);
    assert!(empty.stderr.contains("the journal is empty"), "{empty}");
    let _done = sandbox.publish().expect(0);
    let whole = sandbox.run(&["journal"]).expect(0);
    assert!(!whole.stdout.is_empty() && whole.stderr.is_empty(), "{whole}");
    let nothing = sandbox.run(&["journal", "--run", "1f2e3d"]).expect(0);
    assert!(nothing.stdout.is_empty(), "{nothing}");
    assert!(
        nothing.stderr.contains("no record of release `1f2e3d`"),
        "{nothing}"
    );
}
