//! Changelog: what is new in one version of one package, as Markdown.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::Version;
use serde::{Deserialize, Serialize};

use crate::changelog::{Entry, render};

/// The kind of these actions.
pub const CHANGELOG: Mnemonic = Mnemonic::new("Changelog");

/// What is made.
pub const CHANGELOG_FILE: &str = "CHANGELOG.md";

/// What is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct News {
    /// What the package is called.
    pub package: String,
    /// Which version.
    pub version: Version,
    /// The day of its newest commit, if it has one.
    pub date: Option<String>,
    /// What is new, in order.
    pub entries: Vec<Entry>,
}

/// Writes changelogs. It has no inputs: everything is in its parameters.
pub struct ChangelogStep;

impl PureHandler for ChangelogStep {
    fn make(&self, params: &str, _inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let news: News = super::read(&CHANGELOG, params)?;
        let text = render(&news.package, &news.version, news.date.as_deref(), &news.entries);
        Ok(BTreeMap::from([(CHANGELOG_FILE.to_owned(), Bytes::from(text))]))
    }
}
