//! Schedules: who waits for whom, who does not, and what is said of those who were not tried.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use engine::*;

use crate::stage::{Shelf, Stage, effect, graph, message, out, outcomes, step};

fn failing(name: &str, inputs: Vec<Input>) -> Action {
    let mut action = step(name, "", inputs);
    action.mnemonic = Mnemonic::new("Fail");
    action
}

fn stage() -> Stage {
    Stage::new()
        .with_join()
        .0
        .with_pure("Fail", |_, _| Err(StepError::new("it is broken").hint("mend it")))
}

#[test]
fn a_failure_skips_what_needs_it_and_says_through_whom() {
    let stage = stage();
    let graph = graph(vec![
        failing("core:build", vec![]),
        step("ui:build", "", vec![out(0, "in")]),
        step("ui:pack", "", vec![out(1, "in")]),
        step("docs:build", "", vec![]),
        step("docs:pack", "", vec![out(3, "in")]),
    ]);
    let results = stage.run(&graph);
    assert_eq!(
        outcomes(&results),
        ["failed", "skipped", "skipped", "executed", "executed"]
    );
    assert_eq!(message(&results, 0), "it is broken");
    assert_eq!(
        results.get(ActionId(0)).and_then(|f| f.hint.as_deref()),
        Some("mend it")
    );
    assert_eq!(message(&results, 1), "`core:build` failed");
    assert_eq!(
        message(&results, 2),
        "`core:build` failed, and `ui:build` needs it"
    );
    assert!(
        [1, 2]
            .iter()
            .all(|n| results.get(ActionId(*n)).and_then(|f| f.root_cause) == Some(ActionId(0)))
    );
    let counts = Counts {
        executed: 2,
        skipped: 2,
        failed: 1,
        ..Counts::default()
    };
    assert_eq!(results.counts(), counts);
    assert_eq!(stage.events.all().last(), Some(&Event::Ended { counts }));
    assert_eq!(stage.events.all().first(), Some(&Event::Started { total: 5 }));
}

#[test]
fn fail_fast_starts_nothing_more() {
    let mut stage = stage();
    stage.fail_fast = true;
    stage.jobs = 1;
    let graph = graph(vec![
        failing("a", vec![]),
        step("b", "", vec![out(0, "in")]),
        step("c", "", vec![]),
    ]);
    let results = stage.run(&graph);
    assert_eq!(outcomes(&results), ["failed", "skipped", "skipped"]);
    assert_eq!(message(&results, 2), "stopped after `a` failed");
    assert_eq!(
        results.get(ActionId(2)).and_then(|f| f.root_cause),
        Some(ActionId(0))
    );
}

#[test]
fn only_what_is_wanted_is_done() {
    let stage = stage();
    let graph = graph(vec![
        step("a", "", vec![]),
        step("b", "", vec![out(0, "in")]),
        failing("c", vec![]),
    ]);
    let results = run(
        &graph,
        &[ActionId(1)],
        &stage.world(),
        None,
        &stage.history,
        &stage.options(),
    )
    .expect("it runs");
    assert_eq!(outcomes(&results), ["executed", "executed"]);
    assert!(results.get(ActionId(2)).is_none());
}

/// Opens once something has happened.
#[derive(Default)]
struct Door(Mutex<bool>, Condvar);

impl Door {
    fn open(&self) {
        *self.0.lock().expect("no panics") = true;
        self.1.notify_all();
    }

    fn wait(&self) -> bool {
        let shut = self.0.lock().expect("no panics");
        let (_guard, timeout) = self
            .1
            .wait_timeout_while(shut, Duration::from_secs(60), |open| !*open)
            .expect("no panics");
        !timeout.timed_out()
    }
}

#[test]
fn a_slow_sibling_does_not_delay_an_unrelated_chain() {
    let door = Arc::new(Door::default());
    let (waits, opens) = (Arc::clone(&door), Arc::clone(&door));
    // The slow one ends only after the last of the other chain: with stages in lockstep this would never end well.
    let stage = stage()
        .with_pure("Slow", move |_, _| match waits.wait() {
            true => Ok(Bytes::new()),
            false => Err(StepError::new("nobody came")),
        })
        .with_pure("Open", move |_, _| {
            opens.open();
            Ok(Bytes::new())
        });
    let mut actions = vec![step("slow", "", vec![])];
    actions[0].mnemonic = Mnemonic::new("Slow");
    for n in 0..5 {
        let inputs = if n == 0 { vec![] } else { vec![out(n, "in")] };
        actions.push(step(&format!("chain {n}"), "", inputs));
    }
    actions[5].mnemonic = Mnemonic::new("Open");
    let results = stage.run(&graph(actions));
    assert_eq!(outcomes(&results), ["executed"; 6], "{}", message(&results, 0));
}

#[test]
fn no_more_run_at_once_than_there_are_jobs() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let mut stage = stage().with_pure("Count", move |_, _| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(2));
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(Bytes::new())
    });
    for jobs in [1, 3] {
        stage.jobs = jobs;
        most.store(0, Ordering::SeqCst);
        let mut actions: Vec<Action> = (0..30)
            .map(|n| step(&n.to_string(), &format!("{jobs} {n}"), vec![]))
            .collect();
        actions
            .iter_mut()
            .for_each(|action| action.mnemonic = Mnemonic::new("Count"));
        assert_eq!(stage.run(&graph(actions)).counts().executed, 30);
        assert!(most.load(Ordering::SeqCst) <= jobs);
    }
}

