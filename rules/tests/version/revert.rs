//! Reverts: what cancels out, and what does not.

use crate::support::{Repo, package};

fn repo() -> Repo {
    let mut repo = Repo::new(vec![
        package("core", "0.1.0", &[]),
        package("other", "0.1.0", &[]),
    ]);
    repo.commit("chore: start", &["core/a"]);
    repo.release();
    repo
}

fn revert(repo: &mut Repo, subject: &str, of: &str) -> String {
    repo.commit(&format!("{subject}\n\nThis reverts commit {of}.\n"), &["core/a"])
}

/// What becomes of `core`, and how many commits are left to tell about.
fn outcome(repo: &Repo) -> (String, usize) {
    (repo.words()[0].clone(), repo.plan()[0].commits.len())
}

fn is(words: &str, commits: usize) -> (String, usize) {
    (words.to_owned(), commits)
}

#[test]
fn a_revert_and_what_it_reverts_cancel_out() {
    for subject in ["Revert \"feat: x\"", "revert: feat: x", "Revert \"anything\""] {
        let mut repo = repo();
        let feat = repo.commit("feat: x", &["core/a"]);
        revert(&mut repo, subject, &feat);
        assert_eq!(outcome(&repo), is("core 0.1.0 none", 0), "{subject}");
        repo.commit("fix: y", &["core/a"]);
        assert_eq!(outcome(&repo), is("core 0.1.1 patch", 1), "{subject}");
    }
}

#[test]
fn a_revert_of_something_released_is_a_patch() {
    for subject in ["Revert \"feat: x\"", "revert: feat: x"] {
        let mut repo = repo();
        let feat = repo.commit("feat: x", &["core/a"]);
        repo.release();
        revert(&mut repo, subject, &feat);
        assert_eq!(outcome(&repo), is("core 0.2.1 patch", 1), "{subject}");
        // A new feature of the same name is not the old one.
        repo.commit("feat: x", &["core/a"]);
        assert_eq!(outcome(&repo), is("core 0.3.0 minor", 2), "{subject}");
    }
}

#[test]
fn a_revert_by_subject_takes_the_newest_unreleased_one() {
    let mut repo = repo();
    repo.commit("feat: x (#1)", &["core/a"]);
    repo.release();
    repo.commit("feat: x (#2)", &["core/a"]);
    // What a forge writes when a request is reverted names no commit.
    repo.commit("Revert \"feat: x (#2)\" (#3)\n\nReverts a/b#2", &["core/a"]);
    assert_eq!(outcome(&repo), is("core 0.2.0 none", 0));
    repo.commit("Revert \"feat: x (#1)\" (#4)\n\nReverts a/b#1", &["core/a"]);
    assert_eq!(outcome(&repo), is("core 0.2.1 patch", 1));
}

#[test]
fn a_revert_of_a_revert_brings_it_back() {
    for again in ["Revert \"Revert \"feat: x\"\"", "Reapply \"feat: x\""] {
        let mut repo = repo();
        let feat = repo.commit("feat: x", &["core/a"]);
        let first = revert(&mut repo, "Revert \"feat: x\"", &feat);
        let second = revert(&mut repo, again, &first);
        assert_eq!(outcome(&repo), is("core 0.2.0 minor", 1), "{again}");
        revert(&mut repo, "Revert \"Reapply \"feat: x\"\"", &second);
        assert_eq!(outcome(&repo), is("core 0.1.0 none", 0), "{again}");
    }
    // Between releases.
    let mut repo = repo();
    let feat = repo.commit("feat: x", &["core/a"]);
    repo.release();
    let back = revert(&mut repo, "Revert \"feat: x\"", &feat);
    repo.release();
    revert(&mut repo, "Reapply \"feat: x\"", &back);
    assert_eq!(outcome(&repo), is("core 0.3.0 minor", 1));
}

#[test]
fn reverting_a_breaking_change_takes_the_break_back() {
    let mut repo = repo();
    let feat = repo.commit("feat!: x", &["core/a"]);
    repo.commit("fix: y", &["core/a"]);
    revert(&mut repo, "Revert \"feat!: x\"", &feat);
    assert_eq!(outcome(&repo), is("core 0.1.1 patch", 1));
}

#[test]
fn reverting_a_merge_takes_everything_back_that_it_brought() {
    let mut repo = repo();
    let start = repo.commit("fix: before", &["core/a"]);
    let branch = {
        repo.commit("feat: one", &["core/a"]);
        repo.commit("feat: two", &["core/a", "other/a"])
    };
    repo.checkout(&start);
    let merge = repo.merge(&branch);
    assert_eq!(outcome(&repo), is("core 0.2.0 minor", 3));
    let message = format!(
        "Revert \"Merge branch 'other'\"\n\nThis reverts commit {merge}, reversing\nchanges made to {start}."
    );
    repo.commit(&message, &["core/a"]);
    assert_eq!(outcome(&repo), is("core 0.1.1 patch", 1));
    // The revert did not touch `other`, so nothing was taken back there.
    assert_eq!(repo.words()[1], "other 0.2.0 minor");
}

