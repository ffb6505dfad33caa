//! Which commits count for which package: globs, scopes, folders of former days, merges.

use model::{Bump, CommitRules};

use crate::support::{Repo, config, package};

fn moved(repo: &Repo) -> Vec<String> {
    let moved = repo.plan().into_iter().filter(|one| one.bump != Bump::None);
    moved.map(|one| one.package.name).collect()
}

fn repo() -> Repo {
    let mut repo = Repo::new(vec![
        package("npm:@a/core", "0.1.0", &[]),
        package("app", "0.1.0", &[]),
    ]);
    repo.packages[0].path = "libs/core".to_owned();
    repo.packages[0].manifest = "libs/core/package.json".to_owned();
    let mut config = config(&["npm:@a/core", "app"], &[]);
    config.packages[0].include = vec!["schema/**/*.json".to_owned(), "app/shared/*".to_owned()];
    config.packages[0].exclude = vec!["libs/core/tests/**".to_owned(), "schema/old/**".to_owned()];
    repo.config = Some(config);
    repo.commit("chore: start", &["README"]);
    repo.release();
    repo
}

#[test]
fn globs_include_and_exclude() {
    let table: [(&[&str], &[&str]); 9] = [
        (&["libs/core/a"], &["@a/core"]),
        (&["libs/core/tests/a"], &[]),
        (&["libs/core/a", "libs/core/tests/a"], &["@a/core"]),
        (&["libs/core/tests/a", "libs/core/z"], &["@a/core"]),
        (&["schema/x/y.json"], &["@a/core"]),
        (&["schema/old/y.json"], &[]),
        (&["schema/y.txt"], &[]),
        (&["app/shared/x"], &["@a/core", "app"]),
        (&["docs/x", "README"], &[]),
    ];
    for (paths, expected) in table {
        let mut repo = repo();
        repo.commit("fix: x", paths);
        assert_eq!(moved(&repo), expected, "{paths:?}");
    }
}

#[test]
fn scopes_name_packages_where_they_count() {
    let table: [(&str, &[&str], &[&str]); 11] = [
        ("fix(Core): x", &["app/a"], &["@a/core"]),
        ("fix(@A/core, APP)!: x", &["README"], &["@a/core", "app"]),
        ("fix(core): x", &["app/a"], &["@a/core"]),
        ("fix(@a/core): x", &["README"], &["@a/core"]),
        ("fix(app): x", &["libs/core/a"], &["app"]),
        ("fix(core,app): x", &["README"], &["@a/core", "app"]),
        ("fix(core, app)!: x", &[], &["@a/core", "app"]),
        ("fix(other): x", &["app/a"], &["app"]),
        ("fix: x", &["app/a"], &["app"]),
        ("fix(other): x", &["README"], &[]),
        ("whatever", &["app/a"], &[]),
    ];
    for (message, paths, expected) in table {
        let mut repo = repo();
        repo.train.commits.scopes = true;
        repo.commit(message, paths);
        assert_eq!(moved(&repo), expected, "{message}");
    }
    let mut repo = repo();
    repo.commit("fix(core): x", &["app/a"]);
    assert_eq!(moved(&repo), ["app"]);
}

#[test]
fn packages_take_their_history_along() {
    // `core` was in `old/core` until the third commit.
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[]), package("app", "0.1.0", &[])]);
    repo.commit("chore: start", &["old/core/pyproject.toml"]);
    repo.release();
    repo.commit("feat: in the old place", &["old/core/a.py"]);
    repo.moving(
        "chore: move",
        &["core/a.py", "core/pyproject.toml"],
        &["old/core/a.py", "old/core/pyproject.toml"],
    );
    repo.commit("fix: somebody else's by now", &["old/core/b"]);
    let plan = repo.plan();
    assert_eq!((plan[1].bump, plan[1].commits.len()), (Bump::Minor, 2));
    // While the old one is there, nothing was moved; nor where a package goes away, and another one is only changed.
    repo.log[2].removed.clear();
    assert_eq!(repo.plan()[1].bump, Bump::None);
    repo.log[2].removed = std::mem::take(&mut repo.log[2].added);
    assert_eq!(repo.plan()[1].bump, Bump::None);
}

