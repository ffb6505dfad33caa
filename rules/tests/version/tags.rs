//! Tags: of other tools, of former days, further ones, and those that must not be.

use model::{TagFormat, TrainDecl, Umbrella, Versioning};
use rules::{is_enough, oldest_needed};

use crate::support::{Repo, config, package, version};

fn format(pattern: &str) -> TagFormat {
    TagFormat::parse(pattern).expect("a legal pattern")
}

/// `@a/core` in `packages/core`, and `app` of Python in `bindings/python`.
fn repo(tags: &[&str]) -> Repo {
    let mut repo = Repo::new(vec![
        package("npm:@a/core", "1.0.0", &[]),
        package("app", "1.0.0", &[]),
    ]);
    repo.packages[0].path = "packages/core".to_owned();
    repo.packages[1].path = "bindings/python".to_owned();
    repo.commit("chore: start", &["README"]);
    tags.iter().for_each(|tag| repo.tag(tag));
    repo.commit("feat: x", &["packages/core/a", "bindings/python/a"]);
    repo
}

fn last(repo: &Repo) -> [Option<String>; 2] {
    let plan = repo.plan();
    [0, 1].map(|index: usize| plan[index].last_tag.clone())
}

#[test]
fn tags_of_other_tools_are_understood() {
    let table: [(&[&str], [Option<&str>; 2]); 11] = [
        // release-please, changesets, release-plz, by folder, by ecosystem.
        (
            &["core-v1.2.0", "app-v1.1.0"],
            [Some("core-v1.2.0"), Some("app-v1.1.0")],
        ),
        (
            &["@a/core@1.2.0", "app@1.1.0"],
            [Some("@a/core@1.2.0"), Some("app@1.1.0")],
        ),
        (
            &["core-1.2.0", "python-v1.1.0"],
            [Some("core-1.2.0"), Some("python-v1.1.0")],
        ),
        (
            &["js/core-v1.2.0", "py/app-v1.0.0rc1"],
            [Some("js/core-v1.2.0"), None],
        ),
        // One version for all.
        (&["v1.2.0"], [Some("v1.2.0"), Some("v1.2.0")]),
        (&["1.2.0"], [Some("1.2.0"), Some("1.2.0")]),
        (&["v1", "vnext", "core-v", "@a/core"], [None, None]),
        // What names a package counts before what names nobody.
        (&["v9.0.0", "core-v1.2.0"], [Some("core-v1.2.0"), None]),
        (&["v1.0.0", "core-v1.2.0"], [Some("core-v1.2.0"), Some("v1.0.0")]),
        // Our own format wins where both name one version; the greatest counts otherwise.
        (&["@a/core/v1.2.0", "core-v1.2.0"], [Some("@a/core/v1.2.0"), None]),
        (&["@a/core/v1.2.0", "core-v1.3.0"], [Some("core-v1.3.0"), None]),
    ];
    for (tags, expected) in table {
        assert_eq!(
            last(&repo(tags)),
            expected.map(|tag| tag.map(str::to_owned)),
            "{tags:?}"
        );
    }
}

#[test]
fn bare_tags_are_for_those_that_nothing_else_names() {
    // The only package.
    let mut repo = Repo::new(vec![package("core", "0.0.0", &[])]);
    repo.commit("chore: start", &["core/a"]);
    repo.tag("v1.2.0");
    repo.commit("fix: x", &["core/a"]);
    assert_eq!(repo.words(), ["core 1.2.1 patch"]);
    // The release as a whole is nobody's, once releases are made of more than that.
    let mut repo = self::repo(&["v1.0.0"]);
    repo.train.tags.umbrella = Some(Umbrella {
        format: format("v{version}"),
        package: None,
    });
    assert_eq!(
        last(&repo),
        [Some("v1.0.0".to_owned()), Some("v1.0.0".to_owned())]
    );
    repo.tag("app/v1.1.0");
    repo.tag("v1.1.0");
    assert_eq!(
        last(&repo),
        [Some("v1.0.0".to_owned()), Some("app/v1.1.0".to_owned())]
    );
    // Unless it is that of a package.
    repo.train.tags.umbrella.as_mut().expect("just set").package = Some("@a/core".to_owned());
    repo.packages[0].version = version("0.1.0");
    assert_eq!(
        last(&repo),
        [Some("v1.1.0".to_owned()), Some("app/v1.1.0".to_owned())]
    );
}