#[test]
fn a_revert_of_nothing_that_matters_does_not_matter() {
    let mut repo = repo();
    let docs = repo.commit("docs: x", &["core/a"]);
    repo.release();
    revert(&mut repo, "Revert \"docs: x\"", &docs);
    repo.commit("Revert \"Update readme\"", &["core/a"]);
    assert_eq!(outcome(&repo).0, "core 0.1.0 none");
}

#[test]
fn short_ids_and_lists_are_understood() {
    let mut repo = repo();
    let one = repo.commit("feat: one", &["core/a"]);
    let two = repo.commit("feat: two", &["core/a"]);
    let three = repo.commit("feat: three", &["core/a"]);
    let message = format!("revert: both\n\nRefs: {}, {two}", &one[..7]);
    repo.commit(&message, &["core/a"]);
    assert_eq!(outcome(&repo), is("core 0.2.0 minor", 1));
    // What could be several commits is none.
    repo.commit("revert: the other\n\nRefs: 0000000, abc000", &["core/a"]);
    assert_eq!(outcome(&repo), is("core 0.2.0 minor", 2));
    let message = format!("revert: the other\n\nRefs: {three}, {three}");
    repo.commit(&message, &["core/a"]);
    assert_eq!(outcome(&repo), is("core 0.1.1 patch", 1));
}

#[test]
fn a_revert_of_a_request_finds_what_was_merged_by_it() {
    // What was committed, what reverts it, and what becomes of both.
    let table = [
        (
            "feat: x (#3)",
            "Revert \"feat: x\" (#4)\n\nReverts owner/repo#3",
            0,
        ),
        ("feat: x (#3)", "Revert \"feat: x\" (#4)", 0),
        ("feat: x (#3)", "Revert \"feat: y\" (#4)\n\nReverts #3.", 0),
        (
            "feat: x (#3)",
            "Revert \"feat: x\" (#4)\n\nReverts owner/repo#2",
            2,
        ),
        ("feat: x (#3)", "Revert \"feat: x (#2)\" (#4)", 2),
        (
            "feat: x (!3)",
            "Revert \"feat: x\"\n\nThis reverts merge request !3",
            0,
        ),
        ("feat: x", "Revert \"feat: x\" (#4)", 0),
        ("feat: x", "revert: feat: x (#4)", 0),
        ("feat: x (#3)", "revert: feat: x (#3) (#4)", 0),
        ("feat: x (#3)", "revert: feat: x (#4)", 0),
        ("feat: x (#3)", "revert: feat: x (#2)", 2),
        ("feat: x (#3)", "revert: feat: x", 0),
        ("feat: x y", "revert: feat: x (#4)", 2),
    ];
    for (merged, reverted, left) in table {
        let mut repo = repo();
        repo.commit(merged, &["core/a"]);
        repo.commit(reverted, &["core/a"]);
        assert_eq!(outcome(&repo).1, left, "{merged}: {reverted}");
    }
    // The named request is another one, which was not reverted.
    let mut repo = repo();
    let one = repo.commit("feat: x (#3)", &["core/a"]);
    repo.commit("feat: x (#5)", &["core/a"]);
    repo.commit("feat: x", &["core/a"]);
    repo.commit("Revert \"feat: x\" (#6)\n\nReverts a/b#5", &["core/a"]);
    let left: Vec<_> = repo.plan()[0].commits.iter().map(|id| id.0.clone()).collect();
    assert_eq!(left.len(), 2);
    assert_eq!(left[1], one);
}

#[test]
fn a_revert_in_a_squashed_message_takes_back_what_is_there() {
    let id = "1234567890".repeat(4);
    let git = |messages: &[&str]| {
        let one = |message: &&str| format!("commit {id}\nAuthor: A <a@x>\n\n    {message}\n");
        let all: Vec<String> = messages.iter().map(one).collect();
        format!("Squashed commit of the following:\n\n{}", all.join("\n"))
    };
    let listed = |revert: &str| format!("feat: PR (#3)\n\n* feat!: one\n\n* {revert}\n\n* fix: two");
    let table = [
        (
            listed(&format!("Revert \"feat!: one\"\n\nThis reverts commit {id}.")),
            "core 1.1.0 minor",
        ),
        (listed("revert: feat!: one"), "core 1.1.0 minor"),
        (listed("Revert \"feat!: another\""), "core 2.0.0 major"),
        (
            format!("{}\n\n* Reapply \"feat!: one\"", listed("Revert \"feat!: one\"")),
            "core 2.0.0 major",
        ),
        (
            git(&["fix: two", "Revert \"feat!: one\"", "feat!: one"]),
            "core 1.0.1 patch",
        ),
        (
            git(&["feat!: one", "fix: two", "Revert \"feat!: one\""]),
            "core 2.0.0 major",
        ),
    ];
    for (message, expected) in table {
        let mut repo = Repo::new(vec![package("core", "1.0.0", &[])]);
        repo.commit("chore: start", &["core/a"]);
        repo.release();
        repo.train.commits.squashed = true;
        repo.commit(&message, &["core/a"]);
        assert_eq!(repo.words(), [expected], "{message}");
    }
}
