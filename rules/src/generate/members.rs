//! Lists packages in groups, and new groups in the train.

use std::collections::{BTreeMap, BTreeSet};

use super::directive::Directives;
use super::edit::Edits;
use super::layout::heading;
use super::regroup::directed;
use super::source::Source;
use super::syntax::{Call, Kind, Statement};
use super::update::{Context, uses_headings};
use super::{create, elements, infer};

/// Lists new packages in their groups, and others where a directive at their call says; founds groups that are
/// missing.
pub(super) fn join(source: &Source, directives: &Directives, context: &Context<'_>) -> String {
    let mut edits = Edits::new(source);
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let ambiguous = infer::ambiguous(context.found);
    for (package, group) in &context.new {
        if let Some(group) = group {
            members
                .entry(group.clone())
                .or_default()
                .extend(infer::listed(&package.id, &ambiguous));
        }
    }
    for (call, package, group) in directed(source, directives, context) {
        if call.text("group") == Some(group) {
            let names = members.entry(group.to_owned()).or_default();
            names.extend(infer::listed(&package.id, &ambiguous));
        }
    }
    let mut founded = BTreeSet::new();
    for (group, names) in &members {
        if !enter(&mut edits, source, directives, context, group, names) {
            founded.insert(group.clone());
        }
    }
    found_groups(&mut edits, source, &members, &founded);
    board(&mut edits, source, directives, &founded);
    edits.apply()
}

/// Lists packages in a group; whether there is such a group.
fn enter(
    edits: &mut Edits<'_>,
    source: &Source,
    directives: &Directives,
    context: &Context<'_>,
    group: &str,
    names: &BTreeSet<String>,
) -> bool {
    for statement in &source.statements {
        let Some(call) = statement.call() else { continue };
        if call.function == "release_group" && call.text("name") == Some(group) {
            if let Some(list) = call
                .list("packages")
                .filter(|_| !directives.ignores_statement(statement))
            {
                elements::add(edits, source, list, names);
            }
            return true;
        }
    }
    context.known.groups.contains(group)
}

/// Declares new groups.
fn found_groups(
    edits: &mut Edits<'_>,
    source: &Source,
    members: &BTreeMap<String, BTreeSet<String>>,
    founded: &BTreeSet<String>,
) {
    if founded.is_empty() {
        return;
    }
    let last = |wanted: &dyn Fn(&str) -> bool| source.statements.iter().rfind(|found| found.makes(wanted));
    let groups = last(&|function| function == "release_group");
    let after = groups.or_else(|| last(&|function| function.ends_with("_package")));
    if groups.is_none() && uses_headings(source) {
        edits.paragraph(after, heading("Groups"));
    }
    let function = source.local_name("release_group").unwrap_or("release_group");
    for (group, names) in members.iter().filter(|(group, _)| founded.contains(*group)) {
        let names: Vec<String> = names.iter().cloned().collect();
        edits.paragraph(after, create::release_group(function, group, &names));
    }
}

/// Adds new groups to the train that names its groups: the default one, or the only one.
fn board(edits: &mut Edits<'_>, source: &Source, directives: &Directives, founded: &BTreeSet<String>) {
    let trains: Vec<(&Statement, &Call)> = source
        .statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            Kind::Call(call) if call.function == "release_train" => Some((statement, call)),
            _ => None,
        })
        .collect();
    let default = trains
        .iter()
        .find(|(_, train)| train.text("name") == Some("default"));
    let Some((statement, train)) = default.or(if trains.len() == 1 { trains.first() } else { None }) else {
        return;
    };
    // A train that names no groups takes all.
    if let Some(groups) = train.list("groups").filter(|groups| !groups.elements.is_empty())
        && !directives.ignores_statement(statement)
    {
        elements::add(edits, source, groups, founded);
    }
}
