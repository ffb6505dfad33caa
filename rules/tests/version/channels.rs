//! Channels: pre-releases that begin, go on, escalate and become releases; nightlies, snapshots, maintenance.

use model::{Bump, Channel, Line, Versioning};

use crate::support::{Repo, package, three, version};

fn repo(at: &str) -> Repo {
    let mut repo = Repo::new(vec![package("core", at, &[])]);
    repo.commit("chore: start", &["core/a"]);
    repo.tag(&format!("core/v{at}"));
    repo
}

fn on(repo: &mut Repo, channel: &str) {
    repo.channel = Channel::named(channel, None);
}

/// The next version of the only package, and what a person is told.
fn next(repo: &Repo) -> String {
    repo.plan()[0].next.to_string()
}

#[test]
fn a_second_rc_is_of_the_same_version_whatever_landed_between() {
    for (landed, warns) in [("fix: y", false), ("feat: y", false), ("feat!: y", true)] {
        let mut repo = repo("1.1.0");
        on(&mut repo, "rc");
        assert_eq!(repo.words(), ["core 1.1.0 none"]);
        repo.commit("feat: x", &["core/a"]);
        assert_eq!(next(&repo), "1.2.0-rc.1");
        repo.release();
        assert_eq!(repo.words(), ["core 1.2.0-rc.1 none"]);
        repo.commit("docs: x", &["core/a"]);
        assert_eq!(repo.words(), ["core 1.2.0-rc.1 none"]);
        repo.commit(landed, &["core/a"]);
        let plan = repo.plan();
        assert_eq!(plan[0].next, version("1.2.0-rc.2"), "{landed}");
        assert_eq!(plan[0].commits.len(), 2, "only what landed since the first");
        assert_eq!(!plan[0].warnings.is_empty(), warns, "{:?}", plan[0].warnings);
        repo.release();
        // A release of it, also if nothing landed since.
        repo.channel = Channel::named("latest", None);
        let plan = repo.plan();
        assert_eq!(plan[0].next, version("1.2.0"), "{landed}");
        assert_eq!(plan[0].reason, "1.2.0-rc.2 is released");
        assert_eq!(plan[0].last_tag.as_deref(), Some("core/v1.1.0"));
        assert_eq!(plan[0].commits.len(), 3, "all that landed since the last release");
        assert_eq!(!plan[0].warnings.is_empty(), warns, "{:?}", plan[0].warnings);
        repo.release();
        assert_eq!(repo.words(), ["core 1.2.0 none"]);
    }
}

#[test]
fn a_warning_names_the_commit_and_the_way_out() {
    let mut repo = repo("1.1.0");
    repo.commit("fix: x", &["core/a"]);
    repo.tag("core/v1.1.1-rc.1");
    repo.commit("feat!: all new", &["core/a"]);
    on(&mut repo, "rc");
    let warning = &repo.plan()[0].warnings[0];
    assert_eq!(
        warning,
        "`feat!: all new` (abc0003) asks for 2.0.0, but 1.1.1-rc.1 is open and stays 1.1.1; \
         `--set core=2.0.0` releases that instead"
    );
}

#[test]
fn words_escalate_and_never_go_back() {
    let table = [
        ("1.2.0-alpha.3", "beta", Ok("1.2.0-beta.1")),
        ("1.2.0-beta.3", "rc", Ok("1.2.0-rc.1")),
        ("1.2.0-rc.3", "rc", Ok("1.2.0-rc.4")),
        ("1.2.0-rc3", "rc", Ok("1.2.0-rc4")),
        ("1.2.0-beta.3", "next", Ok("1.2.0-next.1")),
        ("1.2.0-rc.3", "beta", Err("cannot go back to `beta`")),
        ("1.2.0-next.3", "beta", Err("cannot go back to `beta`")),
    ];
    for (open, channel, expected) in table {
        let mut repo = Repo::new(vec![package("npm:core", "1.1.0", &[])]);
        repo.commit("chore: start", &["core/a"]);
        repo.tag("core/v1.1.0");
        repo.commit("feat: x", &["core/a"]);
        repo.tag(&format!("core/v{open}"));
        on(&mut repo, channel);
        repo.commit("fix: y", &["core/a"]);
        match (repo.try_plan(), expected) {
            (Ok(plan), Ok(next)) => assert_eq!(plan[0].next, version(next), "{open} {channel}"),
            (Err(wrong), Err(part)) => {
                assert!(wrong[0].message.contains(part), "{wrong:?}");
                assert!(
                    wrong[0]
                        .hint
                        .as_ref()
                        .is_some_and(|hint| hint.contains("--set core=")),
                    "{wrong:?}"
                );
            }
            (got, _) => panic!("{open} {channel}: {got:?}"),
        }
    }
    // Nothing to release is nothing to refuse.
    let mut repo = repo("1.1.0");
    repo.tag("core/v1.2.0-rc.1");
    on(&mut repo, "beta");
    assert_eq!(repo.words(), ["core 1.2.0-rc.1 none"]);
}

