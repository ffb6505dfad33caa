//! Declared actions: what they take in, and what is refused.

use std::time::Duration;

use engine::{Class, Work};
use model::ActionDecl;

use crate::support::{Actions, World, custom};

const FILES: [(&str, &str); 6] = [
    ("README.md", "r"),
    ("docs/a.md", "a"),
    ("docs/deep/b.md", "b"),
    ("docs/deep/c.txt", "c"),
    ("docs-old/d.md", "d"),
    ("tool.sh", "t"),
];

fn lowered(actions: Vec<ActionDecl>) -> Actions {
    let mut world = World::new(&FILES);
    world.config.actions = actions;
    world.lower()
}

fn refused(actions: Vec<ActionDecl>) -> Vec<(String, String)> {
    let mut world = World::new(&FILES);
    world.config.actions = actions;
    let wrong = world.try_lower().expect_err("this is refused");
    assert!(
        wrong
            .iter()
            .all(|one| one.location.as_ref().is_some_and(|at| at.line == 3)),
        "{wrong:#?}"
    );
    wrong
        .into_iter()
        .map(|one| (one.message, one.hint.unwrap_or_default()))
        .collect()
}

#[test]
fn inputs_are_files_folders_and_globs() {
    let table: [(&[&str], &[&str]); 9] = [
        (&["README.md"], &["README.md"]),
        (&["./docs/"], &["docs/a.md", "docs/deep/b.md", "docs/deep/c.txt"]),
        (&["docs/*.md"], &["docs/a.md"]),
        (&["docs/**/*.md"], &["docs/a.md", "docs/deep/b.md"]),
        (&["**/*.txt", "docs/deep"], &["docs/deep/b.md", "docs/deep/c.txt"]),
        (&["docs{,-old}/*.md"], &["docs-old/d.md", "docs/a.md"]),
        (&["[Rt]*"], &["README.md", "tool.sh"]),
        (
            &["."],
            &[
                "README.md",
                "docs-old/d.md",
                "docs/a.md",
                "docs/deep/b.md",
                "docs/deep/c.txt",
                "tool.sh",
            ],
        ),
        (&[], &[]),
    ];
    for (inputs, expected) in table {
        let actions = lowered(vec![custom("x", inputs, &["out"], &["make", "it"])]);
        assert_eq!(actions.inputs("x"), expected, "{inputs:?}");
    }
}

#[test]
fn outputs_of_others_are_inputs_wherever_they_are_declared() {
    let actions = lowered(vec![
        custom(
            "last",
            &["made/**", "whole/inner/file", "README.md"],
            &["end"],
            &["a", "b"],
        ),
        custom("one", &["docs"], &["made/one", "made/two"], &["a", "b"]),
        custom("whole", &["made/one"], &["whole"], &["a", "b"]),
        custom("folder", &["made"], &["made/three"], &["a", "b"]),
    ]);
    assert_eq!(
        actions.inputs("last"),
        [
            "README.md",
            "one made/one > made/one",
            "folder made/three > made/three",
            "one made/two > made/two",
            "whole whole > whole",
        ]
    );
    // What it makes itself is not taken in, although it is in the folder.
    assert_eq!(
        actions.inputs("folder"),
        ["one made/one > made/one", "one made/two > made/two"]
    );
    assert_eq!(actions.inputs("whole"), ["one made/one > made/one"]);
}

#[test]
fn copies_of_outputs_in_the_tree_are_not_sources() {
    let mut world = World::new(&FILES);
    world.tree.add("docs/made", "left by an earlier run");
    world.tree.add("site/index", "left by an earlier run");
    world.config.actions = vec![
        custom("x", &["docs"], &["docs/made", "site"], &["a", "b"]),
        custom("y", &["site/index"], &["z"], &["a", "b"]),
    ];
    let actions = world.lower();
    assert_eq!(
        actions.inputs("x"),
        ["docs/a.md", "docs/deep/b.md", "docs/deep/c.txt"]
    );
    assert_eq!(actions.inputs("y"), ["x site > site"]);
}

