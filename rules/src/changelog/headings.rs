//! The headings of a Markdown text, and the versions they name.

use model::Version;

/// The byte-order mark that a text may begin with; it is no part of a heading.
pub(super) const MARK: char = '\u{feff}';

/// A heading of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heading<'a> {
    /// 1 to 6.
    pub(super) level: usize,
    /// Where it begins, in bytes; an HTML anchor on the line before belongs to it.
    pub(super) start: usize,
    /// Where it begins without that anchor.
    pub(super) line: usize,
    /// Where the line after it begins.
    pub(super) end: usize,
    pub(super) text: &'a str,
}

/// All headings, in order (CommonMark 4.2 and 4.3); what stands in code or in comments is none.
pub(super) fn headings(text: &str) -> Vec<Heading<'_>> {
    read(text).found
}

/// Where thematic breaks are, in order (CommonMark 4.1), except in code and in comments.
pub(super) fn breaks(text: &str) -> impl Iterator<Item = usize> {
    read(text).breaks.into_iter()
}

fn read(text: &str) -> Reader<'_> {
    let mut reader = Reader::default();
    let mut at = if text.starts_with(MARK) {
        MARK.len_utf8()
    } else {
        0
    };
    for line in text[at..].split_inclusive('\n') {
        reader.line(text, at, line);
        at += line.len();
    }
    reader
}

#[derive(Default)]
struct Reader<'a> {
    found: Vec<Heading<'a>>,
    breaks: Vec<usize>,
    /// The character and the length of the fence that is open.
    fence: Option<(char, usize)>,
    in_comment: bool,
    /// Where that fence or comment begins.
    opened: usize,
    /// Where the paragraph that is open begins.
    paragraph: Option<usize>,
    /// Where an anchor stands that has nothing after it yet.
    anchor: Option<usize>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, text: &'a str, at: usize, line: &str) {
        let plain = line.trim_end();
        let inner = plain.trim_start_matches(' ');
        let indent = plain.len() - inner.len();
        if let Some((c, length)) = self.fence {
            let run = inner.len() - inner.trim_start_matches(c).len();
            if indent < 4 && run >= length && run == inner.len() {
                self.fence = None;
            }
            return;
        }
        if self.in_comment {
            self.in_comment = !plain.contains("-->");
            return;
        }
        if inner.is_empty() {
            self.paragraph = None;
            return;
        }
        if indent >= 4 {
            return;
        }
        if let Some(fence) = opened(inner) {
            self.fence = Some(fence);
            self.opened = at;
        } else if let Some(rest) = inner.strip_prefix("<!--") {
            self.in_comment = !rest.contains("-->");
            self.opened = at;
        } else if is_anchor(inner) {
            self.anchor.get_or_insert(at);
            self.paragraph = None;
            return;
        } else if let Some((level, from, to)) = hashes(inner) {
            let begin = at + indent;
            self.add(level, at, at + line.len(), &text[begin + from..begin + to]);
        } else if let (Some(level), Some(start)) = (underline(inner), self.paragraph) {
            self.add(level, start, at + line.len(), text[start..at].trim());
        } else {
            if is_break(inner) {
                self.breaks.push(at);
                self.paragraph = None;
            } else if begins_paragraph(inner) {
                self.paragraph.get_or_insert(at);
            } else {
                self.paragraph = None;
            }
            self.anchor = None;
            return;
        }
        self.paragraph = None;
        self.anchor = None;
    }

    fn add(&mut self, level: usize, start: usize, end: usize, text: &'a str) {
        self.found.push(Heading {
            level,
            start: self.anchor.unwrap_or(start),
            line: start,
            end,
            text,
        });
    }
}

fn opened(line: &str) -> Option<(char, usize)> {
    let c = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run = line.len() - line.trim_start_matches(c).len();
    let is_fence = run >= 3 && !(c == '`' && line[run..].contains('`'));
    is_fence.then_some((c, run))
}

fn is_anchor(line: &str) -> bool {
    line.starts_with("<a ") && line.ends_with("</a>")
}

/// The level of `## text ##`, and where its text is.
fn hashes(line: &str) -> Option<(usize, usize, usize)> {
    let level = line.len() - line.trim_start_matches('#').len();
    let rest = &line[level..];
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let from = line.len() - rest.trim_start().len();
    let closed = rest.trim_end_matches('#');
    let is_closed = closed.is_empty() || closed.ends_with([' ', '\t']);
    let to = if is_closed {
        level + closed.trim_end().len()
    } else {
        line.len()
    };
    Some((level, from.min(to), to))
}

fn underline(line: &str) -> Option<usize> {
    let all = |c: char| line.chars().all(|other| other == c);
    match line.chars().next() {
        Some('=') if all('=') => Some(1),
        Some('-') if all('-') => Some(2),
        _ => None,
    }
}

/// Whether a line is a thematic break, if it underlines nothing: three or more of one character.
fn is_break(line: &str) -> bool {
    let marks = line.chars().filter(|c| !c.is_whitespace());
    let is_one = |c: char| line.chars().all(|other| other == c || other.is_whitespace());
    marks.count() >= 3 && ['-', '*', '_'].into_iter().any(is_one)
}

/// Whether a line is text, and not an item of a list or a quotation.
fn begins_paragraph(line: &str) -> bool {
    let is_item = ["- ", "* ", "+ ", ">"].iter().any(|mark| line.starts_with(mark));
    !is_item && underline(line).is_none()
}

