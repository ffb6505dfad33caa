//! What changesets was told, as far as a new RELEASE.star can say it.

use globset::Glob;
use model::{Diagnostic, Location, PackageId, Workspace};
use serde_json::Value;

/// What `.changeset/config.json` and `.changeset/pre.json` say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changesets {
    /// Packages that always have one version.
    pub fixed: Vec<Vec<PackageId>>,
    /// What else a person should know, as sentences.
    pub remarks: Vec<String>,
}

impl Changesets {
    /// Reads the two files, each a path and its text; the second is there while a pre-release is open.
    ///
    /// # Errors
    /// One is no JSON.
    pub fn read(
        config: (&str, &str),
        pre: Option<(&str, &str)>,
        workspace: &Workspace,
    ) -> Result<Self, Diagnostic> {
        let (path, config) = (config.0, json(config)?);
        let lists = |key: &str| config[key].as_array().cloned().unwrap_or_default();
        let mut remarks = Vec::new();
        if lists("linked")
            .iter()
            .any(|list| !named(list, workspace).is_empty())
        {
            remarks.push(format!(
                "`linked` in `{path}` has no counterpart here: those packages have versions of their own, unless they are in \
                 one group with `versioning = \"fixed\"`."
            ));
        }
        let ignored = named(&config["ignore"], workspace);
        if !ignored.is_empty() {
            let names: Vec<String> = ignored.iter().map(|id| format!("`{}`", id.name)).collect();
            remarks.push(format!(
                "`ignore` in `{path}` leaves out {}: here `skip = True` in the declaration of a package does that.",
                names.join(", ")
            ));
        }
        let pre = pre.map(json).transpose()?.unwrap_or_default();
        if let (Some("pre"), Some(tag)) = (pre["mode"].as_str(), pre["tag"].as_str()) {
            remarks.push(format!(
                "A pre-release is open (`changeset pre enter {tag}`): `releasekit publish --channel {}` goes on with it.",
                channel(tag)
            ));
        }
        let fixed = lists("fixed").iter().map(|list| named(list, workspace)).collect();
        Ok(Self { fixed, remarks })
    }
}

/// What the command line has to say for a word in pre-releases.
fn channel(tag: &str) -> String {
    let is_known = crate::legal_channel(tag).is_ok() && crate::channel::is_known(tag);
    if is_known {
        tag.to_owned()
    } else {
        format!("next --prerelease {tag}")
    }
}

/// The packages that a list names, which may hold patterns such as `@acme/*`.
fn named(list: &Value, workspace: &Workspace) -> Vec<PackageId> {
    let patterns: Vec<&str> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_named = |name: &str| {
        patterns.iter().any(|pattern| {
            let glob = Glob::new(pattern).map(|glob| glob.compile_matcher());
            *pattern == name || glob.is_ok_and(|glob| glob.is_match(name))
        })
    };
    let is_npm = |id: &PackageId| matches!(id.ecosystem.as_str(), "npm" | "pnpm");
    let packages = workspace.packages().filter(|package| !package.private);
    let ids = packages.map(|package| &package.id);
    ids.filter(|id| is_npm(id) && is_named(&id.name))
        .cloned()
        .collect()
}

fn json((path, text): (&str, &str)) -> Result<Value, Diagnostic> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text)
        .map_err(|error| Diagnostic::error(format!("this is no JSON: {error}"), Location::file(path)))
}
