//! RELEASE.star for repositories as they are: with fixtures, with names used twice, with tags of other tools.

use harness::Sandbox;

use super::npm_packages::manifest as npm;

/// Whatever generate writes, the rest of releasekit takes.
fn is_taken(sandbox: &Sandbox) -> String {
    let _ = sandbox.run(&["generate", "--write"]).expect(0);
    sandbox.commit("chore: say what is released");
    let _ = sandbox.run(&["generate", "--check"]).expect(0);
    let _ = sandbox.run(&["version"]).expect(0);
    let _ = sandbox.run(&["tag", "--dry-run"]).expect(0);
    sandbox.read("RELEASE.star")
}

#[test]
fn a_private_root_may_be_called_like_a_member() {
    let sandbox = Sandbox::new();
    npm(
        &sandbox,
        ".",
        "cc",
        "0.0.0",
        ", \"private\": true, \"workspaces\": [\"packages/*\"]",
    );
    npm(&sandbox, "packages/cc", "cc", "8.1.0", "");
    sandbox.begin();
    let found = sandbox.run(&["discover", "--format", "json"]).expect(0).json();
    assert_eq!(found["packages"][0]["path"], "packages/cc");
    assert_eq!(found["packages"].as_array().map(Vec::len), Some(1));
    let text = is_taken(&sandbox);
    assert!(text.contains("name = \"cc\""), "{text}");
}

#[test]
fn fixtures_are_left_out_with_one_warning() {
    let sandbox = Sandbox::new();
    npm(
        &sandbox,
        ".",
        "root",
        "0.0.0",
        ", \"private\": true, \"workspaces\": [\"packages/*\"]",
    );
    npm(&sandbox, "packages/a", "a", "8.1.0", "");
    npm(&sandbox, "packages/a/test/fixtures/one", "fix", "1.0.0", "");
    npm(&sandbox, "packages/a/test/fixtures/two", "fix", "1.0.0", "");
    npm(&sandbox, "packages/a/broken", "broken", "none at all", "");
    npm(&sandbox, "tools/a", "a", "2.0.0", ", \"bin\": \"a.js\"");
    npm(&sandbox, "tools/dummy", "dummy", "1.0.0", "");
    // A package of its own, although no workspace has it.
    npm(
        &sandbox,
        "bindings/node",
        "bound",
        "3.0.0",
        ", \"files\": [\"dist\"]",
    );
    sandbox.begin();
    let ran = sandbox.run(&["version"]).expect(0);
    assert_eq!(ran.stderr.matches("warning:").count(), 1, "{ran}");
    assert!(
        ran.stderr.contains("2 package.json files outside the workspaces are left out, such as `packages/a/broken/package.json`")
            && ran.stderr.contains("`npm_workspace(packages = [...])`"),
        "{ran}"
    );
    let found = sandbox.run(&["discover", "--format", "json"]).expect(0).json();
    assert_eq!(found["left_out"].as_array().map(Vec::len), Some(5), "{found}");
    let text = is_taken(&sandbox);
    assert!(text.contains("name = \"bound\""), "{text}");
    assert!(!text.contains("dummy") && !text.contains("fix"), "{text}");
}

#[test]
fn an_update_obeys_declared_workspaces() {
    let sandbox = Sandbox::new();
    npm(
        &sandbox,
        ".",
        "root",
        "0.0.0",
        ", \"private\": true, \"workspaces\": [\"packages/*\"]",
    );
    for name in ["a", "b"] {
        npm(&sandbox, &format!("packages/{name}"), name, "1.0.0", "");
        npm(
            &sandbox,
            &format!("packages/{name}/test/fixtures/x"),
            "fix",
            "1.0.0",
            "",
        );
    }
    let load = "load(\"@releasekit//rules/npm.star\", \"npm_workspace\")\n";
    sandbox.write("RELEASE.star", format!("{load}npm_workspace(name = \"w\")\n"));
    sandbox.begin();
    let text = sandbox.run(&["generate", "--update"]).expect(0).stdout;
    assert!(text.contains("name = \"b\"") && !text.contains("fix"), "{text}");
    sandbox.write(
        "RELEASE.star",
        format!("{load}npm_workspace(name = \"w\", packages = [\"packages/a\"])\n"),
    );
    let text = sandbox.run(&["generate", "--update"]).expect(0).stdout;
    assert!(
        text.contains("name = \"a\"") && !text.contains("name = \"b\""),
        "{text}"
    );
}

