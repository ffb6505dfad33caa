//! Reading ahead: the log that is most likely asked for, read from memory while the caller still looks at other things.

use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use model::{Commit, CommitId};

use super::history;
use super::memory::{Memory, question};

/// What git was asked the last time, and the commits it told of, if that is remembered.
type Remembered = Option<(String, Vec<Commit>)>;

/// A log that is being read.
#[derive(Default)]
pub(super) struct Ahead(Mutex<Option<JoinHandle<Remembered>>>);

impl Ahead {
    /// Begins to read what is remembered. `inside` is a path as seen from the root.
    pub(super) fn begin(&self, memory: Memory, inside: impl Fn(&[u8]) -> Option<String> + Send + 'static) {
        let reading = std::thread::spawn(move || history::remembered(&memory, inside));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }

    /// What was read, if it is what git would be asked for this; it is given away once.
    pub(super) fn take(&self, head: &CommitId, since: &[CommitId]) -> Option<Vec<Commit>> {
        let reading = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let (asked, commits) = reading.join().ok().flatten()?;
        (asked == question(head, since)).then_some(commits)
    }
}
