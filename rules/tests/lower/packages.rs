//! Packages: the chain of each, and how the chains hang together.

use std::sync::Arc;

use engine::{Class, Work};
use model::{Bump, DependencyKind, Registry};
use rules::Stage;

use crate::support::{Shelf, World, group, id};

pub(crate) const FILES: [(&str, &str); 8] = [
    ("RELEASE.star", ""),
    ("app/toy.toy", "name app\nneeds core\n"),
    ("app/src/main", "m"),
    ("core/toy.toy", "name core\n"),
    ("core/build.sh", "b"),
    ("core/src/lib", "l"),
    ("shared.lock", "s"),
    ("README", "r"),
];

pub(crate) fn text(work: &Work) -> &str {
    match work {
        Work::Step { params, .. } => params,
        Work::Command(_) => panic!("this is a command"),
    }
}

#[test]
fn every_package_has_its_chain() {
    let mut world = World::new(&FILES);
    let chain = |name: &str, verbs: &[&str]| {
        verbs
            .iter()
            .map(|verb| format!("{name}:{verb}"))
            .collect::<Vec<_>>()
    };
    let verbs = [
        "pin",
        "build",
        "checksums",
        "changelog",
        "publish",
        "poll",
        "verify",
        "tag",
    ];
    assert_eq!(
        world.lower().names(),
        [chain("app", &verbs), chain("core", &verbs)].concat()
    );
    world.stage = Stage::Build;
    assert_eq!(
        world.lower().names(),
        [chain("app", &verbs[..4]), chain("core", &verbs[..4])].concat()
    );
    let packages = world.lower().0.packages;
    assert_eq!(
        packages
            .iter()
            .map(|(package, _)| package.clone())
            .collect::<Vec<_>>(),
        [id("app"), id("core")]
    );
    assert_eq!(
        packages[1].1.iter().map(|id| id.0).collect::<Vec<_>>(),
        [4, 5, 6, 7]
    );
    // Nothing new: no changelog. No commit: no tag.
    world.versions[0].bump = Bump::None;
    world.stage = Stage::Publish;
    world.head = None;
    let without = ["pin", "build", "checksums", "publish", "poll", "verify"];
    assert_eq!(world.lower().names()[..6], chain("app", &without));
}

#[test]
fn classes_and_edges_are_drawn() {
    let actions = World::new(&FILES).lower();
    for (verb, class) in [
        ("pin", Class::Pure),
        ("build", Class::Pure),
        ("checksums", Class::Pure),
        ("changelog", Class::Pure),
        ("publish", Class::Effect),
        ("poll", Class::Observed),
        ("verify", Class::Observed),
        ("tag", Class::Effect),
    ] {
        assert_eq!(actions.get(&format!("core:{verb}")).class, class, "{verb}");
        assert_eq!(actions.get(&format!("core:{verb}")).owner, "core");
    }
    let table: [(&str, &[&str]); 9] = [
        ("core:build", &[]),
        ("app:build", &["core:build"]),
        ("core:publish", &["core:checksums", "core:changelog"]),
        ("app:publish", &["app:checksums", "app:changelog", "core:verify"]),
        ("core:poll", &["core:publish"]),
        ("core:verify", &["core:poll"]),
        ("core:tag", &["core:verify"]),
        ("app:tag", &["app:verify"]),
        ("app:pin", &[]),
    ];
    for (name, after) in table {
        assert_eq!(actions.after(name), after, "{name}");
    }
}

#[test]
fn smoke_tests_are_run_where_a_group_says_so() {
    let mut world = World::new(&FILES);
    world.config.groups = vec![group("tried", &["core"])];
    world.config.groups[0].smoke_test = true;
    let actions = world.lower();
    assert!(!actions.names().contains(&"app:smoke_test"));
    assert_eq!(actions.after("core:smoke_test"), ["core:poll"]);
    assert_eq!(actions.after("core:verify"), ["core:smoke_test"]);
    let test = actions.get("core:smoke_test");
    assert_eq!(
        (test.mnemonic.as_str(), test.class, test.policy.retries),
        ("SmokeTest", Class::Observed, 0)
    );
    let params: serde_json::Value = serde_json::from_str(text(&test.work)).expect("JSON");
    assert_eq!(params["command"]["argv"][4], "/shelves/main");
    assert_eq!(params["delay_ms"], 0);
    // A registry that takes its time is waited for, and tried again.
    let slow: Arc<dyn Registry> = Arc::new(Shelf {
        is_cheap: false,
        ..Shelf::new("far")
    });
    world
        .registries
        .values_mut()
        .for_each(|registry| *registry = Arc::clone(&slow));
    let actions = world.lower();
    let params: serde_json::Value =
        serde_json::from_str(text(&actions.get("core:smoke_test").work)).expect("JSON");
    assert_eq!(params["delay_ms"], 30_000);
    assert_eq!(actions.get("core:smoke_test").policy.retries, 5);
    assert_eq!(actions.get("core:poll").policy.retries, 12);
}

