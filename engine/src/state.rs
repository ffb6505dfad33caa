//! The state of a run. Every change of it passes one of these few functions, and each tells the observer.

use std::collections::VecDeque;
use std::time::Duration;

use crate::{Action, ActionId, Counts, Event, Finished, Graph, Observer, Outcome, Results};

/// Where each action of a run stands.
pub(crate) struct State<'a> {
    graph: &'a Graph,
    observer: &'a dyn Observer,
    needed: Vec<bool>,
    /// By id, how many of those it waits for have not ended well.
    waits: Vec<usize>,
    /// By id, whether it was handed out by [`State::take_ready`] and has not come back.
    is_out: Vec<bool>,
    ready: Vec<ActionId>,
    /// By id, whether it touches the world, or comes after one that does.
    late: Vec<bool>,
    /// How many of the others have not ended.
    early_open: usize,
    results: Results,
}

impl<'a> State<'a> {
    /// Nothing has begun. Tells how many actions there are.
    pub(crate) fn new(graph: &'a Graph, needed: Vec<bool>, observer: &'a dyn Observer) -> Self {
        let waits: Vec<usize> = graph.ids().map(|id| graph.dependencies(id).len()).collect();
        let is_free = |id: &ActionId| needed[id.index()] && waits[id.index()] == 0;
        let ready = graph.ids().filter(is_free).collect();
        let total = needed.iter().filter(|is_needed| **is_needed).count();
        observer.notice(&Event::Started { total });
        let results = Results {
            finished: vec![None; needed.len()],
            stopped: None,
        };
        let is_out = vec![false; needed.len()];
        let late = late(graph);
        let early_open = needed
            .iter()
            .zip(&late)
            .filter(|(needed, late)| **needed && !**late)
            .count();
        Self {
            graph,
            observer,
            needed,
            waits,
            is_out,
            ready,
            late,
            early_open,
            results,
        }
    }

    /// How actions ended so far.
    pub(crate) const fn results(&self) -> &Results {
        &self.results
    }

    /// Whether `id` touches the world, or comes after one that does.
    pub(crate) fn is_late(&self, id: ActionId) -> bool {
        self.late[id.index()]
    }

    /// How many of those that neither touch the world nor come after one that does have not ended.
    pub(crate) const fn early_open(&self) -> usize {
        self.early_open
    }

    /// Whether `id` is part of the run and has not ended.
    pub(crate) fn is_open(&self, id: ActionId) -> bool {
        self.needed[id.index()] && self.results.get(id).is_none()
    }

    /// Whether everything `id` waits for ended well.
    pub(crate) fn is_ready(&self, id: ActionId) -> bool {
        self.waits[id.index()] == 0
    }

    /// The actions that have become ready since the last call.
    pub(crate) fn take_ready(&mut self) -> Vec<ActionId> {
        let is_open = |id: &ActionId| self.results.finished[id.index()].is_none() && !self.is_out[id.index()];
        let waits = &self.waits;
        let is_ready = |id: &ActionId| waits[id.index()] == 0 && is_open(id);
        let ready: Vec<ActionId> = self.ready.drain(..).filter(is_ready).collect();
        ready.iter().for_each(|id| self.is_out[id.index()] = true);
        ready
    }

    /// Says that `id` is being carried out.
    pub(crate) fn running(&self, id: ActionId) {
        let Action { name, mnemonic, .. } = self.graph.action(id);
        self.observer.notice(&Event::Running {
            id,
            name: name.clone(),
            mnemonic: mnemonic.clone(),
        });
    }

    /// Says that `id` will be tried again.
    pub(crate) fn retrying(&self, id: ActionId, attempt: u32, wait: Duration, reason: String) {
        let name = self.graph.action(id).name.clone();
        self.observer.notice(&Event::Retrying {
            id,
            name,
            attempt,
            wait,
            reason,
        });
    }

