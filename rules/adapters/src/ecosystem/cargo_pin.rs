//! Writing versions into a `Cargo.toml`.

use model::{DependencyKind, Pins};
use toml_edit::Item;

use super::cargo_toml::{self, Entry};
use super::renew::filled;
use super::requirement;
use super::splice::{self, Edits, between_quotes};
use super::toml_text::Toml;

/// The manifests with `pins` written in. `root` is the workspace's root where that is another file.
///
/// A version inherited from the root is changed in the root if the root is at hand, else it is written out in the
/// package: either way this package, and what it inherits, has the new version.
pub(super) fn pin(toml: &Toml, root: Option<&Toml>, pins: &Pins) -> Result<(String, Option<String>), String> {
    let mut edits = Edits::default();
    let mut root_edits = Edits::default();
    if let Some(version) = &pins.version {
        let item = toml
            .get(&["package", "version"])
            .ok_or("[package] has no version")?;
        let version = version.to_string();
        if !cargo_toml::is_inherited(item) {
            edits.replace(inner(toml, item).ok_or("the version is not a text")?, version);
        } else if let Some((from, item)) = cargo_toml::field(toml, root.or(Some(toml)), "version") {
            let range = inner(from, item).ok_or("the version of [workspace.package] is not a text")?;
            if from.file == toml.file {
                edits.replace(range, version);
            } else {
                root_edits.replace(range, version);
            }
        } else {
            write_out(toml, item, &version, &mut edits)?;
        }
    }
    let patched = cargo_toml::patched(root.unwrap_or(toml));
    for entry in cargo_toml::entries(toml) {
        pin_entry(toml, &entry, pins, patched.contains(entry.name()), &mut edits);
    }
    for (from, edits) in [(Some(toml), &mut edits), (root, &mut root_edits)] {
        for entry in from.map(cargo_toml::inheritable).unwrap_or_default() {
            pin_entry(from.unwrap_or(toml), &entry, pins, false, edits);
        }
    }
    Ok((
        edits.apply(&toml.text),
        root.map(|root| root_edits.apply(&root.text)),
    ))
}

fn pin_entry(toml: &Toml, entry: &Entry<'_>, pins: &Pins, patched: bool, edits: &mut Edits) {
    if entry.path().is_none() && !patched {
        return;
    }
    let Some((version, strategy)) = pins.dependencies.get(entry.name()) else {
        return;
    };
    let written = entry.version().and_then(Item::as_str);
    let pinned = requirement::cargo(version, *strategy);
    let Some(pinned) = pinned.or_else(|| filled("cargo", written?, version)) else {
        return;
    };
    if let Some(range) = entry.version().and_then(|item| inner(toml, item)) {
        edits.replace(range, pinned);
    } else if entry.kind != DependencyKind::Dev {
        // A path alone cannot be published; Cargo drops it from development needs by itself.
        add_version(toml, entry, &pinned, edits);
    }
}

/// Adds `version = "…"` to an entry that has only a path, the way the entry is written.
fn add_version(toml: &Toml, entry: &Entry<'_>, pinned: &str, edits: &mut Edits) {
    let Some(inner) = entry.item.as_table_like() else {
        return;
    };
    let Some(first) = inner
        .iter()
        .filter_map(|(key, _)| toml.range_of_key(inner, key))
        .map(|range| range.start)
        .min()
    else {
        return;
    };
    let newline = splice::newline(&toml.text);
    let is_dotted = entry.item.as_table().is_some_and(toml_edit::Table::is_dotted)
        || entry
            .item
            .as_inline_table()
            .is_some_and(toml_edit::InlineTable::is_dotted);
    if is_dotted {
        let Some(key) = toml.range_of_key(entry.table, entry.key) else {
            return;
        };
        let name = &toml.text[key.clone()];
        edits.insert(key.start, format!("{name}.version = \"{pinned}\"{newline}"));
    } else if entry.item.is_inline_table() {
        edits.insert(first, format!("version = \"{pinned}\", "));
    } else {
        edits.insert(first, format!("version = \"{pinned}\"{newline}"));
    }
}

/// Writes out a version that was inherited: `version.workspace = true` becomes `version = "…"`.
fn write_out(toml: &Toml, item: &Item, version: &str, edits: &mut Edits) -> Result<(), String> {
    let odd = || "the inherited version is written in a way this program does not edit".to_owned();
    let package = toml.table(&["package"]).ok_or_else(odd)?;
    let key = toml.range_of_key(package, "version").ok_or_else(odd)?;
    let value = super::toml_text::look(item, &["workspace"])
        .and_then(|flag| toml.range_of(flag))
        .ok_or_else(odd)?;
    let end = if item.is_inline_table() {
        toml.range_of(item).map_or(value.end, |range| range.end)
    } else {
        value.end
    };
    if toml.text[key.start..end].contains('\n') {
        return Err(odd());
    }
    edits.replace(key.start..end.max(value.end), format!("version = \"{version}\""));
    Ok(())
}

/// What stands between the quotes of a text.
fn inner(toml: &Toml, item: &Item) -> Option<std::ops::Range<usize>> {
    item.as_str()?;
    toml.range_of(item)
        .map(|range| between_quotes(&toml.text, &range))
}
