//! RELEASE.star for repositories as they are: with fixtures, with names used twice, with tags of other tools.

use harness::Sandbox;

/// A manifest of npm's.
fn npm(sandbox: &Sandbox, folder: &str, name: &str, version: &str, more: &str) {
    let text = format!("{{\"name\": \"{name}\", \"version\": \"{version}\"{more}}}\n");
    sandbox.write(&format!("{folder}/package.json"), text);
}

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
