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
            let existing = so_far(&files, inputs, &own.file)?;
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
            let existing = so_far(&files, inputs, &whole.file)?;
            let new = insert_release(existing.as_deref(), &whole.title, &parts);
            files.insert(whole.file.clone(), new);
        }
        Ok(files
            .into_iter()
            .map(|(file, text)| (file, Bytes::from(text)))
            .collect())
    }
}

/// What a changelog holds by now: it may be a package's and the repository's.
fn so_far(
    files: &BTreeMap<String, String>,
    inputs: &dyn Provided,
    file: &str,
) -> Result<Option<String>, StepError> {
    if let Some(text) = files.get(file) {
        Ok(Some(text.clone()))
    } else if inputs.files().contains_key(file) {
        text(inputs, file).map(Some)
    } else {
        Ok(None)
    }
}

fn text(inputs: &dyn Provided, file: &str) -> Result<String, StepError> {
    String::from_utf8(inputs.read(file)?.to_vec())
        .map_err(|_| StepError::new(format!("`{file}` is not UTF-8")).hint("save it as UTF-8"))
}

#[cfg(test)]
mod tests {
    use cas::Digest;

    use super::*;

    /// Texts by path.
    struct Shelf(BTreeMap<String, Digest>, BTreeMap<String, &'static str>);

    impl Provided for Shelf {
        fn files(&self) -> &BTreeMap<String, Digest> {
            &self.0
        }

        fn read(&self, path: &str) -> Result<Bytes, StepError> {
            let text = self.1.get(path).ok_or_else(|| StepError::new("no such file"))?;
            Ok(Bytes::from_static(text.as_bytes()))
        }

        fn blob(&self, _: &Digest) -> Result<Bytes, StepError> {
            Err(StepError::new("nobody asks"))
        }
    }

    #[test]
    fn a_packages_changelog_may_be_the_repositorys() {
        let texts = BTreeMap::from([
            ("CHANGELOG.md".to_owned(), "# Changelog\n\n## 0.1.0\n\n- old\n"),
            ("news/0".to_owned(), "## 0.2.0\n\n### Features\n\n- new\n"),
        ]);
        let files = texts
            .iter()
            .map(|(path, text)| (path.clone(), Digest::of(text.as_bytes())));
        let shelf = Shelf(files.collect(), texts.clone());
        let version = Version::new(0, 2, 0);
        let logging = Logging {
            own: vec![OwnLog {
                file: "CHANGELOG.md".to_owned(),
                version: version.clone(),
                text: "news/0".to_owned(),
            }],
            whole: Some(WholeLog {
                file: "CHANGELOG.md".to_owned(),
                title: "2026-01-02".to_owned(),
                parts: vec![LogPart {
                    name: "app".to_owned(),
                    version,
                    comparison: None,
                    text: "news/0".to_owned(),
                }],
            }),
        };
        let params = serde_json::to_string(&logging).expect("it is JSON");
        let made = LogbookStep.make(&params, &shelf).expect("it is made");
        let text = String::from_utf8_lossy(&made["CHANGELOG.md"]).into_owned();
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(
            headings,
            [
                "# Changelog",
                "## 2026-01-02",
                "### app 0.2.0",
                "#### Features",
                "## 0.2.0",
                "### Features",
                "## 0.1.0"
            ],
            "{text}"
        );
    }
}
