//! Keeps `load` statements in step with what an update added and removed.

use std::collections::{BTreeMap, BTreeSet};

use super::directive::Directives;
use super::edit::Edits;
use super::layout::{self, quote};
use super::source::Source;
use super::syntax::{Kind, Span, Statement, Symbol};
use super::{elements, layout::TRAIN_MODULE};

/// Loads what is used since the `original` and not there.
pub(super) fn add(source: &Source, directives: &Directives, original: &Source) -> String {
    let before = used(original);
    let now = used(source);
    let mut edits = Edits::new(source);
    let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in now
        .difference(&before)
        .filter(|name| source.local_name(name).is_none())
    {
        if let Some(module) = module(name) {
            missing.entry(module).or_default().insert((*name).to_owned());
        }
    }
    for statement in source
        .statements
        .iter()
        .filter(|statement| !directives.ignores_statement(statement))
    {
        let Kind::Load {
            module,
            module_span,
            symbols,
        } = &statement.kind
        else {
            continue;
        };
        if let Some(added) = missing.remove(module) {
            extend(&mut edits, source, *module_span, symbols, &added);
        }
    }
    let mut fresh: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (module, symbols) in missing {
        let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
        let load = layout::load(&module, &symbols);
        fresh.entry(place(source, &module)).or_default().push(load);
    }
    for (place, loads) in fresh {
        let loads = loads.join("\n");
        let first = !source
            .statements
            .iter()
            .any(|statement| matches!(statement.kind, Kind::Load { .. }));
        let text = if source.line_start(place) != place {
            format!("\n{loads}")
        } else if first {
            format!("{loads}\n\n")
        } else {
            format!("{loads}\n")
        };
        edits.insert(place, text);
    }
    edits.apply()
}

/// Drops the bundled rules that the `original` used and that are used no more.
pub(super) fn drop_unused(source: &Source, directives: &Directives, original: &Source) -> String {
    let before = used(original);
    let now = used(source);
    let mut edits = Edits::new(source);
    for statement in source
        .statements
        .iter()
        .filter(|statement| !directives.ignores_statement(statement))
    {
        let Kind::Load {
            module,
            module_span,
            symbols,
        } = &statement.kind
        else {
            continue;
        };
        let unused =
            |symbol: &Symbol| before.contains(symbol.local.as_str()) && !now.contains(symbol.local.as_str());
        if !module.starts_with("@releasekit//") || !symbols.iter().any(unused) {
            continue;
        }
        if symbols.iter().all(unused) {
            edits.remove_statement(statement);
            continue;
        }
        let gone: Vec<bool> = [false].into_iter().chain(symbols.iter().map(unused)).collect();
        elements::remove(
            &mut edits,
            source,
            module_span.start,
            &items(*module_span, symbols),
            &gone,
        );
    }
    edits.apply()
}

/// What is separated by commas in a load.
fn items(module: Span, symbols: &[Symbol]) -> Vec<Span> {
    [module]
        .into_iter()
        .chain(symbols.iter().map(|symbol| symbol.span))
        .collect()
}

/// Every name a file uses.
fn used(source: &Source) -> BTreeSet<&str> {
    source
        .statements
        .iter()
        .flat_map(|statement| &statement.used)
        .map(String::as_str)
        .collect()
}

/// The bundled file that holds a rule.
fn module(rule: &str) -> Option<String> {
    if rule == "release_group" || rule == "release_train" {
        return Some(TRAIN_MODULE.to_owned());
    }
    rule.strip_suffix("_package")
        .or_else(|| rule.strip_suffix("_workspace"))
        .map(layout::module)
}

/// Adds symbols to a load.
fn extend(
    edits: &mut Edits<'_>,
    source: &Source,
    module: Span,
    symbols: &[Symbol],
    added: &BTreeSet<String>,
) {
    // Those under another name come last.
    let plain = symbols.iter().take_while(|symbol| symbol.local == symbol.name);
    let names: Vec<&str> = plain.map(|symbol| symbol.name.as_str()).collect();
    let mut places: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for name in added {
        let sorted = names.is_sorted();
        let place = if sorted {
            names.partition_point(|other| *other < name.as_str())
        } else {
            names.len()
        };
        places.entry(place + 1).or_default().push(quote(name));
    }
    for (place, names) in places {
        elements::insert(
            edits,
            source,
            module.start,
            &items(module, symbols),
            place,
            &names,
        );
    }
}

/// Where a load of a file belongs: the end of a line it comes after, or the start of one it comes before.
fn place(source: &Source, module: &str) -> usize {
    let loads: Vec<(&Statement, &str)> = source
        .statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            Kind::Load { module, .. } => Some((statement, module.as_str())),
            _ => None,
        })
        .collect();
    let sorted = loads.iter().map(|(_, module)| module).is_sorted();
    let place = if sorted {
        loads.partition_point(|(_, other)| *other < module)
    } else {
        loads.len()
    };
    if let Some((previous, _)) = place.checked_sub(1).and_then(|place| loads.get(place)) {
        return source.line_end(previous.span.end);
    }
    if let Some((first, _)) = loads.first() {
        return source.line_start(first.span.start);
    }
    let Some(first) = source.statements.first() else {
        return source.text.len();
    };
    let above = source
        .comments_above(first)
        .first()
        .map_or(first.span.start, |comment| comment.start);
    source.line_start(above)
}
