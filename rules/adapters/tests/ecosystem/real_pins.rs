//! The tools themselves read out of pinned manifests what was written into them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use adapters::ecosystem;
use model::{PinStrategy, Pins, Version};

use crate::scratch::{has, in_tarball, output};
use crate::tools::{Table, json, text, wheel_metadata};
use crate::tree::{Tree, discover};

const STRATEGIES: [PinStrategy; 4] = [
    PinStrategy::Exact,
    PinStrategy::Compatible,
    PinStrategy::Minimum,
    PinStrategy::Range,
];

/// The files on disk with every package at `version`, and pinned to all others at it.
fn pinned(kind: &str, files: Table<'_>, version: &str, strategy: PinStrategy) -> tempfile::TempDir {
    let ecosystem = &ecosystem::standard()[kind];
    let version: Version = version.parse().expect("a version");
    let packages = discover(kind, files);
    let pins = Pins {
        version: Some(version.clone()),
        dependencies: packages
            .iter()
            .map(|package| (package.id.name.clone(), (version.clone(), strategy)))
            .collect(),
    };
    let mut tree = Tree::new(files);
    for package in packages
        .iter()
        .filter(|package| !package.written_version.is_empty())
    {
        let wanted = ecosystem.recipe(package, &version, &[package]).pinned;
        let manifests: BTreeMap<String, String> = wanted
            .into_iter()
            .map(|path| (path.clone(), tree.texts[&path].clone()))
            .collect();
        tree.texts.extend(
            ecosystem
                .pin(package, &manifests, &pins)
                .expect("sound manifests"),
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    tree.write(folder.path());
    folder
}

const RUST: Table<'_> = &[
    (
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"app\", \"ink\", \"nib\", \"pen\"]\n[workspace.package]\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace.dependencies]\nacme-ink = { path = \"ink\", version = \"0.1\" }\n",
    ),
    (
        "ink/Cargo.toml",
        "[package]\nname = \"acme-ink\"\nversion.workspace = true\nedition.workspace = true\n",
    ),
    ("ink/src/lib.rs", ""),
    (
        "pen/Cargo.toml",
        "[package]\nname = \"acme-pen\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    ),
    ("pen/src/lib.rs", ""),
    (
        "nib/Cargo.toml",
        "[package]\nname = \"acme-nib\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    ),
    ("nib/src/lib.rs", ""),
    (
        "app/Cargo.toml",
        "[package]\nname = \"acme-app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nacme-ink = { workspace = true, optional = true }\nrenamed = { package = \"acme-nib\", path = \"../nib\" }\n[target.'cfg(unix)'.dependencies.acme-pen]\npath = \"../pen\"\nversion = \"=0.1.0\"\n[build-dependencies]\nacme-ink.workspace = true\n[dev-dependencies]\nacme-pen = { path = \"../pen\", version = \"*\" }\n",
    ),
    ("app/src/lib.rs", ""),
];

#[test]
fn cargo_reads_what_was_pinned() {
    if !has("cargo") {
        return;
    }
    for (version, strategy) in ["0.2.0", "1.4.2", "2.0.0-rc.1"]
        .into_iter()
        .flat_map(|version| STRATEGIES.map(|strategy| (version, strategy)))
    {
        let folder = pinned("cargo", RUST, version, strategy);
        // With dependencies: cargo's own resolver has to accept every pin, pre-releases too.
        let said = json(&output(
            folder.path(),
            &["cargo", "metadata", "--offline", "--format-version", "1"],
        ));
        let upper = match version {
            "0.2.0" => "0.3.0",
            "1.4.2" => "2.0.0",
            _ => "3.0.0",
        };
        let expected = match strategy {
            PinStrategy::Exact => format!("={version}"),
            PinStrategy::Compatible => format!("^{version}"),
            PinStrategy::Minimum => format!(">={version}"),
            _ => format!(">={version}, <{upper}"),
        };
        let mut seen = 0;
        for package in said["packages"].as_array().expect("packages") {
            assert_eq!(package["version"], version, "{}", package["name"]);
            for need in package["dependencies"].as_array().expect("needs") {
                assert_eq!(need["req"], *expected, "{need}");
                seen += 1;
            }
        }
        assert_eq!(
            seen, 5,
            "two that are inherited, one renamed, one for a target, one to develop"
        );
    }
}

const PYTHON: Table<'_> = &[
    (
        "pyproject.toml",
        "[tool.uv.workspace]\nmembers = [\"ink\", \"app\"]\n",
    ),
    (
        "ink/pyproject.toml",
        "[project]\nname = \"acme-ink\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\n[build-system]\nrequires = [\"uv_build>=0.5,<99\"]\nbuild-backend = \"uv_build\"\n",
    ),
    ("ink/src/acme_ink/__init__.py", ""),
    (
        "app/pyproject.toml",
        "[project]\nname = \"acme-app\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"Acme.Ink>=0.1; python_version > '3'\"]\n[project.optional-dependencies]\nx = [\"acme_ink\"]\n[dependency-groups]\ndev = [\"acme-ink~=0.1\"]\n[tool.uv.sources]\nacme-ink = { workspace = true }\n[build-system]\nrequires = [\"uv_build>=0.5,<99\"]\nbuild-backend = \"uv_build\"\n",
    ),
    ("app/src/acme_app/__init__.py", ""),
];

#[test]
fn uv_reads_what_was_pinned() {
    if !has("uv") {
        return;
    }
    for (version, written, next) in [
        ("0.2.0", "0.2.0", ["0.3", "0.3.0"]),
        ("1.4.2", "1.4.2", ["2", "2.0.0"]),
        ("2.0.0-rc.1", "2.0.0rc1", ["3", "3.0.0"]),
    ] {
        for strategy in STRATEGIES {
            let folder = pinned("uv", PYTHON, version, strategy);
            // uv's resolver has to accept it.
            output(folder.path(), &["uv", "lock", "--offline", "--quiet"]);
            for package in ["acme-ink", "acme-app"] {
                let said = output(
                    folder.path(),
                    &[
                        "uv",
                        "version",
                        "--offline",
                        "--dry-run",
                        "--short",
                        "--package",
                        package,
                    ],
                );
                assert_eq!(said.trim(), written);
            }
            let expected = match strategy {
                PinStrategy::Exact => format!("=={written}"),
                PinStrategy::Compatible => format!(">={written},<{}", next[0]),
                PinStrategy::Minimum => format!(">={written}"),
                _ => format!(">={written},<{}", next[1]),
            };
            // A lock file does not repeat requirements on members; what is built does.
            let build = [
                "uv",
                "build",
                "--offline",
                "--quiet",
                "--wheel",
                "--no-sources",
                "--out-dir",
                "dist",
            ];
            for package in ["ink", "app"] {
                output(folder.path(), &[&build[..], &[package]].concat());
            }
            let app = format!("acme_app-{written}-py3-none-any.whl");
            let wheel = std::fs::read(folder.path().join("dist").join(&app)).expect("it was built");
            let metadata = wheel_metadata(&BTreeMap::from([(app, wheel)]));
            let needs: Vec<&str> = metadata
                .lines()
                .filter(|line| line.starts_with("Requires-Dist: "))
                .collect();
            assert_eq!(needs.len(), 2, "{metadata}");
            for need in needs {
                let need = need
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim_end()
                    .to_lowercase();
                let need = need.trim_start_matches("requires-dist: acme").replace(' ', "");
                assert_eq!(need[1..], format!("ink{expected}"), "{metadata}");
            }
            // Somebody who asks for the app gets both, a pre-release too.
            std::fs::write(folder.path().join("asked.txt"), format!("acme-app=={written}\n"))
                .expect("a file");
            let place = [
                "--offline",
                "--quiet",
                "--no-index",
                "--find-links",
                "dist",
                "asked.txt",
            ];
            let solved = output(
                folder.path(),
                &[
                    &["uv", "pip", "compile", "--no-header", "--no-annotate"][..],
                    &place,
                ]
                .concat(),
            );
            assert_eq!(solved, format!("acme-app=={written}\nacme-ink=={written}\n"));
        }
    }
}

/// What is written, what pnpm makes of it while packing (at 1.5.0), and whether npm, which knows the protocol not at all,
/// ships it as it stands.
const PROTOCOL: [(&str, &str); 9] = [
    ("workspace:*", "1.5.0"),
    ("workspace:~", "~1.5.0"),
    ("workspace:^", "^1.5.0"),
    ("workspace:^1.2.0", "^1.2.0"),
    ("workspace:>=1.0.0 <2", ">=1.0.0 <2"),
    ("workspace:1.5.0", "1.5.0"),
    ("workspace:../foo", "1.5.0"),
    ("workspace:acme-foo@^", "npm:acme-foo@^1.5.0"),
    ("workspace:acme-foo@*", "npm:acme-foo@1.5.0"),
];

/// A workspace in which `app` needs `acme-foo` in this way.
fn needing(written: &str) -> Vec<(&'static str, String)> {
    let key = if written.contains('@') {
        "alias"
    } else {
        "acme-foo"
    };
    vec![
        ("pnpm-workspace.yaml", "packages:\n  - '*'\n".to_owned()),
        (
            "package.json",
            "{\"name\": \"root\", \"private\": true}".to_owned(),
        ),
        (
            "foo/package.json",
            "{\"name\": \"acme-foo\", \"version\": \"1.5.0\"}".to_owned(),
        ),
        (
            "app/package.json",
            format!(
                "{{\n\t\"version\": \"0.1.0\",\n\t\"name\": \"acme-app\",\n\t\"dependencies\": {{ \"{key}\": \"{written}\" }}\n}}"
            ),
        ),
    ]
}

/// The one requirement in what a tool has packed of `app`.
fn packed(folder: &Path, argv: &[&str]) -> String {
    let into = tempfile::tempdir().expect("a folder");
    let place = into.path().to_str().expect("a name");
    output(
        &folder.join("app"),
        &[argv, &["--pack-destination", place]].concat(),
    );
    let tarball = std::fs::read(into.path().join("acme-app-0.1.0.tgz")).expect("it was packed");
    let manifest = json(&in_tarball(&tarball, "package/package.json"));
    let needs = manifest["dependencies"].as_object().expect("needs");
    text(needs.values().next().expect("one need")).to_owned()
}

#[test]
fn pnpm_makes_of_the_protocol_what_we_make_of_it() {
    if !has("pnpm") || !has("npm") {
        return;
    }
    for (written, expected) in PROTOCOL {
        let files = needing(written);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
        let folder = tempfile::tempdir().expect("a folder");
        Tree::new(&files).write(folder.path());
        output(
            folder.path(),
            &["pnpm", "install", "--offline", "--ignore-scripts"],
        );
        assert_eq!(
            packed(folder.path(), &["pnpm", "pack"]),
            expected,
            "pnpm: {written}"
        );
        let by_npm = packed(
            folder.path(),
            &["npm", "pack", "--ignore-scripts", "--loglevel=error"],
        );
        assert_eq!(
            by_npm, written,
            "npm leaves it, which is why we rewrite before it packs"
        );

        // What we write ourselves, before either packs: the same, where the strategy leaves requirements alone.
        let ecosystem = &ecosystem::standard()["npm"];
        let lone: Vec<(&str, &str)> = vec![("package.json", files[3].1)];
        let package = &discover("npm", &lone)[0];
        let pins = Pins {
            version: None,
            dependencies: BTreeMap::from([(
                "acme-foo".to_owned(),
                (Version::new(1, 5, 0), PinStrategy::None),
            )]),
        };
        let manifests = BTreeMap::from([("package.json".to_owned(), files[3].1.to_owned())]);
        let new = ecosystem
            .pin(package, &manifests, &pins)
            .expect("a sound manifest");
        let (before, after) = files[3].1.split_once(written).expect("it is in there");
        assert_eq!(
            new["package.json"],
            format!("{before}{expected}{after}"),
            "ours: {written}"
        );
        std::fs::write(folder.path().join("app/package.json"), &new["package.json"]).expect("a file");
        let by_npm = packed(
            folder.path(),
            &["npm", "pack", "--ignore-scripts", "--loglevel=error"],
        );
        assert_eq!(by_npm, expected, "npm, after us: {written}");
    }
    let forms: BTreeSet<&str> = PROTOCOL.iter().map(|(written, _)| *written).collect();
    assert_eq!(forms.len(), PROTOCOL.len());
}