/// Packages at these versions, none of which has a tag that names it, and what they were last released as.
#[test]
fn bare_tags_are_shared_out() {
    const NOTHING: &str = "";
    let old: &[&str] = &["v1.0.0", "v1.1.0", "v8.67.0", "v9.0.0-rc.1"];
    type Case = (&'static [&'static str], &'static [&'static str]);
    let table: [Case; 12] = [
        // All at one version, also behind the tags.
        (&["8.67.0", "8.67.0"], &["8.67.0", "8.67.0"]),
        (&["1.0.0", "1.0.0"], &["8.67.0", "8.67.0"]),
        (&["2.0.0", "0.0.0-dev", "dynamic"], &[NOTHING, "8.67.0", "8.67.0"]),
        (&["0.0.0", "dynamic"], &["8.67.0", "8.67.0"]),
        // Only one.
        (&["0.1.0"], &["8.67.0"]),
        // Not behind the greatest release.
        (&["8.67.0", "0.0.1"], &["8.67.0", NOTHING]),
        (&["8.67.1-dev.0", "0.1.0"], &["8.67.0", NOTHING]),
        (&["9.0.0", "0.1.0"], &["8.67.0", NOTHING]),
        (&["dynamic", "0.0.1", "0.0.1"], &["8.67.0", NOTHING, NOTHING]),
        // At one of the versions: up to that, never beyond.
        (&["8.67.0", "1.0.0"], &["8.67.0", "1.0.0"]),
        (&["8.67.0", "1.1.0", "1.1.1"], &["8.67.0", "1.1.0", NOTHING]),
        (&["3.0.0", "4.0.0"], &[NOTHING, NOTHING]),
    ];
    // Such tags may be declared as former ones, or be of the release as a whole by now.
    let former = |train: &mut TrainDecl| train.tags.former = vec![format("v{version}")];
    let umbrella = |train: &mut TrainDecl| {
        let format = format("v{version}");
        train.tags.umbrella = Some(Umbrella {
            format,
            package: None,
        });
    };
    let declared: [&dyn Fn(&mut TrainDecl); 3] = [&|_| (), &former, &umbrella];
    for ((versions, expected), declare) in table
        .iter()
        .flat_map(|case| declared.map(|declare| (case, declare)))
    {
        let packages = versions.iter().zip('a'..).map(|(at, name)| match *at {
            "dynamic" => model::Package {
                written_version: String::new(),
                ..package(&name.to_string(), "0.0.0", &[])
            },
            at => package(&name.to_string(), at, &[]),
        });
        let mut repo = Repo::new(packages.collect());
        declare(&mut repo.train);
        repo.commit("chore: start", &["a/x", "b/x", "c/x"]);
        old.iter().for_each(|tag| repo.tag(tag));
        let told = repo.plan();
        let told: Vec<String> = told
            .iter()
            .map(|one| one.current.as_ref().map_or_else(String::new, ToString::to_string))
            .collect();
        assert_eq!(told, *expected, "{versions:?}");
    }
}

