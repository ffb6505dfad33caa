//! The first line of a conventional commit: `type(scope)!: text`.

use super::dialect::Reading;

/// A header, in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// As written.
    pub(super) type_: &'a str,
    /// Never empty.
    pub(super) scope: Option<&'a str>,
    pub(super) bang: bool,
    pub(super) text: &'a str,
}

/// Reads a line; `None` if it is no header. Clauses 1, 4, 5 and 13 of Conventional Commits 1.0.0.
pub(super) fn header<'a>(line: &'a str, reading: &Reading) -> Option<Header<'a>> {
    // A type is a noun.
    let end = line
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .filter(|end| *end > 0)?;
    let (type_, rest) = line.split_at(end);
    let (scope, rest) = scope(rest, reading)?;
    let (bang, rest) = match rest.strip_prefix('!') {
        Some(_) if !reading.bang => return None,
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let text = rest.strip_prefix(':')?;
    if !reading.tight_colon && !text.starts_with(' ') {
        return None;
    }
    let text = text.trim();
    let is_whole = reading.empty_text || !text.is_empty();
    (is_whole && reading.knows(type_)).then_some(Header {
        type_,
        scope,
        bang,
        text,
    })
}

/// A scope, if one follows the type, and what follows it.
fn scope<'a>(after_type: &'a str, reading: &Reading) -> Option<(Option<&'a str>, &'a str)> {
    let start = if reading.loose_scope {
        after_type.trim_start_matches(' ')
    } else {
        after_type
    };
    let Some(inner) = start.strip_prefix('(') else {
        return Some((None, after_type));
    };
    let (scope, rest) = inner.split_once(')')?;
    let scope = scope.trim();
    if scope.contains('(') || scope.is_empty() && !reading.empty_scope {
        return None;
    }
    if !reading.spaced_scope && scope.contains(' ') {
        return None;
    }
    Some((Some(scope).filter(|scope| !scope.is_empty()), rest))
}
