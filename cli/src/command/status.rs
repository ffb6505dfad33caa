//! `status`: every package's versions in its manifest, its tags and its registry, and what is unreleased.

use std::path::PathBuf;

use clap::Args;
use model::{Bump, TrainDecl, Version};
use rules::PlannedVersion;
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::project::Project;
use crate::registries::OpenedRegistries;
use crate::terminal::table;
use crate::world::{World, workspace_error};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit status
  releasekit status --to-directory out     compare with what was published into folders
  releasekit status --format json

A mismatch is said where manifest, tags and registry do not agree on what was released last.")]
pub(crate) struct Flags {
    #[command(flatten)]
    versions: VersionFlags,
    /// Look at the folders under DIR instead of any registry
    #[arg(long, value_name = "DIR")]
    to_directory: Option<PathBuf>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is known of one package.
struct Row<'a> {
    name: String,
    version: &'a PlannedVersion,
    /// The manifest's version as it is written there.
    manifest: String,
    /// The greatest version its registry has; `None` if it has none or is not looked at.
    registry: Option<Version>,
    mismatch: Option<String>,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    let train = project.train_or_default(flags.versions.train.as_deref())?;
    let history = History::of(world, &project, &train, &flags.versions)?;
    let rows = rows(flags, world, &project, &train, &history)?;
    match flags.format {
        Format::Json => {
            let head = history.commit().map(|commit| commit.0.clone());
            let packages: Vec<Value> = rows.iter().map(Row::json).collect();
            let value = json!({
                "schema": "releasekit.status/1", "commit": head, "branch": history.head.branch, "packages": packages,
            });
            world.terminal.json(&value)?;
        }
        Format::Text => {
            let header = [
                "PACKAGE",
                "MANIFEST",
                "LAST TAG",
                "REGISTRY",
                "UNRELEASED",
                "NEXT",
                "STATE",
            ];
            let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
            world.terminal.result(&table(&header, &cells))?;
        }
    }
    Ok(Kind::Done)
}

fn rows<'a>(
    flags: &Flags,
    world: &World,
    project: &Project,
    train: &TrainDecl,
    history: &'a History,
) -> Result<Vec<Row<'a>>, Failure> {
    let registries = OpenedRegistries::new(world, project, train, flags.to_directory.as_deref())?;
    let is_asked = flags.to_directory.is_some() || project.config.is_some();
    let mut rows = Vec::new();
    for version in &history.versions {
        let id = &version.package;
        let registry = match is_asked.then(|| registries.of(id)) {
            // A remote registry is not asked by this version.
            None | Some(Err(_)) => None,
            Some(Ok(registry)) => Some(registry.versions(id).map_err(workspace_error)?),
        };
        let package = project.workspace.get(id);
        let written = package.map(|package| package.written_version.clone());
        let is_placeholder = package.is_some_and(rules::is_placeholder);
        rows.push(Row {
            name: project.workspace.display_name(id),
            version,
            manifest: written
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| version.manifest.to_string()),
            mismatch: mismatch(version, is_placeholder, registry.as_deref()),
            registry: registry.and_then(|versions| versions.last().cloned()),
        });
    }
    Ok(rows)
}

/// Where manifest, tags and registry disagree, in words. `published` is what the registry has, if it was asked.
/// A placeholder in the manifest agrees with everything.
fn mismatch(version: &PlannedVersion, is_placeholder: bool, published: Option<&[Version]>) -> Option<String> {
    let tagged = version.current.as_ref();
    let published = published.filter(|published| !published.is_empty());
    let greatest = published.and_then(|published| published.last());
    match (tagged, greatest) {
        (None, Some(greatest)) => Some(format!("{greatest} is published and not tagged")),
        (Some(tagged), Some(greatest)) if greatest > tagged => {
            Some(format!("{greatest} is published, and the last tag is {tagged}"))
        }
        (Some(tagged), Some(_)) if published.is_some_and(|published| !published.contains(tagged)) => {
            Some(format!("{tagged} is tagged and not published"))
        }
        (Some(tagged), _) if !is_placeholder && version.manifest < *tagged => {
            Some(format!("the manifest is behind the tag {tagged}"))
        }
        _ => None,
    }
}

impl Row<'_> {
    fn state(&self) -> &'static str {
        match (self.version.bump, self.version.released_at_head) {
            (Bump::None, true) => "released from this commit",
            (Bump::None, false) => "nothing to release",
            (Bump::Initial, _) => "never released",
            _ => "to be released",
        }
    }

    fn json(&self) -> Value {
        let version = self.version;
        json!({
            "name": self.name,
            "ecosystem": version.package.ecosystem,
            "manifest": self.manifest,
            "tag": version.last_tag,
            "released": version.current.as_ref().map(ToString::to_string),
            "registry": self.registry.as_ref().map(ToString::to_string),
            "unreleased_commits": version.commits.len(),
            "next": version.next.to_string(),
            "bump": version.bump.as_str(),
            "channel": version.channel,
            "state": self.state(),
            "mismatch": self.mismatch,
            "warnings": version.warnings,
        })
    }

    fn cells(&self) -> Vec<String> {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let state = match &self.mismatch {
            Some(mismatch) => format!("{}; mismatch: {mismatch}", self.state()),
            None => self.state().to_owned(),
        };
        vec![
            self.name.clone(),
            self.manifest.clone(),
            or_dash(self.version.last_tag.clone()),
            or_dash(self.registry.as_ref().map(ToString::to_string)),
            self.version.commits.len().to_string(),
            self.version.next.to_string(),
            state,
        ]
    }
}
