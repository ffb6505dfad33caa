//! Which packages are found, and which edges RELEASE.star adds.

use model::{Config, Location, WorkspaceDecl};
use rules::{Reach, discover, look, package_cycles, warn_of_left_out};

use crate::support::{Tree, adapters, config, declared, id};

fn tree() -> Tree {
    Tree::of(&[
        ("core/toy.toy", "name core\n"),
        ("app/toy.toy", "name app\nneeds core\nneeds elsewhere\n"),
        ("rust/game.toy", "name core\n"),
        ("web/game.toy", "name @s/web\n"),
    ])
}

fn workspace(ecosystem: &str, root: &str, members: &[&str], exclude: &[&str]) -> WorkspaceDecl {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    WorkspaceDecl {
        ecosystem: ecosystem.to_owned(),
        name: "w".to_owned(),
        root: root.to_owned(),
        members: owned(members),
        exclude: owned(exclude),
        registry: None,
        location: Location {
            line: 9,
            ..Location::file("RELEASE.star")
        },
    }
}

fn found(config: Option<&Config>) -> Vec<String> {
    let workspace = discover(&adapters(), &tree(), config).expect("packages");
    workspace
        .packages()
        .map(|package| package.id.to_string())
        .collect()
}

fn refused(tree: &Tree, config: &Config) -> Vec<(String, String)> {
    let wrong = discover(&adapters(), tree, Some(config)).expect_err("this is refused");
    wrong
        .into_iter()
        .map(|one| (one.message, one.hint.unwrap_or_default()))
        .collect()
}

#[test]
fn every_root_is_found_unless_workspaces_are_declared() {
    assert_eq!(found(None), ["game/@s/web", "game/core", "toy/app", "toy/core"]);
    let mut config = config();
    assert_eq!(found(Some(&config)).len(), 4);
    config.workspaces = vec![workspace("toy", ".", &["core", "app"], &["app"])];
    assert_eq!(found(Some(&config)), ["toy/core"]);
    config.workspaces.push(workspace("game", "rust", &[], &[]));
    assert_eq!(found(Some(&config)), ["game/core", "toy/core"]);
}

