//! The event log of a run: one JSON object on each line.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;

use engine::{Event, Observer};

/// Writes every event as it happens; a log that cannot be written never stops a run.
pub(super) struct EventLog(Mutex<BufWriter<File>>);

impl EventLog {
    /// Begins a new log in place of the last run's; `None` if the folder takes no file.
    pub(super) fn create(path: &Path) -> Option<Self> {
        std::fs::create_dir_all(path.parent()?).ok()?;
        File::create(path)
            .ok()
            .map(|file| Self(Mutex::new(BufWriter::new(file))))
    }
}

impl Observer for EventLog {
    fn notice(&self, event: &Event) {
        let Ok(line) = serde_json::to_string(event) else {
            return;
        };
        let mut file = self.0.lock().expect("no holder panics");
        let written = writeln!(file, "{line}");
        let is_last = matches!(event, Event::Ended { .. });
        if written.is_err() || (is_last && file.flush().is_err()) {
            tracing::debug!("the event log cannot be written");
        }
    }
}
