//! What every directory registry promises: a slot is filled once, whole, and by nobody else.

use engine::SlotState;

use crate::support::{Shop, krate, tarball, wheel};

type Make = fn(&str, &str, &str) -> (String, Vec<u8>);

/// Each ecosystem with a package, how its files are made, and where its index is.
const KINDS: [(&str, &str, Make, &str); 4] = [
    ("uv", "core", wheel, "simple/core/index.html"),
    ("cargo", "core", krate, "index/co/re/core"),
    ("npm", "@scope/core", tarball, "@scope/core/index.json"),
    ("pnpm", "core", tarball, "core/index.json"),
];

#[test]
fn a_slot_is_filled_once() {
    for (ecosystem, name, make, _) in KINDS {
        let shop = Shop::open(ecosystem);
        let (file, bytes) = make(name, "1.0.0", "one");
        let artifact = shop.artifact(name, "1.0.0", &file, &bytes);
        assert_eq!(shop.observe(&artifact), SlotState::Absent);
        assert!(!shop.root().exists(), "looking makes nothing");
        shop.send(&artifact, &bytes).expect("nothing is there");
        assert_eq!(shop.observe(&artifact), SlotState::Present(artifact.digest));

        let before = shop.snapshot();
        shop.send(&artifact, &bytes).expect("the same bytes again");
        assert_eq!(shop.snapshot(), before);

        let (file, others) = make(name, "1.0.0", "two");
        let conflict = shop.artifact(name, "1.0.0", &file, &others);
        let error = shop.send(&conflict, &others).expect_err("other bytes");
        assert!(error.message.contains(&artifact.digest.hex()), "{error}");
        assert!(error.message.contains(&conflict.digest.hex()), "{error}");
        assert!(!error.transient && error.hint.is_some());
        assert_eq!(shop.snapshot(), before, "{ecosystem}: nothing changed");
        assert_eq!(shop.observe(&conflict), SlotState::Present(artifact.digest));
    }
}

#[test]
fn what_was_published_is_listed() {
    for (ecosystem, name, make, _) in KINDS {
        let shop = Shop::open(ecosystem);
        let id = model::PackageId {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
        };
        let listed = || shop.registry.versions(&id).expect("a list");
        assert_eq!(listed(), [], "{ecosystem}");
        for version in ["1.0.0", "0.9.0"] {
            let (file, bytes) = make(name, version, "one");
            let artifact = shop.artifact(name, version, &file, &bytes);
            shop.send(&artifact, &bytes).expect("nothing is there");
        }
        let texts: Vec<String> = listed().iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["0.9.0", "1.0.0"], "{ecosystem}");
    }
}

#[test]
fn identities_are_stable_and_slots_of_others_are_refused() {
    let shop = Shop::open("uv");
    let root = shop.root();
    let detour = root.join("x/.././../reg");
    let same = adapters::directories()["uv"](&detour);
    assert_eq!(shop.registry.identity(), format!("directory:{}", root.display()));
    assert_eq!(same.identity(), shop.registry.identity());
    assert_eq!(shop.registry.location(), root.display().to_string());
    assert!(shop.registry.is_cheap_to_observe());

    let (file, bytes) = wheel("core", "1.0.0", "");
    let mut slot = shop.slot(&shop.artifact("Core", "1.0.0", &file, &bytes));
    assert_eq!(slot.coordinate, "core/core-1.0.0-py3-none-any.whl");
    slot.target.push('x');
    assert!(shop.registry.observe(&slot).is_err());
    let relative = adapters::directories()["uv"](std::path::Path::new("reg"));
    let artifact = shop.artifact("core", "1.0.0", &file, &bytes);
    assert!(relative.send(&artifact, &bytes.into()).is_err());
}

#[test]
fn bytes_that_are_not_the_artifact_are_refused() {
    for (ecosystem, name, make, _) in KINDS {
        let shop = Shop::open(ecosystem);
        let (file, bytes) = make(name, "1.0.0", "one");
        let artifact = shop.artifact(name, "1.0.0", &file, b"something else");
        assert!(shop.send(&artifact, &bytes).is_err());
        let (_, other) = make(name, "2.0.0", "one");
        let artifact = shop.artifact(name, "1.0.0", &file, &other);
        let error = shop.send(&artifact, &other).expect_err("its manifest says 2.0.0");
        assert!(
            error.message.contains(&file) || error.message.contains("1.0.0"),
            "{error}"
        );
        assert!(!shop.root().exists(), "{ecosystem}");
    }
}

