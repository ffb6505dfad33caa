//! Several trains in one repository, packages that none of them takes, and configurations that declare nobody.

use harness::{Sandbox, require_tool};

use super::releases::{head, references};

/// `api` is stable and tagged `v1.9.0`; `sdk` needs it, is experimental and tagged `experimental/v0.2.0`; `tool` is not
/// declared, and the root is private.
fn repository() -> Sandbox {
    let sandbox = Sandbox::of(
        r#"
        //- .gitignore
        /.releasekit/
        //- RELEASE.star
        load("@releasekit//rules/npm.star", "npm_package", "npm_workspace")
        load("@releasekit//rules/train.star", "release_group", "release_train")

        npm_workspace(name = "js", root = "")
        npm_package(name = "api", group = "stable")
        npm_package(name = "sdk", group = "experimental")
        release_group(name = "stable")
        release_group(name = "experimental")
        release_train(name = "stable", groups = ["stable"], tag_format = "v{version}")
        release_train(
            name = "experimental",
            groups = ["experimental"],
            tag_format = "experimental/v{version}",
        )
        //- package.json
        {"name": "root", "private": true, "version": "0.0.0", "workspaces": ["api", "sdk", "tool"]}
        //- api/package.json
        {"name": "api", "version": "1.9.0"}
        //- sdk/package.json
        {"name": "sdk", "version": "0.2.0", "dependencies": {"api": "^1.9.0"}}
        //- tool/package.json
        {"name": "tool", "version": "7.0.0"}
        "#,
    );
    sandbox.begin();
    sandbox.git(&["tag", "v1.9.0"]);
    sandbox.git(&["tag", "experimental/v0.2.0"]);
    sandbox
}

fn change(sandbox: &Sandbox, file: &str, message: &str) {
    sandbox.write(file, message);
    sandbox.commit(message);
}

/// `api 1.10.0`, for every package that is shown.
fn versions(sandbox: &Sandbox, train: &str) -> Vec<String> {
    let ran = sandbox
        .run(&["version", "--train", train, "--format", "json"])
        .expect(0);
    let json = ran.json();
    let packages = json["packages"].as_array().expect("a list");
    let word = |package: &serde_json::Value, field: &str| package[field].as_str().unwrap_or("-").to_owned();
    let one = |package| format!("{} {}", word(package, "name"), word(package, "next"));
    packages.iter().map(one).collect()
}