#[test]
fn packages_that_move_together_are_told_apart_by_their_folders() {
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[]), package("app", "0.1.0", &[])]);
    repo.commit("chore: start", &["README"]);
    repo.release();
    repo.commit("feat: x", &["libs/core/a"]);
    repo.moving(
        "chore: move",
        &["app/pyproject.toml", "core/pyproject.toml"],
        &["libs/app/pyproject.toml", "libs/core/pyproject.toml"],
    );
    assert_eq!(repo.words(), ["app 0.1.0 none", "core 0.2.0 minor"]);
    // Two moves, one after the other.
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    repo.commit("chore: start", &["README"]);
    repo.release();
    repo.commit("feat: x", &["one/a"]);
    repo.moving("chore: move", &["two/pyproject.toml"], &["one/pyproject.toml"]);
    repo.moving("chore: move", &["core/pyproject.toml"], &["two/pyproject.toml"]);
    assert_eq!(repo.words(), ["core 0.2.0 minor"]);
}

/// Two packages, released, and a change in the folder `one`.
fn about_to_move(packages: &[&str]) -> Repo {
    let packages: Vec<_> = packages.iter().map(|name| package(name, "0.1.0", &[])).collect();
    let mut repo = Repo::new(packages);
    let start = repo.commit("chore: start", &["README"]);
    repo.release();
    repo.checkout(&start);
    repo.commit("feat: before", &["one/a"]);
    repo
}

#[test]
fn a_folder_belongs_to_whoever_lived_there_then() {
    // `old` lived in `one` first; then there is a new package.
    let mut repo = about_to_move(&["old", "one"]);
    repo.moving("refactor: move", &["old/pyproject.toml"], &["one/pyproject.toml"]);
    repo.moving("fix: a new one", &["one/pyproject.toml"], &[]);
    repo.commit("docs: of the new one", &["one/a"]);
    assert_eq!(repo.words(), ["old 0.2.0 minor", "one 0.1.1 patch"]);
    assert_eq!(repo.plan()[1].commits.len(), 2);

    // Two swap their folders, by way of a third.
    let mut repo = about_to_move(&["one", "two"]);
    repo.commit("docs: before", &["two/a"]);
    repo.moving("refactor: 1", &["t/pyproject.toml"], &["one/pyproject.toml"]);
    repo.moving("refactor: 2", &["one/pyproject.toml"], &["two/pyproject.toml"]);
    repo.moving("refactor: 3", &["two/pyproject.toml"], &["t/pyproject.toml"]);
    repo.commit("docs: after", &["one/a"]);
    assert_eq!(repo.words(), ["one 0.1.0 none", "two 0.2.0 minor"]);

    // There and back again.
    let mut repo = about_to_move(&["one", "two"]);
    repo.moving("refactor: there", &["t/pyproject.toml"], &["one/pyproject.toml"]);
    repo.commit("fix: meanwhile", &["t/a"]);
    repo.moving("revert: there", &["one/pyproject.toml"], &["t/pyproject.toml"]);
    assert_eq!(repo.words(), ["one 0.2.0 minor", "two 0.1.0 none"]);
    assert_eq!(repo.plan()[0].commits.len(), 4);

    // A branch from before the move that is merged after it, in the folder that is another's by now.
    let mut repo = about_to_move(&["old", "one"]);
    let before = repo.log[1].id.0.clone();
    repo.moving("refactor: move", &["old/pyproject.toml"], &["one/pyproject.toml"]);
    let main = repo.moving("docs: a new one", &["one/pyproject.toml"], &[]);
    repo.checkout(&before);
    let branch = repo.commit("feat!: where it was", &["one/b"]);
    repo.checkout(&main);
    repo.merge(&branch);
    assert_eq!(repo.plan()[0].commits.len(), 3);
    assert_eq!(repo.words()[1], "one 0.1.0 none");

    // The same move on two branches.
    let mut repo = about_to_move(&["old", "two"]);
    let before = repo.log[1].id.0.clone();
    repo.moving("refactor: move", &["old/pyproject.toml"], &["one/pyproject.toml"]);
    let branch = repo.commit("fix: where it is now", &["old/b"]);
    repo.checkout(&before);
    repo.moving(
        "refactor: move, too",
        &["old/pyproject.toml"],
        &["one/pyproject.toml"],
    );
    repo.merge(&branch);
    assert_eq!(repo.words(), ["old 0.2.0 minor", "two 0.1.0 none"]);
    assert_eq!(repo.plan()[0].commits.len(), 4);

    // What went away and is there again keeps what it was.
    let mut repo = about_to_move(&["one", "two"]);
    repo.moving("chore: away", &[], &["one/pyproject.toml"]);
    repo.moving("chore: again", &["one/pyproject.toml"], &[]);
    assert_eq!(repo.words(), ["one 0.2.0 minor", "two 0.1.0 none"]);
}

