//! Killed at any moment, a release is finished by running it again: nothing twice, nothing lost, nothing built again.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use harness::{Listing, Ran, Random, Running, Sandbox, copy_tree, listing, require_tool, tell};

use super::python_packages::{Needs, count_builds, counted, workspace};

const PACKAGES: &[Needs<'_>] = &[
    ("tern-a", &[]),
    ("tern-b", &["tern-a"]),
    ("tern-c", &["tern-a"]),
    ("tern-d", &["tern-b", "tern-c"]),
    ("tern-e", &[]),
];
const KILLS: usize = 30;
/// As many builds may be under way when a release is killed. Their processes may outlive it and end well, but nobody
/// is left to write that down.
const JOBS: usize = 2;

/// What a finished release leaves in the world: every published byte, and every tag.
#[derive(Debug, PartialEq)]
struct World {
    registry: Listing,
    tags: String,
}

fn world(sandbox: &Sandbox) -> World {
    let mut registry = listing(&sandbox.registry());
    // Names that no installer looks at: locks, and what a crash left half-written.
    registry.retain(|path, _| !path.rsplit('/').next().unwrap_or_default().starts_with('.'));
    World {
        registry,
        tags: sandbox.git_says(&["for-each-ref", "refs/tags"]),
    }
}

/// Artifacts that are in the registry, each with its inode and time: if either changes, it was written twice.
fn identities(registry: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let is_artifact = |name: &String| name.ends_with(".whl") || name.ends_with(".tar.gz");
    let about = |name: String| {
        let about = std::fs::metadata(registry.join(&name)).expect("it was listed");
        (name, (about.ino(), about.modified().expect("files have times")))
    };
    listing(registry)
        .into_keys()
        .filter(is_artifact)
        .map(about)
        .collect()
}

/// The actions that a run which did not live to report said were done.
fn said_done(ran: &Ran) -> BTreeSet<String> {
    let done = ran
        .stderr
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("done "));
    done.filter_map(|rest| rest.split(" (").next())
        .map(str::to_owned)
        .collect()
}

fn publish(sandbox: &Sandbox, crash_at: Option<&str>) -> Running {
    let mut command = sandbox.command(&sandbox.publishing().each_ref().map(String::as_str));
    if let Some(point) = crash_at {
        command.env("RELEASEKIT_CRASH_AT", point);
    }
    Running::start(command)
}

/// Forgets that anything was ever released from here.
fn reset(sandbox: &Sandbox) {
    for folder in [
        sandbox.registry(),
        sandbox.path(".releasekit"),
        sandbox.path(".git/refs/tags"),
    ] {
        let _ = std::fs::remove_dir_all(folder);
    }
    let _ = std::fs::remove_file(sandbox.path(".git/packed-refs"));
    std::fs::create_dir_all(sandbox.path(".git/refs/tags")).expect("the sandbox is ours");
}

/// Runs a crashed release again and compares everything with one that was never disturbed.
fn finish(sandbox: &Sandbox, crashed: &Ran, expected: &World, what: &str) -> Ran {
    let there = identities(&sandbox.registry());
    let resumed = publish(sandbox, None).finish();
    assert_eq!(
        resumed.code, 0,
        "{what}: the next run does not finish: {resumed}\nafter {crashed}"
    );
    let now = identities(&sandbox.registry());
    for (name, identity) in there {
        assert_eq!(
            now.get(&name),
            Some(&identity),
            "{what}: {name} was published twice"
        );
    }
    assert!(
        world(sandbox) == *expected,
        "{what}: the outcome differs from an undisturbed run: {resumed}"
    );
    let repeated: Vec<String> = resumed
        .ids("executed")
        .into_iter()
        .filter(|id| id.ends_with(":build") && said_done(crashed).contains(id))
        .collect();
    assert!(
        repeated.is_empty(),
        "{what}: finished builds ran again: {repeated:?}\nafter {crashed}"
    );
    resumed
}

#[test]
fn a_release_that_is_killed_at_any_moment_is_finished_by_the_next_run() {
    if !require_tool("uv") {
        return;
    }
    let undisturbed = workspace(PACKAGES);
    let log = count_builds(&undisturbed);
    let first = publish(&undisturbed, None).finish().expect(0);
    assert!(first.count("executed") >= 30, "{first}");
    assert_eq!(counted(&log), (PACKAGES.len(), PACKAGES.len()), "{first}");
    let expected = world(&undisturbed);

    let mut random = Random::new(37);
    let (mut killed, mut repeated, mut sent) = (0, 0, 0);
    for round in 0..KILLS {
        let sandbox = workspace(PACKAGES);
        let log = count_builds(&sandbox);
        let moment =
            Duration::from_micros(random.below(u64::try_from(first.took.as_micros()).unwrap_or(u64::MAX)));
        let mut running = publish(&sandbox, None);
        let began = std::time::Instant::now();
        while began.elapsed() < moment && !running.has_ended() {
            std::thread::sleep(Duration::from_millis(1));
        }
        running.kill();
        let crashed = running.finish();
        killed += usize::from(crashed.code != 0);
        sent += identities(&sandbox.registry()).len();
        let what = format!("kill {round} after {moment:?}");
        let resumed = finish(&sandbox, &crashed, &expected, &what);
        let again = counted(&log).1 - PACKAGES.len();
        assert!(
            again <= JOBS,
            "{what}: {again} builds ran again: {resumed}\nafter {crashed}"
        );
        repeated += again;
    }
    tell(&format!(
        "{killed} of {KILLS} runs killed on the way with {sent} files published: 0 published twice, 0 finished builds \
         run again, {repeated} that were under way, {KILLS} releases finished as if undisturbed"
    ));
    assert!(killed >= KILLS / 2, "only {killed} runs were killed on the way");
}

#[test]
fn a_crash_at_any_journal_write_is_finished_by_the_next_run() {
    if !require_tool("uv") {
        return;
    }
    // Builds have nothing to do with the journal, so all runs share what the first one built.
    let mut sandbox = workspace(PACKAGES);
    let log = count_builds(&sandbox);
    let first = publish(&sandbox, None).finish().expect(0);
    let expected = world(&sandbox);
    let built = sandbox.outside("built");
    copy_tree(sandbox.cache(), &built);
    sandbox.use_cache(&built);

    let mut crashes = 0;
    let mut writes = 0;
    for after in ["", ":after"] {
        for number in 1.. {
            reset(&sandbox);
            let point = format!("journal:{number}{after}");
            let crashed = publish(&sandbox, Some(&point)).finish();
            if crashed.code == 0 {
                writes = writes.max(number - 1);
                break;
            }
            assert_eq!(crashed.code, 134, "{point}: {crashed}");
            crashes += 1;
            assert!(crashes < 400, "{point}: the journal has no end");
            let _resumed = finish(&sandbox, &crashed, &expected, &point);
            if number % 10 == 0 {
                let third = publish(&sandbox, None).finish().expect(0);
                assert_eq!(third.count("executed"), 0, "{point}: {third}");
            }
        }
    }
    assert_eq!(
        counted(&log),
        (PACKAGES.len(), PACKAGES.len()),
        "something was built again"
    );
    tell(&format!(
        "{crashes} crashes at {writes} journal writes of a release of {} actions: 0 published twice, 0 lost, 0 built \
         again, {crashes} finished as if undisturbed",
        first.count("executed")
    ));
    assert!(writes >= 20, "only {writes} journal writes in {first}");
}