#[test]
fn escalating_needs_no_change() {
    let mut repo = repo("1.1.0");
    repo.commit("feat: x", &["core/a"]);
    repo.tag("core/v1.2.0-beta.2");
    on(&mut repo, "rc");
    let plan = repo.plan();
    assert_eq!(plan[0].next, version("1.2.0-rc.1"));
    assert_eq!(plan[0].reason, "1.2.0-beta.2 goes on as `rc`");
    repo.release();
    assert_eq!(repo.words(), ["core 1.2.0-rc.1 none"]);
}

#[test]
fn dev_comes_first_where_python_says_so() {
    // From 1.1.0 with an open 1.2.0-dev.1 to alpha: later for people and PEP 440, but not for SemVer.
    let mut repo = repo("1.1.0");
    repo.commit("feat: x", &["core/a"]);
    repo.tag("core/v1.2.0-dev.1");
    on(&mut repo, "alpha");
    assert_eq!(next(&repo), "1.2.0-alpha.1");
    repo.release();
    assert_eq!(repo.words(), ["core 1.2.0-alpha.1 none"]);
    let mut repo = Repo::new(vec![package("cargo:core", "1.1.0", &[])]);
    repo.commit("feat: x", &["core/a"]);
    repo.tag("core/v1.1.0");
    repo.commit("feat: y", &["core/a"]);
    repo.tag("core/v1.2.0-dev.1");
    on(&mut repo, "alpha");
    let wrong = repo.try_plan().expect_err("SemVer sorts it before");
    assert!(
        wrong[0]
            .message
            .contains("from 1.2.0-dev.1 back to 1.2.0-alpha.1"),
        "{wrong:?}"
    );
}

#[test]
fn a_first_release_may_be_a_prerelease() {
    for (manifest, channel, expected) in [
        ("0.1.0", "rc", "0.1.0-rc.1"),
        ("0.1.0-rc.1", "rc", "0.1.0-rc.1"),
        ("0.1.0-alpha.1", "rc", "0.1.0-rc.1"),
        ("0.1.0-rc.1", "latest", "0.1.0"),
        ("0.1.0", "latest", "0.1.0"),
        ("0.1.0", "nightly", "0.1.0-nightly.20260102"),
        ("0.1.0", "snapshot", "0.0.0-snapshot.20260102120000"),
    ] {
        let mut repo = Repo::new(vec![package("core", manifest, &[])]);
        repo.commit("feat: x", &["core/a"]);
        on(&mut repo, channel);
        assert_eq!(next(&repo), expected, "{manifest} {channel}");
        assert_eq!(repo.plan()[0].bump, Bump::Initial);
    }
}

#[test]
fn manifests_ahead_say_of_what_the_prerelease_is() {
    for (manifest, channel, expected) in [
        ("2.0.0", "rc", "2.0.0-rc.1"),
        ("2.0.0-rc.4", "rc", "2.0.0-rc.4"),
        ("2.0.0-rc.4", "latest", "2.0.0"),
        ("2.0.0", "nightly", "2.0.0-nightly.20260102"),
        ("1.1.0", "rc", "1.2.0-rc.1"),
    ] {
        let mut repo = repo("1.1.0");
        repo.packages[0].version = version(manifest);
        repo.commit("feat: x", &["core/a"]);
        on(&mut repo, channel);
        assert_eq!(next(&repo), expected, "{manifest} {channel}");
    }
}

#[test]
fn nightlies_are_made_of_anything_each_with_a_number_of_its_own() {
    // PEP 440 has room for one number only.
    for (name, second, third, on) in [
        ("core", "2026010201", "2026010202", "2026010301"),
        ("npm:core", "20260102.1", "20260102.2", "20260103"),
        ("cargo:core", "20260102.1", "20260102.2", "20260103"),
    ] {
        nightlies(Repo::new(vec![package(name, "1.1.0", &[])]), second, third, on);
    }
}

