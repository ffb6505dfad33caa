//! The footers of a commit's message: `Token: value`, `Token #value`, and `BREAKING CHANGE`.

use super::dialect::{Breaking, Reading};

/// What a message's footers say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Footers {
    /// Everything that breaks, in order, each in one line.
    pub(super) breaking: Vec<String>,
    /// All of them in order, tokens as written, values in one line.
    pub(super) all: Vec<(String, String)>,
}

/// One line of the footers.
enum Line<'a> {
    /// A new footer begins.
    Token(&'a str, &'a str),
    /// A footer without a value: it says nothing, but what stood before it ends.
    Empty,
    /// More of what stood before it.
    More,
}

/// Reads what follows a header. Clauses 8 to 12 and 16 of Conventional Commits 1.0.0: footers begin after a blank
/// line, and a value runs until the next token. What breaks is found at the beginning of any line, because
/// ignoring it would lose a major release.
pub(super) fn footers(rest: &str, reading: &Reading) -> Footers {
    let mut found = Footers::default();
    let mut open: Option<(String, Vec<&str>)> = None;
    let (mut after_blank, mut inside) = (false, false);
    for line in rest.lines() {
        let is_breaking = breaking(line, &reading.breaking);
        let kind = match is_breaking {
            Some((token, value)) => Line::Token(token, value),
            None if after_blank || inside => token(line),
            None => Line::More,
        };
        after_blank = line.trim().is_empty();
        match kind {
            Line::Token(token, value) => {
                found.close(open.replace((token.to_owned(), vec![value])));
                inside = true;
            }
            Line::Empty => found.close(open.take()),
            Line::More => {
                if let Some((_, lines)) = &mut open {
                    lines.push(line);
                }
            }
        }
    }
    found.close(open);
    found
}

impl Footers {
    fn close(&mut self, footer: Option<(String, Vec<&str>)>) {
        let Some((token, lines)) = footer else { return };
        let value = super::message::one_line(&lines);
        // A commit template may leave an empty `BREAKING CHANGE:` behind: nothing breaks.
        if value.is_empty() {
            return;
        }
        let is_breaking = |written: &str| token.eq_ignore_ascii_case(written);
        if is_breaking("BREAKING CHANGE") || is_breaking("BREAKING-CHANGE") {
            self.breaking.push(value.clone());
        }
        self.all.push((token, value));
    }
}

/// The token and the rest of the line, if the line says that something breaks.
pub(super) fn breaking<'a>(line: &'a str, rules: &Breaking) -> Option<(&'a str, &'a str)> {
    let (token, rest) = line.split_at_checked("BREAKING CHANGE".len())?;
    let is_token = |written: &str| {
        if rules.any_case {
            token.eq_ignore_ascii_case(written)
        } else {
            token == written
        }
    };
    if !(is_token("BREAKING CHANGE") || rules.hyphen && is_token("BREAKING-CHANGE")) {
        return None;
    }
    let value = match rest.strip_prefix(':') {
        // What follows may stand on the next lines.
        Some(value) if value.is_empty() || value.starts_with(' ') || rules.tight => value,
        Some(_) => return None,
        None if rest.starts_with(" #") && rules.hash => &rest[2..],
        None if rest.starts_with(' ') && rules.bare => rest,
        None => return None,
    };
    Some((token, value))
}

/// What a line is where footers are expected.
fn token(line: &str) -> Line<'_> {
    let end = line
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'-'));
    let Some(end) = end.filter(|_| line.starts_with(|first: char| first.is_ascii_alphabetic())) else {
        return Line::More;
    };
    let (token, rest) = line.split_at(end);
    // Words that are written differently are no breaking change.
    let value = rest
        .strip_prefix(": ")
        .or_else(|| rest.strip_prefix(" #").map(|_| &rest[1..]));
    match value.map(str::trim) {
        Some("") => Line::Empty,
        Some(value) if !token.eq_ignore_ascii_case("BREAKING-CHANGE") => Line::Token(token, value),
        None if rest.trim_end() == ":" => Line::Empty,
        _ => Line::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::dialect::reading;

    fn read(rest: &str) -> Vec<(String, String)> {
        footers(rest, reading(model::Dialect::Conventional)).all
    }

    #[test]
    fn footers_are_pairs() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = pairs
                .iter()
                .map(|(token, value)| ((*token).to_owned(), (*value).to_owned()));
            owned.collect()
        };
        assert_eq!(
            read("\nbody\n\nRefs: #1\nFixes #42\n"),
            pairs(&[("Refs", "#1"), ("Fixes", "#42")])
        );
        assert_eq!(
            read("\nReviewed-by: A B\n  C\n\nand more\nRefs: 7"),
            pairs(&[("Reviewed-by", "A B C and more"), ("Refs", "7")])
        );
        assert_eq!(read("\nin the body Refs: #1\nNote: this is prose"), []);
        assert_eq!(
            read("\nBREAKING CHANGE:\n\n- a\n- b"),
            pairs(&[("BREAKING CHANGE", "- a - b")])
        );
        assert_eq!(read("\nBREAKING CHANGE:\n\nRefs: #1"), pairs(&[("Refs", "#1")]));
    }
}
