//! Changelog: what is new in one version of one package, as Markdown.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};

use crate::changelog::{News, Template, render};

/// The kind of these actions.
pub const CHANGELOG: Mnemonic = Mnemonic::new("Changelog");

/// What is made.
pub const CHANGELOG_FILE: &str = "CHANGELOG.md";

/// Writes changelogs. Its parameters are [`News`]; its only input is their template, if they have one of their own.
pub struct ChangelogStep;

impl PureHandler for ChangelogStep {
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let news: News = super::read(&CHANGELOG, params)?;
        let text = match &news.template {
            Some(file) => Some((file.as_str(), template(inputs, file)?)),
            None => None,
        };
        let template = text.as_ref().map(|(file, text)| Template { file, text });
        let text = render(&news, template).map_err(|wrong| {
            let error = StepError::new(wrong.to_string());
            match wrong.hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })?;
        Ok(BTreeMap::from([(CHANGELOG_FILE.to_owned(), Bytes::from(text))]))
    }
}

fn template(inputs: &dyn Provided, file: &str) -> Result<String, StepError> {
    String::from_utf8(inputs.read(file)?.to_vec())
        .map_err(|_| StepError::new(format!("the template `{file}` is not UTF-8")))
}
