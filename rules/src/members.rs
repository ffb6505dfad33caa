//! Which packages a train releases.

use std::collections::BTreeSet;

use model::{Config, Diagnostic, PackageDecl, PackageId, TrainDecl, Workspace};

use crate::groups::Groups;

/// The packages a train releases: declared, found, neither skipped nor private, and in one of its groups (a
/// train that names no group takes every declared package).
///
/// # Errors
/// A declared package is not there, or says of itself that it is not to be released.
pub fn members(
    config: &Config,
    train: &TrainDecl,
    workspace: &Workspace,
) -> Result<BTreeSet<PackageId>, Vec<Diagnostic>> {
    let groups = Groups::of(config);
    let mut members = BTreeSet::new();
    let mut errors = Vec::new();
    for declared in config.packages.iter().filter(|declared| !declared.skip) {
        let id = PackageId {
            ecosystem: declared.ecosystem.clone(),
            name: declared.name.clone(),
        };
        match workspace.get(&id) {
            None => errors.push(not_found(declared, workspace)),
            Some(package) if package.private => errors.push(
                Diagnostic::error(
                    format!("`{}` is declared for release, but `{}` says it is private", id.name, package.manifest),
                    declared.location.clone(),
                )
                .hint("remove the declaration, or add `skip = True`, or make the package public in its manifest"),
            ),
            Some(_) if groups.is_aboard(train, &id) => {
                members.insert(id);
            }
            Some(_) => {}
        }
    }
    if errors.is_empty() {
        Ok(members)
    } else {
        Err(errors)
    }
}

fn not_found(declared: &PackageDecl, workspace: &Workspace) -> Diagnostic {
    let kind = &declared.ecosystem;
    let known: Vec<&str> = workspace
        .packages()
        .filter(|package| package.id.ecosystem == *kind)
        .map(model::Package::name)
        .collect();
    let hint = match (known.is_empty(), workspace.named(&declared.name).next()) {
        (_, Some(other)) => format!("there is a {} package of that name", other.id.ecosystem),
        (true, None) => format!("no {kind} package was found at all; is the workspace's `root` right?"),
        (false, None) => format!("{kind} packages found: {}", known.join(", ")),
    };
    Diagnostic::error(
        format!("there is no {kind} package called `{}`", declared.name),
        declared.location.clone(),
    )
    .hint(hint)
}
