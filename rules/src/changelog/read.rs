//! What a changelog needs to know of a commit's message: its changes, the pull request it came with, what it closes.

use model::{Bump, CommitRules};

use super::escape::one_line;
use crate::version::message::{self, Change, Kind, Revert, number, numbered};

/// The number a commit came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// A pull request's, whatever the forge calls it.
    PullRequest(u64),
    /// `#12`: a pull request's, unless the forge has merge requests, which are `!12`; then an issue's.
    Hash(u64),
}

impl Number {
    pub(super) fn digits(self) -> u64 {
        match self {
            Self::PullRequest(number) | Self::Hash(number) => number,
        }
    }
}

/// One change that a message tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The type, in lower case; `revert` for what takes another commit back; empty for what follows no convention.
    pub(super) kind: String,
    pub(super) scope: Option<String>,
    /// What was done, in one line, without the pull request's number.
    pub(super) text: String,
    /// Everything that breaks, each in one line.
    pub(super) breaking: Vec<String>,
    /// Whether a version grows because of it, whatever breaks.
    pub(super) bumps: bool,
    pub(super) number: Option<Number>,
    /// The issues it closes, sorted.
    pub(super) issues: Vec<u64>,
}

/// The changes that a message tells of; one that follows no convention tells of one, without a type.
pub(super) fn told(message: &str, rules: &CommitRules) -> Vec<Told> {
    let subject = message.trim().lines().next().unwrap_or_default().trim();
    let (_, number) = without_number(subject);
    let number = surest(number, merge_request(message).map(Number::PullRequest));
    let issues = closed(message);
    let changes = message::parse(message, rules);
    if changes.is_empty() {
        let (text, _) = without_number(subject);
        return vec![Told {
            kind: String::new(),
            scope: None,
            text: one_line(text),
            breaking: Vec::new(),
            bumps: false,
            number,
            issues,
        }];
    }
    let is_squashed = changes.len() > 1;
    let of = |change: Change| {
        let bumps = change.bump_of_type(rules) > Bump::None;
        let change = in_the_end(change, rules);
        let (text, own) = match change.kind {
            // What it quotes is another commit's subject, with that one's number.
            Kind::Revert => (change.text.as_str(), None),
            _ => without_number(&change.text),
        };
        let breaks = |breaks: &String| if *breaks == change.text { text } else { breaks }.to_owned();
        Told {
            kind: kind(&change),
            scope: change.scope.clone(),
            text: text.to_owned(),
            breaking: change.breaking.iter().map(breaks).collect(),
            bumps,
            number: surest(own, number),
            issues: if is_squashed {
                closed_by(&change.footers)
            } else {
                issues.clone()
            },
        }
    };
    changes.into_iter().map(of).collect()
}

/// A change, but a revert as what it comes to: one that takes back a revert is what it brings back.
fn in_the_end(mut change: Change, rules: &CommitRules) -> Change {
    let Some((subject, is_back)) = change.revert.as_ref().map(Revert::meant) else {
        return change;
    };
    if !is_back {
        change.text = subject;
        return change;
    }
    let (text, _) = without_number(&subject);
    match message::parse(text, rules).into_iter().next() {
        Some(mut back) => {
            back.breaking.append(&mut change.breaking);
            back.footers = change.footers;
            back
        }
        None => {
            change.kind = Kind::Other;
            change.type_ = String::new();
            change.text = one_line(text);
            change
        }
    }
}

/// A change's type, in lower case, as sections know it.
fn kind(change: &Change) -> String {
    match change.kind {
        Kind::Feature => "feat".to_owned(),
        Kind::Fix => "fix".to_owned(),
        Kind::Performance => "perf".to_owned(),
        Kind::Revert => "revert".to_owned(),
        Kind::Other => change.type_.clone(),
    }
}

/// A subject without the number that a forge puts at its end, and that number: `(#12)`, `(!12)`,
/// `(pull request #12)`.
fn without_number(subject: &str) -> (&str, Option<Number>) {
    match numbered(subject) {
        Some((text, "#", number)) => (text, Some(Number::Hash(number))),
        Some((text, _, number)) => (text, Some(Number::PullRequest(number))),
        None => (subject, None),
    }
}

/// The first of two numbers, unless the second alone is a pull request's for certain.
fn surest(first: Option<Number>, second: Option<Number>) -> Option<Number> {
    match (first, second) {
        (Some(Number::Hash(_)), Some(Number::PullRequest(_))) => second,
        _ => first.or(second),
    }
}

/// The number in the line that GitLab adds: `See merge request group/project!12`.
fn merge_request(message: &str) -> Option<u64> {
    let mut lines = message.lines().rev();
    lines.find_map(|line| {
        let place = line.trim().strip_prefix("See merge request ")?;
        let (project, digits) = place.rsplit_once('!')?;
        let is_project = !project.contains(char::is_whitespace);
        number(digits).filter(|_| is_project)
    })
}

