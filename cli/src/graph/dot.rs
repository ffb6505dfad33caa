//! Graphviz. An arrow points from what needs to what is needed.

use std::fmt::Write as _;

use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let mut text = "digraph releasekit {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for (number, (group, nodes)) in view.groups().into_iter().enumerate() {
        let indent = if group.is_empty() { "  " } else { "    " };
        // Writing to a String cannot fail.
        if !group.is_empty() {
            let _ = writeln!(
                text,
                "  subgraph cluster_{number} {{\n    label={};",
                quote(group)
            );
        }
        for node in nodes {
            let node = view.nodes[node];
            let said = node.detail.iter().filter(|(_, text)| !text.is_empty());
            let tip: Vec<String> = said.map(|(name, text)| format!("{name}: {text}")).collect();
            let _ = write!(text, "{indent}{} [label={}", quote(&node.id), quote(&node.label));
            if !tip.is_empty() {
                let _ = write!(text, ", tooltip={}", quote(&tip.join("\n")));
            }
            text.push_str("];\n");
        }
        if !group.is_empty() {
            text.push_str("  }\n");
        }
    }
    for (from, on) in view.edges() {
        let (from, on) = (quote(&view.nodes[from].id), quote(&view.nodes[on].id));
        let _ = writeln!(text, "  {from} -> {on};");
    }
    text + "}\n"
}

/// A quoted text, as an id and as a label alike: a backslash would start an escape in a label.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            // A zero byte would end the file for Graphviz.
            '\0' => quoted.push_str("\\0"),
            // Graphviz reads entities in labels.
            '&' => quoted.push_str("&amp;"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
