//! How long anything gets. Budgets are ratchets: an exception is one line with a reason, here, where it is seen.

use super::none;
use super::source::{SourceFile, files};

/// The longest a file may be.
const LONGEST: usize = 450;
/// The longest the file in the middle may be.
const MEDIAN: usize = 200;
/// The most methods a promise may ask for.
const METHODS: usize = 7;

/// Files that may be longer, how long, and why.
const EXCEPTIONS: &[(&str, usize, &str)] = &[];

fn too_long(file: &SourceFile) -> Option<String> {
    let lines = file.text.lines().count();
    let budget = EXCEPTIONS
        .iter()
        .find(|(path, ..)| *path == file.path)
        .map_or(LONGEST, |(_, lines, _)| *lines);
    (lines > budget).then(|| format!("{}: {lines} lines, {budget} allowed", file.path))
}

/// The public traits of a text, each with the number of its methods.
fn traits(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    for (index, line) in code.iter().enumerate() {
        let Some((_, rest)) = line.split_once("pub trait ") else {
            continue;
        };
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let body = code[index..].iter().skip(1).take_while(|line| **line != "}");
        let is_method = |line: &&&str| {
            let line = line.strip_prefix("    ").unwrap_or_default();
            ["fn ", "async fn ", "const fn ", "unsafe fn "]
                .iter()
                .any(|start| line.starts_with(start))
        };
        found.push((name, body.filter(is_method).count()));
    }
    found
}

#[test]
fn no_file_is_too_long() {
    let files = files();
    let ours: Vec<&SourceFile> = files.iter().filter(|file| file.is_ours()).collect();
    none(&ours.iter().filter_map(|file| too_long(file)).collect::<Vec<_>>());
    let mut lines: Vec<usize> = ours.iter().map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(
        median <= MEDIAN,
        "the file in the middle has {median} lines, {MEDIAN} allowed"
    );
    for (path, ..) in EXCEPTIONS {
        assert!(
            ours.iter().any(|file| file.path == *path),
            "an exception for {path}, which is gone"
        );
    }
}

#[test]
fn no_promise_asks_for_more_than_seven_methods() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for file in files().iter().filter(|file| file.is_ours()) {
        for (name, methods) in traits(&file.text) {
            seen += 1;
            if methods > METHODS {
                complaints.push(format!("{}: `{name}` asks for {methods} methods", file.path));
            }
        }
    }
    none(&complaints);
    assert!(seen >= 5, "only {seen} promises found");
}

#[test]
fn these_checks_can_complain() {
    let file = |lines: usize| SourceFile {
        path: "x.rs".to_owned(),
        text: "//! x\n".repeat(lines),
    };
    assert!(too_long(&file(LONGEST + 1)).is_some());
    assert!(too_long(&file(LONGEST)).is_none());
    let methods =
        "    /// fn not_this();\n    fn a(&self) {\n        fn inner() {}\n    }\n    fn b(&self);\n";
    let text = format!("/// A promise.\npub trait Wide: Send {{\n{methods}}}\n\nfn c() {{}}\n");
    assert_eq!(traits(&text), [("Wide".to_owned(), 2)]);
}
