//! Keys: what is in them, what is not, and that their explanation says the same.

use std::collections::BTreeMap;

use cas::{Digest, Memory, Store};
use engine::*;
use proptest::prelude::*;

use crate::stage::{Stage, action, graph, script};

fn sample() -> Action {
    let command = Command {
        argv: ["cc", "-c", "a.c"].map(str::to_owned).to_vec(),
        env: BTreeMap::from([("B", "2"), ("A", "1")].map(|(k, v)| (k.to_owned(), v.to_owned()))),
        pass_env: ["PATH".to_owned()].into(),
        workdir: "core".to_owned(),
        platform: BTreeMap::from([("os".to_owned(), "linux".to_owned())]),
    };
    let source = |path: &str, bytes: &[u8]| Input::Source {
        from: format!("/anywhere/{path}").into(),
        path: path.to_owned(),
        digest: Digest::of(bytes),
        executable: false,
    };
    Action {
        inputs: vec![source("core/a.c", b"int a;"), source("core/a.h", b"")],
        outputs: vec!["core/a.o".to_owned(), "log".to_owned()],
        ..action("core:compile", "Compile", Class::Pure, Work::Command(command))
    }
}

fn manifest<R>(action: &Action, read: impl FnOnce(Manifest<'_>) -> R) -> R {
    let graph = graph(vec![action.clone()]);
    let inputs = ResolvedInputs::of(&graph, action, &|_| None, &Memory::new()).expect("sources are known");
    read(Manifest::of(action, &inputs))
}

fn key(action: &Action) -> Digest {
    manifest(action, |manifest| manifest.key().expect("a good layout"))
}

fn facets(action: &Action) -> Vec<Facet> {
    manifest(action, |manifest| manifest.facets())
}

fn command(action: &mut Action) -> &mut Command {
    match &mut action.work {
        Work::Command(command) => command,
        Work::Step { .. } => panic!("it is a command"),
    }
}

type Change = Box<dyn Fn(&mut Action)>;

/// Everything that may influence what is made, changed one at a time.
fn changes() -> Vec<(&'static str, Change)> {
    vec![
        ("argument", Box::new(|a| command(a).argv[1].push('x'))),
        (
            "argument added",
            Box::new(|a| command(a).argv.push(String::new())),
        ),
        (
            "arguments joined",
            Box::new(|a| command(a).argv = vec!["cc".into(), "-c a.c".into()]),
        ),
        (
            "variable's value",
            Box::new(|a| *command(a).env.get_mut("A").expect("A") = "3".into()),
        ),
        (
            "variable added",
            Box::new(|a| drop(command(a).env.insert("C".into(), String::new()))),
        ),
        ("variable removed", Box::new(|a| drop(command(a).env.remove("A")))),
        (
            "passed added",
            Box::new(|a| command(a).pass_env.extend(["HOME".into()])),
        ),
        ("passed removed", Box::new(|a| command(a).pass_env.clear())),
        ("workdir", Box::new(|a| command(a).workdir = String::new())),
        (
            "platform's value",
            Box::new(|a| drop(command(a).platform.insert("os".into(), "darwin".into()))),
        ),
        (
            "platform added",
            Box::new(|a| drop(command(a).platform.insert("cc".into(), "14".into()))),
        ),
        ("platform removed", Box::new(|a| command(a).platform.clear())),
        ("output added", Box::new(|a| a.outputs.push("more".into()))),
        ("output renamed", Box::new(|a| a.outputs[1] = "lob".into())),
        ("output removed", Box::new(|a| drop(a.outputs.pop()))),
        (
            "input's bytes",
            Box::new(|a| change_input(a, |_, digest, _| *digest = Digest::of(b"int b;"))),
        ),
        (
            "input's place",
            Box::new(|a| change_input(a, |path, _, _| path.push('c'))),
        ),
        (
            "input's mode",
            Box::new(|a| change_input(a, |_, _, executable| *executable = true)),
        ),
        ("input removed", Box::new(|a| drop(a.inputs.pop()))),
        ("class", Box::new(|a| a.class = Class::Observed)),
        (
            "work",
            Box::new(|a| {
                a.work = Work::Step {
                    params: "{}".into(),
                    version: 1,
                }
            }),
        ),
    ]
}

fn change_input(action: &mut Action, change: impl Fn(&mut String, &mut Digest, &mut bool)) {
    if let Input::Source {
        path,
        digest,
        executable,
        ..
    } = &mut action.inputs[0]
    {
        change(path, digest, executable);
    }
}

#[test]
fn any_one_change_changes_the_key_and_the_explanation() {
    let mut keys = BTreeMap::from([(key(&sample()), "nothing")]);
    for (what, change) in changes() {
        let mut changed = sample();
        change(&mut changed);
        if let Some(other) = keys.insert(key(&changed), what) {
            panic!("changing {what} gives the key of changing {other}");
        }
        assert_ne!(facets(&changed), facets(&sample()), "{what} is not explained");
    }
}

#[test]
fn a_step_is_keyed_by_kind_version_and_parameters() {
    let step = |mnemonic, version, params: &str| {
        let work = Work::Step {
            params: params.to_owned(),
            version,
        };
        key(&action("a", mnemonic, Class::Pure, work))
    };
    let keys = [
        step("A", 1, "x"),
        step("B", 1, "x"),
        step("A", 2, "x"),
        step("A", 1, "y"),
        step("A", 1, ""),
    ];
    assert_eq!(
        keys.iter().collect::<std::collections::BTreeSet<_>>().len(),
        keys.len()
    );
}

#[test]
fn names_owners_waits_and_policies_are_not_in_the_key() {
    let mut other = sample();
    other.name = "else".to_owned();
    other.owner = "else".to_owned();
    other.policy.retries = 7;
    other.policy.timeout = std::time::Duration::from_secs(1);
    other.deliver.insert("log".to_owned(), "somewhere".to_owned());
    if let Input::Source { from, .. } = &mut other.inputs[0] {
        *from = "/elsewhere".into();
    }
    assert_eq!(key(&other), key(&sample()));
    assert_eq!(facets(&other), facets(&sample()));
}

#[test]
fn nothing_from_this_machine_is_in_the_messages() {
    let messages = manifest(&sample(), |manifest| manifest.messages().expect("a good layout"));
    let inputs = messages.inputs.messages().values();
    for bytes in [&messages.action, &messages.command].into_iter().chain(inputs) {
        assert!(!bytes.windows(9).any(|part| part == b"/anywhere"));
    }
}

#[test]
fn the_key_is_the_one_any_other_program_would_compute() {
    // Computed from the field numbers of remote_execution.proto by an independent encoder.
    assert_eq!(key(&sample()).to_string(), GOLDEN);
}

const GOLDEN: &str = "a95f9e6e9b41952813e39014d0025e01a191729931336b19338adb2979a1d034/181";

#[test]
fn a_later_input_replaces_an_earlier_one_and_collisions_are_refused() {
    let mut replaced = sample();
    let mut later = replaced.inputs[0].clone();
    if let Input::Source { digest, .. } = &mut later {
        *digest = Digest::of(b"later");
    }
    replaced.inputs.push(later.clone());
    let mut plain = sample();
    plain.inputs[0] = later;
    assert_eq!(key(&replaced), key(&plain));
    let mut collision = sample();
    change_input(&mut collision, |path, _, _| path.push_str(".d/x"));
    collision.inputs.push(sample().inputs[0].clone());
    if let Some(Input::Source { path, .. }) = collision.inputs.last_mut() {
        path.push_str(".d");
    }
    assert!(manifest(&collision, |manifest| manifest.key().is_err()));
}

#[test]
fn a_folder_made_upstream_is_keyed_by_its_files() {
    let stage = Stage::new();
    let made = stage.path("made");
    std::fs::create_dir_all(made.join("sub")).expect("made");
    std::fs::write(made.join("sub/a"), b"a").expect("written");
    let tree = cas::capture(&*stage.memory, &made).expect("captured");
    let output = Output::Tree {
        root: tree.root(),
        message: Digest::of(b""),
    };
    let result = ActionResult {
        outputs: BTreeMap::from([("dist".to_owned(), output)]),
        ..ActionResult::default()
    };
    let input = Input::Output {
        action: ActionId(0),
        output: "dist".to_owned(),
        path: "in".to_owned(),
    };
    let graph = graph(vec![
        script("a", "", vec![], &["dist"]),
        script("b", "", vec![input], &["x"]),
    ]);
    let made = |_| Some(std::sync::Arc::new(result.clone()));
    let action = graph.action(ActionId(1));
    let inputs = ResolvedInputs::of(&graph, action, &made, &*stage.memory).expect("the tree is there");
    let file = Input::Source {
        from: "/x".into(),
        path: "in/sub/a".to_owned(),
        digest: stage.memory.put(b"a").expect("memory"),
        executable: false,
    };
    let flat = script("b", "", vec![file], &["x"]);
    assert_eq!(Manifest::of(action, &inputs).key().expect("a key"), key(&flat));
    let upstream = Manifest::of(action, &inputs)
        .facets()
        .into_iter()
        .find(|f| f.kind == FacetKind::Upstream);
    assert_eq!(upstream.expect("it is explained").name, "`dist` of `a`");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn the_order_of_insertion_does_not_matter(
        mut env in prop::collection::btree_map("[A-Z]{1,3}", "[a-z]{0,3}", 0..6),
        outputs in prop::collection::btree_set("[a-z]{1,4}", 1..6),
    ) {
        let mut one = sample();
        command(&mut one).env = env.clone();
        command(&mut one).workdir = String::new();
        one.outputs = outputs.iter().cloned().collect();
        let mut other = one.clone();
        let reversed: Vec<_> = std::mem::take(&mut env).into_iter().rev().collect();
        command(&mut other).env = reversed.into_iter().collect();
        other.outputs.reverse();
        other.inputs.reverse();
        prop_assert_eq!(key(&one), key(&other));
        let mut changed = one.clone();
        command(&mut changed).env.insert("ZZZZ".to_owned(), String::new());
        prop_assert_ne!(key(&one), key(&changed));
    }
}
