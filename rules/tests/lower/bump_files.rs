//! Bump files: their versions are those of the release wherever a package is built from them.

use model::BumpFile;
use rules::{CHANGES, PIN};

use crate::bench::{Bench, Inputs};
use crate::packages::text;
use crate::support::{World, id};

const FILES: &[(&str, &str)] = &[
    ("app/toy.toy", "name app\nversion 1.1.0\nneeds core\n"),
    ("app/about", "app 1.1.0\n"),
    ("core/toy.toy", "name core\nversion 1.0.0\n"),
    ("core/about", "core 1.0.0, core-1.0.0.tar\n"),
    ("VERSIONS.txt", "core 1.0.0\napp 1.1.0\n"),
];

/// A world in which both are released, with bump files: package, path, pattern.
fn world(files: &[(&str, &str)], bumps: &[(&str, &str, Option<&str>)]) -> World {
    let mut world = World::new(files);
    for version in &mut world.versions {
        let is_core = version.package == id("core");
        version.next = if is_core { "1.1.0" } else { "1.2.0" }
            .parse()
            .expect("a version");
    }
    for package in &mut world.config.packages {
        let own = bumps.iter().filter(|(name, ..)| *name == package.name);
        package.bump_files = own
            .map(|(_, path, pattern)| BumpFile {
                path: (*path).to_owned(),
                pattern: pattern.map(str::to_owned),
            })
            .collect();
    }
    world
}

fn refused(world: &World) -> Vec<(String, u32)> {
    let wrong = world.try_lower().expect_err("refused");
    let line = |wrong: &model::Diagnostic| wrong.location.as_ref().map_or(0, |at| at.line);
    wrong
        .iter()
        .map(|wrong| (wrong.message.clone(), line(wrong)))
        .collect()
}

#[test]
fn builds_are_given_the_new_version() {
    let actions = world(
        FILES,
        &[("core", "core/about", None), ("app", "VERSIONS.txt", None)],
    )
    .lower();
    assert_eq!(actions.inputs("core:pin"), ["core/about", "core/toy.toy"]);
    assert_eq!(actions.get("core:pin").outputs, ["core/about", "core/toy.toy"]);
    assert_eq!(
        actions.inputs("core:build"),
        [
            "core:pin core/about > core/about",
            "core:pin core/toy.toy > core/toy.toy"
        ]
    );
    // What is built from neither file stays out of it.
    assert_eq!(actions.inputs("app:pin"), ["app/toy.toy"]);

    let params = text(&actions.get("core:pin").work).to_owned();
    let inputs = Inputs::of(&[
        ("core/toy.toy", "name core\n"),
        ("core/about", "core 1.0.0, core-1.0.0.tar\n"),
    ]);
    let made = Bench::new().make(&PIN, &params, &inputs).expect("pinned");
    assert_eq!(made["core/about"], "core 1.1.0, core-1.1.0.tar\n");
    assert_eq!(made["core/toy.toy"], "name core\npinned 1.1.0\n");
}

#[test]
fn placeholders_in_bump_files_are_filled_in_too() {
    let files = [
        ("core/toy.toy", "name core\nversion 0.0.0\n"),
        ("core/about", "VERSION = '0.0.0'\n"),
    ];
    let world = world(&files, &[("core", "core/about", Some("VERSION = '(.*)'"))]);
    let params = text(&world.lower().get("core:pin").work).to_owned();
    let inputs = Inputs::of(&files);
    let made = Bench::new().make(&PIN, &params, &inputs).expect("pinned");
    assert_eq!(made["core/about"], "VERSION = '1.1.0'\n");
}

#[test]
fn what_is_around_a_version_stays() {
    let table = [
        (
            "a = 1.0.0\r\nb = 2.5.0\r\n",
            r"(?m)^a = (.*)$",
            "a = 1.1.0\r\nb = 2.5.0\r\n",
        ),
        ("version: v1.0.0\n", "version: (v.*)", "version: v1.1.0\n"),
        ("version: V1.0.0\n", r"version: (\S+)", "version: V1.1.0\n"),
        ("is '  1.0.0\t'\n", "'(.*)'", "is '  1.1.0\t'\n"),
    ];
    for (old, pattern, new) in table {
        let files = [
            ("core/toy.toy", "name core\nversion 1.0.0\n"),
            ("core/about", old),
        ];
        let world = world(&files, &[("core", "core/about", Some(pattern))]);
        let params = text(&world.lower().get("core:pin").work).to_owned();
        let made = Bench::new()
            .make(&PIN, &params, &Inputs::of(&files))
            .expect("pinned");
        assert_eq!(made["core/about"], new, "{pattern}");
    }
}

#[test]
fn a_file_of_several_packages_is_written_once() {
    let mut world = world(
        FILES,
        &[("core", "VERSIONS.txt", None), ("app", "VERSIONS.txt", None)],
    );
    world.config.trains[0].commit_back = Some(model::CommitBack {
        branch: Some("main".to_owned()),
        message: String::new(),
    });
    let actions = world.lower();
    let params = text(&actions.get("default:changes").work).to_owned();
    let inputs: Vec<(&str, &str)> = FILES
        .iter()
        .copied()
        .filter(|(path, _)| !path.ends_with("about"))
        .collect();
    let made = Bench::new()
        .make(&CHANGES, &params, &Inputs::of(&inputs))
        .expect("written");
    assert_eq!(made["VERSIONS.txt"], "core 1.1.0\napp 1.2.0\n");
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_runs() {
    let shared = [
        ("core/toy.toy", "name core\nversion 1.0.0\n"),
        ("core/about", "both\nare 1.0.0\n"),
        ("app/toy.toy", "name app\nversion 1.0.0\n"),
    ];
    let both = world(
        &shared,
        &[("core", "core/about", None), ("app", "core/about", None)],
    );
    let expected = "`core` and `app` both take this place for their version";
    let other = "`app` and `core` both take this place for their version";
    let wrong = refused(&both);
    assert!(
        wrong == [(expected.to_owned(), 2)] || wrong == [(other.to_owned(), 2)],
        "{wrong:?}"
    );
    let word = world(FILES, &[("core", "core/about", Some("(core) 1"))]);
    let message = "`core`, which the pattern of `core` finds here, is no whole version";
    assert_eq!(refused(&word), [(message.to_owned(), 1)]);
    let part = world(FILES, &[("core", "core/about", Some(r"core (\d+)"))]);
    let message = "`1`, which the pattern of `core` finds here, is no whole version";
    assert_eq!(refused(&part), [(message.to_owned(), 1)]);
    let nothing = world(FILES, &[("core", "core/about", Some("Core (.*)"))]);
    let message = "`core/about` is a bump file of `core` and does not hold its version";
    assert_eq!(refused(&nothing), [(message.to_owned(), 0)]);
}
