//! How a build backend finds a version in a file, so that it is read and rewritten just there.

use std::fmt;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::python_literal::{Assigned, assigned};
use super::setup_cfg;
use super::splice::between_quotes;
use super::toml_text::Toml;

/// What hatchling looks for unless it is given a pattern (`hatchling.version.core.DEFAULT_PATTERN`; some of its releases
/// allow an annotation, and others then find nothing).
pub(super) const HATCHLING: &str = r#"(?i)^(?:__version__|VERSION)(?: ?: ?str)? *= *(?:"v?(.+?)"|'v?(.+?)')"#;

/// What pdm-backend looks for unless it is given a pattern (`DynamicVersionBuildHook.resolve_version_from_file`).
pub(super) const PDM: &str = r#"^(?:__version__|VERSION)\s*=\s*["'](.+?)["']\s*(?:#.*)?$"#;

/// How a version is found in a file. It can be noted as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// It is all there is in the file.
    Whole,
    /// It is assigned to this name at the top of a Python module.
    Attribute(String),
    /// It is at this path of keys in a TOML file, such as `package.version`.
    Key(String),
    /// It is `version` in `[metadata]` of a `setup.cfg`.
    Setting,
    /// It is the first group of this pattern, as Python's `re.search` with `MULTILINE` finds it.
    Pattern(String),
    /// It is the group `version` of this pattern.
    Named(String),
}

impl fmt::Display for Rule {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => write!(into, "whole "),
            Self::Attribute(name) => write!(into, "attribute {name}"),
            Self::Key(keys) => write!(into, "key {keys}"),
            Self::Setting => write!(into, "setting "),
            Self::Pattern(pattern) => write!(into, "pattern {pattern}"),
            Self::Named(pattern) => write!(into, "named {pattern}"),
        }
    }
}

impl Rule {
    /// The rule that was noted as `note`.
    pub(super) fn noted(note: &str) -> Option<Self> {
        let (kind, rest) = note.split_once(' ')?;
        let rest = rest.to_owned();
        match kind {
            "whole" => Some(Self::Whole),
            "attribute" => Some(Self::Attribute(rest)),
            "key" => Some(Self::Key(rest)),
            "setting" => Some(Self::Setting),
            "pattern" => Some(Self::Pattern(rest)),
            "named" => Some(Self::Named(rest)),
            _ => None,
        }
    }

    /// Where the version stands in the text of `file`.
    ///
    /// # Errors
    /// It stands nowhere, or only running something would tell: on which line, if there is one, and why.
    pub(super) fn find(&self, file: &str, text: &str) -> Result<Range<usize>, (u32, String)> {
        match self {
            Self::Attribute(name) => match assigned(text, name) {
                Assigned::Text(range) => Ok(range),
                Assigned::Computed(line) => Err((line, format!("`{name}` is computed here"))),
                Assigned::Nothing => Err((1, format!("nothing is assigned to `{name}` here"))),
            },
            Self::Key(keys) => {
                key(file, text, keys).ok_or_else(|| (0, format!("there is no text at `{keys}`")))
            }
            Self::Setting => setup_cfg::value(text, "metadata", "version")
                .ok_or_else(|| (0, "there is no `version` in [metadata]".to_owned())),
            Self::Whole => whole(text).ok_or_else(|| (0, "there is nothing in it".to_owned())),
            Self::Pattern(pattern) | Self::Named(pattern) => {
                self.search(pattern, text).map_err(|why| (0, why))
            }
        }
    }

    fn search(&self, pattern: &str, text: &str) -> Result<Range<usize>, String> {
        let compiled =
            compiled(pattern).map_err(|_| format!("`{pattern}` is a pattern that only Python reads"))?;
        let nothing = || format!("`{pattern}` finds no version in it");
        let marked = text.len() - text.trim_start_matches('\u{feff}').len();
        let found = compiled.captures(&text[marked..]).ok_or_else(nothing)?;
        let group = match self {
            Self::Named(_) => found.name("version"),
            _ => found.iter().skip(1).flatten().next(),
        };
        group
            .map(|group| group.start() + marked..group.end() + marked)
            .ok_or_else(nothing)
    }
}

/// Python reads files with any line ending as if it were `\n`.
fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).multi_line(true).crlf(true).build()
}

fn key(file: &str, text: &str, keys: &str) -> Option<Range<usize>> {
    let toml = Toml::parse(file, text.to_owned()).ok()?;
    let keys: Vec<&str> = keys.split('.').collect();
    let item = toml.get(&keys).filter(|item| item.is_str())?;
    Some(between_quotes(text, &toml.range_of(item)?))
}

fn whole(text: &str) -> Option<Range<usize>> {
    let version = text.trim_start_matches('\u{feff}').trim();
    let start = text.find(version).filter(|_| !version.is_empty())?;
    Some(start..start + version.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pattern: &str) -> Rule {
        Rule::Named(pattern.to_owned())
    }

    #[test]
    fn versions_are_found_by_the_rule_of_the_backend() {
        let (hatchling, pdm) = (Rule::Pattern(HATCHLING.to_owned()), Rule::Pattern(PDM.to_owned()));
        let inner = "def f():\n    version = \"9.9.9\"\n__version__ = 'v1.0.0'\n";
        let other = "version = \"8.8.8\"\n__version__ = \"1.3.0\"  # now\r\n";
        let own = "VERSION = \"9.9.9\"\nRELEASE = \"0.4.0\"\n";
        let table = [
            (&hatchling, inner, Some("1.0.0")),
            (&hatchling, other, Some("8.8.8")),
            (&hatchling, "__version__: str = \"1.0\"\n", Some("1.0")),
            (&hatchling, "\u{feff}__version__ = \"1.0\"\n", Some("1.0")),
            (&hatchling, "__version__ = make()\n", None),
            (&pdm, inner, Some("v1.0.0")),
            (&pdm, other, Some("1.3.0")),
            (&pdm, "__version__ = \"1\" + \"2\"\n", Some("1\" + \"2")),
            (&named("RELEASE = \"(?P<version>.*)\""), own, Some("0.4.0")),
            (&named("^RELEASE = \"(.*)\"$"), own, None),
            (&named("(?<=RELEASE = \")(?P<version>.*)\""), own, None),
            (&Rule::Whole, "\u{feff}2.1.5\r\n", Some("2.1.5")),
            (&Rule::Whole, " \n", None),
            (
                &Rule::Key("a.version".to_owned()),
                "[a]\nversion = \"1\"\n",
                Some("1"),
            ),
            (&Rule::Key("a.version".to_owned()), "[a.version]\n", None),
        ];
        for (rule, text, expected) in table {
            let found = rule.find("f", text).map(|range| &text[range]);
            assert_eq!(found.ok(), expected, "{rule} in {text}");
            assert_eq!(Rule::noted(&rule.to_string()).as_ref(), Some(rule));
        }
    }
}
