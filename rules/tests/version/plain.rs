//! Packages with versions of their own.

use model::{Bump, DependencyKind, TagFormat, TrainDecl, Versioning};

use crate::support::{Repo, config, declared, dependency, id, package, three, train, version, words};

#[test]
fn the_first_release_has_the_manifests_version() {
    let mut repo = Repo::new(vec![package("core", "0.3.0", &[])]);
    repo.commit("feat: x", &["core/a"]);
    let plan = repo.plan();
    assert_eq!(words(&plan[0]), "core 0.3.0 initial");
    assert_eq!(plan[0].reason, "first release");
    assert_eq!((plan[0].tag.as_str(), plan[0].commits.len()), ("core/v0.3.0", 1));
    assert_eq!((plan[0].current.clone(), plan[0].released_at_head), (None, false));
}

#[test]
fn one_change_bumps_by_its_kind() {
    let table = [
        ("1.2.3", "feat!: x", "1.2.3", "core 2.0.0 major"),
        ("1.2.3", "feat: x", "1.2.3", "core 1.3.0 minor"),
        ("1.2.3", "fix: x", "1.2.3", "core 1.2.4 patch"),
        ("1.2.3", "perf: x", "1.2.3", "core 1.2.4 patch"),
        (
            "1.2.3",
            "fix: x\n\nBREAKING CHANGE: y",
            "1.2.3",
            "core 2.0.0 major",
        ),
        ("0.5.0", "feat!: x", "0.5.0", "core 0.6.0 minor"),
        ("0.5.0", "feat: x", "0.5.0", "core 0.6.0 minor"),
        ("1.2.3", "docs: x", "1.2.3", "core 1.2.3 none"),
        ("1.2.3", "whatever", "1.2.3", "core 1.2.3 none"),
        // A person wrote a version into the manifest.
        ("1.2.3", "docs: x", "1.5.0", "core 1.5.0 explicit"),
        ("1.2.3", "feat: x", "1.5.0", "core 1.5.0 explicit"),
        // Nobody did: manifests are not written back.
        ("1.2.3", "feat: x", "0.1.0", "core 1.3.0 minor"),
        // An open pre-release becomes its version, whatever the manifest says.
        ("1.2.0-rc.1", "fix: x", "1.2.0-rc.1", "core 1.2.0 initial"),
        ("1.2.0-rc.1", "fix: x", "1.2.0", "core 1.2.0 initial"),
    ];
    for (tagged, message, manifest, expected) in table {
        let mut repo = Repo::new(vec![package("core", manifest, &[])]);
        repo.commit("feat: old", &["core/a"]);
        repo.tag(&format!("core/v{tagged}"));
        repo.commit(message, &["core/a"]);
        assert_eq!(repo.words(), [expected], "{tagged} {message} {manifest}");
    }
}

#[test]
fn tags_are_read_in_every_notation() {
    let table = [
        ("{name}/v{version}", "core/v0.2.0", "core/v0.3.0"),
        ("{name}-v{version}", "core-v0.2.0", "core-v0.3.0"),
        ("{name}@{version}", "core@0.2.0", "core@0.3.0"),
        ("v{version}", "v0.2.0", "v0.3.0"),
        ("{version}-{name}", "0.2.0-core", "0.3.0-core"),
        ("{ecosystem}/{name}/{version}", "uv/core/0.2.0", "uv/core/0.3.0"),
    ];
    for (format, last, next) in table {
        let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
        repo.train.tag_format = TagFormat::parse(format).expect("a legal pattern");
        repo.commit("feat: old", &["core/a"]);
        repo.tag(last);
        repo.tag("other/v9.0.0");
        repo.tag("nonsense");
        repo.commit("feat: x", &["core/a"]);
        assert_eq!(repo.plan()[0].tag, next, "{format}");
    }
}

