//! Whether everything that states a version states the same one, asked before a release.

use harness::Sandbox;
use serde_json::Value;

use super::lockstep::{PLACES, repository};
use super::npm_packages::uncommitted;

/// The findings of a check that says no.
#[track_caller]
fn findings(sandbox: &Sandbox) -> Vec<Value> {
    let ran = sandbox.run(&["check", "--format", "json"]).expect(4);
    let json = ran.json();
    assert_eq!(
        (&json["schema"], &json["ok"]),
        (&"releasekit.check/1".into(), &false.into())
    );
    json["findings"].as_array().expect("a list").clone()
}

/// `kind file:line package found expected`.
fn line(finding: &Value) -> String {
    let text = |field: &str| {
        finding[field]
            .as_str()
            .unwrap_or_else(|| panic!("no {field} in {finding}"))
    };
    assert!(!text("hint").is_empty(), "{finding}");
    format!(
        "{} {}:{} {} {} {}",
        text("kind"),
        text("file"),
        finding["line"],
        text("package"),
        text("found"),
        text("expected")
    )
}

#[test]
fn every_mapped_version_that_drifts_is_found_where_it_stands() {
    let sandbox = repository();
    let agreed = sandbox.run(&["check"]).expect(0);
    assert!(
        agreed.stdout.is_empty() && agreed.stderr.contains("4 packages agrees"),
        "{agreed}"
    );
    let json = sandbox.run(&["check", "--format", "json"]).expect(0).json();
    assert_eq!(
        (&json["ok"], &json["findings"]),
        (&true.into(), &Value::Array(Vec::new()))
    );

    for (file, number, written, package) in PLACES {
        let before = sandbox.read(file);
        let lines: Vec<String> = before
            .split_inclusive('\n')
            .enumerate()
            .map(|(index, line)| {
                if index + 1 == number as usize {
                    assert!(line.contains(written.trim_start()), "{file}:{number}: {line}");
                    line.replacen("0.2.3", "0.2.2", 1)
                } else {
                    line.to_owned()
                }
            })
            .collect();
        sandbox.write(file, lines.concat());
        let found = findings(&sandbox);
        let here = found
            .iter()
            .find(|finding| finding["file"] == file)
            .unwrap_or_else(|| panic!("nothing is said of {file}: {found:?}"));
        assert_eq!(here["package"], package, "{here}");
        let is_gone = file.ends_with(".md");
        assert_eq!(here["line"], if is_gone { 0 } else { number }, "{here}");
        assert_eq!(here["found"], if is_gone { "" } else { "0.2.2" }, "{here}");
        assert_eq!(here["expected"], "0.2.3", "{here}");
        let text = sandbox.run(&["check"]).expect(4);
        assert!(
            text.stdout.contains(file) && text.stdout.contains("hint: "),
            "{text}"
        );
        sandbox.write(file, before);
    }
    let _agrees = sandbox.run(&["check"]).expect(0);
}

#[test]
fn bump_files_are_where_they_are_said_to_be_and_hold_the_version() {
    let sandbox = repository();
    sandbox.edit("docs/conf.py", "0.2.3", "0.2.2");
    std::fs::remove_file(sandbox.path("docs/install.md")).expect("it is there");
    let found: Vec<String> = findings(&sandbox).iter().map(line).collect();
    assert_eq!(
        found,
        [
            "bump-file docs/conf.py:1 inkwell 0.2.2 0.2.3",
            "bump-file docs/install.md:0 inkwell  0.2.3",
        ]
    );
    sandbox.edit("docs/conf.py", "release", "version");
    let found: Vec<String> = findings(&sandbox).iter().map(line).collect();
    assert_eq!(found[0], "bump-file docs/conf.py:0 inkwell  0.2.3");
    // A part of a version is none that could be written anew.
    let sandbox = Sandbox::of(
        r#"
        //- package.json
        {"name": "a", "version": "1.0.0"}
        //- version.h
        #define MAJOR 1
        //- RELEASE.star
        load("@releasekit//rules/npm.star", "npm_package", "npm_workspace")
        npm_workspace(name = "all", root = ".")
        npm_package(name = "a", bump_files = [bump_file("version.h", r"MAJOR (\d+)")])
        "#,
    );
    sandbox.begin();
    let found: Vec<String> = findings(&sandbox).iter().map(line).collect();
    assert_eq!(found, ["bump-file version.h:1 a 1 1.0.0"]);
    let ran = sandbox.run(&["bump", "major"]).expect(3);
    assert!(
        ran.stderr.contains("version.h:1") && ran.stderr.contains("no whole version"),
        "{ran}"
    );
}

/// `uv lock`, `uv sync` and `uv build` all succeed on this workspace; what is published could not be installed.
#[test]
fn a_requirement_that_the_present_version_does_not_satisfy_is_found_without_a_configuration() {
    let sandbox = Sandbox::of(
        r#"
        //- pyproject.toml
        [tool.uv.workspace]
        members = ["core", "app"]
        //- core/pyproject.toml
        [project]
        name = "core"
        version = "2.0.0"
        [build-system]
        requires = []
        //- app/pyproject.toml
        [project]
        name = "app"
        version = "0.0.0.dev0"
        dependencies = ["core>=1.2,<2"]
        [tool.uv.sources]
        core = { workspace = true }
        //- web/package.json
        {"name": "web", "version": "1.0.0"}
        //- web/package-lock.json
        {"name": "web", "version": "0.9.0", "lockfileVersion": 3, "packages": {"": {"version": "1.0.0"}}}
        "#,
    );
    let found: Vec<String> = findings(&sandbox).iter().map(line).collect();
    assert_eq!(
        found,
        [
            "lock web/package-lock.json:1 web 0.9.0 1.0.0",
            "requirement app/pyproject.toml:4 core >=1.2,<2 a requirement that 2.0.0 satisfies",
        ]
    );
}

