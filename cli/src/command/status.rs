//! `status`: every package's versions in its manifest, its tags and its registry, and what is unreleased.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use model::{Bump, Package, PackageId, TrainDecl, Version};
use rules::PlannedVersion;
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::project::{Project, Shown};
use crate::registries::OpenedRegistries;
use crate::terminal::table;
use crate::world::{World, workspace_error};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit status
  releasekit status --to-directory out     compare with what was published into folders
  releasekit status --format json

Every package is shown as the first train that takes it releases it; those that none takes are not released.
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
struct Row {
    package: PackageId,
    name: String,
    /// Why nobody releases it, or what is planned.
    plan: Result<PlannedVersion, &'static str>,
    /// The manifest's version as it is written there.
    manifest: String,
    /// The greatest version its registry has; `None` if it has none or is not looked at.
    registry: Option<Version>,
    mismatch: Option<String>,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    project.warn_of_nothing(world);
    let trains = project.shown_trains(flags.versions.train.as_deref())?;
    let mut rows = Vec::new();
    let mut head = None;
    for (number, (train, shown)) in trains.iter().enumerate() {
        let versions = VersionFlags {
            set: set(&flags.versions.set, &project, &trains, number)?,
            ..flags.versions.clone()
        };
        let mut history = History::of(world, &project, train, &versions)?;
        if let Some(shown) = shown {
            history
                .versions
                .retain(|version| shown.contains(&version.package));
        }
        rows.extend(released(flags, world, &project, train, history.versions)?);
        head = Some(history.head);
    }
    if flags.versions.train.is_none() {
        rows.extend(unreleased(&project, &rows));
        rows.sort_by(|one, other| one.package.cmp(&other.package));
    }
    match flags.format {
        Format::Json => {
            let head = head.as_ref();
            let packages: Vec<Value> = rows.iter().map(Row::json).collect();
            world.terminal.json(&json!({
                "schema": "releasekit.status/1", "commit": head.and_then(|head| Some(&head.commit.as_ref()?.0)),
                "branch": head.and_then(|head| head.branch.as_ref()), "packages": packages,
            }))?;
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

/// What `--set` says of the packages that are shown with a train; the first also hears of those that nobody releases.
fn set(
    all: &[(String, Version)],
    project: &Project,
    trains: &[Shown<'_>],
    number: usize,
) -> Result<Vec<(String, Version)>, Failure> {
    let mut ours = Vec::new();
    for (name, version) in all {
        let id = project.package(name)?;
        let is_shown = |(_, shown): &Shown<'_>| shown.as_ref().is_none_or(|shown| shown.contains(&id));
        if trains.iter().position(is_shown).unwrap_or_default() == number {
            ours.push((name.clone(), version.clone()));
        }
    }
    Ok(ours)
}

/// The packages that a train releases.
fn released(
    flags: &Flags,
    world: &World,
    project: &Project,
    train: &TrainDecl,
    versions: Vec<PlannedVersion>,
) -> Result<Vec<Row>, Failure> {
    let registries = OpenedRegistries::new(world, project, train, flags.to_directory.as_deref())?;
    let is_asked = flags.to_directory.is_some() || project.config.is_some();
    let mut rows = Vec::new();
    for version in versions {
        let id = &version.package;
        let registry = if is_asked { registries.of_folder(id)? } else { None };
        let registry = registry
            .map(|registry| registry.versions(id))
            .transpose()
            .map_err(workspace_error)?;
        let package = project.workspace.get(id);
        let is_placeholder = package.is_some_and(rules::is_placeholder);
        rows.push(Row {
            package: id.clone(),
            name: project.workspace.display_name(id),
            manifest: package.map_or_else(|| version.manifest.to_string(), written),
            mismatch: mismatch(&version, is_placeholder, registry.as_deref()),
            registry: registry.and_then(|versions| versions.last().cloned()),
            plan: Ok(version),
        });
    }
    Ok(rows)
}

/// The packages that are in no row, which nobody releases.
fn unreleased(project: &Project, rows: &[Row]) -> Vec<Row> {
    let known: BTreeSet<&PackageId> = rows.iter().map(|row| &row.package).collect();
    let others = project.packages().filter(|package| !known.contains(&package.id));
    let row = |package: &Package| Row {
        package: package.id.clone(),
        name: project.workspace.display_name(&package.id),
        manifest: written(package),
        mismatch: None,
        registry: None,
        plan: Err(rules::why_unreleased(project.config.as_ref(), package)),
    };
    others.map(row).collect()
}

/// A manifest's version as it is written there.
fn written(package: &Package) -> String {
    if package.written_version.is_empty() {
        return package.version.to_string();
    }
    package.written_version.clone()
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

impl Row {
    fn state(&self) -> &'static str {
        let Ok(version) = &self.plan else {
            return "not released";
        };
        match (version.bump, version.released_at_head) {
            (Bump::None, true) => "released from this commit",
            (Bump::None, false) => "nothing to release",
            (Bump::Initial, _) => "never released",
            _ => "to be released",
        }
    }

    fn json(&self) -> Value {
        let (plan, why) = (self.plan.as_ref().ok(), self.plan.as_ref().err());
        json!({
            "name": self.name,
            "ecosystem": self.package.ecosystem,
            "manifest": self.manifest,
            "tag": plan.and_then(|plan| plan.last_tag.as_ref()),
            "released": plan.and_then(|plan| Some(plan.current.as_ref()?.to_string())),
            "registry": self.registry.as_ref().map(ToString::to_string),
            "unreleased_commits": plan.map(|plan| plan.commits.len()),
            "next": plan.map(|plan| plan.next.to_string()),
            "bump": plan.map(|plan| plan.bump.as_str()),
            "channel": plan.map(|plan| &plan.channel),
            "state": self.state(),
            "why_not": why,
            "mismatch": self.mismatch,
            "warnings": plan.map_or(&[][..], |plan| &plan.warnings),
        })
    }

    fn cells(&self) -> Vec<String> {
        let dash = || "-".to_owned();
        let version = match &self.plan {
            Ok(version) => version,
            Err(why) => {
                let state = format!("{} ({why})", self.state());
                return vec![
                    self.name.clone(),
                    self.manifest.clone(),
                    dash(),
                    dash(),
                    dash(),
                    dash(),
                    state,
                ];
            }
        };
        let state = match &self.mismatch {
            Some(mismatch) => format!("{}; mismatch: {mismatch}", self.state()),
            None => self.state().to_owned(),
        };
        vec![
            self.name.clone(),
            self.manifest.clone(),
            version.last_tag.clone().unwrap_or_else(dash),
            self.registry.as_ref().map_or_else(dash, ToString::to_string),
            version.commits.len().to_string(),
            version.next.to_string(),
            state,
        ]
    }
}
