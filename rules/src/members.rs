//! Which packages a train releases.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Config, Diagnostic, LACKS, Location, Package, PackageDecl, PackageId, TrainDecl, UNREADABLE, Workspace,
};

use crate::groups::Groups;
use crate::strays::family;

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

/// Warnings about packages that no one declares and that cannot be released, which those who wrote them may not know: one
/// for each whose version cannot be read, one for all of npm's without a version. What lacks a build system, or is a
/// crate without a version, is as good as said to be private.
#[must_use]
pub fn warn_of_lacking(config: Option<&Config>, workspace: &Workspace) -> Vec<Diagnostic> {
    let is_declared = |package: &&Package| {
        let mut declared = config.into_iter().flat_map(|config| &config.packages);
        declared.any(|one| one.ecosystem == package.id.ecosystem && one.name == package.id.name)
    };
    let lacking = workspace.packages().filter(|package| !is_declared(package));
    let lacking = lacking.filter_map(|package| Some((package, package.notes.get(LACKS)?)));
    let (unreadable, others): (Vec<_>, Vec<_>) =
        lacking.partition(|(package, _)| package.notes.contains_key(UNREADABLE));
    let is_npm = |one: &&(&Package, &String)| family(&one.0.id.ecosystem) == "npm";
    let others: Vec<_> = others.iter().filter(is_npm).collect();
    let warning = |(package, lacks): &(&Package, &String), more: usize| {
        let more = if more > 0 {
            format!(" (and {more} more)")
        } else {
            String::new()
        };
        let (manifest, name) = (&package.manifest, package.name());
        let message = format!("`{name}` is not released: `{manifest}` lacks {lacks}{more}");
        let hint = if package.notes.contains_key(UNREADABLE) {
            "give [project] a `version`, or have one plain text where it is taken from"
        } else {
            "add it, if the package is to be released (`0.0.0-development` where a release fills it in)"
        };
        let hint = format!("{hint}; then `releasekit generate --update` takes the package in");
        Diagnostic::warning(message, Location::file(&**manifest)).hint(hint)
    };
    let others = others.first().map(|first| warning(first, others.len() - 1));
    unreadable
        .iter()
        .map(|one| warning(one, 0))
        .chain(others)
        .collect()
}

/// The first train that releases a package; `None` if none does: it is not declared, skipped, private, or in no group
/// of any train.
#[must_use]
pub fn first_trains<'c>(config: &'c Config, workspace: &Workspace) -> BTreeMap<PackageId, &'c TrainDecl> {
    let groups = Groups::of(config);
    let released = workspace.packages().filter(|package| !package.private);
    released
        .filter_map(|package| Some((package.id.clone(), groups.first_train(&package.id)?)))
        .collect()
}

/// Why no train releases a package, in a few words.
#[must_use]
pub fn why_unreleased(config: Option<&Config>, package: &Package) -> &'static str {
    let mut declared = config.into_iter().flat_map(|config| &config.packages);
    let declared =
        declared.find(|decl| decl.ecosystem == package.id.ecosystem && decl.name == package.id.name);
    match declared {
        _ if package.private => "private",
        None => "not declared",
        Some(declared) if declared.skip => "declared with `skip`",
        Some(_) => "in no group of a train",
    }
}

/// A warning about a configuration that has trains for packages, and declares none of those there are.
#[must_use]
pub fn nothing_declared(config: &Config, workspace: &Workspace) -> Option<Diagnostic> {
    let found = workspace.packages().filter(|package| !package.private).count();
    let is_empty = config.packages.is_empty() && found > 0;
    let place = || config.trains.iter().find_map(|train| train.location.clone());
    is_empty.then(|| {
        let message = match found {
            1 => "no package is declared, so nothing is released; 1 was found".to_owned(),
            found => format!("no package is declared, so nothing is released; {found} were found"),
        };
        Diagnostic::warning(message, place()).hint("`releasekit generate --update` adds them")
    })
}

fn not_found(declared: &PackageDecl, workspace: &Workspace) -> Diagnostic {
    let kind = &declared.ecosystem;
    let known: Vec<&str> = workspace
        .packages()
        .filter(|package| package.id.ecosystem == *kind)
        .map(Package::name)
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
