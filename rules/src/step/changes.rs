//! Changes: the files of the repository as they are after a release, with the new versions written in.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
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
    /// Further files that hold a version, in order.
    pub bumps: Vec<BumpedFile>,
}

/// Writes new versions. Inputs and outputs are the files, at their places in the repository.
pub struct ChangesStep;

impl PureHandler for ChangesStep {
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let changing: Changing = super::read(&CHANGES, params)?;
        let mut texts = super::pin::texts(inputs)?;
        texts.extend(changing.texts);
        super::pin::bump_files(&changing.bumps, &mut texts)?;
        Ok(texts
            .into_iter()
            .map(|(path, text)| (path, Bytes::from(text)))
            .collect())
    }
}
