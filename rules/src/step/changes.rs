//! Changes: the files of the repository as they are after a release, with the new versions written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::{Adapters, Ecosystem, Package, Pins, Version};
use serde::{Deserialize, Serialize};

use crate::check::occurrences;

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

/// A further file that gets a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BumpedFile {
    /// The file, relative to the repository's root.
    pub path: String,
    /// A regular expression whose first group is the version; `None` for every place where the package's version stands by itself.
    pub pattern: Option<String>,
    /// The package whose version it holds.
    pub package: Package,
    /// The version from now on, as written.
    pub to: String,
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
        let mut texts = BTreeMap::new();
        for path in inputs.files().keys() {
            let text = String::from_utf8(inputs.read(path)?.to_vec());
            let text =
                text.map_err(|_| StepError::new(format!("`{path}` is not UTF-8")).hint("save it as UTF-8"))?;
            texts.insert(path.clone(), text);
        }
        texts.extend(changing.texts);
        for change in &changing.manifests {
            self.write(change, &mut texts)?;
        }
        for bump in &changing.bumps {
            if let Some(text) = texts.get_mut(&bump.path) {
                *text = bumped(bump, text)?;
            }
        }
        Ok(texts
            .into_iter()
            .map(|(path, text)| (path, Bytes::from(text)))
            .collect())
    }
}

/// The text with the new version in all the places where the old one is found.
fn bumped(bump: &BumpedFile, text: &str) -> Result<String, StepError> {
    let BumpedFile {
        path,
        pattern,
        package,
        to,
    } = bump;
    let places = occurrences(pattern.as_deref(), text, package);
    if places.is_empty() && !text.contains(to.as_str()) {
        let message = format!("`{path}` does not hold the version {}", package.written_version);
        return Err(
            StepError::new(message).hint("give `bump_file()` a pattern that finds it, or take the file out")
        );
    }
    let mut new = text.to_owned();
    for place in places.iter().rev() {
        new.replace_range(place.range.clone(), to);
    }
    Ok(new)
}
