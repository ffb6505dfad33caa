//! Takes packages out of groups they are in no more.

use std::collections::BTreeSet;

use model::{Package, PackageId};

use super::directive::Directives;
use super::edit::Edits;
use super::layout::quote;
use super::source::Source;
use super::syntax::{Call, Span, Statement, Value};
use super::update::Context;
use super::{elements, infer};

/// Gives packages the group that a directive at their call says, and takes them, and names that became
/// ambiguous, out of the lists of groups.
pub(super) fn leave(source: &Source, directives: &Directives, context: &Context<'_>) -> String {
    let mut edits = Edits::new(source);
    for (call, package, group) in directed(source, directives, context) {
        if set_group(&mut edits, source, call, group) {
            leave_others(&mut edits, source, directives, &package.id, group);
        }
    }
    unlist(&mut edits, source, directives, context);
    edits.apply()
}

/// The packages for which a directive at their call says the group.
pub(super) fn directed<'s>(
    source: &'s Source,
    directives: &'s Directives,
    context: &'s Context<'_>,
) -> impl Iterator<Item = (&'s Call, &'s Package, &'s str)> {
    let editable = source
        .statements
        .iter()
        .filter(|statement| !directives.ignores_statement(statement));
    editable.filter_map(|statement| {
        let group = directives.statement_group(statement)?;
        let call = statement.call()?;
        let ecosystem = call.function.strip_suffix("_package")?.to_owned();
        let id = PackageId {
            ecosystem,
            name: call.text("name")?.to_owned(),
        };
        Some((call, context.found.workspace.get(&id)?, group.as_str()))
    })
}

/// Writes down the group of a package; whether it is that one now: it is not if an expression says otherwise.
fn set_group(edits: &mut Edits<'_>, source: &Source, call: &Call, group: &str) -> bool {
    let Some(written) = call.argument("group") else {
        let items: Vec<Span> = call.arguments.iter().map(|argument| argument.span).collect();
        let place = call
            .arguments
            .iter()
            .position(|argument| argument.name == "name")
            .map_or(0, |name| name + 1);
        let open = call.arguments.first().map_or(0, |first| first.span.start);
        // The bracket is the last thing before the first argument that is neither space nor comment; its line
        // is all that matters, and the function's name stands on it.
        let text = source.at(Span { start: 0, end: open });
        let open = text.rfind('(').map_or(open, |bracket| bracket + 1);
        elements::insert(
            edits,
            source,
            open,
            &items,
            place,
            &[format!("group = {}", quote(group))],
        );
        return true;
    };
    match &written.value {
        Value::Text(text) if text == group => true,
        Value::Text(_) => {
            edits.replace(written.value_span, quote(group));
            true
        }
        _ => false,
    }
}

/// Takes names out of lists that a new package of another ecosystem makes ambiguous, where the package that was
/// meant names the group itself.
fn unlist(edits: &mut Edits<'_>, source: &Source, directives: &Directives, context: &Context<'_>) {
    let ambiguous = infer::ambiguous(context.found);
    let new = context.new.iter().map(|(package, _)| package.name());
    let new: BTreeSet<&str> = new.filter(|name| ambiguous.contains(name)).collect();
    if new.is_empty() {
        return;
    }
    let calls = || source.statements.iter().filter_map(Statement::call);
    let homes: BTreeSet<(&str, &str)> = calls()
        .filter(|call| call.function.ends_with("_package"))
        .filter_map(|call| Some((call.text("name")?, call.text("group")?)))
        .collect();
    for statement in &source.statements {
        let Some(call) = statement
            .call()
            .filter(|_| !directives.ignores_statement(statement))
        else {
            continue;
        };
        if let ("release_group", Some(group), Some(list)) =
            (call.function.as_str(), call.text("name"), call.list("packages"))
        {
            elements::remove_texts(edits, source, list, |name| {
                new.contains(name) && homes.contains(&(name, group))
            });
        }
    }
}

/// Takes a package out of all other groups that list it.
fn leave_others(
    edits: &mut Edits<'_>,
    source: &Source,
    directives: &Directives,
    id: &PackageId,
    group: &str,
) {
    for statement in source
        .statements
        .iter()
        .filter(|statement| !directives.ignores_statement(statement))
    {
        let Some(call) = statement.call().filter(|call| call.function == "release_group") else {
            continue;
        };
        let Some(list) = call.list("packages").filter(|_| call.text("name") != Some(group)) else {
            continue;
        };
        let names = [id.name.clone(), id.to_string()];
        elements::remove_texts(edits, source, list, |text| names.iter().any(|name| name == text));
    }
}
