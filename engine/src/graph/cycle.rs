//! Cycles, shown as closed paths: the shortest one of every group of actions that wait for one another.

use std::collections::{HashMap, HashSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::edges::Edges;
use crate::{ActionId, Error};

/// How many steps may be taken to find the shortest cycle of a group; a very large group is not searched from
/// everywhere, and then one of its shorter cycles is shown.
const STEPS: usize = 1_000_000;

/// The error that shows them; `name` names an action.
pub(super) fn error(waits_for: &Edges, name: impl Fn(ActionId) -> String) -> Error {
    let named = |cycle: Vec<ActionId>| cycle.into_iter().map(&name).collect();
    let mut cycles: Vec<Vec<String>> = groups(waits_for)
        .iter()
        .map(|g| named(shortest(waits_for, g)))
        .collect();
    match cycles.len() {
        1 => Error::Cycle(cycles.remove(0)),
        _ => Error::Cycles(cycles),
    }
}

/// Groups of actions that wait for one another, each sorted, in order of their smallest id.
fn groups(waits_for: &Edges) -> Vec<Vec<ActionId>> {
    let ids = || (0..waits_for.len()).map(super::id);
    let mut graph: DiGraph<ActionId, ()> = DiGraph::with_capacity(waits_for.len(), 0);
    let nodes: Vec<_> = ids().map(|id| graph.add_node(id)).collect();
    for from in ids() {
        for to in waits_for.of_node(from) {
            graph.add_edge(nodes[from.index()], nodes[to.index()], ());
        }
    }
    // Kosaraju's algorithm is iterative in petgraph; Tarjan's is not and overflows the stack on long chains.
    let components = kosaraju_scc(&graph).into_iter();
    let mut groups: Vec<Vec<ActionId>> = components
        .map(|component| {
            let mut group: Vec<_> = component.into_iter().map(|node| graph[node]).collect();
            group.sort_unstable();
            group
        })
        .filter(|group| group.len() > 1 || waits_for.of_node(group[0]).contains(&group[0]))
        .collect();
    groups.sort_unstable();
    groups
}

/// The shortest cycle in `group`, beginning and ending with its smallest id.
fn shortest(waits_for: &Edges, group: &[ActionId]) -> Vec<ActionId> {
    let members: HashSet<ActionId> = group.iter().copied().collect();
    let starts = group.iter().take((STEPS / group.len()).max(1));
    let cycles = starts.filter_map(|&start| cycle_through(start, waits_for, &members));
    let mut cycle = cycles
        .min_by_key(Vec::len)
        .expect("every member of such a group is on a cycle");
    let smallest = (0..cycle.len())
        .min_by_key(|&at| cycle[at])
        .expect("a cycle is not empty");
    cycle.rotate_left(smallest);
    cycle.push(cycle[0]);
    cycle
}

/// The shortest cycle through `start`, open at its end.
fn cycle_through(start: ActionId, waits_for: &Edges, members: &HashSet<ActionId>) -> Option<Vec<ActionId>> {
    let mut came_from: HashMap<ActionId, ActionId> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for &next in waits_for.of_node(node) {
            if next == start {
                let mut cycle = vec![node];
                while let Some(&before) = came_from.get(cycle.last().expect("just filled")) {
                    cycle.push(before);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if members.contains(&next) && next != start && !came_from.contains_key(&next) {
                came_from.insert(next, node);
                open.push_back(next);
            }
        }
    }
    None
}
