//! The text of an existing RELEASE.star: its statements and comments, with their places.

use model::{Diagnostic, Location};

use super::parse;
use super::syntax::{Kind, Span, Statement};

/// A parsed file.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: String,
    pub(super) file: String,
    pub(super) statements: Vec<Statement>,
    /// Comments, in order, from `#` to the end of the line.
    pub(super) comments: Vec<Span>,
}

impl Source {
    /// Reads a file.
    pub(super) fn parse(text: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let (statements, comments) = parse::parse(text, file).map_err(|error| vec![error])?;
        Ok(Self {
            text: text.to_owned(),
            file: file.to_owned(),
            statements,
            comments,
        })
    }

    /// The text of a stretch.
    pub(super) fn at(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The folder it is in; empty for the repository's root.
    pub(super) fn folder(&self) -> &str {
        self.file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// A folder that it names, seen from the repository's root; empty for that.
    pub(super) fn folder_at(&self, written: &str) -> String {
        folder(&format!("{}/{written}", self.folder()))
    }

    /// How its lines end.
    pub(super) fn line_ending(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Where the line of a place starts.
    pub(super) fn line_start(&self, place: usize) -> usize {
        self.at(Span { start: 0, end: place })
            .rfind('\n')
            .map_or(0, |newline| newline + 1)
    }

    /// Where the line of a place ends, before its line ending.
    pub(super) fn line_end(&self, place: usize) -> usize {
        let rest = self.at(Span {
            start: place,
            end: self.text.len(),
        });
        let Some(newline) = rest.find('\n') else {
            return self.text.len();
        };
        place
            + rest
                .get(..newline)
                .map_or(newline, |line| line.trim_end_matches('\r').len())
    }

    /// Where the line after that of a place starts.
    pub(super) fn next_line(&self, place: usize) -> usize {
        let rest = self.at(Span {
            start: place,
            end: self.text.len(),
        });
        rest.find('\n')
            .map_or(self.text.len(), |newline| place + newline + 1)
    }

    /// Whether the line that starts there is there and holds nothing.
    pub(super) fn is_blank(&self, line: usize) -> bool {
        line < self.text.len()
            && self
                .at(Span {
                    start: line,
                    end: self.line_end(line),
                })
                .trim()
                .is_empty()
    }

    /// The white space at the start of a place's line.
    pub(super) fn indentation(&self, place: usize) -> &str {
        let line = self.at(Span {
            start: self.line_start(place),
            end: self.line_end(place),
        });
        line.get(..line.len() - line.trim_start().len())
            .unwrap_or_default()
    }

    /// Whether only white space stands before a place on its line.
    pub(super) fn opens_line(&self, place: usize) -> bool {
        self.at(Span {
            start: self.line_start(place),
            end: place,
        })
        .trim()
        .is_empty()
    }

    /// Whether only white space or a comment stands after a place on its line.
    pub(super) fn closes_line(&self, place: usize) -> bool {
        let rest = self
            .at(Span {
                start: place,
                end: self.line_end(place),
            })
            .trim_start();
        rest.is_empty() || rest.starts_with('#')
    }

    /// The comments inside a stretch.
    pub(super) fn comments_in(&self, span: Span) -> &[Span] {
        let first = self
            .comments
            .partition_point(|comment| comment.start < span.start);
        let last = self.comments.partition_point(|comment| comment.start < span.end);
        self.comments.get(first..last).unwrap_or_default()
    }

    /// The comments in the lines directly above a statement.
    pub(super) fn comments_above(&self, statement: &Statement) -> &[Span] {
        let mut line = self.line_start(statement.span.start);
        let last = self.comments.partition_point(|comment| comment.start < line);
        let mut first = last;
        while let Some(comment) = first.checked_sub(1).and_then(|index| self.comments.get(index))
            && self.opens_line(comment.start)
            && self.next_line(comment.start) == line
        {
            line = self.line_start(comment.start);
            first -= 1;
        }
        self.comments.get(first..last).unwrap_or_default()
    }

    /// The place of a stretch, for a message.
    pub(super) fn location(&self, span: Span) -> Location {
        let line = self
            .at(Span {
                start: 0,
                end: span.start,
            })
            .matches('\n')
            .count()
            + 1;
        let column = self
            .at(Span {
                start: self.line_start(span.start),
                end: span.start,
            })
            .chars()
            .count()
            + 1;
        Location {
            file: self.file.clone(),
            line: u32::try_from(line).unwrap_or_default(),
            column: u32::try_from(column).unwrap_or_default(),
            length: u32::try_from(self.at(span).chars().count()).unwrap_or_default(),
        }
    }

    /// The name a function goes by in this file, if it is there.
    pub(super) fn local_name(&self, function: &str) -> Option<&str> {
        self.statements
            .iter()
            .find_map(|statement| match &statement.kind {
                Kind::Load { symbols, .. } => symbols
                    .iter()
                    .find(|symbol| symbol.name == function)
                    .map(|symbol| symbol.local.as_str()),
                _ => statement
                    .bound
                    .iter()
                    .find(|name| *name == function)
                    .map(String::as_str),
            })
    }
}

/// A folder as the model writes it: without `.` and `..`, empty for the repository's root.
pub(super) fn folder(written: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