#[test]
fn dependents_get_at_least_a_patch() {
    let mut repo = three();
    repo.commit("feat: add x", &["core/a"]);
    let plan = repo.plan();
    let told: Vec<String> = plan
        .iter()
        .map(|one| format!("{}: {}", words(one), one.reason))
        .collect();
    assert_eq!(
        told,
        [
            "app 0.1.1 patch: depends on core, which becomes 0.2.0 and 1 more",
            "core 0.2.0 minor: feat: add x (abc0002)",
            "plug 0.1.1 patch: depends on core, which becomes 0.2.0",
        ]
    );
    let needs: Vec<_> = plan[0]
        .needs
        .iter()
        .map(|need| (need.package.name.as_str(), need.version.to_string(), need.is_new))
        .collect();
    assert_eq!(
        needs,
        [
            ("core", "0.2.0".to_owned(), true),
            ("plug", "0.1.1".to_owned(), true)
        ]
    );
    // An own larger bump wins.
    repo.commit("feat: y", &["app/a"]);
    assert_eq!(
        repo.words(),
        ["app 0.2.0 minor", "core 0.2.0 minor", "plug 0.1.1 patch"]
    );
}

#[test]
fn a_release_leaves_nothing_to_release() {
    let mut repo = three();
    repo.commit("feat: add x", &["core/a"]);
    repo.release();
    let plan = repo.plan();
    assert!(
        plan.iter()
            .all(|one| one.bump == Bump::None && one.released_at_head),
        "{plan:#?}"
    );
    assert_eq!(plan[0].reason, "released from this commit as app/v0.1.1");
    repo.commit("docs: y", &["core/a"]);
    repo.commit("chore: nowhere", &["README"]);
    let plan = repo.plan();
    assert!(
        plan.iter()
            .all(|one| one.bump == Bump::None && !one.released_at_head),
        "{plan:#?}"
    );
    assert_eq!(plan[0].reason, "nothing changed since app/v0.1.1");
    assert_eq!(
        plan[1].reason,
        "nothing to release since core/v0.2.0: 1 commit, and it is no feature or fix"
    );
}

#[test]
fn an_interrupted_release_goes_on_with_the_same_versions() {
    let mut repo = three();
    repo.commit("feat: add x", &["core/a"]);
    let whole = repo.plan();
    let tags = repo.tags.clone();
    for done in 0..8 {
        repo.tags.clone_from(&tags);
        for (bit, one) in whole.iter().enumerate() {
            if done & (1 << bit) != 0 {
                repo.tag(&one.tag);
            }
        }
        let resumed = repo.plan();
        for (before, after) in whole.iter().zip(&resumed) {
            assert_eq!(
                (&before.package, &before.next, &before.tag),
                (&after.package, &after.next, &after.tag),
                "{done}"
            );
        }
    }
    // Later, on another commit, what was left behind follows.
    repo.tags = tags;
    repo.tag("core/v0.2.0");
    repo.commit("docs: y", &["README"]);
    assert_eq!(
        repo.words(),
        ["app 0.1.1 patch", "core 0.2.0 none", "plug 0.1.1 patch"]
    );
    assert_eq!(repo.plan()[2].reason, "depends on core, which became 0.2.0");
}

#[test]
fn development_needs_and_private_packages_have_no_say() {
    let mut repo = three();
    repo.packages[1].dependencies = vec![dependency("core", DependencyKind::Dev)];
    repo.packages[2].dependencies.clear();
    repo.packages.push(model::Package {
        private: true,
        ..package("hidden", "0.0.0", &["core"])
    });
    repo.commit("feat: x", &["core/a", "hidden/a"]);
    assert_eq!(
        repo.words(),
        ["app 0.1.0 none", "core 0.2.0 minor", "plug 0.1.0 none"]
    );
}

#[test]
fn what_is_never_released_drags_nobody_along() {
    // `core` is found but not declared: it never gets a tag, and must not bump `plug` again and again.
    let mut repo = three();
    repo.tags.retain(|tag| !tag.name.starts_with("core/"));
    repo.config = Some(config(&["plug", "app"], &[]));
    assert_eq!(repo.words(), ["app 0.1.0 none", "plug 0.1.0 none"]);
    // Nor does one that a hand tagged once.
    repo.tag("core-0.1.0");
    assert_eq!(repo.words(), ["app 0.1.0 none", "plug 0.1.0 none"]);
    let mut skipped = declared("core");
    skipped.skip = true;
    repo.config.as_mut().expect("just set").packages.push(skipped);
    assert_eq!(repo.words(), ["app 0.1.0 none", "plug 0.1.0 none"]);
}

