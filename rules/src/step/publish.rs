//! Publish: every artifact into its slot in a registry.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{EffectHandler, EffectKind, Mnemonic, Payload, Provided, Sending, Slot, SlotState, StepError};
use model::{Artifact, Registry};

use super::artifacts::{Artifacts, Registries, slot};

/// The kind of these actions.
pub const PUBLISH: Mnemonic = Mnemonic::new("Publish");

/// Publishes artifacts, one slot each.
pub struct PublishStep {
    registries: Registries,
}

impl PublishStep {
    pub(super) fn new(registries: BTreeMap<String, Arc<dyn Registry>>) -> Self {
        Self {
            registries: Registries(registries),
        }
    }
}

impl EffectHandler for PublishStep {
    fn kind(&self) -> EffectKind {
        EffectKind::CreateOnce
    }

    fn sendings(&self, params: &str, inputs: &dyn Provided) -> Result<Vec<Sending>, StepError> {
        let artifacts: Artifacts = super::read(&PUBLISH, params)?;
        let registry = self.registries.find(&artifacts.registry)?;
        let sending = |artifact: Artifact| Sending {
            slot: slot(&**registry, &artifact),
            digest: artifact.digest,
            payload: Payload::Blob,
            detail: super::text(&artifact),
        };
        Ok(artifacts.list(inputs)?.into_iter().map(sending).collect())
    }

    fn is_cheap_to_observe(&self, slot: &Slot) -> bool {
        self.registries
            .find(&slot.target)
            .is_ok_and(|registry| registry.is_cheap_to_observe())
    }

    fn observe(&self, slot: &Slot) -> Result<SlotState, StepError> {
        self.registries.find(&slot.target)?.observe(slot)
    }

    fn send(&self, sending: &Sending, inputs: &dyn Provided) -> Result<(), StepError> {
        let artifact: Artifact = super::read(&PUBLISH, &sending.detail)?;
        let bytes = inputs.blob(&sending.digest)?;
        self.registries
            .find(&sending.slot.target)?
            .send(&artifact, &bytes)
    }
}
