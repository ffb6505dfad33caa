//! What is new, as people read it.

use model::{Commit, CommitId, Version};
use rules::{Entry, render};

fn entries(messages: &[&str]) -> Vec<Entry> {
    let commit = |(number, message): (usize, &&str)| Commit {
        id: CommitId(format!("{number:07}abcdef")),
        parents: Vec::new(),
        author: "A".to_owned(),
        time: 0,
        message: (*message).to_owned(),
        paths: Vec::new(),
    };
    messages
        .iter()
        .enumerate()
        .map(commit)
        .flat_map(|commit| Entry::of(&commit))
        .collect()
}

#[test]
fn sections_come_in_a_fixed_order() {
    let mut entries = entries(&[
        "Revert \"feat: old\"",
        "perf: faster",
        "fix(io): read <all> of `it`",
        "chore: nothing",
        "not conventional",
        "feat: one",
        "feat(api)!: two",
        "fix: three\n\nBREAKING CHANGE: callers\nmust change",
        "refactor!: four",
        "feat: five",
    ]);
    entries.push(Entry::dependency("core", &Version::new(0, 2, 0)));
    let expected = "\
## 1.2.0 (2026-01-02)

### Breaking

- **api:** two (0000006)
- callers must change (0000007)
- four (0000008)

### Features

- one (0000005)
- five (0000009)

### Bug Fixes

- **io:** read &lt;all&gt; of \\`it\\` (0000002)
- three (0000007)

### Performance

- faster (0000001)

### Reverts

- feat: old (0000000)

### Dependencies

- core 0.2.0
";
    assert_eq!(
        render("app", &Version::new(1, 2, 0), Some("2026-01-02"), &entries),
        expected
    );
}

#[test]
fn a_release_for_a_dependency_says_which() {
    let entries = [Entry::dependency("cargo/my_core", &Version::new(0, 2, 0))];
    let expected = "## 0.1.1 (2026-01-02)\n\n### Dependencies\n\n- cargo/my\\_core 0.2.0\n";
    assert_eq!(
        render("app", &Version::new(0, 1, 1), Some("2026-01-02"), &entries),
        expected
    );
}

#[test]
fn nothing_is_said_to_be_nothing() {
    assert_eq!(
        render("my_app", &Version::new(1, 0, 0), None, &[]),
        "## 1.0.0\n\nNo changes to my\\_app.\n"
    );
}