#[test]
fn declared_members_count_below_a_hidden_folder_too() {
    let sandbox = Sandbox::new();
    npm(
        &sandbox,
        ".tools",
        "root",
        "0.0.0",
        ", \"private\": true, \"workspaces\": [\"packages/*\"]",
    );
    for name in ["a", "b"] {
        npm(&sandbox, &format!(".tools/packages/{name}"), name, "1.0.0", "");
    }
    let declared = "packages = [\"packages/a\"]";
    sandbox.write(
        "RELEASE.star",
        format!(
            "load(\"@releasekit//rules/npm.star\", \"npm_workspace\")\n\
             npm_workspace(name = \"w\", root = \".tools\", {declared})\n"
        ),
    );
    sandbox.begin();
    let text = sandbox.run(&["generate"]).expect(0).stdout;
    assert!(text.contains(declared), "{text}");
}

#[test]
fn different_versions_under_tags_that_name_nobody_stay_different() {
    let sandbox = Sandbox::new();
    npm(
        &sandbox,
        ".",
        "root",
        "0.0.0",
        ", \"private\": true, \"workspaces\": [\"a\", \"b\", \"c\"]",
    );
    for (name, version) in [("a", "0.4.0"), ("b", "1.0.0"), ("c", "0.3.33")] {
        npm(&sandbox, name, name, version, "");
    }
    sandbox.begin();
    sandbox.git(&["tag", "0.3.33"]);
    let text = is_taken(&sandbox);
    let trains = text.split("release_train(\n    name = \"").skip(1);
    for name in trains.filter_map(|rest| rest.split('"').next()) {
        let planned = sandbox
            .run(&["version", "--train", name, "--format", "json"])
            .expect(0)
            .json();
        for package in planned["packages"].as_array().expect("packages") {
            let next = match package["name"].as_str() {
                Some("a") => "0.4.0",
                Some("b") => "1.0.0",
                _ => "0.3.33",
            };
            assert_eq!(package["next"], next, "{planned}");
        }
    }
    let _ = sandbox.run(&["check"]).expect(0);
}

#[test]
fn a_configuration_that_would_be_refused_is_not_written() {
    let sandbox = Sandbox::new();
    npm(&sandbox, ".", "a b", "1.0.0", "");
    sandbox.begin();
    let shown = sandbox.run(&["generate"]).expect(0);
    assert!(shown.stderr.contains("would be refused"), "{shown}");
    let refused = sandbox.run(&["generate", "--write"]).expect(3);
    assert!(refused.stderr.contains("cannot be tagged"), "{refused}");
    assert!(!sandbox.path("RELEASE.star").exists());
}

#[test]
fn one_thing_in_two_ecosystems_has_one_version() {
    let sandbox = Sandbox::of(
        r#"
        //- package.json
        {"name": "root", "version": "0.0.0", "private": true}
        //- pnpm-workspace.yaml
        packages: ["packages/*"]
        //- packages/a/package.json
        {"name": "a", "version": "1.0.0"}
        //- packages/a/pyproject.toml
        [project]
        name = "a"
        version = "1.0.0"
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        //- pyproject.toml
        [project]
        name = "ws"
        version = "0"
        classifiers = ["Private :: Do Not Upload"]
        [tool.uv.workspace]
        members = ["packages/*"]
        "#,
    );
    sandbox.begin();
    sandbox.git(&["tag", "a@1.0.0"]);
    let text = is_taken(&sandbox);
    assert!(text.contains("tag_format = \"{name}@{version}\""), "{text}");
    assert!(
        text.contains("name = \"a\",\n    versioning = \"fixed\""),
        "{text}"
    );
    let planned = sandbox.run(&["version", "--format", "json"]).expect(0).json();
    for package in planned["packages"].as_array().expect("packages") {
        assert_eq!(package["current"], "1.0.0", "{planned}");
    }
}

