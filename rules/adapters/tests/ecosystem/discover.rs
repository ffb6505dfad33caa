//! What is found, without any tool.

use crate::tree::{Tree, discover, line, needs, roots, try_discover};
use adapters::ecosystem;
use model::Selection;

fn lines(packages: &[model::Package]) -> Vec<String> {
    packages.iter().map(line).collect()
}

const UV: &[(&str, &str)] = &[
    (
        "pyproject.toml",
        "[project]\nname = \"everything\"\nversion = \"1.0\"\ndependencies = [\"Acme.Core[x]>=0.1; python_version > '3'\"]\nclassifiers = [\"Private :: Do Not Upload\"]\n\n[tool.uv.workspace]\nmembers = [\"libs/*\", \"apps/one\"]\nexclude = [\"libs/old\"]\n\n[tool.uv.sources]\nacme-core = { workspace = true }\n",
    ),
    (
        "libs/core/pyproject.toml",
        "[project]\nname = \"acme_core\"\nversion = \"0.2.0rc1\"\n[project.optional-dependencies]\nall = [\"acme-core[x]\", \"acme-extra >= 1\"]\n[build-system]\nrequires = [\"acme-tool\"]\nbuild-backend = \"uv_build\"\n",
    ),
    (
        "libs/extra/pyproject.toml",
        "[project]\nname = \"acme-extra\"\nversion = \"1.0.0\"\n[dependency-groups]\ndev = [\"acme-core\", {include-group = \"x\"}]\n[tool.uv]\npackage = true\n",
    ),
    (
        "libs/tool/pyproject.toml",
        "[project]\nname = \"acme-tool\"\nversion = \"3.1.4\"\n[build-system]\n[tool.uv]\npackage = false\n",
    ),
    (
        "libs/old/pyproject.toml",
        "[project]\nname = \"old\"\nversion = \"1.0.0\"\n",
    ),
    (
        "libs/.hidden/pyproject.toml",
        "[project]\nname = \"hidden\"\nversion = \"1.0.0\"\n",
    ),
    (
        "apps/one/pyproject.toml",
        "[project]\nname = \"one\"\ndynamic = [\"version\"]\n[build-system]\nbuild-backend = \"hatchling.build\"\n[tool.hatch.version]\npath = \"one/__about__.py\"\n",
    ),
    ("apps/one/one/__about__.py", "# about\n__version__ = '4.5.6'\n"),
    ("apps/two/pyproject.toml", "[tool.ruff]\n"),
    (
        "node_modules/x/pyproject.toml",
        "[project]\nname = \"x\"\nversion = \"1\"\n",
    ),
];

#[test]
fn uv_finds_what_uv_finds() {
    assert_eq!(roots("uv", UV), ["", "libs/.hidden", "libs/old"]);
    let found = discover("uv", UV);
    assert_eq!(
        lines(&found),
        [
            "everything 1.0.0 \"\" private",
            "one 4.5.6 \"apps/one\"",
            "acme_core 0.2.0-rc.1 \"libs/core\"",
            "acme-extra 1.0.0 \"libs/extra\"",
            "acme-tool 3.1.4 \"libs/tool\" private",
        ]
    );
    let known = ["acme_core", "acme-extra", "acme-tool"];
    assert_eq!(needs(&found[0], &known), ["Normal acme_core >=0.1"]);
    assert_eq!(
        needs(&found[2], &known),
        ["Optional acme-extra >= 1", "Build acme-tool"]
    );
    assert_eq!(needs(&found[3], &known), ["Dev acme_core"]);
    assert_eq!(found[1].notes["version-file"], "apps/one/one/__about__.py");
    assert_eq!(found[2].written_version, "0.2.0rc1");
}

#[test]
fn a_selection_is_stronger_than_the_manifest() {
    let selection = Selection {
        root: "libs".to_owned(),
        members: vec!["*".to_owned()],
        exclude: vec!["too*".to_owned()],
    };
    let found = ecosystem::standard()["uv"]
        .discover(&Tree::new(UV), &selection)
        .expect("sound manifests");
    let names: Vec<&str> = found.iter().map(model::Package::name).collect();
    assert_eq!(names, ["acme_core", "acme-extra", "old"]);
    assert!(found.iter().all(|package| package.workspace == "libs"));
}

