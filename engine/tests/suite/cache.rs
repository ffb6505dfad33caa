//! What is kept is believed only when it is whole, delivered when it is asked for, and made again when it is lost.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use cas::{ActionCache, Digest, Memory, Store};
use engine::*;

use crate::stage::{Shelf, Stage, effect, graph, message, out, outcomes, script, step};

#[test]
fn what_did_not_change_is_not_made_again() {
    let (stage, join) = Stage::new().with_join();
    let actions = |source: &[u8]| {
        vec![
            step("a", "", vec![stage.source("src", source)]),
            step("b", "", vec![out(0, "in")]),
            step("c", "", vec![]),
        ]
    };
    assert_eq!(outcomes(&stage.run(&graph(actions(b"1")))), ["executed"; 3]);
    assert_eq!(outcomes(&stage.run(&graph(actions(b"1")))), ["cached"; 3]);
    assert_eq!(
        outcomes(&stage.run(&graph(actions(b"2")))),
        ["executed", "executed", "cached"]
    );
    assert_eq!(outcomes(&stage.run(&graph(actions(b"1")))), ["cached"; 3]);
    assert_eq!(join.calls.load(Ordering::SeqCst), 5);
    assert!(
        !stage.events.told().iter().skip(6).any(|word| word == "+c"),
        "hits are not told to run"
    );
}

#[test]
fn the_same_bytes_from_upstream_cut_off_what_follows() {
    let (stage, join) = Stage::new().with_join();
    let stage = stage.with_pure("Constant", |_, _| Ok(Bytes::from_static(b"always the same")));
    let go = |params: &str| {
        let mut first = step("a", params, vec![]);
        first.mnemonic = Mnemonic::new("Constant");
        stage.run(&graph(vec![
            first,
            step("b", "", vec![out(0, "in")]),
            step("c", "", vec![out(1, "in")]),
        ]))
    };
    assert_eq!(outcomes(&go("1")), ["executed"; 3]);
    assert_eq!(outcomes(&go("2")), ["executed", "cached", "cached"]);
    assert_eq!(join.calls.load(Ordering::SeqCst), 2);
}

/// Has lost some blobs, but may not know it.
struct Leaky {
    inner: Arc<Memory>,
    lost: Mutex<Vec<Digest>>,
    knows: bool,
    lookups: AtomicUsize,
}

impl Leaky {
    fn has_lost(&self, digest: &Digest) -> bool {
        self.lost.lock().expect("no panics").contains(digest)
    }
}

impl Store for Leaky {
    fn missing(&self, digests: &[Digest]) -> cas::Result<Vec<Digest>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut missing = self.inner.missing(digests)?;
        missing.extend(
            digests
                .iter()
                .filter(|digest| self.knows && self.has_lost(digest)),
        );
        Ok(missing)
    }

    fn get(&self, digest: &Digest) -> cas::Result<Option<Bytes>> {
        if self.has_lost(digest) {
            Ok(None)
        } else {
            Store::get(&*self.inner, digest)
        }
    }

    fn copy_to(&self, digest: &Digest, path: &std::path::Path, executable: bool) -> cas::Result<bool> {
        if self.has_lost(digest) {
            Ok(false)
        } else {
            self.inner.copy_to(digest, path, executable)
        }
    }

    fn put(&self, bytes: &[u8]) -> cas::Result<Digest> {
        self.lost
            .lock()
            .expect("no panics")
            .retain(|digest| *digest != Digest::of(bytes));
        Store::put(&*self.inner, bytes)
    }

    fn put_file(&self, path: &std::path::Path) -> cas::Result<Digest> {
        let digest = self.inner.put_file(path)?;
        self.lost
            .lock()
            .expect("no panics")
            .retain(|lost| *lost != digest);
        Ok(digest)
    }

    fn sync(&self) -> cas::Result<()> {
        Store::sync(&*self.inner)
    }
}

