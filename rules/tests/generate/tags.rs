//! Groups and trains of a new file, from versions and the tags there are.

use model::{CommitId, Package, Tag};
use rules::{Found, forms, generate};

use crate::evaluation::config;
use crate::support::{found, package, workspace};

/// A package `ecosystem/name` at a version, in a folder of that name; `ecosystem/name:folder` in another one.
pub(crate) fn at((what, version): &(&str, &str)) -> Package {
    let (id, folder) = what.split_once(':').unwrap_or((what, ""));
    let (ecosystem, name) = id.split_once('/').expect("an id");
    let folder = if folder.is_empty() { name } else { folder };
    Package {
        version: version.parse().expect("a version"),
        written_version: (*version).to_owned(),
        ..package(ecosystem, name, folder, "")
    }
}

pub(crate) fn tags(names: &[&str]) -> Vec<Tag> {
    let tag = |name: &&str| Tag {
        name: (*name).to_owned(),
        commit: CommitId(String::new()),
    };
    names.iter().map(tag).collect()
}

/// Every train as `name: format, fixed or not: group[!](members) ...`, `!` for a group that is fixed by itself.
pub(crate) fn trains(text: &str) -> Vec<String> {
    let config = config(text);
    let trains = config.trains.iter().map(|train| {
        let groups = train.groups.iter().map(|group| {
            let inside = config
                .packages
                .iter()
                .filter(|package| package.group.as_ref() == Some(group));
            let names: Vec<String> = inside
                .map(|package| format!("{}/{}", package.ecosystem, package.name))
                .collect();
            let declared = config
                .groups
                .iter()
                .find(|one| one.name == *group)
                .expect("a group");
            let sign = declared.versioning.map_or("", |_| "!");
            format!("{group}{sign}({})", names.join(" "))
        });
        let groups: Vec<String> = groups.collect();
        let fixed = if train.versioning == model::Versioning::Fixed {
            " fixed"
        } else {
            ""
        };
        format!(
            "{}: {}{fixed}: {}",
            train.name,
            train.tag_format,
            groups.join(" ")
        )
    });
    trains.collect()
}

type Row = (
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    &'static [&'static str],
);

#[test]
fn trains_go_on_from_versions_and_tags() {
    let table: [Row; 13] = [
        // One version, and placeholders: they agree with everybody.
        (
            &[("npm/a", "8.2.0"), ("npm/b", "8.2.0"), ("npm/c", "0.0.0")],
            &["v8.2.0"],
            &["default: v{version} fixed: npm(npm/a npm/b npm/c)"],
        ),
        // A stray version has tags of its own.
        (
            &[("npm/a", "8.2.0"), ("npm/b", "8.2.0"), ("npm/dummy", "0.3.0")],
            &["v8.1.0", "v8.2.0"],
            &[
                "default: v{version} fixed: lockstep(npm/a npm/b)",
                "others: {name}-v{version}: npm(npm/dummy)",
            ],
        ),
        // futures-rs: most are ahead of the last tag together; one tag is a typing error.
        (
            &[
                ("cargo/futures", "0.4.0-alpha.0"),
                ("cargo/futures-util", "0.4.0-alpha.0"),
                ("cargo/futures-core", "1.0.0-alpha.0"),
                ("cargo/futures-io", "0.3.33"),
            ],
            &["0.3.32", "0.3.33", "1.20"],
            &[
                "default: {version} fixed: lockstep(cargo/futures cargo/futures-util)",
                "others: {name}-v{version}: cargo(cargo/futures-core cargo/futures-io)",
            ],
        ),
        // Nobody is evidently at what was tagged.
        (
            &[("npm/a", "9.0.0"), ("npm/b", "10.0.0")],
            &["v8.2.0"],
            &["default: {name}-v{version}: npm(npm/a npm/b)"],
        ),
        // Behind since nothing changed in it; and one that was never released, at a version that was another's once.
        (
            &[("npm/a", "8.67.0"), ("npm/b", "8.66.0"), ("npm/helper", "1.0.0")],
            &["v1.0.0", "v8.66.0", "v8.67.0"],
            &[
                "default: v{version} fixed: lockstep(npm/a npm/b)",
                "others: {name}-v{version}: npm(npm/helper)",
            ],
        ),
        // clap: some are named by their tags, the others go on from tags that name nobody.
        (
            &[
                ("cargo/clap", "4.6.6"),
                ("cargo/clap_builder", "4.6.6"),
                ("cargo/clap_lex", "1.1.0"),
            ],
            &["v4.6.6", "clap_lex-v1.1.0"],
            &[
                "default: v{version} fixed: lockstep(cargo/clap cargo/clap_builder)",
                "others: {name}-v{version}: cargo(cargo/clap_lex)",
            ],
        ),
        // Tags of long ago mean nobody.
        (
            &[("cargo/a", "1.5.0"), ("cargo/new", "1.0.0")],
            &["v0.1.0", "a-1.5.0"],
            &["default: {name}-{version}: cargo(cargo/a cargo/new)"],
        ),
        // The form a package was tagged in last.
        (
            &[("npm/a", "2.0.0")],
            &["a-v1.0.0", "a@1.0.0", "a@2.0.0"],
            &["default: {name}@{version}: npm(npm/a)"],
        ),
        // Without scopes; unless two names differ in nothing else.
        (
            &[("npm/@c/git-client", "3.1.2"), ("npm/writer", "9.0.0")],
            &["git-client-v3.1.2", "writer-v9.0.0"],
            &["default: {unscoped}-v{version}: npm(npm/@c/git-client npm/writer)"],
        ),
        (
            &[("npm/@c/core", "3.1.2"), ("npm/core", "9.0.0")],
            &["core-v3.1.2"],
            &["default: {name}-v{version}: npm(npm/@c/core npm/core)"],
        ),
        // A folder of packages with tags of its own.
        (
            &[
                ("npm/a:packages/a", "2.0.0"),
                ("npm/b:experimental/b", "0.2.0"),
                ("npm/c:experimental/c", "0.2.0"),
            ],
            &["v2.0.0", "experimental/v0.2.0"],
            &[
                "default: v{version}: lockstep(npm/a)",
                "experimental: experimental/v{version} fixed: experimental(npm/b npm/c)",
            ],
        ),
        // One thing in two ecosystems.
        (
            &[
                ("pnpm/a:packages/a", "1.0.0"),
                ("uv/a:packages/a", "1.0.0"),
                ("uv/b", "2.0.0"),
            ],
            &["a@1.0.0", "b@2.0.0"],
            &["default: {name}@{version}: a!(pnpm/a uv/a) uv(uv/b)"],
        ),
        // Two things of one name.
        (
            &[("pnpm/a:js", "1.0.0"), ("uv/a:py", "1.0.0"), ("uv/b", "2.0.0")],
            &["b@2.0.0"],
            &[
                "default: {name}@{version}: uv(uv/b)",
                "apart: {ecosystem}/{name}/v{version}: pnpm(pnpm/a) uv-2(uv/a)",
            ],
        ),
    ];
    for (packages, names, expected) in table {
        let workspace = workspace(packages.iter().map(at).collect());
        let tags = tags(names);
        let text = generate(&Found {
            tags: &tags,
            ..found(&workspace, &[])
        });
        assert_eq!(trains(&text), expected, "{packages:?} {names:?}\n{text}");
    }
}

