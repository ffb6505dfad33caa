//! Next versions, asked for on the command line: strategies, channels, and what a person sets.

use harness::{Ran, Sandbox, require_tool};

/// A Python package called `reed`, released as 1.1.0 from its first commit, and a configuration with these lines
/// inside its train.
fn repository(train: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"reed\"\nversion = \"1.1.0\"\n\n[build-system]\nrequires = []\n\
         build-backend = \"none\"\n",
    );
    sandbox.write("RELEASE.star", star(train));
    sandbox.begin();
    sandbox.git(&["tag", "v1.1.0"]);
    sandbox
}

fn star(train: &str) -> String {
    format!(
        "load(\"@releasekit//rules/train.star\", \"release_train\")\n\
         load(\"@releasekit//rules/uv.star\", \"uv_package\")\n\n\
         print(\"evaluated\")\nuv_package(name = \"reed\")\n\n\
         def strategy(package):\n    print(\"asked about\", package.name)\n    big = [c for c in package.commits if len(c.paths) > 1]\n    \
         return later(package) if big else None\n\n\
         release_train(\n    name = \"default\",\n    tag_format = \"v{{version}}\",\n    {train}\n)\n\n\
         def later(package):\n    return \"major\" if package.version == \"1.1.0\" else \"9.9.9\"\n"
    )
}

fn change(sandbox: &Sandbox, message: &str) {
    let text = std::fs::read_to_string(sandbox.path("reed.py")).unwrap_or_default();
    sandbox.write("reed.py", format!("{text}# {message}\n"));
    sandbox.commit(message);
}

/// The version that would be released next.
fn next(sandbox: &Sandbox, flags: &[&str]) -> String {
    let args = [&["version", "--format", "json"], flags].concat();
    let answer = sandbox.run(&args).expect(0).json();
    answer["packages"][0]["next"]
        .as_str()
        .expect("a version")
        .to_owned()
}

/// Tags what would be released, as a release does.
fn release(sandbox: &Sandbox, flags: &[&str]) -> String {
    let next = next(sandbox, flags);
    sandbox.git(&["tag", &format!("v{next}")]);
    next
}

#[test]
fn a_second_candidate_stays_on_its_version_whatever_landed() {
    let sandbox = repository("");
    change(&sandbox, "feat: one");
    assert_eq!(next(&sandbox, &[]), "1.2.0");
    assert_eq!(release(&sandbox, &["--channel", "rc"]), "1.2.0-rc.1");
    assert_eq!(
        next(&sandbox, &["--channel", "rc"]),
        "1.2.0-rc.1",
        "nothing landed since"
    );
    for (number, message) in ["fix: two", "feat: three", "feat!: four"].into_iter().enumerate() {
        change(&sandbox, message);
        let expected = format!("1.2.0-rc.{}", number + 2);
        assert_eq!(release(&sandbox, &["--channel", "rc"]), expected, "{message}");
    }
    let warned = sandbox.run(&["version", "--channel", "latest"]).expect(0);
    assert!(warned.stdout.contains("1.2.0"), "{warned}");
    assert!(
        warned.stderr.contains("feat!: four"),
        "a breaking change is named: {warned}"
    );
    assert_eq!(release(&sandbox, &["--channel", "latest"]), "1.2.0");
    assert_eq!(next(&sandbox, &[]), "1.2.0", "all of it is released");
}

#[test]
fn candidates_escalate_and_never_go_back() {
    let sandbox = repository("");
    change(&sandbox, "fix: one");
    assert_eq!(release(&sandbox, &["--prerelease", "alpha"]), "1.1.1-alpha.1");
    change(&sandbox, "fix: two");
    assert_eq!(release(&sandbox, &["--channel", "beta"]), "1.1.1-beta.1");
    change(&sandbox, "fix: three");
    let refused = sandbox.run(&["version", "--channel", "alpha"]).expect(3);
    assert!(refused.stderr.contains("1.1.1-beta.1"), "{refused}");
    assert!(refused.stderr.contains("hint:"), "{refused}");
}

