//! One build fails: those who need it are skipped and named, all others are released, and after the fix only the rest
//! runs.

use std::collections::BTreeSet;

use harness::{Ran, listing, require_tool};

use super::python_packages::{count_builds, counted, module, workspace};

fn published(ran: &Ran) -> BTreeSet<String> {
    let report = ran.json();
    let packages = report["published"].as_array().expect("a list").iter();
    packages
        .filter_map(|package| package["name"].as_str().map(str::to_owned))
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn dependents_are_skipped_and_named_and_the_rest_is_released() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = workspace(&[
        ("reed-alone", &[]),
        ("reed-root", &[]),
        ("reed-broken", &["reed-root"]),
        ("reed-after", &["reed-broken"]),
    ]);
    let good = sandbox.read(&module("reed-broken"));
    std::fs::remove_file(sandbox.path(&module("reed-broken"))).expect("it was there");
    sandbox.commit("refactor: lose a file");
    let builds = count_builds(&sandbox);

    let failed = sandbox.publish().expect(1);
    assert_eq!(failed.json()["outcome"], "failed", "{failed}");
    assert_eq!(failed.ids("failed"), ["reed-broken:build"], "{failed}");
    let skipped = failed.ids("skipped");
    assert!(
        skipped
            .iter()
            .any(|id| id == "reed-after:publish" || id.starts_with("reed-after:")),
        "{failed}"
    );
    assert!(
        skipped
            .iter()
            .all(|id| id.starts_with("reed-broken:") || id.starts_with("reed-after:")),
        "{failed}"
    );
    assert!(
        failed.stderr.contains("reed-after"),
        "a skipped package is not named: {failed}"
    );
    assert!(
        failed.stderr.contains("reed-broken:build"),
        "the failed action is not named: {failed}"
    );
    assert_eq!(published(&failed), set(&["reed-alone", "reed-root"]), "{failed}");
    let tags = sandbox.git_says(&["tag", "--list"]);
    assert_eq!(tags, "reed-alone/v0.1.0\nreed-root/v0.1.0\n");
    let there = listing(&sandbox.registry());

    // Nothing was fixed: it fails again, and nothing else runs.
    let (_, ended) = counted(&builds);
    let same = sandbox.publish().expect(1);
    assert_eq!(counted(&builds).1, ended, "a finished build ran again: {same}");
    assert_eq!(same.count("executed"), 0, "{same}");

    sandbox.write(&module("reed-broken"), good);
    sandbox.commit("fix: bring the file back");
    let fixed = sandbox.publish().expect(0);
    let executed = fixed.ids("executed");
    let is_rest = |id: &String| id.starts_with("reed-broken:") || id.starts_with("reed-after:");
    assert!(
        executed.iter().all(is_rest),
        "more than the rest ran: {executed:?}"
    );
    assert_eq!(counted(&builds).1, ended + 2, "{fixed}");
    assert!(
        published(&fixed).is_superset(&set(&["reed-after", "reed-broken"])),
        "{fixed}"
    );
    let now = listing(&sandbox.registry());
    for (path, bytes) in there
        .iter()
        .filter(|(path, _)| path.ends_with(".whl") || path.ends_with(".gz"))
    {
        assert_eq!(now.get(path), Some(bytes), "{path} is not what it was");
    }
    assert_eq!(sandbox.git_says(&["tag", "--list"]).lines().count(), 4);
}

#[test]
fn fail_fast_starts_nothing_new() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = workspace(&[("reed-a", &[]), ("reed-b", &["reed-a"]), ("reed-c", &["reed-b"])]);
    std::fs::remove_file(sandbox.path(&module("reed-a"))).expect("it was there");
    sandbox.commit("refactor: lose a file");
    let builds = count_builds(&sandbox);
    let mut args = sandbox.publishing().to_vec();
    args.push("--fail-fast".to_owned());
    let failed = sandbox
        .run(&args.iter().map(String::as_str).collect::<Vec<_>>())
        .expect(1);
    assert_eq!(failed.count("failed"), 1, "{failed}");
    assert_eq!(counted(&builds), (1, 0), "{failed}");
    assert_eq!(published(&failed), set(&[]), "{failed}");
}
