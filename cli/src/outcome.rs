//! How a run ended: what was sealed, what was published, in words and as JSON.

use std::collections::BTreeMap;

use cas::Digest;
use engine::{Journal, Outcome, Output, Record, Results, StepError, printable};
use model::PackageId;
use rules::Stage;
use serde_json::{Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::plan::Prepared;
use crate::promised::Built;
use crate::terminal::table;
use crate::world::World;

/// How the command ends.
pub(crate) fn kind(results: &Results, interrupted: bool) -> Kind {
    let counts = results.counts();
    if results.iter().any(|(_, finished)| finished.conflict) {
        Kind::Conflict
    } else if interrupted && counts.skipped + counts.failed > 0 {
        Kind::Interrupted
    } else if counts.failed + counts.skipped > 0 || results.stopped().is_some() {
        Kind::Failed
    } else {
        Kind::Done
    }
}

/// The ending as a word.
pub(crate) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Done => "done",
        Kind::Conflict => "conflict",
        Kind::Interrupted => "interrupted",
        _ => "failed",
    }
}

/// Writes down exactly what may be published, before anything is: the hand-over between the two stages.
pub(crate) fn seal(
    world: &World,
    prepared: &Prepared,
    journal: Option<&Journal>,
    built: &Built,
) -> Result<(), StepError> {
    let commit = prepared
        .history
        .commit()
        .map(|commit| commit.0.clone())
        .unwrap_or_default();
    let bytes = rules::seal(&commit, &prepared.versions, built);
    let digest = Digest::of(&bytes);
    let path = world.state("releases").join(format!("{}.json", digest.short()));
    let failed = |error: &dyn std::fmt::Display| StepError::new(format!("cannot seal the release: {error}"));
    if !path.exists() {
        std::fs::create_dir_all(world.state("releases")).map_err(|error| failed(&error))?;
        cas::write_atomically(&path, &bytes).map_err(|error| failed(&error))?;
    }
    match journal {
        Some(journal) => journal
            .append(Record::Sealed {
                run: prepared.run.clone(),
                digest,
            })
            .map_err(|error| failed(&error)),
        None => Ok(()),
    }
}

/// The artifacts of every package whose build succeeded.
pub(crate) fn built(world: &World, prepared: &Prepared, results: &Results) -> Result<Built, StepError> {
    let mut built = BTreeMap::new();
    for (package, actions) in &prepared.packages {
        let builds = actions
            .iter()
            .filter(|id| prepared.graph.action(**id).mnemonic == rules::BUILD)
            .filter_map(|id| results.result(*id));
        for result in builds {
            let files = artifact_files(world, result)?;
            built.insert(package.clone(), files);
        }
    }
    Ok(built)
}

fn artifact_files(
    world: &World,
    result: &engine::ActionResult,
) -> Result<BTreeMap<String, Digest>, StepError> {
    let lost =
        || StepError::new("an artifact is gone from the cache").hint("run it again: it will be built again");
    let disk = world
        .disk()
        .map_err(|failure| StepError::new(failure.to_string()))?;
    let mut files = BTreeMap::new();
    for (path, output) in &result.outputs {
        match output {
            Output::File { digest, .. } => {
                let name = path.rsplit('/').next().unwrap_or(path);
                files.insert(name.to_owned(), *digest);
            }
            Output::Tree { root, .. } => {
                let entries =
                    cas::read_tree(&*disk, *root).map_err(|error| StepError::new(error.to_string()))?;
                for entry in entries.ok_or_else(lost)? {
                    if let cas::TreeNode::File { digest, .. } = entry.node {
                        files.insert(entry.path, digest);
                    }
                }
            }
        }
    }
    Ok(files)
}

/// Shows that nothing changed since all actions were done.
pub(crate) fn show_unchanged(world: &World, actions: u64, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => world.terminal.json(&json!({
            "schema": "releasekit.build/1",
            "outcome": if actions == 0 { "nothing" } else { "done" },
            "actions": {"cached": actions, "executed": 0, "confirmed": 0, "skipped": 0, "failed": 0},
            "published": [],
            "details": [],
        })),
        Format::Text => {
            world
                .terminal
                .note(&format!("{actions} actions: nothing changed"));
            Ok(())
        }
    }
}