#[test]
fn a_manifest_behind_its_last_tag_is_found_unless_it_is_a_placeholder() {
    let sandbox = Sandbox::of(
        r#"
        //- package.json
        {"name": "root", "private": true, "workspaces": ["a", "b"]}
        //- a/package.json
        {"name": "a", "version": "1.0.0"}
        //- b/package.json
        {"name": "b", "version": "0.0.0-dev"}
        "#,
    );
    sandbox.begin();
    let _agrees = sandbox.run(&["check"]).expect(0);
    sandbox.git(&["tag", "a/v1.2.0"]);
    sandbox.git(&["tag", "b/v1.2.0"]);
    let found: Vec<String> = findings(&sandbox).iter().map(line).collect();
    assert_eq!(found, ["behind a/package.json:1 a 1.0.0 1.2.0"]);

    // `bump` knows what `check` knows.
    let bump = |version: &str| sandbox.run(&["bump", version, "--package", "a"]);
    let below = bump("1.1.0").expect(3);
    assert!(
        below.stderr.contains("`a/v1.2.0` was released already"),
        "{below}"
    );
    let counted = bump("minor").expect(0);
    assert!(
        counted
            .stderr
            .contains("`a` says 1.0.0, and `a/v1.2.0` was released"),
        "{counted}"
    );
    assert!(sandbox.read("a/package.json").contains("\"1.3.0\""));
    let _agrees = sandbox.run(&["check"]).expect(0);
    sandbox.git(&["checkout", "--quiet", "a/package.json"]);
    let _as_released = bump("1.2.0").expect(0);
    let _agrees = sandbox.run(&["check"]).expect(0);
}

/// Only packages whose name is in two ecosystems may be in two groups.
#[test]
fn the_train_of_a_second_group_says_whether_versions_are_one() {
    let more = r#"load("@releasekit//rules/uv.star", "uv_package", "uv_workspace")
uv_workspace(name = "python", root = "a")
uv_package(name = "a")
release_group(name = "first", packages = ["a"])
release_group(name = "second", packages = ["a"])
release_train(groups = ["second"], versioning = "fixed")"#;
    let sandbox = uncommitted(&[("a", "a", "1.0.0")], more);
    let python = "[project]\nname = \"a\"\nversion = \"1.1.0\"\n[build-system]\nrequires = []\n";
    sandbox.write("a/pyproject.toml", python);
    sandbox.begin();
    let found = findings(&sandbox);
    assert_eq!(line(&found[0]), "group a/package.json:1 npm/a 1.0.0 1.1.0");
    let hint = found[0]["hint"].as_str().unwrap_or_default();
    assert!(
        hint.contains("of group `first`") && hint.contains("--group first`"),
        "{hint}"
    );
    let _bumped = sandbox.run(&["bump", "minor", "--package", "npm/a"]).expect(0);
    for file in ["a/package.json", "a/pyproject.toml"] {
        assert!(sandbox.read(file).contains("\"1.2.0\""), "{file}");
    }
    let version = sandbox.run(&["version", "--format", "json"]).expect(0).json();
    for package in version["packages"].as_array().expect("a list") {
        assert_eq!(package["next"], "1.2.0", "{version}");
    }
}

#[test]
fn manifests_that_cannot_be_read_are_named_with_their_line() {
    let table: [(&str, &[u8], &str); 8] = [
        (
            "package.json",
            b"{\n\"name\": \"a\",\n\"version\": 1}",
            "package.json:3:12",
        ),
        (
            "package.json",
            b"{\n\"name\": \"a\",\n\"version\": null}",
            "package.json:3:12",
        ),
        ("package.json", b"{\n\"name\": \"\xff\"}", "package.json:2"),
        (
            "Cargo.toml",
            b"[package]\nname = \"a\"\nversion = 1\n",
            "Cargo.toml:3:11",
        ),
        (
            "Cargo.toml",
            b"\xef\xbb\xbf[package]\r\nname = \"a\"\r\nversion = \"1\"\r\n",
            "Cargo.toml:3:11",
        ),
        ("Cargo.toml", b"[package]\n# \xe9\n", "Cargo.toml:2"),
        (
            "pyproject.toml",
            b"[project]\nname = \"a\"\n",
            "pyproject.toml:1:1",
        ),
        (
            "pyproject.toml",
            b"[project]\nname = \"a\"\nversion = [1]\n",
            "pyproject.toml:3:11",
        ),
    ];
    for (file, text, place) in table {
        let sandbox = Sandbox::new();
        sandbox.write(file, text);
        for command in [&["check"][..], &["bump", "minor"]] {
            let ran = sandbox.run(command).expect(3);
            assert!(ran.stderr.contains(place), "{place}: {ran}");
            assert!(ran.stderr.contains("hint: "), "{ran}");
        }
        assert_eq!(std::fs::read(sandbox.path(file)).expect("it is there"), text);
    }
}
