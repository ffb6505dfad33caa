//! Journals: torn ends are cut, anything else is damage, and nothing is added after a failure.

use std::io;
use std::path::Path;

use cas::Digest;
use engine::{EffectKind, Error, FileMedium, How, Journal, Medium, Record, Recovered, Slot};

use crate::stage::slot;

fn records() -> Vec<Record> {
    let (run, action, slot) = ("r".to_owned(), "a".to_owned(), slot("core 1.0"));
    let digest = Digest::of(b"x");
    vec![
        Record::Opened {
            run: run.clone(),
            subject: "core".to_owned(),
            detail: "{\"a\": 1}".to_owned(),
        },
        Record::Sealed {
            run: run.clone(),
            digest,
        },
        Record::Intent {
            run: run.clone(),
            action: action.clone(),
            slot: slot.clone(),
            digest,
            attempt: 1,
        },
        Record::Sent {
            run: run.clone(),
            action: action.clone(),
            slot: slot.clone(),
            digest,
        },
        Record::Receipt {
            run,
            action,
            slot,
            digest,
            how: How::Sent,
        },
    ]
}

fn write(path: &Path) -> Vec<u8> {
    let journal = Journal::open(path).expect("it opens");
    records()
        .into_iter()
        .for_each(|record| journal.append(record).expect("it is written"));
    std::fs::read(path).expect("it is there")
}

#[test]
fn what_is_appended_is_read_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("deep/journal");
    let bytes = write(&path);
    assert_eq!(Journal::open(&path).expect("it opens").records(), records());
    assert_eq!(Journal::read(&path).expect("it is read"), records());
    let text = String::from_utf8(bytes).expect("text");
    assert!(
        text.lines()
            .next()
            .is_some_and(|line| line.contains(r#" {"record":"opened","run":"r""#)),
        "{text}"
    );
    assert_eq!(Journal::read(&folder.path().join("none")).expect("nothing"), []);
}

#[test]
fn a_record_torn_at_any_byte_is_cut_and_the_rest_is_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let whole = write(&path);
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|&b| b == b'\n')
        .expect("several lines")
        + 1;
    for cut in last..whole.len() {
        std::fs::write(&path, &whole[..cut]).expect("written");
        assert_eq!(Journal::read(&path).expect("readable").len(), 4, "cut at {cut}");
        let journal = Journal::open(&path).expect("it is repaired");
        assert_eq!(journal.records(), records()[..4], "cut at {cut}");
        journal.append(records().remove(4)).expect("it goes on");
        assert_eq!(std::fs::read(&path).expect("there"), whole, "cut at {cut}");
    }
}

#[test]
fn any_flipped_bit_is_damage_or_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let whole = write(&path);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            std::fs::write(&path, &damaged).expect("written");
            match Journal::open(&path) {
                Err(Error::DamagedJournal { .. }) => {}
                Ok(journal) => panic!("bit {bit} of byte {at}: {} records", journal.records().len()),
                Err(error) => panic!("bit {bit} of byte {at}: {error}"),
            }
            assert_eq!(
                std::fs::read(&path).expect("there"),
                damaged,
                "damage is not touched"
            );
        }
    }
}

#[test]
fn lines_that_were_removed_swapped_or_repeated_are_damage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let whole = String::from_utf8(write(&path)).expect("text");
    let lines: Vec<&str> = whole.lines().collect();
    for order in [
        vec![1, 2, 3, 4],
        vec![0, 2, 1, 3, 4],
        vec![0, 1, 1, 2, 3, 4],
        vec![0, 1, 3, 4],
    ] {
        let text: String = order.iter().map(|&n| format!("{}\n", lines[n])).collect();
        std::fs::write(&path, text).expect("written");
        assert!(
            matches!(Journal::open(&path), Err(Error::DamagedJournal { .. })),
            "{order:?}"
        );
    }
}

/// Fails at one write, having written some of it.
struct Failing {
    file: Box<dyn Medium>,
    left: usize,
}

