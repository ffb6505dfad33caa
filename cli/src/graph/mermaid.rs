//! Mermaid, as Markdown viewers know it. An arrow points from what needs to what is needed.

use std::fmt::Write as _;

use super::name::identifier;
use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let id = |node: usize| identifier("n", &view.nodes[node].id);
    for (group, nodes) in view.groups() {
        let indent = if group.is_empty() { "  " } else { "    " };
        // Writing to a String cannot fail.
        if !group.is_empty() {
            let _ = writeln!(
                text,
                "  subgraph {}[\"{}\"]",
                identifier("g", group),
                escape(group)
            );
        }
        for node in nodes {
            let _ = writeln!(
                text,
                "{indent}{}[\"{}\"]",
                id(node),
                escape(&view.nodes[node].label)
            );
        }
        if !group.is_empty() {
            text.push_str("  end\n");
        }
    }
    for (from, on) in view.edges() {
        let _ = writeln!(text, "  {} --> {}", id(from), id(on));
    }
    text
}

/// A text as Mermaid shows it inside quotes: everything it might read otherwise is a numbered character.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || " ._/@:+-".contains(character) {
            escaped.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "#{};", u32::from(character));
        }
    }
    if escaped.is_empty() {
        " ".to_owned()
    } else {
        escaped
    }
}
