//! What people wrote, as Markdown that shows just that: no markup, no mentions, no links of its own.
//!
//! A mention notifies somebody and a bare address becomes a link even where its characters are written as entities,
//! because forges look for both after the Markdown was read. Only code is left alone by all of them, so that is what
//! such words become.

/// How much of the markup in a text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Markup {
    /// None but code between single backticks: the text was not written as Markdown.
    Code,
    /// What stays inside a line: emphasis, code, links to web pages. HTML and images are not.
    Inline,
}

/// Text that was not written as Markdown, such as a commit's: it shows as it is.
pub(super) fn text(text: &str) -> String {
    escaped(text, Markup::Code)
}

/// What a template puts into its text: the same, with the white space around it.
pub(super) fn value(value: &str) -> String {
    let core = value.trim();
    let (before, after) = value.split_at(value.len() - value.trim_start().len());
    let after = if core.is_empty() { "" } else { &after[core.len()..] };
    format!("{before}{}{after}", text(core))
}

/// Text that was written as Markdown, such as a version plan's: one line of it.
pub(super) fn markdown(text: &str) -> String {
    escaped(text, Markup::Inline)
}

/// Text on one line without anything invisible: what controls a terminal, turns the direction of the text around it,
/// or hides in it.
pub(super) fn one_line(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let spaced: String = visible.map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control characters, line ends, and those that turn the direction of the text around them (Unicode UAX 9).
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Without width. The joiner (U+200D) is left: emoji are made with it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn escaped(text: &str, markup: Markup) -> String {
    let text = one_line(text);
    let mut safe = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    if begins_block(rest) {
        // Digits are no markup: what follows them is.
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        safe.push_str(&rest[..digits]);
        safe.push('\\');
        safe.push_str(&rest[digits..=digits]);
        rest = &rest[digits + 1..];
    }
    while let Some(first) = rest.chars().next() {
        let taken = if first == '`' {
            backticks(rest, &mut safe)
        } else if is_apart(first) {
            apart(rest, first, markup, &mut safe)
        } else {
            let end = rest.find(|c| c == '`' || is_apart(c)).unwrap_or(rest.len());
            word(&rest[..end], markup, &mut safe)
        };
        rest = &rest[taken..];
    }
    if markup == Markup::Inline && safe.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
        safe.push('\\');
    }
    safe
}

/// Whether a line that begins like this would be a heading, a list, a rule, a fence or a definition.
fn begins_block(text: &str) -> bool {
    let run = |c: char| text.len() - text.trim_start_matches(c).len();
    let ends = |at: usize| text[at..].chars().next().is_none_or(|c| c == ' ');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.chars().next() {
        Some('#') => ends(run('#')),
        Some(c @ ('-' | '+' | '=')) => ends(run(c)),
        // Elsewhere these are escaped where they are no markup that is meant.
        Some('*' | '_') => ends(1) || text.chars().all(|c| "*_ ".contains(c)),
        Some('~') => run('~') > 2,
        Some('[') => text.contains("]:"),
        Some('0'..='9') => text[digits..].starts_with(['.', ')']) && ends(digits + 1),
        _ => false,
    }
}

/// What words are told apart by.
fn is_apart(c: char) -> bool {
    c == ' ' || "()[]{}<>\"',;".contains(c)
}

/// Code between single backticks stays code; all other backticks are just that.
fn backticks(rest: &str, safe: &mut String) -> usize {
    let run = rest.len() - rest.trim_start_matches('`').len();
    if run == 1
        && let Some(length) = rest[1..].find('`')
        && length > 0
        && !rest[length + 2..].starts_with('`')
    {
        safe.push_str(&rest[..length + 2]);
        return length + 2;
    }
    safe.push_str(&"\\`".repeat(run));
    run
}

fn apart(rest: &str, c: char, markup: Markup, safe: &mut String) -> usize {
    match (c, markup) {
        ('<', _) => safe.push_str("&lt;"),
        ('>', _) => safe.push_str("&gt;"),
        ('[' | ']', Markup::Code) => safe.extend(['\\', c]),
        // A link leads to a web page, or it is none.
        (']', Markup::Inline)
            if rest.starts_with("](")
                && !rest[2..].starts_with("https://")
                && !rest[2..].starts_with("http://") =>
        {
            safe.push_str("\\]");
        }
        _ => safe.push(c),
    }
    c.len_utf8()
}

fn word(word: &str, markup: Markup, safe: &mut String) -> usize {
    let is_meant = markup == Markup::Inline && word.contains("://");
    if !is_meant && becomes_link(word) {
        let code = word.trim_end_matches(['.', ':', '!', '?', '*', '_', '~']);
        safe.push('`');
        safe.push_str(code);
        safe.push('`');
        plain(&word[code.len()..], markup, safe);
    } else {
        plain(word, markup, safe);
    }
    word.len()
}