#[test]
fn effects_are_told_what_to_do() {
    let actions = World::new(&FILES).lower();
    let publish: serde_json::Value =
        serde_json::from_str(text(&actions.get("core:publish").work)).expect("JSON");
    let expected = serde_json::json!({
        "registry": "shelf:main", "package": {"ecosystem": "toy", "name": "core"}, "version": "0.2.0",
        "channel": "latest",
    });
    assert_eq!(publish, expected);
    let tag: serde_json::Value = serde_json::from_str(text(&actions.get("core:tag").work)).expect("JSON");
    let expected = serde_json::json!({
        "tags": [{"name": "core/v0.2.0", "commit": "abc1234def", "message": "core 0.2.0"}],
    });
    assert_eq!(tag, expected);
    assert_eq!(actions.get("core:publish").policy.retries, 5);
    let changelog: serde_json::Value =
        serde_json::from_str(text(&actions.get("core:changelog").work)).expect("JSON");
    assert_eq!(changelog["date"], "2026-01-02");
    assert_eq!(changelog["entries"][0]["text"], "begin <it>");
}

#[test]
fn a_shared_tag_waits_for_all_who_share_it() {
    let mut world = World::new(&FILES);
    world
        .versions
        .iter_mut()
        .for_each(|version| version.tag = "v0.2.0".to_owned());
    let actions = world.lower();
    assert_eq!(actions.after("app:tag"), ["app:verify", "core:verify"]);
    assert_eq!(actions.get("app:tag").work, actions.get("core:tag").work);
}

#[test]
fn circles_are_shown() {
    let files = [
        ("a/toy.toy", "name a\nneeds b\n"),
        ("b/toy.toy", "name b\nneeds a\n"),
    ];
    let mut world = World::new(&files);
    let wrong = world.try_lower().expect_err("a circle");
    assert_eq!(
        wrong[0].message,
        "packages need one another: toy/a -> toy/b -> toy/a"
    );
    // A circle of development needs is none.
    let files = [
        ("a/toy.toy", "name a\nneeds b\n"),
        ("b/toy.toy", "name b\ndev-needs a\n"),
    ];
    world = World::new(&files);
    assert_eq!(
        world.workspace.get(&id("b")).map(|b| b.dependencies[0].kind),
        Some(DependencyKind::Dev)
    );
    assert_eq!(world.lower().after("a:build"), ["b:build"]);
}

#[test]
fn names_are_whole_where_they_are_not_unique() {
    let files = [("a/toy.toy", "name x\n"), ("b/game.toy", "name x\n")];
    let actions = World::new(&files).lower();
    assert_eq!(
        actions.get("game/x:build").deliver["dist"],
        ".releasekit/dist/game/x"
    );
    assert_eq!(actions.get("toy/x:build").owner, "toy/x");
}

#[test]
fn the_same_again_is_the_same() {
    let world = World::new(&FILES);
    assert_eq!(world.lower().0, world.lower().0);
    let mut reversed = World::new(&FILES);
    reversed.versions.reverse();
    assert_eq!(world.lower().0, reversed.lower().0);
}

#[test]
fn what_nobody_could_install_is_not_published() {
    let mut world = World::new(&[
        ("app/toy.toy", "name app\nneeds core\n"),
        ("core/toy.toy", "name core\nprivate\n"),
    ]);
    let wrong = world.try_lower().expect_err("refused");
    assert_eq!(
        wrong[0].message,
        "`app` needs `core`, which is private and never published: nobody could install it"
    );
    world.stage = Stage::Build;
    assert!(world.try_lower().is_ok());
}
