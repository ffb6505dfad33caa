//! Text edits by byte range: what is not replaced stays as it was, byte for byte.

use std::ops::Range;

use model::Location;

/// Replacements in one text, applied together.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Puts `text` in the place of `range`.
    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        let edit = (range, text.into());
        if !self.0.contains(&edit) {
            self.0.push(edit);
        }
    }

    /// Puts `text` before the byte at `at`.
    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// The text with all edits made.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut edited = String::with_capacity(text.len() + 64);
        let mut done = 0;
        for (range, new) in self.0 {
            if range.start < done {
                continue;
            }
            edited.push_str(&text[done..range.start]);
            edited.push_str(&new);
            done = range.end;
        }
        edited.push_str(&text[done..]);
        edited
    }
}

/// The range of what stands between the quotes of the TOML or JSON string at `range` of `text`.
pub(super) fn between_quotes(text: &str, range: &Range<usize>) -> Range<usize> {
    let literal = &text[range.clone()];
    let quotes = if literal.starts_with("\"\"\"") || literal.starts_with("'''") {
        3
    } else {
        1
    };
    range.start + quotes..range.end - quotes
}

/// The place of `range` of `text` in lines and columns.
pub(super) fn place(file: &str, text: &str, range: &Range<usize>) -> Location {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(range.start), floor(range.end));
    let before = text[..start].trim_start_matches('\u{feff}');
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let first_line = text[start..end.max(start)].lines().next().unwrap_or("");
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    Location {
        file: file.to_owned(),
        line: u32::try_from(before.matches('\n').count())
            .unwrap_or(u32::MAX)
            .saturating_add(1),
        column: count(&before[line_start..]).saturating_add(1),
        length: count(first_line),
    }
}

/// The line ending the text uses.
pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_touch_nothing_else() {
        let mut edits = Edits::default();
        edits.replace(4..5, "zz");
        edits.insert(0, "<");
        edits.replace(4..5, "zz");
        assert_eq!(edits.apply("a\r\nbcd"), "<a\r\nbzzd");
    }

    #[test]
    fn places_count_from_one_and_in_characters() {
        let text = "\u{feff}ä = 1\nxé = \"b\"\n";
        let at = text.find("\"b\"").expect("written above");
        let place = place("f", text, &(at..at + 3));
        assert_eq!((place.line, place.column, place.length), (2, 6, 3));
    }

    #[test]
    fn quotes_come_in_three_kinds() {
        for text in ["'ab'", "\"ab\"", "'''ab'''", "\"\"\"ab\"\"\""] {
            assert_eq!(&text[between_quotes(text, &(0..text.len()))], "ab");
        }
    }
}
