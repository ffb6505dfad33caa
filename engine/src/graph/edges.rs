//! Who waits for whom, as two flat columns: where each node's neighbours begin, and the neighbours.

use crate::ActionId;

/// Neighbours by node.
#[derive(Debug)]
pub(super) struct Edges {
    starts: Vec<usize>,
    neighbours: Vec<ActionId>,
}

impl Edges {
    /// The neighbours of one node after another.
    pub(super) fn of(lists: impl Iterator<Item = Vec<ActionId>>) -> Self {
        let (mut starts, mut neighbours) = (vec![0], Vec::new());
        for list in lists {
            neighbours.extend(list);
            starts.push(neighbours.len());
        }
        Self { starts, neighbours }
    }

    /// How many nodes there are.
    pub(super) const fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The neighbours of `node`.
    pub(super) fn of_node(&self, node: ActionId) -> &[ActionId] {
        &self.neighbours[self.starts[node.index()]..self.starts[node.index() + 1]]
    }

    /// The same edges from their other end; neighbours come out in ascending order.
    pub(super) fn reversed(&self) -> Self {
        let mut starts = vec![0; self.len() + 1];
        for neighbour in &self.neighbours {
            starts[neighbour.index() + 1] += 1;
        }
        for node in 0..self.len() {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut neighbours = vec![ActionId(0); self.neighbours.len()];
        for node in 0..self.len() {
            let node = super::id(node);
            for neighbour in self.of_node(node) {
                neighbours[next[neighbour.index()]] = node;
                next[neighbour.index()] += 1;
            }
        }
        Self { starts, neighbours }
    }
}