/// Shows how the run ended.
pub(crate) fn show(
    world: &World,
    prepared: &Prepared,
    stage: Stage,
    results: &Results,
    kind: Kind,
    format: Format,
) -> Result<(), Failure> {
    let published = if stage == Stage::Publish {
        published(world, prepared, results)?
    } else {
        Vec::new()
    };
    match format {
        Format::Json => world
            .terminal
            .json(&report(prepared, stage, results, kind, &published)),
        Format::Text => {
            if let Some(reason) = results.stopped() {
                let what = if has_sent(world, prepared)? {
                    "the release was stopped"
                } else {
                    "nothing was published"
                };
                world.terminal.say(&format!("{what}: {reason}"));
            }
            let text = if stage == Stage::Publish {
                publish_words(&published)
            } else {
                build_words(prepared, results)
            };
            world.terminal.result(&text)?;
            if kind != Kind::Done {
                world
                    .terminal
                    .note("run the same command again to go on from here");
            }
            Ok(())
        }
    }
}

/// Whether anything of this release was ever sent, or about to be.
fn has_sent(world: &World, prepared: &Prepared) -> Result<bool, Failure> {
    let records = Journal::read(&world.state("journal"))?;
    let is_ours = |record: &&Record| record.run() == prepared.run;
    let is_sent = |record: &Record| matches!(record, Record::Intent { .. } | Record::Receipt { .. });
    Ok(records.iter().filter(is_ours).any(is_sent))
}

struct Published {
    name: String,
    version: String,
    registry: String,
    files: BTreeMap<String, Digest>,
}

/// The packages whose files are certain to be where they belong.
fn published(world: &World, prepared: &Prepared, results: &Results) -> Result<Vec<Published>, Failure> {
    let built = built(world, prepared, results).map_err(|error| Failure::step(Kind::Failed, error))?;
    let is_published = |package: &PackageId| {
        let actions = prepared.packages.get(package).map_or(&[][..], Vec::as_slice);
        let mut publishing = actions
            .iter()
            .filter(|id| prepared.graph.action(**id).mnemonic == rules::PUBLISH)
            .peekable();
        publishing.peek().is_some()
            && publishing.all(|id| results.outcome(*id).is_some_and(Outcome::is_success))
    };
    let entry = |version: &rules::PlannedVersion| {
        let files = built.get(&version.package)?.clone();
        let registry = prepared.registries.get(&version.package)?;
        is_published(&version.package).then(|| Published {
            name: version.package.name.clone(),
            version: version.next.to_string(),
            registry: registry.identity(),
            files,
        })
    };
    Ok(prepared.versions.iter().filter_map(entry).collect())
}

fn report(
    prepared: &Prepared,
    stage: Stage,
    results: &Results,
    kind: Kind,
    published: &[Published],
) -> Value {
    let schema = match stage {
        Stage::Build => "releasekit.build/1",
        Stage::Publish => "releasekit.publish/1",
    };
    // Cached actions are only counted: there may be ten thousand of them.
    let worth_telling = results
        .iter()
        .filter(|(_, finished)| finished.outcome != Outcome::Cached);
    let details: Vec<Value> = worth_telling
        .map(|(id, finished)| {
            let action = prepared.graph.action(id);
            json!({
                "id": action.name, "package": action.owner, "outcome": finished.outcome.as_str(),
                "message": finished.message, "hint": finished.hint,
            })
        })
        .collect();
    let packages: Vec<Value> = published
        .iter()
        .map(|one| {
            let files: Vec<Value> = one
                .files
                .iter()
                .map(|(name, digest)| json!({"name": name, "sha256": digest.hex()}))
                .collect();
            json!({"name": one.name, "version": one.version, "registry": one.registry, "files": files})
        })
        .collect();
    let counts = results.counts();
    let nothing = results.iter().next().is_none();
    json!({
        "schema": schema,
        "release": prepared.run,
        "outcome": if nothing { "nothing" } else { word(kind) },
        "actions": {
            "cached": counts.cached, "executed": counts.executed, "confirmed": counts.confirmed,
            "skipped": counts.skipped, "failed": counts.failed,
        },
        "published": packages,
        "details": details,
    })
}

fn publish_words(published: &[Published]) -> String {
    if published.is_empty() {
        return "Nothing is published in this release.".to_owned();
    }
    let mut rows = Vec::new();
    for one in published {
        for (name, digest) in &one.files {
            rows.push(vec![
                one.name.clone(),
                one.version.clone(),
                name.clone(),
                digest.short(),
                one.registry.clone(),
            ]);
        }
    }
    table(&["PACKAGE", "VERSION", "FILE", "SHA-256", "IN"], &rows)
}

fn build_words(prepared: &Prepared, results: &Results) -> String {
    let mut places = Vec::new();
    for (id, finished) in results.iter() {
        let action = prepared.graph.action(id);
        if finished.outcome.is_success() && action.mnemonic == rules::BUILD {
            places.extend(action.deliver.values().cloned());
        }
    }
    printable(&places.join("\n"))
}