#[test]
fn branches_feed_channels() {
    let sandbox = repository("");
    let star = format!(
        "{}branch_channel(branch = \"next/*\", channel = \"next\")\n\
         branch_channel(branch = \"night\", channel = \"nightly\")\n",
        sandbox.read("RELEASE.star")
    );
    sandbox.write("RELEASE.star", star);
    change(&sandbox, "feat: one");
    assert_eq!(next(&sandbox, &[]), "1.2.0");
    sandbox.git(&["checkout", "--quiet", "-b", "next/2"]);
    assert_eq!(next(&sandbox, &[]), "1.2.0-next.1");
    sandbox.git(&["checkout", "--quiet", "-b", "night"]);
    let mut command = sandbox.command(&["version", "--format", "json"]);
    command.env("SOURCE_DATE_EPOCH", "1767355200");
    let answer = harness::Running::start(command).finish().expect(0).json();
    assert_eq!(answer["packages"][0]["next"], "1.2.0-nightly.20260102");
}

#[test]
fn a_person_has_the_last_word() {
    let sandbox = repository("");
    change(&sandbox, "fix: one");
    assert_eq!(next(&sandbox, &["--set", "reed=3.0.0"]), "3.0.0");
    let low: Ran = sandbox.run(&["version", "--set", "reed=1.0.0"]).expect(3);
    assert!(low.stderr.contains("1.1.0"), "{low}");
    let unknown = sandbox.run(&["version", "--set", "red=3.0.0"]).expect(2);
    assert!(unknown.stderr.contains("did you mean `reed`?"), "{unknown}");
    let malformed = sandbox.run(&["version", "--set", "reed"]).expect(2);
    assert!(malformed.stderr.contains("PACKAGE=VERSION"), "{malformed}");
}

#[test]
fn a_function_may_decide() {
    let sandbox = repository("version_strategy = strategy,");
    change(&sandbox, "feat: one file");
    assert_eq!(next(&sandbox, &[]), "1.1.0", "the function said None");
    sandbox.write("other.py", "");
    change(&sandbox, "docs: two files");
    assert_eq!(release(&sandbox, &[]), "2.0.0");
    sandbox.write("third.py", "");
    change(&sandbox, "docs: two files again");
    assert_eq!(next(&sandbox, &[]), "9.9.9");
    let asked = sandbox.run(&["version"]).expect(0);
    for said in ["evaluated", "asked about reed"] {
        assert_eq!(asked.stderr.matches(said).count(), 1, "{asked}");
    }
}

#[test]
fn the_calendar_may_decide() {
    let sandbox = repository("version_strategy = calendar(\"YYYY.MM.MICRO\"),");
    change(&sandbox, "fix: one");
    let on = |seconds: &str| {
        let mut command = sandbox.command(&["version", "--format", "json"]);
        command.env("SOURCE_DATE_EPOCH", seconds);
        let answer = harness::Running::start(command).finish().expect(0).json();
        answer["packages"][0]["next"]
            .as_str()
            .expect("a version")
            .to_owned()
    };
    assert_eq!(on("1767355200"), "2026.1.0");
    sandbox.git(&["tag", "v2026.1.0"]);
    change(&sandbox, "fix: two");
    assert_eq!(on("1767355200"), "2026.1.1");
    assert_eq!(on("1770033600"), "2026.2.0");
}

#[test]
fn status_says_where_manifest_tags_and_registry_disagree() {
    let sandbox = repository("registry = \"directory:out\",");
    let status = |sandbox: &Sandbox| {
        sandbox.run(&["status", "--format", "json"]).expect(0).json()["packages"][0].clone()
    };
    let clean = status(&sandbox);
    assert_eq!(
        (&clean["tag"], &clean["registry"]),
        (&"v1.1.0".into(), &serde_json::Value::Null)
    );
    assert_eq!(clean["mismatch"], serde_json::Value::Null, "{clean}");
    sandbox.edit("pyproject.toml", "1.1.0", "1.0.0");
    let behind = status(&sandbox)["mismatch"].to_string();
    assert!(behind.contains("behind the tag 1.1.0"), "{behind}");
    sandbox.edit("pyproject.toml", "1.0.0", "1.1.0");
    sandbox.write("out/pypi/simple/reed/index.html", published("1.2.0"));
    let ahead = status(&sandbox);
    assert_eq!(ahead["registry"], "1.2.0", "{ahead}");
    assert!(
        ahead["mismatch"].to_string().contains("1.2.0 is published"),
        "{ahead}"
    );
}