#[test]
fn commands_are_run_as_written() {
    let actions = lowered(vec![
        custom("shell", &[], &["b", "a/"], &["echo hi > b && mkdir a"]),
        custom("direct", &["tool.sh"], &["c"], &["./tool.sh", "$HOME"]),
    ]);
    let shell = actions.get("shell");
    let Work::Command(command) = &shell.work else {
        panic!("a command")
    };
    assert_eq!(command.argv, ["sh", "-euc", "echo hi > b && mkdir a"]);
    assert_eq!(command.env["A"], "1");
    assert_eq!(command.pass_env.iter().collect::<Vec<_>>(), ["PATH"]);
    assert_eq!(command.platform["os"], "linux");
    assert_eq!(
        (shell.class, shell.owner.as_str(), shell.mnemonic.as_str()),
        (Class::Pure, "shell", "Custom")
    );
    assert_eq!(shell.outputs, ["a", "b"]);
    assert_eq!(shell.deliver["a"], "a");
    assert_eq!(
        (shell.policy.timeout, shell.policy.retries),
        (Duration::from_secs(7), 0)
    );
    let Work::Command(command) = &actions.get("direct").work else {
        panic!("a command")
    };
    assert_eq!(command.argv, ["./tool.sh", "$HOME"]);
    let engine::Input::Source { executable, .. } = &actions.get("direct").inputs[0] else {
        panic!("a file")
    };
    assert!(executable);
}

#[test]
fn what_cannot_be_is_refused_at_its_declaration() {
    let one = |inputs: &[&str], outputs: &[&str]| refused(vec![custom("x", inputs, outputs, &["a", "b"])]);
    let message = |wrong: Vec<(String, String)>| wrong[0].0.clone();
    assert_eq!(
        one(&["docs/a.mb"], &["out"]),
        [(
            "`x` takes in `docs/a.mb`, and there is nothing like it".to_owned(),
            "did you mean `docs/a.md`?".to_owned()
        )]
    );
    assert_eq!(
        message(one(&["src/*.rs"], &["out"])),
        "`x` takes in `src/*.rs`, and there is nothing like it"
    );
    assert_eq!(
        message(one(&["../a"], &["out"])),
        "`x` takes in `../a`, which is not inside the repository"
    );
    assert_eq!(
        message(one(&["/etc/passwd"], &["out"])),
        "`x` takes in `/etc/passwd`, which is not inside the repository"
    );
    assert_eq!(
        message(one(&["a["], &["out"])),
        "`x` takes in `a[`, which is not a pattern: unclosed character class; missing ']'"
    );
    assert_eq!(
        message(one(&["out"], &["out"])),
        "`x` takes in `out`, which it makes itself"
    );
    assert_eq!(message(one(&[], &["../out"])), "`x` cannot make `../out`");
    assert_eq!(message(one(&[], &["out/*"])), "`x` cannot make `out/*`");
    assert_eq!(message(one(&[], &["."])), "`x` cannot make ``");
    assert_eq!(
        message(refused(vec![custom("x", &[], &["out"], &[])])),
        "`x` has no command"
    );
    let twice = vec![
        custom("x", &[], &["a"], &["a", "b"]),
        custom("x", &[], &["b"], &["a", "b"]),
    ];
    assert_eq!(
        refused(twice),
        [(
            "two actions are called `x`".to_owned(),
            "the other one is declared at RELEASE.star:3".to_owned()
        )]
    );
    let both = vec![
        custom("x", &[], &["a"], &["a", "b"]),
        custom("y", &[], &["./a"], &["a", "b"]),
    ];
    assert_eq!(message(refused(both)), "`./a` is made by `x` and by `y`");
    // Several at once.
    assert_eq!(one(&["nope", "nil"], &["../out"]).len(), 3);
}
