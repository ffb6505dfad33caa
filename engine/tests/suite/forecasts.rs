//! Forecasts and explanations: they say what a run then does, and touch nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cas::Digest;
use engine::*;

use crate::stage::{Eye, Shelf, Stage, action, effect, graph, out, outcomes, slot, step};

fn told(forecasts: &[Forecast]) -> Vec<(&'static str, &str)> {
    forecasts
        .iter()
        .map(|forecast| (forecast.status.as_str(), forecast.reason.as_str()))
        .collect()
}

fn observed(name: &str) -> Action {
    let work = Work::Step {
        params: String::new(),
        version: 1,
    };
    action(name, "Look", Class::Observed, work)
}

#[test]
fn a_forecast_says_what_a_run_then_does() {
    let (stage, join) = Stage::new().with_join();
    let (mut stage, shelf) = stage.with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    stage
        .handlers
        .observed
        .insert(Mnemonic::new("Look"), Arc::new(Eye::new(vec![])));
    let actions = |source: &[u8]| {
        let mut look = observed("look");
        look.after = vec![ActionId(2)];
        let inputs = vec![stage.source("src/a.py", source)];
        graph(vec![
            step("core:build", "", inputs),
            step("core:pack", "", vec![out(0, "in")]),
            effect("core:send", "Send", vec![out(1, "core 1.0")]),
            look,
        ])
    };
    let (first, journal) = (actions(b"1"), stage.journal());
    let forecasts = stage.forecast(&first, &journal.recovered());
    assert_eq!(
        told(&forecasts),
        [
            ("run", "never ran here"),
            ("run", "waits for `core:build`"),
            ("run", "waits for `core:pack`"),
            ("run", "not observed in this run"),
        ]
    );
    assert!(forecasts[0].key.is_some() && forecasts[1].key.is_none());
    assert_eq!(
        (
            join.calls.load(Ordering::SeqCst),
            shelf.looks.load(Ordering::SeqCst)
        ),
        (0, 0),
        "nothing is touched"
    );
    assert_eq!(outcomes(&stage.run_with(&first, Some(&journal))), ["executed"; 4]);
    let forecasts = stage.forecast(&first, &journal.recovered());
    assert_eq!(
        told(&forecasts),
        [
            ("cached", "its result is in the cache"),
            ("cached", "its result is in the cache"),
            ("confirmed", "slot `shelf core 1.0` is confirmed by the journal"),
            ("confirmed", "observed in this run: it is there"),
        ]
    );
    assert_eq!(
        outcomes(&stage.run_with(&first, Some(&journal))),
        ["cached", "cached", "confirmed", "confirmed"]
    );
    let changed = stage.forecast(&actions(b"2"), &journal.recovered());
    let (old, new) = (Digest::of(b"1").short(), Digest::of(b"2").short());
    assert_eq!(
        told(&changed)[0],
        (
            "run",
            format!("input `src/a.py` changed ({old} -> {new})").as_str()
        )
    );
}

#[test]
fn slots_are_looked_at_when_that_is_cheap() {
    let mut shelf = Shelf::new(EffectKind::CreateOnce);
    shelf.is_cheap = true;
    let (stage, shelf) = Stage::new().with_shelf("Send", shelf);
    let names = ["absent", "same", "other"];
    let mut actions: Vec<Action> = names
        .iter()
        .map(|name| effect(name, "Send", vec![stage.source(name, b"x")]))
        .collect();
    let mut after = effect("after", "Send", vec![stage.source("after", b"x")]);
    after.after = vec![ActionId(2)];
    actions.push(after);
    let graph = graph(actions);
    shelf.put("same", b"x");
    shelf.put("other", b"y");
    let forecasts = stage.forecast(&graph, &Recovered::default());
    let (x, y) = (Digest::of(b"x").short(), Digest::of(b"y").short());
    assert_eq!(
        told(&forecasts),
        [
            ("run", "slot `shelf absent` is absent"),
            ("confirmed", "slot `shelf same` was seen to hold these bytes"),
            (
                "blocked",
                format!("slot `shelf other` is taken: it should hold {x} and holds {y}").as_str()
            ),
            ("blocked", "needs `other`, which cannot be done (and 1 more)"),
        ]
    );
    assert_eq!(shelf.sends(), 0);
}

