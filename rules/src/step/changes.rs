//! Changes: the files of the repository as they are after a release, with the new versions written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};
use model::{Adapters, Ecosystem, Package, Pins, Version};
use regex::Regex;
use serde::{Deserialize, Serialize};

/// The kind of these actions.
pub const CHANGES: Mnemonic = Mnemonic::new("Changes");

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changing {
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
    /// A regular expression whose first group is the version; `None` for every place where `from` stands by itself.
    pub pattern: Option<String>,
    /// The version now, as written.
    pub from: String,
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

/// The text with the new version in all the places the file's pattern finds.
fn bumped(bump: &BumpedFile, text: &str) -> Result<String, StepError> {
    let BumpedFile {
        path,
        pattern,
        from,
        to,
    } = bump;
    // By itself: not inside a longer word, number or version.
    let plain = || {
        format!(
            r"(?:^|[^0-9A-Za-z.+_-])({})(?:$|[^0-9A-Za-z.+_-]|\.(?:$|[^0-9]))",
            regex::escape(from)
        )
    };
    let pattern = pattern.clone().unwrap_or_else(plain);
    let refused = |error: regex::Error| StepError::new(format!("`{path}` cannot be searched: {error}"));
    let regex = Regex::new(&format!("(?m){pattern}")).map_err(refused)?;
    let mut new = String::with_capacity(text.len());
    let (mut written, mut at, mut found) = (0, 0, false);
    while let Some(version) = regex.captures_at(text, at).and_then(|one| one.get(1)) {
        new.push_str(&text[written..version.start()]);
        new.push_str(to);
        (written, found) = (version.end(), true);
        // From there on, so that what ends one place may begin the next.
        at = version.end().max(at + 1);
        if at > text.len() {
            break;
        }
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    new.push_str(&text[written..]);
    let is_done = || new.contains(to.as_str());
    if found || is_done() {
        return Ok(new);
    }
    Err(
        StepError::new(format!("`{path}` does not hold the version {from}"))
            .hint("give `bump_file()` a pattern that finds it, or take the file out"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bump(pattern: Option<&str>, text: &str) -> Result<String, StepError> {
        let (from, to) = ("1.2.3".to_owned(), "1.10.0".to_owned());
        let pattern = pattern.map(str::to_owned);
        bumped(
            &BumpedFile {
                path: "f".to_owned(),
                pattern,
                from,
                to,
            },
            text,
        )
    }

    #[test]
    fn a_version_is_found_where_it_stands_by_itself() {
        for (text, expected) in [
            ("1.2.3", "1.10.0"),
            ("a=1.2.3\r\nb='1.2.3'", "a=1.10.0\r\nb='1.10.0'"),
            ("v: 1.2.3, 1.2.3 1.2.3.", "v: 1.10.0, 1.10.0 1.10.0."),
            (
                "11.2.3 1.2.34 1.2.3-rc.1 1.2.3.4 x1.2.3 é1.2.3é 1.2.3",
                "11.2.3 1.2.34 1.2.3-rc.1 1.2.3.4 x1.2.3 é1.10.0é 1.10.0",
            ),
        ] {
            assert_eq!(bump(None, text).expect(text), expected);
        }
        assert!(bump(None, "1.2.4").is_err_and(|error| error.hint.is_some()));
        assert_eq!(bump(None, "1.10.0").expect("it is done"), "1.10.0");
        assert_eq!(
            bump(Some("image: a:([^\\s]+)"), "image: a:9 b:9").expect("found"),
            "image: a:1.10.0 b:9"
        );
    }
}
