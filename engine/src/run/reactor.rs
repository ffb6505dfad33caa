//! Listens to processes on the thread that waits for them: no message crosses threads while one runs.

use std::sync::Mutex;

use tokio::runtime::{Builder, Runtime};

use super::Halt;
use crate::Error;

/// Reactors at rest, one per thread that has listened so far.
#[derive(Default)]
pub(crate) struct Reactors(Mutex<Vec<Runtime>>);

impl Reactors {
    /// Waits for `future` on this thread.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = Result<T, Halt>>) -> Result<T, Halt> {
        let at_rest = self
            .0
            .lock()
            .expect("nobody panics while holding the reactors")
            .pop();
        let reactor = match at_rest {
            Some(reactor) => reactor,
            None => Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(Error::io("listen to processes in", "."))?,
        };
        let result = reactor.block_on(future);
        self.0
            .lock()
            .expect("nobody panics while holding the reactors")
            .push(reactor);
        result
    }
}
