//! What builds take in: sources, pinned manifests, generated files, and other packages' artifacts.

use std::time::Duration;

use engine::Work;
use model::PinStrategy;
use rules::Needed;

use crate::packages::{FILES, text};
use crate::support::{World, custom, group, id};

#[test]
fn builds_take_in_sources_and_pinned_manifests() {
    let actions = World::new(&FILES).lower();
    assert_eq!(actions.inputs("core:pin"), ["core/toy.toy"]);
    assert_eq!(actions.get("core:pin").outputs, ["core/toy.toy"]);
    let inputs = [
        "core/build.sh",
        "core/src/lib",
        "shared.lock",
        "core:pin core/toy.toy > core/toy.toy",
    ];
    assert_eq!(actions.inputs("core:build"), inputs);
    let build = actions.get("core:build");
    let engine::Input::Source {
        from,
        executable,
        digest,
        ..
    } = &build.inputs[0]
    else {
        panic!("a file")
    };
    assert_eq!(from.to_str(), Some("/repo/core/build.sh"));
    assert!(*executable && *digest == cas::Digest::of(b"b"));
    assert_eq!(build.outputs, ["dist"]);
    assert_eq!(build.deliver["dist"], ".releasekit/dist/core");
    assert_eq!(
        (build.policy.timeout, build.policy.retries),
        (Duration::from_secs(1800), 0)
    );
    let Work::Command(command) = &build.work else {
        panic!("a command")
    };
    assert_eq!(command.argv, ["toymaker", "core", "0.2.0"]);
    let platform: Vec<(&str, &str)> = command
        .platform
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        platform,
        [("arch", "x86_64"), ("os", "linux"), ("toymaker", "toymaker 1.0")]
    );
    for (verb, file) in [("checksums", "SHA256SUMS"), ("changelog", "CHANGELOG.md")] {
        assert_eq!(
            actions.get(&format!("core:{verb}")).deliver[file],
            format!(".releasekit/dist/core.{file}")
        );
    }
    for verb in ["checksums", "publish", "poll", "verify"] {
        assert_eq!(
            actions.inputs(&format!("core:{verb}")),
            ["core:build dist > artifacts"],
            "{verb}"
        );
    }
}

#[test]
fn a_root_package_leaves_out_other_packages_the_configuration_and_its_output() {
    let files = [
        ("toy.toy", "name root\n"),
        ("RELEASE.star", ""),
        ("README", ""),
        ("dist/old", ""),
        ("inner/toy.toy", "name inner\n"),
        ("inner/a", ""),
        ("foreign/game.toy", "name foreign\n"),
        ("foreign/a", ""),
        ("foreigner/a", ""),
        ("shared.lock", ""),
    ];
    let mut world = World::new(&files);
    let inputs = [
        "README",
        "foreigner/a",
        "shared.lock",
        "root:pin toy.toy > toy.toy",
    ];
    assert_eq!(world.lower().inputs("root:build"), inputs);
    // A package that is needed may be part of the sources.
    world
        .workspace
        .add_cross_dependency(&id("root"), id("game:foreign"));
    assert_eq!(
        world.lower().inputs("root:build")[1..3],
        ["foreign/a", "foreign/game.toy"]
    );
}

#[test]
fn generated_files_in_a_package_are_made_first() {
    let mut world = World::new(&FILES);
    world.tree.add("core/src/generated", "left by an earlier run");
    world.config.actions = vec![custom(
        "generate",
        &["README"],
        &["core/src/generated"],
        &["make", "it"],
    )];
    let actions = world.lower();
    let generated = "generate core/src/generated > core/src/generated";
    assert_eq!(actions.inputs("core:build")[1..3], [generated, "core/src/lib"]);
}

#[test]
fn pins_hold_everything_that_is_known() {
    let mut world = World::new(&FILES);
    world.config.packages[0].pin_strategy = Some(PinStrategy::Exact);
    let needed = Needed {
        package: id("core"),
        version: "0.7.0".parse().expect("a version"),
        is_new: false,
    };
    world.versions[0].needs = vec![needed];
    // `core` is not released this time: the version of its last release counts, not its manifest's.
    world.versions.truncate(1);
    let actions = world.lower();
    assert_eq!(actions.after("app:build"), Vec::<&str>::new());
    let params: serde_json::Value = serde_json::from_str(text(&actions.get("app:pin").work)).expect("JSON");
    assert_eq!(
        params["pins"],
        serde_json::json!({"version": "0.2.0", "dependencies": {"core": ["0.7.0", "exact"]}})
    );
    // The group, then the train, decide for packages that do not say.
    for (group_says, expected) in [(Some(PinStrategy::Minimum), "minimum"), (None, "compatible")] {
        let mut world = World::new(&FILES);
        world.config.groups = vec![group("all", &["app", "toy/core"])];
        world.config.groups[0].pin_strategy = group_says;
        let actions = world.lower();
        let params: serde_json::Value =
            serde_json::from_str(text(&actions.get("app:pin").work)).expect("JSON");
        assert_eq!(
            params["pins"]["dependencies"]["core"],
            serde_json::json!(["0.2.0", expected])
        );
    }
}

#[test]
fn only_what_manifests_can_name_is_pinned() {
    let files = [
        ("a/toy.toy", "name a\n"),
        ("b/game.toy", "name b\n"),
        ("c/toy.toy", "name c\n"),
    ];
    let mut world = World::new(&files);
    world.workspace.add_cross_dependency(&id("a"), id("game:b"));
    world.workspace.add_cross_dependency(&id("a"), id("c"));
    let actions = world.lower();
    let params: serde_json::Value = serde_json::from_str(text(&actions.get("a:pin").work)).expect("JSON");
    assert_eq!(
        params["pins"]["dependencies"],
        serde_json::json!({"c": ["0.2.0", "compatible"]})
    );
    assert_eq!(
        actions.after("a:publish"),
        ["a:checksums", "a:changelog", "b:verify", "c:verify"]
    );
    assert_eq!(actions.after("a:build"), ["b:build", "c:build"]);
}

#[test]
fn artifacts_of_others_are_laid_out() {
    let files = [
        ("a/toy.toy", "name a\nartifacts-of b\n"),
        ("b/toy.toy", "name b\n"),
    ];
    let mut world = World::new(&files);
    let inputs = ["b:build dist > wheels", "a:pin a/toy.toy > a/toy.toy"];
    assert_eq!(world.lower().inputs("a:build"), inputs);
    // One that is not released is built all the same, as it was released last, and for nothing else.
    world.versions.truncate(1);
    let needed = Needed {
        package: id("b"),
        version: "0.7.0".parse().expect("a version"),
        is_new: false,
    };
    world.versions[0].needs = vec![needed];
    let actions = world.lower();
    assert_eq!(actions.inputs("a:build"), inputs);
    assert_eq!(actions.names()[8..], ["b:pin", "b:build"]);
    let Work::Command(command) = &actions.get("b:build").work else {
        panic!("a command")
    };
    assert_eq!(command.argv[2], "0.7.0");
    assert!(actions.get("b:build").deliver.is_empty());
    assert_eq!(actions.0.packages.len(), 1);
    let files = [("a/toy.toy", "name a\nartifacts-of nobody\n")];
    let wrong = World::new(&files).try_lower().expect_err("nobody is not there");
    assert_eq!(wrong[0].message, "there is no package `toy/nobody`");
}
