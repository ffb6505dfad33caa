//! Which packages need a version plan, and plans that name packages nobody knows.

use std::collections::BTreeMap;

use model::{
    Bump, CommitId, Config, Diagnostic, Location, PackageId, Strategy, Tag, TrainDecl, Version, VersionPlan,
    Workspace,
};

use crate::groups::Groups;
use crate::names::find_package;
use crate::version::{VersionInput, plan_versions};

/// By package that has commits of its own which are not released, whether a version plan that is not released either
/// names it. With `since`, as if all packages had been released from that commit; the log has to lead back to it. A
/// plan that names no package at all says that nothing has to be released, so it counts for all of them.
///
/// # Errors
/// Versions cannot be planned.
pub fn changed(
    input: &VersionInput<'_>,
    since: Option<&CommitId>,
) -> Result<BTreeMap<PackageId, bool>, Vec<Diagnostic>> {
    let tags = since.map(|since| released(input, since));
    let plans: Vec<VersionPlan> = input.plans.iter().map(|plan| spelt_out(plan, input)).collect();
    let then = VersionInput {
        tags: tags.as_deref().unwrap_or(input.tags),
        plans: &plans,
        ..*input
    };
    let planned = plan_versions(&then)?.into_iter();
    Ok(planned
        .filter(|planned| !planned.commits.is_empty())
        .map(|planned| (planned.package, !planned.plans.is_empty()))
        .collect())
}

/// The tags there would be if all packages had been released from a commit, at the versions they have.
fn released(input: &VersionInput<'_>, commit: &CommitId) -> Vec<Tag> {
    let released = |package: &model::Package| {
        let version = package.version.semver();
        let version = Version::new(version.major, version.minor, version.patch).to_string();
        let format = &input.train.tag_format;
        Tag {
            name: format.format(&package.id.ecosystem, package.name(), &version),
            commit: commit.clone(),
        }
    };
    let mut tags: Vec<Tag> = input.workspace.packages().map(released).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// A plan with all packages, if it names none.
fn spelt_out(plan: &VersionPlan, input: &VersionInput<'_>) -> VersionPlan {
    let mut plan = plan.clone();
    if plan.bumps.is_empty() {
        let all = input.workspace.packages().filter(|package| !package.private);
        plan.bumps = all.map(|package| (package.id.to_string(), Bump::None)).collect();
    }
    plan
}

/// Those of the changed packages whose versions come from plans alone and that no plan names, sorted.
#[must_use]
pub fn unplanned<'c>(
    config: Option<&Config>,
    train: &TrainDecl,
    changed: &'c BTreeMap<PackageId, bool>,
) -> Vec<&'c PackageId> {
    let nothing = Config::default();
    let groups = Groups::of(config.unwrap_or(&nothing));
    let needs_plan = |id: &&PackageId| {
        let own = groups.groups(id).find_map(|group| group.strategy.as_ref());
        *own.unwrap_or(&train.strategy) == Strategy::Plans
    };
    let unnamed = changed.iter().filter(|(_, is_named)| !**is_named);
    unnamed.map(|(id, _)| id).filter(needs_plan).collect()
}

/// What is wrong with the names in plans: they are nobody's, or several packages'.
#[must_use]
pub fn wrong_names(plans: &[VersionPlan], workspace: &Workspace) -> Vec<Diagnostic> {
    let names = plans
        .iter()
        .flat_map(|plan| plan.bumps.iter().map(move |(name, _)| (plan, name)));
    names
        .filter_map(|(plan, name)| named(workspace, plan, name).err())
        .collect()
}

/// Says which plans name packages that are private, of which no version is planned: other tools count those too.
#[must_use]
pub fn passed_over(plans: &[VersionPlan], workspace: &Workspace) -> Option<Diagnostic> {
    let all = plans
        .iter()
        .flat_map(|plan| plan.bumps.iter().map(move |(name, _)| (plan, name)));
    let mut private = all.filter_map(|(plan, name)| {
        let id = named(workspace, plan, name).ok()?;
        let package = workspace.get(&id).filter(|package| package.private)?;
        Some((plan, name, package))
    });
    let (plan, name, package) = private.next()?;
    let more = match private.count() {
        0 => String::new(),
        1 => ", and so is another entry".to_owned(),
        more => format!(", and so are {more} other entries"),
    };
    let message = format!(
        "`{name}` is private, so what `{}` says of it is passed over{more}",
        plan.file
    );
    let hint = format!("make it public in `{}` if it is to be released", package.manifest);
    Some(Diagnostic::warning(message, Location::file(plan.file.as_str())).hint(hint))
}

/// The package that a plan names.
///
/// # Errors
/// There is none that could be meant; at the plan's file.
pub(crate) fn named(workspace: &Workspace, plan: &VersionPlan, name: &str) -> Result<PackageId, Diagnostic> {
    find_package(workspace, name).map_err(|wrong| Diagnostic {
        location: Some(Location::file(plan.file.as_str())),
        ..wrong
    })
}
