//! Effects: each way a slot can be found, and what follows.

use std::sync::atomic::Ordering;

use cas::Digest;
use engine::*;

use crate::stage::{Fault, Shelf, Stage, effect, graph, message, outcomes, slot};

/// One effect that fills slot `core` with the bytes `bytes`.
fn one(stage: &Stage, bytes: &[u8]) -> Graph {
    let mut send = effect("core:send", "Send", vec![stage.source("core", bytes)]);
    send.policy.retries = 2;
    graph(vec![send])
}

fn words(journal: &Journal) -> Vec<String> {
    let word = |record: &Record| {
        let json = serde_json::to_value(record).expect("plain data");
        json["how"]
            .as_str()
            .unwrap_or(json["record"].as_str().expect("tagged"))
            .to_owned()
    };
    journal.records().iter().map(word).collect()
}

#[test]
fn an_absent_slot_is_filled_and_seen() {
    let (stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let (graph, journal) = (one(&stage, b"x"), stage.journal());
    let results = stage.run_with(&graph, Some(&journal));
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["executed"], "1 sent".to_owned())
    );
    assert_eq!(words(&journal), ["intent", "sent", "sent"]);
    let looks = shelf.looks.load(Ordering::SeqCst);
    let results = stage.run_with(&graph, Some(&journal));
    assert_eq!(outcomes(&results), ["confirmed"]);
    assert_eq!(
        (shelf.sends(), shelf.looks.load(Ordering::SeqCst)),
        (1, looks),
        "the journal knew"
    );
    assert_eq!(
        stage.events.told(),
        ["+core:send", "core:send=executed", "core:send=confirmed"]
    );
}

#[test]
fn the_same_bytes_already_there_are_a_success() {
    let (stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    shelf.put("core", b"x");
    let (graph, journal) = (one(&stage, b"x"), stage.journal());
    let results = stage.run_with(&graph, Some(&journal));
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["confirmed"], "1 already there".to_owned())
    );
    assert_eq!(
        (words(&journal), shelf.sends()),
        (vec!["preexisting".to_owned()], 0)
    );
}

#[test]
fn other_bytes_there_are_a_conflict() {
    let (stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    shelf.put("core", b"y");
    let (graph, journal) = (one(&stage, b"x"), stage.journal());
    let results = stage.run_with(&graph, Some(&journal));
    let expected = format!(
        "`shelf core` holds other bytes: {} is there, {} was to be sent",
        Digest::of(b"y"),
        Digest::of(b"x")
    );
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["failed"], expected)
    );
    assert!(results.get(ActionId(0)).expect("it ended").conflict);
    assert_eq!((words(&journal), shelf.sends()), (vec!["conflict".to_owned()], 0));
    assert_eq!(journal.recovered().conflicts().count(), 1);
}