impl Medium for Failing {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.left == 0 {
            self.file.append(&bytes[..bytes.len() / 2])?;
            return Err(io::Error::other("no space left"));
        }
        self.left -= 1;
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

#[test]
fn nothing_is_added_after_a_failure_and_reopening_repairs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal");
    let journal = Journal::open_with(&path, |file| Box::new(Failing { file, left: 2 })).expect("it opens");
    let ends: Vec<bool> = records()
        .into_iter()
        .map(|record| journal.append(record).is_ok())
        .collect();
    assert_eq!(ends, [true, true, false, false, false]);
    assert_eq!(journal.records().len(), 2);
    assert_eq!(
        Journal::open(&path).expect("it is repaired").records(),
        records()[..2]
    );
    let _ = FileMedium::new(std::fs::File::open(&path).expect("there"));
}

#[test]
fn what_follows_from_a_journal() {
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    let intent = |run: &str, slot: Slot, digest| {
        let (run, action) = (run.to_owned(), "x".to_owned());
        Record::Intent {
            run,
            action,
            slot,
            digest,
            attempt: 1,
        }
    };
    let receipt = |run: &str, slot: Slot, digest| {
        let (run, action) = (run.to_owned(), "x".to_owned());
        Record::Receipt {
            run,
            action,
            slot,
            digest,
            how: How::Sent,
        }
    };
    let opened = |run: &str| {
        let (run, subject, detail) = (run.to_owned(), String::new(), String::new());
        Record::Opened { run, subject, detail }
    };
    let closed = |run: &str| Record::Closed {
        run: run.to_owned(),
        outcome: "done".to_owned(),
    };
    let (slot_a, slot_b) = (slot("a"), slot("b"));
    let recovered = Recovered::of(&[
        opened("2"),
        opened("1"),
        intent("1", slot_a.clone(), a),
        receipt("1", slot_a.clone(), a),
        intent("1", slot_b.clone(), b),
        Record::Conflict {
            run: "1".to_owned(),
            action: "x".to_owned(),
            slot: slot("c"),
            digest: a,
            found: b,
        },
        Record::Observed {
            run: "1".to_owned(),
            action: "y".to_owned(),
            key: a,
            summary: "seen".to_owned(),
            unix_seconds: 5,
        },
        opened("3"),
        closed("3"),
    ]);
    assert_eq!(recovered.confirmed().collect::<Vec<_>>(), [(&slot_a, &a)]);
    assert_eq!(recovered.unknown().collect::<Vec<_>>(), [(&slot_b, &b)]);
    assert_eq!(recovered.conflicts().collect::<Vec<_>>(), [(&slot("c"), &b)]);
    assert_eq!(recovered.open_runs(), ["2", "1"]);
    assert_eq!(
        recovered.observation("1", &a).map(|seen| seen.unix_seconds),
        Some(5)
    );
    assert_eq!(recovered.observation("2", &a), None);
}

#[test]
fn a_slot_is_promised_to_one_digest_but_a_pointer_moves_on() {
    use engine::Claim::{Confirmed, Free, Other};
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    let slot = slot("latest");
    let opened = |run: &str| {
        let (run, subject, detail) = (run.to_owned(), String::new(), String::new());
        Record::Opened { run, subject, detail }
    };
    let receipt = |run: &str, digest| {
        let (run, action, slot) = (run.to_owned(), "x".to_owned(), slot.clone());
        Record::Receipt {
            run,
            action,
            slot,
            digest,
            how: How::Sent,
        }
    };
    let recovered = Recovered::of(&[opened("1"), opened("2"), receipt("2", a)]);
    let claim = |run: &str, digest: &Digest, kind| recovered.claim(run, &slot, digest, kind);
    let taken = || Other {
        digest: a,
        run: "2".to_owned(),
    };
    assert_eq!(claim("3", &a, EffectKind::CreateOnce), Confirmed);
    assert_eq!(claim("3", &b, EffectKind::CreateOnce), taken());
    assert_eq!(claim("2", &a, EffectKind::Pointer), Confirmed);
    assert_eq!(claim("2", &b, EffectKind::Pointer), taken(), "not within one run");
    assert_eq!(claim("3", &b, EffectKind::Pointer), Free, "a new run moves it");
    assert_eq!(
        claim("1", &b, EffectKind::Pointer),
        taken(),
        "an older run does not move it back"
    );
}
