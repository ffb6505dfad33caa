//! The two contracts, held against everything that implements them.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use cas::{ActionCache, Digest, Disk, Error, Memory, ReadOnly, Result, Store, Tiered, Verified};
use support::Random;
use tempfile::TempDir;

mod support;

trait Both: Store + ActionCache {}
impl<T: Store + ActionCache> Both for T {}

type Make = fn(&Path) -> Box<dyn Both>;

/// Every implementer, fresh, with the folder its files are in.
fn implementers() -> Vec<(&'static str, TempDir, Box<dyn Both>)> {
    let make: Vec<(&'static str, Make)> = vec![
        ("Memory", |_| Box::new(Memory::new())),
        ("Disk", |root| Box::new(Disk::open(root).unwrap())),
        ("Arc<Disk>", |root| Box::new(Arc::new(Disk::open(root).unwrap()))),
        ("Verified<Memory>", |_| Box::new(Verified::new(Memory::new()))),
        ("Verified<Disk>", |root| {
            Box::new(Verified::new(Disk::open(root).unwrap()))
        }),
        ("Tiered<Memory, Memory>", |_| {
            Box::new(Tiered::new(Memory::new(), Memory::new()))
        }),
        ("Tiered<Disk, Verified<Memory>>", |root| {
            Box::new(Tiered::new(
                Disk::open(root).unwrap(),
                Verified::new(Memory::new()),
            ))
        }),
        ("Tiered<ReadOnly<Memory>, Disk>", |root| {
            Box::new(Tiered::new(
                ReadOnly::new(Memory::new()),
                Disk::open(root).unwrap(),
            ))
        }),
        ("Tiered<Disk, Broken>", |root| {
            Box::new(Tiered::new(Disk::open(root).unwrap(), Broken::default()))
        }),
    ];
    let fresh = make.into_iter().map(|(name, make)| {
        let folder = tempfile::tempdir().unwrap();
        let both = make(&folder.path().join("cache"));
        (name, folder, both)
    });
    fresh.collect()
}

/// Around the border between small and large blobs, and the borders of buffers.
const SIZES: [usize; 9] = [0, 1, 1000, 65_535, 65_536, 65_537, 262_144, 262_145, 1_048_577];

#[test]
fn nothing_is_there_at_first() {
    for (name, folder, both) in implementers() {
        let copy = folder.path().join("copy");
        for size in SIZES {
            let digest = Digest::of(&Random(1).bytes(size));
            assert_eq!(Store::get(&*both, &digest).unwrap(), None, "{name}");
            assert_eq!(
                both.missing(&[digest, digest]).unwrap(),
                [digest, digest],
                "{name}"
            );
            assert!(!both.copy_to(&digest, &copy, false).unwrap(), "{name}");
            assert_eq!(ActionCache::get(&*both, &digest).unwrap(), None, "{name}");
        }
        assert!(!copy.exists(), "{name}");
        assert!(both.put_file(&copy).is_err(), "{name}");
        Store::sync(&*both).unwrap();
        ActionCache::sync(&*both).unwrap();
    }
}

#[test]
fn what_is_put_comes_back() {
    for (name, folder, both) in implementers() {
        let copies = folder.path().join("copies");
        std::fs::create_dir(&copies).unwrap();
        for (index, size) in SIZES.into_iter().enumerate() {
            let bytes = Random(size as u64 + 1).bytes(size);
            let digest = Digest::of(&bytes);
            if index % 2 == 0 {
                assert_eq!(Store::put(&*both, &bytes).unwrap(), digest, "{name}");
            } else {
                let source = folder.path().join("source");
                std::fs::write(&source, &bytes).unwrap();
                assert_eq!(both.put_file(&source).unwrap(), digest, "{name}");
            }
            assert_eq!(Store::put(&*both, &bytes).unwrap(), digest, "{name}: twice");
            assert_eq!(Store::get(&*both, &digest).unwrap().unwrap(), bytes, "{name}");
            assert_eq!(both.missing(&[digest]).unwrap(), [], "{name}");
            for executable in [true, false] {
                let copy = copies.join("copy");
                assert!(both.copy_to(&digest, &copy, executable).unwrap(), "{name}");
                assert_eq!(std::fs::read(&copy).unwrap(), bytes, "{name}");
                let mode = copy.metadata().unwrap().permissions().mode() & 0o7777;
                assert_eq!(mode, if executable { 0o755 } else { 0o644 }, "{name}");
            }
        }
        assert_eq!(
            std::fs::read_dir(&copies).unwrap().count(),
            1,
            "{name}: nothing is left behind"
        );
        Store::sync(&*both).unwrap();
    }
}

