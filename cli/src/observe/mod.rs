//! Those who are told of every event of a run, and how they are put together.

mod lines;
mod live;
mod log;

use std::sync::Arc;

use engine::{Event, Observer};

use crate::terminal::Terminal;
use crate::world::World;

/// Tells several observers, in order.
struct All(Vec<Arc<dyn Observer>>);

impl Observer for All {
    fn notice(&self, event: &Event) {
        for observer in &self.0 {
            observer.notice(event);
        }
    }
}

/// Progress for a person (live lines on a terminal, plain lines elsewhere), and the event log of the run.
pub(crate) fn standard(world: &World) -> Arc<dyn Observer> {
    let mut observers: Vec<Arc<dyn Observer>> = vec![person(world.terminal)];
    if let Some(log) = log::EventLog::create(&world.state("events.jsonl")) {
        observers.push(Arc::new(log));
    }
    Arc::new(All(observers))
}

fn person(terminal: &Terminal) -> Arc<dyn Observer> {
    let words = lines::Words::new(terminal);
    if terminal.is_live() {
        Arc::new(live::Live::new(words))
    } else {
        Arc::new(lines::Lines::new(words))
    }
}
