//! Removes declarations of what is gone.

use std::collections::{BTreeMap, BTreeSet};

use model::{Package, PackageId};

use super::directive::Directives;
use super::edit::Edits;
use super::elements;
use super::infer::inside;
use super::source::Source;
use super::syntax::Call;
use super::update::Context;

/// Removes the calls that declare packages and workspaces that are gone, and the packages' names from groups and
/// from the needs of other packages. Code that would have to be evaluated is left alone.
pub(super) fn prune(source: &Source, directives: &Directives, context: &Context<'_>) -> String {
    let mut edits = Edits::new(source);
    let mut gone = BTreeSet::new();
    let mut kept: Vec<&Call> = Vec::new();
    for statement in &source.statements {
        let Some(call) = statement
            .call()
            .filter(|_| !directives.ignores_statement(statement))
        else {
            continue;
        };
        if let Some(id) = gone_package(call, directives, context) {
            gone.insert(id);
            edits.remove_statement(statement);
        } else if gone_workspace(call, source, context) {
            edits.remove_statement(statement);
        } else {
            kept.push(call);
        }
    }
    let names = Gone::of(&gone, context);
    for call in kept {
        if call.function == "release_group" {
            if let (Some(list), Some(group)) = (call.list("packages"), call.text("name")) {
                elements::remove_texts(&mut edits, source, list, |name| names.has_left(name, group));
            }
        } else if let Some(list) = call
            .list("cross_deps")
            .filter(|_| call.function.ends_with("_package"))
        {
            elements::remove_texts(&mut edits, source, list, |name| names.is_nobody(name));
        }
    }
    let text = edits.apply();
    // Nothing may be left hanging where the last declaration of a file was.
    let blank = |text: &str| text.ends_with("\n\n") || text.ends_with("\n\r\n");
    if blank(&text) && !blank(&source.text) {
        return text.trim_end().to_owned() + source.line_ending();
    }
    text
}

/// Names of packages that are gone.
struct Gone<'c> {
    names: BTreeSet<String>,
    /// Names that nobody bears any more.
    unborne: BTreeSet<String>,
    /// The groups of declared packages that bear such a name and are still there.
    others: BTreeMap<&'c str, Vec<&'c Option<String>>>,
}

impl<'c> Gone<'c> {
    fn of(gone: &BTreeSet<PackageId>, context: &'c Context<'_>) -> Self {
        let plain: BTreeSet<&str> = gone.iter().map(|id| id.name.as_str()).collect();
        let mut names: BTreeSet<String> = gone.iter().map(ToString::to_string).collect();
        let mut unborne = names.clone();
        names.extend(plain.iter().map(|name| (*name).to_owned()));
        let borne: BTreeSet<&str> = context.found.workspace.packages().map(Package::name).collect();
        unborne.extend(
            plain
                .iter()
                .filter(|name| !borne.contains(*name))
                .map(|name| (*name).to_owned()),
        );
        let mut others: BTreeMap<&str, Vec<&Option<String>>> = BTreeMap::new();
        let known = context.known.packages.iter();
        for (id, group) in known.filter(|(id, _)| plain.contains(id.name.as_str()) && !gone.contains(*id)) {
            others.entry(&id.name).or_default().push(group);
        }
        Self {
            names,
            unborne,
            others,
        }
    }

    /// Whether a name in a group's list means a package that is gone, and none that is in that group.
    fn has_left(&self, name: &str, group: &str) -> bool {
        let others = self.others.get(name).into_iter().flatten();
        let mut here = others.filter(|other| other.as_deref().is_none_or(|other| other == group));
        self.names.contains(name) && here.next().is_none()
    }

    /// Whether a name means nobody any more.
    fn is_nobody(&self, name: &str) -> bool {
        self.unborne.contains(name)
    }
}

/// The package a call declares, if it is gone.
fn gone_package(call: &Call, directives: &Directives, context: &Context<'_>) -> Option<PackageId> {
    let ecosystem = call.function.strip_suffix("_package")?;
    let id = PackageId {
        ecosystem: ecosystem.to_owned(),
        name: call.text("name")?.to_owned(),
    };
    let looked_for = context.found.ecosystems.contains(&ecosystem);
    (looked_for && context.found.workspace.get(&id).is_none() && !directives.ignores(&id)).then_some(id)
}

/// Whether a call declares a workspace in whose folder nothing of its kind is left.
fn gone_workspace(call: &Call, source: &Source, context: &Context<'_>) -> bool {
    let Some(ecosystem) = call.function.strip_suffix("_workspace") else {
        return false;
    };
    let root = match (call.argument("root"), call.text("root")) {
        (None, _) => source.folder_at(""),
        (_, Some(root)) => source.folder_at(root),
        _ => return false,
    };
    let within = |path: &str| inside(path, &root).is_some();
    let found = context.found;
    let root_left = found
        .roots
        .iter()
        .any(|other| other.ecosystem == ecosystem && within(&other.root));
    let package_left = || {
        let mut packages = found.workspace.packages();
        packages.any(|package| package.id.ecosystem == ecosystem && within(&package.path))
    };
    found.ecosystems.contains(&ecosystem) && !root_left && !package_left()
}
