//! Releases that would be wrong beside others, and are refused.

use model::{Channel, Diagnostic};

use crate::support::{Repo, id, package, version};

fn refused(repo: &Repo) -> Diagnostic {
    let wrong = repo.try_plan().expect_err("it is refused").remove(0);
    assert!(
        wrong.hint.as_ref().is_some_and(|hint| hint.contains("--set ")),
        "{wrong:?}"
    );
    wrong
}

/// `a`, and `b` which needs it.
fn two() -> Repo {
    let mut repo = Repo::new(vec![
        package("npm:a", "1.2.3", &[]),
        package("npm:b", "1.2.3", &["npm:a"]),
    ]);
    repo.commit("chore: start", &["a/a", "b/a"]);
    repo.release();
    repo.commit("fix: x", &["a/a"]);
    repo
}

#[test]
fn a_prerelease_of_what_is_out_elsewhere_is_none() {
    let mut repo = Repo::new(vec![package("npm:a", "1.2.3", &[])]);
    repo.commit("chore: start", &["a/a"]);
    repo.tag("a/v1.2.3");
    let shared = repo.commit("feat: one", &["a/a"]);
    repo.tag("a/v1.3.0-rc.1");
    repo.commit("fix: stable", &["a/a"]);
    repo.tag("a/v1.3.0");
    // That branch is not merged: nothing of it is in the log.
    let _stable = repo.log.pop();
    repo.checkout(&shared);
    repo.commit("feat: new", &["a/a"]);
    for channel in ["rc", "nightly"] {
        repo.channel = Channel::named(channel, None);
        let wrong = refused(&repo);
        assert!(
            wrong.message.contains("1.3.0 is released, as `a/v1.3.0`"),
            "{wrong:?}"
        );
    }
    repo.set.insert(id("npm:a"), version("1.4.0-rc.1"));
    assert_eq!(repo.words(), ["a 1.4.0-rc.1 explicit"]);
}

#[test]
fn a_release_waits_for_what_it_needs() {
    let mut repo = two();
    repo.set.insert(id("npm:a"), version("2.0.0-rc.1"));
    let wrong = refused(&repo);
    assert_eq!(
        wrong.message,
        "`npm/b` would become 1.2.4, a release that needs 2.0.0-rc.1 of `npm/a`, a pre-release"
    );
    assert!(wrong.hint.is_some_and(|hint| hint.contains("`--channel rc`")));
    // Neither is it released when the other is tagged already, and the rest is to follow.
    repo.tag("a/v2.0.0-rc.1");
    let _wrong = refused(&repo);
    repo.channel = Channel::named("rc", None);
    assert_eq!(repo.words(), ["a 2.0.0-rc.1 none", "b 1.2.4-rc.1 prerelease"]);
    // Somebody who names both means it.
    let mut repo = two();
    repo.set.insert(id("npm:a"), version("2.0.0-rc.1"));
    repo.set.insert(id("npm:b"), version("1.3.0"));
    assert_eq!(repo.words(), ["a 2.0.0-rc.1 explicit", "b 1.3.0 explicit"]);
    assert_eq!(
        repo.plan()[1].warnings,
        ["1.3.0 needs 2.0.0-rc.1 of a, a pre-release"]
    );
}

#[test]
fn numbers_end() {
    for (last, message) in [
        ("1.2.18446744073709551615", "fix: x"),
        ("1.18446744073709551615.0", "feat: x"),
        ("18446744073709551615.0.0", "feat!: x"),
    ] {
        let mut repo = Repo::new(vec![package("npm:a", last, &[])]);
        repo.commit("chore: start", &["a/a"]);
        repo.tag(&format!("a/v{last}"));
        repo.commit(message, &["a/a"]);
        let wrong = refused(&repo);
        assert_eq!(
            wrong.message,
            format!("`npm/a` cannot grow from {last}: one of its numbers is at its end")
        );
    }
    let mut repo = Repo::new(vec![package("npm:a", "1.0.0", &[])]);
    repo.commit("fix: x", &["a/a"]);
    repo.tag("a/v1.0.0");
    repo.commit("fix: y", &["a/a"]);
    repo.tag("a/v1.0.1-rc.18446744073709551615");
    repo.commit("fix: z", &["a/a"]);
    repo.channel = Channel::named("rc", None);
    let _wrong = refused(&repo);
}
