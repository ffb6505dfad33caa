//! Where versions come from: version plans, the calendar, people, functions; and what counts before what.

use model::{Bump, Calendar, FunctionId, Strategy, TagFormat, VersionPlan, Versioning};
use rules::Answer;

use crate::support::{Repo, config, id, package, three, version};

fn plan(file: &str, bumps: &[(&str, Bump)]) -> VersionPlan {
    VersionPlan {
        file: file.to_owned(),
        bumps: bumps
            .iter()
            .map(|(name, bump)| ((*name).to_owned(), *bump))
            .collect(),
        text: "New.".to_owned(),
    }
}

fn alone(at: &str) -> Repo {
    let mut repo = Repo::new(vec![package("core", at, &[])]);
    repo.commit("chore: start", &["core/a"]);
    repo.tag(&format!("core/v{at}"));
    repo
}

#[test]
fn plans_and_commits_are_merged_and_the_highest_wins() {
    for (message, planned, strategy, expected, reason) in [
        (
            "fix: x",
            Bump::Minor,
            Strategy::Conventional,
            "core 1.1.0 minor",
            "`plans/a.md` says minor",
        ),
        (
            "feat: x",
            Bump::Patch,
            Strategy::Conventional,
            "core 1.1.0 minor",
            "feat: x (abc0002)",
        ),
        (
            "docs: x",
            Bump::Major,
            Strategy::Conventional,
            "core 2.0.0 major",
            "`plans/a.md` says major",
        ),
        (
            "feat: x",
            Bump::Patch,
            Strategy::Plans,
            "core 1.0.1 patch",
            "`plans/a.md` says patch",
        ),
    ] {
        let mut repo = alone("1.0.0");
        repo.train.strategy = strategy;
        repo.commit(message, &["core/a"]);
        repo.plans.push(plan("plans/a.md", &[("core", planned)]));
        assert_eq!(repo.words(), [expected]);
        assert_eq!(repo.plan()[0].reason, reason);
        assert_eq!(repo.plan()[0].plans, ["plans/a.md"]);
    }
}

#[test]
fn a_plan_counts_until_it_is_released() {
    let mut repo = alone("1.0.0");
    repo.plans.push(plan("plans/a.md", &[("uv/core", Bump::Minor)]));
    // Not committed yet.
    assert_eq!(repo.words(), ["core 1.1.0 minor"]);
    repo.commit("chore: plan", &["plans/a.md"]);
    assert_eq!(repo.words(), ["core 1.1.0 minor"]);
    repo.release();
    // Released, and still there.
    assert_eq!(repo.words(), ["core 1.1.0 none"]);
    repo.commit("docs: x", &["core/a"]);
    assert_eq!(repo.words(), ["core 1.1.0 none"]);
    assert!(repo.plan()[0].plans.is_empty());
    // Edited after the release.
    repo.commit("chore: plan more", &["plans/a.md"]);
    assert_eq!(repo.words(), ["core 1.2.0 minor"]);
}

#[test]
fn plans_name_packages_that_are_there() {
    let mut repo = three();
    repo.packages.push(model::Package {
        private: true,
        ..package("hidden", "0.0.0", &[])
    });
    for name in ["cores", "npm/core"] {
        repo.plans = vec![plan("plans/a.md", &[(name, Bump::Minor)])];
        let wrong = repo.try_plan().expect_err("nobody is called that");
        assert!(wrong[0].message.contains("no package called"), "{wrong:?}");
        assert_eq!(
            wrong[0].location.as_ref().map(|at| at.file.as_str()),
            Some("plans/a.md")
        );
        assert!(wrong[0].hint.is_some());
    }
    // Whose version this is nobody can tell: it is neither of both, and not one that nobody tells of.
    repo.packages.push(package("npm:core", "1.0.0", &[]));
    repo.train.tag_format = TagFormat::parse("{ecosystem}/{name}/v{version}").expect("a legal pattern");
    repo.plans = vec![plan("plans/a.md", &[("core", Bump::Minor)])];
    let wrong = repo.try_plan().expect_err("two are called that");
    assert_eq!(wrong[0].message, "several packages are called `core`");
    assert_eq!(
        wrong[0].hint.as_deref(),
        Some("say which: `npm/core` or `uv/core`")
    );
    assert_eq!(
        wrong[0].location.as_ref().map(|at| at.file.as_str()),
        Some("plans/a.md")
    );
    repo.packages.pop();
    // Private packages are passed over, with a word.
    let told = |repo: &Repo| rules::plans::passed_over(&repo.plans, &repo.workspace());
    repo.plans = vec![plan(
        "plans/a.md",
        &[("hidden", Bump::Major), ("core", Bump::Patch)],
    )];
    assert!(told(&repo).is_some_and(|told| told.message.starts_with("`hidden` is private")));
    assert_eq!(repo.words()[1], "core 0.1.1 patch");
    repo.plans = vec![plan("plans/a.md", &[("core", Bump::Minor)])];
    assert_eq!(told(&repo), None);
    repo.plans = vec![plan("plans/a.md", &[("core", Bump::None), ("plug", Bump::Patch)])];
    assert_eq!(
        repo.words(),
        ["app 0.1.1 patch", "core 0.1.0 none", "plug 0.1.1 patch"]
    );
}

