//! Refuses releases that would be wrong beside other releases: pre-releases of what is out, releases of what is not
//! ready, and numbers that cannot be counted on.

use model::{Bump, Diagnostic, Line};

use super::Facts;
use super::course::{Course, Why};
use super::propagate::Decided;

/// Diagnostics about what was decided.
pub(super) fn check(facts: &Facts<'_>, decided: &Decided) -> Vec<Diagnostic> {
    let all = (0..facts.packages.len()).filter(|index| facts.settings[*index].is_released);
    let one = |index: usize| {
        if !decided.is_released[index] {
            return ended(facts, decided, index);
        }
        overtaken(facts, decided, index).or_else(|| unready(facts, decided, index))
    };
    all.filter_map(one).collect()
}

/// The version has to grow and cannot.
fn ended(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<Diagnostic> {
    let Course::Grows(bump) = decided.courses[facts.units.of_package(index)] else {
        return None;
    };
    let last = facts.bases[index].version.filter(|_| bump != Bump::None)?;
    let package = &facts.packages[index].id;
    let message = format!("`{package}` cannot grow from {last}: one of its numbers is at its end");
    let hint = format!("`--set {}=VERSION` names a greater version", package.name);
    Some(Diagnostic::error(message, None).hint(hint))
}

/// A pre-release of a version that was released somewhere else. Of one that leads here it would be a step back.
fn overtaken(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<Diagnostic> {
    let next = &decided.next[index];
    if !next.is_prerelease() || facts.input.channel.line == Line::Snapshot {
        return None;
    }
    let release = next.release();
    let mut tags = facts.tags.all(index);
    let tagged = tags.find(|tagged| *tagged.version == release)?;
    if facts.history.find(&tagged.tag.commit).is_some() {
        return None;
    }
    let package = &facts.packages[index].id;
    let message = format!(
        "`{package}` cannot become {next}: {release} is released, as `{}` on {}, which does not lead to the commit that \
         would be released",
        tagged.tag.name,
        tagged.tag.commit.short()
    );
    let hint = format!(
        "merge that commit, or name a version after it: `--set {}=VERSION`",
        package.name
    );
    Some(Diagnostic::error(message, None).hint(hint))
}

/// A release that nobody named, and that needs a pre-release.
fn unready(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<Diagnostic> {
    let course = &decided.courses[facts.units.of_package(index)];
    if !matches!(course, Course::Grows(_) | Course::Named(_, Why::Promoted)) {
        return None;
    }
    let needed = unready_need(facts, decided, index)?;
    let (package, version) = (&facts.packages[index].id, &decided.next[needed]);
    let message = format!(
        "`{package}` would become {}, a release that needs {version} of `{}`, a pre-release",
        decided.next[index], facts.packages[needed].id
    );
    let hint = format!(
        "`--channel {}` makes pre-releases of all that is released, `--set {}=VERSION` names a version for this one",
        Some(version.word())
            .filter(|word| !word.is_empty())
            .unwrap_or("rc"),
        package.name
    );
    Some(Diagnostic::error(message, None).hint(hint))
}

/// What a release needs that is published with it, as a pre-release.
pub(super) fn unready_need(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<usize> {
    let is_unready = |needed: &usize| {
        let commit = facts.last[*needed].as_ref().map(|last| &last.tag.commit);
        let is_now = decided.is_released[*needed] || facts.is_at_head(commit);
        is_now && decided.next[*needed].is_prerelease() && facts.settings[*needed].is_released
    };
    let mut needs = facts.needs(index).into_iter().filter(is_unready);
    needs.next().filter(|_| !decided.next[index].is_prerelease())
}
