//! Thousands of random damages to a cache: never a wrong byte, never a failure, and a put heals.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use cas::{ActionCache, Digest, Disk, Store};
use support::{Random, copy, fast_folder, files};

mod support;

const CASES: u64 = 2_000;

/// What a whole cache holds. An answer that was replaced may be the earlier one.
struct Expected {
    blobs: BTreeMap<Digest, Vec<u8>>,
    answers: BTreeMap<Digest, [Vec<u8>; 2]>,
}

fn expected() -> Expected {
    let mut random = Random(7);
    let mut blobs = BTreeMap::new();
    let mut answers = BTreeMap::new();
    for item in 0..300_u64 {
        let size = if item < 3 { 66_000 } else { random.below(120) };
        let bytes = random.bytes(usize::try_from(size).unwrap());
        blobs.insert(Digest::of(&bytes), bytes);
        let now = random.bytes(20);
        let earlier = if item < 10 { random.bytes(20) } else { now.clone() };
        answers.insert(Digest::of(&item.to_le_bytes()), [earlier, now]);
    }
    // A blob that looks like a log: records found in it must not count.
    let mut decoy = Vec::new();
    for bytes in blobs.values().take(50) {
        decoy.extend_from_slice(&[0x89, b'r', b'k', 1]);
        decoy.extend_from_slice(bytes);
    }
    decoy.truncate(5_000);
    blobs.insert(Digest::of(&decoy), decoy);
    Expected { blobs, answers }
}

fn fill(disk: &Disk, expected: &Expected) {
    for (key, [earlier, now]) in &expected.answers {
        ActionCache::put(disk, key, earlier).unwrap();
        ActionCache::put(disk, key, now).unwrap();
    }
    heal(disk, expected);
}

/// Puts everything again.
fn heal(disk: &Disk, expected: &Expected) {
    for (digest, bytes) in &expected.blobs {
        assert_eq!(Store::put(disk, bytes).unwrap(), *digest);
    }
    for (key, [_, now]) in &expected.answers {
        ActionCache::put(disk, key, now).unwrap();
    }
}

/// Reads everything; how many are absent. Panics on a wrong byte.
fn read(disk: &Disk, expected: &Expected, scratch: &Path, all: bool) -> usize {
    let mut absent = 0;
    for (item, (digest, bytes)) in expected.blobs.iter().enumerate() {
        let whole = if item % 16 == 0 {
            let whole = disk.copy_to(digest, scratch, false).unwrap();
            assert!(
                !whole || std::fs::read(scratch).unwrap() == *bytes,
                "a wrong copy"
            );
            whole
        } else {
            let found = Store::get(disk, digest).unwrap();
            assert!(found.as_ref().is_none_or(|found| found == bytes), "a wrong blob");
            found.is_some()
        };
        absent += usize::from(!whole);
    }
    for (key, [earlier, now]) in &expected.answers {
        match ActionCache::get(disk, key).unwrap() {
            None => absent += 1,
            Some(found) => assert!(found == *now || !all && found == *earlier, "a wrong answer"),
        }
    }
    absent
}

#[test]
fn no_damage_is_ever_served_and_a_put_heals() {
    let folder = fast_folder();
    let (whole, scratch) = (folder.path().join("whole"), folder.path().join("scratch"));
    let expected = expected();
    fill(&Disk::open(&whole).unwrap(), &expected);
    assert_eq!(read(&Disk::open(&whole).unwrap(), &expected, &scratch, true), 0);
    assert!(
        files(&whole)
            .iter()
            .any(|file| file.extension().is_some_and(|name| name == "side"))
    );
    let mut noticed = 0;
    for case in 0..CASES {
        let root = folder.path().join(case.to_string());
        copy(&whole, &root);
        let mut random = Random(case);
        // In every second case a handle is open, and has read everything, before the damage is done.
        let early = (case % 2 == 0).then(|| Disk::open(&root).unwrap());
        if let Some(disk) = &early {
            assert_eq!(read(disk, &expected, &scratch, true), 0, "case {case}");
        }
        for _ in 0..=random.below(2) {
            damage(&root, &mut random, early.is_some());
        }
        let disk = early.unwrap_or_else(|| Disk::open(&root).unwrap());
        noticed += usize::from(read(&disk, &expected, &scratch, false) > 0);
        heal(&disk, &expected);
        assert_eq!(
            read(&disk, &expected, &scratch, true),
            0,
            "case {case}: healed for this handle"
        );
        drop(disk);
        let absent = read(&Disk::open(&root).unwrap(), &expected, &scratch, true);
        assert_eq!(absent, 0, "case {case}: healed for the next handle");
        std::fs::remove_dir_all(&root).unwrap();
    }
    assert!(
        noticed > 1_000,
        "the damage is too gentle: noticed {noticed} times"
    );
}