#[test]
fn a_slot_is_never_sent_another_digest() {
    let (stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let journal = stage.journal();
    stage.run_with(&one(&stage, b"x"), Some(&journal));
    // Even if somebody removed it: what was promised stays promised.
    shelf.held.lock().expect("no panics").clear();
    let results = stage.run_with(&one(&stage, b"y"), Some(&journal));
    assert_eq!(outcomes(&results), ["failed"]);
    assert!(
        message(&results, 0).contains("was meant for other bytes"),
        "{}",
        message(&results, 0)
    );
    assert!(results.get(ActionId(0)).expect("it ended").conflict);
    assert_eq!(shelf.sends(), 1);
}

#[test]
fn two_actions_cannot_fill_one_slot_differently() {
    let (stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let a = stage.source("core", b"x");
    let mut b = stage.source("other", b"y");
    if let Input::Source { path, .. } = &mut b {
        "core".clone_into(path);
    }
    let graph = graph(vec![effect("a", "Send", vec![a]), effect("b", "Send", vec![b])]);
    let results = stage.run_with(&graph, Some(&stage.journal()));
    assert_eq!(
        (results.counts().executed, results.counts().failed, shelf.sends()),
        (1, 1, 1)
    );
}

#[test]
fn a_lost_answer_is_looked_after_and_not_repeated() {
    let shelf = Shelf::new(EffectKind::CreateOnce).faulty(&[Fault::LostAnswer]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let journal = stage.journal();
    let results = stage.run_with(&one(&stage, b"x"), Some(&journal));
    assert_eq!((outcomes(&results), shelf.sends()), (vec!["executed"], 1));
    assert_eq!(words(&journal), ["intent", "ambiguous", "sent"]);
}

#[test]
fn a_lost_request_is_repeated_as_often_as_the_policy_says() {
    let shelf = Shelf::new(EffectKind::CreateOnce).faulty(&[Fault::LostRequest, Fault::LostRequest]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let journal = stage.journal();
    let results = stage.run_with(&one(&stage, b"x"), Some(&journal));
    assert_eq!((outcomes(&results), shelf.sends()), (vec!["executed"], 1));
    assert_eq!(
        words(&journal),
        [
            "intent",
            "ambiguous",
            "intent",
            "ambiguous",
            "intent",
            "sent",
            "sent"
        ]
    );
    let retries = stage
        .events
        .told()
        .iter()
        .filter(|word| *word == "~core:send")
        .count();
    assert_eq!(retries, 2);
    let attempts = journal.records().into_iter().filter_map(|record| match record {
        Record::Intent { attempt, .. } => Some(attempt),
        _ => None,
    });
    assert_eq!(attempts.collect::<Vec<_>>(), [1, 2, 3]);

    let shelf = Shelf::new(EffectKind::CreateOnce).faulty(&[Fault::LostRequest; 3]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let results = stage.run_with(&one(&stage, b"x"), Some(&stage.journal()));
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["failed"], "connection lost".to_owned())
    );
    assert_eq!(shelf.sends(), 0);
}

#[test]
fn a_refusal_is_final_and_leaves_the_slot_free() {
    let shelf = Shelf::new(EffectKind::CreateOnce).faulty(&[Fault::Refused]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let journal = stage.journal();
    let results = stage.run_with(&one(&stage, b"x"), Some(&journal));
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["failed"], "the name is not allowed".to_owned())
    );
    assert_eq!(words(&journal), ["intent", "rejected"]);
    let results = stage.run_with(&one(&stage, b"mended"), Some(&journal));
    assert_eq!((outcomes(&results), shelf.sends()), (vec!["executed"], 1));
}

#[test]
fn what_is_not_seen_at_once_is_waited_for() {
    let shelf = Shelf::new(EffectKind::CreateOnce).faulty(&[Fault::Lag(12)]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let results = stage.run_with(&one(&stage, b"x"), Some(&stage.journal()));
    assert_eq!((outcomes(&results), shelf.sends()), (vec!["executed"], 1));

    let shelf = Shelf::new(EffectKind::CreateOnce).faulty(&[Fault::Lag(10_000)]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let journal = stage.journal();
    let results = stage.run_with(&one(&stage, b"x"), Some(&journal));
    let expected = "`shelf core` was sent, but not seen within 600 s";
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["failed"], expected.to_owned())
    );
    assert_eq!(
        (words(&journal), shelf.sends()),
        (["intent", "sent", "ambiguous"].map(str::to_owned).to_vec(), 1)
    );
}

#[test]
fn what_cannot_be_compared_is_never_sent() {
    let (stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    *shelf.unknown.lock().expect("no panics") = Some("it names no digest".to_owned());
    let journal = stage.journal();
    let results = stage.run_with(&one(&stage, b"x"), Some(&journal));
    let expected = "what `shelf core` holds cannot be compared: it names no digest";
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["failed"], expected.to_owned())
    );
    assert_eq!((words(&journal).len(), shelf.sends()), (0, 0));
}

#[test]
fn cheap_slots_are_looked_at_again_and_removed_ones_are_filled_again() {
    let mut shelf = Shelf::new(EffectKind::Idempotent);
    shelf.is_cheap = true;
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let (graph, journal) = (one(&stage, b"x"), stage.journal());
    stage.run_with(&graph, Some(&journal));
    assert_eq!(outcomes(&stage.run_with(&graph, Some(&journal))), ["confirmed"]);
    shelf.held.lock().expect("no panics").clear();
    assert_eq!(outcomes(&stage.run_with(&graph, Some(&journal))), ["executed"]);
    shelf.put("core", b"y");
    assert_eq!(outcomes(&stage.run_with(&graph, Some(&journal))), ["failed"]);
}

#[test]
fn a_pointer_moves_from_run_to_run_but_never_back() {
    let (mut stage, shelf) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::Pointer));
    shelf.put("core", b"0");
    let journal = stage.journal();
    let opened = |run: &str| {
        let (run, subject, detail) = (run.to_owned(), String::new(), String::new());
        journal
            .append(Record::Opened { run, subject, detail })
            .expect("written");
    };
    for (run, bytes, outcome) in [("first", b"1", "executed"), ("second", b"2", "executed")] {
        opened(run);
        stage.run = run.to_owned();
        assert_eq!(
            outcomes(&stage.run_with(&one(&stage, bytes), Some(&journal))),
            [outcome]
        );
    }
    stage.run = "first".to_owned();
    let results = stage.run_with(&one(&stage, b"1"), Some(&journal));
    assert_eq!(outcomes(&results), ["failed"], "{}", message(&results, 0));
    assert_eq!(
        shelf.held.lock().expect("no panics")[&slot("core")],
        Digest::of(b"2")
    );
}

#[test]
fn what_nobody_can_look_at_is_sent_at_most_once() {
    let shelf = Shelf::new(EffectKind::Unverifiable).faulty(&[Fault::LostAnswer]);
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let (graph, journal) = (one(&stage, b"x"), stage.journal());
    let results = stage.run_with(&graph, Some(&journal));
    let expected = "it is not known whether `shelf core` was sent: connection lost";
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["failed"], expected.to_owned())
    );
    let results = stage.run_with(&graph, Some(&journal));
    let expected = "1 sent at most once by an earlier attempt, not sent again";
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["confirmed"], expected.to_owned())
    );
    assert_eq!(shelf.sends(), 1);
}

#[test]
fn effects_need_a_journal_and_a_handler() {
    let (stage, _) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let refused = |graph: &Graph, journal: Option<&Journal>| {
        let ran = run(
            graph,
            &[],
            &stage.world(),
            journal,
            &stage.history,
            &stage.options(),
        );
        ran.expect_err("it cannot start").to_string()
    };
    let without = refused(&one(&stage, b"x"), None);
    assert_eq!(
        without,
        "`core:send` changes the world, but there is no journal to write it down in"
    );
    let unknown = graph(vec![effect("a", "Unheard", vec![])]);
    assert_eq!(
        refused(&unknown, Some(&stage.journal())),
        "nobody carries out `Unheard`, which `a` asks for"
    );
}
