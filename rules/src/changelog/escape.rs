//! Commit text as Markdown that shows exactly that text.

/// The text with everything that Markdown or HTML would take for markup made plain. `at_start` says whether it
/// begins a block, where a number or a dash would begin a list and `#` a heading.
pub(super) fn escaped(text: &str, at_start: bool) -> String {
    let text = text.trim();
    let mut safe = String::with_capacity(text.len() + 8);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, character) in text.char_indices() {
        let begins_block = at_start
            && match character {
                '#' | '-' | '+' | '=' => at == 0,
                '.' | ')' => digits > 0 && at == digits,
                _ => false,
            };
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => safe.extend(['\\', character]),
            other if begins_block => safe.extend(['\\', other]),
            other if is_unprintable(other) => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// Control characters, and those that turn the direction of the text around them.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        let table = [
            (
                "plain text, with (parens) and #12",
                "plain text, with (parens) and #12",
            ),
            ("*a* _b_ `c` [d](e)", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e)"),
            ("<img src=x> & more", "&lt;img src=x&gt; &amp; more"),
            ("# heading", "\\# heading"),
            ("- list", "\\- list"),
            ("12. list", "12\\. list"),
            ("12 apples. Or more", "12 apples. Or more"),
            ("a\u{7}b\u{202e}c", "a b c"),
            ("back\\slash", "back\\\\slash"),
        ];
        for (text, safe) in table {
            assert_eq!(escaped(text, true), safe);
        }
        assert_eq!(escaped("# no heading", false), "# no heading");
    }
}
