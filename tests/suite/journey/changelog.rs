//! Changelogs of a repository: shown, written, edited by hand, written again.

use harness::Sandbox;
use serde_json::Value;

use super::npm_packages::released;

/// Two packages that were released once, and commits since.
fn repository() -> Sandbox {
    let sandbox = released("changelog = changelog(workspace_file = \"CHANGES.md\")");
    let commit = |file: &str, message: &str| {
        sandbox.write(file, message);
        sandbox.commit(message);
    };
    commit("packages/core/a", "feat(api): wide banners (#12)");
    commit(
        "packages/core/b",
        "fix: read `a<b>` of @someone <b>\n\nCloses #4, #5",
    );
    commit("packages/core/c", "docs: hidden");
    commit("README", "feat: of no package");
    sandbox
}

/// The lines under a heading of a text, without the ids of commits.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        let is_id = |inner: &&str| inner.len() == 7 && inner.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = line.split(['(', ')']).find(is_id);
        let line = id.map_or(line.to_owned(), |id| line.replace(&format!(" ({id})"), ""));
        plain.push_str(&line);
        plain.push('\n');
    }
    plain
}

const CORE: &str = "\
## 0.2.0 (2026-01-02)

### Features

- **api:** wide banners (#12)

### Bug Fixes

- read `a<b>` of `@someone` &lt;b&gt;, closes #4, #5
";
const WEB: &str = "\
## 0.1.1 (2026-01-02)

### Dependencies

- `@acme/core` 0.2.0
";

#[test]
fn the_next_release_is_told_by_package() {
    let sandbox = repository();
    let before = sandbox.listing();
    let all = sandbox.run(&["changelog"]).expect(0);
    assert_eq!(
        plain(&all.stdout),
        format!("# @acme/core\n\n{CORE}\n# web\n\n{WEB}")
    );
    let core = sandbox
        .run(&["changelog", "@acme/core", "--format", "markdown"])
        .expect(0);
    assert_eq!(plain(&core.stdout), CORE);
    let dated = sandbox
        .run(&["changelog", "web", "--date", "2027-12-31"])
        .expect(0);
    assert!(dated.stdout.starts_with("## 0.1.1 (2027-12-31)\n"), "{dated}");

    let json = sandbox.run(&["changelog", "--format", "json"]).expect(0).json();
    assert_eq!(json["schema"], "releasekit.changelog/1");
    let core = &json["packages"][0];
    for (field, value) in [
        ("name", "@acme/core"),
        ("ecosystem", "npm"),
        ("version", "0.2.0"),
        ("date", "2026-01-02"),
        ("tag", "@acme/core/v0.2.0"),
        ("previous_tag", "@acme/core/v0.1.0"),
    ] {
        assert_eq!(core[field], value, "{field}");
    }
    let entry = &core["sections"][0]["entries"][0];
    assert_eq!(
        (&entry["scope"], &entry["text"]),
        (&"api".into(), &"wide banners".into())
    );
    assert_eq!(
        (&entry["pull_request"], &entry["breaking"]),
        (&12.into(), &false.into())
    );
    let head = sandbox.git_says(&["rev-parse", "HEAD~3"]);
    assert_eq!(entry["commit"].as_str(), Some(head.trim()));
    assert_eq!(
        core["sections"][1]["entries"][0]["issues"],
        Value::from(vec![4, 5])
    );
    assert_eq!(plain(core["markdown"].as_str().unwrap_or_default()), CORE);

    let notes = sandbox.run(&["changelog", "--notes"]).expect(0);
    let body = |text: &str| {
        text.split_once("\n\n")
            .map(|(_, body)| body.to_owned())
            .expect("a heading")
    };
    assert_eq!(
        plain(&notes.stdout),
        format!(
            "## `@acme/core` 0.2.0\n\n{}\n## web 0.1.1\n\n{}",
            body(CORE),
            body(WEB)
        )
    );
    assert_eq!(
        sandbox.listing(),
        before,
        "nothing is written without being asked"
    );
}

#[test]
fn what_is_written_once_is_kept_as_people_edit_it() {
    let sandbox = repository();
    let edited = "\u{feff}# Changelog of core\r\n\r\nWords.\r\n\r\n## [Unreleased]\r\n\r\n- soon\r\n\r\n\
                  ## 0.2.0-rc.1\r\n\r\n- try it\r\n\r\n## 0.1.0\r\n\r\n- all of it";
    sandbox.write("packages/core/CHANGELOG.md", edited);
    let first = sandbox
        .run(&["changelog", "--write", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(
        first["written"],
        serde_json::json!(["packages/core/CHANGELOG.md", "packages/web/CHANGELOG.md"])
    );
    let (before, after) = edited.split_at(edited.find("## 0.2.0-rc.1").expect("it is there"));
    let expected = format!("{before}{}\r\n{after}", CORE.replace('\n', "\r\n"));
    let core = sandbox.read("packages/core/CHANGELOG.md");
    assert_eq!(
        core.replace("\r\n", "\n")
            .lines()
            .filter(|line| line.contains("wide"))
            .count(),
        1
    );
    assert_eq!(
        plain(&core)
            .replace('\n', "\r\n")
            .replace("\r\r", "\r")
            .trim_end(),
        plain(&expected)
            .replace('\n', "\r\n")
            .replace("\r\r", "\r")
            .trim_end()
    );
    assert_eq!(
        plain(&sandbox.read("packages/web/CHANGELOG.md")),
        format!("# Changelog\n\n{WEB}")
    );

    sandbox.edit(
        "packages/web/CHANGELOG.md",
        "### Dependencies",
        "### For whom it matters",
    );
    let before = sandbox.listing();
    let again = sandbox.run(&["changelog", "--write"]).expect(0);
    assert!(again.stderr.contains("up to date"), "{again}");
    assert_eq!(sandbox.listing(), before);
    let anew = sandbox
        .run(&["changelog", "web", "--write", "--overwrite"])
        .expect(0);
    assert!(anew.stderr.contains("wrote packages/web/CHANGELOG.md"), "{anew}");
    assert_eq!(
        plain(&sandbox.read("packages/web/CHANGELOG.md")),
        format!("# Changelog\n\n{WEB}")
    );

    let _done = sandbox.run(&["changelog", "--workspace", "--write"]).expect(0);
    let whole = sandbox.read("CHANGES.md");
    assert!(whole.starts_with("# Changelog\n\n## 2026-01-02\n\n### `@acme/core` 0.2.0\n\n#### Features\n\n"));
    assert!(
        whole.contains("\n### web 0.1.1\n\n#### Dependencies\n\n"),
        "{whole}"
    );
    let _done = sandbox.run(&["changelog", "--workspace", "--write"]).expect(0);
    assert_eq!(sandbox.read("CHANGES.md"), whole);
}

#[test]
fn versions_that_are_released_are_told_as_they_were() {
    let sandbox = repository();
    let next = plain(
        &sandbox
            .run(&["changelog", "--format", "markdown"])
            .expect(0)
            .stdout,
    );
    sandbox.git(&["tag", "--annotate", "--message", "x", "@acme/core/v0.2.0"]);
    sandbox.git(&["tag", "--annotate", "--message", "x", "web/v0.1.1"]);
    sandbox.write("packages/core/d", "more");
    sandbox.commit("feat: later");
    let core = sandbox
        .run(&["changelog", "@acme/core", "--at", "0.2.0"])
        .expect(0);
    let web = sandbox.run(&["changelog", "--at", "web/v0.1.1"]).expect(0);
    assert_eq!(format!("{}\n{}", plain(&core.stdout), plain(&web.stdout)), next);
    let first = sandbox.run(&["changelog", "web", "--at", "v0.1.0"]).expect(0);
    assert_eq!(
        plain(&first.stdout),
        "## 0.1.0 (2026-01-02)\n\n### Features\n\n- first version\n"
    );

    // Backwards: older versions are put below newer ones.
    for version in ["0.2.0", "0.1.0"] {
        let _done = sandbox
            .run(&["changelog", "@acme/core", "--at", version, "--write"])
            .expect(0);
    }
    let _done = sandbox.run(&["changelog", "@acme/core", "--write"]).expect(0);
    let text = sandbox.read("packages/core/CHANGELOG.md");
    let versions: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(
        versions,
        ["0.3.0 (2026-01-02)", "0.2.0 (2026-01-02)", "0.1.0 (2026-01-02)"]
    );

    let unknown = sandbox.run(&["changelog", "--at", "7.0.0"]).expect(3);
    assert!(unknown.stderr.contains("{name}/v{version}"), "{unknown}");
}

#[test]
fn mistakes_say_what_to_do() {
    let sandbox = repository();
    let typo = sandbox.run(&["changelog", "wbe"]).expect(2);
    assert!(typo.stderr.contains("did you mean `web`?"), "{typo}");
    let _done = sandbox.run(&["changelog", "--overwrite"]).expect(2);
    let _done = sandbox.run(&["changelog", "--date", "2026-13-01"]).expect(2);

    sandbox.edit(
        "RELEASE.star",
        "workspace_file = \"CHANGES.md\"",
        "template = \"news.jinja\"",
    );
    let missing = sandbox.run(&["changelog"]).expect(3);
    assert!(missing.stderr.contains("news.jinja"), "{missing}");
    let nowhere = sandbox.run(&["changelog", "--workspace", "--write"]).expect(3);
    assert!(
        nowhere.stderr.contains("news.jinja") || nowhere.stderr.contains("workspace_file"),
        "{nowhere}"
    );
    sandbox.write("news.jinja", "# {{ version }}\n\n{{ nmae }}\n");
    let wrong = sandbox.run(&["changelog"]).expect(3);
    assert!(
        wrong.stderr.contains("news.jinja:3") && wrong.stderr.contains("undefined"),
        "{wrong}"
    );
    sandbox.write("news.jinja", "Words.\n\n# {{ version }}\n");
    let late = sandbox.run(&["changelog", "--write"]).expect(3);
    assert!(late.stderr.contains("does not begin with a heading"), "{late}");
    assert!(!sandbox.path("packages/web/CHANGELOG.md").exists());
    sandbox.write(
        "news.jinja",
        "# {{ name }}@{{ version }}\n\n{{ sections[0].entries[0].text }}\n",
    );
    let good = sandbox.run(&["changelog", "web", "--write"]).expect(0);
    assert!(good.stderr.contains("wrote"), "{good}");
    assert_eq!(
        sandbox.read("packages/web/CHANGELOG.md"),
        "# Changelog\n\n# web@0.1.1\n\n`@acme/core` 0.2.0\n"
    );
    // What is built is the same text.
    sandbox.write("packages/core/CHANGELOG.md", b"\xff\xfe".as_slice());
    let unreadable = sandbox.run(&["changelog", "@acme/core", "--write"]).expect(3);
    assert!(unreadable.stderr.contains("not UTF-8"), "{unreadable}");
}

#[test]
fn a_link_stays_a_link_and_leads_nowhere_else() {
    let sandbox = repository();
    sandbox.write("docs/core.md", "\u{feff}## 0.1.0\n\n- all of it\n");
    let link = sandbox.path("packages/core/CHANGELOG.md");
    let lead = |to: &str| {
        let _gone = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(to, &link).expect("our own link");
    };
    lead("../../docs/core.md");
    for _ in 0..2 {
        let _done = sandbox.run(&["changelog", "@acme/core", "--write"]).expect(0);
        assert!(link.is_symlink());
        let text = plain(&sandbox.read("docs/core.md"));
        assert_eq!(text, format!("\u{feff}{CORE}\n## 0.1.0\n\n- all of it\n"));
    }
    let outside = sandbox.outside("outside.md");
    std::fs::write(&outside, "# Not ours\n").expect("our own file");
    for to in [outside.to_str().expect("UTF-8"), "nowhere.md"] {
        lead(to);
        let refused = sandbox.run(&["changelog", "--write"]).expect(3);
        assert!(refused.stderr.contains("not in the repository"), "{refused}");
        assert!(!sandbox.path("packages/web/CHANGELOG.md").exists());
    }
    assert_eq!(
        std::fs::read_to_string(&outside).expect("it is there"),
        "# Not ours\n"
    );
    sandbox.write("packages/web/CHANGELOG.md", "");
    lead("../web/CHANGELOG.md");
    let refused = sandbox.run(&["changelog", "--write"]).expect(3);
    assert!(refused.stderr.contains("one file"), "{refused}");
}
