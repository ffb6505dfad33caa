//! What a commit's message says: conventional commits, a revert, or nothing that matters to a release.
//!
//! By default the grammar is Conventional Commits 1.0.0. Where a message is almost right and ignoring it would lose a
//! release, it is read kindly: a missing space after the colon (the standard wants one), an empty scope `()`, a
//! missing blank line after the subject, and line ends of other systems. Other dialects read as their tools do.

use model::{Bump, CommitRules};

use super::dialect::{Headers, Reading, Reverts, reading};
use super::footer::{self, footers};
use super::header::{Header, header};
use super::revert;
use super::squashed::squashed;

pub(crate) use super::change::{Change, Kind};
pub(crate) use super::numbered::{number, numbered};
pub(crate) use super::revert::Revert;

/// Reads a message; nothing if it follows no convention, so that nothing is known about the change.
pub(crate) fn parse(message: &str, rules: &CommitRules) -> Vec<Change> {
    read(message, rules)
        .into_iter()
        .map(|(_, change)| change)
        .collect()
}

/// The same, each change with the first line that says it.
fn read(message: &str, rules: &CommitRules) -> Vec<(String, Change)> {
    let reading = reading(rules.dialect);
    let unified;
    let message = if message.contains('\r') {
        unified = message.replace("\r\n", "\n").replace('\r', "\n");
        &unified
    } else {
        message
    };
    let message = message.trim_start().trim_end_matches(['\n', '\t']);
    if rules.squashed
        && let Some((around, inside)) = squashed(message)
    {
        let is_told = !around.trim().is_empty();
        let mut all = if is_told { read(&around, rules) } else { Vec::new() };
        let inside = inside.iter().flat_map(|one| read(one, rules)).collect();
        all.extend(revert::settled(inside, true));
        return all;
    }
    let (mut subject, mut rest) = message.split_once('\n').unwrap_or((message, ""));
    if rules.merges && subject.starts_with("Merge ") {
        let body = rest.trim_start();
        (subject, rest) = body.split_once('\n').unwrap_or((body, ""));
    }
    let mut parts = parts(subject, rest, rules, reading).into_iter();
    let said = |(subject, rest): (&str, &str)| {
        one(subject, rest, rules, reading).map(|change| (subject.to_owned(), change))
    };
    let mut changes: Vec<(String, Change)> = parts.next().and_then(said).into_iter().collect();
    let further: Vec<(String, Change)> = parts.filter_map(said).collect();
    changes.extend(if rules.squashed {
        revert::settled(further, false)
    } else {
        further
    });
    if changes.is_empty() && reading.anything {
        changes.push((subject.to_owned(), unconventional(subject)));
    }
    changes
}

/// The commits a message holds, each as its first line and what follows.
fn parts<'a>(
    subject: &'a str,
    rest: &'a str,
    rules: &CommitRules,
    reading: &Reading,
) -> Vec<(&'a str, &'a str)> {
    let mut parts = vec![(subject, rest)];
    if !rules.squashed && reading.headers == Headers::First {
        return parts;
    }
    let (mut at, mut start, mut after_blank) = (0, 0, false);
    for line in rest.split_inclusive('\n') {
        let further = further(line.trim_end(), after_blank, rules, reading);
        if let Some(subject) = further {
            if let Some(last) = parts.last_mut() {
                last.1 = &rest[start..at];
            }
            start = at + line.len();
            parts.push((subject, &rest[start..]));
        }
        after_blank |= line.trim().is_empty();
        at += line.len();
    }
    parts
}

/// The header in a line of a body, if it begins a commit of its own.
fn further<'a>(line: &'a str, after_blank: bool, rules: &CommitRules, reading: &Reading) -> Option<&'a str> {
    if rules.squashed
        && let Some(item) = line.strip_prefix("* ").or_else(|| line.strip_prefix("- "))
    {
        let item = item.trim();
        let is_one = header(item, reading).is_some() || revert::quoted(item, "").is_some();
        return is_one.then_some(item);
    }
    let is_place = match reading.headers {
        Headers::First => false,
        Headers::AfterBlank => after_blank,
        Headers::AnyLine => true,
    };
    // A footer such as `Refs: #1` looks like a header too: only known types begin a commit.
    let is_one =
        is_place && header(line, reading).is_some_and(|header| reading.listed(header.type_).is_some());
    is_one.then_some(line)
}

