//! The top of the repository, door plates, and that no test file was forgotten.

use std::collections::BTreeSet;

use super::none;
use super::source::{SourceFile, files, paths};

/// The top of the repository, dot files aside.
const TOP: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "RELEASE.star",
    "cas",
    "cli",
    "engine",
    "examples",
    "rules",
    "tests",
];

fn top(paths: &[String]) -> BTreeSet<&str> {
    let first = paths.iter().filter_map(|path| path.split('/').next());
    first.filter(|name| !name.starts_with('.')).collect()
}

fn door_plate(file: &SourceFile) -> Option<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let has_one = first.strip_prefix("//! ").is_some_and(|plate| plate.len() > 5);
    (!has_one).then(|| format!("{}: does not open with `//!` and what it is", file.path))
}

/// The modules of the test binary that `listed` (paths of its files) has and no `mod` line names.
fn forgotten(files: &[SourceFile]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("tests/suite/")) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
        let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") else {
            continue;
        };
        let parent = if folder == "tests/suite" {
            "tests/suite/main.rs".to_owned()
        } else {
            format!("{folder}.rs")
        };
        let line = format!("mod {module};");
        let is_listed = files
            .iter()
            .any(|file| file.path == parent && file.text.lines().any(|one| one == line));
        if !is_listed {
            complaints.push(format!("{}: {parent} does not say `{line}`", file.path));
        }
    }
    complaints
}

#[test]
fn the_top_of_the_repository_is_fixed() {
    assert_eq!(top(&paths()), TOP.iter().copied().collect::<BTreeSet<_>>());
}

#[test]
fn every_file_opens_with_a_door_plate() {
    none(
        &files()
            .iter()
            .filter(|file| file.path.ends_with(".rs"))
            .filter_map(door_plate)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_test_file_is_forgotten() {
    let files = files();
    assert!(
        files.iter().any(|file| file.path == "tests/suite/main.rs"),
        "the suite is somewhere else"
    );
    none(&forgotten(&files));
}

/// The examples that no test releases.
fn untold(files: &[SourceFile]) -> BTreeSet<String> {
    let names = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("examples/")?.split_once('/'));
    let names: BTreeSet<String> = names.map(|(name, _)| name.to_owned()).collect();
    let is_told = |name: &String| {
        let call = format!("Sandbox::example(\"{name}\")");
        files
            .iter()
            .any(|file| file.path.starts_with("tests/suite/journey/") && file.text.contains(&call))
    };
    names.into_iter().filter(|name| !is_told(name)).collect()
}

#[test]
fn every_example_is_released_by_a_test() {
    assert_eq!(untold(&files()), BTreeSet::new());
}

#[test]
fn these_checks_can_complain() {
    let paths = ["cas/x", "docs/y", ".ci/run"].map(str::to_owned);
    assert_eq!(top(&paths), BTreeSet::from(["cas", "docs"]));
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    assert!(door_plate(&file("a.rs", "use x;\n//! late\n")).is_some());
    assert!(door_plate(&file("a.rs", "//! What it is.\n")).is_none());
    let main = file("tests/suite/main.rs", "mod journey;\n");
    let journey = file("tests/suite/journey.rs", "mod crash;\n");
    let there = file("tests/suite/journey/crash.rs", "");
    let lost = file("tests/suite/journey/lost.rs", "");
    assert_eq!(forgotten(&[main, journey, there, lost]).len(), 1);
    let lonely = file("examples/lonely/RELEASE.star", "");
    assert_eq!(untold(&[lonely]), BTreeSet::from(["lonely".to_owned()]));
}
