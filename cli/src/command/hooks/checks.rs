//! What the hooks check before a commit: its files, and its message.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Diagnostic, Location};

use crate::command::check;
use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::{World, workspace_error};

/// Where git's comments in a message begin to be all that follows, after the mark of a comment.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// Static versions have to agree in what is about to be committed; what else is in the working tree does not count.
pub(super) fn pre_commit(world: &World) -> Result<Kind, Failure> {
    let project = Project::load_from(world, world.staged()?)?;
    if project.config.is_none() {
        return Ok(Kind::Done);
    }
    let wrong = versions_that_drifted(world, &project)?;
    if wrong.is_empty() {
        Ok(Kind::Done)
    } else {
        Err(Failure::about(Kind::Refused, wrong))
    }
}

/// Every version that is not what it has to be. What was released before is not looked at: a commit may well come
/// before its release.
fn versions_that_drifted(world: &World, project: &Project) -> Result<Vec<Diagnostic>, Failure> {
    let findings = check::findings(world, project, &BTreeMap::new())?;
    let diagnostic = |finding: &rules::Finding| {
        let name = project.workspace.display_name(&finding.package);
        let message = match finding.kind {
            rules::FindingKind::Requirement => {
                format!(
                    "{} is required, which `{name}` at {} does not satisfy",
                    finding.found, finding.expected
                )
            }
            _ if finding.found.is_empty() => {
                format!(
                    "`{name}` is at no version here, and has to be at {}",
                    finding.expected
                )
            }
            _ => format!(
                "`{name}` is at {} here, and has to be at {}",
                finding.found, finding.expected
            ),
        };
        let place = Location {
            line: finding.line,
            ..Location::file(&*finding.file)
        };
        Diagnostic::error(message, place).hint(hint(world, project, finding))
    };
    Ok(findings.iter().map(diagnostic).collect())
}

/// What to do about a finding: where the file was put right and not staged, another hint would mislead.
fn hint(world: &World, project: &Project, finding: &rules::Finding) -> String {
    let file = &*finding.file;
    let here = std::fs::read_to_string(world.root.join(file)).ok();
    if here == project.tree.files.read(file).ok() {
        return finding.hint.clone();
    }
    format!(
        "what is staged of `{file}` is not what is in the working tree; `git add` it if it is right there, or else: {}",
        finding.hint
    )
}

/// A message has to say what changed.
pub(super) fn commit_msg(world: &World, file: &Path) -> Result<Kind, Failure> {
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::new(Kind::Usage, format!("cannot read `{}`: {error}", file.display()))
            .hint("git passes the file that holds the message")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let mark = adapters::comment_mark(&world.root, world.env.clone()).map_err(workspace_error)?;
    let is_end = |line: &str| line.strip_prefix(mark.as_str()) == Some(SCISSORS);
    let message: Vec<&str> = text
        .lines()
        .take_while(|line| !is_end(line))
        .filter(|line| !line.starts_with(mark.as_str()))
        .collect();
    let message = message.join("\n");
    // git itself refuses an empty one, unless it was told not to.
    if message.trim().is_empty() {
        return Ok(Kind::Done);
    }
    match rules::check_message(&message) {
        Ok(()) => Ok(Kind::Done),
        Err(diagnostic) => Err(Failure::about(Kind::Refused, vec![diagnostic])),
    }
}
