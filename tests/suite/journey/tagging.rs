//! `releasekit tag`: versions that packages have now, as tags on the commit that is checked out.

use harness::Sandbox;

use super::npm_packages::workspace;
use super::releases::{head, references, with_origin};

/// Two packages: one with a version of its own, one with a placeholder.
fn sandbox(train: &str) -> Sandbox {
    let packages = [("fixed", "fixed", "1.2.0"), ("dynamic", "dynamic", "0.0.0-dev")];
    workspace(&packages, &format!("release_train(name = \"default\"{train})"))
}

fn tags(sandbox: &Sandbox) -> Vec<String> {
    references(sandbox, ".git", "refs/tags")
}

#[test]
fn versions_of_manifests_are_tagged_and_nothing_is_published() {
    let sandbox = sandbox("");
    let at = head(&sandbox);
    let dry = sandbox
        .run(&["tag", "fixed", "--dry-run", "--format", "json"])
        .expect(0);
    let json = dry.json();
    assert_eq!(json["schema"], "releasekit.tag/1");
    assert_eq!(json["tags"][0]["name"], "fixed/v1.2.0");
    assert_eq!(json["tags"][0]["state"], "would be made");
    assert_eq!(tags(&sandbox), [""; 0]);

    let made = sandbox.run(&["tag", "fixed"]).expect(0);
    assert!(
        made.stdout.contains("fixed/v1.2.0") && made.stdout.contains("made"),
        "{made}"
    );
    assert_eq!(tags(&sandbox), [format!("refs/tags/fixed/v1.2.0 {at}")]);
    let again = sandbox.run(&["tag", "fixed", "--format", "json"]).expect(0);
    assert_eq!(again.json()["tags"][0]["state"], "there already");
    // A placeholder gets a version that is asked for, and no other.
    let none = sandbox.run(&["tag", "dynamic"]).expect(0);
    assert!(none.stdout.contains("No package has anything to tag"), "{none}");
    assert!(none.stderr.contains("`dynamic` has nothing to tag"), "{none}");
    let _named = sandbox.run(&["tag", "dynamic", "--version", "3.0.0"]).expect(0);
    assert!(tags(&sandbox).contains(&format!("refs/tags/dynamic/v3.0.0 {at}")));

    sandbox.write("fixed/index.js", "1\n");
    sandbox.commit("fix: one");
    let refused = sandbox.run(&["tag", "fixed"]).expect(5);
    assert!(
        refused.stderr.contains("already names commit") && refused.stderr.contains("hint:"),
        "{refused}"
    );
    let others = sandbox.run(&["tag", "--format", "json"]).expect(0);
    assert_eq!(
        others.json()["tags"][0]["state"],
        "names another commit",
        "{others}"
    );
    assert_eq!(tags(&sandbox).len(), 2);
}

#[test]
fn what_would_not_be_true_is_refused_before_the_first_tag() {
    let sandbox = sandbox(", secondary_tags = [\"{name}-{version}\"]");
    let refused = sandbox.run(&["tag", "fixed", "--version", "1.3.0"]).expect(4);
    assert!(
        refused.stderr.contains("fixed/package.json") && refused.stderr.contains("1.2.0"),
        "{refused}"
    );
    let _usage = sandbox.run(&["tag", "fixed", "--version", "one"]).expect(2);
    let unknown = sandbox.run(&["tag", "fixde"]).expect(2);
    assert!(unknown.stderr.contains("did you mean `fixed`?"), "{unknown}");
    sandbox.write(
        "fixed/package.json",
        "{\"name\": \"fixed\",  \"version\": \"1.2.0\"}\n",
    );
    let dirty = sandbox.run(&["tag", "fixed"]).expect(4);
    assert!(dirty.stderr.contains("differs from the commit"), "{dirty}");
    sandbox.git(&["checkout", "--quiet", "fixed/package.json"]);

    sandbox.git(&["tag", "fixed-1.2.0"]);
    sandbox.commit("chore: on");
    let taken = sandbox.run(&["tag", "fixed"]).expect(5);
    assert!(taken.stderr.contains("`fixed-1.2.0` already names"), "{taken}");
    assert_eq!(
        tags(&sandbox).len(),
        1,
        "one was made before the other was found to be taken"
    );
}