    /// `id` ended. If it did not end well, everything that waits for it is skipped.
    pub(crate) fn finish(&mut self, id: ActionId, finished: Finished) {
        let outcome = finished.outcome;
        self.set(id, finished);
        if outcome.is_success() {
            for &dependent in self.graph.dependents(id) {
                self.waits[dependent.index()] -= 1;
                if self.waits[dependent.index()] == 0 && self.is_open(dependent) {
                    self.ready.push(dependent);
                }
            }
        } else {
            self.skip_dependents(id);
        }
    }

    /// What `id` made is gone: it is made again, and `waiting` is ready again once it is.
    pub(crate) fn reopen(&mut self, id: ActionId, waiting: ActionId) {
        if self.results.finished[id.index()].take().is_some() && !self.is_late(id) {
            self.early_open += 1;
        }
        self.is_out[id.index()] = false;
        self.is_out[waiting.index()] = false;
        for &dependent in self.graph.dependents(id) {
            self.waits[dependent.index()] += 1;
        }
        if self.is_ready(id) {
            self.ready.push(id);
        }
    }

    /// `id` is ready again, because what it waits for is being made again or has been.
    pub(crate) fn put_back(&mut self, id: ActionId) {
        self.is_out[id.index()] = false;
        if self.is_ready(id) {
            self.ready.push(id);
        }
    }

    /// Nothing more starts, for this reason.
    pub(crate) fn stop(&mut self, why: String) {
        self.results.stopped.get_or_insert(why);
    }

    /// Skips what has not ended, and tells how the run ended.
    pub(crate) fn end(mut self, root_cause: Option<ActionId>) -> Results {
        let why = self.results.stopped.clone().unwrap_or_default();
        for id in self
            .graph
            .ids()
            .filter(|id| self.is_open(*id))
            .collect::<Vec<_>>()
        {
            let message = why.clone();
            self.set(
                id,
                Finished {
                    message,
                    root_cause,
                    ..Finished::new(Outcome::Skipped)
                },
            );
        }
        let counts: Counts = self.results.counts();
        self.observer.notice(&Event::Ended { counts });
        self.results
    }

    /// Skips everything that waits, directly or through others, for `id`, which did not end well.
    fn skip_dependents(&mut self, id: ActionId) {
        let ended = self.results.get(id).expect("it has just ended");
        let root = ended.root_cause.unwrap_or(id);
        let root_name = self.graph.action(root).name.clone();
        let how = if self.results.outcome(root) == Some(Outcome::Failed) {
            "failed"
        } else {
            "was not done"
        };
        let mut open = VecDeque::from([id]);
        while let Some(through) = open.pop_front() {
            for &dependent in self.graph.dependents(through) {
                if !self.is_open(dependent) {
                    continue;
                }
                let message = if through == root {
                    format!("`{root_name}` {how}")
                } else {
                    format!(
                        "`{root_name}` {how}, and `{}` needs it",
                        self.graph.action(through).name
                    )
                };
                let skipped = Finished::new(Outcome::Skipped);
                self.set(
                    dependent,
                    Finished {
                        message,
                        root_cause: Some(root),
                        ..skipped
                    },
                );
                open.push_back(dependent);
            }
        }
    }

    /// The funnel: an action ends here and nowhere else.
    fn set(&mut self, id: ActionId, finished: Finished) {
        let Action {
            name,
            owner,
            mnemonic,
            class,
            ..
        } = self.graph.action(id);
        self.observer.notice(&Event::Finished {
            id,
            name: name.clone(),
            owner: owner.clone(),
            mnemonic: mnemonic.clone(),
            class: *class,
            outcome: finished.outcome,
            took: finished.took,
            message: finished.message.clone(),
            hint: finished.hint.clone(),
        });
        let before = self.results.finished[id.index()].replace(finished);
        if before.is_none() && !self.is_late(id) {
            self.early_open -= 1;
        }
    }
}

/// By id, whether an action touches the world, or comes after one that does.
fn late(graph: &Graph) -> Vec<bool> {
    let mut late = vec![false; graph.actions().len()];
    for &id in graph.order() {
        let touches = !graph.action(id).class.is_cacheable();
        late[id.index()] = touches || graph.dependencies(id).iter().any(|before| late[before.index()]);
    }
    late
}
