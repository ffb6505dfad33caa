//! How generated text looks: buildifier's layout, for the few shapes we write.

use std::fmt::Write as _;

/// How wide a heading is.
const WIDTH: usize = 79;

/// A text in double quotes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            character if character.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// A list of texts as the argument of a call: on one line up to one item, else one item a line.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => "[]".to_owned(),
        [item] => format!("[{}]", quote(item)),
        items => {
            let lines: String = items
                .iter()
                .map(|item| format!("        {},\n", quote(item)))
                .collect();
            format!("[\n{lines}    ]")
        }
    }
}

/// A call with named arguments, one a line.
pub(super) fn call(function: &str, arguments: &[(&str, String)]) -> String {
    let lines: String = arguments
        .iter()
        .map(|(name, value)| format!("    {name} = {value},\n"))
        .collect();
    format!("{function}(\n{lines})")
}

/// A load of some symbols.
pub(super) fn load(module: &str, symbols: &[&str]) -> String {
    let symbols: String = symbols
        .iter()
        .map(|symbol| format!(", {}", quote(symbol)))
        .collect();
    format!("load({}{symbols})", quote(module))
}

/// A comment, in lines that are not too long.
pub(super) fn comment(text: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in text.split_whitespace() {
        let last = lines
            .last_mut()
            .filter(|line| line.len() + word.len() < WIDTH + 8);
        match last {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n")
}

/// The rule above and below a heading.
fn rule() -> String {
    format!("# {}", "-".repeat(WIDTH - 2))
}

/// A heading.
pub(super) fn heading(title: &str) -> String {
    format!("{0}\n# {title}\n{0}", rule())
}

/// Whether a comment is the rule of a heading.
pub(super) fn is_rule(comment: &str) -> bool {
    let marks = comment.trim_start_matches('#').trim();
    marks.len() >= 8
        && marks
            .chars()
            .all(|mark| matches!(mark, '-' | '=' | '#' | '~' | '*'))
}

/// The heading of an ecosystem's packages.
pub(super) fn title(ecosystem: &str) -> String {
    let language = match ecosystem {
        "uv" => "Python",
        "cargo" => "Rust",
        "npm" | "pnpm" => "JavaScript",
        "bazel" => "Bazel",
        other => return format!("{other} packages"),
    };
    format!("{language} packages ({ecosystem})")
}

/// The file that holds an ecosystem's rules.
pub(super) fn module(ecosystem: &str) -> String {
    format!("@releasekit//rules/{ecosystem}.star")
}

/// The file that holds groups and trains.
pub(super) const TRAIN_MODULE: &str = "@releasekit//rules/train.star";