#[test]
fn plans_and_tags_of_other_tools_go_on() {
    let sandbox = Sandbox::new();
    npm(
        &sandbox,
        ".",
        "root",
        "0.0.0",
        ", \"private\": true, \"workspaces\": [\"packages/*\"]",
    );
    npm(&sandbox, "packages/a", "@x/a", "1.0.0", "");
    npm(&sandbox, "packages/b", "b", "2.0.0", "");
    sandbox.write(".changeset/config.json", "{}\n");
    sandbox.write(".changeset/README.md", "Changesets\n");
    sandbox.begin();
    sandbox.git(&["tag", "a-v1.0.0"]);
    sandbox.git(&["tag", "b-v2.0.0"]);
    sandbox.write(".changeset/new.md", "---\n\"@x/a\": minor\n---\n\nWider.\n");
    sandbox.commit("chore: plan");
    let text = is_taken(&sandbox);
    assert!(text.contains("plans_dir = \".changeset\""), "{text}");
    assert!(text.contains("tag_format = \"{unscoped}-v{version}\""), "{text}");
    let planned = sandbox.run(&["version", "--format", "json"]).expect(0).json();
    assert_eq!(planned["packages"][0]["next"], "1.1.0", "{planned}");
    assert_eq!(planned["packages"][0]["tag"], "a-v1.1.0", "{planned}");
    assert_eq!(planned["packages"][1]["next"], "2.0.0", "{planned}");
}

#[test]
fn what_cannot_be_released_as_it_is_written_is_told() {
    let sandbox = Sandbox::of(
        r#"
        //- po/pyproject.toml
        [tool.poetry]
        name = "po"
        version = "1.2.0"
        //- called/pyproject.toml
        [project]
        name = "called"
        dynamic = ["version"]
        [build-system]
        requires = ["pdm-backend"]
        build-backend = "pdm.backend"
        [tool.pdm.version]
        source = "call"
        getter = "called:version"
        //- web/package.json
        {"name": "web", "main": "web.js"}
        //- core/package.json
        {"name": "core", "version": "1.0.0", "main": "core.js"}
        "#,
    );
    sandbox.begin();
    let ran = sandbox.run(&["generate", "--write"]).expect(0);
    for told in [
        "`po/pyproject.toml` has [tool.poetry] and no [project]",
        "`called/pyproject.toml` lacks a version that can be read (called/pyproject.toml:8: a function computes it)",
        "`web/package.json` lacks `version`",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {ran}");
    }
    let text = sandbox.read("RELEASE.star");
    assert!(
        text.contains("\"core\"") && !text.contains("\"called\""),
        "{text}"
    );
    std::fs::remove_file(sandbox.path("RELEASE.star")).expect("it was there");
    let found = sandbox.run(&["discover"]).expect(0);
    assert!(found.stdout.contains("lacks `version`"), "{found}");
    assert!(
        found.stderr.contains("`po/pyproject.toml` has [tool.poetry]"),
        "{found}"
    );
    // Nobody makes up a number for it.
    sandbox.write(
        "RELEASE.star",
        "load(\"@releasekit//rules/uv.star\", \"uv_package\")\nuv_package(name = \"called\")\n",
    );
    let refused = sandbox.run(&["version"]).expect(3);
    assert!(
        refused.stderr.contains("lacks a version that can be read"),
        "{refused}"
    );
}