#[test]
fn every_train_sees_its_own_packages_and_tags() {
    let sandbox = repository();
    change(&sandbox, "tool/a.js", "feat: a tool");
    change(&sandbox, "api/a.js", "feat: wide banners");
    assert_eq!(versions(&sandbox, "stable"), ["api 1.10.0"]);
    assert_eq!(versions(&sandbox, "experimental"), ["sdk 0.2.0"]);

    let status = sandbox.run(&["status", "--format", "json"]).expect(0).json();
    let packages = status["packages"].as_array().expect("a list");
    let shown: Vec<[&str; 4]> = packages
        .iter()
        .map(|package| ["name", "tag", "next", "state"].map(|field| package[field].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        shown,
        [
            ["api", "v1.9.0", "1.10.0", "to be released"],
            ["root", "-", "-", "not released"],
            ["sdk", "experimental/v0.2.0", "0.2.0", "nothing to release"],
            ["tool", "-", "-", "not released"],
        ]
    );
    assert_eq!(
        (&packages[1]["why_not"], &packages[3]["why_not"]),
        (&"private".into(), &"not declared".into())
    );
    let words = sandbox.run(&["status", "--set", "sdk=0.9.0"]).expect(0);
    assert!(
        words.stdout.contains("not released (not declared)") && words.stdout.contains("0.9.0"),
        "{words}"
    );
    let one = sandbox.run(&["status", "--train", "stable"]).expect(0);
    assert!(one.stdout.contains("api") && !one.stdout.contains("sdk"), "{one}");
    let _agree = sandbox.run(&["check"]).expect(0);
    // What was never released has nothing to be behind.
    sandbox.git(&["tag", "tool-8.0.0"]);
    let _agree = sandbox.run(&["check"]).expect(0);
    sandbox.git(&["tag", "experimental/v0.3.0"]);
    let behind = sandbox.run(&["check"]).expect(4);
    assert!(
        behind.stdout.contains("0.3.0") && behind.stdout.contains("sdk"),
        "{behind}"
    );
}

#[test]
fn every_train_is_released_by_itself() {
    if !require_tool("npm") {
        return;
    }
    let sandbox = repository();
    change(&sandbox, "api/a.js", "feat: wide banners");
    let at = head(&sandbox);
    let registry = sandbox.registry().display().to_string();
    let train =
        |command: &str, name: &str| sandbox.run(&[command, "--train", name, "--to-directory", &registry]);
    let planned = train("plan", "stable").expect(0);
    assert!(
        planned.stdout.contains("1.10.0") && !planned.stdout.contains("sdk"),
        "{planned}"
    );
    let _done = train("publish", "stable").expect(0);
    // `sdk` needs it, and follows in its own time.
    assert_eq!(versions(&sandbox, "experimental"), ["sdk 0.2.1"]);
    let notes = sandbox.run(&["changelog", "--train", "experimental"]).expect(0);
    assert!(notes.stdout.contains("### Dependencies"), "{notes}");
    let _done = train("publish", "experimental").expect(0);
    let tags = references(&sandbox, ".git", "refs/tags");
    for tag in ["v1.10.0", "experimental/v0.2.1"] {
        assert!(tags.contains(&format!("refs/tags/{tag} {at}")), "{tags:?}");
    }
    assert_eq!(versions(&sandbox, "stable"), ["api 1.10.0"]);
    sandbox.edit("api/package.json", "1.9.0", "1.11.0");
    sandbox.commit("chore: by hand");
    let made = sandbox
        .run(&["tag", "--train", "stable", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(made["tags"].as_array().map(Vec::len), Some(1), "{made}");
    assert_eq!(made["tags"][0]["name"], "v1.11.0");
}

#[test]
fn what_trains_cannot_both_have_is_refused_everywhere() {
    let sandbox = repository();
    sandbox.edit("RELEASE.star", "experimental/v{version}", "v{version}");
    for command in ["check", "status", "version"] {
        let refused = sandbox.run(&[command]).expect(3);
        assert!(refused.stderr.contains("would have the same tags"), "{refused}");
        assert!(refused.stderr.contains("the train `"), "{refused}");
    }
}

#[test]
fn a_configuration_that_declares_nobody_is_told() {
    let sandbox = repository();
    sandbox.write(
        "RELEASE.star",
        "load(\"@releasekit//rules/train.star\", \"release_train\")\n\nrelease_train(name = \"default\")\n",
    );
    sandbox.commit("chore: only a train");
    for command in [&["version"][..], &["plan"], &["status"], &["tag", "--dry-run"]] {
        let ran = sandbox.run(command).expect(0);
        let warning = "no package is declared, so nothing is released; 3 were found";
        assert_eq!(ran.stderr.matches(warning).count(), 1, "{ran}");
        assert!(
            ran.stderr.contains("RELEASE.star:3") && ran.stderr.contains("generate --update"),
            "{ran}"
        );
    }
    sandbox.write(
        "RELEASE.star",
        "load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\n\n\
         release_group(name = \"all\", packages = [\"api\"])\nrelease_train(name = \"default\", groups = [\"all\"])\n",
    );
    for command in ["version", "check"] {
        let refused = sandbox.run(&[command]).expect(3);
        let message = "group `all` holds the package `api`, which is not declared";
        assert!(
            refused.stderr.contains(message) && refused.stderr.contains("RELEASE.star:3"),
            "{refused}"
        );
        assert!(refused.stderr.contains("generate --update"), "{refused}");
    }
}
