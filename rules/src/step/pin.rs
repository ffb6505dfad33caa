//! Pin: the manifests of a package with the versions of the release written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::{Adapters, Ecosystem, Package, Pins};
use serde::{Deserialize, Serialize};

/// The kind of these actions.
pub const PIN: Mnemonic = Mnemonic::new("Pin");

/// What is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinning {
    /// The package whose manifests these are.
    pub package: Package,
    /// The versions to write.
    pub pins: Pins,
}

/// Writes versions into manifests. Inputs and outputs are the manifests, at their places in the repository.
pub struct PinStep {
    ecosystems: BTreeMap<&'static str, Arc<dyn Ecosystem>>,
}

impl PinStep {
    pub(super) fn new(adapters: &Adapters) -> Self {
        Self {
            ecosystems: adapters.ecosystems.clone(),
        }
    }
}

impl PureHandler for PinStep {
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let Pinning { package, pins } = super::read(&PIN, params)?;
        let kind = package.id.ecosystem.as_str();
        let unknown = || StepError::new(format!("nobody here knows packages of kind `{kind}`"));
        let ecosystem = self.ecosystems.get(kind).ok_or_else(unknown)?;
        let mut manifests = BTreeMap::new();
        for path in inputs.files().keys() {
            let text = String::from_utf8(inputs.read(path)?.to_vec());
            let text =
                text.map_err(|_| StepError::new(format!("`{path}` is not UTF-8")).hint("save it as UTF-8"))?;
            manifests.insert(path.clone(), text);
        }
        let pinned = ecosystem.pin(&package, &manifests, &pins)?;
        Ok(pinned
            .into_iter()
            .map(|(path, text)| (path, Bytes::from(text)))
            .collect())
    }
}
