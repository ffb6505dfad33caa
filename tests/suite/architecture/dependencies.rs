//! What others wrote and we use: under licences we allow, from the usual place, with every exception explained. The
//! list is `.deny.toml`, which `cargo deny` reads too where it is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use harness::repository;
use serde_json::Value;
use toml_edit::{Array, DocumentMut};

use super::none;

fn rules() -> String {
    std::fs::read_to_string(repository().join(".deny.toml")).expect("there is a `.deny.toml`")
}

fn texts(list: Option<&Array>) -> BTreeSet<String> {
    list.into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// The licences allowed to everyone, and those allowed to one package.
struct Licences {
    everyone: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

impl Licences {
    fn of(rules: &str) -> Self {
        let document: DocumentMut = rules.parse().expect("`.deny.toml` is TOML");
        let licences = &document["licenses"];
        let exceptions = licences
            .get("exceptions")
            .and_then(|list| list.as_array())
            .into_iter()
            .flatten();
        let exception = |one: &toml_edit::Value| {
            let table = one.as_inline_table()?;
            let name = table.get("name")?.as_str()?.to_owned();
            Some((name, texts(table.get("allow")?.as_array())))
        };
        Self {
            everyone: texts(licences["allow"].as_array()),
            exceptions: exceptions.filter_map(exception).collect(),
        }
    }

    fn of_package(&self, name: &str) -> BTreeSet<String> {
        let own = self.exceptions.get(name).into_iter().flatten();
        self.everyone.iter().chain(own).cloned().collect()
    }
}

/// Whether a licence expression can be met with what is allowed. `AND` binds tighter than `OR`; `/` is an old `OR`.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    any(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let met = any(words, allowed);
            met && words.next() == Some(")")
        }
        Some(name) => {
            let exception = words.next_if_eq(&"WITH").and_then(|_| words.next());
            allowed.contains(name)
                || exception.is_some_and(|exception| allowed.contains(&format!("{name} WITH {exception}")))
        }
        None => false,
    }
}

fn complaint(package: &Value, licences: &Licences) -> Option<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let licence = package["license"].as_str().unwrap_or_default();
    if !is_met(licence, &licences.of_package(name)) {
        return Some(format!(
            "{name}: licence `{licence}` is not allowed by `.deny.toml`"
        ));
    }
    match package["source"].as_str() {
        Some(source) if !source.starts_with("registry+") => Some(format!("{name}: comes from `{source}`")),
        _ => None,
    }
}

#[test]
fn every_dependency_is_allowed() {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc is there");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc says its host");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--filter-platform",
            host,
        ])
        .current_dir(repository())
        .stdin(Stdio::null())
        .output()
        .expect("cargo is there");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    assert!(packages.len() > 50, "only {} packages", packages.len());
    let licences = Licences::of(&rules());
    none(
        &packages
            .iter()
            .filter_map(|package| complaint(package, &licences))
            .collect::<Vec<_>>(),
    );
    for name in licences.exceptions.keys() {
        assert!(
            packages.iter().any(|package| package["name"] == *name),
            "an exception for {name}, which is gone"
        );
    }
}

#[test]
fn every_ignored_advisory_has_its_reason() {
    let rules = rules();
    let lines: Vec<&str> = rules.lines().map(str::trim).collect();
    let ignored = (0..lines.len()).filter(|line| lines[*line].starts_with("\"RUSTSEC-"));
    for line in ignored {
        assert!(
            lines[line - 1].starts_with("# "),
            "no reason stands above {}",
            lines[line]
        );
    }
}

#[test]
fn these_checks_can_complain() {
    let allowed: BTreeSet<String> = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
        .map(str::to_owned)
        .into();
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/GPL-2.0",
        "(MIT OR GPL-3.0) AND ISC",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_met(good, &allowed), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "Apache-2.0",
        "Apache-2.0 WITH other",
        "(MIT",
    ] {
        assert!(!is_met(bad, &allowed), "{bad}");
    }

    let rules = "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ name = \"y\", allow = [\"ISC\"] }]\n";
    let licences = Licences::of(rules);
    let package = |name: &str, licence: &str, source: &str| {
        complaint(
            &serde_json::json!({"name": name, "license": licence, "source": source}),
            &licences,
        )
    };
    assert!(package("x", "MIT", "git+https://example.com/x").is_some());
    assert!(package("x", "ISC", "registry+x").is_some());
    assert!(package("y", "ISC", "registry+x").is_none());
}