#[test]
fn a_tag_that_names_a_package_beats_one_that_does_not() {
    let mut repo = Repo::new(vec![package("clap", "4.6.6", &[]), package("lex", "1.1.0", &[])]);
    repo.train.tag_format = format("{name}-v{version}");
    repo.commit("chore: start", &["clap/x", "lex/x"]);
    repo.tag("v4.6.6");
    repo.tag("lex-v1.1.0");
    repo.commit("fix: both", &["clap/x", "lex/x"]);
    assert_eq!(repo.words(), ["clap 4.6.7 patch", "lex 1.1.1 patch"]);
    repo.train.tags.former = vec![format("v{version}")];
    assert_eq!(repo.words(), ["clap 4.6.7 patch", "lex 1.1.1 patch"]);
    repo.train.tags.former.clear();
    repo.train.tags.umbrella = Some(Umbrella {
        format: format("v{version}"),
        package: Some("clap".to_owned()),
    });
    assert_eq!(repo.words(), ["clap 4.6.7 patch", "lex 1.1.1 patch"]);
    // A format may tell ecosystems apart, and no packages.
    let mut repo = Repo::new(vec![package("cargo:a", "2.0.0", &[]), package("b", "0.5.0", &[])]);
    repo.train.tags.former = vec![format("{ecosystem}-v{version}")];
    repo.commit("chore: start", &["a/x", "b/x"]);
    repo.tag("cargo-v1.9.0");
    repo.tag("uv-v0.5.0");
    repo.commit("fix: both", &["a/x", "b/x"]);
    assert_eq!(repo.words(), ["a 2.0.0 explicit", "b 0.5.1 patch"]);
}

#[test]
fn a_repository_may_leave_names_for_bare_tags() {
    let named = |at: &str, tags: &[&str]| {
        let mut repo = repo(tags);
        repo.packages[0].version = version("0.23.1");
        repo.packages[1].version = version(at);
        last(&repo)[1].clone().unwrap_or_default()
    };
    // By its folder, and long ago.
    assert_eq!(named("0.23.2-dev.0", &["python-v0.13.3", "v0.23.1"]), "v0.23.1");
    assert_eq!(named("0.13.4", &["python-v0.13.3", "v0.23.1"]), "python-v0.13.3");
    assert_eq!(named("0.23.2", &["python-v0.23.2", "v0.23.1"]), "python-v0.23.2");
    // By its name: that is how its tags are written.
    assert_eq!(named("0.23.2", &["app-v0.13.3", "v0.23.1"]), "app-v0.13.3");
}

#[test]
fn a_short_bare_tag_is_another_name_or_a_mistake() {
    let at = |name: &str, tags: &[&str]| {
        let mut repo = Repo::new(vec![
            package(name, "0.4.0", &[]),
            package(&format!("{name}-io"), "0.3.33", &[]),
        ]);
        repo.commit("chore: start", &["README"]);
        tags.iter().for_each(|tag| repo.tag(tag));
        last(&repo).map(Option::unwrap_or_default)
    };
    assert_eq!(at("cargo:a", &["0.3.33", "1.20"]), ["0.3.33", "0.3.33"]);
    assert_eq!(at("cargo:a", &["0.1", "0.2"]), ["0.2", "0.2"]);
    // Python's versions may be short.
    assert_eq!(at("a", &["0.3.33", "0.4"]), ["0.4", "0.3.33"]);
}

#[test]
fn a_short_tag_in_the_train_s_own_format_is_one_too() {
    let at = |name: &str, pattern: &str, tags: &[&str]| {
        let mut repo = Repo::new(vec![package(name, "0.1.23", &[])]);
        repo.train.tag_format = format(pattern);
        repo.commit("chore: start", &["README"]);
        tags.iter().for_each(|tag| repo.tag(tag));
        repo.plan()[0].last_tag.clone().unwrap_or_default()
    };
    let table = [
        ("npm:a", "{version}", "1.20", "0.1.23", "0.1.23"),
        ("npm:a", "v{version}", "v1", "v0.1.23", "v0.1.23"),
        ("npm:a", "{name}-v{version}", "a-v1.20", "a-v0.1.23", "a-v0.1.23"),
        (
            "npm:a.b",
            "{name}-v{version}",
            "a.b-v1.20",
            "a.b-v0.1.23",
            "a.b-v0.1.23",
        ),
        ("npm:a", "{version}", "1.19", "1.20", "1.20"),
        // Python's.
        ("a", "{version}", "26.2", "26.1.1", "26.2"),
    ];
    for (name, pattern, one, other, expected) in table {
        assert_eq!(at(name, pattern, &[one, other]), expected, "{name} {one}");
    }
    let mut both = Repo::new(vec![package("npm:a", "26.2.0", &[]), package("b", "26.2.0", &[])]);
    both.train = TrainDecl {
        versioning: Versioning::Fixed,
        tag_format: format("{version}"),
        ..both.train
    };
    both.commit("chore: start", &["README"]);
    for tag in ["26.1.1", "26.2"] {
        both.tag(tag);
    }
    assert_eq!(last(&both).map(Option::unwrap_or_default), ["26.2", "26.2"]);
}