/// A page of the index as a release writes it.
fn published(version: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head></head><body>\n<a \
         href=\"../../files/reed-{version}-py3-none-any.whl#sha256={}\">reed-{version}-py3-none-any.whl</a><br>\n\
         </body></html>\n",
        "0".repeat(64)
    )
}

#[test]
fn a_plan_says_what_it_does_with_every_package() {
    if !require_tool("npm") {
        return;
    }
    let sandbox = Sandbox::new();
    let names = ["changed", "dependent", "resting", "skipped", "released"];
    for name in names {
        let needs = if name == "dependent" {
            "\"changed\": \"^1.0.0\""
        } else {
            ""
        };
        let manifest =
            format!("{{\"name\": \"{name}\", \"version\": \"1.0.0\", \"dependencies\": {{{needs}}}}}\n");
        sandbox.write(&format!("{name}/package.json"), manifest);
    }
    sandbox.write(
        "private/package.json",
        "{\"name\": \"private\", \"version\": \"1.0.0\", \"private\": true}\n",
    );
    sandbox.write(
        "package.json",
        "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"*\"]}\n",
    );
    sandbox.write(
        "RELEASE.star",
        "load(\"@releasekit//rules/npm.star\", \"npm_package\", \"npm_workspace\")\n\
         npm_workspace(name = \"w\")\n\
         [npm_package(name = n, skip = n == \"skipped\") for n in \
         [\"changed\", \"dependent\", \"resting\", \"skipped\", \"released\"]]\n",
    );
    sandbox.begin();
    for name in names.iter().filter(|name| **name != "released") {
        sandbox.git(&["tag", &format!("{name}/v1.0.0")]);
    }
    sandbox.write("changed/index.js", "1\n");
    sandbox.commit("feat: one");
    sandbox.git(&["tag", "released/v1.0.0"]);
    let plan = sandbox.run(&["plan", "--format", "json"]).expect(0).json();
    let packages = plan["packages"].as_array().expect("a list");
    let mut told: Vec<String> = packages
        .iter()
        .map(|one| {
            let word = |field: &str| one[field].as_str().expect("a text").to_owned();
            format!(
                "{} {} {} {}",
                word("name"),
                word("status"),
                word("next"),
                one["level"]
            )
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "changed included 1.1.0 0",
            "dependent dependency_only 1.0.1 1",
            "private publish_excluded 1.0.0 0",
            "released already_published 1.0.0 0",
            "resting skipped 1.0.0 0",
            "root publish_excluded 0.0.0 0",
            "skipped excluded 1.0.0 0",
        ],
        "{plan}"
    );
    assert_eq!(plan["summary"]["included"], 1, "{plan}");
    let order = |name: &str| {
        let one = packages
            .iter()
            .find(|one| one["name"] == name)
            .expect("it is there");
        one["order"].as_u64().expect("a number")
    };
    assert!(order("changed") < order("dependent"), "{plan}");
}

#[test]
fn a_snapshot_is_tried_here_and_published_nowhere() {
    if !require_tool("npm") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("package.json", "{\"name\": \"reed\", \"version\": \"1.0.0\"}\n");
    sandbox.write(
        "RELEASE.star",
        "load(\"@releasekit//rules/npm.star\", \"npm_package\")\nnpm_package(name = \"reed\")\n",
    );
    sandbox.begin();
    let refused = sandbox.run(&["publish", "--channel", "snapshot"]).expect(4);
    assert!(
        refused.stderr.contains("never published") && refused.stderr.contains("--to-directory"),
        "{refused}"
    );
    let folder = sandbox.registry().to_string_lossy().into_owned();
    let args = [
        "publish",
        "--channel",
        "snapshot",
        "--to-directory",
        &folder,
        "--format",
        "json",
    ];
    let mut command = sandbox.command(&args);
    command.env("SOURCE_DATE_EPOCH", "1767355200");
    let done = harness::Running::start(command).finish().expect(0).json();
    assert_eq!(
        done["published"][0]["version"], "0.0.0-snapshot.20260102120000",
        "{done}"
    );
    assert_eq!(sandbox.git_says(&["tag"]), "", "a snapshot has no tag");
}

