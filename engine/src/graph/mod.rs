//! The graph: actions, and who waits for whom, checked once and laid out flat.

mod cycle;
mod edges;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use edges::Edges;

use crate::{Action, ActionId, Error, Input, Result, path};

/// Actions in order. Cheap to clone: clones share one graph.
#[derive(Clone, Debug)]
pub struct Graph {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    actions: Vec<Action>,
    by_name: HashMap<String, ActionId>,
    dependencies: Edges,
    dependents: Edges,
    order: Vec<ActionId>,
}

impl Graph {
    /// A graph of these actions; an action's id is its place in `actions`.
    ///
    /// # Errors
    /// Two actions have one name or deliver to one path; an action names an action or an output that does not
    /// exist; a path is not plain; or actions wait for one another in a circle.
    pub fn build(actions: Vec<Action>) -> Result<Self> {
        let mut by_name = HashMap::with_capacity(actions.len());
        for (index, action) in actions.iter().enumerate() {
            if by_name.insert(action.name.clone(), id(index)).is_some() {
                return Err(Error::DuplicateAction(action.name.clone()));
            }
        }
        for action in &actions {
            check_paths(action)?;
            check_references(&actions, action)?;
        }
        check_deliveries(&actions)?;
        let dependencies = Edges::of(actions.iter().map(waits_for));
        let dependents = dependencies.reversed();
        let order = topological(&dependencies, &dependents);
        if order.len() < actions.len() {
            return Err(cycle::error(&dependencies, |id| actions[id.index()].name.clone()));
        }
        Ok(Self {
            shared: Arc::new(Shared {
                actions,
                by_name,
                dependencies,
                dependents,
                order,
            }),
        })
    }

    /// Every action, by id.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.shared.actions
    }

    /// One action. Panics if `id` is not of this graph.
    #[must_use]
    pub fn action(&self, id: ActionId) -> &Action {
        &self.shared.actions[id.index()]
    }

    /// The action called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ActionId> {
        self.shared.by_name.get(name).copied()
    }

    /// Every id, in ascending order.
    pub fn ids(&self) -> impl Iterator<Item = ActionId> + use<> {
        (0..self.shared.actions.len()).map(id)
    }

    /// What `id` waits for: ascending, each once.
    #[must_use]
    pub fn dependencies(&self, id: ActionId) -> &[ActionId] {
        self.shared.dependencies.of_node(id)
    }

    /// What waits for `id`: ascending, each once.
    #[must_use]
    pub fn dependents(&self, id: ActionId) -> &[ActionId] {
        self.shared.dependents.of_node(id)
    }

    /// Every action after all those it waits for; among those that could be next, the smallest id.
    #[must_use]
    pub fn order(&self) -> &[ActionId] {
        &self.shared.order
    }

    /// Actions grouped by how many must come one after another before them: the first group waits for nothing.
    #[must_use]
    pub fn levels(&self) -> Vec<Vec<ActionId>> {
        let mut level_of = vec![0; self.actions().len()];
        let mut levels: Vec<Vec<ActionId>> = Vec::new();
        for &id in self.order() {
            let before = self.dependencies(id).iter().map(|d| level_of[d.index()] + 1);
            let level = before.max().unwrap_or(0);
            level_of[id.index()] = level;
            if levels.len() <= level {
                levels.resize_with(level + 1, Vec::new);
            }
            levels[level].push(id);
        }
        levels.iter_mut().for_each(|level| level.sort_unstable());
        levels
    }

    /// By id, the weight of the heaviest chain that starts with the action and follows those who wait for it.
    /// Panics unless there is one weight per action.
    #[must_use]
    pub fn longest_paths(&self, weights: &[u64]) -> Vec<u64> {
        assert_eq!(weights.len(), self.actions().len(), "one weight per action");
        let mut longest = vec![0; weights.len()];
        for &id in self.order().iter().rev() {
            let after = self
                .dependents(id)
                .iter()
                .map(|d| longest[d.index()])
                .max()
                .unwrap_or(0);
            longest[id.index()] = weights[id.index()].saturating_add(after);
        }
        longest
    }

    /// By id, whether the action is among `wanted` or something wanted waits for it; all, if none are named.
    #[must_use]
    pub fn needed(&self, wanted: &[ActionId]) -> Vec<bool> {
        let mut needed = vec![wanted.is_empty(); self.actions().len()];
        let mut open = wanted.to_vec();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                open.extend(self.dependencies(id));
            }
        }
        needed
    }
}

