//! Layers stand before the running of an action: each may know its end already, cheaper than running would.
//!
//! For what can be kept, the action cache is asked ([`lookup`]); for what was seen, the journal ([`recall`]); for
//! what changes the world, the journal and then the world itself ([`reconcile`]).

pub(crate) mod lookup;
pub(crate) mod recall;
pub(crate) mod reconcile;
pub(crate) mod turns;