#[test]
fn one_name_in_two_ecosystems() {
    let two = |rust: &str, python: &str, tag: &str| {
        let mut repo = Repo::new(vec![
            package("cargo:app", rust, &[]),
            package("uv:app", python, &[]),
        ]);
        repo.train.tag_format = format("{ecosystem}/{name}/{version}");
        repo.commit("chore: start", &["README"]);
        repo.tag(tag);
        last(&repo).map(Option::unwrap_or_default)
    };
    let table = [
        ("1.0.0", "1.0.0", "app-v1.2.0", ["app-v1.2.0", "app-v1.2.0"]),
        ("1.2.0", "0.0.0", "app-v1.2.0", ["app-v1.2.0", "app-v1.2.0"]),
        // Each has versions of its own.
        ("0.2.0", "1.2.0", "app-v1.2.0", ["", "app-v1.2.0"]),
        ("0.2.0", "1.2.0", "app-v0.2.0", ["app-v0.2.0", "app-v0.2.0"]),
        ("0.2.0", "1.2.0", "app-rs-0.9.0", ["app-rs-0.9.0", ""]),
        ("0.2.0", "1.2.0", "app/v9.0.0", ["", ""]),
    ];
    for (rust, python, tag, expected) in table {
        assert_eq!(two(rust, python, tag), expected, "{rust} {python} {tag}");
    }
}

#[test]
fn former_formats_and_names_are_read() {
    let mut repo = repo(&["release/core/1.2.0", "old-core@1.4.0"]);
    repo.train.tags.former = vec![format("release/core/{version}")];
    assert_eq!(last(&repo)[0].as_deref(), Some("release/core/1.2.0"));
    let mut config = config(&["npm:@a/core", "app"], &[]);
    config.packages[0].former_names = vec!["old-core".to_owned()];
    repo.config = Some(config);
    assert_eq!(last(&repo)[0].as_deref(), Some("old-core@1.4.0"));
    assert_eq!(repo.plan()[0].tag, "@a/core/v1.5.0");
    repo.tag("old-core/v1.4.1");
    assert_eq!(last(&repo)[0].as_deref(), Some("old-core/v1.4.1"));
}