#[test]
fn longer_chains_go_first_and_history_tells_how_long() {
    let mut stage = stage();
    stage.jobs = 1;
    let graph = graph(vec![
        step("short", "s", vec![]),
        step("long 1", "", vec![]),
        step("long 2", "", vec![out(1, "in")]),
        step("long 3", "", vec![out(2, "in")]),
    ]);
    stage.run(&graph);
    let begun = |stage: &Stage| -> Vec<String> {
        stage
            .events
            .told()
            .into_iter()
            .filter(|word| word.starts_with('+'))
            .collect()
    };
    assert_eq!(begun(&stage), ["+long 1", "+long 2", "+short", "+long 3"]);
    let fresh = Stage {
        jobs: 1,
        ..self::stage()
    };
    let key = cas::Digest::of(b"");
    fresh.history.note(
        "short",
        Remembered {
            key,
            took: Duration::from_secs(9),
            facets: vec![],
        },
    );
    fresh.run(&graph);
    assert_eq!(begun(&fresh), ["+short", "+long 1", "+long 2", "+long 3"]);
}

#[test]
fn transient_failures_are_tried_again_with_growing_waits() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let stage = stage().with_pure("Flaky", move |_, _| {
        match counted.fetch_add(1, Ordering::SeqCst) {
            0..3 => Err(StepError::transient("try again")),
            _ => Ok(Bytes::new()),
        }
    });
    let mut action = step("a", "", vec![]);
    action.mnemonic = Mnemonic::new("Flaky");
    action.policy.retries = 2;
    let graph_two = graph(vec![action.clone()]);
    assert_eq!(message(&stage.run(&graph_two), 0), "try again");
    calls.store(0, Ordering::SeqCst);
    action.policy.retries = 3;
    assert_eq!(outcomes(&stage.run(&graph(vec![action]))), ["executed"]);
    let waits = stage.events.all().into_iter().filter_map(|event| match event {
        Event::Retrying { attempt, wait, .. } => Some((attempt, wait)),
        _ => None,
    });
    let waits: Vec<_> = waits.collect();
    assert_eq!(
        waits.iter().map(|(attempt, _)| *attempt).collect::<Vec<_>>(),
        [1, 2, 1, 2, 3]
    );
    assert!(
        waits
            .iter()
            .all(|(attempt, wait)| *wait < Duration::from_millis(10) * 2_u32.pow(attempt - 1))
    );
}

#[test]
fn a_panic_in_a_handler_is_a_failure_of_its_action() {
    let stage = stage().with_pure("Panic", |_, _| panic!("a slip"));
    let mut action = step("a", "", vec![]);
    action.mnemonic = Mnemonic::new("Panic");
    let results = stage.run(&graph(vec![action, step("b", "", vec![])]));
    assert_eq!(outcomes(&results), ["failed", "executed"]);
    assert_eq!(message(&results, 0), "a defect in its handler: a slip");
}

#[test]
fn cancelling_lets_a_running_effect_reach_a_recorded_state() {
    let (mut stage, _) = Stage::new().with_join();
    let cancel = stage.cancel.clone();
    let mut shelf = Shelf::new(EffectKind::CreateOnce);
    shelf.lives = Box::new(move || {
        cancel.cancel();
        true
    });
    let (next, shelf) = stage.with_shelf("Send", shelf);
    stage = next;
    stage.jobs = 1;
    let graph = graph(vec![
        effect(
            "a",
            "Send",
            vec![stage.source("a 1", b"x"), stage.source("a 2", b"y")],
        ),
        effect("b", "Send", vec![stage.source("b", b"x")]),
    ]);
    let journal = stage.journal();
    let results = stage.run_with(&graph, Some(&journal));
    assert_eq!(outcomes(&results), ["skipped", "skipped"]);
    assert_eq!(message(&results, 0), "the run was interrupted after 1 of 2 slots");
    assert_eq!((shelf.sends(), journal.recovered().confirmed().count()), (1, 1));
    assert_eq!(journal.recovered().unknown().count(), 0);
    stage.cancel = Cancel::new();
    assert_eq!(
        outcomes(&stage.run_with(&graph, Some(&journal))),
        ["executed", "executed"]
    );
    assert_eq!(shelf.sends(), 3);
}

#[test]
fn a_thousand_actions_with_random_failures_add_up() {
    let stage = Stage::new().with_pure("Maybe", |params, _| match params.parse::<u32>() {
        Ok(n) if n % 17 == 3 => Err(StepError::new("unlucky")),
        _ => Ok(Bytes::new()),
    });
    let actions = (0..1000_u32).map(|n| {
        let inputs = (1..=2)
            .filter_map(|k| n.checked_sub(k * 7))
            .map(|id| out(id, &id.to_string()))
            .collect();
        Action {
            mnemonic: Mnemonic::new("Maybe"),
            ..step(&n.to_string(), &n.to_string(), inputs)
        }
    });
    let graph = graph(actions.collect());
    let results = stage.run(&graph);
    for (id, finished) in results.iter() {
        let broken = |id: &ActionId| !results.outcome(*id).is_some_and(Outcome::is_success);
        let expected = if graph.dependencies(id).iter().any(broken) {
            Outcome::Skipped
        } else if id.0 % 17 == 3 {
            Outcome::Failed
        } else {
            Outcome::Executed
        };
        assert_eq!(finished.outcome, expected, "{id:?}");
    }
    assert_eq!(results.iter().count(), 1000);
}