#[test]
fn a_channel_that_is_none_is_no_stable_release() {
    let sandbox = repository("");
    change(&sandbox, "feat: one");
    for word in ["my_rc", "é", "rc 1", "01", "a..b", "@", ""] {
        for command in ["version", "publish"] {
            let refused = sandbox.run(&[command, "--prerelease", word]).expect(2);
            assert!(refused.stderr.contains("such as `rc`"), "{word}: {refused}");
        }
    }
    for name in ["feature/x", ""] {
        let refused = sandbox.run(&["publish", "--channel", name]).expect(2);
        assert!(refused.stderr.contains("one that works"), "{name}: {refused}");
    }
    for (name, hint) in [
        ("Beta", "did you mean `beta`?"),
        (
            "feature",
            "branch_channel(branch = \"feature\", channel = \"feature\")",
        ),
    ] {
        let refused = sandbox.run(&["version", "--channel", name]).expect(2);
        assert!(refused.stderr.contains(hint), "{name}: {refused}");
    }
    // Declared, it is one, and what is declared about it counts.
    let declared = "branch_channel(branch = \"lts/*\", channel = \"lts\")\n\
                    branch_channel(branch = \"edge\", channel = \"edge\", prerelease = \"beta\")\n";
    sandbox.write("RELEASE.star", format!("{}{declared}", star("")));
    sandbox.commit("chore: channels");
    assert_eq!(next(&sandbox, &["--channel", "lts"]), "1.2.0");
    assert_eq!(next(&sandbox, &["--channel", "edge"]), "1.2.0-beta.1");
}

#[test]
fn a_detached_head_says_no_channel() {
    let sandbox = repository("");
    let declared = "branch_channel(branch = \"main\", channel = \"beta\")\n";
    sandbox.write("RELEASE.star", format!("{}{declared}", star("")));
    change(&sandbox, "feat: one");
    assert_eq!(next(&sandbox, &[]), "1.2.0-beta.1");
    sandbox.git(&["checkout", "-q", "--detach"]);
    let released: [&[&str]; 3] = [
        &["publish", "--to-directory", "out"],
        &["plan"],
        &["tag", "--dry-run"],
    ];
    for command in released {
        let refused = sandbox.run(command).expect(3);
        assert!(refused.stderr.contains("no branch is checked out"), "{refused}");
        assert!(refused.stderr.contains("--channel"), "{refused}");
    }
    let _tagged = sandbox.run(&["tag", "--dry-run", "--channel", "beta"]).expect(0);
    assert_eq!(next(&sandbox, &["--channel", "beta"]), "1.2.0-beta.1");
    for command in ["version", "status"] {
        let warned = sandbox.run(&[command]).expect(0);
        assert!(
            warned.stderr.contains("no branch is checked out"),
            "{command}: {warned}"
        );
    }
}

#[test]
fn no_channel_promotes_whatever_the_manifest_says() {
    for manifest in ["1.1.0", "1.2.0rc1"] {
        let sandbox = repository("");
        change(&sandbox, "feat: one");
        assert_eq!(release(&sandbox, &["--channel", "rc"]), "1.2.0-rc.1");
        // As a release that commits back writes it.
        sandbox.edit(
            "pyproject.toml",
            "version = \"1.1.0\"",
            &format!("version = \"{manifest}\""),
        );
        change(&sandbox, "fix: two");
        assert_eq!(next(&sandbox, &[]), "1.2.0", "{manifest}");
        assert_eq!(next(&sandbox, &["--channel", "latest"]), "1.2.0");
        assert_eq!(next(&sandbox, &["--channel", "rc"]), "1.2.0-rc.2");
        // Ahead of every tag it is a person's word.
        sandbox.edit("pyproject.toml", &format!("\"{manifest}\""), "\"2.0.0b1\"");
        sandbox.commit("chore: a version by hand");
        assert_eq!(next(&sandbox, &[]), "2.0.0-beta.1");
        assert_eq!(next(&sandbox, &["--channel", "latest"]), "2.0.0");
    }
}
