//! What the disk store costs beside files renamed into place, cacache, and `sha256sum` over the same bytes.
//!
//! `cargo bench -p releasekit-cas`. Medians of several rounds, each in a fresh folder; ratios in the same run.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints a table")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cas::{ActionCache, Digest, Disk, Store};

const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` must not measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("store, medians of {ROUNDS} rounds                    per item   of plain");
    blobs("1 KiB", 1 << 10, 2_000);
    blobs("60 KiB", 60 << 10, 100);
    blobs("1 MiB", 1 << 20, 16);
    println!("\naction cache, 10,000 keys, values of 200 bytes");
    answers(10_000);
    println!("\nopening a store of blobs, 1 KiB each");
    opening(1_000);
    opening(10_000);
}

/// Different bytes for every item and round, so that nothing is stored already.
fn items(size: usize, count: usize, round: usize) -> Vec<Vec<u8>> {
    let item = |index: usize| {
        let mut bytes = vec![0xa5; size];
        bytes[..8].copy_from_slice(&((round << 32 | index) as u64).to_le_bytes());
        bytes
    };
    (0..count).map(item).collect()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

const PUTS: [&str; 5] = [
    "put: plain temp + rename",
    "put: cacache write_hash_sync",
    "put: Disk",
    "put: Disk, there already",
    "sync: Disk, share of one sync",
];
const GETS: [&str; 7] = [
    "get: plain read + SHA-256",
    "get: cacache read_hash_sync",
    "get: Disk (verified)",
    "SHA-256 alone",
    "sha256sum, one process",
    "copy: plain, verified, then written",
    "copy: Disk copy_to",
];

fn rows(names: &[&'static str]) -> Vec<Sample> {
    names.iter().map(|name| (*name, Vec::new())).collect()
}

type Sample = (&'static str, Vec<Duration>);

/// Adds a time to the row `name`, made when it is first seen.
fn add(rows: &mut Vec<Sample>, name: &'static str, time: Duration) {
    match rows.iter_mut().find(|(row, _)| *row == name) {
        Some((_, times)) => times.push(time),
        None => rows.push((name, vec![time])),
    }
}

fn print(rows: Vec<Sample>, count: usize, title: &str) {
    let mut plain = None;
    for (name, times) in rows {
        let each = median(times).as_secs_f64() * 1e6 / count as f64;
        let plain = *plain.get_or_insert(each);
        println!("  {title:<8} {name:<34} {each:>10.2} us {:>8.2}", each / plain);
    }
}

fn blobs(title: &str, size: usize, count: usize) {
    let (mut puts, mut gets) = (rows(&PUTS), rows(&GETS));
    // Removed at the very end: removing files makes the file system slow for whoever writes next.
    let folder = tempfile::tempdir_in(".").unwrap();
    for round in 0..ROUNDS {
        let items = items(size, count, round);
        let digests: Vec<Digest> = items.iter().map(|bytes| Digest::of(bytes)).collect();
        let path = |name: &str| folder.path().join(format!("{round}-{name}"));
        // Each goes first, second and last in turn, and what was written before is not still being written.
        for turn in 0..3 {
            Command::new("sync").status().unwrap();
            match (round + turn) % 3 {
                0 => plain(&path("plain"), &items, &digests, &mut puts, &mut gets),
                1 => cacache_store(&path("cacache"), &items, &mut puts, &mut gets),
                _ => disk(&path("disk"), &items, &digests, &mut puts, &mut gets),
            }
        }
        add(
            &mut gets,
            "sha256sum, one process",
            sha256sum(&path("plain"), &digests),
        );
        add(
            &mut gets,
            "SHA-256 alone",
            timed(|| items.iter().for_each(|bytes| drop(Digest::of(bytes).hex()))),
        );
    }
    print(puts, count, title);
    print(gets, count, title);
}

fn plain_path(root: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    root.join(&hex[..2]).join(&hex[2..])
}

/// SHA-256, temporary file, rename, 256 folders.
fn plain(root: &Path, items: &[Vec<u8>], digests: &[Digest], puts: &mut Vec<Sample>, gets: &mut Vec<Sample>) {
    (0..256).for_each(|byte| std::fs::create_dir_all(root.join(format!("{byte:02x}"))).unwrap());
    let put = timed(|| {
        for bytes in items {
            let mut temp = tempfile::NamedTempFile::new_in(root).unwrap();
            temp.write_all(bytes).unwrap();
            temp.persist(plain_path(root, &Digest::of(bytes))).unwrap();
        }
    });
    add(puts, "put: plain temp + rename", put);
    let get = timed(|| {
        for digest in digests {
            assert!(Digest::of(&std::fs::read(plain_path(root, digest)).unwrap()) == *digest);
        }
    });
    add(gets, "get: plain read + SHA-256", get);
    let copies = root.join("copies");
    std::fs::create_dir(&copies).unwrap();
    let copy = timed(|| {
        for (index, digest) in digests.iter().enumerate() {
            let bytes = std::fs::read(plain_path(root, digest)).unwrap();
            assert!(Digest::of(&bytes) == *digest);
            std::fs::write(copies.join(index.to_string()), bytes).unwrap();
        }
    });
    add(gets, "copy: plain, verified, then written", copy);
}

fn cacache_store(root: &Path, items: &[Vec<u8>], puts: &mut Vec<Sample>, gets: &mut Vec<Sample>) {
    let mut names = Vec::new();
    let put = timed(|| {
        names.extend(
            items
                .iter()
                .map(|bytes| cacache::write_hash_sync(root, bytes).unwrap()),
        );
    });
    add(puts, "put: cacache write_hash_sync", put);
    let get = timed(|| {
        names
            .iter()
            .for_each(|name| drop(cacache::read_hash_sync(root, name).unwrap()));
    });
    add(gets, "get: cacache read_hash_sync", get);
}

fn disk(root: &Path, items: &[Vec<u8>], digests: &[Digest], puts: &mut Vec<Sample>, gets: &mut Vec<Sample>) {
    let disk = Disk::open(root).unwrap();
    let put_all = || {
        items
            .iter()
            .for_each(|bytes| drop(Store::put(&disk, bytes).unwrap().hex()));
    };
    add(puts, "put: Disk", timed(put_all));
    add(puts, "put: Disk, there already", timed(put_all));
    add(
        puts,
        "sync: Disk, share of one sync",
        timed(|| Store::sync(&disk).unwrap()),
    );
    let get = timed(|| {
        digests
            .iter()
            .for_each(|digest| assert!(Store::get(&disk, digest).unwrap().is_some()));
    });
    add(gets, "get: Disk (verified)", get);
    let copies = root.join("copies");
    std::fs::create_dir(&copies).unwrap();
    let copy = timed(|| {
        for (index, digest) in digests.iter().enumerate() {
            assert!(
                disk.copy_to(digest, &copies.join(index.to_string()), false)
                    .unwrap()
            );
        }
    });
    add(gets, "copy: Disk copy_to", copy);
}

fn sha256sum(root: &Path, digests: &[Digest]) -> Duration {
    let paths: Vec<PathBuf> = digests.iter().map(|digest| plain_path(root, digest)).collect();
    let mut command = Command::new("sha256sum");
    command.args(paths);
    timed(|| assert!(command.output().unwrap().status.success()))
}

fn answers(count: u64) {
    let keys: Vec<Digest> = (0..count).map(|key| Digest::of(&key.to_le_bytes())).collect();
    let value = vec![7; 200];
    let mut rows = Vec::new();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir_in(".").unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        let put = || {
            keys.iter()
                .for_each(|key| ActionCache::put(&disk, key, &value).unwrap());
        };
        add(&mut rows, "put all", timed(put));
        add(
            &mut rows,
            "sync once",
            timed(|| ActionCache::sync(&disk).unwrap()),
        );
        drop(disk);
        let look = |keys: &[Digest]| {
            let disk = Disk::open(folder.path()).unwrap();
            keys.iter()
                .for_each(|key| assert!(ActionCache::get(&disk, key).unwrap().is_some()));
        };
        add(&mut rows, "open, look up one", timed(|| look(&keys[..1])));
        add(&mut rows, "open, look up all", timed(|| look(&keys)));
        remove_side_files(&folder.path().join("v1/answers"));
        add(
            &mut rows,
            "open, look up one, no side file",
            timed(|| look(&keys[..1])),
        );
        let disk = Disk::open(folder.path()).unwrap();
        let absent: Vec<Digest> = keys.iter().map(|key| Digest::new(*key.hash(), 1)).collect();
        let miss = || {
            absent
                .iter()
                .for_each(|key| assert!(ActionCache::get(&disk, key).unwrap().is_none()));
        };
        add(&mut rows, "10,000 misses", timed(miss));
    }
    print_totals(rows);
}

fn opening(count: usize) {
    let items = items(1024, count, 0);
    let digests: Vec<Digest> = items.iter().map(|bytes| Digest::of(bytes)).collect();
    let folder = tempfile::tempdir_in(".").unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    items
        .iter()
        .for_each(|bytes| drop(Store::put(&disk, bytes).unwrap().hex()));
    drop(disk);
    let mut rows = Vec::new();
    for _ in 0..ROUNDS {
        add(
            &mut rows,
            "Disk::open alone",
            timed(|| drop(Disk::open(folder.path()).unwrap())),
        );
        let disk = Disk::open(folder.path()).unwrap();
        add(
            &mut rows,
            "first get",
            timed(|| assert!(Store::get(&disk, &digests[0]).unwrap().is_some())),
        );
        add(
            &mut rows,
            "missing, all there",
            timed(|| assert!(disk.missing(&digests).unwrap().is_empty())),
        );
    }
    remove_side_files(&folder.path().join("v1/blobs"));
    for _ in 0..ROUNDS {
        let disk = Disk::open(folder.path()).unwrap();
        let get = || assert!(Store::get(&disk, &digests[0]).unwrap().is_some());
        add(&mut rows, "first get, no side file", timed(get));
    }
    println!("  {count} blobs, {} files", disk_files(folder.path()));
    print_totals(rows);
}

fn disk_files(root: &Path) -> u64 {
    Disk::open(root).unwrap().usage().unwrap().files
}

fn remove_side_files(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|name| name == "side") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

fn print_totals(rows: Vec<Sample>) {
    for (name, times) in rows {
        println!("  {name:<43} {:>10.3} ms", median(times).as_secs_f64() * 1e3);
    }
}
