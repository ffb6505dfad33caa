//! New versions because a person says so: written everywhere they stand, or nowhere.

use harness::{Listing, Ran, Running, Sandbox, require_tool};

use super::lockstep::{PLACES, repository};
use super::npm_packages::workspace;

fn tools() -> bool {
    ["cargo", "npm", "uv"].into_iter().all(require_tool)
}

/// The lines that changed, as `file -old +new`.
fn changes(before: &Listing, sandbox: &Sandbox) -> Vec<String> {
    let after = sandbox.listing();
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    let mut found = Vec::new();
    for (path, old) in before {
        let (old, new) = (
            String::from_utf8_lossy(old),
            String::from_utf8_lossy(&after[path]),
        );
        assert_eq!(old.lines().count(), new.lines().count(), "{path}");
        for (old, new) in old
            .split('\n')
            .zip(new.split('\n'))
            .filter(|(old, new)| old != new)
        {
            found.push(format!("{path} -{} +{}", old.trim(), new.trim()));
        }
    }
    found
}

#[test]
fn one_version_goes_everywhere_and_nowhere_else() {
    if !tools() {
        return;
    }
    let sandbox = repository();
    let before = sandbox.listing();
    let dry = sandbox
        .run(&["bump", "minor", "--package", "inkwell-py", "--dry-run"])
        .expect(0);
    assert_eq!(sandbox.listing(), before, "a dry run writes nothing");

    let ran = sandbox
        .run(&["bump", "minor", "--package", "inkwell-py"])
        .expect(0);
    assert!(ran.stderr.contains("checked: everything"), "{ran}");
    let mut expected: Vec<String> = PLACES
        .iter()
        .filter(|(file, ..)| !file.ends_with(".md"))
        .map(|(file, ..)| (*file).to_owned())
        .collect();
    expected.extend(["Cargo.lock", "docs/conf.py", "docs/install.md"].map(str::to_owned));
    expected.extend(vec!["bindings/node/native/Cargo.lock".to_owned(); 2]);
    // What requires it and would be left behind.
    expected.push("bindings/node/native/Cargo.toml".to_owned());
    expected.sort();
    let changed = changes(&before, &sandbox);
    let files: Vec<&str> = changed.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(files, expected, "{changed:#?}");
    assert!(changed.iter().all(|line| line.contains("0.3")), "{changed:#?}");
    assert!(
        changed.contains(
            &"Cargo.toml -version = \"0.2.3\" # the product's +version = \"0.3.0\" # the product's"
                .to_owned()
        ),
        "{changed:#?}"
    );
    assert!(
        sandbox
            .read("docs/install.md")
            .contains("10.2.3 and 0.2.3-rc.1 are")
    );
    let _agrees = sandbox.run(&["check"]).expect(0);
    for folder in [".", "bindings/node/native"] {
        let manifest = format!("{folder}/Cargo.toml");
        let mut cargo = sandbox.tool("cargo");
        cargo.args([
            "metadata",
            "--offline",
            "--locked",
            "--format-version=1",
            "--manifest-path",
            &manifest,
        ]);
        let _agrees = Running::start(cargo).finish().expect(0);
    }

    // The dry run's difference is the difference, lock files aside.
    sandbox.git(&["stash"]);
    sandbox.write("bump.diff", &dry.stdout);
    sandbox.git(&["apply", "bump.diff"]);
    std::fs::remove_file(sandbox.path("bump.diff")).expect("it is there");
    let applied = changes(&before, &sandbox);
    let is_lock = |line: &&String| line.contains("Cargo.lock") || line.contains("package-lock.json");
    let without_locks: Vec<&String> = changed.iter().filter(|line| !is_lock(line)).collect();
    assert_eq!(applied.iter().collect::<Vec<_>>(), without_locks);
}

