//! Progress on a terminal: one live line for each running action, and a line of counts.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use engine::{ActionId, Event, Observer, printable};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::lines::Words;

/// Shows what is running, in place.
pub(super) struct Live {
    words: Words,
    lines: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<ProgressBar>,
    running: BTreeMap<ActionId, ProgressBar>,
}

impl Live {
    pub(super) fn new(words: Words) -> Self {
        Self {
            words,
            lines: MultiProgress::new(),
            state: Mutex::default(),
        }
    }

    fn started(&self, state: &mut State, total: usize) {
        let bar = self.lines.add(ProgressBar::new(total as u64));
        bar.set_style(style("{elapsed_precise} [{bar:30}] {pos}/{len} {msg}").progress_chars("=> "));
        bar.enable_steady_tick(Duration::from_millis(200));
        state.total = Some(bar);
    }

    fn running(&self, state: &mut State, id: ActionId, name: &str) {
        let line = ProgressBar::new_spinner().with_message(printable(name));
        let line = match &state.total {
            Some(total) => self.lines.insert_before(total, line),
            None => self.lines.add(line),
        };
        line.set_style(style("  {spinner} {msg} {elapsed}"));
        line.enable_steady_tick(Duration::from_millis(100));
        state.running.insert(id, line);
    }

    fn finished(&self, state: &mut State, id: ActionId) {
        if let Some(line) = state.running.remove(&id) {
            line.finish_and_clear();
            self.lines.remove(&line);
        }
        if let Some(total) = &state.total {
            total.inc(1);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a template written in this file")
}

impl Observer for Live {
    fn notice(&self, event: &Event) {
        let mut state = self.state.lock().expect("no holder panics");
        match event {
            Event::Started { total } => self.started(&mut state, *total),
            Event::Running { id, name, .. } => self.running(&mut state, *id, name),
            Event::Finished { id, .. } => self.finished(&mut state, *id),
            Event::Ended { .. } => {
                if let Some(total) = state.total.take() {
                    total.finish_and_clear();
                }
            }
            Event::Retrying { .. } => {}
        }
        if let Some(line) = self.words.line(event) {
            // Nobody is left to tell when the terminal is gone.
            let _ = self.lines.println(line);
        }
    }
}
