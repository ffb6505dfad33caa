//! RELEASE.star, from texts to a configuration or to diagnostics that help.

mod signatures;
mod support;

use std::collections::BTreeMap;

use model::{PinStrategy, Value};
use rules::{Evaluation, Request, evaluate, resolve};
use support::{Files, HOOK, LOADS, config, evaluated, line, told};

const EXAMPLE: &str = include_str!("../fixtures/example.star");

#[test]
fn the_example_of_the_specification_works_unmodified() {
    let evaluation = evaluated(&[("RELEASE.star", EXAMPLE)]);
    assert_eq!(evaluation.diagnostics, []);
    assert_eq!(evaluation.declarations.len(), 23);
    assert_eq!(evaluation.env_read, ["SLACK_RELEASE_WEBHOOK"]);
    let announce = evaluation
        .declarations
        .iter()
        .find(|call| call.function == "announce")
        .expect("is declared");
    assert_eq!(
        announce.get("webhook"),
        &Value::Env("SLACK_RELEASE_WEBHOOK".to_owned(), None)
    );
    let config = resolve(&evaluation).expect("a configuration");
    assert_eq!(
        config
            .workspaces
            .iter()
            .map(|it| it.root.as_str())
            .collect::<Vec<_>>(),
        ["python", ""]
    );
    let names: Vec<&str> = config
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(names.len(), 8);
    assert_eq!(
        names[4..],
        [
            "dotprompt-monaco",
            "dotprompt-codemirror",
            "dotprompt-jetbrains",
            "dotprompt-vscode"
        ]
    );
    assert_eq!(config.packages[0].pin_strategy, Some(PinStrategy::Exact));
    assert_eq!(config.groups.len(), 4);
    let train = &config.trains[0];
    assert_eq!(
        (train.jobs, train.max_retries, train.smoke_test_delay.as_secs()),
        (Some(4), 3, 30)
    );
    assert_eq!(train.tag_format.pattern(), "{name}/v{version}");
    let unused: Vec<String> = config.unused.iter().map(line).collect();
    assert_eq!(
        unused[0],
        "RELEASE.star:82:1: `signer`: declared, not run in this version"
    );
    assert!(
        unused[5].starts_with("RELEASE.star:111:1: `release_train`: `commit_back`, "),
        "{unused:#?}"
    );
    assert_eq!(unused.len(), 6);
}

#[test]
fn the_same_text_gives_the_same_evaluation() {
    let [first, second] = [(); 2].map(|()| evaluated(&[("RELEASE.star", EXAMPLE)]));
    assert_eq!(first, second);
    let text = serde_json::to_string(&first).expect("serialises");
    assert_eq!(
        serde_json::from_str::<Evaluation>(&text).expect("reads back"),
        first
    );
}

#[test]
fn without_a_train_there_is_the_default_one() {
    let mut declared =
        config("load(\"@releasekit//rules/train.star\", \"release_train\")\nrelease_train()\n").trains;
    declared[0].location = None;
    assert_eq!(config("vcs(\"git\")\n").trains, declared);
}

#[test]
fn the_environment_is_read_where_it_is_needed() {
    let config = config(
        r#"
hook = env("HOOK")
if env("CI") == "true" and not env("NONE"):
    announce(channel = "slack", webhook = hook, template = "see {}".format(hook), token = secret("TOKEN"))
announce(channel = "slack", webhook = env("NONE"), template = env("NONE", "plain"))
print(hook)
"#,
    );
    let value = |index: usize, name: &str| config.declarations[index].get(name).clone();
    assert_eq!(
        value(0, "webhook"),
        Value::Env("HOOK".to_owned(), Some(HOOK.to_owned()))
    );
    assert_eq!(
        value(0, "template"),
        Value::Env("HOOK".to_owned(), Some(format!("see {HOOK}")))
    );
    assert_eq!(value(0, "token"), Value::Secret("TOKEN".to_owned()));
    assert_eq!(value(1, "webhook"), Value::Env("NONE".to_owned(), None));
    assert_eq!(
        value(1, "template"),
        Value::Env("NONE".to_owned(), Some("plain".to_owned()))
    );
}

#[test]
fn what_is_printed_and_told_names_variables_and_not_their_values() {
    let text = "print(\"to\", env(\"HOOK\"))\nfail(\"no \" + env(\"HOOK\"))\n";
    let evaluation = evaluated(&[("RELEASE.star", text)]);
    assert_eq!(evaluation.printed, ["to <env HOOK>"]);
    assert_eq!(
        evaluation.diagnostics[0].to_string(),
        "RELEASE.star:2:1: no <env HOOK>"
    );
    assert_eq!(evaluation.env_read, ["HOOK"]);
}

