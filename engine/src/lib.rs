//! Runs a graph of actions, each at most once, skipping what is already known and never guessing about what is
//! not. Does not know what a release is.
//!
//! Data flows one way: an [`Action`] is data, a [`Graph`] orders actions, a [`Handler`](Handlers) does what an
//! action says, and the [`Journal`] remembers what was done to the world.

mod error;
mod path;
mod printable;

mod class;

mod action;
mod effect;
mod handler;

pub mod proto;
mod result;

mod graph;
mod query;

mod key;
mod manifest;
mod resolve;

mod clock;
mod history;
mod journal;
mod lock;

mod event;
mod world;

mod deliver;
mod provided;
mod scratch;

mod layer;
mod run;

mod explain;
mod forecast;
mod walk;

mod go;
mod scheduler;
mod state;

pub use action::{Action, ActionId, Command, Input, Mnemonic, Policy, Work};
pub use class::Class;
pub use clock::{Clock, FixedClock, Random, SeededRandom, SystemClock, SystemRandom};
pub use effect::{EffectKind, Payload, Sending, Slot, SlotState};
pub use error::{Error, Result};
pub use event::{Counts, Event, Observer, Outcome};
pub use explain::{Explanation, Reason};
pub use forecast::{Forecast, Status, explain, forecast};
pub use go::run;
pub use graph::Graph;
pub use handler::{
    Cancel, EffectHandler, Facts, Handlers, ObservedHandler, Provided, PureHandler, StepError, Steps,
};
pub use history::{History, Remembered};
pub use journal::{Claim, FileMedium, How, Journal, Medium, Observation, Record, Recovered};
pub use key::Messages;
pub use lock::Lock;
pub use manifest::{Facet, FacetKind, Manifest};
pub use printable::{is_unprintable, printable};
pub use query::{Network, Part, nearest};
pub use resolve::{ResolvedInputs, Unresolved};
pub use result::{ActionResult, Output};
pub use world::{Finished, Options, Results, Seal, World};
