//! Text that may hold anything, made fit for a terminal.

/// `text` with all that a terminal would obey, or that hides in it, spelled out; line ends and tabs stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || c == '\t' || !is_unprintable(c) {
            safe.push(c);
        } else {
            safe.extend(c.escape_unicode());
        }
    }
    safe
}

/// Whether `c` can change what is shown around it: a control character, an end of a line or a paragraph, one without
/// width, or one that turns the direction of text (Unicode UAX 9). None is above U+FFFF.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_gets_through() {
        let controls = (0..0x20).chain(0x7f..0xa0).filter(|code| !matches!(code, 9 | 10));
        let others = [0x61c, 0x200b, 0x200e, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff];
        for code in controls.chain(others) {
            let c = char::from_u32(code).expect("no surrogate");
            assert!(!printable(&format!("a{c}b")).contains(c), "{code:#x}");
        }
        assert_eq!(
            printable("a\n\tb\u{1b}[31m\u{202e}"),
            "a\n\tb\\u{1b}[31m\\u{202e}"
        );
    }
}
