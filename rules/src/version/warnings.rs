//! What a person should know before releasing a version, as sentences.

use model::{Dependency, DependencyKind, PinStrategy, Strategy};

use crate::placeholder::is_placeholder;

use super::Facts;
use super::course::{Course, Why, wanted};
use super::propagate::Decided;
use super::refused::unready_need;
use super::unreleased::Found;

/// What is worth knowing about a package's next version.
pub(super) fn warnings(facts: &Facts<'_>, found: &[Found], decided: &Decided, index: usize) -> Vec<String> {
    if !decided.is_released[index] {
        return twice(facts, index).into_iter().collect();
    }
    let all = [
        twice(facts, index),
        too_small(facts, found, decided, index),
        taken(facts, decided, index),
        dropped(facts, decided, index),
        unready(facts, decided, index),
    ];
    let needs = facts.packages[index].dependencies.iter();
    let needs = needs.flat_map(|need| [left_behind(facts, decided, index, need), unpublished(facts, need)]);
    all.into_iter().chain(needs).flatten().collect()
}

/// Its own requirement stays as it is written, and shuts out the version that the needed package has or gets.
fn left_behind(facts: &Facts<'_>, decided: &Decided, index: usize, need: &Dependency) -> Option<String> {
    if facts.settings[index].pins != PinStrategy::None || need.kind == DependencyKind::Dev {
        return None;
    }
    let needed = facts
        .find(&need.on)
        .filter(|needed| !is_placeholder(facts.packages[*needed]))?;
    let version = if facts.settings[needed].is_released {
        &decided.next[needed]
    } else {
        facts.last[needed].as_ref().map(|last| last.version)?
    };
    (!(facts.input.fits)(need, None, version)).then(|| {
        format!(
            "requires {} {}, which {version} does not satisfy, and `pin_strategy = \"none\"` publishes it like that: change it in `{}`",
            need.on.name, need.requirement, facts.packages[index].manifest
        )
    })
}

/// Whoever installs it needs what is never published.
fn unpublished(facts: &Facts<'_>, need: &Dependency) -> Option<String> {
    let needed = facts.input.workspace.get(&need.on)?;
    crate::needs::is_unpublished(need, needed).then(|| {
        format!(
            "requires {}, which is private and never published: nobody could install it",
            need.on.name
        )
    })
}

/// The open pre-release is of a smaller version than what landed since the last release asks for.
fn too_small(facts: &Facts<'_>, found: &[Found], decided: &Decided, index: usize) -> Option<String> {
    let unit = facts.units.of_package(index);
    let open = facts.open[unit].as_ref()?;
    let is_bound = matches!(
        decided.courses[unit],
        Course::Grows(_) | Course::Named(_, Why::Promoted | Why::Escalated)
    );
    let (wanted, member) = wanted(facts, found, unit).filter(|_| is_bound)?;
    if wanted.release() <= open.release() {
        return None;
    }
    let asked = &found[member].since_release;
    let who = match (asked.commit, asked.plan) {
        (Some((bump, at)), plan) if plan.is_none_or(|(planned, _)| bump >= planned) => {
            let commit = facts.history.commit(at);
            format!("`{}` ({})", facts.history.subject(at), commit.id.short())
        }
        (_, Some((_, plan))) => format!("`{}`", facts.plans.file(plan)),
        _ => return None,
    };
    let name = facts.packages[index].name();
    Some(format!(
        "{who} asks for {wanted}, but {open} is open and stays {}; `--set {name}={wanted}` releases that instead",
        open.release()
    ))
}

/// Its last version was tagged on two commits.
fn twice(facts: &Facts<'_>, index: usize) -> Option<String> {
    let last = facts.last[index].as_ref()?;
    let other = facts.tags.twin(index, last)?;
    let (counting, other_at) = (&last.tag.commit, &other.commit);
    Some(format!(
        "{} is tagged twice: `{}` names {}, and counts; `{}` names {}: delete the one that is wrong",
        last.version,
        last.tag.name,
        counting.short(),
        other.name,
        other_at.short()
    ))
}

/// The version was tagged on a commit that does not lead here.
fn taken(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<String> {
    let next = &decided.next[index];
    let is_elsewhere = |commit| !facts.is_at_head(Some(commit));
    let tagged = facts
        .tags
        .all(index)
        .find(|tagged| tagged.version == next && is_elsewhere(&tagged.tag.commit))?;
    Some(format!(
        "{next} is tagged already: `{}` names {}, which does not lead to the commit that would be released",
        tagged.tag.name,
        tagged.tag.commit.short()
    ))
}

/// A release that somebody named needs a pre-release.
fn unready(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<String> {
    let needed = unready_need(facts, decided, index)?;
    let (name, version) = (facts.packages[needed].name(), &decided.next[needed]);
    Some(format!(
        "{} needs {version} of {name}, a pre-release",
        decided.next[index]
    ))
}

/// The registry will not see that this is another release of the same day.
fn dropped(facts: &Facts<'_>, decided: &Decided, index: usize) -> Option<String> {
    let id = &facts.packages[index].id;
    let next = &decided.next[index];
    let is_by_day = matches!(facts.settings[index].strategy, Strategy::Calendar(_));
    let is_again = is_by_day && id.ecosystem != "uv" && !next.semver().build.is_empty();
    is_again.then(|| {
        format!(
            "registries of {} packages take {next} for {}, which is released; wait for another day, or count by month",
            id.ecosystem,
            next.release()
        )
    })
}
