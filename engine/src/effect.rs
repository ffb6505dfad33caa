//! What an effect does to the world: slots, and what is known of them.

use std::fmt;

use cas::Digest;
use serde::{Deserialize, Serialize};

/// A coordinate in the world that an effect fills. At most one digest is ever sent to a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// Which system: a stable identity, such as a normalised address.
    pub target: String,
    /// Which place in it, normalised as that system normalises names.
    pub coordinate: String,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.target, self.coordinate)
    }
}

/// What is found when a slot is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlotState {
    /// Nothing is there.
    Absent,
    /// Bytes with this digest are there.
    Present(Digest),
    /// Something is there and its bytes cannot be compared, or the system did not say.
    Unknown(String),
}

/// How an effect behaves when it is done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EffectKind {
    /// The same bytes may be sent again and nothing changes.
    Idempotent,
    /// The system keeps the first bytes for ever; look before every attempt.
    CreateOnce,
    /// A name that moves: compared, then set.
    Pointer,
    /// Nothing can be looked at afterwards: sent at most once.
    Unverifiable,
}

/// Where the bytes of a sending are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// In the store, under the sending's digest.
    Blob,
    /// Nowhere: the coordinate and the parameters say it all.
    None,
}

/// One slot to be filled with one digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// What is filled.
    pub slot: Slot,
    /// With which bytes.
    pub digest: Digest,
    /// Where these are.
    pub payload: Payload,
    /// What else the receiver must be told: canonical text (JSON), understood by the handler that wrote it.
    pub detail: String,
}
