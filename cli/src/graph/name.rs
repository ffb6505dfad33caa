//! Names that every format can bear.

use std::fmt::Write as _;

/// An identifier of lower-case ASCII letters, digits and `_` for any text: different texts, different
/// identifiers, also where case does not count (D2). The prefix keeps it apart from the format's own words.
pub(super) fn identifier(prefix: &str, text: &str) -> String {
    let mut name = format!("{prefix}_");
    for character in text.chars() {
        match character {
            'a'..='z' | '0'..='9' => name.push(character),
            '_' => name.push_str("__"),
            other => {
                // Writing to a String cannot fail.
                let _ = write!(name, "_{:x}_", u32::from(other));
            }
        }
    }
    name
}

/// A text on one line: what a terminal would obey is written as escapes.
pub(super) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if engine::is_unprintable(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::identifier;
    use crate::graph::{Drawing, Format, Node, render};

    /// Many texts made of characters that formats trip over, without randomness.
    fn texts() -> Vec<String> {
        let alphabet = [
            "a", "A", "_", "-", ".", "/", "@", "\"", "\\", "2d", "\u{e9}", "0", "\n", "&",
        ];
        let mut texts = vec![String::new()];
        let mut last = texts.clone();
        for _ in 0..3 {
            last = last
                .iter()
                .flat_map(|text| alphabet.iter().map(move |more| format!("{text}{more}")))
                .collect();
            texts.extend(last.iter().cloned());
        }
        // `2` and `d` could also come from two letters; each text counts once.
        texts.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }

    #[test]
    fn identifiers_are_legal_and_different_whatever_the_case() {
        let texts = texts();
        let names: BTreeSet<String> = texts.iter().map(|text| identifier("n", text)).collect();
        assert_eq!(names.len(), texts.len());
        let legal = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
        assert!(
            names
                .iter()
                .all(|name| name.starts_with("n_") && name.chars().all(legal))
        );
    }

    #[test]
    fn every_node_of_a_drawing_is_told_apart() {
        let texts = texts();
        let nodes: Vec<Node> = texts
            .iter()
            .map(|text| Node {
                id: text.clone(),
                ..Node::default()
            })
            .collect();
        let drawing = Drawing { nodes, edges: vec![] };
        for format in [Format::Dot, Format::Mermaid, Format::D2] {
            let text = render(&drawing, format);
            let lines: BTreeSet<&str> = text.lines().collect();
            let header = if format == Format::Dot { 4 } else { 1 };
            assert_eq!(lines.len(), texts.len() + header, "{format:?}");
            assert_eq!(text.lines().count(), texts.len() + header, "{format:?}");
        }
    }
}