#[test]
fn missing_keeps_the_order_asked_for() {
    for (name, _folder, both) in implementers() {
        let bytes: Vec<Vec<u8>> = (0..20_u64)
            .map(|i| Random(i).bytes(if i % 3 == 0 { 70_000 } else { 20 }))
            .collect();
        let digests: Vec<Digest> = bytes.iter().map(|bytes| Digest::of(bytes)).collect();
        for bytes in bytes.iter().step_by(2) {
            Store::put(&*both, bytes).unwrap();
        }
        let absent: Vec<Digest> = digests.iter().skip(1).step_by(2).rev().copied().collect();
        let asked: Vec<Digest> = digests.iter().rev().copied().collect();
        assert_eq!(both.missing(&asked).unwrap(), absent, "{name}");
    }
}

#[test]
fn a_copy_that_cannot_be_made_is_an_error_and_leaves_nothing() {
    for (name, folder, both) in implementers() {
        for size in [10, 70_000] {
            let digest = Store::put(&*both, &Random(5).bytes(size)).unwrap();
            let copy = folder.path().join("absent/copy");
            // A far store's error is absence; either way there is no file.
            assert!(!both.copy_to(&digest, &copy, false).unwrap_or(false), "{name}");
            assert!(!copy.exists(), "{name}");
        }
    }
}

#[test]
fn answers_are_kept_and_replaced() {
    for (name, _folder, both) in implementers() {
        let key = Digest::of(b"key");
        let other = Digest::new(*key.hash(), key.size() + 1);
        for value in [&b"one"[..], b"", b"two", &Random(3).bytes(300_000), b"one"] {
            ActionCache::put(&*both, &key, value).unwrap();
            assert_eq!(ActionCache::get(&*both, &key).unwrap().unwrap(), value, "{name}");
        }
        assert_eq!(ActionCache::get(&*both, &other).unwrap(), None, "{name}");
        assert_eq!(
            Store::get(&*both, &key).unwrap(),
            None,
            "{name}: a key is not a blob"
        );
        ActionCache::sync(&*both).unwrap();
    }
}

#[test]
fn threads_share_one() {
    for (name, folder, both) in implementers() {
        let both = &*both;
        let folder = folder.path();
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                scope.spawn(move || {
                    for item in 0..50 {
                        // Every blob is put by two threads.
                        let size = if item % 10 == 0 { 70_000 } else { 100 };
                        let bytes = Random((thread / 2) << 32 | item).bytes(size);
                        let digest = Store::put(both, &bytes).unwrap();
                        assert_eq!(Store::get(both, &digest).unwrap().unwrap(), bytes, "{name}");
                        let copy = folder.join(thread.to_string());
                        assert!(both.copy_to(&digest, &copy, false).unwrap(), "{name}");
                        ActionCache::put(both, &digest, &bytes[..10]).unwrap();
                        assert_eq!(
                            ActionCache::get(both, &digest).unwrap().unwrap(),
                            bytes[..10],
                            "{name}"
                        );
                    }
                });
            }
        });
    }
}

#[test]
fn a_read_only_store_takes_nothing_and_says_nothing() {
    let inner = Arc::new(Memory::new());
    let there = Store::put(&inner, b"there").unwrap();
    let shielded = ReadOnly::new(inner.clone());
    let digest = Store::put(&shielded, b"new").unwrap();
    assert_eq!(digest, Digest::of(b"new"));
    assert_eq!(shielded.missing(&[digest, there]).unwrap(), [digest]);
    ActionCache::put(&shielded, &digest, b"value").unwrap();
    assert_eq!(ActionCache::get(&shielded, &digest).unwrap(), None);
    assert_eq!(inner.blobs().len(), 1);
}