#[test]
fn no_version_goes_back_but_where_an_older_one_is_maintained() {
    let sandbox = sandbox("");
    sandbox.git(&["branch", "maintained"]);
    sandbox.commit("feat: on");
    sandbox.git(&["tag", "fixed/v1.5.0"]);
    sandbox.commit("feat: further");
    for asked in [&["tag"][..], &["tag", "fixed", "--dry-run"]] {
        let back = sandbox.run(asked).expect(4);
        assert!(
            back.stderr.contains("`fixed/v1.5.0` leads to this commit") && back.stderr.contains("1.2.0"),
            "{back}"
        );
    }
    assert_eq!(tags(&sandbox).len(), 1);
    sandbox.git(&["checkout", "--quiet", "maintained"]);
    let _maintained = sandbox.run(&["tag", "fixed"]).expect(0);
    assert_eq!(tags(&sandbox).len(), 2);
    // What is tagged already stays what it is.
    sandbox.git(&["checkout", "--quiet", "-"]);
    let _nothing_new = sandbox.run(&["tag"]).expect(0);
    assert_eq!(tags(&sandbox).len(), 2);
}

#[test]
fn a_version_that_any_tag_names_gets_no_other() {
    let sandbox = sandbox("");
    sandbox.git(&["tag", "fixed-1.2.0"]);
    let known = |args: &[&str]| sandbox.run(&[&["tag", "--format", "json"], args].concat());
    // On this very commit: there is nothing left to do.
    let here = known(&["fixed"]).expect(0).json();
    assert_eq!(here["tags"][0]["state"], "tagged as fixed-1.2.0");
    // On another one: what was committed since is not part of it.
    sandbox.write("fixed/index.js", "1\n");
    sandbox.commit("fix: one");
    let there = known(&[]).expect(0).json();
    let lines = there["tags"].as_array().expect("a list");
    let line = lines
        .iter()
        .find(|line| line["package"] == "fixed")
        .expect("a line");
    assert_eq!(line["state"], "tagged as fixed-1.2.0", "{there}");
    let refused = known(&["fixed"]).expect(5);
    assert!(
        refused.stderr.contains("`fixed-1.2.0` already names commit"),
        "{refused}"
    );
    assert!(!tags(&sandbox).iter().any(|tag| tag.contains("fixed/v1.2.0")));
    let status = sandbox.run(&["status", "--format", "json"]).expect(0).json();
    let packages = status["packages"].as_array().expect("a list");
    let fixed = packages
        .iter()
        .find(|package| package["name"] == "fixed")
        .expect("a row");
    assert_eq!(
        (&fixed["next"], &fixed["unreleased_commits"]),
        (&"1.2.1".into(), &1.into()),
        "{status}"
    );
}