#[test]
fn damage_under_a_writer_is_healed_by_it() {
    let folder = fast_folder();
    let scratch = folder.path().join("scratch");
    let expected = expected();
    for case in 0..200 {
        let root = folder.path().join(case.to_string());
        let mut random = Random(case);
        let disk = Disk::open(&root).unwrap();
        fill(&disk, &expected);
        ActionCache::sync(&disk).unwrap();
        damage(&root, &mut random, true);
        read(&disk, &expected, &scratch, false);
        heal(&disk, &expected);
        assert_eq!(
            read(&disk, &expected, &scratch, true),
            0,
            "case {case}: healed for the writer"
        );
        let absent = read(&Disk::open(&root).unwrap(), &expected, &scratch, true);
        assert_eq!(absent, 0, "case {case}: healed beside the writer");
        drop(disk);
        let absent = read(&Disk::open(&root).unwrap(), &expected, &scratch, true);
        assert_eq!(absent, 0, "case {case}: healed after the writer");
        std::fs::remove_dir_all(&root).unwrap();
    }
}

/// One random damage. `open` spares those that only a restart could notice: files that change their names
/// under an open handle.
fn damage(root: &Path, random: &mut Random, open: bool) {
    let all = files(root);
    if all.is_empty() {
        return;
    }
    let any = |random: &mut Random| all[usize::try_from(random.below(all.len() as u64)).unwrap()].clone();
    let path = any(random);
    let length = path.metadata().map_or(0, |file| file.len());
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let at = random.below(length);
    match random.below(if open { 9 } else { 12 }) {
        0 | 1 => flip(&path, at, 1 << random.below(8)),
        2 => file.set_len(at).unwrap(),
        3 => {
            let size = random.below(10_000);
            file.write_all_at(&random.bytes(usize::try_from(size).unwrap()), length)
                .unwrap();
        }
        4 => {
            let size = usize::try_from(random.below(length - at)).unwrap();
            file.write_all_at(&vec![0; size], at).unwrap();
        }
        5 => std::fs::remove_file(&path).unwrap(),
        // A stretch of the file again at its end, as if it had been appended twice.
        6 => file
            .write_all_at(
                &std::fs::read(&path).unwrap()[usize::try_from(at).unwrap()..],
                length,
            )
            .unwrap(),
        7 => swap_stretches(&path, random),
        8 => (0..20).for_each(|_| flip(&path, random.below(length), 0xff)),
        9 => swap_files(&path, &any(random)),
        10 => drop(std::fs::copy(any(random), &path).unwrap()),
        _ => {
            let renamed = path.with_file_name(format!("x{}", path.file_name().unwrap().to_string_lossy()));
            std::fs::rename(&path, renamed).unwrap();
        }
    }
}

fn flip(path: &Path, at: u64, mask: u8) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    if file.read_at(&mut byte, at).unwrap() == 1 {
        file.write_all_at(&[byte[0] ^ mask], at).unwrap();
    }
}

/// Swaps two stretches of equal length, often whole answers: those are all equally long.
fn swap_stretches(path: &Path, random: &mut Random) {
    let mut bytes = std::fs::read(path).unwrap();
    let size = 104;
    let records = bytes.len() / size;
    if records < 2 {
        return;
    }
    let mut pick = || usize::try_from(random.below(records as u64)).unwrap() * size;
    let (a, b) = (pick(), pick());
    for index in 0..size {
        bytes.swap(a + index, b + index);
    }
    // In place: the file keeps its identity, as it does when a disk fails.
    OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .write_all_at(&bytes, 0)
        .unwrap();
}

fn swap_files(a: &Path, b: &PathBuf) {
    let aside = a.with_extension("aside");
    std::fs::rename(a, &aside).unwrap();
    if b != a {
        std::fs::rename(b, a).unwrap();
    }
    std::fs::rename(&aside, b).unwrap();
}
