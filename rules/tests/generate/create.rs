//! A new RELEASE.star, as text.

use std::collections::BTreeSet;

use crate::support::{cross, found, package, private, root, workspace};
use model::Workspace;
use rules::{Declared, FoundWorkspace, generate, update};

fn polyglot() -> (Workspace, Vec<FoundWorkspace>) {
    let mut app = package("npm", "@x/app", "web/app", "web");
    app.dependencies.push(cross("uv", "core"));
    let packages = vec![
        package("uv", "core", "python/core", "python"),
        package("uv", "plug", "python/plug", "python"),
        private(package("uv", "demo", "python/demo", "python")),
        package("cargo", "fast", "", ""),
        package("npm", "@x/ui", "web/ui", "web"),
        app,
        private(package("pnpm", "site", "site", "site")),
    ];
    let roots = vec![
        root("uv", "python"),
        root("cargo", ""),
        root("npm", "web"),
        root("pnpm", "site"),
    ];
    (workspace(packages), roots)
}

#[test]
fn a_polyglot_repository() {
    let (workspace, roots) = polyglot();
    let text = generate(&found(&workspace, &roots));
    let expected = r##"# RELEASE.star: what this repository releases, and how.
#
# Written by `releasekit generate`, and yours to edit. Run it with `--update`
# after adding or removing packages: everything you changed stays.

load("@releasekit//rules/cargo.star", "cargo_package", "cargo_workspace")
load("@releasekit//rules/npm.star", "npm_package", "npm_workspace")
load("@releasekit//rules/train.star", "release_group", "release_train")
load("@releasekit//rules/uv.star", "uv_package", "uv_workspace")

# -----------------------------------------------------------------------------
# Version control
# -----------------------------------------------------------------------------

vcs("git")

# -----------------------------------------------------------------------------
# Workspaces
# -----------------------------------------------------------------------------

cargo_workspace(
    name = "cargo",
    root = ".",
)

npm_workspace(
    name = "web",
    root = "web",
)

uv_workspace(
    name = "python",
    root = "python",
)

# Packages that their manifests call private are left out; `releasekit discover`
# lists them.

# -----------------------------------------------------------------------------
# Rust packages (cargo)
# -----------------------------------------------------------------------------

cargo_package(
    name = "fast",
    group = "cargo",
)

# -----------------------------------------------------------------------------
# JavaScript packages (npm)
# -----------------------------------------------------------------------------

npm_package(
    name = "@x/app",
    group = "web",
    cross_deps = ["core"],
)

npm_package(
    name = "@x/ui",
    group = "web",
)

# -----------------------------------------------------------------------------
# Python packages (uv)
# -----------------------------------------------------------------------------

uv_package(
    name = "core",
    group = "python",
)

uv_package(
    name = "plug",
    group = "python",
)

# -----------------------------------------------------------------------------
# Groups
# -----------------------------------------------------------------------------

release_group(
    name = "cargo",
    packages = ["fast"],
)

release_group(
    name = "python",
    packages = [
        "core",
        "plug",
    ],
)

release_group(
    name = "web",
    packages = [
        "@x/app",
        "@x/ui",
    ],
)

# -----------------------------------------------------------------------------
# Release train
# -----------------------------------------------------------------------------

release_train(
    name = "default",
    groups = [
        "cargo",
        "python",
        "web",
    ],
)
"##;
    assert_eq!(text, expected);
}

#[test]
fn what_was_generated_is_up_to_date() {
    let (workspace, roots) = polyglot();
    let found = found(&workspace, &roots);
    let text = generate(&found);
    assert_eq!(
        update(&text, "RELEASE.star", &found, &Declared::default()).expect("it parses"),
        text
    );
}

#[test]
fn an_empty_repository() {
    let workspace = workspace(vec![]);
    let text = generate(&found(&workspace, &[]));
    assert!(text.ends_with("vcs(\"git\")\n"), "{text}");
    assert!(!text.contains("load("), "{text}");
}

#[test]
fn a_large_workspace_is_split_by_folder() {
    let folders = ["libs", "plugins"];
    let mut packages: Vec<_> = (0..13)
        .map(|index| {
            let name = format!("p{index:02}");
            package("pnpm", &name, &format!("{}/{name}", folders[index % 2]), "")
        })
        .collect();
    packages.push(package("pnpm", "root", "", ""));
    let workspace = workspace(packages);
    let text = generate(&found(&workspace, &[root("pnpm", "")]));
    let groups: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.starts_with("    group = "))
        .collect();
    let expected = [
        "    group = \"pnpm\",",
        "    group = \"pnpm-libs\",",
        "    group = \"pnpm-plugins\",",
    ];
    assert_eq!(groups, expected.into_iter().collect());
}

