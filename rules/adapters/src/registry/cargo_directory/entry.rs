//! A crate's line in the index, from the manifest in its archive.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

/// What cargo reads of an index, in cargo's own words.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) vers: Version,
    deps: Vec<Dependency>,
    pub(super) cksum: String,
    features: BTreeMap<String, Vec<String>>,
    yanked: bool,
    links: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rust_version: Option<String>,
    /// Features written in the newer syntax, which old versions of cargo must not see.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    features2: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    v: Option<u32>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Dependency {
    name: String,
    req: String,
    features: Vec<String>,
    optional: bool,
    default_features: bool,
    target: Option<String>,
    kind: &'static str,
    /// `None` for the registry this entry is in.
    registry: Option<String>,
    package: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(flatten)]
    everywhere: Needs,
    #[serde(default)]
    target: BTreeMap<String, Needs>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    version: Version,
    links: Option<String>,
    rust_version: Option<String>,
}

#[derive(Deserialize)]
struct Needs {
    #[serde(default)]
    dependencies: BTreeMap<String, Need>,
    #[serde(default, rename = "dev-dependencies", alias = "dev_dependencies")]
    dev: BTreeMap<String, Need>,
    #[serde(default, rename = "build-dependencies", alias = "build_dependencies")]
    build: BTreeMap<String, Need>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Need {
    Version(String),
    Table(Box<Table>),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Table {
    version: Option<String>,
    features: Vec<String>,
    optional: bool,
    #[serde(alias = "default_features")]
    default_features: Option<bool>,
    package: Option<String>,
    registry_index: Option<String>,
}

impl Entry {
    /// Reads a manifest as cargo writes it into archives.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(super) fn read(manifest: &[u8], cksum: String) -> Result<Self, String> {
        let text = str::from_utf8(manifest).map_err(|_| "its Cargo.toml is not UTF-8")?;
        let manifest: Manifest = toml_edit::de::from_str(text)
            .map_err(|error| format!("its Cargo.toml cannot be read: {error}"))?;
        let mut deps = Vec::new();
        manifest.everywhere.collect(None, &mut deps);
        for (target, needs) in manifest.target {
            needs.collect(Some(&target), &mut deps);
        }
        deps.sort();
        let is_new = |values: &[String]| {
            values
                .iter()
                .any(|value| value.starts_with("dep:") || value.contains("?/"))
        };
        let (features2, features): (BTreeMap<_, _>, _) = manifest
            .features
            .into_iter()
            .partition(|(_, values)| is_new(values));
        Ok(Self {
            name: manifest.package.name,
            vers: manifest.package.version,
            deps,
            cksum,
            features,
            yanked: false,
            links: manifest.package.links,
            rust_version: manifest.package.rust_version,
            v: (!features2.is_empty()).then_some(2),
            features2,
        })
    }
}

impl Needs {
    fn collect(self, target: Option<&str>, all: &mut Vec<Dependency>) {
        for (kind, needs) in [
            ("normal", self.dependencies),
            ("dev", self.dev),
            ("build", self.build),
        ] {
            all.extend(
                needs
                    .into_iter()
                    .map(|(name, need)| need.dependency(name, kind, target)),
            );
        }
    }
}

impl Need {
    fn dependency(self, name: String, kind: &'static str, target: Option<&str>) -> Dependency {
        let table = match self {
            Self::Version(version) => Table {
                version: Some(version),
                ..Table::default()
            },
            Self::Table(table) => *table,
        };
        Dependency {
            name,
            req: table.version.unwrap_or_else(|| "*".to_owned()),
            features: table.features,
            optional: table.optional,
            default_features: table.default_features.unwrap_or(true),
            target: target.map(str::to_owned),
            kind,
            registry: table.registry_index,
            package: table.package,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_what_the_manifest_says() {
        let manifest = r#"
[package]
name = "core"
version = "1.2.0"
edition = "2024"
rust-version = "1.85"
links = "z"
[features]
default = ["x"]
x = ["dep:renamed"]
y = ["renamed?/z"]
[dependencies.renamed]
version = "^1"
optional = true
default-features = false
features = ["f"]
package = "real"
[dependencies.other]
version = "2"
registry-index = "sparse+https://example.com/"
[dev-dependencies]
dev = "0.1"
[target."cfg(unix)".build-dependencies.b]
version = "3"
"#;
        let entry =
            Entry::read(manifest.as_bytes(), "00".to_owned()).expect("a manifest written in this test");
        let found = serde_json::to_value(&entry).expect("plain data");
        let dep = |name: &str, req: &str, kind: &str| {
            serde_json::json!({"name": name, "req": req, "features": [], "optional": false, "default_features": true,
                "target": null, "kind": kind, "registry": null, "package": null})
        };
        let mut wanted = serde_json::json!({"name": "core", "vers": "1.2.0", "cksum": "00", "yanked": false,
            "links": "z", "rust_version": "1.85", "v": 2, "features": {"default": ["x"]},
            "features2": {"x": ["dep:renamed"], "y": ["renamed?/z"]},
            "deps": [dep("b", "3", "build"), dep("dev", "0.1", "dev"), dep("other", "2", "normal"),
                dep("renamed", "^1", "normal")]});
        wanted["deps"][0]["target"] = "cfg(unix)".into();
        wanted["deps"][2]["registry"] = "sparse+https://example.com/".into();
        wanted["deps"][3]["optional"] = true.into();
        wanted["deps"][3]["default_features"] = false.into();
        wanted["deps"][3]["features"] = serde_json::json!(["f"]);
        wanted["deps"][3]["package"] = "real".into();
        assert_eq!(found, wanted);
    }
}
