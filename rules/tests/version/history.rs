//! Histories with branches and merges, and logs that do not go all the way back.

use model::{Bump, CommitId};
use rules::oldest_needed;

use crate::support::{Repo, package, three};

#[test]
fn merged_work_counts_wherever_it_came_from() {
    // start(tag) - m1 - merge - head, with a branch from start that is merged.
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v0.1.0");
    let main = repo.commit("fix: on main", &["core/a"]);
    repo.checkout(&start);
    let branch = repo.commit("feat: on a branch", &["core/b"]);
    repo.checkout(&main);
    repo.merge(&branch);
    assert_eq!(repo.words(), ["core 0.2.0 minor"]);
    assert_eq!(repo.plan()[0].reason, "feat: on a branch (abc0003) and 1 more");
}

#[test]
fn work_from_before_a_tag_that_is_merged_after_it_counts() {
    // The branch is older than the tag; the tag does not contain it.
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    let branch = repo.commit("feat: early", &["core/b"]);
    repo.checkout(&start);
    let main = repo.commit("fix: tagged", &["core/a"]);
    repo.tag("core/v0.1.0");
    repo.checkout(&main);
    repo.merge(&branch);
    assert_eq!(repo.words(), ["core 0.2.0 minor"]);
    assert_eq!(repo.plan()[0].commits, [CommitId(branch)]);
}

#[test]
fn a_tag_on_a_merged_branch_is_a_baseline() {
    // 0.2.0 was released from a branch that was merged back.
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v0.1.0");
    let branch = repo.commit("feat: released", &["core/b"]);
    repo.tag("core/v0.2.0");
    repo.checkout(&start);
    let main = repo.commit("fix: not released", &["core/a"]);
    repo.checkout(&main);
    repo.merge(&branch);
    assert_eq!(repo.words(), ["core 0.2.1 patch"]);
    assert_eq!(repo.plan()[0].commits, [CommitId(main)]);
}

#[test]
fn tags_elsewhere_do_not_count_where_they_do_not_lead() {
    // On a maintenance branch, the main line's 2.0.0 is somebody else's.
    let mut repo = Repo::new(vec![package("core", "1.0.0", &[])]);
    let start = repo.commit("chore: start", &["core/a"]);
    repo.tag("core/v1.0.0");
    repo.commit("feat!: main line", &["core/a"]);
    repo.tag("core/v2.0.0");
    repo.checkout(&start);
    repo.log.truncate(1);
    repo.commit("fix: maintenance", &["core/a"]);
    assert_eq!(repo.words(), ["core 1.0.1 patch"]);
}

#[test]
fn what_a_tag_beside_the_head_holds_is_released() {
    // start - first - on main, and a release branch from `first`, where both were tagged.
    let mut repo = Repo::new(vec![
        package("core", "0.1.0", &[]),
        package("plug", "0.1.0", &["core"]),
    ]);
    repo.commit("chore: start", &["README"]);
    repo.commit("feat: first", &["core/a", "plug/a"]);
    let branch = repo.commit("fix: last minute", &["core/a"]);
    repo.tag("core/v0.1.0");
    repo.tag("plug/v0.1.0");
    repo.leave(2);
    let main = repo.commit("fix: on main", &["plug/a"]);
    assert_eq!(repo.words(), ["core 0.1.0 none", "plug 0.1.1 patch"]);
    assert_eq!(repo.plan()[1].commits, [CommitId(main)]);
    assert_eq!(repo.tags_beside(), [CommitId(branch)]);
    // One that leads here counts instead.
    repo.checkout(&repo.log[0].id.0.clone());
    repo.tag("core/v0.0.9");
    repo.tag("plug/v0.0.9");
    repo.checkout(&repo.log[2].id.0.clone());
    assert_eq!(repo.words(), ["core 0.1.0 explicit", "plug 0.1.0 explicit"]);
    assert!(repo.plan()[0].warnings[0].contains("is tagged already"));
    assert_eq!(repo.tags_beside(), []);
}

#[test]
fn at_a_commit_before_the_only_tag_nothing_is_new() {
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    repo.commit("feat: first", &["core/a"]);
    repo.commit("fix: second", &["core/a"]);
    repo.tag("core/v0.1.0");
    repo.leave(1);
    assert_eq!(repo.words(), ["core 0.1.0 none"]);
    // What shares nothing with the tag is new as a whole.
    repo.log[0].id = CommitId("f".repeat(40));
    repo.checkout(&"f".repeat(40));
    assert_eq!(repo.words(), ["core 0.2.0 minor"]);
}

#[test]
fn a_shorter_log_gives_the_same_versions() {
    let mut repo = three();
    repo.commit("feat: x", &["core/a"]);
    repo.release();
    repo.commit("fix: y", &["plug/a"]);
    repo.release();
    repo.commit("fix: z", &["core/a"]);
    let since = oldest_needed(&repo.workspace(), &repo.tags, &repo.train, None);
    assert_eq!(since.len(), 2, "{since:?}");
    // What leads to every one of them is left out, themselves included.
    let log: Vec<_> = repo.log[2..].iter().rev().cloned().collect();
    assert_eq!(repo.plan_from(&log).expect("a plan"), repo.plan());
    repo.packages.push(package("new", "0.1.0", &[]));
    assert_eq!(
        oldest_needed(&repo.workspace(), &repo.tags, &repo.train, None),
        []
    );
}

#[test]
fn the_log_may_be_empty_at_a_released_head() {
    let mut repo = three();
    repo.commit("feat: x", &["core/a"]);
    let before = repo.release();
    let after = repo.plan_from(&[]).expect("a plan");
    assert!(after.iter().all(|one| one.bump == Bump::None), "{after:#?}");
    assert_eq!(after[1].next, before[1].next);
    // `app` and `plug` were released with `core`, whatever the log says.
    assert!(after.iter().all(|one| one.released_at_head), "{after:#?}");
}

#[test]
fn nothing_at_all_has_an_outcome() {
    // No commits, no tags, no head: everything is released first.
    let repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    assert_eq!(repo.words(), ["core 0.1.0 initial"]);
    let nobody = Repo::new(Vec::new());
    assert!(nobody.plan().is_empty());
    // Tags and no commits: a clone that has no history yet.
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    repo.commit("feat: x", &["core/a"]);
    repo.tag("core/v0.1.0");
    repo.log.clear();
    assert_eq!(repo.words(), ["core 0.1.0 none"]);
    // Tags that nobody can read.
    for tag in [
        "core/v",
        "core/vx",
        "core/v1.2.3.4.5",
        "core/v1!2.0",
        "core/v1.0.0-",
        "\u{2603}",
        "v",
        "1",
    ] {
        repo.tag(tag);
    }
    assert_eq!(repo.words(), ["core 0.1.0 none"]);
}
