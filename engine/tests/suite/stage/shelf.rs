//! A handler of effects whose every misfortune can be ordered.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cas::Digest;
use engine::*;

/// What goes wrong with one sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It is taken, and then the answer is lost.
    LostAnswer,
    /// It is not taken, and the answer is lost.
    LostRequest,
    /// It is refused for good.
    Refused,
    /// It is taken and answered, but cannot be seen for this many looks.
    Lag(usize),
}

/// A place where things are put, one slot per input file. Obeys the contract of its kind.
pub(crate) struct Shelf {
    pub(crate) kind: EffectKind,
    pub(crate) is_cheap: bool,
    pub(crate) held: Mutex<BTreeMap<Slot, Digest>>,
    pub(crate) accepted: Mutex<Vec<(Slot, Digest)>>,
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    pub(crate) looks: AtomicUsize,
    pub(crate) unknown: Mutex<Option<String>>,
    lag: AtomicUsize,
    /// Called before and after each sending is taken; `false` means that everything died there.
    pub(crate) lives: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Shelf {
    pub(crate) fn new(kind: EffectKind) -> Self {
        Self {
            kind,
            is_cheap: false,
            held: Mutex::default(),
            accepted: Mutex::default(),
            faults: Mutex::default(),
            looks: AtomicUsize::new(0),
            unknown: Mutex::new(None),
            lag: AtomicUsize::new(0),
            lives: Box::new(|| true),
        }
    }

    pub(crate) fn faulty(self, faults: &[Fault]) -> Self {
        self.faults.lock().expect("no panics").extend(faults);
        self
    }

    pub(crate) fn put(&self, coordinate: &str, bytes: &[u8]) {
        self.held
            .lock()
            .expect("no panics")
            .insert(slot(coordinate), Digest::of(bytes));
    }

    pub(crate) fn sends(&self) -> usize {
        self.accepted.lock().expect("no panics").len()
    }

    fn take(&self, sending: &Sending) {
        self.held
            .lock()
            .expect("no panics")
            .insert(sending.slot.clone(), sending.digest);
        self.accepted
            .lock()
            .expect("no panics")
            .push((sending.slot.clone(), sending.digest));
    }
}

pub(crate) fn slot(coordinate: &str) -> Slot {
    Slot {
        target: "shelf".to_owned(),
        coordinate: coordinate.to_owned(),
    }
}

impl EffectHandler for Shelf {
    fn kind(&self) -> EffectKind {
        self.kind
    }

    fn sendings(&self, _: &str, inputs: &dyn Provided) -> Result<Vec<Sending>, StepError> {
        let sending = |(path, digest): (&String, &Digest)| Sending {
            slot: slot(path),
            digest: *digest,
            payload: Payload::Blob,
            detail: String::new(),
        };
        Ok(inputs.files().iter().map(sending).collect())
    }

    fn is_cheap_to_observe(&self, _: &Slot) -> bool {
        self.is_cheap
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        assert_ne!(self.kind, EffectKind::Unverifiable, "there is nothing to look at");
        self.looks.fetch_add(1, Ordering::SeqCst);
        if let Some(why) = &*self.unknown.lock().expect("no panics") {
            return Ok(SlotState::Unknown(why.clone()));
        }
        if self.lag.load(Ordering::SeqCst) > 0 {
            self.lag.fetch_sub(1, Ordering::SeqCst);
            return Ok(SlotState::Absent);
        }
        Ok(self
            .held
            .lock()
            .expect("no panics")
            .get(slot)
            .map_or(SlotState::Absent, |d| SlotState::Present(*d)))
    }

    fn send(&self, sending: &Sending, inputs: &dyn Provided) -> Result<(), StepError> {
        assert_eq!(Digest::of(&inputs.blob(&sending.digest)?), sending.digest);
        let died = || StepError::transient("everything died");
        if !(self.lives)() {
            return Err(died());
        }
        let fault = self
            .faults
            .lock()
            .expect("no panics")
            .pop_front()
            .unwrap_or(Fault::None);
        match fault {
            Fault::LostRequest => return Err(StepError::transient("connection lost")),
            Fault::Refused => return Err(StepError::new("the name is not allowed")),
            Fault::Lag(looks) => self.lag.store(looks, Ordering::SeqCst),
            Fault::None | Fault::LostAnswer => {}
        }
        self.take(sending);
        if !(self.lives)() {
            return Err(died());
        }
        if fault == Fault::LostAnswer {
            Err(StepError::transient("connection lost"))
        } else {
            Ok(())
        }
    }
}