#[test]
fn files_load_one_another() {
    let files = [
        (
            "RELEASE.star",
            "load(\"//lib/rules.star\", \"widget\")\nwidget(\"a\")\n",
        ),
        (
            "lib/rules.star",
            "load(\":names.star\", \"full\")\n\ndef widget(name: str):\n    forge(full(name))\n",
        ),
        (
            "lib/names.star",
            "def full(name):\n    return \"git\" + \"hub\"\n",
        ),
    ];
    let evaluation = evaluated(&files);
    assert_eq!(evaluation.diagnostics, []);
    assert_eq!(
        evaluation.declarations[0].location.to_string(),
        "lib/rules.star:4:5"
    );
    let paths: Vec<&str> = evaluation.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["RELEASE.star", "lib/rules.star", "lib/names.star"]);
}

#[test]
fn a_folders_own_file_completes_the_roots() {
    let uv = "load(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\n";
    let root =
        format!("{uv}uv_package(name = \"a\", registry = \"directory:out\")\nuv_package(name = \"b\")\n");
    let own = format!("{uv}uv_package(name = \"a\", pin_strategy = \"exact\")\nuv_workspace(name = \"w\")\n");
    let files = [
        ("RELEASE.star", root.as_str()),
        ("python/RELEASE.star", own.as_str()),
    ];
    let config = resolve(&evaluated(&files)).expect("a configuration");
    assert_eq!(config.packages.len(), 2);
    assert_eq!(config.packages[0].pin_strategy, Some(PinStrategy::Exact));
    assert_eq!(config.packages[0].registry.as_deref(), Some("directory:out"));
    assert_eq!(config.workspaces[0].root, "python");
}

#[test]
fn actions_become_commands() {
    let config = config(
        r#"
action(name = "docs", inputs = ["./docs/**", "gen"], outputs = ["site/"], command = "make site", timeout = 60)
action(name = "gen", outputs = ["gen/a.txt"], command = ["gen", "-o", "gen/a.txt"], env = {"LANG": "C", "N": None})
"#,
    );
    let docs = &config.actions[0];
    assert_eq!(
        (docs.inputs.as_slice(), docs.outputs[0].as_str()),
        (["docs/**".to_owned(), "gen".to_owned()].as_slice(), "site")
    );
    assert_eq!(
        (docs.command.as_slice(), docs.timeout.as_secs()),
        (["make site".to_owned()].as_slice(), 60)
    );
    assert_eq!(config.actions[1].command, ["gen", "-o", "gen/a.txt"]);
    assert_eq!(config.actions[1].env, [("LANG".to_owned(), "C".to_owned())]);
    assert_eq!(config.unused, []);
}

/// One wrong file each, below a line that loads what it needs; and all that is told: place, message, hint.
const WRONG: &str = include_str!("../fixtures/wrong.txt");

#[test]
fn what_is_wrong_is_told_where_it_is_and_what_to_do() {
    let mut differs = Vec::new();
    for case in WRONG.split("===\n").skip(1) {
        let (text, expected) = case.split_once("---\n").expect("a text and what is told");
        let root = format!("{LOADS}{text}");
        let files = [
            ("RELEASE.star", root.as_str()),
            ("one.star", "load(\"two.star\", \"x\")\n"),
            ("two.star", "load(\"one.star\", \"x\")\n"),
            ("folder/bad.star", "x = 1\nx == = 2\n"),
            ("worse.star", "class A:\n    pass\n"),
        ];
        let told = told(&files).join("\n");
        if told != expected.trim_end() {
            differs.push(format!("{text}---\n{told}\n"));
        }
    }
    assert!(differs.is_empty(), "\n{}", differs.join("\n"));
}

#[test]
fn a_missing_root_is_told() {
    let request = Request {
        roots: vec!["RELEASE.star".to_owned()],
        loader: &Files(&[]),
        env: &BTreeMap::new(),
        trace: None,
        calls: &[],
    };
    assert_eq!(
        line(&evaluate(&request).diagnostics[0]),
        "RELEASE.star: `RELEASE.star` cannot be read: no such file (check that the file is there and can be read)"
    );
}

#[test]
fn ten_thousand_packages_are_within_the_limits() {
    let mut text = LOADS.to_owned();
    for index in 0..10_000 {
        text += &format!(
            "uv_package(name = \"package-{index}\", group = \"g\", cross_deps = [\"package-{}\"])\n",
            index + 1
        );
    }
    text += "release_group(name = \"g\")\n";
    assert_eq!(config(&text).packages.len(), 10_000);
}
