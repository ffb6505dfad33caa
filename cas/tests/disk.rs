//! What the disk store promises beyond the contracts: few files, private ones, and a cheap opening.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cas::{ActionCache, Clock, Digest, Disk, Error, GcPolicy, Store};
use support::{Random, files};

mod support;

#[test]
fn ten_thousand_small_results_are_a_handful_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let mut digests = Vec::new();
    for item in 0..10_000_u64 {
        let digest = Store::put(&disk, &item.to_le_bytes()).unwrap();
        ActionCache::put(&disk, &digest, &item.to_be_bytes()).unwrap();
        digests.push(digest);
    }
    ActionCache::sync(&disk).unwrap();
    assert!(files(folder.path()).len() <= 6, "{:?}", files(folder.path()));
    drop(disk);
    let disk = Disk::open(folder.path()).unwrap();
    assert!(disk.missing(&digests).unwrap().is_empty());
    for (item, digest) in digests.iter().enumerate() {
        assert_eq!(
            ActionCache::get(&disk, digest).unwrap().unwrap(),
            (item as u64).to_be_bytes()
        );
    }
    let usage = disk.usage().unwrap();
    assert_eq!((usage.blobs, usage.entries), (10_000, 10_000));
    assert!(usage.files <= 6);
}

#[test]
fn a_second_run_adds_no_files() {
    let folder = tempfile::tempdir().unwrap();
    for run in 0..20_u64 {
        let disk = Disk::open(folder.path()).unwrap();
        Store::put(&disk, &run.to_le_bytes()).unwrap();
        ActionCache::put(&disk, &Digest::of(&run.to_le_bytes()), b"value").unwrap();
    }
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn everything_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a/b");
    let disk = Disk::open(&root).unwrap();
    let large = Random(1).bytes(100_000);
    Store::put(&disk, b"small").unwrap();
    Store::put(&disk, &large).unwrap();
    ActionCache::put(&disk, &Digest::of(b"key"), b"value").unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for file in files(&root) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert_eq!(mode(file.parent().unwrap()), 0o700, "{}", file.display());
    }
    assert_eq!(mode(&root), 0o700);
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o777, 0o770, 0o720, 0o702, 0o1777] {
        let root = folder.path().join(format!("{mode:o}"));
        std::fs::create_dir(&root).unwrap();
        std::fs::set_permissions(&root, Permissions::from_mode(mode)).unwrap();
        let refused = Disk::open(&root).err().unwrap();
        assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");
        assert!(refused.to_string().contains("chmod go-w"), "{refused}");
        let link = folder.path().join(format!("{mode:o}-link"));
        symlink(&root, &link).unwrap();
        assert!(Disk::open(&link).is_err());
    }
    // Inside as well: it may have been made before the root was closed.
    let root = folder.path().join("planted");
    drop(Disk::open(&root).unwrap());
    std::fs::set_permissions(root.join("v1/blobs"), Permissions::from_mode(0o777)).unwrap();
    assert!(Disk::open(&root).is_err());
}

#[test]
fn a_folder_of_somebody_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // Only root may give folders away.
    if std::os::unix::fs::chown(folder.path(), Some(65_534), None).is_ok() {
        let refused = Disk::open(folder.path()).err().unwrap();
        assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");
    }
}

#[test]
fn a_cache_cleared_away_under_a_running_process_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("cache");
    let disk = Disk::open(&root).unwrap();
    let digest = Store::put(&disk, b"bytes").unwrap();
    ActionCache::put(&disk, &digest, b"value").unwrap();
    std::fs::remove_dir_all(&root).unwrap();
    Store::put(&disk, b"bytes").unwrap();
    ActionCache::put(&disk, &digest, b"value").unwrap();
    let again = Disk::open(&root).unwrap();
    assert_eq!(Store::get(&again, &digest).unwrap().unwrap(), &b"bytes"[..]);
    assert_eq!(ActionCache::get(&again, &digest).unwrap().unwrap(), b"value");
}

#[test]
fn a_log_of_superseded_answers_is_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let key = Digest::of(b"key");
    let disk = Disk::open(folder.path()).unwrap();
    for item in 0..5_000_u64 {
        ActionCache::put(&disk, &key, &item.to_le_bytes()).unwrap();
    }
    drop(disk);
    let size = || {
        files(folder.path())
            .iter()
            .map(|file| file.metadata().unwrap().len())
            .sum::<u64>()
    };
    let before = size();
    let disk = Disk::open(folder.path()).unwrap();
    ActionCache::put(&disk, &Digest::of(b"other"), b"value").unwrap();
    assert!(size() < before / 100, "{} of {before}", size());
    assert_eq!(
        ActionCache::get(&disk, &key).unwrap().unwrap(),
        4_999_u64.to_le_bytes()
    );
    drop(disk);
    let disk = Disk::open(folder.path()).unwrap();
    assert_eq!(
        ActionCache::get(&disk, &key).unwrap().unwrap(),
        4_999_u64.to_le_bytes()
    );
    assert_eq!(
        ActionCache::get(&disk, &Digest::of(b"other")).unwrap().unwrap(),
        b"value"
    );
}

#[test]
fn a_clock_set_back_does_not_hide_new_answers() {
    let folder = tempfile::tempdir().unwrap();
    let key = Digest::of(b"key");
    for (hours, value) in [(1_000, b"old"), (10, b"new")] {
        let (clock, _) = clock_at(hours);
        let disk = Disk::open_with_clock(folder.path(), clock).unwrap();
        ActionCache::put(&disk, &key, value).unwrap();
    }
    let disk = Disk::open(folder.path()).unwrap();
    assert_eq!(ActionCache::get(&disk, &key).unwrap().unwrap(), b"new");
}

