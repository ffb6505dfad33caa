//! What is observed belongs to its run, and what touches the world comes after everything that does not.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use engine::*;

use crate::stage::{Eye, Shelf, Stage, action, effect, graph, message, out, outcomes, step};

#[test]
fn what_was_observed_is_remembered_within_its_run() {
    let (mut stage, eye) = (
        Stage::new(),
        Arc::new(Eye::new(vec![
            Err(StepError::transient("not yet")),
            Ok("seen after 2 s".to_owned()),
        ])),
    );
    stage
        .handlers
        .observed
        .insert(Mnemonic::new("Look"), Arc::<Eye>::clone(&eye));
    let work = Work::Step {
        params: String::new(),
        version: 1,
    };
    let mut look = action("core:look", "Look", Class::Observed, work);
    look.policy.retries = 1;
    let (graph, journal) = (graph(vec![look]), stage.journal());
    let results = stage.run_with(&graph, Some(&journal));
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["executed"], "seen after 2 s".to_owned())
    );
    let results = stage.run_with(&graph, Some(&journal));
    assert_eq!(
        (outcomes(&results), message(&results, 0)),
        (vec!["confirmed"], "seen after 2 s".to_owned())
    );
    assert_eq!(eye.calls.load(Ordering::SeqCst), 2);
    stage.run = "second".to_owned();
    assert_eq!(
        outcomes(&stage.run_with(&graph, Some(&journal))),
        ["executed"],
        "another run looks for itself"
    );
    assert_eq!(
        outcomes(&stage.run_with(&graph, None)),
        ["executed"],
        "no journal, no memory"
    );
}

#[test]
fn everything_is_made_and_sealed_before_anything_is_sent() {
    let (stage, _) = Stage::new().with_shelf("Send", Shelf::new(EffectKind::CreateOnce));
    let (stage, _) = stage.with_join();
    // The effect is ready long before the chain of pure actions has ended.
    let graph = graph(vec![
        effect("x:send", "Send", vec![stage.source("core", b"x")]),
        step("a", "", vec![]),
        step("b", "", vec![out(1, "in")]),
        step("c", "", vec![out(2, "in")]),
    ]);
    let journal = stage.journal();
    let sealed = std::sync::Mutex::new(Vec::new());
    let go = |verdict: Result<(), StepError>| {
        let seal = |results: &Results| {
            sealed.lock().expect("no panics").push(outcomes(results));
            verdict.clone()
        };
        let options = Options {
            seal: Some(&seal),
            ..stage.options()
        };
        run(
            &graph,
            &[],
            &stage.world(),
            Some(&journal),
            &stage.history,
            &options,
        )
        .expect("it runs")
    };
    let results = go(Err(StepError::new("nobody approved")));
    assert_eq!(
        outcomes(&results),
        ["skipped", "executed", "executed", "executed"]
    );
    assert_eq!(
        (message(&results, 0), results.stopped()),
        ("nobody approved".to_owned(), Some("nobody approved"))
    );
    let results = go(Ok(()));
    assert_eq!(outcomes(&results), ["executed", "cached", "cached", "cached"]);
    assert_eq!(
        *sealed.lock().expect("no panics"),
        [["executed"; 3], ["cached"; 3]]
    );
}
