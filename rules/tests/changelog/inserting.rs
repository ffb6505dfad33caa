//! Changelogs that people edit, and a version that is put into them.

use model::Version;
use rules::{Insertion, insert};

/// What is put in: 1.3.0, as our own template writes it.
const SECTION: &str = "## 1.3.0 (2026-01-02)\n\n### Features\n\n- new\n";

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn put(existing: &str, how: Insertion) -> String {
    insert(Some(existing), SECTION, &version("1.3.0"), how).expect("it names its version")
}

/// Every text holds `|` where 1.3.0 belongs; each begins with what it is about.
const PLACES: &[&str] = &[
    // keep-a-changelog
    "# Changelog\n\nAll notable changes.\n\n## [Unreleased]\n\n### Added\n\n- soon\n\n|## [1.2.3] - 2025-01-01\n\n- x\n\n\
     [Unreleased]: https://example.com\n[1.2.3]: https://example.com\n",
    "# Changelog\n\n## [Unreleased]\n\n- soon\n\n|[unreleased]: https://example.com\n",
    // release-please
    "# Changelog\n\n|## [1.2.10](https://github.com/a/b/compare/v1.2.9...v1.2.10) (2025-01-01)\n\n\n### Bug Fixes\n\n* x\n",
    // ours
    "# Changelog\n\n|## 1.2.3 (2025-01-01)\n\n- x\n\n## 1.2.2 (2024-01-01)\n",
    // a pre-release of the same version is another version, and so is what only begins alike
    "# Changelog\n\n|## 1.3.0-rc.1\n\n- x\n",
    "# Changelog\n\n|## 1.3.01-x\n\n## 1.3.0.1\n\n## v1.2.9\n",
    // changesets
    "# @acme/core\n\n|## 1.2.3\n\n### Patch Changes\n\n- abc1234: x\n",
    // conventional-changelog of old
    "|<a name=\"1.2.3\"></a>\n## [1.2.3](https://example.com) (2025-01-01)\n\n\n### Bug Fixes\n",
    "|# 1.2.3\n\n- x\n",
    // setext
    "Changelog\n=========\n\nWords\nof ours.\n\n|1.2.3\n-----\n\n- x\n",
    // nothing yet
    "# Changelog\n\nNotes of ours.\n\n|",
    "Only words.\n\n|",
    // 1.3.0 is in code and in a comment only
    "# Changelog\n\n```\n## 1.3.0\n```\n\n<!--\n## 1.3.0\n-->\n\n    ## 1.3.0\n\n|## 1.2.3\n",
    // headings that name the version and are none of a version
    "# Changelog\n\n## Moving to 1.3.0\n\nWords.\n\n|## 1.2.3\n\n## Afterword\n\nMore words.\n",
];

#[test]
fn a_version_is_put_where_it_belongs_and_only_once() {
    for text in PLACES {
        let existing = text.replace('|', "");
        let expected = if text.ends_with('|') {
            text.replace('|', SECTION)
        } else {
            text.replace('|', &format!("{SECTION}\n"))
        };
        let new = put(&existing, Insertion::default());
        assert_eq!(new, expected, "{text}");
        assert_eq!(put(&new, Insertion::default()), new, "twice: {text}");
    }
}

#[test]
fn line_ends_marks_and_a_missing_last_line_end_are_kept() {
    let crlf = put(
        "\u{feff}# Changelog\r\n\r\n## 1.2.3\r\n\r\n- x",
        Insertion::default(),
    );
    let section = SECTION.replace('\n', "\r\n");
    assert_eq!(
        crlf,
        format!("\u{feff}# Changelog\r\n\r\n{section}\r\n## 1.2.3\r\n\r\n- x")
    );
    assert_eq!(
        put("# Changelog", Insertion::default()),
        format!("# Changelog\n\n{}", SECTION.trim_end())
    );
    for empty in ["", "\n", "  \n\n"] {
        assert_eq!(
            put(empty, Insertion::default()),
            format!("# Changelog\n\n{SECTION}")
        );
    }
    let new = insert(None, SECTION, &version("1.3.0"), Insertion::default()).expect("it names its version");
    assert_eq!(new, format!("# Changelog\n\n{SECTION}"));
}

#[test]
fn what_a_person_edited_stays_unless_it_is_to_be_overwritten() {
    let overwrite = Insertion {
        overwrite: true,
        ..Insertion::default()
    };
    let table = [
        (
            "# Changelog\n\n## 1.4.0\n\n- y\n\n## v1.3.0 - mine\n\n- edited\n\n### Notes\n\nwords\n\n## 1.2.3\n\n- x\n",
            "# Changelog\n\n## 1.4.0\n\n- y\n\n@\n## 1.2.3\n\n- x\n",
        ),
        (
            "# Changelog\n\n## 1.3.0\n\n- edited\n\n[1.3.0]: https://example.com\n",
            "# Changelog\n\n@\n[1.3.0]: https://example.com\n",
        ),
        (
            "# Changelog\n\n### [1.3.0](https://example.com) (2025-01-01)\n\n\n### Bug Fixes\n\n* x\n\n## Afterword\n",
            "# Changelog\n\n@\n## Afterword\n",
        ),
        ("# Changelog\n\n## 1.3.0", "# Changelog\n\n@"),
        (
            "# Changelog\n\n## 1.3.0\n\n- edited\n\n---\n\nOlder releases are in the wiki.\n",
            "# Changelog\n\n@\n---\n\nOlder releases are in the wiki.\n",
        ),
        (
            "# Changelog\n\n## 1.3.0\n\n- edited\n\n* * *\n\n## 1.2.3\n\n- x\n\n* * *\n",
            "# Changelog\n\n@\n* * *\n\n## 1.2.3\n\n- x\n\n* * *\n",
        ),
    ];
    for (existing, expected) in table {
        assert_eq!(put(existing, Insertion::default()), existing);
        let section = if existing.ends_with('\n') {
            SECTION
        } else {
            SECTION.trim_end()
        };
        assert_eq!(put(existing, overwrite), expected.replace('@', section));
    }
}

#[test]
fn a_break_that_the_text_itself_has_ends_nothing() {
    let overwrite = Insertion {
        overwrite: true,
        ..Insertion::default()
    };
    let section = "## 1.3.0\n\n- new\n\n---\n";
    let existing = format!("# Changelog\n\n{section}\n## 1.2.3\n");
    let put = insert(Some(&existing), section, &version("1.3.0"), overwrite);
    assert_eq!(put.as_deref(), Ok(existing.as_str()));
}

#[test]
fn an_older_version_is_put_before_the_first_lower_one() {
    let by_version = Insertion {
        by_version: true,
        ..Insertion::default()
    };
    let table = [
        "# Changelog\n\n## 2.0.0\n\n- z\n\n|## 1.2.3\n\n- x\n",
        "# Changelog\n\n|## 1.2.3\n\n- x\n",
        "# Changelog\n\n## 2.0.0\n\n- z\n\n|## Afterword\n",
        "# Changelog\n\n## 2.0.0\n\n- z\n\n|[2.0.0]: https://example.com\n",
    ];
    for text in table {
        let expected = text.replace('|', &format!("{SECTION}\n"));
        assert_eq!(put(&text.replace('|', ""), by_version), expected, "{text}");
    }
}

#[test]
fn a_text_that_does_not_name_its_version_is_refused() {
    for section in ["", "- new\n", "## 1.3.1\n", "Words\n\n## 1.3.0\n", "## Release\n"] {
        let refused = insert(None, section, &version("1.3.0"), Insertion::default());
        assert!(refused.is_err(), "{section:?}");
    }
}
