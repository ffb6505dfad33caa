//! How ten tools and we read the same messages: every cell of the measured tables.

use model::{Bump, CommitRules, Dialect, Version};
use proptest::prelude::*;

use crate::support::{Repo, package, version};

/// Every dialect, in the order of the columns.
const COLUMNS: [Dialect; 11] = [
    Dialect::SemanticRelease,
    Dialect::ConventionalChangelog,
    Dialect::ReleasePlease,
    Dialect::Nx,
    Dialect::PythonSemanticRelease,
    Dialect::Commitizen,
    Dialect::GitCliff,
    Dialect::Cocogitto,
    Dialect::Knope,
    Dialect::ReleasePlz,
    Dialect::Conventional,
];

/// A row: the cells, the text between, the message.
fn rows(table: &str) -> Vec<(Vec<&str>, &str, String)> {
    let lines = table
        .lines()
        .filter(|line| !(line.is_empty() || line.starts_with('#')));
    lines
        .map(|line| {
            let mut parts = line.splitn(3, " | ").map(|part| part.trim_start_matches("| "));
            let mut next = || parts.next().expect("three parts");
            let (cells, between, message) = (next(), next(), next());
            let cells: Vec<&str> = cells.split_whitespace().collect();
            assert_eq!(cells.len(), COLUMNS.len(), "{line}");
            (cells, between.trim(), written_out(message))
        })
        .collect()
}

fn written_out(message: &str) -> String {
    message
        .replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\u{2728}", "\u{2728}")
}

/// The version after one such commit.
fn after(base: &str, rules: CommitRules, message: &str) -> Version {
    let mut repo = Repo::new(vec![package("core", base, &[])]);
    repo.train.commits = rules;
    repo.commit("chore: start", &["core/a"]);
    repo.tag(&format!("core/v{base}"));
    repo.commit(message, &["core/a"]);
    repo.plan()[0].next.clone()
}

fn read_by(dialect: Dialect) -> CommitRules {
    CommitRules {
        dialect,
        ..CommitRules::default()
    }
}