#[test]
fn calendars_give_numbers_and_changes_give_reasons() {
    for (calendar, last, expected) in [
        (Calendar::MONTH, "2025.12.3", "2026.1.0"),
        (Calendar::MONTH, "2026.1.3", "2026.1.4"),
        (Calendar::DAY, "2026.1.1", "2026.1.2"),
        (Calendar::DAY, "2026.1.2", "2026.1.2+1"),
        (Calendar::DAY, "2026.1.2+1", "2026.1.2+2"),
    ] {
        let mut repo = alone(last);
        repo.train.strategy = Strategy::Calendar(calendar);
        repo.commit("docs: x", &["core/a"]);
        assert_eq!(repo.plan()[0].bump, Bump::None);
        repo.commit("fix: x", &["core/a"]);
        assert_eq!(repo.plan()[0].next, version(expected), "{last}");
        assert_eq!(repo.plan()[0].reason, "fix: x (abc0003)");
        repo.release();
        assert_eq!(repo.plan()[0].bump, Bump::None);
        // What follows no convention may be anything.
        repo.commit("Drop the old parser", &["core/a"]);
        assert!(repo.plan()[0].next > version(expected), "{last}");
        assert_eq!(repo.plan()[0].reason, "Drop the old parser (abc0004)");
    }
    // Where build metadata is dropped, the second release of a day is none.
    let mut repo = Repo::new(vec![package("npm:core", "2026.1.2", &[])]);
    repo.train.strategy = Strategy::Calendar(Calendar::DAY);
    repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v2026.1.2");
    repo.commit("fix: x", &["core/a"]);
    assert!(repo.plan()[0].warnings[0].contains("wait for another day"));
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    repo.train.strategy = Strategy::Calendar(Calendar::MONTH);
    assert_eq!(repo.plan()[0].next, version("2026.1.0"));
}

#[test]
fn manual_packages_move_by_hand_only() {
    let mut repo = three();
    repo.train.strategy = Strategy::Manual;
    repo.commit("feat: x", &["core/a"]);
    assert!(repo.plan().iter().all(|one| one.bump == Bump::None));
    repo.packages[0].version = version("1.0.0");
    assert_eq!(
        repo.words(),
        ["app 0.1.0 none", "core 1.0.0 explicit", "plug 0.1.0 none"]
    );
}

#[test]
fn functions_have_the_say() {
    for (answer, expected) in [
        (Some(Answer::Bump(Bump::Major)), Ok("core 2.0.0 major")),
        (Some(Answer::Bump(Bump::None)), Ok("core 1.0.0 none")),
        (Some(Answer::Version(version("7.0.0"))), Ok("core 7.0.0 explicit")),
        (Some(Answer::Version(version("1.0.0"))), Ok("core 1.0.0 none")),
        (
            Some(Answer::Version(version("1.0.0-rc.1"))),
            Err("from 1.0.0 back to 1.0.0-rc.1"),
        ),
        (
            Some(Answer::Version(version("0.9.0"))),
            Err("from 1.0.0 back to 0.9.0"),
        ),
        // Not asked yet: what it is told would be released.
        (None, Ok("core 1.0.1 patch")),
    ] {
        let mut repo = alone("1.0.0");
        repo.train.strategy = Strategy::Function(FunctionId(0));
        repo.commit("fix: x", &["core/a"]);
        if let Some(answer) = answer.clone() {
            repo.answers.insert(id("core"), answer);
        }
        match (repo.try_plan(), expected) {
            (Ok(plan), Ok(words)) => assert_eq!(crate::support::words(&plan[0]), words, "{answer:?}"),
            (Err(wrong), Err(part)) => {
                assert!(wrong.len() == 1 && wrong[0].message.contains(part), "{wrong:?}");
            }
            (got, _) => panic!("{answer:?}: {got:?}"),
        }
    }
}

