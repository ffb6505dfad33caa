//! The stat table: believed only where it must be right.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use cas::{Digest, FileDigests};
use support::Random;

mod support;

#[test]
fn every_change_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let digests = FileDigests::in_memory();
    assert!(digests.digest(&path).is_err());
    // Same length, same second, same inode: only the rule about racy entries tells them apart.
    for round in 0..200_u64 {
        let bytes = round.to_le_bytes();
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(digests.digest(&path).unwrap().digest, Digest::of(&bytes));
        assert_eq!(digests.digest(&path).unwrap().digest, Digest::of(&bytes));
    }
}

#[test]
fn a_change_of_mode_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, b"x").unwrap();
    let digests = FileDigests::in_memory();
    for mode in [0o644, 0o755, 0o600] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(digests.digest(&path).unwrap().executable, mode == 0o755);
    }
}

#[test]
fn a_time_put_back_does_not_deceive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let past = SystemTime::now() - Duration::from_secs(1_000);
    let digests = FileDigests::in_memory();
    for bytes in [b"one", b"two", b"six"] {
        std::fs::write(&path, bytes).unwrap();
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(past)
            .unwrap();
        assert_eq!(digests.digest(&path).unwrap().digest, Digest::of(bytes));
    }
}

#[test]
fn a_settled_file_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, table) = (folder.path().join("file"), folder.path().join("table"));
    std::fs::write(&path, b"x").unwrap();
    // Until both times of the file are two seconds old.
    std::thread::sleep(Duration::from_millis(2_100));
    let digests = FileDigests::load(&table);
    let facts = digests.digest(&path).unwrap();
    digests.save().unwrap();
    let written = table.metadata().unwrap().modified().unwrap();
    let again = FileDigests::load(&table);
    assert_eq!(again.digest(&path).unwrap(), facts);
    again.save().unwrap();
    // Nothing was hashed, so nothing changed, so nothing was written.
    assert_eq!(table.metadata().unwrap().modified().unwrap(), written);
}

#[test]
fn a_damaged_table_is_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let (path, table) = (folder.path().join("file"), folder.path().join("table"));
    std::fs::write(&path, b"x").unwrap();
    let digests = FileDigests::load(&table);
    let facts = digests.digest(&path).unwrap();
    digests.save().unwrap();
    let whole = std::fs::read(&table).unwrap();
    let mut random = Random(1);
    for _ in 0..500 {
        let mut bytes = whole.clone();
        match random.below(3) {
            0 => bytes.truncate(usize::try_from(random.below(whole.len() as u64)).unwrap()),
            1 => bytes.extend(random.bytes(40)),
            _ => {
                let at = usize::try_from(random.below(whole.len() as u64)).unwrap();
                bytes[at] ^= 1 << random.below(8);
            }
        }
        std::fs::write(&table, &bytes).unwrap();
        assert_eq!(FileDigests::load(&table).digest(&path).unwrap(), facts);
    }
}

#[test]
fn threads_share_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let digests = FileDigests::in_memory();
    for item in 0..50_u64 {
        std::fs::write(folder.path().join(item.to_string()), item.to_le_bytes()).unwrap();
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for item in 0..50_u64 {
                    let facts = digests.digest(&folder.path().join(item.to_string())).unwrap();
                    assert_eq!(facts.digest, Digest::of(&item.to_le_bytes()));
                }
            });
        }
    });
}
