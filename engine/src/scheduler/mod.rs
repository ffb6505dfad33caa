//! The loop: starts what is ready, most urgent first, and takes in what has ended, until nothing is left.
//!
//! The loop itself decides and counts; everything that blocks happens on one blocking thread per action.

mod queue;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use queue::Queue;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::run::attempt::INTERRUPTED;
use crate::run::{Context, Done, Job, Told};
use crate::state::State;
use crate::{
    ActionId, ActionResult, Facet, Finished, Graph, History, Input, Outcome, Remembered, Result, Results,
    Seal,
};

/// How often what one action made is made again because it was gone.
const REMAKES: u32 = 2;

/// What the loop is told by the actions.
enum Message {
    Told(ActionId, Told),
    Done(ActionId, Done),
}

/// What the loop works with.
pub(crate) struct Scheduler<'a> {
    graph: &'a Graph,
    context: Arc<Context>,
    state: State<'a>,
    history: &'a History,
    fail_fast: bool,
    seal: Option<Seal<'a>>,
    is_sealed: bool,
    queue: Queue,
    remakes: BTreeMap<ActionId, u32>,
    /// Whose failure stopped the run.
    culprit: Option<ActionId>,
    sender: UnboundedSender<Message>,
    receiver: UnboundedReceiver<Message>,
}

/// How a [`Scheduler`] goes about it.
pub(crate) struct Manner<'a> {
    pub(crate) jobs: usize,
    pub(crate) fail_fast: bool,
    pub(crate) seal: Option<Seal<'a>>,
}

impl<'a> Scheduler<'a> {
    pub(crate) fn new(
        graph: &'a Graph,
        context: Context,
        state: State<'a>,
        history: &'a History,
        manner: &Manner<'a>,
    ) -> Self {
        let weights: Vec<u64> = graph
            .actions()
            .iter()
            .map(|action| weight(history, &action.name))
            .collect();
        let (sender, receiver) = unbounded_channel();
        Self {
            queue: Queue::new(graph.longest_paths(&weights), manner.jobs),
            context: Arc::new(context),
            remakes: BTreeMap::new(),
            is_sealed: false,
            culprit: None,
            fail_fast: manner.fail_fast,
            seal: manner.seal,
            graph,
            state,
            history,
            sender,
            receiver,
        }
    }

    /// Whether nothing is left to be carried out, so that no threads are needed.
    fn is_over(&self) -> bool {
        !self.graph.ids().any(|id| self.state.is_open(id))
    }