#[test]
fn what_the_journal_says_is_taken_into_account() {
    let (stage, _) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let graph = graph(vec![effect("a", "Send", vec![stage.source("core", b"x")])]);
    let intent = |bytes: &[u8]| {
        let (run, action, digest) = ("r".to_owned(), "a".to_owned(), Digest::of(bytes));
        Recovered::of(&[Record::Intent {
            run,
            action,
            slot: slot("core"),
            digest,
            attempt: 1,
        }])
    };
    let status = |recovered: &Recovered| stage.forecast(&graph, recovered).remove(0);
    assert_eq!(
        status(&Recovered::default()).reason,
        "slot `shelf core` is to be filled"
    );
    assert_eq!(status(&intent(b"x")).status, Status::Run);
    assert!(
        status(&intent(b"x"))
            .reason
            .contains("an earlier attempt was interrupted")
    );
    assert_eq!(status(&intent(b"y")).status, Status::Blocked);
}

#[test]
fn an_explanation_names_every_reason() {
    let (stage, _) = Stage::new().with_join();
    let actions = |params: &str, source: &[u8]| {
        let inputs = vec![
            stage.source("a", source),
            stage.source("b", b"same"),
            stage.source("c", source),
        ];
        graph(vec![step("x", params, inputs), step("y", "", vec![out(0, "in")])])
    };
    let explained = |graph: &Graph, id: u32| {
        let recovered = Recovered::default();
        explain(
            graph,
            ActionId(id),
            &stage.world(),
            &recovered,
            &stage.history,
            &stage.run,
        )
        .expect("explained")
    };
    let first = actions(r#"{"level": 1}"#, b"1");
    assert_eq!(explained(&first, 0).to_string(), "`x`: run\n  never ran here");
    stage.run(&first);
    assert_eq!(
        explained(&first, 1).to_string(),
        "`y`: cached\n  its result is in the cache"
    );
    let (old, new) = (Digest::of(b"1").short(), Digest::of(b"2").short());
    let second = actions(r#"{"level": 2}"#, b"2");
    let expected = format!(
        "`x`: run\n  parameter `level` changed 1 -> 2\n  input `a` changed ({old} -> {new})\n  input `c` changed ({old} -> {new})"
    );
    assert_eq!(explained(&second, 0).to_string(), expected);
    assert_eq!(explained(&second, 1).to_string(), "`y`: run\n  waits for `x`");
}

#[test]
fn a_result_that_is_gone_is_called_gone() {
    let (mut stage, _) = Stage::new().with_join();
    let graph = graph(vec![step("x", "", vec![])]);
    stage.run(&graph);
    stage.memory = Arc::default();
    let forecasts = stage.forecast(&graph, &Recovered::default());
    assert_eq!(told(&forecasts), [("run", "its result is gone from the cache")]);
}

#[test]
fn history_survives_in_its_file() {
    let (stage, _) = Stage::new().with_join();
    let actions = |source: &[u8]| graph(vec![step("x", "", vec![stage.source("a", source)])]);
    stage.run(&actions(b"1"));
    let path = stage.path("history");
    stage.history.save(&path).expect("it can be written");
    let history = History::load(&path);
    let told = |history: &History| {
        let recovered = Recovered::default();
        let world = stage.world();
        forecast(&actions(b"2"), &[], &world, &recovered, history, "r")
            .expect("forecast")
            .remove(0)
    };
    assert!(told(&history).reason.starts_with("input `a` changed"));
    std::fs::write(&path, b"damaged").expect("written");
    assert_eq!(told(&History::load(&path)).reason, "never ran here");
}