#[test]
fn two_tags_on_one_version_are_told_apart() {
    // The one in our own format is on a branch that was left.
    let mut repo = Repo::new(vec![package("core", "1.0.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    repo.commit("fix: elsewhere", &["core/a"]);
    repo.tag("core/v1.0.0");
    repo.checkout(&start);
    repo.log.pop();
    repo.tag("core-v1.0.0");
    repo.commit("fix: here", &["core/a"]);
    let plan = repo.plan();
    assert_eq!(plan[0].last_tag.as_deref(), Some("core-v1.0.0"));
    assert_eq!(
        (plan[0].next.clone(), plan[0].commits.len()),
        (version("1.0.1"), 1)
    );
    assert!(
        plan[0].warnings[0].contains("`core-v1.0.0` names abc0001, and counts; `core/v1.0.0` names abc0002"),
        "{:?}",
        plan[0].warnings
    );
    // On one commit they are one release.
    repo.tags[0].commit = repo.tags[1].commit.clone();
    assert!(repo.plan()[0].warnings.is_empty());
}

#[test]
fn a_tag_ahead_of_the_branch_is_told() {
    let mut repo = Repo::new(vec![package("core", "1.0.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v1.0.0");
    let log = repo.log.clone();
    repo.commit("fix: x", &["core/a"]);
    repo.tag("core/v1.0.1");
    repo.log = log;
    repo.checkout(&start);
    repo.commit("fix: x, differently", &["core/a"]);
    let plan = repo.plan();
    assert_eq!(plan[0].next, version("1.0.1"));
    assert!(
        plan[0].warnings[0].contains("`core/v1.0.1` names abc0002"),
        "{:?}",
        plan[0].warnings
    );
}

#[test]
fn further_tags_are_planned_and_read() {
    let mut repo = repo(&["npm-@a/core-1.2.0"]);
    repo.train.tags.secondary = vec![format("{ecosystem}-{name}-{version}")];
    let plan = repo.plan();
    assert_eq!(plan[0].last_tag.as_deref(), Some("npm-@a/core-1.2.0"));
    assert_eq!(
        (plan[0].tag.as_str(), &plan[0].secondary_tags[..]),
        ("@a/core/v1.3.0", &["npm-@a/core-1.3.0".to_owned()][..])
    );
}

#[test]
fn tags_that_are_two_things_are_refused() {
    let with = |change: &dyn Fn(&mut Repo)| {
        let mut repo = repo(&[]);
        change(&mut repo);
        let wrong = repo.try_plan().expect_err("one tag would be two things");
        assert!(wrong.iter().all(|wrong| wrong.hint.is_some()), "{wrong:?}");
        wrong
            .into_iter()
            .map(|wrong| wrong.message)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let message = with(&|repo| repo.train.tags.secondary = vec![format("v{version}")]);
    assert!(
        message.contains("would have the same tags, such as `v1.0.0`"),
        "{message}"
    );
    let message = with(&|repo| repo.train.tags.secondary = vec![format("{name}/v{version}")]);
    assert!(message.contains("twice"), "{message}");
    let message = with(&|repo| {
        repo.train.tags.umbrella = Some(Umbrella {
            format: format("app/v{version}"),
            package: None,
        });
    });
    assert!(
        message.contains("the release as a whole would both be tagged"),
        "{message}"
    );
    let message = with(&|repo| {
        repo.train.tags.umbrella = Some(Umbrella {
            format: format("v{version}"),
            package: None,
        });
        repo.train.tags.former = vec![format("v{version}")];
    });
    assert!(message.contains("read as one of every package"), "{message}");
    let message = with(&|repo| {
        repo.train.name = "a..b".to_owned();
        repo.train.tags.umbrella = Some(Umbrella {
            format: format("{name}-{version}"),
            package: None,
        });
    });
    assert!(message.contains("cannot be tagged `a..b-1.0.0`"), "{message}");
    // Packages that always have one version share what they like.
    let mut repo = repo(&[]);
    repo.train.versioning = Versioning::Fixed;
    repo.train.tags.secondary = vec![format("v{version}")];
    assert!(repo.try_plan().is_ok());
}

#[test]
fn names_within_names_are_told_apart() {
    let mut repo = Repo::new(vec![package("b", "0.1.0", &[]), package("a-b", "0.1.0", &[])]);
    repo.train.tag_format = format("{version}-{name}");
    repo.commit("chore: start", &["a-b/x"]);
    repo.tag("1.0.0-a-b");
    repo.tag("2.0.0-b");
    repo.commit("fix: x", &["a-b/x", "b/x"]);
    assert_eq!(repo.words(), ["a-b 1.0.1 patch", "b 2.0.1 patch"]);
}

#[test]
fn a_log_that_is_too_short_is_noticed() {
    // On a maintenance branch: 2.0.0 is on the main line.
    let mut repo = Repo::new(vec![package("core", "1.0.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v1.0.0");
    repo.commit("feat!: main line", &["core/a"]);
    repo.tag("core/v2.0.0");
    repo.checkout(&start);
    repo.log.truncate(1);
    let head = model::CommitId(repo.commit("fix: maintenance", &["core/a"]));
    let since = oldest_needed(&repo.workspace(), &repo.tags, &repo.train, None);
    assert_eq!(since.len(), 1);
    let short = [repo.log[1].clone()];
    assert!(!is_enough(&short, &since, Some(&head), &[]));
    assert!(!is_enough(&[], &since, Some(&head), &[]));
    let whole: Vec<_> = repo.log.iter().rev().cloned().collect();
    assert!(is_enough(&whole, &since, Some(&head), &[]));
    assert!(is_enough(&short, &[model::CommitId(start)], Some(&head), &[]));
    assert_eq!(repo.words(), ["core 1.0.1 patch"]);
}
