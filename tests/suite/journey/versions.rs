//! Next versions, asked for on the command line: strategies, channels, and what a person sets.

use harness::{Ran, Sandbox};

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
         uv_package(name = \"reed\")\n\n\
         def strategy(package):\n    big = [c for c in package.commits if len(c.paths) > 1]\n    \
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
    let unknown = sandbox.run(&["version", "--set", "red=3.0.0"]).expect(3);
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