#[test]
fn pre_releases_are_written_in_each_notation_and_counted() {
    if !tools() {
        return;
    }
    let sandbox = repository();
    let bump = |args: &[&str]| sandbox.run(&[&["bump"], args, &["--format", "json"]].concat());
    let ran = bump(&["minor", "--pre", "rc", "--group", "sdk"]).expect(0);
    let json = ran.json();
    assert_eq!(json["schema"], "releasekit.bump/1");
    assert_eq!(
        (&json["dry_run"], &json["check"]["ok"]),
        (&false.into(), &true.into()),
        "{ran}"
    );
    assert_eq!(json["packages"].as_array().map(Vec::len), Some(4), "{ran}");
    assert_eq!(json["packages"][0]["to"], "0.3.0-rc.1", "{ran}");
    assert!(
        sandbox
            .read("bindings/python/pyproject.toml")
            .contains("\"0.3.0rc1\"")
    );
    assert!(
        sandbox
            .read("bindings/node/native/Cargo.toml")
            .contains("version = \"0.3.0-rc.1\" }")
    );
    // All packages are of one group, so nothing has to be chosen.
    let _second = bump(&["prerelease"]).expect(0);
    assert!(
        sandbox
            .read("bindings/python/pyproject.toml")
            .contains("\"0.3.0rc2\"")
    );
    assert!(sandbox.read("docs/install.md").contains("inkwell@0.3.0-rc.2"));
    let _final = bump(&["minor"]).expect(0);
    assert!(sandbox.read("docs/conf.py").starts_with("release = \"0.3.0\"\n"));
    // A breaking change, said by a person, is one also below 1.0.0.
    let _breaking = bump(&["major"]).expect(0);
    assert!(sandbox.read("Cargo.toml").contains("\"1.0.0\""));
    assert!(
        sandbox
            .read("bindings/node/native/Cargo.toml")
            .contains("version = \"1.0.0\" }")
    );
    let same = bump(&["1.0.0"]).expect(3);
    assert!(
        same.stderr.contains("already") && same.stderr.contains("hint: "),
        "{same}"
    );
    let down = bump(&["0.9.0"]).expect(3);
    assert!(down.stderr.contains("never goes down"), "{down}");
}