#[test]
fn trains_do_not_wait_for_one_another() {
    let mut repo = three();
    let mut config = config(
        &["core", "plug", "app"],
        &[("a", &["core"], None), ("b", &["plug", "app"], None)],
    );
    let (one, other) = (train("a", &["a"]), train("b", &["b"]));
    config.trains = vec![one.clone(), other.clone()];
    repo.config = Some(config);
    repo.commit("feat: x", &["core/a"]);
    repo.train = other.clone();
    assert_eq!(repo.words(), ["app 0.1.0 none", "plug 0.1.0 none"]);
    assert_eq!(repo.plan()[1].needs[0].version, version("0.1.0"));
    repo.train = one;
    assert_eq!(repo.words(), ["core 0.2.0 minor"]);
    repo.release();
    repo.commit("docs: x", &["core/a"]);
    assert_eq!(repo.words(), ["core 0.2.0 none"]);
    repo.train = other;
    assert_eq!(repo.words(), ["app 0.1.1 patch", "plug 0.1.1 patch"]);
    assert_eq!(repo.plan()[1].needs[0].version, version("0.2.0"));
    let core = id("core");
    repo.set.insert(core, version("1.0.0"));
    let wrong = repo.try_plan().expect_err("another train releases it");
    assert!(
        wrong[0].message.contains("no such package to release"),
        "{wrong:?}"
    );
}

#[test]
fn every_train_writes_its_own_tags() {
    let mut repo = Repo::new(vec![
        package("a", "1.4.0", &[]),
        package("b", "0.3.0", &["a"]),
        package("never", "7.0.0", &[]),
    ]);
    let groups: [(&str, &[&str], _); 2] = [("stable", &["a"], None), ("experimental", &["b"], None)];
    let mut config = config(&["a", "b"], &groups);
    let format = |pattern: &str| TagFormat::parse(pattern).expect("a legal pattern");
    let stable = TrainDecl {
        tag_format: format("v{version}"),
        ..train("stable", &["stable"])
    };
    let experimental = TrainDecl {
        tag_format: format("experimental/v{version}"),
        ..train("experimental", &["experimental"])
    };
    config.trains = vec![stable.clone(), experimental.clone()];
    repo.config = Some(config);
    repo.commit("feat: x", &["a/x", "b/x", "never/x"]);
    repo.tag("v1.4.0");
    repo.tag("experimental/v0.3.0");
    repo.tag("v0.3.0");
    repo.commit("fix: a", &["a/x"]);
    let plan = |repo: &mut Repo, train: &TrainDecl| {
        repo.train = train.clone();
        repo.release().iter().map(words).collect::<Vec<_>>()
    };
    assert_eq!(plan(&mut repo, &experimental), ["b 0.3.0 none"]);
    assert_eq!(plan(&mut repo, &stable), ["a 1.4.1 patch"]);
    // What was released there is known here.
    assert_eq!(plan(&mut repo, &experimental), ["b 0.3.1 patch"]);
    assert_eq!(repo.tags.last().expect("a tag").name, "experimental/v0.3.1");
    // One tag cannot be of two trains.
    let same = TrainDecl {
        tag_format: format("v{version}"),
        ..experimental
    };
    repo.config.as_mut().expect("just set").trains[1] = same.clone();
    repo.train = same;
    let wrong = repo.try_plan().expect_err("`v1.0.0` would be of both");
    assert!(wrong[0].message.contains("would have the same tags"), "{wrong:?}");
    assert!(
        wrong[0]
            .hint
            .as_ref()
            .is_some_and(|hint| hint.contains("the train `stable`")),
        "{wrong:?}"
    );
    // Unless they are of one train there.
    repo.config.as_mut().expect("just set").trains[0] = TrainDecl {
        groups: Vec::new(),
        ..stable
    };
    assert!(repo.try_plan().is_ok(), "both have its tags");
}