#[test]
fn a_large_workspace_in_one_folder_is_not_split() {
    let packages =
        (0..20).map(|index| package("npm", &format!("p{index:02}"), &format!("packages/p{index}"), ""));
    let workspace = workspace(packages.collect());
    let text = generate(&found(&workspace, &[root("npm", "")]));
    assert_eq!(text.matches("release_group(").count(), 1, "{text}");
    assert!(text.contains("group = \"npm\""), "{text}");
}

#[test]
fn names_of_workspaces_do_not_clash() {
    let packages = vec![
        package("cargo", "a", "a/core", "a/core"),
        package("cargo", "b", "b/core", "b/core"),
        package("uv", "c", "core", "core"),
        package("npm", "d", "x/y", "x/y"),
        package("npm", "e", "x-y", "x-y"),
        package("npm", "f", "z/x-y", "z/x-y"),
    ];
    let workspace = workspace(packages);
    let text = generate(&found(&workspace, &[]));
    let calls = text.split("_workspace(\n    name = \"").skip(1);
    let names: Vec<&str> = calls
        .map(|call| call.split('"').next().unwrap_or_default())
        .collect();
    let distinct: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), 6, "{names:?}");
    assert!(
        names.contains(&"a-core-cargo") && names.contains(&"core-uv") && names.contains(&"y"),
        "{names:?}"
    );
}

#[test]
fn two_ecosystems_may_use_one_name() {
    let packages = vec![
        package("cargo", "core", "rust", "rust"),
        package("uv", "core", "py", "py"),
    ];
    let workspace = workspace(packages);
    let text = generate(&found(&workspace, &[]));
    // A list would have to say which: that each names its group is enough.
    assert!(text.contains("release_group(\n    name = \"py\",\n)"), "{text}");
    assert!(
        text.contains("cargo_package(\n    name = \"core\",\n    group = \"rust\",\n)"),
        "{text}"
    );
}

#[test]
fn strange_names_are_quoted() {
    let workspace = workspace(vec![package("npm", "a\"b\\c", "x", "")]);
    let found_here = found(&workspace, &[]);
    let text = generate(&found_here);
    assert!(text.contains(r#"name = "a\"b\\c","#), "{text}");
    assert_eq!(
        update(&text, "RELEASE.star", &found_here, &Declared::default()).expect("it parses"),
        text
    );
}

#[test]
fn tags_go_on_as_they_are_written_so_far() {
    let table: [(&[&str], &str); 7] = [
        (&[], ""),
        (&["nothing", "vision"], ""),
        (
            &["core-v0.1.0", "v0.1.0", "plug-v0.2.0"],
            "tag_format = \"{name}-v{version}\"",
        ),
        (
            &["core@0.1.0", "plug@0.2.0-rc.1"],
            "tag_format = \"{name}@{version}\"",
        ),
        (
            &["core-0.1.0", "plug-util-0.2.0"],
            "tag_format = \"{name}-{version}\"",
        ),
        (
            &["v0.1.0", "v0.2.0"],
            "versioning = \"fixed\",\n    tag_format = \"v{version}\"",
        ),
        (
            &["0.1.0"],
            "versioning = \"fixed\",\n    tag_format = \"{version}\"",
        ),
    ];
    let workspace = workspace(vec![
        package("uv", "core", "core", ""),
        package("uv", "plug", "plug", ""),
    ]);
    let roots = [root("uv", "")];
    for (names, expected) in table {
        let tag = |name: &&str| model::Tag {
            name: (*name).to_owned(),
            commit: model::CommitId(String::new()),
        };
        let tags: Vec<model::Tag> = names.iter().map(tag).collect();
        let text = generate(&rules::Found {
            tags: &tags,
            ..found(&workspace, &roots)
        });
        let train = text.split("release_train(\n").nth(1).expect("a train");
        assert_eq!(
            train.contains("tag_format"),
            !expected.is_empty(),
            "{names:?}: {train}"
        );
        assert!(train.contains(expected), "{names:?}: {train}");
    }
}
