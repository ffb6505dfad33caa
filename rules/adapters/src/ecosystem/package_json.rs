//! `package.json`: what it says about a package, and where its versions are written.

use std::collections::BTreeMap;
use std::ops::Range;

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use model::{
    Dependency, DependencyKind, Diagnostic, LACKS, Location, Package, PackageId, PinStrategy, Pins, Version,
};

use super::fits::{fits, node_range};
use super::folder;
use super::renew::filled;
use super::requirement::{self, without_build};
use super::splice::{self, Edits, between_quotes};

pub(super) const MANIFEST: &str = "package.json";

/// The tables of needs.
const NEEDS: [(&str, DependencyKind); 4] = [
    ("dependencies", DependencyKind::Normal),
    ("optionalDependencies", DependencyKind::Optional),
    ("peerDependencies", DependencyKind::Peer),
    ("devDependencies", DependencyKind::Dev),
];

/// Scripts that make what is packed.
const SCRIPTS: [&str; 5] = ["build", "prepack", "prepare", "postpack", "prepublishOnly"];

/// Fields that mean nothing to who does not publish.
const PUBLISHING: [&str; 5] = ["files", "publishConfig", "repository", "exports", "bin"];

/// One need, with its place.
pub(super) struct Requirement<'a> {
    /// The table it is in.
    pub(super) table: &'static str,
    /// Its key there.
    pub(super) key: &'a str,
    /// The package it is about, whatever the key calls it.
    pub(super) name: &'a str,
    /// As written, protocol included.
    pub(super) requirement: &'a str,
    /// Where that stands, without quotes.
    pub(super) range: Range<usize>,
}

/// A parsed `package.json` that still knows its text.
#[derive(Debug)]
pub(super) struct PackageJson<'a> {
    file: &'a str,
    text: &'a str,
    skipped: usize,
    object: Object<'a>,
}

impl<'a> PackageJson<'a> {
    /// Parses a text.
    ///
    /// # Errors
    /// It is not JSON, or no object.
    pub(super) fn parse(file: &'a str, text: &'a str) -> Result<Self, Diagnostic> {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let skipped = text.len() - body.len();
        let strict = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(body, &CollectOptions::default(), &strict).map_err(|error| {
            let (start, end) = (error.range().start + skipped, error.range().end + skipped);
            Diagnostic::error(
                format!("this is not JSON: {}", error.kind()),
                splice::place(file, text, &(start..end)),
            )
            .hint("correct the syntax; nothing of this file was read")
        })?;
        match parsed.value {
            Some(Value::Object(object)) => Ok(Self {
                file,
                text,
                skipped,
                object,
            }),
            _ => Err(
                Diagnostic::error("a manifest is an object", splice::place(file, text, &(0..0)))
                    .hint("write `{\"name\": \"…\", \"version\": \"…\"}`"),
            ),
        }
    }

