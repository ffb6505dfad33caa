//! Markdown of several lines, made safe and put beneath an item of a list.

use super::escape;

/// What stands before every line beneath an item.
const INDENT: &str = "  ";

/// The text with an empty line before it, each line as far in as the item's own text: paragraphs, lists, quotations and
/// fenced code stay what they are, headings become bold, and a fence that nobody closed is closed. Empty if there is
/// none.
pub(super) fn beneath(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.trim_end().lines() {
        let inner = line.trim();
        let written = match &fence {
            Some(open) => {
                if inner.starts_with(open.as_str()) && inner.chars().all(|c| open.contains(c)) {
                    fence = None;
                }
                visible(line)
            }
            None => {
                fence = opened(inner);
                safe(line, fence.is_some())
            }
        };
        lines.push(written);
    }
    lines.extend(fence);
    let indented = lines.iter().map(|line| match line.as_str() {
        "" => "\n".to_owned(),
        line => format!("\n{INDENT}{line}"),
    });
    let beneath: String = indented.collect();
    if beneath.is_empty() {
        beneath
    } else {
        format!("\n{beneath}")
    }
}

/// The fence that a line opens.
fn opened(line: &str) -> Option<String> {
    let c = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run = line.len() - line.trim_start_matches(c).len();
    let is_fence = run >= 3 && !line[run..].contains('`');
    is_fence.then(|| c.to_string().repeat(run))
}

/// A line of code, without what cannot be seen; tabs stay.
fn visible(line: &str) -> String {
    line.trim_end()
        .chars()
        .filter(|c| *c == '\t' || !c.is_control())
        .collect()
}

/// A line that is not in code: its place in lists and quotations stays, and what it says is one line of Markdown.
fn safe(line: &str, opens_code: bool) -> String {
    let rest = line.trim_start();
    if rest.is_empty() {
        return String::new();
    }
    let mut written = " ".repeat((line.len() - rest.len()).min(12));
    if opens_code {
        return written + &visible(rest);
    }
    let mut rest = rest;
    while let Some(mark) = mark(rest) {
        written.push_str(&rest[..mark]);
        rest = &rest[mark..];
    }
    let title = rest.trim_start_matches('#');
    let is_heading = title.len() < rest.len() && title.starts_with(' ');
    if is_heading {
        written + "**" + &escape::markdown(title) + "**"
    } else {
        written + &escape::markdown(rest)
    }
}

/// How long the mark of a list's item or of a quotation is that a line begins with.
fn mark(line: &str) -> Option<usize> {
    let simple = ["- ", "* ", "+ ", "> "];
    if simple.iter().any(|mark| line.starts_with(mark)) {
        return Some(2);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_numbered = (1..10).contains(&digits) && (line[digits..].starts_with(". "));
    is_numbered.then_some(digits + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stay_and_everything_else_is_safe() {
        let text =
            "Migrate by:\n\n```sh\nrun <x> # @you\n```\n\n- one\n  1. two <b>\n> said\n\n# Then @acme\n---\n";
        let expected = "\n\n  Migrate by:\n\n  ```sh\n  run <x> # @you\n  ```\n\n  - one\n    1. two &lt;b&gt;\n  > said\n\n  \
                        **Then `@acme`**\n  \\---";
        assert_eq!(beneath(text), expected);
        assert_eq!(beneath(" \n"), "");
        assert_eq!(
            beneath("~~~~\n~~~\n\u{1b}[31mx"),
            "\n\n  ~~~~\n  ~~~\n  [31mx\n  ~~~~"
        );
    }
}