fn go(stage: &Stage, graph: &Graph, store: &Arc<Leaky>) -> Results {
    let world = World {
        store: Arc::<Leaky>::clone(store),
        ..stage.world()
    };
    let journal = stage.journal();
    run(
        graph,
        &[],
        &world,
        Some(&journal),
        &stage.history,
        &stage.options(),
    )
    .expect("it runs")
}

fn leaky(stage: &Stage, results: &Results, lost: &[(u32, &str)], knows: bool) -> Arc<Leaky> {
    let digest =
        |(id, output): &(u32, &str)| *results.result(ActionId(*id)).expect("made").outputs[*output].digest();
    let lost = Mutex::new(lost.iter().map(digest).collect());
    Arc::new(Leaky {
        inner: Arc::clone(&stage.memory),
        lost,
        knows,
        lookups: AtomicUsize::new(0),
    })
}

#[test]
fn a_result_that_names_a_lost_blob_is_a_miss() {
    let stage = Stage::new();
    let graph = graph(vec![
        script("a", "echo 1 >out", vec![], &["out"]),
        script(
            "b",
            "mkdir out; cat in in >out/x; echo said",
            vec![out(0, "in")],
            &["out"],
        ),
    ]);
    let results = stage.run(&graph);
    let result = results.result(ActionId(1)).expect("made").clone();
    let blobs = result.digests(&*stage.memory).expect("memory").expect("whole");
    assert_eq!(blobs.len(), 4, "a directory, the tree, a file, and what was said");
    for blob in blobs {
        let lost = Mutex::new(vec![blob]);
        let store = Leaky {
            inner: Arc::clone(&stage.memory),
            lost,
            knows: true,
            lookups: AtomicUsize::new(0),
        };
        let results = go(&stage, &graph, &Arc::new(store));
        assert_eq!(results.outcome(ActionId(1)), Some(Outcome::Executed), "{blob}");
    }
}

#[test]
fn lost_inputs_are_made_again_even_if_the_store_did_not_know() {
    let stage = Stage::new();
    let first = vec![
        script("a", "echo 1 >out", vec![], &["out"]),
        script("b", "cat in >out; echo 2 >>out", vec![out(0, "in")], &["out"]),
    ];
    let results = stage.run(&graph(first.clone()));
    let mut actions = first;
    actions.push(script("c", "cat in >out", vec![out(1, "in")], &["out"]));
    actions.push(script(
        "d",
        "cat in >>out; cat in >>out",
        vec![out(1, "in")],
        &["out"],
    ));
    let store = leaky(&stage, &results, &[(0, "out"), (1, "out")], false);
    let results = go(&stage, &graph(actions), &store);
    assert_eq!(outcomes(&results), ["executed"; 4], "{}", message(&results, 2));
    assert_eq!(&stage.bytes(&results, ActionId(2), "out")[..], b"1\n2\n");
}

#[test]
fn nothing_is_made_again_behind_the_seal() {
    let (stage, _) = Stage::new().with_join();
    let (stage, shelf) = stage.with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let graph = graph(vec![
        step("a", "", vec![]),
        effect("s", "Send", vec![out(0, "core")]),
    ]);
    let results = run(
        &graph,
        &[ActionId(0)],
        &stage.world(),
        None,
        &stage.history,
        &stage.options(),
    )
    .expect("runs");
    let store = leaky(&stage, &results, &[(0, "out")], false);
    let results = go(&stage, &graph, &store);
    assert_eq!((outcomes(&results), shelf.sends()), (vec!["cached", "failed"], 0));
    assert_eq!(message(&results, 1), "what `a` made is gone from the store");
}

#[test]
fn garbage_in_the_action_cache_is_a_miss() {
    let (stage, _) = Stage::new().with_join();
    let graph = graph(vec![step("a", "", vec![])]);
    let results = stage.run(&graph);
    let key = results
        .get(ActionId(0))
        .and_then(|finished| finished.key)
        .expect("it has one");
    let good = stage.memory.get_entry(&key);
    let other = ActionResult::default().encode();
    for garbage in [
        &b""[..],
        b"<html>",
        &good[..good.len() / 2],
        &other,
        &[good.clone(), good.clone()].concat(),
    ] {
        ActionCache::put(&*stage.memory, &key, garbage).expect("memory");
        assert_eq!(outcomes(&stage.run(&graph)), ["executed"], "{garbage:?}");
    }
    assert_eq!(outcomes(&stage.run(&graph)), ["cached"]);
}

