//! Pin: what a package is built from, with the versions of the release written into manifests and bump files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::{Adapters, Ecosystem, Package, Pins};
use serde::{Deserialize, Serialize};

use crate::bump_file::{BumpedFile, spliced};

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
    /// The manifests among the inputs, sorted.
    pub manifests: BTreeSet<String>,
    /// What is written into bump files, which are the other inputs (a manifest may be one too).
    pub bumps: Vec<BumpedFile>,
}

/// Writes versions into manifests and bump files. Inputs and outputs are these, at their places in the repository.
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
        let pinning: Pinning = super::read(&PIN, params)?;
        let kind = pinning.package.id.ecosystem.as_str();
        let unknown = || StepError::new(format!("nobody here knows packages of kind `{kind}`"));
        let ecosystem = self.ecosystems.get(kind).ok_or_else(unknown)?;
        let mut texts = texts(inputs)?;
        bump_files(&pinning.bumps, &mut texts)?;
        let mut manifests = texts.clone();
        manifests.retain(|path, _| pinning.manifests.contains(path));
        texts.extend(ecosystem.pin(&pinning.package, &manifests, &pinning.pins)?);
        Ok(texts
            .into_iter()
            .map(|(path, text)| (path, Bytes::from(text)))
            .collect())
    }
}

/// The inputs as texts.
pub(super) fn texts(inputs: &dyn Provided) -> Result<BTreeMap<String, String>, StepError> {
    let text = |path: &String| {
        let text = String::from_utf8(inputs.read(path)?.to_vec());
        text.map_err(|_| StepError::new(format!("`{path}` is not UTF-8")).hint("save it as UTF-8"))
    };
    inputs
        .files()
        .keys()
        .map(|path| Ok((path.clone(), text(path)?)))
        .collect()
}

/// Writes versions into those of the texts that are bump files.
pub(super) fn bump_files(
    bumps: &[BumpedFile],
    texts: &mut BTreeMap<String, String>,
) -> Result<(), StepError> {
    let paths: BTreeSet<&String> = bumps.iter().map(|bump| &bump.path).collect();
    for path in paths {
        if let Some(text) = texts.get_mut(path) {
            *text = spliced(path, text, bumps).map_err(|wrong| {
                let at = wrong.location.as_ref().filter(|at| at.line > 0);
                let at = at.map_or_else(String::new, |at| format!("{path}:{}: ", at.line));
                StepError::new(format!("{at}{}", wrong.message)).hint(wrong.hint.unwrap_or_default())
            })?;
        }
    }
    Ok(())
}