#[test]
fn what_a_merge_changes_itself_counts() {
    let merged = |merges: bool, message: &str| {
        let mut repo = about_to_move(&["one", "two"]);
        repo.release();
        let start = repo.commit("docs: x", &["one/a"]);
        let branch = repo.commit("docs: y", &["two/a"]);
        repo.checkout(&start);
        repo.train.commits.merges = merges;
        repo.merge(&branch);
        let merge = repo.log.last_mut().expect("the merge");
        merge.message = message.to_owned();
        merge.paths = vec!["one/b".to_owned()];
        repo.words()
    };
    let both = ["one 0.3.0 minor", "two 0.2.0 minor"];
    let itself = ["one 0.3.0 minor", "two 0.1.0 none"];
    let nobody = ["one 0.2.0 none", "two 0.1.0 none"];
    assert_eq!(merged(false, "feat: it changes one"), itself);
    assert_eq!(merged(false, "Merge branch 'x'\n\nfeat: x"), nobody);
    assert_eq!(merged(true, "Merge branch 'x'\n\nfeat: x"), both);
    assert_eq!(merged(true, "feat: both"), both);
}

#[test]
fn messages_of_merges_are_read_if_asked_for() {
    let merged = |merges: bool| {
        let mut repo = Repo::new(vec![package("core", "0.1.0", &[]), package("app", "0.1.0", &[])]);
        repo.train.commits = CommitRules {
            merges,
            ..CommitRules::default()
        };
        let start = repo.commit("chore: start", &["core/a"]);
        repo.release();
        let branch = repo.commit("wip", &["core/a"]);
        repo.checkout(&start);
        repo.commit("docs: x", &["app/a"]);
        repo.merge(&branch);
        let merge = repo.log.last_mut().expect("the merge");
        merge.message = "Merge pull request #1 from a/b\n\nfeat: title".to_owned();
        repo.words()
    };
    assert_eq!(merged(true), ["app 0.1.0 none", "core 0.2.0 minor"]);
    assert_eq!(merged(false), ["app 0.1.0 none", "core 0.1.0 none"]);
}

#[test]
fn a_commit_without_changes_belongs_to_the_package_in_the_root() {
    let at_root = |name: &str| model::Package {
        path: String::new(),
        ..package(name, "0.1.0", &[])
    };
    let mut repo = Repo::new(vec![at_root("top"), package("sub", "0.1.0", &[])]);
    repo.commit("feat: first", &["a", "sub/a"]);
    repo.tag("top/v0.1.0");
    repo.tag("sub/v0.1.0");
    repo.commit("fix: released anew", &[]);
    assert_eq!(repo.words(), ["sub 0.1.0 none", "top 0.1.1 patch"]);
    // Where scopes count, those whom it names, and nobody else.
    let mut train = repo.train.clone();
    train.commits.scopes = true;
    repo.train = train;
    repo.commit("feat(sub): released anew", &[]);
    assert_eq!(repo.words(), ["sub 0.2.0 minor", "top 0.1.1 patch"]);
    let mut nobody = Repo::new(vec![package("sub", "0.1.0", &[])]);
    nobody.commit("feat: first", &["sub/a"]);
    nobody.tag("sub/v0.1.0");
    nobody.commit("fix: released anew", &[]);
    assert_eq!(nobody.words(), ["sub 0.1.0 none"]);
}

#[test]
fn a_commit_that_brings_a_release_back_says_nothing_new() {
    let mut repo = Repo::new(vec![package("sub", "0.1.0", &[])]);
    repo.commit("feat: first", &["sub/a"]);
    repo.tag("sub/v0.1.0");
    repo.commit(
        "feat!: version 0.1.0\n\nReleasekit-Release: 0a1b2c3d\n",
        &["sub/a"],
    );
    assert_eq!(repo.words(), ["sub 0.1.0 none"]);
    repo.train.strategy = model::Strategy::Calendar(model::Calendar::MONTH);
    assert_eq!(repo.words(), ["sub 0.1.0 none"]);
}

#[test]
fn a_lone_number_is_no_version() {
    let mut repo = Repo::new(vec![package("sub", "1.0.0", &[])]);
    repo.train.tag_format = model::TagFormat::parse("v{version}").expect("a format");
    repo.commit("feat: first", &["sub/a"]);
    repo.tag("v1.0.0");
    for moving in ["v1", "v2", "v2023"] {
        repo.tag(moving);
    }
    repo.commit("fix: second", &["sub/a"]);
    assert_eq!(repo.words(), ["sub 1.0.1 patch"]);
}

