//! Refuses what was decided and must not be: versions that go back, or that an ecosystem cannot say.

use std::cmp::Ordering;

use model::{Diagnostic, Line, Version};

use super::Facts;
use super::course::{Course, Why, set};
use super::line::{Order, Step, maintained, step};
use super::propagate::Decided;

/// Diagnostics about versions named on the command line, before anything is decided.
pub(super) fn check_set(facts: &Facts<'_>) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    for (id, version) in facts.input.set {
        let planned = facts.find(id).filter(|index| facts.settings[*index].is_released);
        let Some(index) = planned else {
            let message = format!("`{id}` cannot be set to {version}: there is no such package to release");
            wrong.push(Diagnostic::error(message, None).hint("`releasekit version` lists those there are"));
            continue;
        };
        let unit = facts.units.of_package(index);
        if let Some(other) = set(facts, unit).filter(|other| *other != version) {
            let message = format!("`{id}` cannot be set to {version}: its group is set to {other}");
            wrong.push(Diagnostic::error(message, None).hint("packages of a fixed group have one version"));
        }
        let last = facts.bases[index].version;
        let is_here = |commit| facts.here.contains(&commit);
        let was_just_released = last == Some(version) && facts.bases[index].commit.is_some_and(is_here);
        if let Some(last) = last
            && !was_just_released
            && !facts.orders[unit].is_less(last, version)
        {
            let verb = if last == version {
                "has that version already"
            } else {
                "is beyond that"
            };
            let message = format!("`{id}` cannot be set to {version}: it {verb}, at {last}");
            let next = last.bumped(model::Bump::Patch, true);
            let next = next.map_or_else(String::new, |next| format!(", such as {next}"));
            wrong.push(Diagnostic::error(message, None).hint(format!("name a later one{next}")));
        }
    }
    wrong
}

/// Diagnostics about what was decided.
pub(super) fn check(facts: &Facts<'_>, decided: &Decided) -> Vec<Diagnostic> {
    let released = facts.released().filter(|index| decided.is_released[*index]);
    released
        .filter_map(|index| check_one(facts, decided, index))
        .collect()
}

fn check_one(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<Diagnostic> {
    let (package, next) = (facts.packages[index], &decided.next[index]);
    let unit = facts.units.of_package(index);
    let course = &decided.courses[unit];
    let is_snapshot = *course == Course::Named(next.clone(), Why::Snapshot);
    if let Some(wrong) = going_back(facts, index, next, course) {
        return Some(wrong);
    }
    let last = facts.bases[index].version.filter(|_| !is_snapshot);
    if let Some(last) = last
        && facts.orders[unit].is_less(next, last)
    {
        let message = format!("`{}` would go from {last} back to {next}", package.id);
        return Some(Diagnostic::error(message, None).hint(name_one(package.name())));
    }
    if Order::of(&package.id.ecosystem) == Order::Pep440 {
        let said = said_by_python(facts, index, next);
        if said.is_some() {
            return said;
        }
    }
    let (major, minor) = maintained(&facts.input.channel.name)?;
    let semver = next.semver();
    if semver.major == major && minor.is_none_or(|minor| semver.minor == minor) {
        return None;
    }
    let message = format!(
        "`{}` would become {next}, which is not for the channel `{}`",
        package.id, facts.input.channel.name
    );
    Some(
        Diagnostic::error(message, None)
            .hint("release it from another branch, or take back what asks for so much"),
    )
}

/// A channel whose word comes before that of the pre-release that is open, or whose counter cannot go on.
fn going_back(facts: &Facts<'_>, index: usize, next: &Version, course: &Course) -> Option<Diagnostic> {
    let unit = facts.units.of_package(index);
    let Line::Prerelease(word) = &facts.lines[unit] else {
        return None;
    };
    let open = facts.open[unit].as_ref()?;
    if !matches!(course, Course::Grows(_))
        || step(open, word) != Step::Earlier
        || next.release() != open.release()
    {
        return None;
    }
    let message = format!(
        "`{}` is at {open}: it cannot go back to `{word}`",
        facts.packages[index].id
    );
    let hint = format!(
        "go on with `{}`, release {}, or name a version: {}",
        open.word(),
        open.release(),
        name_one(facts.packages[index].name())
    );
    Some(Diagnostic::error(message, None).hint(hint))
}

fn name_one(package: &str) -> String {
    format!("`--set {package}=VERSION` names one")
}

/// A version of a Python package has to be one by PEP 440, and must not come before one that it comes after.
fn said_by_python(facts: &Facts<'_>, index: usize, next: &Version) -> Option<Diagnostic> {
    let id = &facts.packages[index].id;
    let hint = "`alpha`, `beta`, `rc` and `dev` are words that both notations sort alike, each with a number";
    if let Err(error) = next.to_pep440() {
        let message = format!("`{id}` cannot get the version {next}: {}", error.reason);
        return Some(Diagnostic::error(message, None).hint(hint));
    }
    let is_turned = |tagged: &&Version| {
        let sorted = next.compare_pep440(tagged);
        tagged.release() == next.release() && *tagged < next && sorted.is_some_and(Ordering::is_le)
    };
    let tagged = facts
        .tags
        .all(index)
        .map(|tagged| tagged.version)
        .find(is_turned)?;
    let message =
        format!("`{id}` cannot get the version {next} after {tagged}: PEP 440 sorts it before that");
    Some(Diagnostic::error(message, None).hint(hint))
}