#[test]
fn an_interrupted_send_is_healed() {
    for (ecosystem, name, make, index) in KINDS {
        let shop = Shop::open(ecosystem);
        let (file, bytes) = make(name, "1.0.0", "one");
        let artifact = shop.artifact(name, "1.0.0", &file, &bytes);
        let (other_file, other_bytes) = make(name, "0.9.0", "one");
        let other = shop.artifact(name, "0.9.0", &other_file, &other_bytes);

        shop.send(&other, &other_bytes).expect("nothing is there");
        let without = std::fs::read(shop.root().join(index)).expect("an index");
        shop.send(&artifact, &bytes).expect("nothing is there");
        let whole = shop.snapshot();
        // As if the power had gone between the file and the index, for the first version and for a later one.
        std::fs::write(shop.root().join(index), without).expect("our own file");
        assert_eq!(shop.observe(&artifact), SlotState::Absent);
        assert_eq!(shop.observe(&other), SlotState::Present(other.digest));
        shop.send(&artifact, &bytes).expect("the index is completed");
        assert_eq!(shop.observe(&artifact), SlotState::Present(artifact.digest));
        assert_eq!(shop.snapshot(), whole);

        std::fs::remove_file(shop.root().join(index)).expect("our own file");
        assert_eq!(shop.observe(&artifact), SlotState::Absent);
        shop.send(&artifact, &bytes).expect("the index is made again");
        assert_eq!(shop.observe(&artifact), SlotState::Present(artifact.digest));

        // Damage to a published file is found: its bytes are not those the index lists.
        let slot = shop.registry.coordinate(&artifact);
        let folder = [
            ("uv", "files/core-1.0.0-py3-none-any.whl"),
            ("cargo", "core-1.0.0.crate"),
        ];
        let place = folder
            .iter()
            .find(|(kind, _)| *kind == ecosystem)
            .map_or(slot.as_str(), |(_, place)| place);
        std::fs::write(shop.root().join(place), "damaged").expect("our own file");
        assert_eq!(shop.observe(&artifact), SlotState::Absent);
        let error = shop.send(&artifact, &bytes).expect_err("other bytes are there");
        assert!(error.message.contains("other bytes"), "{error}");
    }
}

#[test]
fn what_a_dying_process_leaves_trips_nobody() {
    for (ecosystem, name, make, index) in KINDS {
        let shop = Shop::open(ecosystem);
        let (file, bytes) = make(name, "1.0.0", "one");
        let artifact = shop.artifact(name, "1.0.0", &file, &bytes);
        shop.send(&artifact, &bytes).expect("nothing is there");
        for path in shop.snapshot().into_keys() {
            std::fs::write(path.with_file_name(".releasekit-x.part"), "half").expect("our own folder");
        }
        let (file, bytes) = make(name, "1.1.0", "one");
        let next = shop.artifact(name, "1.1.0", &file, &bytes);
        shop.send(&next, &bytes).expect("nothing is there");
        let text = std::fs::read_to_string(shop.root().join(index)).expect("an index");
        assert!(text.contains("1.0.0") && text.contains("1.1.0") && !text.contains(".part"));
    }
}

/// Publishes 16 versions in `lanes` threads, as many processes would: each opens the registry for itself.
fn race(ecosystem: &'static str, name: &str, make: Make) -> Shop {
    let shop = Shop::open(ecosystem);
    std::thread::scope(|scope| {
        for lane in 0..4 {
            let shop = &shop;
            scope.spawn(move || {
                let registry = adapters::directories()[ecosystem](&shop.root());
                for number in 0..4 {
                    // Every version by two lanes.
                    let version = format!("1.{}.0", (lane / 2) * 4 + number);
                    let (file, bytes) = make(name, &version, "one");
                    let artifact = shop.artifact(name, &version, &file, &bytes);
                    registry
                        .send(&artifact, &bytes.into())
                        .expect("all send the same");
                }
            });
        }
    });
    shop
}

