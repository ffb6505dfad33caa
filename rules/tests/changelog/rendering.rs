//! One version's text, by our own template.

use model::{Bump, PackageId, Version, VersionPlan};
use rules::{Entry, Insertion, News, insert, notes};

use crate::support::{entries, linked, news, rule, text};

const MESSAGES: [&str; 10] = [
    "Revert \"feat: old\"",
    "perf: faster",
    "fix(io): read <all> of `it`",
    "chore: nothing",
    "not conventional",
    "feat: one (#12)",
    "feat(api)!: two",
    "fix: three\n\nBREAKING CHANGE: callers\nmust change\nCloses #3, #4",
    "refactor!: four",
    "feat: five\n\nSee merge request acme/kit!34",
];

#[test]
fn sections_come_in_a_fixed_order() {
    let mut all = entries(&MESSAGES);
    all.push(Entry::dependency("@acme/core", &Version::new(0, 2, 0)));
    let expected = "\
## 1.2.0 (2026-01-02)

### Breaking Changes

- **api:** two (0000006)
- callers must change (0000007), closes #3, #4
- four (0000008)

### Features

- one (#12) (0000005)
- five (#34) (0000009)

### Bug Fixes

- **io:** read &lt;all&gt; of `it` (0000002)
- three (0000007), closes #3, #4

### Performance

- faster (0000001)

### Reverts

- feat: old (0000000)

### Dependencies

- `@acme/core` 0.2.0
";
    assert_eq!(text(&news(all)), expected);
}

#[test]
fn all_that_a_version_plan_says_is_told() {
    let plan = VersionPlan {
        file: ".releases/x.md".to_owned(),
        bumps: vec![("app".to_owned(), Bump::Minor)],
        text: "Rename `old()` to `neu()`.\n\nMigrate by:\n\n```sh\n## 9.9.9\nsed -i s/old/neu/\n```\n"
            .to_owned(),
    };
    let app = PackageId {
        ecosystem: "npm".to_owned(),
        name: "app".to_owned(),
    };
    let mut all = vec![Entry::planned(&plan, &app).expect("it says something")];
    all.extend(entries(&["feat: more"]));
    let expected = "\
### Features

- Rename `old()` to `neu()`.

  Migrate by:

  ```sh
  ## 9.9.9
  sed -i s/old/neu/
  ```
- more (0000000)
";
    let text = text(&news(all));
    assert_eq!(text.split_once("\n\n").expect("a heading").1, expected);
    let changelog = insert(
        Some("# Changelog\n"),
        &text,
        &Version::new(1, 2, 0),
        Insertion::default(),
    );
    let again = Insertion {
        overwrite: true,
        ..Insertion::default()
    };
    let changelog = changelog.expect("it names its version");
    assert_eq!(
        insert(Some(&changelog), &text, &Version::new(1, 2, 0), again).as_deref(),
        Ok(changelog.as_str())
    );
}

#[test]
fn everything_is_linked_to_the_forge() {
    let all = entries(&["fix(io)!: read it (#12)\n\nCloses #3"]);
    let github = linked(news(all.clone()), "https://user:secret@github.com/acme/kit.git");
    let expected = "\
## [1.2.0](https://github.com/acme/kit/compare/app/v1.1.0...app/v1.2.0) (2026-01-02)

### Breaking Changes

- **io:** read it ([#12](https://github.com/acme/kit/pull/12)) \
([0000000](https://github.com/acme/kit/commit/0000000abcdef)), \
closes [#3](https://github.com/acme/kit/issues/3)
";
    assert_eq!(text(&github), expected);
    for (message, link) in [
        ("fix: read it (!12)", "([!12](PAGE/-/merge_requests/12))"),
        ("fix: read it (#12)", "([#12](PAGE/-/issues/12))"),
        (
            "fix: read it\n\nSee merge request group/sub/kit!12",
            "([!12](PAGE/-/merge_requests/12))",
        ),
    ] {
        let news = news(entries(&[message]));
        let gitlab = text(&linked(news, "git@gitlab.example.com:group/sub/kit.git"));
        let link = link.replace("PAGE", "https://gitlab.example.com/group/sub/kit");
        assert!(gitlab.contains(&link), "{gitlab}");
    }
    let first = linked(
        News {
            previous: None,
            previous_tag: None,
            ..news(all)
        },
        "https://github.com/acme/kit",
    );
    assert!(
        text(&first).starts_with("## 1.2.0 (2026-01-02)\n"),
        "nothing to compare with"
    );
}

#[test]
fn sections_are_as_configured() {
    let configured = News {
        rules: vec![
            rule("Everything *else*", &["other"]),
            rule("New", &["feat", "perf"]),
        ],
        date: None,
        ..news(entries(&["docs: d", "perf: p", "Fix it", "feat: f"]))
    };
    let expected = "\
## 1.2.0

### Everything \\*else\\*

- d (0000000)
- Fix it (0000002)

### New

- p (0000001)
- f (0000003)
";
    assert_eq!(text(&configured), expected);
}

#[test]
fn nothing_is_said_to_be_nothing() {
    assert_eq!(
        text(&news(entries(&["chore: x"]))),
        "## 1.2.0 (2026-01-02)\n\nNo notable changes.\n"
    );
}

#[test]
fn notes_have_no_heading_of_their_own() {
    let one = linked(news(entries(&["feat: f"])), "https://github.com/acme/kit");
    let other = News {
        package: "my_web".to_owned(),
        version: Version::new(0, 3, 0),
        previous: None,
        previous_tag: None,
        entries: entries(&["fix: x"]),
        ..one.clone()
    };
    let (first, second) = (text(&one), text(&other));
    let compare = "[app/v1.1.0...app/v1.2.0](https://github.com/acme/kit/compare/app/v1.1.0...app/v1.2.0)\n";
    let link = "([0000000](https://github.com/acme/kit/commit/0000000abcdef))";
    let features = format!("### Features\n\n- f {link}\n\n{compare}");
    assert_eq!(notes(&[(&one, &first)]), features);
    assert_eq!(
        notes(&[(&one, &first), (&other, &second)]),
        format!("## app 1.2.0\n\n{features}\n## my_web 0.3.0\n\n### Bug Fixes\n\n- x {link}\n")
    );
}

#[test]
fn hostile_messages_show_as_they_are() {
    let hostile = entries(&[
        "feat: ](javascript:alert(1)) [x](https://evil.example)",
        "feat(`a`|b): <script>alert(1)</script> @everyone",
        "feat: ok\u{1b}]0;title\u{7}\u{202e}gnp.exe",
        "feat: ## 9.9.9\r\n\r\n## 8.8.8",
        "feat: *bold* _it_ ~~no~~ $x$ `code` ``` & &lt; \\",
        "feat: {{ version }} {% raw %}",
        "feat: x (#12](https://evil.example))",
        "feat!: y\n\nBREAKING CHANGE: <!-- gone\n\n# heading\n- item",
    ]);
    let expected = "\
## [1.2.0](https://github.com/acme/kit/compare/app/v1.1.0...app/v1.2.0) (2026-01-02)

### Breaking Changes

- &lt;!-- gone # heading - item LINK7

### Features

- \\](javascript:alert(1)) \\[x\\](`https://evil.example`) LINK0
- **`a`\\|b:** &lt;script&gt;alert(1)&lt;/script&gt; `@everyone` LINK1
- ok \\]0;title gnp.exe LINK2
- \\## 9.9.9 LINK3
- \\*bold\\* \\_it\\_ \\~\\~no\\~\\~ \\$x\\$ `code` \\`\\`\\` &amp; &amp;lt; \\\\ LINK4
- {{ version }} {% raw %} LINK5
- x (#12\\](`https://evil.example`)) LINK6
- y LINK7
";
    let link = |number: usize| {
        format!("([000000{number}](https://github.com/acme/kit/commit/000000{number}abcdef))")
    };
    let expected = (0..8).fold(expected.to_owned(), |text, number| {
        text.replace(&format!("LINK{number}"), &link(number))
    });
    assert_eq!(
        text(&linked(news(hostile), "https://github.com/acme/kit")),
        expected
    );
}
