//! Poll and verify: wait until a registry shows what was published, then compare it with what was built.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Cancel, Facts, Mnemonic, ObservedHandler, Provided, StepError};
use model::Registry;

use super::artifacts::{Artifacts, Registries, files};

/// The kind of the actions that wait until everything is there.
pub const POLL: Mnemonic = Mnemonic::new("Poll");

/// The kind of the actions that look, after the waiting, whether installers are given what was built.
pub const VERIFY: Mnemonic = Mnemonic::new("Verify");

/// Compares what is there with what was built. What is not visible yet is a failure that may pass: the engine looks
/// again. Other bytes are a failure for good.
pub struct LookStep {
    mnemonic: Mnemonic,
    /// What is said of files that are there.
    are: &'static str,
    registries: Registries,
}

impl LookStep {
    pub(super) fn poll(registries: BTreeMap<String, Arc<dyn Registry>>) -> Self {
        Self {
            mnemonic: POLL,
            are: "visible",
            registries: Registries(registries),
        }
    }

    pub(super) fn verify(registries: BTreeMap<String, Arc<dyn Registry>>) -> Self {
        Self {
            mnemonic: VERIFY,
            are: "as built",
            registries: Registries(registries),
        }
    }
}

impl ObservedHandler for LookStep {
    fn observe(
        &self,
        params: &str,
        inputs: &dyn Provided,
        _deadline: Duration,
        cancel: &Cancel,
    ) -> Result<Facts, StepError> {
        let artifacts: Artifacts = super::read(&self.mnemonic, params)?;
        let count = artifacts.look(&self.registries, inputs, || cancel.is_cancelled())?;
        Ok(Facts {
            summary: format!("{} {}", files(count), self.are),
        })
    }
}
