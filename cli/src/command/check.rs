//! `check`: whether everything that states a version states the same one.

use std::collections::BTreeMap;

use clap::Args;
use engine::printable;
use model::{PackageId, Version};
use rules::{CheckInput, Finding, FindingKind};
use serde_json::{Value, json};

use crate::app::Format;
use crate::command::version_plan;
use crate::exit::{Failure, Kind};
use crate::history::{Committed, History, VersionFlags};
use crate::project::Project;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit check
  releasekit check --format json

Looks at manifests, lock files, fixed groups, bump files, what packages of the repository require of
one another, and the last tags. Exits with 4 if something does not agree. Placeholder versions such
as 0.0.0 agree with everything.")]
pub(crate) struct Flags {
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    if let Some(config) = &project.config {
        let lacking = rules::lacking(config, &project.workspace);
        if !lacking.is_empty() {
            return Err(lacking.into());
        }
    }
    let findings = findings(world, &project, &released(world, &project, true)?)?;
    match flags.format {
        Format::Json => world.terminal.json(&as_json(&project, &findings))?,
        Format::Text if findings.is_empty() => world.terminal.note(&agreement(&project)),
        Format::Text => world.terminal.result(&words(&project, &findings))?,
    }
    Ok(if findings.is_empty() {
        Kind::Done
    } else {
        Kind::Refused
    })
}

/// Everything that does not agree.
pub(crate) fn findings(
    world: &World,
    project: &Project,
    released: &BTreeMap<PackageId, (Version, String)>,
) -> Result<Vec<Finding>, Failure> {
    let tree = &*project.tree.files;
    for package in project.packages() {
        if !project
            .adapters
            .version_files
            .contains_key(&*package.id.ecosystem)
        {
            world.terminal.note(&format!(
                "`{}` is not looked at: nobody here knows where its versions stand",
                package.id
            ));
        }
    }
    let mentions = rules::mentions(&project.adapters, tree, &project.workspace)?;
    Ok(rules::check(&CheckInput {
        adapters: &project.adapters,
        tree,
        config: project.config.as_ref(),
        workspace: &project.workspace,
        mentions: &mentions,
        released,
    }))
}

/// The last released version of each package that a train releases. Where history cannot be read (a shallow clone has
/// none), that is said, and files are compared with one another only. `is_told`: with what a person should know about
/// the next versions.
pub(crate) fn released(
    world: &World,
    project: &Project,
    is_told: bool,
) -> Result<BTreeMap<PackageId, (Version, String)>, Failure> {
    let mut released = BTreeMap::new();
    for (train, shown) in project.shown_trains(None)? {
        let plans = version_plan::plans(&*project.tree.files, &train.plans_dir)?;
        let committed = match Committed::read(project, &train, plans) {
            Ok(committed) => committed,
            Err(failure) => {
                let warning = format!("warning: what was released is not known: {failure}");
                world.terminal.note(&warning);
                return Ok(BTreeMap::new());
            }
        };
        let history = History::planned(world, project, &train, &VersionFlags::default(), committed)?;
        if is_told {
            history.warn(world);
        }
        for version in history.versions {
            let is_shown = shown
                .as_ref()
                .is_none_or(|shown| shown.contains(&version.package));
            if let (true, Some(current), Some(tag)) = (is_shown, version.current, version.last_tag) {
                released.insert(version.package, (current, tag));
            }
        }
    }
    Ok(released)
}

fn agreement(project: &Project) -> String {
    match project.packages().count() {
        0 => "there are no packages".to_owned(),
        1 => "everything that states the version of the package agrees".to_owned(),
        count => format!("everything that states a version of the {count} packages agrees"),
    }
}

pub(crate) fn as_json(project: &Project, findings: &[Finding]) -> Value {
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "kind": finding.kind.as_str(),
                "file": finding.file,
                "line": finding.line,
                "place": finding.place,
                "package": project.workspace.display_name(&finding.package),
                "found": finding.found,
                "expected": finding.expected,
                "hint": finding.hint,
            })
        })
        .collect();
    json!({"schema": "releasekit.check/1", "ok": findings.is_empty(), "findings": findings})
}

/// The findings by kind, each with its place, and what to do after those it is good for.
pub(crate) fn words(project: &Project, findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut hints: Vec<&str> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| findings[index].kind);
        if before != Some(finding.kind) {
            text.push_str(heading(finding.kind));
            text.push('\n');
        }
        let name = project.workspace.display_name(&finding.package);
        let line = if finding.line > 0 {
            format!(":{}", finding.line)
        } else {
            String::new()
        };
        let place = if finding.place.is_empty() {
            String::new()
        } else {
            format!(" {}", finding.place)
        };
        let found = if finding.found.is_empty() {
            "nothing"
        } else {
            &finding.found
        };
        let should = match finding.kind {
            FindingKind::Requirement => format!("which `{name}` does not satisfy"),
            _ => format!("not {} ({name})", finding.expected),
        };
        let said = format!("  {}{line}{place}: {found}, {should}\n", finding.file);
        text.push_str(&printable(&said));
        if !hints.contains(&&*finding.hint) {
            hints.push(&finding.hint);
        }
        if findings.get(index + 1).map(|next| next.kind) != Some(finding.kind) {
            for hint in hints.drain(..) {
                text.push_str(&printable(&format!("  hint: {hint}\n")));
            }
        }
    }
    text
}

const fn heading(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Lock => "Lock files that repeat another version:",
        FindingKind::Group => "Members of a group that have one version, and do not:",
        FindingKind::BumpFile => "Bump files:",
        FindingKind::Requirement => "Requirements that the present versions do not satisfy:",
        FindingKind::Behind => "Manifests behind what was released:",
    }
}
