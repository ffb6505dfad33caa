//! `bump`: new versions, written everywhere they stand.

use std::collections::BTreeMap;

use clap::Args;
use engine::{Cancel, printable};
use model::{Diagnostic, PackageId, Refresh, Version};
use rules::{BumpError, BumpInput, BumpPlan, Choice, Finding, FindingKind, Wish};
use serde_json::{Value, json};

use crate::app::Format;
use crate::command::check;
use crate::exit::{Failure, Kind};
use crate::history::prerelease_word;
use crate::project::Project;
use crate::rewrite;
use crate::terminal::table;
use crate::world::{World, workspace_error};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit bump minor
  releasekit bump 1.4.0 --group sdk
  releasekit bump prerelease --pre beta --package core --dry-run
  releasekit bump patch --all --no-lock

A level is counted from what was released last where the manifest is behind that (`check` tells),
and a version below it is refused.

Rewrites manifests, the requirements of those who would be left behind, and bump files; has lock
files brought up to date by their own tools; then checks the result. Members of a fixed group move
together. If anything fails, every file is as it was; what somebody else wrote meanwhile is kept.")]
pub(crate) struct Flags {
    /// How far: major, minor, patch, prerelease, or a version
    #[arg(value_name = "LEVEL|VERSION", value_parser = wish)]
    wish: Wish,
    /// A package, by name or as ECOSYSTEM/NAME; may be repeated
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// A group; may be repeated
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// Every package that is not private
    #[arg(long, conflicts_with_all = ["packages", "groups"])]
    all: bool,
    /// Make it a pre-release, called by this word
    #[arg(long, value_name = "WORD", value_parser = prerelease_word)]
    pre: Option<String>,
    /// Leave lock files as they are
    #[arg(long)]
    no_lock: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn wish(text: &str) -> Result<Wish, String> {
    Wish::parse(text)
        .ok_or_else(|| "write major, minor, patch, prerelease, or a version such as 1.4.0".to_owned())
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    if flags.pre.is_some() && matches!(flags.wish, Wish::Version(_)) {
        return Err(
            Failure::new(Kind::Usage, "`--pre` goes with a level, not with a version")
                .hint("write the whole version: 1.4.0-rc.1"),
        );
    }
    let project = Project::load(world)?;
    let choice = Choice {
        packages: flags.packages.clone(),
        groups: flags.groups.clone(),
        all: flags.all,
    };
    let released = released(world, &project);
    let mut plan = rules::bump(&BumpInput {
        adapters: &project.adapters,
        tree: &*project.tree.files,
        config: project.config.as_ref(),
        workspace: &project.workspace,
        released: &released,
        choice: &choice,
        wish: &flags.wish,
        pre: flags.pre.as_deref(),
    })
    .map_err(failure)?;
    let left = if flags.no_lock {
        std::mem::take(&mut plan.refreshes)
    } else {
        Vec::new()
    };
    warn_of_changes(world, &project, &plan)?;
    note_counted(world, &project, &plan, &released);
    if flags.dry_run {
        show(flags, world, &project, &plan, None)?;
        return Ok(Kind::Done);
    }
    let cancel = Cancel::default();
    crate::signals::watch(&cancel);
    let kept = rewrite::carry_out(world, &plan.files, &plan.refreshes, &cancel)?;
    let checked = match checked(world, &plan, &released, &left) {
        Ok(_) if cancel.is_cancelled() => {
            let end = kept.put_back(world);
            return Err(Failure::new(Kind::Interrupted, format!("stopped\n{end}")));
        }
        Ok(checked) if checked.ours.is_empty() => checked,
        Ok(checked) => {
            let end = kept.put_back(world);
            refuse(flags, world, &plan, &checked)?;
            world.terminal.say(&end);
            return Ok(Kind::Refused);
        }
        Err(failure) => {
            world.terminal.say(&kept.put_back(world));
            return Err(failure);
        }
    };
    show(flags, world, &project, &plan, Some(&checked))?;
    Ok(Kind::Done)
}

/// Says what of the result did not agree; it was taken back.
fn refuse(flags: &Flags, world: &World, plan: &BumpPlan, checked: &Checked) -> Result<(), Failure> {
    if flags.format == Format::Json {
        let mut value = as_json(plan, Some(checked));
        value["undone"] = true.into();
        return world.terminal.json(&value);
    }
    world
        .terminal
        .say("with the new versions, not everything that states them would agree");
    world
        .terminal
        .result(&check::words(&checked.project, &checked.ours))
}

fn failure(error: BumpError) -> Failure {
    match error {
        BumpError::Refused(diagnostics) => diagnostics.into(),
        BumpError::Choice(diagnostics) => Failure::about(Kind::Usage, diagnostics),
    }
}

/// The last released version of each package, with its tag.
type Released = BTreeMap<PackageId, (Version, String)>;

/// What was released, as `check` knows it. Where that cannot be known, it is said, and manifests alone count.
fn released(world: &World, project: &Project) -> Released {
    check::released(world, project, false).unwrap_or_else(|failure| {
        let message = format!("what was released is not known: {failure}");
        world.terminal.diagnose(&Diagnostic::warning(message, None));
        Released::new()
    })
}

/// Says which versions are not counted from their manifests.
fn note_counted(world: &World, project: &Project, plan: &BumpPlan, released: &Released) {
    for bumped in &plan.versions {
        if let Some((_, tag)) = released.get(&bumped.package).filter(|last| last.0 > bumped.from) {
            let name = project.workspace.display_name(&bumped.package);
            let note = format!("`{name}` says {}, and `{tag}` was released", bumped.from);
            world.terminal.note(&printable(&note));
        }
    }
}

/// A person asked for it, so it is done; but a person may have forgotten what is not committed yet.
fn warn_of_changes(world: &World, project: &Project, plan: &BumpPlan) -> Result<(), Failure> {
    let Some(vcs) = &project.adapters.vcs else {
        return Ok(());
    };
    let locks = plan.refreshes.iter().map(|refresh| &refresh.lock);
    let files: Vec<&String> = plan.files.keys().chain(locks).collect();
    for changed in vcs.changed_files().map_err(workspace_error)? {
        if files.contains(&&changed) {
            let message = format!(
                "`{changed}` has changes that are not committed; the new version is written beside them"
            );
            world.terminal.diagnose(&Diagnostic::warning(message, None));
        }
    }
    Ok(())
}

/// What the check of the result says.
struct Checked {
    project: Project,
    /// About the packages that were bumped.
    ours: Vec<Finding>,
    /// About others.
    others: usize,
}

/// Checks what was written, from the files as they are now. Lock files that were `left` alone are let off.
fn checked(
    world: &World,
    plan: &BumpPlan,
    released: &Released,
    left: &[Refresh],
) -> Result<Checked, Failure> {
    let project = Project::load(world)?;
    let is_bumped = |id: &PackageId| plan.versions.iter().any(|bumped| bumped.package == *id);
    let is_left = |finding: &Finding| {
        finding.kind == FindingKind::Lock && left.iter().any(|refresh| refresh.lock == finding.file)
    };
    let findings = check::findings(world, &project, released)?;
    let (ours, others): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .filter(|finding| !is_left(finding))
        .partition(|finding| is_bumped(&finding.package));
    for refresh in left {
        world.terminal.note(&format!(
            "`{}` was left alone: `{}` brings it up to date",
            refresh.lock,
            refresh.online.argv.join(" ")
        ));
    }
    Ok(Checked {
        others: others.len(),
        project,
        ours,
    })
}

fn show(
    flags: &Flags,
    world: &World,
    project: &Project,
    plan: &BumpPlan,
    checked: Option<&Checked>,
) -> Result<(), Failure> {
    match flags.format {
        Format::Json => world.terminal.json(&as_json(plan, checked)),
        Format::Text => words(world, project, plan, checked),
    }
}

fn as_json(plan: &BumpPlan, checked: Option<&Checked>) -> Value {
    let packages: Vec<Value> = plan
        .versions
        .iter()
        .map(|bumped| {
            json!({
                "name": bumped.package.name, "ecosystem": bumped.package.ecosystem,
                "from": bumped.from.to_string(), "to": bumped.to.to_string(),
            })
        })
        .collect();
    let locks: Vec<Value> = plan
        .refreshes
        .iter()
        .map(|refresh| json!({"file": refresh.lock, "command": refresh.online.argv, "folder": refresh.online.workdir}))
        .collect();
    let files: Vec<&String> = plan.files.keys().collect();
    let mut value = json!({
        "schema": "releasekit.bump/1", "dry_run": checked.is_none(), "packages": packages, "files": files, "locks": locks,
    });
    match checked {
        Some(checked) => value["check"] = check::as_json(&checked.project, &checked.ours),
        None => value["diff"] = diff(plan).into(),
    }
    value
}

/// What changes, as a patch that `git apply` takes.
fn diff(plan: &BumpPlan) -> String {
    let files = plan.files.iter().map(|(path, text)| {
        let path = printable(path);
        format!(
            "--- a/{path}\n+++ b/{path}\n{}",
            rules::diff(&text.old, &text.new)
        )
    });
    files.collect()
}

fn words(
    world: &World,
    project: &Project,
    plan: &BumpPlan,
    checked: Option<&Checked>,
) -> Result<(), Failure> {
    let row = |bumped: &rules::Bumped| {
        vec![
            project.workspace.display_name(&bumped.package),
            bumped.from.to_string(),
            bumped.to.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = plan.versions.iter().map(row).collect();
    let versions = table(&["PACKAGE", "FROM", "TO"], &rows);
    let Some(checked) = checked else {
        world.terminal.note(versions.trim_end());
        for refresh in &plan.refreshes {
            let command = refresh.online.argv.join(" ");
            world
                .terminal
                .note(&format!("`{}` would follow by `{command}`", refresh.lock));
        }
        return world.terminal.result(&diff(plan));
    };
    world.terminal.result(&versions)?;
    let locks = plan.refreshes.iter().map(|refresh| &refresh.lock);
    for file in plan.files.keys().chain(locks) {
        world.terminal.note(&format!("wrote {file}"));
    }
    world
        .terminal
        .note("checked: everything that states these versions agrees");
    if checked.others > 0 {
        world
            .terminal
            .note("other packages do not agree either: `releasekit check` shows it");
    }
    Ok(())
}