/// Packages `a` and `b` at 1.0.0, where scopes count, in squashed messages too.
fn scoped() -> Repo {
    let mut repo = Repo::new(vec![package("a", "1.0.0", &[]), package("b", "1.0.0", &[])]);
    repo.commit("chore: start", &["README"]);
    repo.release();
    (repo.train.commits.scopes, repo.train.commits.squashed) = (true, true);
    repo
}

#[test]
fn scopes_in_a_squashed_message_count_for_their_own_change() {
    let table: [(&str, &[&str], [&str; 2]); 7] = [
        (
            "chore: PR (#3)\n\n* feat(a)!: one\n\n* fix(b): two",
            &["a/x", "b/x"],
            ["a 2.0.0 major", "b 1.0.1 patch"],
        ),
        (
            "feat(a): PR (#3)\n\n* feat(a): one\n\n* fix(b): two",
            &["a/x", "b/x"],
            ["a 1.1.0 minor", "b 1.0.1 patch"],
        ),
        // What names nobody belongs to those whose files were changed.
        (
            "chore: PR\n\n* feat(a): one\n\n* fix: two",
            &["b/x"],
            ["a 1.1.0 minor", "b 1.0.1 patch"],
        ),
        (
            "chore(a): PR\n\n* feat(a): one",
            &["b/x"],
            ["a 1.1.0 minor", "b 1.0.0 none"],
        ),
        (
            "PR\n\n* feat(other): one",
            &["b/x"],
            ["a 1.0.0 none", "b 1.1.0 minor"],
        ),
        (
            "PR\n\n* fix(a,b): one\n* feat(b): two",
            &["README"],
            ["a 1.0.1 patch", "b 1.1.0 minor"],
        ),
        (
            "feat(a): one\n\nBody",
            &["b/x"],
            ["a 1.1.0 minor", "b 1.0.0 none"],
        ),
    ];
    for (message, paths, expected) in table {
        let mut repo = scoped();
        repo.commit(message, paths);
        assert_eq!(repo.words(), expected, "{message}");
    }
    let mut repo = scoped();
    let commit = repo.commit(table[0].0, table[0].1);
    let parts = repo.plan()[1].parts.values().cloned().collect::<Vec<_>>();
    assert_eq!(parts, [[0, 2]], "{commit}");
}

#[test]
fn a_revert_belongs_to_whom_the_scope_gave_what_it_takes_back() {
    let table = [
        ("feat(a): x", "Revert \"feat(a): x\"\n\nThis reverts commit {}."),
        ("feat(a): x", "Revert \"feat(a): x\" (#3)"),
        ("feat(a): x", "revert: feat(a): x"),
        ("feat(a): x", "revert: that again\n\nRefs: {}"),
        (
            "feat(a): x (#3)",
            "Revert \"feat: something\" (#4)\n\nReverts o/r#3",
        ),
        (
            "chore: PR (#3)\n\n* feat(a)!: one\n\n* fix(b): two",
            "Revert \"chore: PR (#3)\" (#4)",
        ),
    ];
    for (message, revert) in table {
        let mut repo = scoped();
        let id = repo.commit(message, &["b/x"]);
        repo.commit(&revert.replace("{}", &id), &["b/x"]);
        assert_eq!(repo.words(), ["a 1.0.0 none", "b 1.0.0 none"], "{revert}");
    }
    // Of something released, which the log may not hold: what it quotes has the scope.
    for revert in [
        "Revert \"feat(a): y\"",
        "Reapply \"fix(a): y\"",
        "revert: fix(a): y",
    ] {
        let mut repo = scoped();
        repo.commit(revert, &["b/x"]);
        assert_eq!(repo.words(), ["a 1.0.1 patch", "b 1.0.0 none"], "{revert}");
    }
    // And back again.
    let mut repo = scoped();
    let feat = repo.commit("feat(a): x", &["b/x"]);
    let back = repo.commit(
        &format!("Revert \"feat(a): x\"\n\nThis reverts commit {feat}."),
        &["b/x"],
    );
    repo.commit(
        &format!("Reapply \"feat(a): x\"\n\nThis reverts commit {back}."),
        &["b/x"],
    );
    assert_eq!(repo.words(), ["a 1.1.0 minor", "b 1.0.0 none"]);
}
