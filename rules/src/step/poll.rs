//! Poll: waits until a registry shows what was published.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Cancel, Facts, Mnemonic, ObservedHandler, Provided, StepError};
use model::Registry;

use super::artifacts::{Artifacts, Registries, files};

/// The kind of these actions.
pub const POLL: Mnemonic = Mnemonic::new("Poll");

/// Looks whether everything is visible. What is not visible yet is a failure that may pass: the engine looks again.
pub struct PollStep {
    registries: Registries,
}

impl PollStep {
    pub(super) fn new(registries: BTreeMap<String, Arc<dyn Registry>>) -> Self {
        Self {
            registries: Registries(registries),
        }
    }
}

impl ObservedHandler for PollStep {
    fn observe(
        &self,
        params: &str,
        inputs: &dyn Provided,
        _deadline: Duration,
        cancel: &Cancel,
    ) -> Result<Facts, StepError> {
        let artifacts: Artifacts = super::read(&POLL, params)?;
        let count = artifacts.look(&self.registries, inputs, || cancel.is_cancelled())?;
        Ok(Facts {
            summary: format!("{} visible", files(count)),
        })
    }
}
