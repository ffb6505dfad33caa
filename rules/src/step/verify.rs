//! Verify: that a registry gives installers exactly the bytes that were built.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Cancel, Facts, Mnemonic, ObservedHandler, Provided, StepError};
use model::Registry;

use super::artifacts::{Artifacts, Registries, files};

/// The kind of these actions.
pub const VERIFY: Mnemonic = Mnemonic::new("Verify");

/// Compares what is there with what was built. Other bytes are a failure for good.
pub struct VerifyStep {
    registries: Registries,
}

impl VerifyStep {
    pub(super) fn new(registries: BTreeMap<String, Arc<dyn Registry>>) -> Self {
        Self {
            registries: Registries(registries),
        }
    }
}

impl ObservedHandler for VerifyStep {
    fn observe(
        &self,
        params: &str,
        inputs: &dyn Provided,
        _deadline: Duration,
        cancel: &Cancel,
    ) -> Result<Facts, StepError> {
        let artifacts: Artifacts = super::read(&VERIFY, params)?;
        let count = artifacts.look(&self.registries, inputs, || cancel.is_cancelled())?;
        Ok(Facts {
            summary: format!("{} as built", files(count)),
        })
    }
}
