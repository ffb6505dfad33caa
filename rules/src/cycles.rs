//! Finds packages that need one another to be released.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{PackageId, Workspace};

/// Packages that need one another to be released, as closed paths (`a`, `b`, `a`): a shortest one for each knot,
/// beginning with its smallest id. Development needs do not count.
#[must_use]
pub fn package_cycles(workspace: &Workspace) -> Vec<Vec<PackageId>> {
    let mut edges: BTreeMap<&PackageId, Vec<&PackageId>> = workspace
        .packages()
        .map(|package| (&package.id, workspace.dependencies(&package.id)))
        .collect();
    prune(&mut edges);
    let mut cycles = Vec::new();
    let mut done: BTreeSet<&PackageId> = BTreeSet::new();
    for &start in edges.keys() {
        if done.contains(start) {
            continue;
        }
        if let Some(cycle) = shortest_cycle(&edges, start, &done) {
            done.extend(knot(&edges, start));
            cycles.push(cycle.into_iter().cloned().collect());
        }
    }
    cycles
}

type Needs<'a> = BTreeMap<&'a PackageId, Vec<&'a PackageId>>;

/// Takes away packages that need nothing (any more), until only knots and those above them are left.
fn prune(edges: &mut Needs<'_>) {
    let reversed = reversed(edges);
    let mut open: BTreeMap<&PackageId, usize> = edges.iter().map(|(id, needs)| (*id, needs.len())).collect();
    let mut free: Vec<&PackageId> = open
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| *id)
        .collect();
    while let Some(id) = free.pop() {
        edges.remove(id);
        for dependent in reversed.get(id).into_iter().flatten() {
            let count = open.get_mut(dependent).expect("every dependent is a package");
            *count -= 1;
            if *count == 0 {
                free.push(dependent);
            }
        }
    }
}

fn reversed<'a>(edges: &Needs<'a>) -> Needs<'a> {
    let mut reversed: Needs<'a> = BTreeMap::new();
    for (&id, needs) in edges {
        for &need in needs {
            reversed.entry(need).or_default().push(id);
        }
    }
    reversed
}

/// A shortest way from `start` back to itself.
fn shortest_cycle<'a>(
    edges: &Needs<'a>,
    start: &'a PackageId,
    done: &BTreeSet<&PackageId>,
) -> Option<Vec<&'a PackageId>> {
    let mut came_from: BTreeMap<&PackageId, &PackageId> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(id) = open.pop_front() {
        for &next in edges.get(id).into_iter().flatten() {
            if next == start {
                let mut way = vec![start, id];
                while way.last() != Some(&start) {
                    way.push(came_from[way.last().expect("it is not empty")]);
                }
                way.reverse();
                return Some(way);
            }
            if !done.contains(next) && edges.contains_key(next) && !came_from.contains_key(next) {
                came_from.insert(next, id);
                open.push_back(next);
            }
        }
    }
    None
}

/// Everything that `start` leads to and that leads to `start`.
fn knot<'a>(edges: &Needs<'a>, start: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let forwards = reach(edges, start);
    let backwards = reach(&reversed(edges), start);
    forwards.intersection(&backwards).copied().collect()
}

fn reach<'a>(edges: &Needs<'a>, start: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        for &next in edges.get(id).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    seen
}