/// The version a heading names, if it is the heading of a version: `1.2.3`, `v1.2.3`, `[1.2.3]`,
/// `[1.2.3](address)`, `Version 1.2.3`, `name@1.2.3`, `name/v1.2.3`, `name-v1.2.3`; a date or a remark may follow
/// after a dash, a slash or in brackets.
pub(super) fn version(heading: &str) -> Option<Version> {
    let label = label(heading)?;
    label.parse().ok().or_else(|| Version::from_pep440(label).ok())
}

/// Whether a heading is that of a version, also of one that we cannot read, such as `1.2.3.4`.
pub(super) fn is_version(heading: &str) -> bool {
    label(heading).is_some()
}

/// What stands where a version stands, if it looks like one.
fn label(heading: &str) -> Option<&str> {
    let text = heading.trim();
    let text = ["version ", "release "]
        .iter()
        .find_map(|word| {
            let (start, rest) = text.split_at_checked(word.len())?;
            start.eq_ignore_ascii_case(word).then_some(rest.trim_start())
        })
        .unwrap_or(text);
    let (label, rest) = match text.strip_prefix('[') {
        Some(inner) => {
            let (label, rest) = inner.split_once(']')?;
            let rest = match rest.strip_prefix('(') {
                Some(address) => address.split_once(')')?.1,
                None => rest,
            };
            (label, rest)
        }
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    };
    let rest = rest.trim_start();
    let is_remark =
        rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || "(-–—/[,:".contains(c));
    let label = label.trim_matches(['*', '`', ' ']).trim_end_matches([':', ',']);
    let label = label.rsplit(['@', '/']).next().unwrap_or(label);
    let label = label.rsplit_once("-v").map_or(label, |(_, version)| version);
    let label = label.strip_prefix(['v', 'V']).unwrap_or(label);
    let digits = label.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_like = digits.len() < label.len() && digits.starts_with('.');
    (is_remark && is_like).then_some(label)
}

/// Where something can be added at the end of a text: before the definitions of links there (`[1.2.3]: address`) and
/// comments of one line, as tools sign their work, and before code or a comment that nobody closed.
pub(super) fn end(text: &str) -> usize {
    let (mut begin, mut at) = (text.len(), text.len());
    for line in text.split_inclusive('\n').rev() {
        at -= line.len();
        let plain = line.trim();
        let is_definition = plain.starts_with('[') && plain.contains("]: ");
        let is_comment = plain.starts_with("<!--") && plain.ends_with("-->");
        match (is_definition || is_comment, plain.is_empty()) {
            (true, _) => begin = at,
            (false, true) => {}
            (false, false) => break,
        }
    }
    let reader = read(text);
    if reader.fence.is_some() || reader.in_comment {
        begin = begin.min(reader.opened);
    }
    begin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_in_every_shape() {
        let table = [
            ("1.2.3", "1.2.3"),
            ("1.2.3 (2026-01-02)", "1.2.3"),
            ("v1.2.3", "1.2.3"),
            ("[1.2.3] - 2026-01-02", "1.2.3"),
            ("[v1.2.3] 2026-01-02", "1.2.3"),
            (
                "[1.2.3](https://example.com/compare/v1.2.2...v1.2.3) (2026-01-02)",
                "1.2.3",
            ),
            ("[1.2.3] - 2026-01-02 [YANKED]", "1.2.3"),
            ("1.2.3 / 2026-01-02", "1.2.3"),
            ("1.2.3 - the big one", "1.2.3"),
            ("**1.2.3**", "1.2.3"),
            ("Version 1.2.3", "1.2.3"),
            ("release v1.2.3", "1.2.3"),
            ("core@1.2.3", "1.2.3"),
            ("@acme/core@1.2.3", "1.2.3"),
            ("core-v1.2.3", "1.2.3"),
            ("[core/v1.2.3]", "1.2.3"),
            ("1.3.0-rc.1", "1.3.0-rc.1"),
            ("1.3.0rc1", "1.3.0-rc.1"),
            ("1.2.10", "1.2.10"),
            ("1.2", "1.2.0"),
            ("1.2.3+build.5", "1.2.3+build.5"),
        ];
        for (heading, expected) in table {
            assert_eq!(version(heading), expected.parse().ok(), "{heading}");
        }
        for heading in [
            "",
            "Changelog",
            "[Unreleased]",
            "Features",
            "2026",
            "2026-01-02",
            "1.2.3 breaks this",
            "Moving to 2.0.0",
            "1.x",
            "[1.2.3",
            "release",
            "vé",
        ] {
            assert_eq!(version(heading), None, "{heading}");
        }
    }

    #[test]
    fn headings_are_found_where_they_are() {
        let text = "\
# One #

Two
===

Three
---
- item
---
    # code
```sh
# code
~~~
```
<!-- # comment
# comment
-->
~~~~
# code
~~~
~~~~
#no
####### no
<a name=\"x\"></a>

### Four
text
## Five";
        let found: Vec<(usize, &str)> = headings(text)
            .iter()
            .map(|heading| (heading.level, heading.text))
            .collect();
        assert_eq!(
            found,
            [(1, "One"), (1, "Two"), (2, "Three"), (3, "Four"), (2, "Five")]
        );
        let marked = format!("{MARK}## 1.0.1\n");
        let first = headings(&marked)[0];
        assert_eq!((first.text, first.start), ("1.0.1", MARK.len_utf8()));
        let four = headings(text)[3];
        assert!(text[four.start..].starts_with("<a name") && text[four.end..].starts_with("text"));
    }
}
