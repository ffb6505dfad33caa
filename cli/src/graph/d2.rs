//! D2. An arrow points from what needs to what is needed.

use std::fmt::Write as _;

use super::name::identifier;
use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let mut text = "direction: right\n".to_owned();
    for (group, nodes) in view.groups() {
        let indent = if group.is_empty() { "" } else { "  " };
        // Writing to a String cannot fail.
        if !group.is_empty() {
            let _ = writeln!(text, "{}: {} {{", identifier("g", group), quote(group));
        }
        for node in nodes {
            let node = view.nodes[node];
            let _ = writeln!(
                text,
                "{indent}{}: {}",
                identifier("n", &node.id),
                quote(&node.label)
            );
        }
        if !group.is_empty() {
            text.push_str("}\n");
        }
    }
    let path = |node: usize| {
        let node = view.nodes[node];
        let id = identifier("n", &node.id);
        if node.group.is_empty() {
            id
        } else {
            format!("{}.{id}", identifier("g", &node.group))
        }
    };
    for (from, on) in view.edges() {
        let _ = writeln!(text, "{} -> {}", path(from), path(on));
    }
    text
}

/// A quoted text; `$` would start a substitution.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\\' | '"' | '$' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            other if engine::is_unprintable(other) => {
                quoted.extend(other.escape_unicode().flat_map(escaped_backslash));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A backslash that is meant as one.
fn escaped_backslash(character: char) -> impl Iterator<Item = char> {
    let before = (character == '\\').then_some('\\');
    before.into_iter().chain([character])
}