fn nightlies(mut repo: Repo, second: &str, third: &str, on_the_day_after: &str) {
    repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v1.1.0");
    on(&mut repo, "nightly");
    assert_eq!(repo.words(), ["core 1.1.0 none"]);
    repo.commit("docs: x", &["core/a"]);
    assert_eq!(next(&repo), "1.1.1-nightly.20260102");
    repo.release();
    assert_eq!(repo.words(), ["core 1.1.1-nightly.20260102 none"]);
    repo.commit("feat: x", &["core/a"]);
    assert_eq!(next(&repo), "1.2.0-nightly.20260102");
    repo.release();
    assert_eq!(repo.words(), ["core 1.2.0-nightly.20260102 none"]);
    for (number, days) in [(second, 0), (third, 0), (on_the_day_after, 1), ("20260104", 2)] {
        let before = repo.tags.clone();
        repo.commit("docs: y", &["core/a"]);
        repo.now = crate::support::NOW + days * 86_400;
        let planned = repo.plan().remove(0);
        let is_counted = number == "20260104" && on_the_day_after.len() > 8;
        let number = if is_counted { "2026010401" } else { number };
        assert_eq!(planned.next, version(&format!("1.2.0-nightly.{number}")));
        assert!(planned.reason.starts_with("docs: y (abc"), "{}", planned.reason);
        let tagged = before.iter().filter_map(|tag| tag.name.strip_prefix("core/v"));
        assert!(tagged.clone().all(|tagged| version(tagged) < planned.next));
        if planned.package.ecosystem == "uv" {
            let is_less = |tagged: &str| version(tagged).compare_pep440(&planned.next);
            assert!(
                tagged
                    .into_iter()
                    .all(|tagged| is_less(tagged).is_some_and(std::cmp::Ordering::is_lt))
            );
        }
        repo.release();
        assert_eq!(repo.plan()[0].bump, Bump::None);
    }
    // A clock that goes back changes nothing.
    repo.now = crate::support::NOW;
    repo.commit("docs: z", &["core/a"]);
    assert!(repo.plan()[0].next > version("1.2.0-nightly.20260104"));
    // They are on nobody's way to a release.
    repo.channel = Channel::named("latest", None);
    repo.commit("fix: z", &["core/a"]);
    assert_eq!(next(&repo), "1.2.0");
    assert_eq!(repo.plan()[0].last_tag.as_deref(), Some("core/v1.1.0"));
}

#[test]
fn snapshots_are_of_everything() {
    let mut repo = three();
    on(&mut repo, "snapshot");
    assert!(
        repo.plan()
            .iter()
            .all(|one| one.next == version("0.0.0-snapshot.20260102120000"))
    );
    assert!(repo.plan().iter().all(|one| one.bump == Bump::Prerelease));
}

#[test]
fn maintenance_lines_stay_in_their_range() {
    for (channel, message, expected) in [
        ("release-1.x", "feat: x", Some("1.3.0")),
        ("release-1.x", "feat!: x", None),
        ("1.2.x", "fix: x", Some("1.2.4")),
        ("1.2.x", "feat: x", None),
    ] {
        let mut repo = repo("1.2.3");
        repo.channel = Channel {
            name: channel.to_owned(),
            line: Line::Release,
        };
        repo.commit(message, &["core/a"]);
        match (repo.try_plan(), expected) {
            (Ok(plan), Some(next)) => assert_eq!(plan[0].next, version(next)),
            (Err(wrong), None) => assert!(wrong[0].message.contains(channel), "{wrong:?}"),
            (got, _) => panic!("{channel} {message}: {got:?}"),
        }
    }
}

#[test]
fn latest_never_moves_to_a_prerelease() {
    for (manifest, channel) in [
        ("1.0.0-rc.1", "rc"),
        ("1.0.0-beta.1", "beta"),
        ("1.0.0-alpha.1", "next"),
        ("1.0.0", "latest"),
    ] {
        let repo = Repo::new(vec![package("core", manifest, &[])]);
        assert_eq!(repo.plan()[0].channel, channel, "{manifest}");
    }
}

#[test]
fn dependents_begin_a_line_too() {
    let mut repo = three();
    on(&mut repo, "rc");
    repo.commit("feat: x", &["core/a"]);
    assert_eq!(
        repo.words(),
        [
            "app 0.1.1-rc.1 prerelease",
            "core 0.2.0-rc.1 prerelease",
            "plug 0.1.1-rc.1 prerelease"
        ]
    );
    repo.release();
    repo.commit("fix: y", &["core/a"]);
    assert_eq!(
        repo.words(),
        [
            "app 0.1.1-rc.2 prerelease",
            "core 0.2.0-rc.2 prerelease",
            "plug 0.1.1-rc.2 prerelease"
        ]
    );
    repo.release();
    on(&mut repo, "latest");
    assert_eq!(
        repo.words(),
        ["app 0.1.1 patch", "core 0.2.0 minor", "plug 0.1.1 patch"]
    );
}