fn id(index: usize) -> ActionId {
    ActionId(u32::try_from(index).expect("a graph has fewer than four thousand million actions"))
}

fn waits_for(action: &Action) -> Vec<ActionId> {
    let mut ids = action.after.clone();
    ids.extend(action.inputs.iter().filter_map(|input| match input {
        Input::Output { action, .. } => Some(*action),
        Input::Source { .. } => None,
    }));
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Kahn's algorithm with a heap: shorter than the graph if there is a cycle.
fn topological(dependencies: &Edges, dependents: &Edges) -> Vec<ActionId> {
    let mut open: Vec<usize> = (0..dependencies.len())
        .map(|n| dependencies.of_node(id(n)).len())
        .collect();
    let free = open.iter().enumerate().filter(|(_, waits)| **waits == 0);
    let mut ready: BinaryHeap<Reverse<ActionId>> = free.map(|(index, _)| Reverse(id(index))).collect();
    let mut order = Vec::with_capacity(open.len());
    while let Some(Reverse(next)) = ready.pop() {
        order.push(next);
        for &dependent in dependents.of_node(next) {
            open[dependent.index()] -= 1;
            if open[dependent.index()] == 0 {
                ready.push(Reverse(dependent));
            }
        }
    }
    order
}

fn check_paths(action: &Action) -> Result<()> {
    let bad = |path: &str| Error::BadPath {
        action: action.name.clone(),
        path: path.to_owned(),
    };
    let laid_out = action.inputs.iter().map(|input| match input {
        Input::Source { path, .. } | Input::Output { path, .. } => path,
    });
    let delivered = action.deliver.values();
    for path in laid_out.chain(&action.outputs).chain(delivered) {
        if !path::is_plain(path) {
            return Err(bad(path));
        }
    }
    if let crate::Work::Command(command) = &action.work
        && !(command.workdir.is_empty() || path::is_plain(&command.workdir))
    {
        return Err(bad(&command.workdir));
    }
    let mut outputs: Vec<&String> = action.outputs.iter().collect();
    outputs.sort_by(|a, b| a.split('/').cmp(b.split('/')));
    for pair in outputs.windows(2) {
        if path::covers(pair[0], pair[1]) {
            let (outer, inner) = (pair[0].clone(), pair[1].clone());
            return Err(Error::NestedOutput {
                action: action.name.clone(),
                outer,
                inner,
            });
        }
    }
    Ok(())
}

fn check_references(actions: &[Action], action: &Action) -> Result<()> {
    let find = |id: ActionId| {
        let unknown = || Error::UnknownAction {
            action: action.name.clone(),
            id: id.0,
        };
        actions.get(id.index()).ok_or_else(unknown)
    };
    for &id in &action.after {
        find(id)?;
    }
    for input in &action.inputs {
        if let Input::Output {
            action: id, output, ..
        } = input
        {
            let from = find(*id)?;
            if !from.outputs.contains(output) {
                return Err(Error::UnknownOutput {
                    action: action.name.clone(),
                    from: from.name.clone(),
                    output: output.clone(),
                    declared: from.outputs.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Delivered paths must neither be the same nor lie inside one another.
fn check_deliveries(actions: &[Action]) -> Result<()> {
    let mut places: BTreeMap<Vec<&str>, (&str, &str)> = BTreeMap::new();
    for action in actions {
        for (output, place) in &action.deliver {
            if !action.outputs.contains(output) {
                let (action, output) = (action.name.clone(), output.clone());
                return Err(Error::UndeclaredDelivery { action, output });
            }
            let earlier = places.insert(place.split('/').collect(), (place, &action.name));
            if let Some((path, first)) = earlier {
                return Err(clash(path, first, &action.name));
            }
        }
    }
    // Sorted by parts, a path stands right before everything beneath it.
    let mut last: Option<(&str, &str)> = None;
    for (place, maker) in places.into_values() {
        if let Some((outer, first)) = last
            && path::covers(outer, place)
        {
            return Err(clash(place, first, maker));
        }
        last = Some((place, maker));
    }
    Ok(())
}

fn clash(path: &str, first: &str, second: &str) -> Error {
    Error::DuplicateOutput {
        path: path.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
    }
}
