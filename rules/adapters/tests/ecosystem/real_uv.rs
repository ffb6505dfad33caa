//! uv itself agrees on what is found, builds what is pinned, and installs it.

use std::collections::BTreeSet;

use model::PinStrategy;

use crate::scratch::{Bench, has, output};
use crate::tools::{Table, on_disk, wheel_metadata, with};

pub(crate) const UV: Table<'_> = &[
    (
        "pyproject.toml",
        "[tool.uv.workspace]\nmembers = [\"libs/*\"]\nexclude = [\"libs/old\"]\n",
    ),
    (
        "libs/core/pyproject.toml",
        "[project]\nname = \"acme-core\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\n[build-system]\nrequires = [\"uv_build>=0.5,<99\"]\nbuild-backend = \"uv_build\"\n",
    ),
    ("libs/core/src/acme_core/__init__.py", "WORD = 'core'\n"),
    (
        "libs/app/pyproject.toml",
        "[project]\nname = \"acme_app\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"Acme_Core>=0.1; python_version > '3'\"]\n[build-system]\nrequires = [\"uv_build>=0.5,<99\"]\nbuild-backend = \"uv_build\"\n[tool.uv.sources]\nacme-core = { workspace = true }\n",
    ),
    (
        "libs/app/src/acme_app/__init__.py",
        "from acme_core import WORD\nassert WORD == 'core'\n",
    ),
    (
        "libs/old/pyproject.toml",
        "[project]\nname = \"old\"\nversion = \"1\"\n",
    ),
];

#[test]
fn uv_agrees_on_members() {
    if !has("uv") {
        return;
    }
    let (folder, found) = on_disk("uv", UV);
    let listed = output(folder.path(), &["uv", "workspace", "list", "--offline"]);
    let listed: BTreeSet<&str> = listed.lines().collect();
    let normal: BTreeSet<String> = found
        .iter()
        .map(|line| line.split(' ').next().unwrap_or_default().replace('_', "-"))
        .collect();
    assert_eq!(normal.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
}

#[test]
fn uv_builds_the_dependent_alone_and_both_install() {
    if !has("uv") {
        return;
    }
    let mut bench = Bench::new("uv", UV);
    assert_eq!(
        bench.sources("acme_app"),
        ["libs/app/pyproject.toml", "libs/app/src/acme_app/__init__.py"]
    );
    let needs = [("acme-core", "0.2.0-rc.1")];
    let app = bench.build("acme_app", "1.0.0", PinStrategy::Exact, &needs);
    assert_eq!(
        app,
        bench.build("acme_app", "1.0.0", PinStrategy::Exact, &needs),
        "the same bytes again"
    );
    let names: Vec<&str> = app.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["acme_app-1.0.0-py3-none-any.whl", "acme_app-1.0.0.tar.gz"]
    );
    let metadata = wheel_metadata(&app);
    assert!(metadata.contains("\nVersion: 1.0.0\n"), "{metadata}");
    assert!(
        metadata
            .to_lowercase()
            .replace('_', "-")
            .contains("\nrequires-dist: acme-core==0.2.0rc1 ; python-"),
        "{metadata}"
    );
    bench.publish("acme_app", "1.0.0");
    assert!(
        bench.try_out("acme_app", "1.0.0").is_err(),
        "its need is not there yet"
    );
    bench.build("acme-core", "0.2.0-rc.1", PinStrategy::Exact, &[]);
    bench.publish("acme-core", "0.2.0rc1");
    bench
        .try_out("acme_app", "1.0.0")
        .expect("it installs and imports");
    bench
        .try_out("acme_app", "1.0.1")
        .expect_err("there is no such version");
}

#[test]
fn uv_says_when_a_package_cannot_be_imported() {
    if !has("uv") {
        return;
    }
    let files = with(
        UV,
        "libs/core/src/acme_core/__init__.py",
        "import nothing_of_that_name\n",
    );
    let mut bench = Bench::new("uv", &files);
    bench.build("acme-core", "0.2.0", PinStrategy::Exact, &[]);
    bench.publish("acme-core", "0.2.0");
    let said = bench
        .try_out("acme-core", "0.2.0")
        .expect_err("it cannot be imported");
    assert!(said.contains("nothing_of_that_name"), "{said}");
}