const CARGO: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\", \"tools/a\"]\nexclude = [\"crates/old\", \"tools\"]\n[workspace.package]\nversion = \"0.3.0\"\npublish = false\n[workspace.dependencies]\nbase = { package = \"acme-base\", path = \"crates/base\", version = \"0.3\" }\n[patch.crates-io]\npatched = { path = \"crates/patched\" }\n",
    ),
    (
        "crates/base/Cargo.toml",
        "[package]\nname = \"acme-base\"\nversion.workspace = true\n[dev-dependencies]\nacme-base = { path = \".\" }\nimplicit = { path = \"../../other/implicit\" }\n",
    ),
    (
        "crates/app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"1.0.0-beta.2\"\npublish = [\"company\"]\n[dependencies]\nbase = { workspace = true, optional = true }\nserde = \"1\"\npatched = \"2\"\n[target.'cfg(unix)'.build-dependencies]\nbuilder = { path = \"../../tools/a\" }\n",
    ),
    (
        "crates/patched/Cargo.toml",
        "[package]\nname = \"patched\"\nversion = \"2.0.0\"\npublish.workspace = true\n",
    ),
    (
        "crates/old/Cargo.toml",
        "[package]\nname = \"old\"\nversion = \"1.0.0\"\n",
    ),
    ("crates/none/Cargo.toml", "[package]\nname = \"none\"\n"),
    ("crates/notes.txt", ""),
    (
        "tools/a/Cargo.toml",
        "[package]\nname = \"builder\"\nversion = \"0.1.0\"\npublish = []\n",
    ),
    (
        "tools/b/Cargo.toml",
        "[package]\nname = \"lone\"\nversion = \"0.1.0\"\n",
    ),
    (
        "other/implicit/Cargo.toml",
        "[package]\nname = \"implicit\"\nversion = \"0.1.0\"\n",
    ),
];

#[test]
fn cargo_finds_what_cargo_finds() {
    assert_eq!(roots("cargo", CARGO), ["", "crates/old", "tools/b"]);
    let found = discover("cargo", CARGO);
    assert_eq!(
        lines(&found),
        [
            "app 1.0.0-beta.2 \"crates/app\" to company",
            "acme-base 0.3.0 \"crates/base\"",
            "none 0.0.0 \"crates/none\" private",
            "patched 2.0.0 \"crates/patched\" private",
            "implicit 0.1.0 \"other/implicit\"",
            "builder 0.1.0 \"tools/a\" private",
        ]
    );
    let known = ["acme-base", "patched", "builder", "implicit"];
    assert_eq!(
        needs(&found[0], &known),
        ["Optional acme-base 0.3", "Build builder", "Normal patched 2"]
    );
    assert_eq!(needs(&found[1], &known), ["Dev implicit"]);
}