#[test]
fn all_who_publish_at_once_are_listed() {
    for (ecosystem, name, make, index) in KINDS {
        let shop = race(ecosystem, name, make);
        for minor in 0..8 {
            let version = format!("1.{minor}.0");
            let (file, bytes) = make(name, &version, "one");
            let artifact = shop.artifact(name, &version, &file, &bytes);
            assert_eq!(
                shop.observe(&artifact),
                SlotState::Present(artifact.digest),
                "{ecosystem} {version}"
            );
        }
        // Whoever comes first, the index is the same.
        let again = race(ecosystem, name, make);
        let text = |shop: &Shop| std::fs::read_to_string(shop.root().join(index)).expect("an index");
        assert_eq!(text(&shop), text(&again));
        let leftovers = shop
            .snapshot()
            .into_keys()
            .filter(|path| path.to_string_lossy().contains(".part"));
        assert_eq!(leftovers.count(), 0);
    }
}

/// Started again by `two_processes_publish_at_once` as the other process; nothing otherwise.
#[test]
fn another_process() {
    let Ok(root) = std::env::var("RELEASEKIT_TEST_ROOT") else {
        return;
    };
    let lane = std::env::var("RELEASEKIT_TEST_LANE").expect("set beside the root");
    for (ecosystem, name, make, _) in KINDS {
        let registry = adapters::directories()[ecosystem](&std::path::Path::new(&root).join(ecosystem));
        for patch in 0..10 {
            let version = format!("{lane}.0.{patch}");
            let (file, bytes) = make(name, &version, "one");
            let artifact = Shop::open(ecosystem).artifact(name, &version, &file, &bytes);
            registry
                .send(&artifact, &bytes.into())
                .expect("nobody else sends this version");
        }
    }
}

fn other_process(root: &std::path::Path, lane: &str) -> std::process::Child {
    let program = std::env::current_exe().expect("this test");
    let mut command = std::process::Command::new(program);
    command
        .args(["--exact", "promise::another_process"])
        .stdout(std::process::Stdio::null());
    command
        .env("RELEASEKIT_TEST_ROOT", root)
        .env("RELEASEKIT_TEST_LANE", lane);
    command.spawn().expect("this test")
}

#[test]
fn whoever_is_killed_can_be_followed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut interrupted = 0;
    for round in 0..20 {
        let mut other = other_process(folder.path(), "1");
        std::thread::sleep(std::time::Duration::from_millis(5 + round * 7));
        other.kill().expect("our own child");
        interrupted += usize::from(!other.wait().expect("our own child").success());
        for (ecosystem, name, make, index) in KINDS {
            let root = folder.path().join(ecosystem);
            let registry = adapters::directories()[ecosystem](&root);
            let text = std::fs::read_to_string(root.join(index)).unwrap_or_default();
            for patch in 0..10 {
                let (file, bytes) = make(name, &format!("1.0.{patch}"), "one");
                let artifact = Shop::open(ecosystem).artifact(name, &format!("1.0.{patch}"), &file, &bytes);
                let slot = engine::Slot {
                    target: registry.identity(),
                    coordinate: registry.coordinate(&artifact),
                };
                let state = registry.observe(&slot).expect("a directory can be looked at");
                let listed = text.contains(&format!("1.0.{patch}"));
                // What an installer is led to is there, and whole.
                let wanted = if listed {
                    SlotState::Present(artifact.digest)
                } else {
                    SlotState::Absent
                };
                assert_eq!(state, wanted, "{ecosystem} {patch} in round {round}");
            }
        }
        if round % 5 == 4 {
            assert!(
                other_process(folder.path(), "1")
                    .wait()
                    .expect("our own child")
                    .success()
            );
            std::fs::remove_dir_all(folder.path()).expect("our own folder");
        }
    }
    assert!(interrupted > 0, "nobody was killed in time");
}

#[test]
fn two_processes_publish_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let others = [
        other_process(folder.path(), "1"),
        other_process(folder.path(), "2"),
    ];
    assert!(
        others
            .into_iter()
            .all(|mut other| other.wait().expect("our own child").success())
    );
    for (ecosystem, _, _, index) in KINDS {
        let text = std::fs::read_to_string(folder.path().join(ecosystem).join(index)).expect("an index");
        for version in (0..10).flat_map(|patch| [format!("1.0.{patch}"), format!("2.0.{patch}")]) {
            assert!(text.contains(&version), "{ecosystem} {version}");
        }
    }
}
