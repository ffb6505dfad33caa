//! Fixed groups: packages that always have one version.

use crate::support::{Repo, config, package, version};
use model::{Bump, Versioning};

fn repo() -> Repo {
    let mut repo = Repo::new(vec![
        package("core", "0.1.0", &[]),
        package("plug", "0.1.0", &["core"]),
        package("app", "0.1.0", &["plug", "core"]),
        package("alone", "0.1.0", &[]),
    ]);
    repo.config = Some(config(
        &["core", "plug", "app", "alone"],
        &[("main", &["core", "plug", "app"], Some(Versioning::Fixed))],
    ));
    repo.commit("chore: start", &["core/a"]);
    repo.release();
    repo
}

#[test]
fn all_get_the_highest_bump() {
    let mut repo = repo();
    repo.commit("feat: x", &["core/a"]);
    repo.commit("fix: y", &["app/a"]);
    assert_eq!(
        repo.words(),
        [
            "alone 0.1.0 none",
            "app 0.2.0 minor",
            "core 0.2.0 minor",
            "plug 0.2.0 minor"
        ]
    );
    let plan = repo.plan();
    assert_eq!(plan[2].reason, "feat: x (abc0002)");
    assert_eq!(
        plan[3].reason,
        "with the group main, because of core: feat: x (abc0002)"
    );
    repo.release();
    assert!(repo.plan().iter().all(|one| one.bump == Bump::None));
}

#[test]
fn the_highest_version_counts() {
    let mut repo = repo();
    repo.tag("plug/v0.4.0");
    repo.commit("fix: x", &["core/a"]);
    assert_eq!(
        repo.words(),
        [
            "alone 0.1.0 none",
            "app 0.4.1 minor",
            "core 0.4.1 minor",
            "plug 0.4.1 patch"
        ]
    );
}

#[test]
fn versions_by_hand_are_for_all() {
    let mut repo = repo();
    repo.packages[0].version = version("1.0.0");
    repo.commit("docs: x", &["core/a"]);
    let plan = repo.plan();
    assert_eq!(
        repo.words()[1..],
        ["app 1.0.0 explicit", "core 1.0.0 explicit", "plug 1.0.0 explicit"]
    );
    assert_eq!(
        plan[2].reason,
        "`core/pyproject.toml` says 1.0.0, ahead of core/v0.1.0"
    );
    assert_eq!(plan[3].reason, "with the group main, at 1.0.0");
}

#[test]
fn an_interrupted_release_goes_on_with_the_same_version() {
    let mut repo = repo();
    repo.commit("feat: x", &["core/a"]);
    let whole = repo.plan();
    let tags = repo.tags.clone();
    for done in 0..16 {
        repo.tags.clone_from(&tags);
        for (bit, one) in whole.iter().enumerate() {
            if done & (1 << bit) != 0 && one.bump != Bump::None {
                repo.tag(&one.tag);
            }
        }
        for (before, after) in whole.iter().zip(repo.plan()) {
            assert_eq!(before.next, after.next, "{done} {}", before.package);
        }
    }
    // Later, on another commit, the rest catches up.
    repo.tags = tags;
    repo.tag("core/v0.2.0");
    repo.commit("docs: y", &["core/a"]);
    assert_eq!(
        repo.words()[1..],
        ["app 0.2.0 minor", "core 0.2.0 none", "plug 0.2.0 minor"]
    );
    assert_eq!(repo.plan()[1].reason, "catches up with the group main, at 0.2.0");
    repo.commit("fix: z", &["plug/a"]);
    assert_eq!(
        repo.words()[1..],
        ["app 0.2.1 minor", "core 0.2.1 patch", "plug 0.2.1 minor"]
    );
}

#[test]
fn new_members_join_at_the_groups_version() {
    let mut repo = repo();
    repo.commit("feat: x", &["core/a"]);
    repo.release();
    repo.packages.push(package("new", "0.0.1", &[]));
    let declared = crate::support::declared("new");
    let config = repo.config.as_mut().expect("there is one");
    config.packages.push(declared);
    config.groups[0].packages.push("new".to_owned());
    repo.commit("chore: add new", &["new/a"]);
    assert_eq!(
        repo.words()[2..],
        ["core 0.2.0 none", "new 0.2.0 initial", "plug 0.2.0 none"]
    );
}

#[test]
fn a_need_outside_moves_the_whole_group() {
    let mut repo = repo();
    repo.packages[0] = package("core", "0.1.0", &["alone"]);
    repo.commit("fix: x", &["alone/a"]);
    assert_eq!(
        repo.words(),
        [
            "alone 0.1.1 patch",
            "app 0.1.1 patch",
            "core 0.1.1 patch",
            "plug 0.1.1 patch"
        ]
    );
    let plan = repo.plan();
    assert_eq!(plan[2].reason, "depends on alone, which becomes 0.1.1");
    assert_eq!(
        plan[3].reason,
        "with the group main, because of core: depends on alone, which becomes 0.1.1"
    );
}

#[test]
fn everything_can_be_fixed_without_a_configuration() {
    let mut repo = repo();
    repo.config = None;
    repo.train.versioning = Versioning::Fixed;
    repo.commit("feat: x", &["core/a"]);
    assert!(repo.plan().iter().all(|one| one.next == version("0.2.0")));
    assert_eq!(
        repo.plan()[0].reason,
        "with the other packages, because of core: feat: x (abc0002)"
    );
}

/// Independent packages, two of which have their version in the workspace's root.
fn sharing() -> Repo {
    let mut repo = Repo::new(vec![
        package("a", "1.0.0", &[]),
        package("b", "1.0.0", &[]),
        package("c", "1.0.0", &[]),
    ]);
    for package in &mut repo.packages[..2] {
        let place = "Cargo.toml#workspace.package.version".to_owned();
        package.notes.insert(model::VERSION_PLACE.to_owned(), place);
    }
    repo.commit("chore: start", &["a/a", "b/a", "c/a"]);
    repo.release();
    repo
}

#[test]
fn a_version_that_stands_in_one_place_is_one() {
    let mut repo = sharing();
    repo.commit("feat: x", &["a/a"]);
    assert_eq!(repo.words(), ["a 1.1.0 minor", "b 1.1.0 minor", "c 1.0.0 none"]);
    assert_eq!(
        repo.plan()[1].reason,
        "shares its version with a: feat: x (abc0002)"
    );
    repo.config = Some(config(
        &["a", "b", "c"],
        &[("g", &["b", "c"], Some(Versioning::Fixed))],
    ));
    assert_eq!(repo.words(), ["a 1.1.0 minor", "b 1.1.0 minor", "c 1.1.0 minor"]);
    // Whoever is left out of releases is left out.
    repo.config = Some(config(&["a", "c"], &[]));
    assert_eq!(repo.words(), ["a 1.1.0 minor", "c 1.0.0 none"]);
}

#[test]
fn a_placeholder_in_one_place_is_everybodys_own_version() {
    let mut repo = sharing();
    for package in &mut repo.packages {
        (package.version, package.written_version) = (version("0.0.0"), "0.0.0".to_owned());
    }
    repo.commit("feat: x", &["a/a"]);
    assert_eq!(repo.words(), ["a 1.1.0 minor", "b 1.0.0 none", "c 1.0.0 none"]);
}