const NODE: &[(&str, &str)] = &[
    (
        "package.json",
        r#"{"private": true, "workspaces": {"packages": ["packages/*", "!packages/old"]}}"#,
    ),
    (
        "packages/a/package.json",
        r#"{"name": "@x/a", "version": "1.0.0", "publishConfig": {"registry": "company"},
        "dependencies": {"b": "^1.0.0", "left-pad": "1", "alias": "npm:@x/d@^2"},
        "peerDependencies": {"c": "*"}, "optionalDependencies": {"d": "1"}, "devDependencies": {"c": "workspace:^"}}"#,
    ),
    (
        "packages/b/package.json",
        r#"{"name": "b", "version": "1.2.0-rc.1", "private": true}"#,
    ),
    ("packages/c/package.json", r#"{"name": "c"}"#),
    ("packages/d/package.json", r#"{"type": "module"}"#),
    (
        "packages/old/package.json",
        r#"{"name": "old", "version": "1.0.0"}"#,
    ),
    (
        "packages/a/node_modules/z/package.json",
        r#"{"name": "z", "version": "1.0.0"}"#,
    ),
    ("site/package.json", r#"{"name": "site", "version": "1.0.0"}"#),
    ("site/pnpm-lock.yaml", ""),
];

#[test]
fn npm_finds_what_npm_finds() {
    assert_eq!(roots("npm", NODE), ["", "packages/old"]);
    assert_eq!(roots("pnpm", NODE), ["site"]);
    let found = discover("npm", NODE);
    assert_eq!(
        lines(&found),
        [
            "@x/a 1.0.0 \"packages/a\" to company",
            "b 1.2.0-rc.1 \"packages/b\" private",
            "c 0.0.0 \"packages/c\" private"
        ]
    );
    assert_eq!(
        needs(&found[0], &["b", "c", "d", "@x/d"]),
        ["Normal b ^1.0.0", "Peer c *", "Dev c workspace:^", "Optional d 1"]
    );
}

#[test]
fn pnpm_finds_what_pnpm_finds() {
    let mut files = NODE.to_vec();
    files.push((
        "pnpm-workspace.yaml",
        "# who\npackages:\n  - 'packages/**'\n  - \"!**/old\"\ncatalog:\n  react: ^18\n",
    ));
    files[0] = (
        "package.json",
        r#"{"name": "root", "version": "1.0.0", "private": true}"#,
    );
    assert_eq!(roots("pnpm", &files), ["", "site"]);
    assert_eq!(roots("npm", &files), ["packages/old"]);
    let found = discover("pnpm", &files);
    let names: Vec<&str> = found.iter().map(model::Package::name).collect();
    assert_eq!(names, ["root", "@x/a", "b", "c"]);
    let lone = try_discover("pnpm", &files, "site").expect("sound manifests");
    assert_eq!(lines(&lone), ["site 1.0.0 \"site\""]);
}

#[test]
fn everything_wrong_is_said_with_its_place() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let table: [Case<'_>; 5] = [
        (
            "uv",
            &[
                ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"*\"]\n"),
                ("a/pyproject.toml", "[project]\nname = \"a\"\nversion = 1\n"),
                (
                    "b/pyproject.toml",
                    "[project]\nversion = \"1.0\"\ndependencies = [\n  \"!!\",\n]\n",
                ),
                ("c/pyproject.toml", "[project\n"),
                ("d/readme", ""),
                (
                    "e/pyproject.toml",
                    "[project]\nname = \"e\"\nversion = \"1!2.0\"\n",
                ),
                ("f/pyproject.toml", "[project]\nname = \"f\"\n"),
            ],
            &[
                "pyproject.toml:2:12: `d` is a member of the workspace without a pyproject.toml",
                "c/pyproject.toml:1:9: this is not TOML",
                "a/pyproject.toml:3:11: the version cannot be used: a version is a text",
                "b/pyproject.toml:1:1: the project has no name",
                "b/pyproject.toml:4:3: `!!` is not a requirement",
                "e/pyproject.toml:3:11: the version cannot be used: an epoch",
                "f/pyproject.toml:1:1: the project has no version",
            ],
        ),
        (
            "cargo",
            &[
                ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\", \"gone\"]\n"),
                ("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.2\"\n"),
                ("b/Cargo.toml", "[package]\nname = 1\nversion.workspace = true\n"),
            ],
            &[
                "Cargo.toml:2:22: the member `gone` has no Cargo.toml",
                "a/Cargo.toml:3:11: the version cannot be used: unexpected end",
                "b/Cargo.toml:2:8: the package's name is not a text",
                "b/Cargo.toml:1:1: the package inherits its version",
            ],
        ),
        (
            "npm",
            &[
                ("package.json", "{\"workspaces\": [\"a\", \"b\"]}"),
                ("a/package.json", "{\n  \"name\": \"a\",\n  \"version\": 1\n}"),
                ("b/package.json", "{\n  \"name\": \"b\",,\n}"),
            ],
            &[
                "a/package.json:3:14: the version cannot be used",
                "b/package.json:2:15: this is not JSON",
            ],
        ),
        (
            "pnpm",
            &[("pnpm-workspace.yaml", "packages:\n  - {a: 1}\n")],
            &["pnpm-workspace.yaml:2:5: this is not a workspace"],
        ),
        ("pnpm", &[("x.txt", "")], &["there is no `package.json`"]),
    ];
    for (ecosystem, files, expected) in table {
        let wrong = try_discover(ecosystem, files, "").expect_err("broken manifests");
        let said: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), expected.len(), "{ecosystem}: {said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(
                said.starts_with(expected),
                "{ecosystem}: {said} is not {expected}"
            );
        }
        assert!(
            wrong.iter().all(|diagnostic| diagnostic.hint.is_some()),
            "{ecosystem}: {wrong:#?}"
        );
    }
}

