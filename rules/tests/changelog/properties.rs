//! What holds for every changelog and every commit message.

use model::{CommitRules, Version};
use proptest::prelude::*;
use rules::{Entry, Insertion, Part, insert, insert_release};

use crate::support::{commit, news, text};

/// Lines that changelogs are made of, and some that only look so.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("# Changelog".to_owned()),
        Just("## [Unreleased]".to_owned()),
        (0_u64..3, 0_u64..3, 0_u64..12).prop_map(|(a, b, c)| format!("## {a}.{b}.{c}")),
        (0_u64..3, 0_u64..3).prop_map(|(a, b)| format!("### [v{a}.{b}.0](https://example.com) (2025-01-01)")),
        Just("## 1.1.1-rc.1".to_owned()),
        Just("===".to_owned()),
        Just("---".to_owned()),
        Just("```".to_owned()),
        Just("<!--".to_owned()),
        Just("-->".to_owned()),
        Just("[1.1.1]: https://example.com".to_owned()),
        Just("<a name=\"x\"></a>".to_owned()),
        Just(String::new()),
        "[a-z#*`é -]{0,12}",
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n")];
    (prop::collection::vec(line, 0..16), end, any::<bool>()).prop_map(|(lines, end, is_ended)| {
        let mut text = lines.join(end);
        if is_ended {
            text.push_str(end);
        }
        text
    })
}

/// Whether `text` is `before` with something put in at one place.
fn is_kept(before: &str, text: &str) -> bool {
    let head = before
        .bytes()
        .zip(text.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let rest = &before.as_bytes()[head..];
    text.len() >= before.len() && text.as_bytes().ends_with(rest)
}

proptest! {
    #[test]
    fn inserting_twice_is_inserting_once_and_nothing_is_lost(existing in lines(), by_version: bool) {
        let released = Version::new(1, 1, 1);
        let section = text(&rules::News { version: released.clone(), ..news(Vec::new()) });
        let how = Insertion { by_version, overwrite: false };
        let once = insert(Some(&existing), &section, &released, how).expect("it names its version");
        let twice = insert(Some(&once), &section, &released, how).expect("it names its version");
        prop_assert_eq!(&once, &twice);
        prop_assert!(existing.trim().is_empty() || is_kept(&existing, &once), "{:?}\n{:?}", existing, once);
        let overwrite = Insertion { overwrite: true, by_version };
        let anew = insert(Some(&once), &section, &released, overwrite).expect("it names its version");
        let again = insert(Some(&anew), &section, &released, overwrite).expect("it names its version");
        prop_assert_eq!(anew, again);
    }

    #[test]
    fn a_release_is_told_once_and_nothing_is_lost(existing in lines()) {
        let part = |name: &str| Part {
            name: name.to_owned(),
            version: Version::new(1, 1, 1),
            comparison: None,
            text: "## 1.1.1\n\n### Features\n\n- x\n".to_owned(),
        };
        let parts = [part("@acme/core"), part("app")];
        let once = insert_release(Some(&existing), "2026-01-02", &parts);
        prop_assert_eq!(&insert_release(Some(&once), "2026-01-02", &parts), &once);
        prop_assert!(existing.trim().is_empty() || is_kept(&existing, &once), "{:?}\n{:?}", existing, once);
    }

    #[test]
    fn no_message_gets_out_of_its_line(message in "(feat|fix|docs)(\\([a-z*`<]{1,5}\\))?!?: ([ -~\u{202e}\u{7}\n]|é){0,60}") {
        let entries = Entry::of(&commit(1, &message), &CommitRules::default());
        let count = entries.len();
        let written = text(&rules::News {
            rules: vec![crate::support::rule("All", &["other", "breaking"])],
            ..news(entries)
        });
        let items = written.lines().filter(|line| line.starts_with("- ")).count();
        prop_assert_eq!(items, count, "{:?}", &written);
        let others = written.lines().filter(|line| !line.starts_with("- ") && !line.is_empty());
        prop_assert_eq!(others.collect::<Vec<_>>(), ["## 1.2.0 (2026-01-02)", "### All"]);
        prop_assert!(!written.contains('<') || written.contains('`'), "{}", &written);
        let controls = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        prop_assert!(!written.contains(controls), "{:?}", &written);
    }
}