#[test]
fn python_versions_can_be_said_and_keep_their_order() {
    let table = [
        (
            "1.2.0-beta.1",
            "canary",
            false,
            "would go from 1.2.0-beta.1 back to 1.2.0-canary.1",
        ),
        (
            "1.2.0-rc.1",
            "snapshot-x",
            false,
            "wants one number after `snapshot`",
        ),
        ("1.2.0-beta.1", "zeta", false, "has no pre-release called `zeta`"),
        // With a package of another ecosystem it goes up, and only Python sees it go back.
        (
            "1.2.0-beta.1",
            "canary",
            true,
            "after 1.2.0-beta.1: PEP 440 sorts it before that",
        ),
    ];
    for (open, word, is_mixed, part) in table {
        let mut repo = repo("1.1.0");
        if is_mixed {
            repo.packages.push(package("npm:web", "1.1.0", &[]));
            repo.train.versioning = Versioning::Fixed;
        }
        repo.commit("feat: x", &["core/a"]);
        for package in ["core", "web"] {
            repo.tag(&format!("{package}/v{open}"));
        }
        repo.commit("fix: y", &["core/a"]);
        repo.channel = Channel::named("own", Some(word));
        let wrong = repo
            .try_plan()
            .expect_err("it cannot be said, or not in that order");
        assert!(wrong[0].message.contains(part), "{}", wrong[0].message);
        assert!(wrong[0].hint.is_some());
    }
}

#[test]
fn no_channel_is_as_latest_whatever_was_written_back() {
    for (open, landed) in [
        ("1.2.0-rc.1", "fix: y"),
        ("3.0.0-beta.1", "feat: y"),
        ("1.2.0-rc.1", "docs: y"),
    ] {
        for manifest in ["1.1.0", open] {
            let mut repo = repo("1.1.0");
            repo.commit("feat: x", &["core/a"]);
            repo.tag(&format!("core/v{open}"));
            repo.packages[0].version = version(manifest);
            repo.commit(landed, &["core/a"]);
            let plan = repo.plan();
            assert_eq!(plan[0].next, version(open).release(), "{open} {manifest}");
            assert_eq!(plan[0].reason, format!("{open} is released"));
            on(&mut repo, "latest");
            assert_eq!(repo.plan(), plan, "{open} {manifest}");
        }
    }
    // Also right after the release, on the commit that brought it back.
    let mut repo = repo("1.0.0");
    repo.commit("feat: x", &["core/a"]);
    repo.tag("core/v1.1.0-rc.1");
    repo.packages[0].version = version("1.1.0-rc.1");
    repo.commit(
        "chore: back\n\nReleasekit-Release: 0123456789abcdef",
        &["core/CHANGELOG.md", "core/package.json"],
    );
    assert_eq!(next(&repo), "1.1.0");
    on(&mut repo, "rc");
    assert_eq!(next(&repo), "1.1.0-rc.1");
}

#[test]
fn a_person_may_write_a_prerelease() {
    let mut repo = repo("1.1.0");
    repo.commit("feat: x", &["core/a"]);
    repo.tag("core/v1.2.0-rc.1");
    // Nightlies are on nobody's way.
    repo.tag("core/v2.0.0-nightly.20260101");
    for (written, channel) in [
        ("2.0.0-beta.1", "beta"),
        ("2.0.0-beta.2", "beta"),
        ("2.0.0-rc.1", "rc"),
    ] {
        repo.packages[0].version = version(written);
        repo.commit("chore: by hand", &["core/a"]);
        let plan = repo.release();
        assert_eq!(
            (plan[0].next.clone(), plan[0].channel.as_str()),
            (version(written), channel)
        );
        // The same command again finishes that release, and makes no other.
        assert_eq!(repo.words(), [format!("core {written} none")]);
        assert!(repo.plan()[0].released_at_head);
        repo.commit(
            "chore: back\n\nReleasekit-Release: 0123456789abcdef",
            &["core/CHANGELOG.md"],
        );
        assert_eq!(repo.words(), [format!("core {written} none")]);
    }
    // From then on it is a pre-release like any other.
    repo.commit("docs: y", &["core/a"]);
    assert_eq!(next(&repo), "2.0.0");
    on(&mut repo, "rc");
    assert_eq!(next(&repo), "2.0.0-rc.1");
    repo.commit("fix: y", &["core/a"]);
    assert_eq!(next(&repo), "2.0.0-rc.2");
}