/// Reads one commit.
fn one(subject: &str, rest: &str, rules: &CommitRules, reading: &Reading) -> Option<Change> {
    if let Some(revert) = quoted_revert(subject, rest, reading) {
        let said = footers(rest, reading);
        return Some(Change {
            kind: Kind::Revert,
            type_: "revert".to_owned(),
            scope: None,
            text: revert.subject.clone(),
            breaking: said.breaking,
            footers: said.all,
            own: bump_of_revert(&revert, rules, reading),
            revert: Some(revert),
        });
    }
    let says_so = footer::breaking(subject, &reading.breaking).filter(|_| reading.breaking_type);
    if let Some((_, text)) = says_so {
        let text = one_line(&[text]);
        return Some(Change {
            breaking: vec![text.clone()],
            ..plain("breaking change", text, Bump::Major)
        });
    }
    let is_apart = rest.lines().next().is_none_or(|line| line.trim().is_empty());
    if reading.blank_line && !is_apart {
        return None;
    }
    Some(conventional(header(subject, reading)?, rest, rules, reading))
}

fn conventional(header: Header<'_>, rest: &str, rules: &CommitRules, reading: &Reading) -> Change {
    let text = one_line(&[header.text]);
    let mut said = footers(rest, reading);
    if header.bang && said.breaking.is_empty() {
        said.breaking.push(text.clone());
    }
    let type_ = header.type_.to_ascii_lowercase();
    let mut own = reading.bump_of(header.type_);
    let mut taken_back = None;
    if type_ == "revert" && reading.reverts != Reverts::None {
        let revert = revert::typed(&text, rest);
        if reading.reverts != Reverts::Named || revert.names_commits() {
            own = bump_of_revert(&revert, rules, reading);
            taken_back = Some(revert);
        }
    }
    let kind = match type_.as_str() {
        "feat" => Kind::Feature,
        "feature" if own == Bump::Minor => Kind::Feature,
        "fix" => Kind::Fix,
        "perf" => Kind::Performance,
        "revert" => Kind::Revert,
        _ => Kind::Other,
    };
    Change {
        kind,
        scope: header.scope.map(str::to_owned),
        breaking: said.breaking,
        footers: said.all,
        revert: taken_back,
        ..plain(&type_, text, own)
    }
}

fn plain(type_: &str, text: String, own: Bump) -> Change {
    Change {
        kind: Kind::Other,
        type_: type_.to_owned(),
        scope: None,
        text,
        breaking: Vec::new(),
        footers: Vec::new(),
        revert: None,
        own,
    }
}

/// What counts although it follows no convention.
fn unconventional(subject: &str) -> Change {
    plain("", one_line(&[subject]), Bump::Patch)
}

fn quoted_revert(subject: &str, rest: &str, reading: &Reading) -> Option<Revert> {
    let revert = revert::quoted(subject.trim_end(), rest)?;
    match reading.reverts {
        Reverts::None => None,
        Reverts::Named if !revert.names_commits() => None,
        _ => Some(revert),
    }
}

fn bump_of_revert(revert: &Revert, rules: &CommitRules, reading: &Reading) -> Bump {
    match reading.reverts {
        Reverts::Measured => revert.bump(rules),
        _ => Bump::Patch,
    }
}

