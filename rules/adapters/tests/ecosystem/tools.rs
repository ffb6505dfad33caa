//! Next to the real tools: what they find, what they build, and whether it can be installed.

use std::collections::BTreeSet;
use std::io::Read as _;

use model::Version;

use crate::real_cargo::CARGO;
use crate::real_node::{NODE, pnpm_files};
use crate::real_uv::UV;
use crate::scratch::{Files, has, output};
use crate::tree::{Tree, discover};

pub(crate) type Table<'a> = &'a [(&'a str, &'a str)];

/// The same files with one of them replaced or added.
pub(crate) fn with<'a>(
    files: &[(&'a str, &'a str)],
    path: &'a str,
    text: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let others = files.iter().filter(|(other, _)| *other != path).copied();
    others.chain([(path, text)]).collect()
}

/// A workspace on disk, and the packages found in it as `name version path`.
pub(crate) fn on_disk(kind: &str, files: Table<'_>) -> (tempfile::TempDir, BTreeSet<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    Tree::new(files).write(folder.path());
    let found = discover(kind, files).into_iter().map(|package| {
        format!(
            "{} {} {} {}",
            package.id.name, package.version, package.path, package.private
        )
    });
    (folder, found.collect())
}

pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

pub(crate) fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("a text")
}

pub(crate) fn wheel_metadata(files: &Files) -> String {
    let (_, wheel) = files
        .iter()
        .find(|(name, _)| name.ends_with(".whl"))
        .expect("a wheel");
    let mut wheel = zip::ZipArchive::new(std::io::Cursor::new(wheel)).expect("an archive");
    let name = wheel
        .file_names()
        .find(|name| name.ends_with("/METADATA"))
        .expect("metadata")
        .to_owned();
    let mut metadata = String::new();
    wheel
        .by_name(&name)
        .expect("metadata")
        .read_to_string(&mut metadata)
        .expect("text");
    metadata
}

pub(crate) fn only(files: &Files) -> &[u8] {
    assert_eq!(files.len(), 1, "{:?}", files.keys());
    files.values().next().expect("one file")
}

#[test]
fn every_tool_says_its_version_and_nothing_of_this_machine_is_in_a_command() {
    let files = [UV, CARGO, NODE, &pnpm_files()];
    for (kind, files) in ["uv", "cargo", "npm", "pnpm"].into_iter().zip(files) {
        let ecosystem = adapters::ecosystem::standard()[kind].clone();
        let tool = ecosystem.tool();
        if has(tool.program) {
            let said = output(
                std::path::Path::new("/"),
                &[&[tool.program], tool.version_args].concat(),
            );
            assert!(said.contains('.'), "{said}");
        }
        let packages = discover(kind, files);
        let all: Vec<_> = packages.iter().collect();
        for package in &packages {
            let recipe = ecosystem.recipe(package, &Version::new(1, 0, 0), &all);
            assert_eq!(
                recipe,
                ecosystem.recipe(package, &Version::new(2, 0, 0), &all),
                "the version is pinned, not told"
            );
            assert!(recipe.command.env.contains_key("SOURCE_DATE_EPOCH"));
            assert!(
                recipe
                    .command
                    .argv
                    .iter()
                    .skip(3)
                    .all(|argument| !argument.starts_with('/'))
            );
            assert!(recipe.command.pass_env.contains("PATH"));
        }
    }
}