#[test]
fn cycles_end() {
    let mut repo = Repo::new(vec![package("a", "0.1.0", &["b"]), package("b", "0.1.0", &["a"])]);
    repo.commit("chore: start", &["a/x", "b/x"]);
    repo.release();
    repo.commit("fix: x", &["a/x"]);
    assert_eq!(repo.words(), ["a 0.1.1 patch", "b 0.1.1 patch"]);
}

#[test]
fn commits_belong_to_the_innermost_folder() {
    let mut root = package("root", "0.1.0", &[]);
    root.path = String::new();
    let mut inner = package("inner", "0.1.0", &[]);
    inner.path = "a/b".to_owned();
    let mut outer = package("outer", "0.1.0", &[]);
    outer.path = "a".to_owned();
    let mut twin = package("cargo:twin", "0.1.0", &[]);
    twin.path = "a".to_owned();
    let table: [(&str, &[&str]); 6] = [
        ("a/b/x", &["inner"]),
        ("a/bc/x", &["outer", "twin"]),
        ("a/x", &["outer", "twin"]),
        ("README", &["root"]),
        ("c/d/x", &["root"]),
        ("ab/x", &["root"]),
    ];
    for (path, owners) in table {
        let mut repo = Repo::new(vec![root.clone(), inner.clone(), outer.clone(), twin.clone()]);
        repo.commit("chore: start", &["README"]);
        repo.release();
        repo.commit("fix: x", &[path]);
        let moved = repo.plan().into_iter().filter(|one| one.bump != Bump::None);
        let mut moved: Vec<String> = moved.map(|one| one.package.name).collect();
        moved.sort();
        assert_eq!(moved, owners, "{path}");
    }
    // Without a package in the root, files outside all packages belong to none.
    let mut repo = Repo::new(vec![inner]);
    repo.commit("chore: start", &["README"]);
    repo.release();
    repo.commit("feat!: x", &["README", "a/x"]);
    assert_eq!(repo.words(), ["inner 0.1.0 none"]);
}

#[test]
fn tags_that_would_collide_are_refused() {
    let table = [
        ("v{version}", "{name}", "other"),
        ("{name}/v{version}", "{ecosystem}", "cargo:core"),
    ];
    for (format, missing, other) in table {
        let mut repo = Repo::new(vec![package("core", "0.1.0", &[]), package(other, "0.2.0", &[])]);
        repo.train.tag_format = TagFormat::parse(format).expect("a legal pattern");
        let wrong = repo.try_plan().expect_err("two packages with one tag");
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].hint.as_ref().is_some_and(|hint| hint.contains(missing)),
            "{wrong:#?}"
        );
    }
    // Packages that always have one version may share their tags, and so may those that are not released.
    let mut repo = Repo::new(vec![
        package("core", "0.1.0", &[]),
        package("other", "0.1.0", &[]),
    ]);
    repo.train.tag_format = TagFormat::parse("v{version}").expect("a legal pattern");
    repo.config = Some(config(&["core"], &[]));
    assert!(repo.try_plan().is_ok());
    repo.config = None;
    repo.train.versioning = Versioning::Fixed;
    assert!(repo.try_plan().is_ok());
    repo.packages.push(package("a~b", "0.1.0", &[]));
    repo.train.tag_format = TagFormat::parse("{name}/v{version}").expect("a legal pattern");
    assert_eq!(repo.try_plan().expect_err("an illegal tag").len(), 1);
}

#[test]
fn names_are_whole_where_they_are_not_unique() {
    let mut repo = Repo::new(vec![
        package("core", "0.1.0", &[]),
        package("cargo:core", "0.1.0", &[]),
        package("app", "0.1.0", &["cargo:core"]),
    ]);
    repo.packages[1].path = "rust".to_owned();
    repo.train.tag_format = TagFormat::parse("{ecosystem}/{name}/v{version}").expect("a legal pattern");
    repo.commit("chore: start", &["core/a"]);
    repo.release();
    repo.commit("fix: x", &["rust/a"]);
    let plan = repo.plan();
    let app = plan
        .iter()
        .find(|one| one.package == id("app"))
        .expect("it is planned");
    assert_eq!(app.reason, "depends on cargo/core, which becomes 0.1.1");
}
