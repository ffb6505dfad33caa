//! Which packages need a version plan, and plans that name packages nobody knows.

use std::collections::BTreeSet;

use engine::nearest;
use model::{
    CommitId, Config, Diagnostic, Location, PackageId, Strategy, Tag, TrainDecl, Version, VersionPlan,
    Workspace,
};

use crate::groups::Groups;
use crate::version::{VersionInput, plan_versions};

/// The packages that have commits of their own which are not in `since`, sorted: those that the next version would
/// be made of if `since` had been released. The log has to lead back to it.
///
/// # Errors
/// Versions cannot be planned.
pub fn changed(input: &VersionInput<'_>, since: &CommitId) -> Result<BTreeSet<PackageId>, Vec<Diagnostic>> {
    let released = |package: &model::Package| {
        let version = package.version.semver();
        let version = Version::new(version.major, version.minor, version.patch).to_string();
        let format = &input.train.tag_format;
        Tag {
            name: format.format(&package.id.ecosystem, package.name(), &version),
            commit: since.clone(),
        }
    };
    let mut tags: Vec<Tag> = input.workspace.packages().map(released).collect();
    tags.sort();
    tags.dedup();
    let then = VersionInput {
        tags: &tags,
        plans: &[],
        ..*input
    };
    let planned = plan_versions(&then)?.into_iter();
    Ok(planned
        .filter(|planned| !planned.commits.is_empty())
        .map(|planned| planned.package)
        .collect())
}

/// Those of the changed packages whose versions come from plans alone and that no plan names, sorted. A plan that
/// names no package at all says that nothing has to be released, so nothing is missing then.
#[must_use]
pub fn unplanned<'p>(
    config: Option<&Config>,
    train: &TrainDecl,
    plans: &[VersionPlan],
    changed: &'p BTreeSet<PackageId>,
) -> Vec<&'p PackageId> {
    if plans.iter().any(|plan| plan.bumps.is_empty()) {
        return Vec::new();
    }
    let nothing = Config::default();
    let groups = Groups::of(config.unwrap_or(&nothing));
    let needs_plan = |id: &&PackageId| {
        let own = groups.groups(id).find_map(|group| group.strategy.as_ref());
        *own.unwrap_or(&train.strategy) == Strategy::Plans
    };
    let named: BTreeSet<&str> = plans
        .iter()
        .flat_map(|plan| &plan.bumps)
        .map(|(name, _)| name.as_str())
        .collect();
    let is_named =
        |id: &PackageId| named.contains(id.name.as_str()) || named.contains(id.to_string().as_str());
    changed
        .iter()
        .filter(needs_plan)
        .filter(|id| !is_named(id))
        .collect()
}

/// What is wrong with the names in plans: they are nobody's, or several packages'.
#[must_use]
pub fn unknown(plans: &[VersionPlan], workspace: &Workspace) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    for plan in plans {
        for (name, _) in &plan.bumps {
            if let Err(diagnostic) = find(workspace, name) {
                wrong.push(Diagnostic {
                    location: Some(Location::file(plan.file.as_str())),
                    ..diagnostic
                });
            }
        }
    }
    wrong
}

/// The package that a name, or `ecosystem/name`, means.
///
/// # Errors
/// There is none, or there are several; with what it could be.
pub fn find(workspace: &Workspace, name: &str) -> Result<PackageId, Diagnostic> {
    let whole = workspace
        .packages()
        .find(|package| package.id.to_string() == name);
    if let Some(package) = whole {
        return Ok(package.id.clone());
    }
    let named: Vec<&PackageId> = workspace.named(name).map(|package| &package.id).collect();
    match named.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let known: Vec<String> = workspace
                .packages()
                .map(|package| workspace.display_name(&package.id))
                .collect();
            let hint = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("packages there are: {}", known.join(", ")),
            };
            Err(Diagnostic::error(format!("there is no package called `{name}`"), None).hint(hint))
        }
        several => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(
                Diagnostic::error(format!("there are several packages called `{name}`"), None)
                    .hint(format!("say which: {}", several.join(", "))),
            )
        }
    }
}