#[test]
fn a_broken_manifest_is_a_root_so_that_it_is_heard_of() {
    assert_eq!(roots("uv", &[("a/pyproject.toml", "[")]), ["a"]);
    assert_eq!(roots("cargo", &[("a/Cargo.toml", "[")]), ["a"]);
    assert_eq!(roots("npm", &[("a/package.json", "{")]), ["a"]);
}

#[test]
fn marks_and_line_endings_do_no_harm() {
    let found = discover(
        "uv",
        &[(
            "pyproject.toml",
            "\u{feff}[project]\r\nname = \"a\"\r\nversion = \"1.0\"",
        )],
    );
    assert_eq!(lines(&found), ["a 1.0.0 \"\" private"], "uv calls it virtual");
    let found = discover(
        "npm",
        &[(
            "package.json",
            "\u{feff}{\r\n\"name\": \"a\", \"version\": \"1.0.0\"}",
        )],
    );
    assert_eq!(lines(&found), ["a 1.0.0 \"\""]);
}

#[test]
fn folders_of_other_packages_are_left_out() {
    let found = discover("uv", UV);
    let recipe = ecosystem::standard()["uv"].recipe(&found[0], &found[0].version, &[]);
    assert_eq!(recipe.sources[0].path, "");
    assert_eq!(
        recipe.sources[0].exclude,
        ["apps/one", "libs/core", "libs/extra", "libs/tool"]
    );
    let files = [
        ("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n"),
        ("fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n[workspace]\n"),
    ];
    let found = discover("cargo", &files);
    let recipe = ecosystem::standard()["cargo"].recipe(&found[0], &found[0].version, &[]);
    assert_eq!(recipe.sources[0].exclude, ["fuzz"]);
}

#[test]
fn a_build_gets_what_it_reads_from_around() {
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"py/fast\", \"rs/engine\"]\n",
        ),
        ("Cargo.lock", ""),
        (
            "py/pyproject.toml",
            "[tool.uv.workspace]\nmembers = [\"*\"]\n[[tool.uv.index]]\nname = \"ours\"\n",
        ),
        (
            "py/fast/pyproject.toml",
            "[project]\nname = \"fast\"\ndynamic = [\"version\"]\nreadme = \"../README.md\"\n[build-system]\nbuild-backend = \"maturin\"\n",
        ),
        ("py/README.md", ""),
        (
            "py/fast/Cargo.toml",
            "[package]\nname = \"fast\"\nversion = \"1.2.3-rc.4\"\n",
        ),
        (
            "rs/engine/Cargo.toml",
            "[package]\nname = \"engine\"\nversion = \"1.0.0\"\n",
        ),
        (
            "rs/other/Cargo.toml",
            "[package]\nname = \"other\"\nversion = \"1.0.0\"\n",
        ),
    ];
    let found = try_discover("uv", &files, "py").expect("sound manifests");
    assert_eq!(lines(&found), ["fast 1.2.3-rc.4 \"py/fast\""]);
    let recipe = ecosystem::standard()["uv"].recipe(&found[0], &found[0].version, &[]);
    let sources: Vec<&str> = recipe.sources.iter().map(|source| &*source.path).collect();
    assert_eq!(
        sources,
        [
            "py/fast",
            "Cargo.lock",
            "Cargo.toml",
            "py/README.md",
            "py/pyproject.toml",
            "rs/engine"
        ]
    );
    assert_eq!(recipe.pinned, ["py/fast/pyproject.toml", "py/fast/Cargo.toml"]);

    let files = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nreadme = \"README.md\"\n",
        ),
        ("README.md", ""),
        (".cargo/config.toml", "[registries.ours]\nindex = \"x\"\n"),
        (
            "a/Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\nreadme.workspace = true\n",
        ),
    ];
    let found = discover("cargo", &files);
    let recipe = ecosystem::standard()["cargo"].recipe(&found[0], &found[0].version, &[]);
    let sources: Vec<&str> = recipe.sources.iter().map(|source| &*source.path).collect();
    assert_eq!(sources, ["a", ".cargo/config.toml", "README.md", "Cargo.toml"]);
}
