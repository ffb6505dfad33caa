//! Graphs: what is refused, and in which order the rest comes.

use engine::{Action, ActionId, Error, Graph, Input};
use proptest::prelude::*;

use crate::stage::{graph, out, step};

fn after(name: &str, ids: &[u32]) -> Action {
    Action {
        after: ids.iter().copied().map(ActionId).collect(),
        ..step(name, "", Vec::new())
    }
}

fn refused(actions: Vec<Action>) -> String {
    Graph::build(actions).expect_err("it is wrong").to_string()
}

#[test]
fn names_and_places_are_taken_once() {
    assert_eq!(
        refused(vec![after("a", &[]), after("a", &[])]),
        "two actions are called `a`"
    );
    let delivering = |name: &str, place: &str| {
        let mut action = after(name, &[]);
        action.deliver.insert("out".to_owned(), place.to_owned());
        action
    };
    let twice = vec![delivering("a", "dist/x"), delivering("b", "dist/x")];
    assert_eq!(refused(twice), "`dist/x` is made by `a` and by `b`");
    let inside = vec![
        delivering("a", "dist/x/y"),
        delivering("b", "dist.x"),
        delivering("c", "dist/x"),
    ];
    assert_eq!(refused(inside), "`dist/x/y` is made by `c` and by `a`");
    let mut undeclared = after("a", &[]);
    undeclared.deliver.insert("else".to_owned(), "x".to_owned());
    assert_eq!(
        refused(vec![undeclared]),
        "`a` delivers `else`, which it does not declare as an output"
    );
}

#[test]
fn references_must_lead_somewhere() {
    assert_eq!(
        refused(vec![after("a", &[7])]),
        "`a` waits for action number 7, which does not exist"
    );
    let mut wants = step("b", "", vec![out(0, "in")]);
    if let Input::Output { output, .. } = &mut wants.inputs[0] {
        "dist".clone_into(output);
    }
    assert_eq!(
        refused(vec![after("a", &[]), wants]),
        "`b` wants `dist` of `a`, which declares `out`"
    );
}

#[test]
fn paths_are_plain_and_outputs_do_not_overlap() {
    for bad in ["/etc", "../x", "a//b", "a/./b", ""] {
        let mut action = after("a", &[]);
        action.outputs = vec![bad.to_owned()];
        assert!(
            matches!(Graph::build(vec![action]), Err(Error::BadPath { .. })),
            "{bad}"
        );
    }
    let mut action = after("a", &[]);
    action.outputs = ["dist", "dist-info", "dist/x"].map(str::to_owned).to_vec();
    assert_eq!(
        refused(vec![action]),
        "`a` declares `dist/x`, which its output `dist` already covers"
    );
}

#[test]
fn a_cycle_is_shown_as_a_closed_path_the_shortest_one() {
    // a -> b -> c -> d -> a, and the short cut c -> a.
    let actions = vec![
        after("a", &[1]),
        after("b", &[2]),
        after("c", &[3, 0]),
        after("d", &[0]),
    ];
    assert_eq!(
        refused(actions),
        "these actions wait for one another: a -> b -> c -> a"
    );
    assert_eq!(
        refused(vec![after("a", &[0])]),
        "these actions wait for one another: a -> a"
    );
    let two = vec![
        after("a", &[1]),
        after("b", &[0]),
        after("c", &[3, 0]),
        after("d", &[2]),
    ];
    assert_eq!(
        refused(two),
        "these actions wait for one another: a -> b -> a; and c -> d -> c"
    );
}

#[test]
fn order_levels_and_longest_paths() {
    let graph = graph(vec![
        after("d", &[1, 2]),
        after("b", &[3]),
        after("c", &[3]),
        after("a", &[]),
        after("e", &[]),
    ]);
    let ids = |ids: &[ActionId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(ids(graph.order()), [3, 1, 2, 0, 4]);
    assert_eq!(
        graph.levels().iter().map(|level| ids(level)).collect::<Vec<_>>(),
        [vec![3, 4], vec![1, 2], vec![0]]
    );
    assert_eq!(graph.longest_paths(&[1, 10, 2, 3, 7]), [1, 11, 3, 14, 7]);
    assert_eq!(ids(graph.dependencies(ActionId(0))), [1, 2]);
    assert_eq!(ids(graph.dependents(ActionId(3))), [1, 2]);
    assert_eq!((graph.find("c"), graph.find("x")), (Some(ActionId(2)), None));
    assert_eq!(graph.needed(&[ActionId(2)]), [false, false, true, true, false]);
}

#[test]
fn a_chain_of_a_hundred_thousand_does_not_overflow() {
    const LENGTH: u32 = 100_000;
    let chain = |last: &[u32]| {
        let link = |n: u32| match n {
            0 => after("0", last),
            n => after(&n.to_string(), &[n - 1]),
        };
        (0..LENGTH).map(link).collect::<Vec<_>>()
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(move || {
        let good = graph(chain(&[]));
        assert_eq!(good.levels().len(), LENGTH as usize);
        assert_eq!(
            good.longest_paths(&vec![1; LENGTH as usize])[0],
            u64::from(LENGTH)
        );
        let Err(Error::Cycle(cycle)) = Graph::build(chain(&[LENGTH - 1])) else {
            panic!("it is a cycle")
        };
        assert_eq!(cycle.len(), LENGTH as usize + 1);
    });
    thread.expect("a thread").join().expect("no overflow");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn everything_comes_after_what_it_waits_for(edges in prop::collection::vec((0_u32..40, 0_u32..40), 0..120)) {
        let mut actions: Vec<Action> = (0..40).map(|n| after(&n.to_string(), &[])).collect();
        for (a, b) in edges {
            if a != b {
                actions[a.max(b) as usize].after.push(ActionId(a.min(b)));
            }
        }
        let graph = graph(actions);
        let mut seen = std::collections::BTreeSet::new();
        for id in graph.order() {
            prop_assert!(graph.dependencies(*id).iter().all(|before| seen.contains(before)));
            seen.insert(*id);
        }
        prop_assert_eq!(seen.len(), 40);
    }
}