#[test]
fn gc_forgets_what_was_not_used_and_what_nothing_names() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, hours) = clock_at(1_000);
    let disk = Disk::open_with_clock(folder.path(), clock.clone()).unwrap();
    let put = |seed: u64, size: usize| Store::put(&disk, &Random(seed).bytes(size)).unwrap();
    let entry = |name: &str, blobs: &[Digest]| {
        let value: Vec<String> = blobs.iter().map(ToString::to_string).collect();
        ActionCache::put(&disk, &Digest::of(name.as_bytes()), value.join(" ").as_bytes()).unwrap();
    };
    let (old, old_large, kept, kept_large, loose) = (
        put(1, 5_000),
        put(2, 100_000),
        put(3, 5_000),
        put(4, 100_000),
        put(5, 5_000),
    );
    entry("old", &[old, old_large]);
    entry("kept", &[kept, kept_large]);
    hours.store(1_010, Ordering::Relaxed);
    assert!(ActionCache::get(&disk, &Digest::of(b"kept")).unwrap().is_some());
    let fresh = put(6, 5_000);
    let now = clock();
    // Large blobs carry the file system's time, which the test's clock knows nothing of.
    for file in files(&folder.path().join("v1/large")) {
        std::fs::File::open(file)
            .unwrap()
            .set_modified(now - Duration::from_secs(36_000))
            .unwrap();
    }
    let policy = GcPolicy {
        max_age: Some(Duration::from_secs(5 * 3600)),
        max_bytes: None,
        now,
    };
    let report = disk.gc(policy, &digests_in).unwrap();
    assert_eq!((report.entries_kept, report.entries_forgotten), (1, 1));
    assert_eq!((report.blobs_kept, report.blobs_dropped), (3, 3));
    assert!(report.bytes_freed > 105_000, "{report:?}");
    let again = Disk::open_with_clock(folder.path(), clock).unwrap();
    for disk in [&disk, &again] {
        assert_eq!(ActionCache::get(disk, &Digest::of(b"old")).unwrap(), None);
        assert!(ActionCache::get(disk, &Digest::of(b"kept")).unwrap().is_some());
        let all = [old, old_large, kept, kept_large, loose, fresh];
        assert_eq!(disk.missing(&all).unwrap(), [old, old_large, loose]);
        assert!(Store::get(disk, &kept).unwrap().is_some());
    }
    assert_eq!(again.verify().unwrap().damaged, 0);
}

#[test]
fn gc_keeps_to_a_size_and_drops_the_least_recently_used() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, hours) = clock_at(1_000);
    let disk = Disk::open_with_clock(folder.path(), clock.clone()).unwrap();
    for item in 0..100_u64 {
        hours.store(1_000 + item, Ordering::Relaxed);
        let digest = Store::put(&disk, &Random(item).bytes(10_000)).unwrap();
        ActionCache::put(
            &disk,
            &Digest::of(&item.to_le_bytes()),
            digest.to_string().as_bytes(),
        )
        .unwrap();
    }
    hours.store(1_200, Ordering::Relaxed);
    assert!(
        ActionCache::get(&disk, &Digest::of(&0_u64.to_le_bytes()))
            .unwrap()
            .is_some()
    );
    let policy = GcPolicy {
        max_age: None,
        max_bytes: Some(205_000),
        now: clock(),
    };
    let report = disk.gc(policy, &digests_in).unwrap();
    assert_eq!((report.entries_kept, report.blobs_kept), (20, 20));
    assert!(disk.usage().unwrap().bytes < 300_000);
    drop(disk);
    let disk = Disk::open(folder.path()).unwrap();
    let left = |item: u64| {
        ActionCache::get(&disk, &Digest::of(&item.to_le_bytes()))
            .unwrap()
            .is_some()
    };
    let kept: Vec<u64> = (0..100).filter(|item| left(*item)).collect();
    assert_eq!(kept, std::iter::once(0).chain(81..100).collect::<Vec<_>>());
}

#[test]
fn verify_counts_and_drops_damage() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let digests: Vec<Digest> = (0..50)
        .map(|item| Store::put(&disk, &Random(item).bytes(1_000)).unwrap())
        .collect();
    let large = Store::put(&disk, &Random(99).bytes(100_000)).unwrap();
    let report = disk.verify().unwrap();
    assert_eq!((report.checked, report.damaged), (51, 0));
    for file in files(folder.path()) {
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
    }
    assert_eq!(disk.verify().unwrap().damaged, 2);
    assert_eq!(disk.missing(&digests).unwrap().len(), 1);
    assert_eq!(disk.missing(&[large]).unwrap().len(), 1);
}

/// The answers of these tests are the digests they name, with spaces between.
fn digests_in(value: &[u8]) -> Vec<Digest> {
    String::from_utf8_lossy(value)
        .split(' ')
        .map(|digest| digest.parse().unwrap())
        .collect()
}

fn clock_at(hours: u64) -> (Clock, Arc<AtomicU64>) {
    let hours = Arc::new(AtomicU64::new(hours));
    let read = hours.clone();
    let clock: Clock =
        Arc::new(move || UNIX_EPOCH + Duration::from_secs(read.load(Ordering::Relaxed) * 3600));
    assert!(clock() < SystemTime::now());
    (clock, hours)
}