#[test]
fn a_group_that_drifted_apart_is_brought_together() {
    if !tools() {
        return;
    }
    let sandbox = repository();
    sandbox.edit("bindings/python/pyproject.toml", "0.2.3", "0.2.4");
    let _drifted = sandbox.run(&["check"]).expect(4);
    let ran = sandbox.run(&["bump", "0.2.4", "--all"]).expect(0);
    assert!(
        !ran.stdout.contains("inkwell-py"),
        "it has that version already: {ran}"
    );
    let _agrees = sandbox.run(&["check"]).expect(0);
    sandbox.edit("bindings/node/package.json", "0.2.4", "0.2.9");
    let ran = sandbox.run(&["bump", "patch", "--no-lock"]).expect(0);
    assert!(
        ran.stderr
            .contains("`bindings/node/package.json` has changes that are not committed"),
        "{ran}"
    );
    assert!(ran.stderr.contains("`Cargo.lock` was left alone"), "{ran}");
    assert!(sandbox.read("bindings/node/package.json").contains("0.2.10"));
    assert!(sandbox.read("Cargo.lock").contains("0.2.4"));
    // A bump file that says something else is not guessed at.
    sandbox.edit("docs/install.md", "0.2.10", "0.2.8");
    let before = sandbox.listing();
    let ran = sandbox.run(&["bump", "patch", "--no-lock"]).expect(3);
    assert!(
        ran.stderr.contains("does not hold its version") && ran.stderr.contains("docs/install.md"),
        "{ran}"
    );
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn without_a_choice_the_choices_are_listed() {
    let sandbox = Sandbox::example("polyglot");
    let before = sandbox.listing();
    let refused = |args: &[&str], code: i32, said: &str| {
        let ran: Ran = sandbox.run(&[&["bump"], args].concat()).expect(code);
        assert!(ran.stderr.contains(said), "{said}: {ran}");
        assert!(ran.stdout.is_empty(), "{ran}");
    };
    refused(&["minor"], 2, "--group rust, --package tidewords-banner");
    refused(
        &["minor", "--package", "tidewords-pge"],
        2,
        "did you mean `tidewords-page`?",
    );
    refused(&["minor", "--group", "rusty"], 2, "did you mean `rust`?");
    refused(
        &["minro", "--all"],
        2,
        "write major, minor, patch, prerelease, or a version",
    );
    refused(&["1.0.0", "--pre", "rc", "--all"], 2, "write the whole version");
    refused(&["minor", "--pre", "r c", "--all"], 2, "one word");
    refused(&["--all"], 2, "LEVEL|VERSION");
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn the_default_train_names_pre_releases_wherever_it_is_declared() {
    let trains = "release_group(name = \"all\", packages = [\"one\"])\n\
                  release_train(name = \"nightly\", groups = [\"all\"], prerelease_token = \"night\")\n\
                  release_train(name = \"default\", prerelease_token = \"beta\")";
    let sandbox = workspace(&[("one", "one", "1.0.0")], trains);
    let _bumped = sandbox.run(&["bump", "prerelease"]).expect(0);
    let manifest = sandbox.read("one/package.json");
    assert!(manifest.contains("\"1.0.1-beta.1\""), "{manifest}");
}

#[test]
fn a_placeholder_is_never_written_back() {
    let sandbox = Sandbox::of(
        r#"
        //- package.json
        {"name": "root", "private": true, "workspaces": ["a", "b"]}
        //- a/package.json
        {"name": "a", "version": "0.0.0-dev"}
        //- b/package.json
        {"name": "b", "version": "1.0.0", "dependencies": {"a": "0.0.0-dev"}}
        //- c/pyproject.toml
        [project]
        name = "c"
        dynamic = ["version"]
        [build-system]
        requires = ["hatchling", "hatch-vcs"]
        build-backend = "hatchling.build"
        [tool.hatch.version]
        source = "vcs"
        "#,
    );
    let before = sandbox.listing();
    let ran = sandbox
        .run(&["bump", "minor", "--package", "a", "--package", "c"])
        .expect(3);
    assert!(ran.stderr.contains("placeholder"), "{ran}");
    assert_eq!(sandbox.listing(), before);
    let ran = sandbox.run(&["bump", "minor", "--all"]).expect(0);
    let changed = changes(&before, &sandbox);
    assert_eq!(changed.len(), 1, "{ran}");
    assert!(
        changed[0].contains("\"1.1.0\", \"dependencies\": {\"a\": \"0.0.0-dev\"}"),
        "{changed:?}"
    );
}

#[test]
fn workspaces_of_every_kind_follow_with_catalogs_bounds_and_lock_files() {
    if !tools() || !require_tool("pnpm") {
        return;
    }
    let sandbox = Sandbox::of(
        r#"
        //- js/pnpm-workspace.yaml
        packages:
          - packages/*
        catalog:
          acme-ink: ^1.0.0 # ours
        //- js/package.json
        {"name": "root", "private": true}
        //- js/packages/ink/package.json
        {"name": "acme-ink", "version": "1.0.0"}
        //- js/packages/pen/package.json
        {
          "name": "acme-pen",
          "version": "0.1.0",
          "devDependencies": {"acme-ink": "workspace:*"},
          "peerDependencies": {"acme-ink": "workspace:^1.0.0"}
        }
        //- py/pyproject.toml
        [tool.uv.workspace]
        members = ["core", "app"]
        //- py/core/pyproject.toml
        [project]
        name = "acme-core"
        version = "1.2.0"
        requires-python = ">=3.9"
        //- py/app/pyproject.toml
        [project]
        name = "acme-app"
        version = "0.1.0"
        requires-python = ">=3.9"
        dependencies = ["acme-core[x] >=1.2,<2 ; python_version > '3'"]
        [project.optional-dependencies]
        x = []
        [tool.uv.sources]
        acme-core = { workspace = true }
        //- rs/Cargo.toml
        [workspace]
        resolver = "2"
        members = ["one", "two"]
        [workspace.package]
        version = "1.0.0"
        [workspace.dependencies]
        acme-one = { path = "one", version = "1" }
        //- rs/one/Cargo.toml
        [package]
        name = "acme-one"
        version.workspace = true
        edition = "2021"
        //- rs/one/src/lib.rs
        //- rs/two/Cargo.toml
        [package]
        name = "acme-two"
        version.workspace = true
        edition = "2021"
        [dependencies]
        acme-one.workspace = true
        //- rs/two/src/lib.rs
        "#,
    );
    let tool = |folder: &str, argv: &[&str]| {
        let mut command = sandbox.tool(argv[0]);
        command.args(&argv[1..]).current_dir(sandbox.path(folder));
        command.env("npm_config_manage_package_manager_versions", "false");
        let _ran = Running::start(command).finish().expect(0);
    };
    tool(
        "js",
        &[
            "pnpm",
            "install",
            "--lockfile-only",
            "--ignore-scripts",
            "--offline",
        ],
    );
    tool("py", &["uv", "lock", "--offline"]);
    tool("rs", &["cargo", "generate-lockfile", "--offline"]);
    let before = sandbox.listing();

    let chosen = [
        "--package",
        "acme-ink",
        "--package",
        "acme-core",
        "--package",
        "acme-one",
    ];
    let ran = sandbox.run(&[&["bump", "major"][..], &chosen].concat()).expect(0);
    let changed = changes(&before, &sandbox);
    let expected = [
        "js/packages/ink/package.json -{\"name\": \"acme-ink\", \"version\": \"1.0.0\"} +{\"name\": \"acme-ink\", \"version\": \"2.0.0\"}",
        "js/packages/pen/package.json -\"peerDependencies\": {\"acme-ink\": \"workspace:^1.0.0\"} +\"peerDependencies\": {\"acme-ink\": \"workspace:^2.0.0\"}",
        "js/pnpm-workspace.yaml -acme-ink: ^1.0.0 # ours +acme-ink: ^2.0.0 # ours",
        "py/app/pyproject.toml -dependencies = [\"acme-core[x] >=1.2,<2 ; python_version > '3'\"] +dependencies = [\"acme-core[x] >=2.0,<3 ; python_version > '3'\"]",
        "py/core/pyproject.toml -version = \"1.2.0\" +version = \"2.0.0\"",
        "rs/Cargo.toml -version = \"1.0.0\" +version = \"2.0.0\"",
        "rs/Cargo.toml -acme-one = { path = \"one\", version = \"1\" } +acme-one = { path = \"one\", version = \"2\" }",
    ];
    let texts: Vec<&String> = changed
        .iter()
        .filter(|line| !line.contains(".lock") && !line.contains("-lock."))
        .collect();
    assert_eq!(texts, expected.iter().collect::<Vec<_>>(), "{ran}");
    // Who inherits the version has it too.
    assert!(ran.stdout.contains("acme-two"), "{ran}");
    tool(
        "js",
        &[
            "pnpm",
            "install",
            "--lockfile-only",
            "--ignore-scripts",
            "--offline",
            "--frozen-lockfile",
        ],
    );
    tool("py", &["uv", "lock", "--check", "--offline"]);
    tool(
        "rs",
        &["cargo", "metadata", "--locked", "--offline", "--format-version=1"],
    );
    let locks: Vec<&String> = changed.iter().filter(|line| !texts.contains(line)).collect();
    assert!(
        locks
            .iter()
            .all(|line| line.contains("2.0") || line.contains(">=2")),
        "{locks:#?}"
    );
}