/// The issues that lines such as `Closes #1, #2` or `Fixes: #3` close, sorted. Those of other repositories are left
/// out.
fn closed(message: &str) -> Vec<u64> {
    let mut issues = Vec::new();
    for line in message.lines().skip(1) {
        let Some((token, rest)) = line.trim().split_once([':', ' ']) else {
            continue;
        };
        if !is_closing(token) {
            continue;
        }
        let words = rest
            .split([',', ' '])
            .map(str::trim)
            .filter(|word| !word.is_empty());
        let numbers = words.map_while(|word| match word {
            "and" | "&" => Some(None),
            word => is_closing(word.trim_end_matches(':'))
                .then_some(None)
                .or_else(|| number(word.trim_end_matches('.').strip_prefix('#')?).map(Some)),
        });
        issues.extend(numbers.flatten());
    }
    issues.sort_unstable();
    issues.dedup();
    issues
}

/// The issues that the footers of one of several changes close, sorted.
fn closed_by(footers: &[(String, String)]) -> Vec<u64> {
    let closing = footers.iter().filter(|(token, _)| is_closing(token));
    let words = closing.flat_map(|(_, value)| value.split([',', ' ']));
    let mut issues: Vec<u64> = words
        .filter_map(|word| number(word.trim_start_matches('#')))
        .collect();
    issues.sort_unstable();
    issues.dedup();
    issues
}

/// The words that forges understand.
fn is_closing(word: &str) -> bool {
    const WORDS: [&str; 9] = [
        "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Told {
        let mut told = told(message, &CommitRules::default());
        assert_eq!(told.len(), 1, "{message:?}");
        told.remove(0)
    }

    #[test]
    fn pull_requests_are_found_where_forges_write_them() {
        let table = [
            ("feat: x (#12)", "feat", "x", Some(Number::Hash(12))),
            ("feat: x (#12) (#15)", "feat", "x (#12)", Some(Number::Hash(15))),
            ("feat: x (!7)", "feat", "x", Some(Number::PullRequest(7))),
            (
                "Fix it (pull request #9)",
                "",
                "Fix it",
                Some(Number::PullRequest(9)),
            ),
            (
                "feat: x (#7)\n\nbody\n\nSee merge request group/sub/kit!34",
                "feat",
                "x",
                Some(Number::PullRequest(34)),
            ),
            ("feat: x (#12) now", "feat", "x (#12) now", None),
            ("feat: x (#0)", "feat", "x (#0)", None),
            (
                "feat: x (#99999999999999999999)",
                "feat",
                "x (#99999999999999999999)",
                None,
            ),
            (
                "Revert \"feat: x (#3)\" (#9)",
                "revert",
                "feat: x (#3)",
                Some(Number::Hash(9)),
            ),
            ("docs(a): x", "docs", "x", None),
            ("Chore!: x (#2)", "chore", "x", Some(Number::Hash(2))),
            ("(#12)", "", "(#12)", None),
        ];
        for (message, kind, text, number) in table {
            let told = read(message);
            assert_eq!(
                (told.kind.as_str(), told.text.as_str(), told.number),
                (kind, text, number),
                "{message:?}"
            );
        }
        assert_eq!(read("feat!: x (#2)").breaking, ["x"]);
    }

    #[test]
    fn a_revert_is_what_it_comes_to() {
        let table: [(&str, &str, &str, &[&str]); 7] = [
            ("Reapply \"feat(a): x\"", "feat", "x", &[]),
            ("Revert \"Revert \"feat!: x (#3)\"\" (#9)", "feat", "x", &["x"]),
            ("revert: Revert \"fix: x\"", "fix", "x", &[]),
            ("Revert \"Reapply \"feat: x\"\"", "revert", "feat: x", &[]),
            ("Reapply \"Update it\"", "", "Update it", &[]),
            ("Reapply \"fix: x\"\n\nBREAKING CHANGE: y", "fix", "x", &["y"]),
            (
                "fix: x\n\nBREAKING CHANGE: y\nBREAKING-CHANGE: z",
                "fix",
                "x",
                &["y", "z"],
            ),
        ];
        for (message, kind, text, breaking) in table {
            let told = read(message);
            assert_eq!(
                (told.kind.as_str(), told.text.as_str()),
                (kind, text),
                "{message:?}"
            );
            assert_eq!(told.breaking, breaking, "{message:?}");
        }
        assert_eq!(
            read("Reapply \"feat(a): x (#3)\" (#9)").number,
            Some(Number::Hash(9))
        );
        assert_eq!(read("Reapply \"feat(a): x\"").scope.as_deref(), Some("a"));
    }

    #[test]
    fn issues_are_those_that_are_closed() {
        let table: [(&str, &[u64]); 9] = [
            ("fix: x\n\nCloses #2, #1 and #3", &[1, 2, 3]),
            ("fix: x\n\nFixes: #42", &[42]),
            ("fix: x\n\nfixes #1, closes #2", &[1, 2]),
            ("fix: x\n\nResolves #7.", &[7]),
            ("fix: x\r\n\r\nCloses #1\r\nCloses #1\r\n", &[1]),
            ("fix: x\n\nRefs: #1", &[]),
            ("fix: x\n\nCloses other/kit#1", &[]),
            ("fix: x\n\nfixes the thing in #3", &[]),
            ("fix: closes #1", &[]),
        ];
        for (message, issues) in table {
            assert_eq!(read(message).issues, issues, "{message:?}");
        }
    }
}
