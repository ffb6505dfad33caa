//! Which packages a train releases.

use std::collections::BTreeSet;

use model::{Config, Diagnostic, LACKS, PackageDecl, PackageId, TrainDecl, Workspace};

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
    let mut members = BTreeSet::new();
    let mut errors = lacking(config, workspace);
    for declared in config.packages.iter().filter(|declared| !declared.skip) {
        let id = PackageId {
            ecosystem: declared.ecosystem.clone(),
            name: declared.name.clone(),
        };
        match workspace.get(&id) {
            None => errors.push(not_found(declared, workspace)),
            Some(package) if package.notes.contains_key(LACKS) => {}
            Some(package) if package.private => errors.push(
                Diagnostic::error(
                    format!("`{}` is declared for release, but `{}` says it is private", id.name, package.manifest),
                    declared.location.clone(),
                )
                .hint("remove the declaration, or add `skip = True`, or make the package public in its manifest"),
            ),
            Some(_) if is_aboard(config, train, declared) => {
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

/// Declared packages that cannot be released although nothing says they are private: their manifests lack something.
#[must_use]
pub fn lacking(config: &Config, workspace: &Workspace) -> Vec<Diagnostic> {
    let declared = config.packages.iter().filter(|declared| !declared.skip);
    let wrong = declared.filter_map(|declared| {
        let package = workspace
            .named(&declared.name)
            .find(|package| package.id.ecosystem == declared.ecosystem)?;
        let (name, lacks) = (&declared.name, package.notes.get(LACKS)?);
        let message = format!(
            "`{name}` is declared for release, but `{}` lacks {lacks}",
            package.manifest
        );
        let hint = "add it; or remove the declaration, or add `skip = True`";
        Some(Diagnostic::error(message, declared.location.clone()).hint(hint))
    });
    wrong.collect()
}

fn is_aboard(config: &Config, train: &TrainDecl, declared: &PackageDecl) -> bool {
    if train.groups.is_empty() {
        return true;
    }
    let named = |group: &str| train.groups.iter().any(|name| name == group);
    let qualified = format!("{}/{}", declared.ecosystem, declared.name);
    let listed = config
        .groups
        .iter()
        .filter(|group| named(&group.name))
        .any(|group| {
            group
                .packages
                .iter()
                .any(|name| *name == declared.name || *name == qualified)
        });
    listed || declared.group.as_deref().is_some_and(named)
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
