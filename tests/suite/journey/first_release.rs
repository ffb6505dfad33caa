//! From an empty registry to installed packages; then again, after a small change, and after one that changes nothing.

use std::collections::BTreeSet;

use harness::{Sandbox, listing, require_tool};

use super::installing;

const PACKAGES: [&str; 6] = [
    "@tidewords/catalog",
    "tidewords",
    "tidewords-banner",
    "tidewords-core",
    "tidewords-format",
    "tidewords-page",
];

fn names(value: &serde_json::Value) -> BTreeSet<&str> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect()
}

fn tags(sandbox: &Sandbox) -> Vec<String> {
    sandbox
        .git_says(&["tag", "--list"])
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn everything_is_published_installed_and_run_and_the_second_time_nothing_runs() {
    if !require_tool("uv") || !require_tool("npm") {
        return;
    }
    let sandbox = Sandbox::example("polyglot");
    let before = sandbox.listing();

    let first = sandbox.publish().expect(0);
    let report = first.json();
    assert_eq!(report["schema"], "releasekit.publish/1");
    assert_eq!(report["outcome"], "done");
    assert_eq!(names(&report["published"]), BTreeSet::from(PACKAGES));
    assert!(first.count("executed") >= 30, "{first}");
    assert_eq!((first.count("failed"), first.count("skipped")), (0, 0), "{first}");
    let expected: BTreeSet<String> = PACKAGES.iter().map(|name| format!("{name}/v0.1.0")).collect();
    assert_eq!(tags(&sandbox).into_iter().collect::<BTreeSet<_>>(), expected);
    assert!(
        sandbox
            .read("out/NOTICE")
            .contains("tidewords-banner: the wall it hangs on\n")
    );

    // What is reported is what is there, byte for byte.
    let there = listing(&sandbox.registry());
    for package in report["published"].as_array().expect("a list") {
        let files = package["files"].as_array().expect("a list");
        assert!(!files.is_empty(), "{package}");
        for file in files {
            let (name, sha256) = (
                file["name"].as_str().expect("a name"),
                file["sha256"].as_str().expect("a digest"),
            );
            let is_it = |path: &&String| {
                path.rsplit('/').next() == Some(name) || path.ends_with(".crate") || path.ends_with(".tgz")
            };
            let found = there
                .keys()
                .filter(is_it)
                .any(|path| cas::Digest::of(&there[path]).hex() == sha256);
            assert!(found, "{name} with {sha256} is not in the registry");
        }
    }

    // The working tree is as it was, but for what is declared to appear and what git ignores.
    let mut after = sandbox.listing();
    after.retain(|path, _| !path.starts_with(".releasekit/") && !path.starts_with("out/"));
    assert_eq!(before, after);
    assert_eq!(sandbox.git_says(&["status", "--porcelain"]), "");

    installing::with_uv(&sandbox);
    installing::with_pip(&sandbox);
    installing::with_cargo(&sandbox);
    installing::with_npm(&sandbox);

    let again = sandbox.publish().expect(0);
    assert_eq!(
        (
            again.count("executed"),
            again.count("failed"),
            again.count("skipped")
        ),
        (0, 0, 0),
        "{again}"
    );
    assert!(again.count("cached") + again.count("confirmed") >= 30, "{again}");
    assert_eq!(
        listing(&sandbox.registry()),
        there,
        "the second run changed the registry"
    );
}

#[test]
fn a_small_change_runs_only_what_depends_on_its_bytes() {
    if !require_tool("uv") || !require_tool("npm") {
        return;
    }
    let sandbox = Sandbox::example("polyglot");
    let _first = sandbox.publish().expect(0);
    let there = listing(&sandbox.registry());

    // The same bytes saved again are no change.
    sandbox.write(
        "js/packages/catalog/index.js",
        sandbox.read("js/packages/catalog/index.js"),
    );
    let saved = sandbox.publish().expect(0);
    assert_eq!(saved.count("executed"), 0, "{saved}");

    sandbox.edit(
        "js/packages/catalog/index.js",
        "fr: 'Bonjour'",
        "fr: 'Bonjour', it: 'Buongiorno'",
    );
    sandbox.commit("fix: greet in Italian");
    let second = sandbox.publish().expect(0);
    let touched = ["@tidewords/catalog", "tidewords-page"];
    let executed = second.ids("executed");
    let owner = |id: &String| {
        id.rsplit_once(':')
            .map_or(id.clone(), |(owner, _)| owner.to_owned())
    };
    for id in &executed {
        assert!(
            touched.contains(&owner(id).as_str()),
            "{id} ran, and does not depend on the change: {second}"
        );
    }
    assert!(
        executed.iter().any(|id| id == "@tidewords/catalog:build"),
        "{executed:?}"
    );
    assert!(
        names(&second.json()["published"]).contains("@tidewords/catalog"),
        "{second}"
    );
    assert!(
        tags(&sandbox).contains(&"@tidewords/catalog/v0.1.1".to_owned()),
        "{:?}",
        tags(&sandbox)
    );

    let now = listing(&sandbox.registry());
    for (path, bytes) in there
        .iter()
        .filter(|(path, _)| path.ends_with(".tgz") || path.ends_with(".whl"))
    {
        assert_eq!(now.get(path), Some(bytes), "{path} is not what it was");
    }
    let again = sandbox.publish().expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn a_change_that_makes_the_same_bytes_stops_there() {
    let sandbox = Sandbox::example("custom-actions");
    let first = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(
        (first.count("executed"), first.count("cached")),
        (4, 0),
        "{first}"
    );
    let report = "# Fruit within reach\n\napple\nblackberry\nelder\npear\nquince\n\nLongest: blackberry\n\
                  By first letter:\n 1 a\n 1 b\n 1 e\n 1 p\n 1 q\n";
    assert_eq!(sandbox.read("out/report.md"), report);

    let again = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(
        (again.count("executed"), again.count("cached")),
        (0, 4),
        "{again}"
    );

    // A word that another file has already: sorted again, to the same bytes.
    sandbox.write("words/hedge.txt", "blackberry\napple\nelder\npear\n");
    let cut_off = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(cut_off.ids("executed").len(), 1, "{cut_off}");
    assert!(cut_off.ids("executed")[0].contains("sorted"), "{cut_off}");
    assert_eq!(cut_off.count("cached"), 3, "{cut_off}");

    // A new word: everything that reads it.
    sandbox.write("words/hedge.txt", "blackberry\napple\nelder\nsloe\n");
    let changed = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(
        (changed.count("executed"), changed.count("cached")),
        (4, 0),
        "{changed}"
    );
    assert!(sandbox.read("out/report.md").contains("sloe\n"));

    // Outputs that were lost or edited come back from the cache.
    std::fs::remove_file(sandbox.path("out/report.md")).expect("it was there");
    sandbox.write("out/sorted.txt", "not sorted\n");
    let restored = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(restored.count("executed"), 0, "{restored}");
    assert!(sandbox.read("out/report.md").contains("sloe\n"));
    assert!(sandbox.read("out/sorted.txt").contains("sloe\n"));
}
