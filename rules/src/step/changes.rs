//! Changes: the files of the repository as they are after a release, with the new versions written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::{Adapters, Ecosystem, Package, Pins, Version};
use serde::{Deserialize, Serialize};

use crate::bump_file::BumpedFile;

/// The kind of these actions.
pub const CHANGES: Mnemonic = Mnemonic::new("Changes");

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changing {
    /// Files whose new text is known already, by path.
    pub texts: BTreeMap<String, String>,
    /// Packages whose manifests get a new version, in order.
    pub manifests: Vec<NewVersion>,
    /// Further files that hold a version, in order.
    pub bumps: Vec<BumpedFile>,
}

/// A package's new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// Whose.
    pub package: Package,
    /// Which.
    pub version: Version,
    /// The manifests it stands in, relative to the repository's root.
    pub files: Vec<String>,
}

/// Writes new versions. Inputs and outputs are the files, at their places in the repository.
pub struct ChangesStep {
    ecosystems: BTreeMap<&'static str, Arc<dyn Ecosystem>>,
}

impl ChangesStep {
    pub(super) fn new(adapters: &Adapters) -> Self {
        Self {
            ecosystems: adapters.ecosystems.clone(),
        }
    }

    /// Writes a package's own version, and nothing else, into its manifests.
    fn write(&self, change: &NewVersion, texts: &mut BTreeMap<String, String>) -> Result<(), StepError> {
        let kind = change.package.id.ecosystem.as_str();
        let unknown = || StepError::new(format!("nobody here knows packages of kind `{kind}`"));
        let ecosystem = self.ecosystems.get(kind).ok_or_else(unknown)?;
        let manifests = change.files.iter();
        let manifests = manifests.filter_map(|path| Some((path.clone(), texts.get(path)?.clone())));
        let pins = Pins {
            version: Some(change.version.clone()),
            dependencies: BTreeMap::new(),
        };
        texts.extend(ecosystem.pin(&change.package, &manifests.collect(), &pins)?);
        Ok(())
    }
}

impl PureHandler for ChangesStep {
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let changing: Changing = super::read(&CHANGES, params)?;
        let mut texts = super::pin::texts(inputs)?;
        texts.extend(changing.texts);
        for change in &changing.manifests {
            self.write(change, &mut texts)?;
        }
        super::pin::bump_files(&changing.bumps, &mut texts)?;
        Ok(texts
            .into_iter()
            .map(|(path, text)| (path, Bytes::from(text)))
            .collect())
    }
}