#[test]
fn edges_to_other_ecosystems_are_added() {
    let mut config = config();
    config.packages = vec![declared(&id("core")), declared(&id("app"))];
    // The other package of the same name is meant; and a name may be qualified.
    config.packages[0].cross_deps = vec!["core".to_owned(), "game/@s/web".to_owned()];
    config.packages[1].cross_deps = vec!["@s/web".to_owned(), "toy/core".to_owned()];
    let workspace = discover(&adapters(), &tree(), Some(&config)).expect("packages");
    let needs = |name: &str| {
        workspace
            .dependencies(&id(name))
            .into_iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(needs("core"), ["game/@s/web", "game/core"]);
    assert_eq!(needs("app"), ["game/@s/web", "toy/core"]);
}

#[test]
fn edges_that_mean_nobody_or_several_are_refused() {
    let mut config = config();
    config.packages = vec![declared(&id("app"))];
    config.packages[0].cross_deps = vec![
        "core".to_owned(),
        "cor".to_owned(),
        "nonsense".to_owned(),
        "app".to_owned(),
        "toy/cora".to_owned(),
    ];
    let expected = [
        (
            "`app` cannot wait for `core`: several packages are called that",
            "write `game/core` or `toy/core`",
        ),
        (
            "`app` cannot wait for `cor`: there is no package called `cor`",
            "did you mean `core`?",
        ),
        (
            "`app` cannot wait for `nonsense`: there is no package called `nonsense`",
            "name a package of this repository, as `name` or as `ecosystem/name`",
        ),
        (
            "`app` cannot wait for `app`: that is the package itself",
            "remove it from `cross_deps`",
        ),
        (
            "`app` cannot wait for `toy/cora`: there is no package called `toy/cora`",
            "did you mean `toy/core`?",
        ),
    ];
    let expected = expected.map(|(message, hint)| (message.to_owned(), hint.to_owned()));
    assert_eq!(refused(&tree(), &config), expected);
}

#[test]
fn two_packages_of_one_name_are_refused_with_both_places() {
    let mut tree = tree();
    tree.add("other/toy.toy", "name core\n");
    let wrong = discover(&adapters(), &tree, None).expect_err("two of one name");
    assert_eq!(
        wrong[0].message,
        "two toy packages are called `core`: in `core/toy.toy` and in `other/toy.toy`"
    );
    assert_eq!(wrong[0].location, Some(Location::file("other/toy.toy")));
    assert_eq!(
        wrong[0].hint.as_deref(),
        Some(
            "rename one of them, or leave one out: declare `toy_workspace` in RELEASE.star, with `members` or `exclude`"
        )
    );
}

#[test]
fn what_lies_aside_is_no_package_unless_it_is_declared() {
    let mut tree = tree();
    for (folder, text) in [
        ("core/tests/one", "name core\n"),
        ("core/tests/two", "nonsense\n"),
        ("core/fixtures", "name fixture\n"),
        ("examples/demo", "name demo\n"),
    ] {
        tree.add(&format!("{folder}/toy.toy"), text);
    }
    let undeclared = look(&adapters(), &tree, None, Reach::Declared).expect("packages");
    assert_eq!(undeclared.workspace.packages().len(), 4);
    let manifests: Vec<&str> = undeclared.left_out.iter().map(|one| &*one.manifest).collect();
    assert_eq!(
        manifests,
        [
            "core/fixtures/toy.toy",
            "core/tests/one/toy.toy",
            "core/tests/two",
            "examples/demo/toy.toy"
        ]
    );
    let warnings = warn_of_left_out(&undeclared.left_out);
    let [warning] = &warnings[..] else {
        panic!("not one warning: {warnings:?}")
    };
    assert_eq!(
        warning.message,
        "3 toy.toy and 1 two files outside the workspaces are left out, such as `core/fixtures/toy.toy`"
    );
    assert_eq!(
        warning.hint.as_deref(),
        Some("`toy_workspace(members = [...])` in RELEASE.star takes them in")
    );
    let mut config = config();
    config.packages = vec![declared(&id("demo"))];
    let named = discover(&adapters(), &tree, Some(&config)).expect("packages");
    assert!(named.get(&id("demo")).is_some());
}

#[test]
fn declared_workspaces_have_what_they_have() {
    let mut tree = tree();
    tree.add("core/tests/one/toy.toy", "name one\n");
    tree.add("core/other/toy.toy", "name core\n");
    tree.add("new/toy.toy", "name new\n");
    let mut config = config();
    config.workspaces = vec![workspace("toy", "core", &[], &[])];
    let names = |config: &Config| {
        let found = look(&adapters(), &tree, Some(config), Reach::Everywhere).expect("packages");
        let ids = found.workspace.packages().map(|package| package.id.to_string());
        ids.collect::<Vec<_>>()
    };
    // What is outside has to stand back; whoever is elsewhere is found as always.
    let all = ["game/@s/web", "game/core", "toy/app", "toy/core", "toy/new"];
    assert_eq!(names(&config), all);
    config.workspaces = vec![workspace("toy", ".", &["core", "core/tests/one"], &[])];
    assert_eq!(
        names(&config),
        ["game/@s/web", "game/core", "toy/core", "toy/one"]
    );
}

#[test]
fn what_ecosystems_complain_about_is_told_at_the_declaration() {
    let mut config = config();
    config.workspaces = vec![
        workspace("toy", "nowhere", &[], &[]),
        workspace("rocket", "", &[], &[]),
    ];
    let wrong = discover(&adapters(), &tree(), Some(&config)).expect_err("nothing is there");
    let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "nowhere/toy.toy: `nowhere/toy.toy` is not there",
            "RELEASE.star:9: nobody here knows packages of kind `rocket`",
        ]
    );
}

#[test]
fn circles_are_shown_closed() {
    type Row = (&'static [(&'static str, &'static str)], &'static [&'static str]);
    let table: [Row; 6] = [
        (&[("a", "b"), ("b", "a")], &["a b a"]),
        (&[("b", "b")], &["b b"]),
        (&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")], &["b c d b"]),
        (
            &[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("b", "c")],
            &["a b a", "c d c"],
        ),
        (&[("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")], &["a b a"]),
        (&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")], &[]),
    ];
    for (edges, expected) in table {
        let mut tree = Tree::default();
        for name in ["a", "b", "c", "d"] {
            let needs = edges
                .iter()
                .filter(|(from, _)| *from == name)
                .map(|(_, on)| format!("needs {on}\n"));
            tree.add(
                &format!("{name}/toy.toy"),
                &format!("name {name}\n{}", needs.collect::<String>()),
            );
        }
        let workspace = discover(&adapters(), &tree, None).expect("packages");
        let cycles = package_cycles(&workspace);
        let words = |cycle: &Vec<model::PackageId>| {
            cycle
                .iter()
                .map(|id| id.name.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            cycles.iter().map(words).collect::<Vec<_>>(),
            expected,
            "{edges:?}"
        );
    }
}