trait GetEntry {
    fn get_entry(&self, key: &Digest) -> Vec<u8>;
}

impl GetEntry for Memory {
    fn get_entry(&self, key: &Digest) -> Vec<u8> {
        ActionCache::get(self, key).expect("memory").expect("kept")
    }
}

#[test]
fn a_step_makes_exactly_what_it_declares() {
    let (stage, _) = Stage::new().with_join();
    let declares = |outputs: &[&str]| {
        let outputs = outputs.iter().map(|path| (*path).to_owned()).collect();
        let results = stage.run(&graph(vec![Action {
            outputs,
            ..step("a", "", vec![])
        }]));
        message(&results, 0)
    };
    assert_eq!(declares(&["out"]), "");
    assert_eq!(
        declares(&["out", "more"]),
        "it did not make its declared output `more`"
    );
    assert_eq!(declares(&[]), "it made `out`, which it does not declare");
}

#[test]
fn outputs_are_delivered_also_from_the_cache() {
    let (mut stage, _) = Stage::new().with_join();
    stage.deliver = true;
    let mut file = step("a", "text", vec![]);
    file.deliver.insert("out".to_owned(), "dist/a.txt".to_owned());
    let mut folder = script("b", "mkdir out; echo 1 >out/x", vec![], &["out"]);
    folder.deliver.insert("out".to_owned(), "dist/site".to_owned());
    let graph = graph(vec![file, folder]);
    let place = stage.path("workspace");
    for expected in ["executed", "cached", "cached"] {
        assert_eq!(outcomes(&stage.run(&graph)), [expected; 2]);
        assert_eq!(
            std::fs::read(place.join("dist/a.txt")).expect("delivered"),
            b"text()"
        );
        assert_eq!(
            std::fs::read(place.join("dist/site/x")).expect("delivered"),
            b"1\n"
        );
        std::fs::write(place.join("dist/site/stale"), b"").expect("written");
        std::fs::write(place.join("dist/a.txt"), b"tampered").expect("written");
    }
    stage.deliver = false;
    assert_eq!(outcomes(&stage.run(&graph)), ["cached"; 2]);
    assert_eq!(
        std::fs::read(place.join("dist/a.txt")).expect("left alone"),
        b"tampered"
    );
}

#[test]
fn what_cannot_be_delivered_for_lack_of_bytes_is_made_again() {
    let (mut stage, _) = Stage::new().with_join();
    stage.deliver = true;
    let mut file = step("a", "text", vec![]);
    file.deliver.insert("out".to_owned(), "a.txt".to_owned());
    let graph = graph(vec![file, step("b", "", vec![out(0, "in")])]);
    let results = stage.run(&graph);
    std::fs::remove_dir_all(stage.path("workspace")).expect("there");
    let results = go(&stage, &graph, &leaky(&stage, &results, &[(0, "out")], false));
    assert_eq!(outcomes(&results), ["executed", "cached"]);
    assert_eq!(
        std::fs::read(stage.path("workspace/a.txt")).expect("delivered"),
        b"text()"
    );
}

#[test]
fn lookups_are_few_when_nothing_changed() {
    let (stage, _) = Stage::new().with_join();
    let mut actions: Vec<Action> = (0..50)
        .map(|n| step(&n.to_string(), &n.to_string(), vec![]))
        .collect();
    actions.extend((0..50).map(|n| step(&format!("{n}b"), "", vec![out(n, "in")])));
    let graph = graph(actions);
    let results = stage.run(&graph);
    let store = leaky(&stage, &results, &[], true);
    assert_eq!(go(&stage, &graph, &store).counts().cached, 100);
    assert_eq!(store.lookups.load(Ordering::SeqCst), 2, "one per level");
}
