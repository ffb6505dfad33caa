//! Version plans: what is read, what is refused, and what is written.

mod past;

use model::{Bump, Strategy, VersionPlan};
use proptest::prelude::*;
use rules::{default_train, plans};

fn read(path: &str, text: &str) -> Result<Vec<VersionPlan>, Vec<model::Diagnostic>> {
    plans::read(&[(path.to_owned(), text.to_owned())])
}

/// `name bump, name bump: text`, as text.
fn shown(plan: &VersionPlan) -> String {
    let bumps: Vec<String> = plan
        .bumps
        .iter()
        .map(|(name, bump)| format!("{name} {bump}"))
        .collect();
    format!("{}: {}", bumps.join(", "), plan.text)
}

#[test]
fn plans_of_many_tools_are_read() {
    let table = [
        ("---\n\"core\": minor\n---\n\nNew.\n", "core minor: New."),
        // changesets, with CRLF and a mark
        (
            "\u{feff}---\r\n\"@acme/core\": minor\r\n'app': patch\r\n---\r\n\r\nOne.\r\n\r\nTwo.\r\n",
            "@acme/core minor, app patch: One.\n\nTwo.",
        ),
        // Sampo
        (
            "---\ncargo/banner: major\nnpm/web: none\n---\nGone.",
            "cargo/banner major, npm/web none: Gone.",
        ),
        // Knope
        (
            "---\ndefault: minor\n---\n\n# A feature\n\nMore of it.\n",
            "default minor: # A feature\n\nMore of it.",
        ),
        // Nx
        ("---\n'@acme/web': \"patch\"\n---\n\nx\n", "@acme/web patch: x"),
        (
            "\n---\n# why not\n\n@acme/core:   minor # really\n---\n---\nx\n",
            "@acme/core minor: ---\nx",
        ),
        ("---\n---\n", ": "),
        ("---\na:b: patch\n---\n", "a:b patch: "),
    ];
    for (text, expected) in table {
        let plans = read(".releases/x.md", text).expect(text);
        assert_eq!(plans.iter().map(shown).collect::<Vec<_>>(), [expected], "{text}");
        assert_eq!(plans[0].file, ".releases/x.md");
    }
}

#[test]
fn only_plans_are_read_and_they_are_sorted() {
    let text = |name: &str| {
        (
            format!(".releases/{name}"),
            "---\ncore: patch\n---\nx\n".to_owned(),
        )
    };
    let mut files = vec![text("b.md"), text("A.MD"), text("a.md")];
    for other in [
        "README.md",
        "readme.md",
        "config.json",
        "pre.json",
        ".md",
        "x.txt",
    ] {
        files.push((format!(".releases/{other}"), "{".to_owned()));
    }
    let plans = plans::read(&files).expect("three plans");
    let names: Vec<&str> = plans.iter().map(|plan| plan.file.as_str()).collect();
    assert_eq!(names, [".releases/A.MD", ".releases/a.md", ".releases/b.md"]);
}

#[test]
fn mistakes_are_shown_with_their_lines() {
    let table = [
        ("", 0, "empty", "begins with `---`"),
        ("\u{feff}\r\n", 0, "empty", "begins with `---`"),
        ("core: minor\n", 1, "no front matter", "begins with `---`"),
        ("\n\n# Title\n---\n", 3, "no front matter", "begins with `---`"),
        (
            "---\ncore: minor\n\ntext\n",
            4,
            "does not end",
            "begins with `---`",
        ),
        (
            "---\r\n\r\ncore: minro\r\n---\r\n",
            3,
            "`minro` is no bump",
            "did you mean `minor`?",
        ),
        (
            "---\ncore: Minor\n---\n",
            2,
            "`Minor` is no bump",
            "did you mean `minor`?",
        ),
        (
            "---\ncore: premajor\n---\n",
            2,
            "`premajor` is no bump",
            "the channel decides",
        ),
        (
            "---\ncore: feature\n---\n",
            2,
            "`feature` is no bump",
            "bumps are major, minor",
        ),
        ("---\ncore:\n---\n", 2, "`` is no bump", "bumps are"),
        (
            "---\ncore\n---\n",
            2,
            "`core` is no package",
            "such as `\"core\": minor`",
        ),
        ("---\n\"core: minor\n---\n", 2, "is no package", "such as"),
        ("---\n\"core\" minor\n---\n", 2, "is no package", "such as"),
        ("---\n\"\": minor\n---\n", 2, "is no package", "such as"),
        (
            "---\ncore: minor\n'core': patch\n---\n",
            3,
            "`core` is named twice",
            "larger bump",
        ),
    ];
    for (text, line, message, hint) in table {
        let wrong = read(".releases/x.md", text).expect_err(text);
        assert_eq!(wrong.len(), 1, "{text:?}: {wrong:?}");
        let at = wrong[0].location.as_ref().expect("a place");
        assert_eq!((at.file.as_str(), at.line), (".releases/x.md", line), "{text:?}");
        assert!(wrong[0].message.contains(message), "{text:?}: {}", wrong[0]);
        let given = wrong[0].hint.as_deref().unwrap_or_default();
        assert!(given.contains(hint), "{text:?}: {given}");
    }
    let both = read("x.md", "---\na: x\nb: y\n---\n").expect_err("two mistakes");
    assert_eq!(both.len(), 2);
}

