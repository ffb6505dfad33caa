//! Crashes at every step of a release: nothing is sent twice, nothing is made twice, and going on always ends.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::*;

use crate::stage::{Join, Shelf, Stage, effect, graph, out, outcomes, step};

/// Counts the steps of a run and dies at one of them; dead, it writes nothing any more.
#[derive(Default)]
struct Fuse {
    steps: AtomicUsize,
    dies_at: AtomicUsize,
}

impl Fuse {
    fn arm(&self, dies_at: usize) {
        self.steps.store(0, Ordering::SeqCst);
        self.dies_at.store(dies_at, Ordering::SeqCst);
    }

    /// Takes a step; `false` from the deadly one on.
    fn lives(&self) -> bool {
        self.steps.fetch_add(1, Ordering::SeqCst) < self.dies_at.load(Ordering::SeqCst)
    }
}

/// How much of the deadly write reaches the disk.
#[derive(Clone, Copy, Debug)]
enum Torn {
    Nothing,
    Half,
    AllButTheEnd,
    All,
}

struct Mortal {
    file: Box<dyn Medium>,
    fuse: Arc<Fuse>,
    torn: Torn,
    is_dead: bool,
}

impl Medium for Mortal {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.fuse.lives() {
            return self.file.append(bytes);
        }
        let length = match self.torn {
            _ if self.is_dead => 0,
            Torn::Nothing => 0,
            Torn::Half => bytes.len() / 2,
            Torn::AllButTheEnd => bytes.len() - 1,
            Torn::All => bytes.len(),
        };
        self.is_dead = true;
        self.file.append(&bytes[..length])?;
        Err(io::Error::other("dead"))
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.fuse.lives() {
            self.file.sync()
        } else {
            Err(io::Error::other("dead"))
        }
    }
}

struct Release {
    stage: Stage,
    join: Arc<Join>,
    shelves: Vec<Arc<Shelf>>,
    fuse: Arc<Fuse>,
    graph: Graph,
}

const KINDS: [(&str, EffectKind); 4] = [
    ("Send", EffectKind::CreateOnce),
    ("Push", EffectKind::Idempotent),
    ("Move", EffectKind::Pointer),
    ("Tell", EffectKind::Unverifiable),
];

/// Two things are made; each is sent to two slots, a pointer is moved to it, and it is told of.
fn release() -> Release {
    let (mut stage, join) = Stage::new().with_join();
    let fuse = Arc::new(Fuse::default());
    let mut shelves = Vec::new();
    for (mnemonic, kind) in KINDS {
        let mut shelf = Shelf::new(kind);
        let lives = Arc::clone(&fuse);
        shelf.lives = Box::new(move || lives.lives());
        let (next, shelf) = stage.with_shelf(mnemonic, shelf);
        stage = next;
        shelves.push(shelf);
    }
    stage.jobs = 1;
    let mut actions = vec![step("a:make", "a", vec![]), step("b:make", "b", vec![])];
    for (id, name) in [(0, "a"), (1, "b")] {
        for (at, (mnemonic, _)) in KINDS.iter().enumerate() {
            let slots = [format!("{mnemonic} {name} 1"), format!("{mnemonic} {name} 2")];
            let mut send = effect(
                &format!("{name}:{mnemonic}"),
                mnemonic,
                slots.iter().map(|s| out(id, s)).collect(),
            );
            if at > 0 {
                send.after
                    .push(ActionId(u32::try_from(actions.len()).expect("few") - 1));
            }
            actions.push(send);
        }
    }
    Release {
        graph: graph(actions),
        stage,
        join,
        shelves,
        fuse,
    }
}

impl Release {
    fn go(&self, torn: Torn) -> Results {
        let path = self.stage.path("journal");
        let fuse = Arc::clone(&self.fuse);
        let journal = Journal::open_with(&path, |file| {
            Box::new(Mortal {
                file,
                fuse,
                torn,
                is_dead: false,
            })
        });
        self.stage.run_with(
            &self.graph,
            Some(&journal.expect("a crash leaves a readable journal")),
        )
    }

    fn check_sends(&self, what: &str) {
        for (shelf, (mnemonic, _)) in self.shelves.iter().zip(KINDS) {
            let mut counts: BTreeMap<Slot, usize> = BTreeMap::new();
            for (slot, _) in shelf.accepted.lock().expect("no panics").iter() {
                *counts.entry(slot.clone()).or_default() += 1;
            }
            assert!(
                counts.values().all(|&count| count == 1),
                "{mnemonic} sent twice: {what}: {counts:?}"
            );
        }
    }
}

#[test]
fn a_release_survives_a_crash_at_every_step() {
    let calm = release();
    calm.fuse.arm(usize::MAX);
    assert_eq!(outcomes(&calm.go(Torn::Nothing)), ["executed"; 10]);
    let steps = calm.fuse.steps.load(Ordering::SeqCst);
    assert!(steps > 100, "{steps} steps");
    for torn in [Torn::Nothing, Torn::Half, Torn::AllButTheEnd, Torn::All] {
        // A torn line is a torn line: these need not be tried everywhere.
        let stride = if matches!(torn, Torn::Half | Torn::AllButTheEnd) {
            4
        } else {
            1
        };
        for dies_at in (0..steps).step_by(stride) {
            let what = format!("died at step {dies_at} of {steps}, leaving {torn:?} of the last write");
            let release = release();
            release.fuse.arm(dies_at);
            let results = release.go(torn);
            assert!(results.counts().failed > 0, "{what}");
            release.check_sends(&what);
            release.fuse.arm(usize::MAX);
            let results = release.go(torn);
            let bad = results
                .iter()
                .find(|(_, finished)| !finished.outcome.is_success());
            assert!(bad.is_none(), "{what}: {bad:?}");
            release.check_sends(&what);
            assert_eq!(release.join.calls.load(Ordering::SeqCst), 2, "made again: {what}");
            let sent: Vec<usize> = release.shelves.iter().map(|shelf| shelf.sends()).collect();
            assert_eq!(sent[..3], [4, 4, 4], "{what}");
            assert!((3..=4).contains(&sent[3]), "{what}");
            let recovered = release.stage.journal().recovered();
            assert!(recovered.confirmed().count() >= 15, "{what}");
            assert_eq!(outcomes(&release.go(torn))[2..], ["confirmed"; 8], "{what}");
        }
    }
}

#[test]
fn a_release_survives_two_crashes_in_a_row() {
    let calm = release();
    calm.fuse.arm(usize::MAX);
    calm.go(Torn::Nothing);
    let steps = calm.fuse.steps.load(Ordering::SeqCst);
    for first in (0..steps).step_by(7) {
        for second in (0..steps - first).step_by(5) {
            let what = format!("died at step {first}, then at step {second}");
            let release = release();
            for dies_at in [first, second, usize::MAX] {
                release.fuse.arm(dies_at);
                release.go(Torn::Half);
            }
            release.check_sends(&what);
            let sent: Vec<usize> = release.shelves[..3].iter().map(|shelf| shelf.sends()).collect();
            assert_eq!(sent, [4, 4, 4], "{what}");
        }
    }
}