    /// The text of a field, if it is one.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.object.get_string(name).map(|text| &*text.value)
    }

    /// The patterns of `workspaces`, in either form; `None` if there is no such field.
    pub(super) fn workspaces(&self) -> Option<Vec<(String, Location)>> {
        let field = self.object.get("workspaces")?;
        let list = match &field.value {
            Value::Array(list) => Some(list),
            Value::Object(object) => object.get_array("packages"),
            _ => None,
        };
        let texts = list
            .into_iter()
            .flat_map(|list| &list.elements)
            .filter_map(Value::as_string_lit);
        Some(
            texts
                .map(|text| (text.value.to_string(), self.place(&self.range(text))))
                .collect(),
        )
    }

    fn range(&self, text: &StringLit<'_>) -> Range<usize> {
        text.range.start + self.skipped..text.range.end + self.skipped
    }

    fn place(&self, range: &Range<usize>) -> Location {
        splice::place(self.file, self.text, range)
    }

    fn place_of(&self, value: &Value<'_>) -> Location {
        use jsonc_parser::common::Ranged;
        let range = value.range();
        self.place(&(range.start + self.skipped..range.end + self.skipped))
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> Option<&Value<'a>> {
        self.object.get(name).map(|field| &field.value)
    }

    /// Where the version stands, without quotes.
    pub(super) fn own_version(&self) -> Option<Range<usize>> {
        self.object.get_string("version").map(|text| self.inner(text))
    }

    /// Every need that is a text and may be met by the workspace.
    pub(super) fn requirements(&self) -> Vec<Requirement<'_>> {
        let mut found = Vec::new();
        for (table, _) in NEEDS {
            let entries = self.object.get_object(table).into_iter();
            for entry in entries.flat_map(|table| &table.properties) {
                let (key, Value::StringLit(text)) = (entry.name.as_str(), &entry.value) else {
                    continue;
                };
                found.extend(sibling(key, &text.value).map(|name| Requirement {
                    table,
                    key,
                    name,
                    requirement: &text.value,
                    range: self.inner(text),
                }));
            }
        }
        found
    }

    /// Where a text stands, without quotes.
    pub(super) fn inner(&self, text: &StringLit<'_>) -> Range<usize> {
        between_quotes(self.text, &self.range(text))
    }

    /// Every need: what for, the key, and the requirement.
    fn needs(&self) -> Vec<(DependencyKind, &str, &StringLit<'a>)> {
        let mut found = Vec::new();
        for (table, kind) in NEEDS {
            for entry in self
                .object
                .get_object(table)
                .into_iter()
                .flat_map(|table| &table.properties)
            {
                if let Some(requirement) = entry.value.as_string_lit() {
                    found.push((kind, entry.name.as_str(), requirement));
                }
            }
        }
        found
    }

    /// Fields that decide who a package is and stand there twice: which one counts depends on who reads it.
    fn written_twice(&self) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for (number, field) in self.object.properties.iter().enumerate() {
            let name = field.name.as_str();
            let is_again = || {
                self.object.properties[..number]
                    .iter()
                    .any(|other| other.name.as_str() == name)
            };
            if matches!(name, "name" | "version" | "private") && is_again() {
                let at = field.range.start + self.skipped..field.range.end + self.skipped;
                let message = format!("`{name}` stands in this manifest twice");
                wrong.push(Diagnostic::error(message, self.place(&at)).hint("remove one of the two"));
            }
        }
        wrong
    }

    /// The package it describes; `None` if it names none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn package(
        &self,
        ecosystem: &str,
        workspace: &str,
    ) -> Result<Option<Package>, Vec<Diagnostic>> {
        let mut wrong = self.written_twice();
        let Some(name) = self.object.get("name") else {
            return Ok(None);
        };
        let Some(name) = name.value.as_string_lit().filter(|name| !name.value.is_empty()) else {
            return Err(vec![
                Diagnostic::error("the package's name is not a text", self.place_of(&name.value))
                    .hint("write `\"name\": \"…\"`"),
            ]);
        };
        let name = name.value.to_string();
        let mut private = self
            .object
            .get("private")
            .is_some_and(|field| field.value.as_boolean_lit().is_none_or(|flag| flag.value));
        let (mut version, mut written) = (Version::new(0, 0, 0), String::new());
        let is_said_private = private;
        let mut is_versioned = true;
        match self.object.get("version").map(|field| &field.value) {
            None => (private, is_versioned) = (true, false),
            Some(value) => {
                let text = value.as_string_lit().map(|text| &*text.value);
                match text
                    .ok_or("a version is a text".to_owned())
                    .and_then(|text| text.parse().map_err(|error: model::VersionError| error.reason))
                {
                    Ok(read) => (version, written) = (read, text.unwrap_or_default().to_owned()),
                    Err(reason) => wrong.push(
                        Diagnostic::error(
                            format!("the version cannot be used: {reason}"),
                            self.place_of(value),
                        )
                        .hint("write three numbers as SemVer has them: \"1.2.3\""),
                    ),
                }
            }
        }
        let mut dependencies: Vec<Dependency> = self
            .needs()
            .into_iter()
            .filter(|(_, key, _)| *key != name)
            .filter_map(|(kind, key, requirement)| {
                let name = sibling(key, &requirement.value)?.to_owned();
                let ecosystem = ecosystem.to_owned();
                Some(Dependency {
                    on: PackageId { ecosystem, name },
                    kind,
                    requirement: requirement.value.to_string(),
                })
            })
            .collect();
        dependencies.sort();
        dependencies.dedup();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let registry = self
            .object
            .get_object("publishConfig")
            .and_then(|publish| publish.get_string("registry"));
        Ok(Some(Package {
            id: PackageId {
                ecosystem: ecosystem.to_owned(),
                name,
            },
            version,
            written_version: written,
            path: folder::parent(self.file).to_owned(),
            manifest: self.file.to_owned(),
            workspace: workspace.to_owned(),
            private,
            dependencies,
            registry: registry.map(|registry| registry.value.to_string()),
            notes: self.notes(is_said_private || is_versioned),
        }))
    }

    /// What packing has to know: which scripts there are, and whether they may need installed modules; and whether the
    /// manifest says nothing of publishing.
    fn notes(&self, is_whole: bool) -> BTreeMap<String, String> {
        let mut notes = BTreeMap::new();
        if !is_whole {
            notes.insert(LACKS.to_owned(), "`version`".to_owned());
        }
        let scripts = self.object.get_object("scripts");
        let scripts: Vec<&str> = SCRIPTS
            .into_iter()
            .filter(|name| scripts.is_some_and(|scripts| scripts.get(name).is_some()))
            .collect();
        if !scripts.is_empty() {
            notes.insert("scripts".to_owned(), scripts.join("\n"));
        }
        if self
            .needs()
            .iter()
            .any(|(kind, ..)| *kind != DependencyKind::Peer)
        {
            notes.insert("modules".to_owned(), "true".to_owned());
        }
        if !PUBLISHING.iter().any(|field| self.object.get(field).is_some()) {
            notes.insert("unpublished".to_owned(), "true".to_owned());
        }
        notes
    }

    /// The text with `pins` written in.
    ///
    /// # Errors
    /// There is no place for the version.
    pub(super) fn pin(&self, pins: &Pins) -> Result<String, String> {
        let mut edits = Edits::default();
        if let Some(version) = &pins.version {
            let place = self.object.get_string("version").ok_or("it has no `version`")?;
            edits.replace(between_quotes(self.text, &self.range(place)), version.to_string());
        }
        for (kind, key, requirement) in self.needs() {
            let sibling = sibling(key, &requirement.value);
            let Some((version, strategy)) = sibling.and_then(|name| pins.dependencies.get(name)) else {
                continue;
            };
            if let Some(pinned) = published(kind, &requirement.value, version, *strategy) {
                edits.replace(between_quotes(self.text, &self.range(requirement)), pinned);
            }
        }
        Ok(edits.apply(self.text))
    }
}