    /// Runs everything on threads of its own.
    pub(crate) fn run(mut self) -> Result<Results> {
        if self.is_over() {
            if self.context.cancel.is_cancelled() {
                self.state.stop(INTERRUPTED.to_owned());
            }
            self.seal();
            return Ok(self.state.end(self.culprit));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(self.queue.width())
            .thread_name("action")
            .build()
            .map_err(crate::Error::io("start threads in", "."))?;
        runtime.block_on(self.turn());
        // Waits for the threads, so that nothing of them is left when the run has ended.
        drop(runtime);
        Ok(self.state.end(self.culprit))
    }

    async fn turn(&mut self) {
        let cancel = self.context.cancel.clone();
        loop {
            if cancel.is_cancelled() {
                self.state.stop(INTERRUPTED.to_owned());
            }
            self.seal();
            self.admit();
            if self.queue.is_idle() {
                return;
            }
            let message = tokio::select! {
                message = self.receiver.recv() => message,
                () = cancel.cancelled(), if !cancel.is_cancelled() => None,
            };
            if let Some(message) = message {
                self.take(message);
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.state.results().stopped().is_some()
    }

    /// Asks once, between everything that can be made and everything that touches the world.
    fn seal(&mut self) {
        if self.state.early_open() > 0 || self.is_sealed || self.is_stopped() {
            return;
        }
        self.is_sealed = true;
        if let Some(seal) = self.seal
            && let Err(error) = seal(self.state.results())
        {
            self.state.stop(error.message);
        }
    }

    /// Starts what is ready, as long as there is room.
    fn admit(&mut self) {
        for id in self.state.take_ready() {
            let is_late = self.state.is_late(id);
            let touches = !self.graph.action(id).class.is_cacheable();
            self.queue.push(id, touches, is_late);
        }
        if self.is_stopped() {
            return;
        }
        while let Some(id) = self.queue.pop(self.is_sealed) {
            self.start(id);
        }
    }

    fn start(&self, id: ActionId) {
        let mut made: BTreeMap<ActionId, Arc<ActionResult>> = BTreeMap::new();
        for input in &self.graph.action(id).inputs {
            if let Input::Output { action, .. } = input
                && let Some(outputs) = self.state.results().get(*action).and_then(|f| f.outputs.as_ref())
            {
                made.insert(*action, Arc::clone(outputs));
            }
        }
        let (context, sender) = (Arc::clone(&self.context), self.sender.clone());
        let is_distrustful = self.remakes.contains_key(&id);
        tokio::task::spawn_blocking(move || {
            let tell = |told| drop(sender.send(Message::Told(id, told)));
            let made = |id: ActionId| made.get(&id).cloned();
            let job = Job {
                context: &context,
                id,
                made: &made,
                is_distrustful,
                tell: &tell,
            };
            let done =
                catch_unwind(AssertUnwindSafe(|| job.perform())).unwrap_or_else(|panic| defect(&*panic));
            drop(sender.send(Message::Done(id, done)));
        });
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Told(id, Told::Running) => self.state.running(id),
            Message::Told(
                id,
                Told::Retrying {
                    attempt,
                    wait,
                    reason,
                },
            ) => {
                self.state.retrying(id, attempt, wait, reason);
            }
            Message::Done(id, done) => {
                self.queue.release(id);
                match done {
                    Done::Ended(finished, facets) => self.finish(id, finished, facets),
                    Done::Fatal(finished) => {
                        self.state.stop(finished.message.clone());
                        self.culprit.get_or_insert(id);
                        self.finish(id, finished, None);
                    }
                    Done::Lost(producer) => self.make_again(producer, id),
                }
            }
        }
    }

    fn finish(&mut self, id: ActionId, finished: Finished, facets: Option<Vec<Facet>>) {
        let name = &self.graph.action(id).name;
        if let (Some(facets), Some(key)) = (facets, finished.key) {
            let took = match finished.outcome {
                Outcome::Executed => finished.took,
                _ => self.history.duration(name).unwrap_or_default(),
            };
            self.history.note(name, Remembered { key, took, facets });
        }
        if self.fail_fast && finished.outcome == Outcome::Failed {
            self.state.stop(format!("stopped after `{name}` failed"));
            self.culprit.get_or_insert(id);
        }
        self.state.finish(id, finished);
    }

    /// `waiting` needs bytes that `producer` made and that are gone.
    fn make_again(&mut self, producer: ActionId, waiting: ActionId) {
        let remakes = self.remakes.get(&producer).copied().unwrap_or(0);
        if self.state.is_open(producer) {
            self.state.put_back(waiting);
            return;
        }
        // What was sealed is never made again behind the seal: it might not be the same.
        if self.is_sealed || remakes >= REMAKES {
            let name = &self.graph.action(producer).name;
            let message = format!("what `{name}` made is gone from the store");
            let hint = Some("run again: it is made again first".to_owned());
            self.finish(
                waiting,
                Finished {
                    message,
                    hint,
                    ..Finished::new(Outcome::Failed)
                },
                None,
            );
            return;
        }
        self.remakes.insert(producer, remakes + 1);
        self.state.reopen(producer, waiting);
        for id in self.queue.drain_unready(|id| self.state.is_ready(id)) {
            self.state.put_back(id);
        }
    }
}

/// How much an action weighs when chains are compared: its last duration in milliseconds, one if it is not known.
fn weight(history: &History, name: &str) -> u64 {
    let millis = history.duration(name).map_or(1, |took| took.as_millis());
    u64::try_from(millis).unwrap_or(u64::MAX).max(1)
}

/// The end of an action whose handler panicked.
fn defect(panic: &(dyn std::any::Any + Send)) -> Done {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let message = format!("a defect in its handler: {text}");
    Done::Ended(
        Finished {
            message,
            ..Finished::new(Outcome::Failed)
        },
        None,
    )
}