#[test]
fn every_cell_of_the_table_holds() {
    let rows = rows(include_str!("dialects.txt"));
    assert_eq!(rows.len(), 58);
    let mut wrong = Vec::new();
    for (cells, label, message) in &rows {
        for (cell, dialect) in cells.iter().zip(COLUMNS) {
            let expected = match *cell {
                "M" => "2.0.0",
                "m" => "1.3.0",
                "p" => "1.2.4",
                "-" => "1.2.3",
                "=3" => "3.0.0",
                other => panic!("{label}: `{other}` is no cell"),
            };
            let next = after("1.2.3", read_by(dialect), message);
            if next != version(expected) {
                wrong.push(format!("{label}: {dialect:?} makes {next}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cell_below_one_holds() {
    let rows = rows(include_str!("zero.txt"));
    assert_eq!(rows.len(), 12);
    let mut wrong = Vec::new();
    for (cells, base, message) in &rows {
        for (cell, dialect) in cells.iter().zip(COLUMNS) {
            // Two tools say by how much, and `npm version` does the rest: it knows no rule of its own below 1.0.0.
            let grown = |bump| version(base).bumped(bump, true).expect("small numbers");
            let expected = match *cell {
                "." => continue,
                "M" => grown(Bump::Major),
                "m" => grown(Bump::Minor),
                "p" => grown(Bump::Patch),
                "-" => version(base),
                other => version(other),
            };
            let next = after(base, read_by(dialect), message);
            if next != expected {
                wrong.push(format!(
                    "{base} {message:?}: {dialect:?} makes {next}, not {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tools_agree_and_disagree_as_measured() {
    let rows = rows(include_str!("dialects.txt"));
    let agree = |cells: &[&str]| cells.iter().all(|cell| *cell == cells[0]);
    let all = rows.iter().filter(|(cells, _, _)| agree(&cells[..10])).count();
    let all_but_one = rows.iter().filter(|(cells, _, _)| agree(&cells[..9])).count();
    assert_eq!((all, all_but_one), (11, 19));
}

#[test]
fn declared_types_come_before_the_dialect() {
    let with = |types: &[(&str, Bump)]| CommitRules {
        types: types
            .iter()
            .map(|(name, bump)| ((*name).to_owned(), *bump))
            .collect(),
        ..CommitRules::default()
    };
    let table = [
        (with(&[("docs", Bump::Patch)]), "docs: x", "1.2.4"),
        (with(&[("docs", Bump::Patch)]), "Docs: x", "1.2.4"),
        (with(&[("feat", Bump::None)]), "feat: x", "1.2.3"),
        (with(&[("feat", Bump::Patch)]), "feat: x", "1.2.4"),
        (with(&[("break", Bump::Major)]), "break: x", "2.0.0"),
        (with(&[("revert", Bump::None)]), "revert: feat: x", "1.2.3"),
        // Whatever was declared, what breaks is breaking.
        (with(&[("chore", Bump::None)]), "chore!: x", "2.0.0"),
        (with(&[("other", Bump::Minor)]), "fix: x", "1.2.4"),
    ];
    for (rules, message, expected) in table {
        assert_eq!(after("1.2.3", rules, message), version(expected), "{message}");
    }
}

#[test]
fn squashed_commits_count_if_asked_for() {
    let squashed = CommitRules {
        squashed: true,
        ..CommitRules::default()
    };
    let table = [
        ("feat: a\n\n* fix: b\n* feat!: c", "2.0.0"),
        (
            "Add things (#12)\n\n* fix: b\n\nwhy\n\n* docs: c\n\n---------\n\nCo-authored-by: A <a@b.c>",
            "1.2.4",
        ),
        (
            "Add things (#12)\n\n* feat: b\n\n* fix: c\n\nBREAKING CHANGE: d",
            "2.0.0",
        ),
        ("Add things\n\n- feat: b", "1.3.0"),
        ("Add things\n\n* of all kinds: many", "1.2.3"),
        ("docs: x\n\nfix: not an item", "1.2.3"),
        (
            "Squashed commit of the following:\n\ncommit 0123456789abcdef0123456789abcdef01234567\nAuthor: A \
             <a@b.c>\nDate:   Thu Jan 1\n\n    fix!: two\n\ncommit \
             0123456789abcdef0123456789abcdef01234568\nAuthor: A <a@b.c>\n\n    feat: one\n",
            "2.0.0",
        ),
        (
            "fix: all (#1)\n\nSquashed commit of the following:\n\ncommit \
             0123456789abcdef0123456789abcdef01234567\nAuthor: A <a@b.c>\n\n    docs: x\n    \n    feat: in the \
             body\n",
            "1.2.4",
        ),
        (
            "Squashed commit of the following:\n\ncommit 0123456789abcdef0123456789abcdef01234567\nAuthor: A\n\n    \
             fix: a\n\n    BREAKING CHANGE: b\n",
            "2.0.0",
        ),
    ];
    for (message, expected) in table {
        assert_eq!(
            after("1.2.3", squashed.clone(), message),
            version(expected),
            "{message}"
        );
        let unasked = after("1.2.3", CommitRules::default(), message);
        assert!(unasked <= version(expected), "{message}");
    }
}

proptest! {
    /// Whatever another reader of the standard understands, we understand alike.
    #[test]
    fn another_reader_agrees(
        type_ in "feat|fix|perf|docs|FEAT|Chore",
        scope in proptest::option::of("[a-z/, ]{1,6}"),
        bang in "!?",
        text in "[a-zA-Z:!()#* ]{0,8}x",
        body in proptest::collection::vec(
            "|body|Refs: #1|Fixes #42|BREAKING CHANGE: y|BREAKING-CHANGE: y|BREAKING CHANGE #y|breaking change: y|  more|A-b: c|BREAKING",
            0..6,
        ),
    ) {
        let scope = scope.map_or_else(String::new, |scope| format!("({scope})"));
        let message = format!("{type_}{scope}{bang}: {text}\n\n{}", body.join("\n"));
        if let Ok(theirs) = git_conventional::Commit::parse(&message) {
            let expected = match theirs.type_().as_str().to_lowercase().as_str() {
                _ if theirs.breaking() => "2.0.0",
                "feat" => "1.3.0",
                "fix" | "perf" => "1.2.4",
                _ => "1.2.3",
            };
            let next = after("1.2.3", CommitRules::default(), &message);
            // The one difference: what breaks is heard at the beginning of any line, theirs only where footers are.
            let is_anywhere = body.iter().any(|line| line.starts_with("BREAKING CHANGE") || line.starts_with("BREAKING-CHANGE"));
            let is_heard = is_anywhere && next == version("2.0.0");
            prop_assert!(next == version(expected) || is_heard, "{message:?}: {next}, not {expected}");
        }
    }
}

#[test]
fn odd_messages_have_an_outcome() {
    let huge = format!(
        "feat: {}\n\n{}",
        "x".repeat(1 << 16),
        "BREAKING\n".repeat(1 << 12)
    );
    let messages = [
        "",
        "\n\n\n",
        "\r",
        "\u{feff}feat: x",
        "feat\u{fffd}: x",
        "\u{0}feat: x",
        ":",
        "(",
        "a(",
        "a(b",
        "a()",
        "a()!:",
        "feat(\u{1f600}): \u{1f600}",
        "BREAKING CHANG\u{c9}: x",
        "fix: x\n\nBREAKING CHANGE\u{c9}",
        "Revert \"",
        "Revert \"\"",
        "* ",
        "fix: x\n\nRelease-As: nonsense",
        &huge,
    ];
    for dialect in COLUMNS {
        for (squashed, merges) in [(false, false), (true, true)] {
            for message in messages {
                let rules = CommitRules {
                    squashed,
                    merges,
                    ..read_by(dialect)
                };
                let next = after("1.2.3", rules, message);
                assert!(next >= version("1.2.3"), "{message:?}");
            }
        }
    }
}
