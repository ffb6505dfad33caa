//! Logbook: the changelogs of the repository with the texts of a release put into them.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::Version;
use serde::{Deserialize, Serialize};

use crate::changelog::{Insertion, Part, insert, insert_release};

/// The kind of these actions.
pub const LOGBOOK: Mnemonic = Mnemonic::new("Logbook");

/// What is put where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// Packages' own changelogs.
    pub own: Vec<OwnLog>,
    /// The changelog of the repository, if it has one.
    pub whole: Option<WholeLog>,
}

/// One package's changelog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnLog {
    /// The file, relative to the repository's root; an input if it is there already.
    pub file: String,
    /// The version.
    pub version: Version,
    /// The input that holds the version's text.
    pub text: String,
}

/// The changelog of the whole repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WholeLog {
    /// The file, relative to the repository's root; an input if it is there already.
    pub file: String,
    /// What the release is called.
    pub title: String,
    /// Its packages, in order.
    pub parts: Vec<LogPart>,
}

/// One package's part in the changelog of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPart {
    /// What the package is called.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The address of the comparison with the version before, if there is one.
    pub comparison: Option<String>,
    /// The input that holds the version's text.
    pub text: String,
}

/// Puts texts into changelogs. What people wrote there stays.
pub struct LogbookStep;

impl PureHandler for LogbookStep {
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let logging: Logging = super::read(&LOGBOOK, params)?;
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for own in &logging.own {
            let existing = match files.get(&own.file) {
                Some(text) => Some(text.clone()),
                None => existing(inputs, &own.file)?,
            };
            let text = text(inputs, &own.text)?;
            let new = insert(existing.as_deref(), &text, &own.version, Insertion::default());
            let new = new.map_err(|why| {
                StepError::new(format!("`{}`: {why}", own.file))
                    .hint("a template begins with a heading such as `## {{ version }}`")
            })?;
            files.insert(own.file.clone(), new);
        }
        if let Some(whole) = &logging.whole {
            let part = |part: &LogPart| {
                Ok(Part {
                    name: part.name.clone(),
                    version: part.version.clone(),
                    comparison: part.comparison.clone(),
                    text: text(inputs, &part.text)?,
                })
            };
            let parts = whole
                .parts
                .iter()
                .map(part)
                .collect::<Result<Vec<_>, StepError>>()?;
            let existing = existing(inputs, &whole.file)?;
            let new = insert_release(existing.as_deref(), &whole.title, &parts);
            files.insert(whole.file.clone(), new);
        }
        Ok(files
            .into_iter()
            .map(|(file, text)| (file, Bytes::from(text)))
            .collect())
    }
}

fn existing(inputs: &dyn Provided, file: &str) -> Result<Option<String>, StepError> {
    if inputs.files().contains_key(file) {
        text(inputs, file).map(Some)
    } else {
        Ok(None)
    }
}

fn text(inputs: &dyn Provided, file: &str) -> Result<String, StepError> {
    String::from_utf8(inputs.read(file)?.to_vec())
        .map_err(|_| StepError::new(format!("`{file}` is not UTF-8")).hint("save it as UTF-8"))
}
