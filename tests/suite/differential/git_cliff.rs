//! `git-cliff --bumped-version` and `releasekit version` on the same conventional histories.

use harness::{Random, Sandbox, require_tool};

/// Commits that histories are made of.
const COMMITS: [&str; 13] = [
    "feat: add a thing",
    "fix(io): mend a thing",
    "docs: explain",
    "chore: tidy",
    "perf: faster",
    "refactor: turn around",
    "feat!: change all",
    "fix: mend\n\nBREAKING CHANGE: not as before",
    "test: prove it",
    "Fix: capital letter",
    "ci: run it",
    "build(deps): take 2.0",
    "fix: mend\n\nsome words\n\nRefs: #12\nReviewed-by: Somebody",
];

/// What git-cliff counts as a patch and Conventional Commits leave to nobody: a type that is neither a feature nor a
/// fix, and does not break anything.
const PATCH_FOR_GIT_CLIFF_ONLY: [&str; 7] = ["docs", "chore", "refactor", "test", "ci", "build", "style"];

/// What git-cliff's default configuration passes over, even though it breaks.
const PASSED_OVER: &str = "chore(deps)!: drop the old";

fn release_star(dialect: &str) -> String {
    format!(
        "load(\"@releasekit//rules/npm.star\", \"npm_package\")\n\
         load(\"@releasekit//rules/train.star\", \"release_train\")\n\
         npm_package(name = \"reed\")\n\
         release_train(name = \"default\", tag_format = \"v{{version}}\", commits = \"{dialect}\")\n"
    )
}

/// A repository with one package that was released as `version`, and these commits since.
fn repository(version: &str, commits: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "package.json",
        format!("{{\"name\": \"reed\", \"version\": \"{version}\"}}\n"),
    );
    sandbox.write("RELEASE.star", release_star("git-cliff"));
    sandbox.begin();
    sandbox.git(&["tag", &format!("v{version}")]);
    for (number, message) in commits.iter().enumerate() {
        sandbox.write("index.js", format!("// {number}\n"));
        sandbox.commit(message);
    }
    sandbox
}

fn theirs(sandbox: &Sandbox) -> String {
    // Without a configuration in the repository, git-cliff's defaults count.
    let output = sandbox
        .tool("git-cliff")
        .arg("--bumped-version")
        .output()
        .expect("git-cliff can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let version = String::from_utf8(output.stdout).expect("a version is text");
    version.trim().trim_start_matches('v').to_owned()
}

fn ours(sandbox: &Sandbox) -> String {
    let answer = sandbox.run(&["version", "--format", "json"]).expect(0).json();
    answer["packages"][0]["next"]
        .as_str()
        .expect("a version")
        .to_owned()
}

#[test]
fn versions_agree_with_git_cliff_or_the_reason_is_known() {
    if !require_tool("git-cliff") {
        return;
    }
    let mut random = Random::new(3);
    let mut histories: Vec<Vec<&str>> = COMMITS.iter().map(|commit| vec![*commit]).collect();
    for length in [2, 3, 5, 8] {
        for _ in 0..6 {
            histories.push(
                (0..length)
                    .map(|_| COMMITS[random.index(COMMITS.len())])
                    .collect(),
            );
        }
    }
    let mut unexplained = Vec::new();
    let mut explained = 0;
    for (number, history) in histories.iter().enumerate() {
        let base = if number % 2 == 0 { "1.2.3" } else { "0.2.3" };
        let sandbox = repository(base, history);
        let theirs = theirs(&sandbox);
        let in_their_dialect = ours(&sandbox);
        if theirs != in_their_dialect {
            unexplained.push(format!(
                "{base} {history:?}: git-cliff {theirs}, ours in its dialect {in_their_dialect}"
            ));
        }
        sandbox.write("RELEASE.star", release_star("conventional"));
        let by_the_standard = ours(&sandbox);
        match reason(base, history, &theirs, &by_the_standard) {
            Some(_) => explained += 1,
            None if theirs == by_the_standard => {}
            None => unexplained.push(format!(
                "{base} {history:?}: git-cliff {theirs}, ours {by_the_standard}"
            )),
        }
    }
    assert!(unexplained.is_empty(), "\n{}", unexplained.join("\n"));
    assert!(explained > 0, "the known differences were met");
}

#[test]
fn git_cliff_passes_over_what_breaks_a_dependency() {
    if !require_tool("git-cliff") {
        return;
    }
    let sandbox = repository("1.2.3", &[PASSED_OVER]);
    assert_eq!(
        (theirs(&sandbox).as_str(), ours(&sandbox).as_str()),
        ("1.2.3", "2.0.0")
    );
}

/// Why the two differ, if it is known.
fn reason(base: &str, history: &[&str], theirs: &str, ours: &str) -> Option<&'static str> {
    let kinds = history
        .iter()
        .map(|message| message.split(['(', ':', '!']).next().unwrap_or_default());
    let is_breaking = |message: &&str| message.contains("!:") || message.contains("BREAKING");
    let only_unreleased = kinds.clone().all(|kind| PATCH_FOR_GIT_CLIFF_ONLY.contains(&kind));
    let breaks = history.iter().any(is_breaking);
    if theirs == ours {
        None
    } else if only_unreleased && !breaks && ours == base {
        Some(
            "git-cliff releases a patch for any conventional commit; the standard names features and fixes only",
        )
    } else if base.starts_with("0.") && breaks {
        Some("git-cliff leaves 0.x at the first breaking change; by default we stay there (`major_on_zero`)")
    } else {
        None
    }
}