#[test]
fn simpler_forms_follow_the_best() {
    let packages = [("npm/a", "8.2.0"), ("npm/b", "8.2.0"), ("npm/dummy", "0.3.0")];
    let workspace = workspace(packages.iter().map(at).collect());
    let tags = tags(&["v8.2.0"]);
    let texts = forms(&Found {
        tags: &tags,
        ..found(&workspace, &[])
    });
    let all: Vec<Vec<String>> = texts.iter().map(|text| trains(text)).collect();
    let expected: [&[&str]; 4] = [
        &[
            "default: v{version} fixed: lockstep(npm/a npm/b)",
            "others: {name}-v{version}: npm(npm/dummy)",
        ],
        &["default: {name}-v{version}: lockstep!(npm/a npm/b) npm(npm/dummy)"],
        &["default: {name}-v{version}: npm(npm/a npm/b npm/dummy)"],
        &["default: {ecosystem}/{name}/v{version}: npm(npm/a npm/b npm/dummy)"],
    ];
    assert_eq!(all, expected);
}

#[test]
fn several_trains_and_the_plans_of_changesets_are_written_with_their_reasons() {
    let packages = [("npm/a", "8.2.0"), ("npm/b", "8.2.0"), ("npm/dummy", "0.3.0")];
    let workspace = workspace(packages.iter().map(at).collect());
    let tags = tags(&["v8.2.0"]);
    let text = generate(&Found {
        tags: &tags,
        plans_dir: Some(".changeset"),
        ..found(&workspace, &[])
    });
    let end = text.split("# Release trains\n").nth(1).expect("trains");
    let expected = r##"
# These packages go on together from 8.2.0, the greatest version whose tag names
# no package.
release_train(
    name = "default",
    groups = ["lockstep"],
    versioning = "fixed",
    tag_format = "v{version}",
    version_strategy = "plans",
    plans_dir = ".changeset",
)

# Each of these packages has its own version, and tags that name it: {name}-v{version}.
release_train(
    name = "others",
    groups = ["npm"],
    tag_format = "{name}-v{version}",
    version_strategy = "plans",
    plans_dir = ".changeset",
)
"##;
    assert_eq!(end.split_once("---\n").map(|(_, rest)| rest), Some(expected));
}