#[test]
fn a_name_in_two_ecosystems_has_one_tag_where_it_has_one_version() {
    let sandbox = Sandbox::of(
        "
        //- RELEASE.star
        load(\"@releasekit//rules/npm.star\", \"npm_package\")
        load(\"@releasekit//rules/uv.star\", \"uv_package\")
        load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")

        npm_package(name = \"a\")
        uv_package(name = \"a\")
        release_train(name = \"default\", tag_format = \"{name}@{version}\")
        //- package.json
        {\"private\": true, \"workspaces\": [\"a\"]}
        //- a/package.json
        {\"name\": \"a\", \"version\": \"1.0.0\"}
        //- a/pyproject.toml
        [project]
        name = \"a\"
        version = \"1.0.0\"
        [build-system]
        requires = []
        build-backend = \"none\"
        ",
    );
    sandbox.begin();
    let refused = sandbox.run(&["version"]).expect(3);
    let hint =
        "put both into one group with `versioning = \"fixed\"`: one version, one tag; or put `{ecosystem}`";
    assert!(refused.stderr.contains(hint), "{refused}");
    let group = "release_group(name = \"a\", packages = [\"a\"], versioning = \"fixed\")\nrelease_train(";
    sandbox.edit("RELEASE.star", "release_train(", group);
    sandbox.commit("chore: one version");
    let made = sandbox.run(&["tag", "--format", "json"]).expect(0).json();
    assert_eq!(made["tags"].as_array().map(Vec::len), Some(1), "{made}");
    assert_eq!(made["tags"][0]["name"], "a@1.0.0");
    sandbox.write("a/index.js", "1\n");
    sandbox.commit("feat: one");
    let next = sandbox.run(&["version", "--format", "json"]).expect(0).json();
    let next: Vec<&str> = next["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["next"].as_str())
        .collect();
    assert_eq!(next, ["1.1.0", "1.1.0"]);
}

#[test]
fn releases_that_come_from_pull_requests_are_not_tagged_by_hand() {
    let sandbox = sandbox(", releases_from = \"pull-requests\"");
    let refused = sandbox.run(&["tag", "fixed", "--dry-run"]).expect(4);
    assert!(refused.stderr.contains("merged pull requests only"), "{refused}");
    assert_eq!(tags(&sandbox), [""; 0]);
}

#[test]
fn tags_are_pushed_where_that_is_asked_for() {
    let sandbox = sandbox("");
    let nowhere = sandbox.run(&["tag", "fixed", "--push"]).expect(3);
    assert!(nowhere.stderr.contains("no remote called `origin`"), "{nowhere}");
    let origin = with_origin(&sandbox);
    sandbox.git(&["tag", "private"]);
    let pushed = sandbox
        .run(&["tag", "fixed", "--push", "--format", "json"])
        .expect(0);
    assert_eq!(pushed.json()["pushed_to"], origin);
    let at = head(&sandbox);
    assert_eq!(
        references(&sandbox, &origin, "refs/tags"),
        [format!("refs/tags/fixed/v1.2.0 {at}")]
    );

    sandbox.git(&["tag", "--delete", "fixed/v1.2.0"]);
    sandbox.commit("chore: on");
    let taken = sandbox.run(&["tag", "fixed", "--push"]).expect(5);
    assert!(taken.stderr.contains("already names commit"), "{taken}");
    assert_eq!(tags(&sandbox).len(), 1, "made although it is another one there");
}

#[test]
fn a_release_as_a_whole_is_tagged_with_its_packages() {
    let one = sandbox(", umbrella_tag = \"all-{version}\", umbrella_package = \"fixed\"");
    let at = head(&one);
    let _made = one.run(&["tag"]).expect(0);
    let both = ["all-1.2.0", "fixed/v1.2.0"].map(|tag| format!("refs/tags/{tag} {at}"));
    assert_eq!(tags(&one), both);
    let again = one.run(&["tag", "--format", "json"]).expect(0);
    let json = again.json();
    for at in 0..2 {
        assert_eq!(json["tags"][at]["state"], "there already", "{again}");
    }

    let nobody = sandbox(", umbrella_tag = \"all-{version}\", umbrella_package = \"fxied\"");
    let refused = nobody.run(&["tag", "--dry-run"]).expect(3);
    assert!(
        refused.stderr.contains("there is no such package") && refused.stderr.contains("RELEASE.star:"),
        "{refused}"
    );
}

#[test]
fn a_tag_that_git_cannot_keep_is_found_before_the_first_is_made() {
    let sandbox = sandbox(", secondary_tags = [\"v{version}-{name}\"]");
    sandbox.git(&["tag", "fixed"]);
    for args in [&["tag", "--dry-run"][..], &["tag"]] {
        let refused = sandbox.run(args).expect(4);
        let beside = "there cannot be a tag `fixed/v1.2.0` beside `fixed`";
        assert!(refused.stderr.contains(beside), "{refused}");
    }
    assert_eq!(tags(&sandbox).len(), 1);
}
