//! What a commit's message says: a Conventional Commit, a revert, or nothing that matters to a release.
//!
//! The grammar is Conventional Commits 1.0.0 as `git-conventional` reads it. Where a message is almost right and
//! ignoring it would lose a release, it is read kindly: a missing space after the colon, an empty scope `()`, a
//! missing blank line after the subject, and line ends of other systems.

use git_conventional::Commit;
use model::Bump;

use super::revert::{self, Revert};

/// What kind of change a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `feat`.
    Feature,
    /// `fix`.
    Fix,
    /// `perf`.
    Performance,
    /// Takes another commit back.
    Revert,
    /// Anything else: `docs`, `chore`, ...
    Other,
}

/// What a commit's message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    /// Which part, if it says; never empty.
    pub(crate) scope: Option<String>,
    /// What was done, in one line.
    pub(crate) text: String,
    /// What breaks, in one line, if something does.
    pub(crate) breaking: Option<String>,
    /// What it takes back, if it is a revert.
    pub(crate) revert: Option<Revert>,
}

impl Change {
    /// By how much the change lets a version grow. A revert is counted as one of something already released.
    pub(crate) fn bump(&self) -> Bump {
        if self.breaking.is_some() {
            return Bump::Major;
        }
        match (self.kind, &self.revert) {
            (_, Some(revert)) => revert.bump(),
            (Kind::Feature, None) => Bump::Minor,
            (Kind::Fix | Kind::Performance | Kind::Revert, None) => Bump::Patch,
            (Kind::Other, None) => Bump::None,
        }
    }
}

/// Reads a message; `None` if it follows no convention, so that nothing is known about the change.
pub(crate) fn parse(message: &str) -> Option<Change> {
    let message = message.replace("\r\n", "\n");
    let message = message.trim();
    let (subject, rest) = message.split_once('\n').unwrap_or((message, ""));
    let subject = subject.trim_end();
    if let Some(revert) = revert::quoted(subject, rest) {
        let text = revert.subject.clone();
        return Some(Change {
            kind: Kind::Revert,
            scope: None,
            text,
            breaking: None,
            revert: Some(revert),
        });
    }
    let header = without_empty_scope(subject);
    let commit = Commit::parse(&header)
        .ok()
        .filter(|commit| is_word(commit.type_().as_str()))?;
    let kind = match commit.type_().as_str().to_ascii_lowercase().as_str() {
        "feat" => Kind::Feature,
        "fix" => Kind::Fix,
        "perf" => Kind::Performance,
        "revert" => Kind::Revert,
        _ => Kind::Other,
    };
    let text = one_line(commit.description());
    Some(Change {
        kind,
        scope: commit
            .scope()
            .map(|scope| scope.as_str().trim().to_owned())
            .filter(|scope| !scope.is_empty()),
        breaking: breaking(&header, rest).or_else(|| commit.breaking().then(|| text.clone())),
        revert: (kind == Kind::Revert).then(|| revert::typed(&text, rest)),
        text,
    })
}

/// A type is a noun.
fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `feat(): x` means `feat: x`.
fn without_empty_scope(subject: &str) -> String {
    match subject.split_once(':') {
        Some((head, tail)) if head.contains("()") => format!("{}:{tail}", head.replacen("()", "", 1)),
        _ => subject.to_owned(),
    }
}

/// What a `BREAKING CHANGE` footer says, if there is one.
fn breaking(header: &str, rest: &str) -> Option<String> {
    if !rest.contains("BREAKING") {
        return None;
    }
    let whole = format!("{header}\n\n{}", rest.trim_start_matches('\n'));
    let Ok(commit) = Commit::parse(&whole) else {
        // Another footer is malformed; that must not hide this one.
        return footer_by_hand(rest);
    };
    let footers = commit.footers().iter();
    let mut texts = footers
        .filter(|footer| is_breaking(footer.token().as_str()))
        .map(|footer| one_line(footer.value()));
    texts.next()
}

/// In capitals only, as the specification has it.
fn is_breaking(token: &str) -> bool {
    token == "BREAKING CHANGE" || token == "BREAKING-CHANGE"
}

fn footer_by_hand(rest: &str) -> Option<String> {
    let mut paragraphs = rest.split("\n\n").map(str::trim);
    paragraphs.find_map(|paragraph| {
        let (token, value) = paragraph.split_once(':')?;
        is_breaking(token)
            .then(|| one_line(value))
            .filter(|value| !value.is_empty())
    })
}

/// The text with every run of white space as one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type, scope, text, what breaks.
    fn read(message: &str) -> Option<(Kind, Option<String>, String, Option<String>)> {
        parse(message).map(|change| (change.kind, change.scope, change.text, change.breaking))
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
            assert_eq!(parse(message), None, "{message:?}");
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
                parse(message).expect("a conventional commit").bump(),
                bump,
                "{message:?}"
            );
        }
    }
}
