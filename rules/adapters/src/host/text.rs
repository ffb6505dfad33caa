//! Text that may hold anything, made fit for people.

/// Control characters and those that change the direction of text are spelled out; line ends and tabs stay.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let directs = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if c == '\n' || c == '\t' || !(c.is_control() || directs) {
            safe.push(c);
        } else {
            safe.extend(c.escape_default());
        }
    }
    safe
}

/// The last `count` lines of what a program wrote, fit for people.
pub(crate) fn last_lines(output: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(output).replace("\r\n", "\n");
    let lines: Vec<&str> = text.trim_end().lines().collect();
    printable(&lines[lines.len().saturating_sub(count)..].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_told_what_to_do() {
        assert_eq!(
            printable("a\n\tb\u{1b}[31m\u{202e}"),
            "a\n\tb\\u{1b}[31m\\u{202e}"
        );
    }

    #[test]
    fn the_end_of_an_output_is_what_matters() {
        assert_eq!(last_lines(b"1\r\n2\n3\xff\n\n", 2), "2\n3\u{fffd}");
        assert_eq!(last_lines(b"", 2), "");
    }
}