#[test]
fn a_verified_store_serves_no_lie() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    std::fs::write(&copy, b"before").unwrap();
    let verified = Verified::new(Liar);
    let digest = Digest::of(b"truth");
    assert_eq!(Store::get(&verified, &digest).unwrap(), None);
    assert!(!verified.copy_to(&digest, &copy, true).unwrap());
    assert_eq!(std::fs::read(&copy).unwrap(), b"before");
    assert_eq!(Store::put(&verified, b"truth").unwrap(), digest);
    assert_eq!(
        Store::get(&verified, &Digest::of(b"lies!")).unwrap().unwrap(),
        &b"lies!"[..]
    );
}

#[test]
fn a_near_store_remembers_what_the_far_one_had() {
    let (near, far) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let folder = tempfile::tempdir().unwrap();
    let tiered = Tiered::new(near.clone(), far.clone());
    let got = Store::put(&far, b"got").unwrap();
    let copied = Store::put(&far, b"copied").unwrap();
    ActionCache::put(&far, &got, b"value").unwrap();
    assert!(tiered.missing(&[got, copied]).unwrap().is_empty());
    assert!(near.blobs().is_empty());
    assert!(Store::get(&tiered, &got).unwrap().is_some());
    assert!(
        tiered
            .copy_to(&copied, &folder.path().join("copy"), false)
            .unwrap()
    );
    assert!(ActionCache::get(&tiered, &got).unwrap().is_some());
    assert!(near.missing(&[got, copied]).unwrap().is_empty());
    assert_eq!(ActionCache::get(&near, &got).unwrap().unwrap(), b"value");
}

#[test]
fn a_far_store_that_fails_is_absent() {
    let tiered = Tiered::new(Memory::new(), Broken::default());
    let absent = Digest::of(b"absent");
    assert_eq!(Store::get(&tiered, &absent).unwrap(), None);
    assert_eq!(tiered.missing(&[absent]).unwrap(), [absent]);
    let digest = Store::put(&tiered, b"bytes").unwrap();
    assert!(Store::get(&tiered, &digest).unwrap().is_some());
    assert_eq!(ActionCache::get(&tiered, &absent).unwrap(), None);
    ActionCache::put(&tiered, &absent, b"value").unwrap();
}

/// Answers every question with the same bytes.
struct Liar;

impl Store for Liar {
    fn missing(&self, _: &[Digest]) -> Result<Vec<Digest>> {
        Ok(Vec::new())
    }

    fn get(&self, _: &Digest) -> Result<Option<Bytes>> {
        Ok(Some(Bytes::from_static(b"lies!")))
    }

    fn copy_to(&self, _: &Digest, path: &Path, _: bool) -> Result<bool> {
        std::fs::write(path, b"lies!").unwrap();
        Ok(true)
    }

    fn put(&self, _: &[u8]) -> Result<Digest> {
        Ok(Digest::of(b"lies!"))
    }

    fn put_file(&self, _: &Path) -> Result<Digest> {
        Ok(Digest::of(b"lies!"))
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

/// Fails always, and counts how often it was asked.
#[derive(Default)]
struct Broken(AtomicUsize);

impl Broken {
    fn fail<T>(&self) -> Result<T> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(Error::io("reach", "the far store")(
            std::io::ErrorKind::ConnectionRefused.into(),
        ))
    }
}

impl Store for Broken {
    fn missing(&self, _: &[Digest]) -> Result<Vec<Digest>> {
        self.fail()
    }

    fn get(&self, _: &Digest) -> Result<Option<Bytes>> {
        self.fail()
    }

    fn copy_to(&self, _: &Digest, _: &Path, _: bool) -> Result<bool> {
        self.fail()
    }

    fn put(&self, _: &[u8]) -> Result<Digest> {
        self.fail()
    }

    fn put_file(&self, _: &Path) -> Result<Digest> {
        self.fail()
    }

    fn sync(&self) -> Result<()> {
        self.fail()
    }
}

impl ActionCache for Broken {
    fn get(&self, _: &Digest) -> Result<Option<Vec<u8>>> {
        self.fail()
    }

    fn put(&self, _: &Digest, _: &[u8]) -> Result<()> {
        self.fail()
    }

    fn sync(&self) -> Result<()> {
        self.fail()
    }
}