#[test]
fn names_of_files_are_readable_and_tell_plans_apart() {
    let bumps = |name: &str| vec![(name.to_owned(), Bump::Minor)];
    let (name, text) = plans::write(
        &bumps("@acme/core"),
        "  Banners can be *wide*, and so on for a long while.\nx\n",
    );
    assert_eq!(
        text,
        "---\n\"@acme/core\": minor\n---\n\nBanners can be *wide*, and so on for a long while.\nx\n"
    );
    let (slug, digest) = name
        .strip_suffix(".md")
        .and_then(|name| name.rsplit_once('-'))
        .expect("a name");
    assert_eq!(
        (slug, digest.len()),
        ("banners-can-be-wide-and-so-on-for-a-long", 8)
    );
    let again = plans::write(
        &bumps("@acme/core"),
        "Banners can be *wide*, and so on for a long while.\r\nx",
    );
    assert_eq!(again, (name.clone(), text));
    let other = plans::write(
        &bumps("app"),
        "Banners can be *wide*, and so on for a long while.\nx",
    );
    assert_ne!(other.0, name);
    assert!(
        plans::write(&bumps("@acme/core"), "日本語")
            .0
            .starts_with("acme-core-")
    );
    let (name, text) = plans::write(&[], "");
    assert!(name.starts_with("empty-") && text == "---\n---\n", "{name}");
    assert!(plans::is_plan(&plans::write(&bumps("README"), "readme").0));
}

#[test]
fn a_changed_package_whose_versions_come_from_plans_needs_one() {
    let id = |name: &str| model::PackageId {
        ecosystem: "npm".to_owned(),
        name: name.to_owned(),
    };
    let changed = [(id("app"), false), (id("core"), true), (id("web"), false)].into();
    let mut train = default_train();
    let missing = |train: &model::TrainDecl| -> Vec<String> {
        let missing = plans::unplanned(None, train, &changed);
        missing.iter().map(|id| id.name.clone()).collect()
    };
    assert_eq!(missing(&train), Vec::<String>::new(), "commits say it");
    train.strategy = Strategy::Plans;
    assert_eq!(missing(&train), ["app", "web"]);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        names in prop::collection::btree_set("(@[a-z]{1,4}/)?[a-zA-Z0-9._:-]{1,8}", 0..4),
        text in "([ -~é\n]){0,80}",
        bump in 0_usize..4,
    ) {
        let bumps: Vec<(String, Bump)> = names.into_iter().map(|name| (name, plans::BUMPS[bump].1)).collect();
        let (name, written) = plans::write(&bumps, &text);
        prop_assert!(plans::is_plan(&name));
        let read = read(&name, &written).expect("it was written by us");
        prop_assert_eq!(&read[0].bumps, &bumps);
        prop_assert_eq!(&read[0].text, text.trim());
    }

    #[test]
    fn nothing_makes_it_panic(text in "(---|[\"':#a-z \r\n\u{feff}é]|minor){0,40}") {
        match read("x.md", &text) {
            Ok(plans) => prop_assert_eq!(plans.len(), 1),
            Err(wrong) => prop_assert!(wrong.iter().all(|one| one.location.is_some() && one.hint.is_some())),
        }
    }
}