/// The package a need is about, if that may be one of the workspace: `"a": "workspace:b@1"` is about `b`, and
/// `"a": "npm:b@1"` about what a registry has of that name, mostly an older release.
pub(super) fn sibling<'a>(key: &'a str, requirement: &'a str) -> Option<&'a str> {
    if requirement.starts_with("npm:") {
        return None;
    }
    let aliased = requirement.strip_prefix("workspace:").and_then(alias);
    Some(aliased.map_or(key, |(name, _)| name))
}

/// `name@range`, where there is a name.
fn alias(text: &str) -> Option<(&str, &str)> {
    match text.rfind('@') {
        Some(at) if at > 0 => Some((&text[..at], &text[at + 1..])),
        _ => None,
    }
}

/// What takes the place of a requirement of that kind; `None` if it stays.
pub(super) fn published(
    kind: DependencyKind,
    requirement: &str,
    version: &Version,
    strategy: PinStrategy,
) -> Option<String> {
    // A range of a peer says which versions it works with, not which one it was built with.
    let is_kept = kind == DependencyKind::Peer
        && node_range(requirement).is_some_and(|range| fits("npm", range, version));
    let strategy = if is_kept { PinStrategy::None } else { strategy };
    pinned(requirement, version, strategy)
}

/// What takes the place of a requirement; `None` if it stays. A `workspace:` requirement never stays, for it means
/// nothing outside the workspace: without a strategy it becomes what pnpm would make of it.
fn pinned(requirement: &str, version: &Version, strategy: PinStrategy) -> Option<String> {
    let exact = without_build(version);
    let range = requirement::node(version, strategy);
    if let Some(inner) = requirement.strip_prefix("workspace:") {
        let (name, inner) = alias(inner).map_or((None, inner), |(name, inner)| (Some(name), inner));
        let range = range.unwrap_or_else(|| match inner {
            "" | "*" => exact,
            "^" | "~" => format!("{inner}{exact}"),
            inner if inner.starts_with('.') || inner.contains('/') => exact,
            inner => filled("npm", inner, version).unwrap_or_else(|| inner.to_owned()),
        });
        return Some(name.map_or_else(|| range.clone(), |name| format!("npm:{name}@{range}")));
    }
    let Some(range) = range else {
        return filled("npm", requirement, version);
    };
    // A place on the network was chosen on purpose.
    if requirement.contains("://") || requirement.starts_with("git") || requirement.starts_with("github:") {
        return None;
    }
    Some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_rewritten_by_protocol() {
        let version = Version::new(1, 2, 3);
        let table = [
            ("workspace:*", PinStrategy::Exact, Some("1.2.3")),
            ("workspace:*", PinStrategy::None, Some("1.2.3")),
            ("workspace:^", PinStrategy::None, Some("^1.2.3")),
            ("workspace:~", PinStrategy::None, Some("~1.2.3")),
            ("workspace:^1.0.0", PinStrategy::None, Some("^1.0.0")),
            ("workspace:../core", PinStrategy::None, Some("1.2.3")),
            (
                "workspace:@x/core@*",
                PinStrategy::Compatible,
                Some("npm:@x/core@^1.2.3"),
            ),
            ("catalog:", PinStrategy::Compatible, Some("^1.2.3")),
            ("^1.0.0", PinStrategy::Range, Some(">=1.2.3 <2.0.0")),
            ("file:../core", PinStrategy::Minimum, Some(">=1.2.3")),
            ("^1.0.0", PinStrategy::None, None),
            ("^0.0.0", PinStrategy::None, Some("^1.2.3")),
            ("workspace:^0.0.0-dev", PinStrategy::None, Some("^1.2.3")),
            ("https://x.invalid/core.tgz", PinStrategy::Exact, None),
        ];
        for (requirement, strategy, expected) in table {
            assert_eq!(
                pinned(requirement, &version, strategy).as_deref(),
                expected,
                "{requirement} {strategy:?}"
            );
        }
        assert_eq!(sibling("a", "workspace:@x/core@^"), Some("@x/core"));
        assert_eq!(sibling("@x/a", "workspace:^"), Some("@x/a"));
        assert_eq!(sibling("a", "^1"), Some("a"));
        assert_eq!(sibling("a", "npm:a@^1"), None);
    }
}