#[test]
fn named_versions_win_over_everything() {
    for (set, expected) in [
        ("1.0.1", Ok("core 1.0.1 explicit")),
        ("5.0.0-rc.1", Ok("core 5.0.0-rc.1 explicit")),
        ("1.0.0", Err("has that version already")),
        ("0.9.0", Err("is beyond that")),
    ] {
        let mut repo = alone("1.0.0");
        repo.commit("feat!: x", &["core/a"]);
        repo.set.insert(id("core"), version(set));
        match (repo.try_plan(), expected) {
            (Ok(plan), Ok(words)) => assert_eq!(crate::support::words(&plan[0]), words),
            (Err(wrong), Err(part)) => {
                assert!(wrong[0].message.contains(part), "{wrong:?}");
                assert!(wrong[0].hint.is_some());
            }
            (got, _) => panic!("{set}: {got:?}"),
        }
    }
    let mut repo = alone("1.0.0");
    repo.set.insert(id("other"), version("2.0.0"));
    assert!(
        repo.try_plan().expect_err("nobody is called that")[0]
            .message
            .contains("no such package")
    );
    // A release that was interrupted is finished by the same command.
    let mut repo = three();
    repo.commit("feat: x", &["core/a"]);
    repo.set.insert(id("core"), version("3.0.0"));
    assert_eq!(
        repo.words(),
        ["app 0.1.1 patch", "core 3.0.0 explicit", "plug 0.1.1 patch"]
    );
    repo.tag("core/v3.0.0");
    assert_eq!(
        repo.words(),
        ["app 0.1.1 patch", "core 3.0.0 none", "plug 0.1.1 patch"]
    );
    assert!(repo.plan()[1].released_at_head);
    // One that was brought back is done, and the same command has nothing to do.
    repo.tag("app/v0.1.1");
    repo.tag("plug/v0.1.1");
    repo.commit("chore: back\n\nReleasekit-Release: 0123456789abcdef", &["core/a"]);
    assert_eq!(
        repo.words(),
        ["app 0.1.1 none", "core 3.0.0 none", "plug 0.1.1 none"]
    );
    repo.commit("fix: y", &["core/a"]);
    assert!(repo.try_plan().is_err());
}

#[test]
fn groups_have_strategies_of_their_own() {
    let mut repo = three();
    let mut config = config(
        &["core", "plug", "app"],
        &[
            ("a", &["core"], None),
            ("b", &["plug", "app"], Some(Versioning::Fixed)),
        ],
    );
    config.groups[0].strategy = Some(Strategy::Plans);
    config.groups[1].commits = Some(model::CommitRules {
        types: vec![("docs".to_owned(), Bump::Patch)],
        ..model::CommitRules::default()
    });
    repo.config = Some(config);
    repo.commit("docs: x", &["plug/a"]);
    repo.commit("feat: x", &["core/a"]);
    assert_eq!(
        repo.words(),
        ["app 0.1.1 patch", "core 0.1.0 none", "plug 0.1.1 patch"]
    );
    let mut set = repo;
    set.set.insert(id("app"), version("4.0.0"));
    assert_eq!(
        set.words(),
        ["app 4.0.0 explicit", "core 0.1.0 none", "plug 4.0.0 explicit"]
    );
    set.set.insert(id("plug"), version("5.0.0"));
    assert!(
        set.try_plan().expect_err("two versions for one group")[0]
            .message
            .contains("group is set to")
    );
}

#[test]
fn a_function_may_ask_for_a_prerelease() {
    let prerelease = Answer::Bump(Bump::Prerelease);
    for (open, channel, expected) in [
        (None, None, "core 1.0.1-rc.1 prerelease"),
        (None, Some("latest"), "core 1.0.1-rc.1 prerelease"),
        (None, Some("beta"), "core 1.0.1-beta.1 prerelease"),
        (None, Some("nightly"), "core 1.0.1-nightly.20260102 prerelease"),
        (Some("1.1.0-rc.1"), None, "core 1.1.0-rc.2 prerelease"),
        (Some("1.1.0-beta.4"), None, "core 1.1.0-beta.5 prerelease"),
        (Some("1.1.0-3"), None, "core 1.1.0-rc.1 prerelease"),
        (Some("1.1.0-beta.4"), Some("rc"), "core 1.1.0-rc.1 prerelease"),
    ] {
        let mut repo = alone("1.0.0");
        repo.train.strategy = Strategy::Function(FunctionId(0));
        if let Some(open) = open {
            repo.commit("feat: x", &["core/a"]);
            repo.tag(&format!("core/v{open}"));
        }
        if let Some(name) = channel {
            repo.channel = model::Channel::named(name, None);
        }
        repo.commit("feat: x", &["core/a"]);
        repo.answers.insert(id("core"), prerelease.clone());
        assert_eq!(repo.words(), [expected], "{open:?} {channel:?}");
        let reason = &repo.plan()[0].reason;
        let is_told = reason.contains("said prerelease") || reason.contains("goes on as `rc`");
        assert!(is_told, "{reason}");
        // The same answer on the same commit makes no other.
        repo.release();
        assert_eq!(repo.plan()[0].bump, Bump::None, "{open:?} {channel:?}");
        assert!(repo.plan()[0].released_at_head);
    }
}

