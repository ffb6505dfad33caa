//! Runs a graph of actions, each at most once, skipping what is already known and never guessing about what is
//! not. Does not know what a release is.
//!
//! Data flows one way: an [`Action`] is data, a [`Graph`] orders actions, a [`Handler`](Handlers) does what an
//! action says, and the [`Journal`] remembers what was done to the world.

mod error;

mod class;

mod action;
mod effect;
mod handler;

mod event;

pub use action::{Action, ActionId, Command, Input, Mnemonic, Policy, Work};
pub use class::Class;
pub use effect::{EffectKind, Payload, Sending, Slot, SlotState};
pub use error::{Error, Result};
pub use event::{Counts, Event, Observer, Outcome};
pub use handler::{
    Cancel, EffectHandler, Facts, Handlers, ObservedHandler, Provided, PureHandler, StepError, Steps,
};
