//! npm's dist-tags after real releases, packed by npm and pnpm.

use harness::{Sandbox, copy_tree, require_tool};
use serde_json::Value;

/// One package whose train releases to `channel`.
fn repository(ecosystem: &str, version: &str) -> Sandbox {
    let sandbox = Sandbox::of(&format!(
        r#"
        //- RELEASE.star
        load("@releasekit//rules/{ecosystem}.star", "{ecosystem}_package", "{ecosystem}_workspace")
        load("@releasekit//rules/train.star", "release_train")
        {ecosystem}_workspace(name = "js", root = "")
        {ecosystem}_package(name = "core")
        release_train()
        //- package.json
        {{"private": true, "workspaces": ["core"]}}
        //- pnpm-workspace.yaml
        packages: [core]
        //- core/package.json
        {{"name": "core", "version": "{version}"}}
        //- .gitignore
        /.releasekit/
        "#
    ));
    sandbox.begin();
    sandbox
}

fn tags(sandbox: &Sandbox) -> Value {
    let text = std::fs::read_to_string(sandbox.registry().join("npm/core/index.json")).expect("an index");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    index["dist-tags"].clone()
}

/// Releases a version, as the manifest says it.
fn release(sandbox: &Sandbox, from: &str, to: &str, code: i32) -> harness::Ran {
    sandbox.edit("core/package.json", from, to);
    sandbox.commit("chore: another version");
    sandbox.publish().expect(code)
}

#[test]
fn releases_move_latest_and_pre_releases_do_not() {
    for ecosystem in ["npm", "pnpm"] {
        if !require_tool(ecosystem) {
            continue;
        }
        let sandbox = repository(ecosystem, "1.0.0");
        let _first = sandbox.publish().expect(0);
        assert_eq!(tags(&sandbox), serde_json::json!({"latest": "1.0.0"}));

        let _beta = release(&sandbox, "1.0.0", "1.1.0-beta.1", 0);
        assert_eq!(
            tags(&sandbox),
            serde_json::json!({"latest": "1.0.0", "beta": "1.1.0-beta.1"})
        );

        let _next = release(&sandbox, "1.1.0-beta.1", "1.1.0", 0);
        assert_eq!(
            tags(&sandbox),
            serde_json::json!({"latest": "1.1.0", "beta": "1.1.0-beta.1"})
        );
        let again = sandbox.publish().expect(0);
        assert_eq!(again.count("executed"), 0, "{again}");
        assert_eq!(tags(&sandbox)["latest"], "1.1.0");
    }
}

#[test]
fn an_older_line_needs_a_channel_of_its_own() {
    if !require_tool("npm") {
        return;
    }
    let newest = repository("npm", "2.0.0");
    let _newest = newest.publish().expect(0);
    let sandbox = repository("npm", "1.5.0");
    copy_tree(&newest.registry(), &sandbox.registry());
    let refused = sandbox.publish().expect(1);
    assert!(
        refused.stderr.contains("`latest` is 2.0.0") && refused.stderr.contains("`release-1.x`"),
        "{refused}"
    );
    assert_eq!(tags(&sandbox), serde_json::json!({"latest": "2.0.0"}));

    sandbox.edit(
        "RELEASE.star",
        "release_train()",
        "release_train(channel = \"release-1.x\")",
    );
    sandbox.commit("chore: a channel of its own");
    let done = sandbox.publish().expect(0);
    assert_eq!(
        tags(&sandbox),
        serde_json::json!({"latest": "2.0.0", "release-1.x": "1.5.0"}),
        "{done}"
    );
}
