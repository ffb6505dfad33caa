//! Several handles, threads and processes on one cache at once, one of them killed.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cas::{ActionCache, Digest, Disk, GcPolicy, Store};
use support::{Random, files};

mod support;

const ITEMS: u64 = 400;

/// The value of one item: some are shared by all writers, some are large.
fn item(writer: u64, item: u64) -> Vec<u8> {
    let seed = if item.is_multiple_of(3) {
        item
    } else {
        (writer + 1) << 32 | item
    };
    Random(seed).bytes(if item.is_multiple_of(50) { 70_000 } else { 300 })
}

fn key(writer: u64, number: u64) -> Digest {
    Digest::of(&[writer.to_le_bytes(), number.to_le_bytes()].concat())
}

/// Writes its own items and reads those of the others, as far as they have come.
fn work(root: &Path, writer: u64, writers: u64) {
    let disk = Disk::open(root).unwrap();
    for number in 0..ITEMS {
        let bytes = item(writer, number);
        let digest = Store::put(&disk, &bytes).unwrap();
        ActionCache::put(&disk, &key(writer, number), digest.to_string().as_bytes()).unwrap();
        for other in 0..writers {
            check(&disk, other, number);
        }
    }
    ActionCache::sync(&disk).unwrap();
}

/// An answer that is there names a blob that is there and right.
fn check(disk: &Disk, writer: u64, number: u64) -> bool {
    let Some(value) = ActionCache::get(disk, &key(writer, number)).unwrap() else {
        return false;
    };
    let digest: Digest = String::from_utf8(value).unwrap().parse().unwrap();
    let bytes = Store::get(disk, &digest).unwrap();
    assert_eq!(
        bytes.expect("an answer comes after its blob"),
        item(writer, number)
    );
    true
}

fn check_all(root: &Path, writers: u64) {
    let disk = Disk::open(root).unwrap();
    for writer in 0..writers {
        assert!((0..ITEMS).all(|number| check(&disk, writer, number)));
    }
    assert_eq!(disk.verify().unwrap().damaged, 0);
    let small = files(root)
        .iter()
        .filter(|file| !file.starts_with(root.join("v1/large")))
        .count();
    assert!(small <= 20, "{:?}", files(root));
}

/// Collects as long as `busy`, keeping everything that is named.
fn collect(root: &Path, mut busy: impl FnMut() -> bool) {
    let disk = Disk::open(root).unwrap();
    let live = |value: &[u8]| vec![String::from_utf8(value.to_vec()).unwrap().parse().unwrap()];
    while busy() {
        let policy = GcPolicy {
            max_age: None,
            max_bytes: None,
            now: SystemTime::now(),
        };
        disk.gc(policy, &live).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn threads_with_a_handle_each() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || work(root, writer, 4));
        }
    });
    check_all(root, 4);
}

#[test]
fn processes_beside_a_gc() {
    let folder = tempfile::tempdir().unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 3600);
    let old = Disk::open_with_clock(folder.path(), Arc::new(move || yesterday)).unwrap();
    let loose: Vec<Digest> = (0..100)
        .map(|seed| Store::put(&old, &Random(!seed).bytes(3_000)).unwrap())
        .collect();
    drop(old);
    let mut children: Vec<Child> = (0..4).map(|writer| spawn(folder.path(), writer)).collect();
    collect(folder.path(), || {
        children
            .iter_mut()
            .any(|child| child.try_wait().unwrap().is_none())
    });
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "its messages are above");
    }
    check_all(folder.path(), 4);
    collect(folder.path(), once());
    check_all(folder.path(), 4);
    assert_eq!(Disk::open(folder.path()).unwrap().missing(&loose).unwrap(), loose);
}

fn once() -> impl FnMut() -> bool {
    let mut turns = 0..1;
    move || turns.next().is_some()
}

#[test]
fn a_killed_writer_leaves_a_cache_that_works() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let mut child = spawn(folder.path(), 0);
        std::thread::sleep(Duration::from_millis(5 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        let found = (0..ITEMS).filter(|number| check(&disk, 0, *number)).count();
        assert!(found <= usize::try_from(ITEMS).unwrap());
    }
    work(folder.path(), 0, 1);
    check_all(folder.path(), 1);
}

fn spawn(root: &Path, writer: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "one_process"])
        .env("CAS_TEST_ROOT", root)
        .env("CAS_TEST_WRITER", writer.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the other tests start it as a process"]
fn one_process() {
    let Ok(root) = std::env::var("CAS_TEST_ROOT") else {
        return;
    };
    let writer = std::env::var("CAS_TEST_WRITER").unwrap().parse().unwrap();
    work(Path::new(&root), writer, 4);
}