/// The lines as one, with every run of white space as one space.
pub(super) fn one_line(lines: &[&str]) -> String {
    let length = |line: &&str| line.len() + 1;
    let mut line = String::with_capacity(lines.iter().map(length).sum());
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type, scope, text, what breaks.
    fn read(message: &str) -> Option<(Kind, Option<String>, String, Option<String>)> {
        let only = only(message)?;
        Some((only.kind, only.scope, only.text, only.breaking.into_iter().next()))
    }

    fn only(message: &str) -> Option<Change> {
        let mut changes = parse(message, &CommitRules::default());
        assert!(changes.len() < 2, "{changes:?}");
        changes.pop()
    }

    #[test]
    fn messages_follow_the_table() {
        let table = [
            ("feat: x", Kind::Feature, None, "x", None),
            ("feat(a): x", Kind::Feature, Some("a"), "x", None),
            ("fix: a: b: c", Kind::Fix, None, "a: b: c", None),
            ("feat(a)!: x", Kind::Feature, Some("a"), "x", Some("x")),
            ("chore!: x", Kind::Other, None, "x", Some("x")),
            ("fix: x\n\nBREAKING CHANGE: y", Kind::Fix, None, "x", Some("y")),
            ("fix: x\n\nBREAKING-CHANGE: y", Kind::Fix, None, "x", Some("y")),
            ("fix: x\nBREAKING CHANGE: y", Kind::Fix, None, "x", Some("y")),
            (
                "fix: x\r\n\r\nbody\r\n\r\nBREAKING CHANGE: y\r\n  z",
                Kind::Fix,
                None,
                "x",
                Some("y z"),
            ),
            (
                "fix: x\n\nbody\n\nRefs: #1\nBREAKING CHANGE: y\nFixes #42",
                Kind::Fix,
                None,
                "x",
                Some("y"),
            ),
            ("fix!: x\n\nBREAKING CHANGE: y", Kind::Fix, None, "x", Some("y")),
            ("fix: x\n\nbreaking change: y", Kind::Fix, None, "x", None),
            ("fix: x\n\nbreaking-change: y", Kind::Fix, None, "x", None),
            (
                "fix: x\n\nno BREAKING CHANGE here: none",
                Kind::Fix,
                None,
                "x",
                None,
            ),
            (
                "fix: x\n\nBREAKING CHANGE: y\n\nRefs:",
                Kind::Fix,
                None,
                "x",
                Some("y"),
            ),
            ("FEAT: x", Kind::Feature, None, "x", None),
            ("Fix: x", Kind::Fix, None, "x", None),
            ("feat(): x", Kind::Feature, None, "x", None),
            ("feat:x", Kind::Feature, None, "x", None),
            ("feat: x\nsecond line", Kind::Feature, None, "x", None),
            ("feat: x\n\nRefs:", Kind::Feature, None, "x", None),
            ("docs: x", Kind::Other, None, "x", None),
            ("perf: x", Kind::Performance, None, "x", None),
            ("Revert \"feat: x\"", Kind::Revert, None, "feat: x", None),
            ("revert: feat(s): x", Kind::Revert, None, "feat(s): x", None),
        ];
        for (message, kind, scope, text, breaks) in table {
            let expected = (
                kind,
                scope.map(str::to_owned),
                text.to_owned(),
                breaks.map(str::to_owned),
            );
            assert_eq!(read(message), Some(expected), "{message:?}");
        }
    }

    #[test]
    fn other_messages_follow_no_convention() {
        for message in [
            "feat:",
            "feat: ",
            "Merge branch 'a'",
            "WIP",
            "",
            "feat (a): x",
            "feat-x: x",
            "(a): x",
            ": x",
        ] {
            assert_eq!(only(message), None, "{message:?}");
        }
    }

    #[test]
    fn changes_bump_by_their_kind() {
        let table = [
            ("feat: x", Bump::Minor),
            ("fix: x", Bump::Patch),
            ("perf: x", Bump::Patch),
            ("docs: x", Bump::None),
            ("chore: x", Bump::None),
            ("ci: x", Bump::None),
            ("build: x", Bump::None),
            ("style: x", Bump::None),
            ("refactor: x", Bump::None),
            ("test: x", Bump::None),
            ("chore!: x", Bump::Major),
            ("fix: x\n\nBREAKING CHANGE: y", Bump::Major),
        ];
        for (message, bump) in table {
            assert_eq!(
                only(message)
                    .expect("a conventional commit")
                    .bump(&CommitRules::default()),
                bump,
                "{message:?}"
            );
        }
    }
}
