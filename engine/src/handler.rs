//! The contracts of those who do what steps say, and their roll-call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cas::Digest;

use crate::{EffectKind, Mnemonic, Sending, Slot, SlotState};

/// Why a step did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// What is wrong, one or more lines.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether trying again may help.
    pub transient: bool,
}

impl StepError {
    /// A failure that trying again does not cure.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            transient: false,
        }
    }

    /// A failure that may pass.
    pub fn transient(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            transient: true,
        }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The inputs of a step: every file by its declared path, folders spread out.
pub trait Provided: Send + Sync {
    /// The files, sorted by path.
    fn files(&self) -> &BTreeMap<String, Digest>;

    /// The verified bytes of the file at `path`.
    ///
    /// # Errors
    /// There is no such input, or its bytes are gone.
    fn read(&self, path: &str) -> Result<Bytes, StepError>;

    /// The verified bytes of `digest`, one of [`Provided::files`].
    ///
    /// # Errors
    /// The bytes are gone.
    fn blob(&self, digest: &Digest) -> Result<Bytes, StepError>;
}

/// Says whether the run is being stopped.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Stop>);

#[derive(Debug, Default)]
struct Stop {
    stopped: AtomicBool,
    waiting: tokio::sync::Notify,
}

impl Cancel {
    /// Not stopped.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the run: nothing new starts.
    pub fn cancel(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        self.0.waiting.notify_waiters();
    }

    /// Whether the run is being stopped.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Returns once the run is being stopped.
    pub async fn cancelled(&self) {
        let notified = self.0.waiting.notified();
        tokio::pin!(notified);
        // Registered first, asked second: a stop in between is seen by one of the two.
        notified.as_mut().enable();
        if !self.is_cancelled() {
            notified.await;
        }
    }
}

/// Makes bytes from bytes: no clock, no network, no file system. Called on a blocking thread.
pub trait PureHandler: Send + Sync {
    /// The declared outputs, by path. Exactly the action's `outputs` must be there.
    ///
    /// # Errors
    /// Why it cannot be made.
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError>;
}

/// What an observation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// One line for people: "visible after 2 s".
    pub summary: String,
}

/// Looks at the world without changing it. Called on a blocking thread.
pub trait ObservedHandler: Send + Sync {
    /// What was found; an error if what was hoped for is not so.
    ///
    /// # Errors
    /// What was found instead. A transient one is tried again as the policy says.
    fn observe(
        &self,
        params: &str,
        inputs: &dyn Provided,
        deadline: Duration,
        cancel: &Cancel,
    ) -> Result<Facts, StepError>;
}

/// Changes the world, one slot at a time. Called on a blocking thread.
pub trait EffectHandler: Send + Sync {
    /// How it behaves when done twice.
    fn kind(&self) -> EffectKind;

    /// What is to be sent, in order. Follows from the parameters and inputs alone.
    ///
    /// # Errors
    /// The inputs do not hold what the parameters promise.
    fn sendings(&self, params: &str, inputs: &dyn Provided) -> Result<Vec<Sending>, StepError>;

    /// How long a slot that was filled may still look empty. Waited for before a slot whose fate is unknown is
    /// filled again.
    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether looking is so cheap that a slot confirmed earlier is looked at again in every run.
    fn is_cheap_to_observe(&self, slot: &Slot) -> bool;

    /// What is in the slot now.
    ///
    /// # Errors
    /// It could not be asked.
    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError>;

    /// Fills the slot. Returning is not proof: the slot is observed afterwards.
    ///
    /// # Errors
    /// It was refused (final), or its fate is unknown (transient).
    fn send(&self, sending: &Sending, inputs: &dyn Provided) -> Result<(), StepError>;
}

/// One handler per mnemonic and class.
#[derive(Clone, Default)]
pub struct Handlers {
    /// For [`crate::Class::Pure`] steps.
    pub pure: Steps<dyn PureHandler>,
    /// For [`crate::Class::Observed`] steps.
    pub observed: Steps<dyn ObservedHandler>,
    /// For [`crate::Class::Effect`] steps.
    pub effects: Steps<dyn EffectHandler>,
}

/// Handlers of one class by mnemonic.
pub type Steps<H> = BTreeMap<Mnemonic, Arc<H>>;
