//! Lock files that follow a release: which, what of, and that nothing is published without them.

use engine::{Class, Work};
use model::{BumpFile, CommitBack};
use rules::Closing;

use crate::support::{World, custom};

const FILES: &[(&str, &str)] = &[
    (".toyrc", ""),
    ("RELEASE.star", ""),
    ("app/src", ""),
    ("app/toy.lock", "app 0.1.0\ncore 0.1.0\n"),
    ("app/toy.toy", "name app\nneeds core\n"),
    ("core/src", ""),
    ("core/toy.lock", "core 0.1.0\n"),
    ("core/toy.toy", "name core\nversion 0.1.0\n"),
    ("far/src", ""),
    ("far/toy.lock", "far 0.1.0\n"),
    ("far/toy.toy", "name far\n"),
];

/// A release of `core` alone, in a repository where every package has a lock file.
fn world() -> World {
    released(World::new(FILES))
}

fn released(mut world: World) -> World {
    world.versions.retain(|version| version.package.name == "core");
    world.config.trains[0].commit_back = Some(CommitBack {
        branch: None,
        message: String::new(),
    });
    world.closing = Closing {
        run: "r1".to_owned(),
        branch: Some("main".to_owned()),
        ..Closing::default()
    };
    world
}

#[test]
fn those_that_state_the_version_follow_with_what_they_lead_to() {
    let actions = world().lower();
    let mut locks: Vec<&str> = actions.names();
    locks.retain(|name| name.contains(":lock "));
    assert_eq!(locks, ["default:lock app/toy.lock", "default:lock core/toy.lock"]);
    let changed = "default:changes core/toy.toy > core/toy.toy";
    assert_eq!(
        actions.inputs("default:lock core/toy.lock"),
        ["core/src", "core/toy.lock", changed, ".toyrc"],
        "nobody else's folders"
    );
    assert_eq!(
        actions.inputs("default:lock app/toy.lock"),
        [
            "app/src",
            "app/toy.lock",
            "app/toy.toy",
            "core/src",
            "core/toy.lock",
            changed,
            ".toyrc"
        ]
    );
    let action = actions.get("default:lock app/toy.lock");
    assert_eq!(
        (action.class, &action.mnemonic, &action.outputs[..]),
        (Class::Pure, &rules::LOCK, &["app/toy.lock".to_owned()][..])
    );
    assert!(action.deliver.is_empty(), "the commit brings it");
    let Work::Command(command) = &action.work else {
        panic!("a command")
    };
    assert_eq!(command.argv, ["toymaker", "lock", "in a copy"]);
    assert_eq!(command.workdir, "app");
    let platform: Vec<&str> = command.platform.keys().map(String::as_str).collect();
    assert_eq!(platform, ["arch", "os", "toymaker"]);
    assert_eq!(command.platform["toymaker"], "toymaker 1.0");
    let back = actions.inputs("default:commit_back");
    assert!(
        back.contains(&"default:lock app/toy.lock app/toy.lock > app/toy.lock".to_owned()),
        "{back:?}"
    );
}

#[test]
fn what_is_led_to_is_seen_inside_another_package_too() {
    let mut files = FILES.to_vec();
    files.retain(|(path, _)| *path != "app/toy.toy");
    files.extend([
        ("app/toy.toy", "name app\nneeds inner\n"),
        ("outer/inner/src", ""),
        ("outer/inner/toy.toy", "name inner\nneeds core\n"),
        ("outer/other/toy.toy", "name other\n"),
        ("outer/settings", ""),
        ("outer/toy.toy", "name outer\n"),
    ]);
    let inputs = released(World::new(&files))
        .lower()
        .inputs("default:lock app/toy.lock");
    let seen = |path: &str| inputs.iter().any(|input| input.ends_with(path));
    for path in ["outer/inner/src", "outer/settings", "core/src", "> core/toy.toy"] {
        assert!(seen(path), "{path}: {inputs:?}");
    }
    for path in ["outer/other/toy.toy", "far/src"] {
        assert!(!seen(path), "{path}: {inputs:?}");
    }
}

#[test]
fn nothing_is_published_before_everything_is_there_that_comes_back() {
    let actions = world().lower();
    let after = actions.after("core:publish");
    for name in [
        "default:changes",
        "default:lock app/toy.lock",
        "default:lock core/toy.lock",
        "default:changelogs",
    ] {
        assert!(after.contains(&name), "{after:?}");
    }
    let mut world = world();
    world.tools.clear();
    let wrong = world.try_lower().expect_err("there is no toymaker");
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(
        wrong[0].message.contains("`app/toy.lock`") && wrong[0].message.contains("`toymaker`"),
        "{wrong:?}"
    );
    assert_eq!(wrong[0].hint.as_deref(), Some("make a toymaker"));
    world.config.trains[0].commit_back = None;
    assert!(!world.lower().names().iter().any(|name| name.contains(":lock ")));
}

#[test]
fn a_version_that_stands_there_already_moves_no_lock_file() {
    let mut world = world();
    world.versions[0].next = "0.1.0".parse().expect("a version");
    assert!(!world.lower().names().iter().any(|name| name.contains(":lock ")));
}

#[test]
fn what_else_is_said_about_a_lock_file() {
    let mut world = world();
    let core = world.config.packages.iter_mut().find(|decl| decl.name == "core");
    core.expect("declared").bump_files = vec![BumpFile {
        path: "core/toy.lock".to_owned(),
        pattern: None,
    }];
    let actions = world.lower();
    let back = actions.inputs("default:commit_back");
    let places: Vec<&String> = back
        .iter()
        .filter(|input| input.ends_with("> core/toy.lock"))
        .collect();
    assert_eq!(
        places,
        ["default:lock core/toy.lock core/toy.lock > core/toy.lock"],
        "its tool has the last word"
    );

    world.config.actions = vec![custom("generate", &[".toyrc"], &["app/toy.lock"], &["make"])];
    let wrong = world.try_lower().expect_err("two would make it");
    assert!(
        wrong[0].message.contains("`app/toy.lock`") && wrong[0].hint.is_some(),
        "{wrong:?}"
    );
    // What a declared action makes in a member's folder is part of it; elsewhere nobody waits for it.
    world.config.actions = vec![
        custom("generate", &[".toyrc"], &["app/generated"], &["make"]),
        custom("report", &[".toyrc"], &["report"], &["make"]),
    ];
    let inputs = world.lower().inputs("default:lock app/toy.lock");
    assert!(
        inputs.contains(&"generate app/generated > app/generated".to_owned()),
        "{inputs:?}"
    );
    assert!(!inputs.iter().any(|input| input.contains("report")), "{inputs:?}");
}
