//! Dependents: who is released because of what it needs, and by how much.

use model::{Dependency, DependencyKind, Dependents, PinStrategy, Version};

use crate::support::{Repo, dependency, package, version};

/// `b` needs `a`, `c` needs `b`, `d` develops with `a`, `e` has it as a peer, `g` as an option; `f` needs nobody.
fn repo(dependents: Dependents) -> Repo {
    let with = |name: &str, on: &str, kind: DependencyKind| {
        let mut package = package(name, "1.0.0", &[]);
        package.dependencies = vec![Dependency {
            requirement: "^1.0.0".to_owned(),
            ..dependency(on, kind)
        }];
        package
    };
    let mut repo = Repo::new(vec![
        package("a", "1.0.0", &[]),
        with("b", "a", DependencyKind::Normal),
        with("c", "b", DependencyKind::Normal),
        with("d", "a", DependencyKind::Dev),
        with("e", "a", DependencyKind::Peer),
        package("f", "1.0.0", &[]),
        with("g", "a", DependencyKind::Optional),
    ]);
    repo.train.dependents = dependents;
    // As caret ranges are read: the same major version.
    repo.fits = |dependency: &Dependency, _, version: &Version| {
        assert_eq!(dependency.requirement, "^1.0.0");
        version.semver().major == 1
    };
    repo.commit("chore: start", &["a/x"]);
    repo.release();
    repo
}

#[test]
fn dependents_follow_the_table() {
    let always = "a {a} b 1.0.1 c 1.0.1 d 1.0.0 e 1.1.0 f 1.0.0 g 1.0.1";
    let nobody = "a {a} b 1.0.0 c 1.0.0 d 1.0.0 e 1.0.0 f 1.0.0 g 1.0.0";
    // Those whose requirement allows 1.0.1 of `b` stay.
    let broken = "a {a} b 1.0.1 c 1.0.0 d 1.0.0 e 1.1.0 f 1.0.0 g 1.0.1";
    let table = [
        (Dependents::Always, "fix: x", "1.0.1", always),
        (Dependents::Always, "feat: x", "1.1.0", always),
        (Dependents::Always, "feat!: x", "2.0.0", always),
        (Dependents::OutOfRange, "fix: x", "1.0.1", nobody),
        (Dependents::OutOfRange, "feat: x", "1.1.0", nobody),
        (Dependents::OutOfRange, "feat!: x", "2.0.0", broken),
        (Dependents::Never, "feat!: x", "2.0.0", nobody),
    ];
    for (dependents, message, own, expected) in table {
        let mut repo = repo(dependents);
        repo.commit(message, &["a/x"]);
        let told = |repo: &Repo| {
            let plan = repo.plan();
            let all: Vec<String> = plan
                .iter()
                .map(|one| format!("{} {}", one.package.name, one.next))
                .collect();
            all.join(" ")
        };
        assert_eq!(
            told(&repo),
            expected.replace("{a}", own),
            "{dependents:?} {message}"
        );
        // Half-way and afterwards it is the same.
        repo.tag(&format!("a/v{own}"));
        assert_eq!(
            told(&repo),
            expected.replace("{a}", own),
            "{dependents:?} {message}"
        );
        repo.release();
        assert_eq!(
            told(&repo),
            expected.replace("{a}", own),
            "{dependents:?} {message}"
        );
        repo.commit("docs: x", &["a/x"]);
        assert_eq!(
            told(&repo),
            expected.replace("{a}", own),
            "{dependents:?} {message}"
        );
    }
}

#[test]
fn what_is_new_is_told_even_if_it_releases_nobody() {
    let mut repo = repo(Dependents::Never);
    repo.commit("feat: x", &["a/x"]);
    repo.commit("fix: y", &["b/x"]);
    let plan = repo.plan();
    assert_eq!(plan[1].reason, "fix: y (abc0003)");
    assert!(plan[1].needs[0].is_new);
}

#[test]
fn requirements_that_shut_out_a_sibling_are_told_where_nobody_pins_them() {
    let mut repo = Repo::new(vec![
        package("core", "1.0.0", &[]),
        package("app", "1.0.0", &["core"]),
    ]);
    repo.packages[1].dependencies[0].requirement = ">=1,<2".to_owned();
    repo.fits = |_, _, version| version.semver().major < 2;
    repo.train.pin_strategy = PinStrategy::None;
    repo.commit("chore: start", &["core/a"]);
    repo.release();
    repo.commit("feat!: x", &["core/a"]);
    let plan = repo.plan();
    assert_eq!(
        plan[0].warnings,
        [
            "requires core >=1,<2, which 2.0.0 does not satisfy, and `pin_strategy = \"none\"` publishes it like that: change it in `app/pyproject.toml`"
        ]
    );
    repo.train.pin_strategy = PinStrategy::Compatible;
    assert!(repo.plan()[0].warnings.is_empty());
    repo.packages[0].private = true;
    repo.commit("fix: y", &["app/a"]);
    assert_eq!(
        repo.plan()[0].warnings,
        ["requires core, which is private and never published: nobody could install it"]
    );
}

#[test]
fn a_declared_package_that_lacks_something_is_an_error_and_others_are_left_out() {
    let mut repo = Repo::new(vec![package("core", "0.0.0", &[])]);
    repo.packages[0].private = true;
    repo.packages[0]
        .notes
        .insert(model::LACKS.to_owned(), "[build-system]".to_owned());
    repo.commit("feat: x", &["core/a"]);
    assert!(repo.plan().is_empty());
    repo.config = Some(crate::support::config(&["core"], &[]));
    let wrong = repo.try_plan().expect_err("refused");
    assert_eq!(
        wrong[0].message,
        "`core` is declared for release, but `core/pyproject.toml` lacks [build-system]"
    );
}

#[test]
fn what_a_dependent_was_published_with_decides_whether_it_follows() {
    for (strategy, message, follows) in [
        (PinStrategy::Exact, "fix: x", true),
        (PinStrategy::Compatible, "feat: x", false),
        (PinStrategy::Compatible, "feat!: x", true),
        (PinStrategy::None, "feat!: x", false),
    ] {
        let mut repo = Repo::new(vec![
            package("core", "1.0.0", &[]),
            package("app", "1.0.0", &["core"]),
        ]);
        // As written it is satisfied by any.
        repo.fits = |_, pinned, version| match pinned {
            Some((to, PinStrategy::Exact)) => to == version,
            Some((to, PinStrategy::Compatible)) => to.semver().major == version.semver().major,
            _ => true,
        };
        repo.train.dependents = Dependents::OutOfRange;
        repo.train.pin_strategy = strategy;
        repo.commit("chore: start", &["core/a"]);
        repo.release();
        repo.commit(message, &["core/a"]);
        let app = &repo.plan()[0];
        assert_eq!(
            app.next == version("1.0.1"),
            follows,
            "{strategy:?} {message}: {app:?}"
        );
    }
}
