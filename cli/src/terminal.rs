//! What a person sees: results on standard output, everything else on standard error.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use engine::{is_unprintable, printable};
use model::{Diagnostic, Location, Severity};

use crate::app::{Global, When};
use crate::exit::Failure;

/// The two streams, and how loud and colourful they may be.
pub(crate) struct Terminal {
    colour: bool,
    live: bool,
    quiet: bool,
    verbose: u8,
    texts: Mutex<Texts>,
    /// The warnings that were shown: each is shown once.
    warned: Mutex<BTreeSet<String>>,
}

/// Gives the text of a file, if it can be shown.
type Texts = Box<dyn Fn(&str) -> Option<String> + Send>;

impl Terminal {
    /// As the command line asks; colours and live progress only where a terminal listens.
    pub(crate) fn new(global: &Global) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colour: match global.color {
                When::Always => true,
                When::Never => false,
                When::Auto => is_terminal && !dumb && !no_colour,
            },
            live: is_terminal && !dumb && !global.quiet,
            quiet: global.quiet,
            verbose: global.verbose,
            texts: Mutex::new(Box::new(|_| None)),
            warned: Mutex::default(),
        }
    }

    /// Whether standard error can show lines that change.
    pub(crate) const fn is_live(&self) -> bool {
        self.live
    }

    /// Whether colours may be used on standard error.
    pub(crate) const fn has_colour(&self) -> bool {
        self.colour
    }

    /// Whether only what went wrong is to be said.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// How much more than usual is asked for.
    pub(crate) const fn verbosity(&self) -> u8 {
        self.verbose
    }

    /// Shows these texts of the files that diagnostics point into.
    pub(crate) fn show_texts(&self, texts: impl Fn(&str) -> Option<String> + Send + 'static) {
        *self.texts.lock().expect("no holder panics") = Box::new(texts);
    }

    /// Writes a result.
    pub(crate) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.is_empty() && !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(())
    }

    /// Writes a result for programs.
    pub(crate) fn json(&self, value: &serde_json::Value) -> Result<(), Failure> {
        self.result(&format!("{value:#}"))
    }

    /// Says something in passing.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Says something whatever was asked for. Nothing in it is obeyed by a terminal.
    pub(crate) fn say(&self, text: &str) {
        self.show(&printable(text));
    }

    /// Shows a text that may hold styles, and nothing else that a terminal obeys.
    fn show(&self, text: &str) {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Shows what is wrong, where, and what to do.
    pub(crate) fn diagnose(&self, diagnostic: &Diagnostic) {
        if self.quiet && diagnostic.severity == Severity::Warning {
            return;
        }
        let mut text = self.picture(diagnostic);
        if let Some(hint) = &diagnostic.hint {
            text.push_str(&format!("\n{} {}", self.paint("36", "hint:"), printable(hint)));
        }
        let is_warning = diagnostic.severity == Severity::Warning;
        if !is_warning || self.warned.lock().expect("no holder panics").insert(text.clone()) {
            self.show(&text);
        }
    }

    /// `text` in the given ANSI style, where colours may be used.
    pub(crate) fn paint(&self, style: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn picture(&self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let renderer = if self.colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let message = printable(&diagnostic.message);
        let title = level.primary_title(message.as_str());
        let Some(location) = &diagnostic.location else {
            return renderer.render(&[annotate_snippets::Group::with_title(title)]);
        };
        let file = printable(&location.file);
        if let Some((source, span)) = self.source(location) {
            let snippet = Snippet::source(source.as_str())
                .path(file.as_str())
                .annotation(AnnotationKind::Primary.span(span));
            return renderer.render(&[title.element(snippet)]);
        }
        let origin = annotate_snippets::Origin::path(file.as_str());
        let origin = if location.line > 0 {
            origin.line(location.line as usize)
        } else {
            origin
        };
        let origin = if location.column > 0 {
            origin.char_column(location.column as usize)
        } else {
            origin
        };
        renderer.render(&[title.element(origin)])
    }

    /// The text of the file a location is in, and the bytes it means; `None` if it cannot be shown.
    fn source(&self, location: &Location) -> Option<(String, std::ops::Range<usize>)> {
        let text = self.texts.lock().expect("no holder panics")(&location.file)?;
        if location.line == 0 || text.len() > 4 * 1024 * 1024 || text.lines().any(|line| line.len() > 2_000) {
            return None;
        }
        let line_start: usize = text
            .split_inclusive('\n')
            .take(location.line as usize - 1)
            .map(str::len)
            .sum();
        let line = text.get(line_start..)?.split('\n').next()?;
        let column = (location.column.max(1) - 1) as usize;
        let start = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        let wanted = location.length.max(1) as usize;
        let end = line[start..]
            .char_indices()
            .nth(wanted)
            .map_or(line.len(), |(at, _)| start + at);
        Some((
            printable_source(&text),
            line_start + start..line_start + end.max(start),
        ))
    }
}

/// A source text as it may be shown: same byte offsets, harmless characters.
fn printable_source(text: &str) -> String {
    let harmless = |c: char| {
        if c == '\n' || c == '\t' || !is_unprintable(c) {
            c.to_string()
        } else {
            "?".repeat(c.len_utf8())
        }
    };
    text.chars().map(harmless).collect()
}

/// A table with aligned columns; the last column is not padded.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let all: Vec<Vec<String>> = std::iter::once(&header)
        .chain(rows)
        .map(|row| {
            row.iter()
                .map(|cell| printable(cell).replace('\n', " "))
                .collect()
        })
        .collect();
    for row in &all {
        for (column, cell) in row.iter().enumerate() {
            let width = widths.entry(column).or_default();
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &all {
        let last = row.len().saturating_sub(1);
        let cells = row.iter().enumerate().map(|(column, cell)| {
            if column == last {
                cell.clone()
            } else {
                let pad = widths[&column] - cell.chars().count();
                format!("{cell}{}", " ".repeat(pad))
            }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["a".into(), "1".into()], vec!["long".into(), "2".into()]];
        assert_eq!(table(&["name", "n"], &rows), "name  n\na     1\nlong  2\n");
    }
}
