//! The promises of a registry: which versions it has, and what is published where.

use bytes::Bytes;
use engine::{Slot, SlotState, StepError};

use crate::{Artifact, PackageId, Version};

/// Which versions there are.
pub trait Catalogue: Send + Sync {
    /// The versions of a package that an installer finds, smallest first; those that cannot be said in `SemVer`'s
    /// terms are left out.
    ///
    /// # Errors
    /// It could not be asked.
    fn versions(&self, package: &PackageId) -> Result<Vec<Version>, StepError>;
}

/// A place packages are published to. A slot is one artifact's coordinate in it; it is never overwritten.
pub trait Registry: Catalogue {
    /// Its name for people: `directory out/pypi`.
    fn name(&self) -> String;

    /// The stable identity that slots carry as their target.
    fn identity(&self) -> String;

    /// What an installer is given to install from here: a folder or an address.
    fn location(&self) -> String;

    /// Whether looking at a slot costs next to nothing.
    fn is_cheap_to_observe(&self) -> bool;

    /// The artifact's coordinate, normalised as the registry normalises names.
    fn coordinate(&self, artifact: &Artifact) -> String;

    /// What is in the slot now, by digest of the bytes an installer would get.
    ///
    /// # Errors
    /// It could not be asked.
    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError>;

    /// Publishes the artifact. Never replaces other bytes.
    ///
    /// # Errors
    /// It was refused, or its fate is unknown (transient).
    fn send(&self, artifact: &Artifact, bytes: &Bytes) -> Result<(), StepError>;
}
