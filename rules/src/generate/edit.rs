//! Edits as spans of the original text.

use std::collections::BTreeMap;

use super::source::Source;
use super::syntax::{Span, Statement};
use super::{directive, layout};

/// Edits of one text. Whatever no edit covers stays as it is.
#[derive(Debug)]
pub(super) struct Edits<'s> {
    source: &'s Source,
    replacements: Vec<(Span, String)>,
    /// New paragraphs, by the end of the line they come after; at the end of the text if there is none.
    paragraphs: BTreeMap<Option<usize>, Vec<String>>,
}

impl<'s> Edits<'s> {
    /// No edits.
    pub(super) const fn new(source: &'s Source) -> Self {
        Self {
            source,
            replacements: Vec::new(),
            paragraphs: BTreeMap::new(),
        }
    }

    /// Replaces a stretch; edits at one place happen in the order they were made.
    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.replacements.push((span, text.into()));
    }

    /// Inserts at a place.
    pub(super) fn insert(&mut self, place: usize, text: impl Into<String>) {
        self.replace(
            Span {
                start: place,
                end: place,
            },
            text,
        );
    }

    /// Adds a paragraph after a statement, or at the end.
    pub(super) fn paragraph(&mut self, after: Option<&Statement>, text: impl Into<String>) {
        let place = after.map(|statement| self.source.line_end(statement.span.end));
        self.paragraphs.entry(place).or_default().push(text.into());
    }

    /// Removes a statement with its line, and with the comments directly above it. Those stay if they are a
    /// heading, or if the next line goes on without a gap: then they may speak of more than the statement.
    pub(super) fn remove_statement(&mut self, statement: &Statement) {
        let source = self.source;
        let Span { start, end } = statement.span;
        if !source.opens_line(start) || !source.closes_line(end) {
            self.remove_from_line(statement.span);
            return;
        }
        let above = source.comments_above(statement);
        let mut end = source.next_line(end);
        let goes_on = end < source.text.len() && !source.is_blank(end);
        let keep = goes_on || above.iter().any(|comment| layout::is_rule(source.at(*comment)));
        let mut start = source.line_start(start);
        for comment in above
            .iter()
            .filter(|comment| directive::parse(source.at(**comment)).is_some())
        {
            let line = Span {
                start: source.line_start(comment.start),
                end: source.next_line(comment.end),
            };
            self.replace(line, "");
        }
        if let Some(first) = above.first()
            && !keep
        {
            start = source.line_start(first.start);
        }
        let gap_before = start == 0 || source.is_blank(source.line_start(start - 1));
        while gap_before && source.is_blank(end) {
            end = source.next_line(end);
        }
        while end >= source.text.len() && start > 0 && source.is_blank(source.line_start(start - 1)) {
            start = source.line_start(start - 1);
        }
        self.replace(Span { start, end }, "");
    }

    /// Removes a statement that shares its line with others.
    fn remove_from_line(&mut self, Span { mut start, mut end }: Span) {
        let rest = self.source.at(Span {
            start: end,
            end: self.source.line_end(end),
        });
        let before = self.source.at(Span {
            start: self.source.line_start(start),
            end: start,
        });
        if let Some(after) = rest.trim_start().strip_prefix(';') {
            end += rest.len() - after.trim_start().len();
        } else if let Some(kept) = before.trim_end().strip_suffix(';') {
            start -= before.len() - kept.len();
        }
        self.replace(Span { start, end }, "");
    }

    /// The text with all edits made.
    pub(super) fn apply(mut self) -> String {
        let source = self.source;
        for (place, paragraphs) in std::mem::take(&mut self.paragraphs) {
            let text = paragraphs.join("\n\n");
            match place {
                Some(place) => {
                    let next = source.next_line(place);
                    let goes_on = next < source.text.len() && !source.is_blank(next);
                    self.insert(place, format!("\n\n{text}{}", if goes_on { "\n" } else { "" }));
                }
                None => {
                    let gap = match source.text.as_str() {
                        "" => "",
                        text if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
                        text if text.ends_with('\n') => "\n",
                        _ => "\n\n",
                    };
                    self.insert(source.text.len(), format!("{gap}{text}\n"));
                }
            }
        }
        self.replacements.sort_by_key(|(span, _)| *span);
        let line_ending = source.line_ending();
        let mut text = String::with_capacity(source.text.len());
        let mut done = 0;
        for (span, replacement) in &self.replacements {
            text.push_str(source.at(Span {
                start: done,
                end: span.start.max(done),
            }));
            text.push_str(&replacement.replace('\n', line_ending));
            done = done.max(span.end);
        }
        text.push_str(source.at(Span {
            start: done,
            end: source.text.len(),
        }));
        text
    }
}