/// Whether a forge would turn the word into a link, or tell somebody about it.
fn becomes_link(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_address = ["http://", "https://", "ftp://", "www."]
        .iter()
        .any(|start| lower.contains(start));
    let mut after_at = word.split('@').skip(1);
    is_address || after_at.any(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn plain(word: &str, markup: Markup, safe: &mut String) {
    let mut before = None;
    for (at, c) in word.char_indices() {
        let next = word[at + c.len_utf8()..].chars().next();
        let is_inside = [before, next]
            .iter()
            .all(|side| side.is_some_and(char::is_alphanumeric));
        match (c, markup) {
            ('&', Markup::Code) => safe.push_str("&amp;"),
            // Between letters it is no emphasis (CommonMark 6.2).
            ('_', Markup::Code) if is_inside => safe.push('_'),
            ('\\' | '*' | '_' | '|' | '~' | '$', Markup::Code) => safe.extend(['\\', c]),
            // An image would be fetched from wherever it is by whoever reads this.
            ('!', Markup::Inline) if next.is_none() => safe.push_str("\\!"),
            _ => safe.push(c),
        }
        before = Some(c);
    }
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
            ("*a* _b_ [d](e)", "\\*a\\* \\_b\\_ \\[d\\](e)"),
            ("snake_case and __init__", "snake_case and \\_\\_init\\_\\_"),
            ("<img src=x> & more", "&lt;img src=x&gt; &amp; more"),
            ("<!-- hidden", "&lt;!-- hidden"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("# heading", "\\# heading"),
            ("#12 is closed", "#12 is closed"),
            ("- list", "\\- list"),
            ("-x is a flag", "-x is a flag"),
            ("--flag does it", "--flag does it"),
            ("---", "\\---"),
            ("===", "\\==="),
            ("~~~ fence", "\\~\\~\\~ fence"),
            ("12. list", "12\\. list"),
            ("1) list", "1\\) list"),
            ("1.2.3 is out", "1.2.3 is out"),
            ("12 apples. Or more", "12 apples. Or more"),
            ("a\u{7}b\u{202e}c\u{1b}[31m", "a b c \\[31m"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("two\nlines\r\nand\u{2028}more", "two lines and more"),
            ("back\\slash", "back\\\\slash"),
            ("a | b $c$", "a \\| b \\$c\\$"),
            ("", ""),
        ];
        for (from, safe) in table {
            assert_eq!(text(from), safe, "{from:?}");
        }
    }

    #[test]
    fn code_stays_code_and_other_backticks_are_text() {
        let table = [
            ("read `a<b>` of *it*", "read `a<b>` of \\*it\\*"),
            ("`@someone`", "`@someone`"),
            ("one ` alone", "one \\` alone"),
            ("``two``", "\\`\\`two\\`\\`"),
            ("`` and `a`", "\\`\\` and `a`"),
            ("``` fence", "\\`\\`\\` fence"),
            ("`a``", "\\`a\\`\\`"),
            ("\\`a`", "\\\\`a`"),
        ];
        for (from, safe) in table {
            assert_eq!(text(from), safe, "{from:?}");
        }
    }

    #[test]
    fn nobody_is_notified_and_no_link_is_made() {
        let table = [
            ("thanks @someone!", "thanks `@someone`!"),
            (
                "thanks (@some-one), @org/team.",
                "thanks (`@some-one`), `@org/team`.",
            ),
            ("bump @types/node to 2", "bump `@types/node` to 2"),
            ("by a.b@example.com", "by `a.b@example.com`"),
            ("at 5 @ noon", "at 5 @ noon"),
            (
                "see https://example.com/a?b=c.",
                "see `https://example.com/a?b=c`.",
            ),
            ("see HTTPS://EXAMPLE.COM", "see `HTTPS://EXAMPLE.COM`"),
            ("go www.example.com", "go `www.example.com`"),
        ];
        for (from, safe) in table {
            assert_eq!(text(from), safe, "{from:?}");
        }
    }

    #[test]
    fn markdown_keeps_what_stays_in_its_line() {
        let table = [
            (
                "**new**: [docs](https://example.com/a_b) and `code`",
                "**new**: [docs](https://example.com/a_b) and `code`",
            ),
            ("[x](javascript:alert)", "[x\\](javascript:alert)"),
            (
                "![x](https://example.com/p.png)",
                "\\![x](https://example.com/p.png)",
            ),
            ("<script>", "&lt;script&gt;"),
            ("# no heading", "\\# no heading"),
            ("[a]: https://example.com", "\\[a]: https://example.com"),
            ("* no list", "\\* no list"),
            ("by @someone", "by `@someone`"),
            ("ends with \\", "ends with \\\\"),
            ("```rust", "\\`\\`\\`rust"),
        ];
        for (from, safe) in table {
            assert_eq!(markdown(from), safe, "{from:?}");
        }
    }
}
