//! Sees to it that a slot is looked at and filled by one action at a time.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex};

use crate::Slot;

/// The slots somebody is busy with.
#[derive(Default)]
pub(crate) struct Turns {
    busy: Mutex<BTreeSet<Slot>>,
    freed: Condvar,
}

impl Turns {
    /// Waits until nobody is busy with `slot`, and is then, until the guard is dropped.
    pub(crate) fn take<'a>(&'a self, slot: &'a Slot) -> Turn<'a> {
        let busy = self.busy.lock().expect("nobody panics while holding the turns");
        let free = self.freed.wait_while(busy, |busy| busy.contains(slot));
        free.expect("nobody panics while holding the turns")
            .insert(slot.clone());
        Turn { turns: self, slot }
    }
}

/// A slot somebody is busy with.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    slot: &'a Slot,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Ok(mut busy) = self.turns.busy.lock() {
            busy.remove(self.slot);
        }
        self.turns.freed.notify_all();
    }
}
