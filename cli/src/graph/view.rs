//! A graph in the order it is drawn: sorted, with levels, and both ways along its edges.

use std::collections::{BTreeMap, BTreeSet};

use super::{Drawing, Node};

/// A drawing, put in order. Indices are into `nodes`.
#[derive(Debug)]
pub(super) struct View<'d> {
    /// By label, then by id.
    pub(super) nodes: Vec<&'d Node>,
    /// What each node needs, sorted.
    pub(super) needs: Vec<Vec<usize>>,
    /// What needs each node, sorted.
    pub(super) needed_by: Vec<Vec<usize>>,
    /// The level of each node: one more than the highest of what it needs.
    pub(super) level_of: Vec<usize>,
    /// The nodes of each level, sorted.
    pub(super) levels: Vec<Vec<usize>>,
}

impl<'d> View<'d> {
    /// Puts a drawing in order. Edges to nowhere are dropped; nodes that need themselves, by whatever detour, and
    /// those that need them, share the last level.
    pub(super) fn of(drawing: &'d Drawing) -> Self {
        let mut order: Vec<usize> = (0..drawing.nodes.len()).collect();
        order.sort_by_key(|index| drawing.nodes.get(*index).map(|node| (&node.label, &node.id)));
        let nodes: Vec<&Node> = order
            .iter()
            .filter_map(|index| drawing.nodes.get(*index))
            .collect();
        let mut place = vec![0; nodes.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        let edges: BTreeSet<(usize, usize)> = drawing
            .edges
            .iter()
            .filter_map(|(from, on)| Some((*place.get(*from)?, *place.get(*on)?)))
            .collect();
        let mut needs = vec![Vec::new(); nodes.len()];
        let mut needed_by = vec![Vec::new(); nodes.len()];
        for (from, on) in edges {
            needs[from].push(on);
            needed_by[on].push(from);
        }
        let level_of = levels(&needs, &needed_by);
        let mut levels = vec![Vec::new(); level_of.iter().max().map_or(0, |highest| highest + 1)];
        for (node, level) in level_of.iter().enumerate() {
            levels[*level].push(node);
        }
        Self {
            nodes,
            needs,
            needed_by,
            level_of,
            levels,
        }
    }

    /// All edges, sorted: dependent, dependency.
    pub(super) fn edges(&self) -> impl Iterator<Item = (usize, usize)> {
        let all = self.needs.iter().enumerate();
        all.flat_map(|(from, needs)| needs.iter().map(move |on| (from, *on)))
    }

    /// The labels of some nodes, separated by commas.
    pub(super) fn labels(&self, nodes: &[usize]) -> String {
        let labels: Vec<&str> = nodes
            .iter()
            .map(|node| self.nodes[*node].label.as_str())
            .collect();
        labels.join(", ")
    }

    /// The nodes of each group, sorted by the group's name; the nameless one comes first.
    pub(super) fn groups(&self) -> BTreeMap<&'d str, Vec<usize>> {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            groups.entry(&node.group).or_default().push(index);
        }
        groups
    }

    /// The names of everything said about any node, in the order first met.
    pub(super) fn columns(&self) -> Vec<&'d str> {
        let mut columns: Vec<&str> = Vec::new();
        for (name, _) in self.nodes.iter().flat_map(|node| &node.detail) {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        columns
    }
}

impl Node {
    /// What is said of it under that name; empty if nothing is.
    pub(super) fn said(&self, name: &str) -> &str {
        let found = self.detail.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, text)| text.as_str())
    }
}

/// The level of each node.
fn levels(needs: &[Vec<usize>], needed_by: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..needs.len()).filter(|node| missing[*node] == 0).collect();
    let mut level_of: Vec<Option<usize>> = vec![None; needs.len()];
    let mut level = 0;
    while !ready.is_empty() {
        let mut next = Vec::new();
        for node in ready {
            level_of[node] = Some(level);
            for dependent in &needed_by[node] {
                missing[*dependent] -= 1;
                if missing[*dependent] == 0 {
                    next.push(*dependent);
                }
            }
        }
        ready = next;
        level += 1;
    }
    level_of.into_iter().map(|found| found.unwrap_or(level)).collect()
}