#[test]
fn nobody_moves_for_what_stays() {
    let mut repo = three();
    repo.train.strategy = Strategy::Function(FunctionId(0));
    repo.commit("feat: x", &["core/a"]);
    for (answer, expected) in [
        (
            Answer::Bump(Bump::None),
            "app 0.1.0 none, core 0.1.0 none, plug 0.1.0 none",
        ),
        (
            Answer::Version(version("0.1.0")),
            "app 0.1.0 none, core 0.1.0 none, plug 0.1.0 none",
        ),
    ] {
        repo.answers.insert(id("core"), answer);
        assert_eq!(repo.words().join(", "), expected);
    }
    repo.answers.insert(id("core"), Answer::Bump(Bump::Prerelease));
    let wrong = repo
        .try_plan()
        .expect_err("app and plug would be releases that need a pre-release");
    assert!(
        wrong[0].message.contains("a release that needs 0.1.1-rc.1"),
        "{wrong:?}"
    );
    repo.channel = model::Channel::named("rc", None);
    assert_eq!(
        repo.words(),
        [
            "app 0.1.1-rc.1 prerelease",
            "core 0.1.1-rc.1 prerelease",
            "plug 0.1.1-rc.1 prerelease"
        ]
    );
}

#[test]
fn what_does_not_move_says_why() {
    for (strategy, message, reason) in [
        (Strategy::Manual, "feat: x", "the strategy is manual"),
        (Strategy::Plans, "feat: x", "no version plan names it"),
        (
            Strategy::Function(FunctionId(0)),
            "feat!: x",
            "the function said nothing",
        ),
        (
            Strategy::Conventional,
            "docs: x",
            "1 commit, and it is no feature or fix",
        ),
    ] {
        let mut repo = alone("1.0.0");
        repo.train.strategy = strategy;
        repo.answers.insert(id("core"), Answer::Bump(Bump::None));
        repo.commit(message, &["core/a"]);
        let plan = repo.plan();
        assert_eq!(
            plan[0].reason,
            format!("nothing to release since core/v1.0.0: {reason}")
        );
    }
    let mut repo = alone("1.0.0");
    repo.train.commits.types = vec![("feat".to_owned(), Bump::None)];
    repo.commit("feat: x", &["core/a"]);
    assert!(
        repo.plan()[0]
            .reason
            .ends_with("1 commit, and its type asks for none")
    );
    // A first release of one package is with nobody.
    let mut repo = Repo::new(vec![package("core", "1.2.3-rc.1", &[])]);
    repo.channel = model::Channel::named("latest", None);
    assert_eq!(repo.plan()[0].reason, "first release");
}

#[test]
fn a_commit_names_a_prerelease_once() {
    let mut repo = alone("1.0.0");
    repo.train.commits.dialect = model::Dialect::ReleasePlease;
    repo.commit("feat: x\n\nRelease-As: 2.0.0-rc.1", &["core/a"]);
    assert_eq!(repo.words(), ["core 2.0.0-rc.1 explicit"]);
    repo.release();
    // The rest of the same release, and the commit that brings it back.
    assert_eq!(repo.words(), ["core 2.0.0-rc.1 explicit"]);
    assert_eq!(repo.plan()[0].warnings, [""; 0]);
    repo.commit(
        "chore: back\n\nReleasekit-Release: 0123456789abcdef",
        &["core/CHANGELOG.md"],
    );
    assert_eq!(repo.plan()[0].bump, Bump::None);
    // Then it is open.
    repo.commit("fix: y", &["core/a"]);
    assert_eq!(repo.words(), ["core 2.0.0 major"]);
    repo.channel = model::Channel::named("rc", None);
    assert_eq!(repo.words(), ["core 2.0.0-rc.2 prerelease"]);
}
