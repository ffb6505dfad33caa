//! Lock files that follow a release: made by their own tools before anything is published, and committed with it.

use std::path::{Path, PathBuf};

use harness::{Ran, Running, Sandbox, listing, require_tool, search_path};

use super::releases::{head, publish, references, with_origin, with_train};

/// Four workspaces side by side, and in each a package that requires the first one in its major version.
const FOUR: &str = r#"
//- .gitignore
/.releasekit/
//- assets/unrelated.txt
nobody's business
//- rs/Cargo.toml
[workspace]
members = ["one", "two"]
resolver = "3"
//- rs/one/Cargo.toml
[package]
name = "rs-one"
version = "1.0.0"
edition = "2024"
description = "One"
license = "Apache-2.0"
//- rs/one/src/lib.rs
//! One.
//- rs/two/Cargo.toml
[package]
name = "rs-two"
version = "1.0.0"
edition = "2024"
description = "Two"
license = "Apache-2.0"
[dependencies]
rs-one = { path = "../one", version = "1" }
//- rs/two/src/main.rs
fn main() {}
//- py/pyproject.toml
[tool.uv.workspace]
members = ["one", "two"]
//- py/one/pyproject.toml
[project]
name = "py-one"
version = "1.0.0"
requires-python = ">=3.9"
[build-system]
requires = ["uv_build>=0.8,<1"]
build-backend = "uv_build"
//- py/one/src/py_one/__init__.py
NAME = "one"
//- py/two/pyproject.toml
[project]
name = "py-two"
version = "1.0.0"
requires-python = ">=3.9"
dependencies = ["py-one>=1,<2"]
[tool.uv.sources]
py-one = { workspace = true }
[build-system]
requires = ["uv_build>=0.8,<1"]
build-backend = "uv_build"
//- py/two/src/py_two/__init__.py
NAME = "two"
//- np/package.json
{"name": "root", "private": true, "workspaces": ["one", "two"]}
//- np/one/package.json
{"name": "np-one", "version": "1.0.0"}
//- np/one/index.js
module.exports = 1;
//- np/two/package.json
{"name": "np-two", "version": "1.0.0", "dependencies": {"np-one": "^1.0.0"}}
//- np/two/index.js
module.exports = 2;
//- pn/package.json
{"name": "root", "private": true}
//- pn/pnpm-workspace.yaml
packages: [one, two, three]
linkWorkspacePackages: true
//- pn/one/package.json
{"name": "pn-one", "version": "1.0.0"}
//- pn/one/index.js
module.exports = 1;
//- pn/two/package.json
{"name": "pn-two", "version": "1.0.0", "dependencies": {"pn-one": "^1.0.0"}}
//- pn/two/index.js
module.exports = 2;
//- pn/three/package.json
{"name": "pn-three", "version": "1.0.0"}
//- pn/three/index.js
module.exports = 3;
//- RELEASE.star
load("@releasekit//rules/cargo.star", "cargo_package", "cargo_workspace")
load("@releasekit//rules/npm.star", "npm_package", "npm_workspace")
load("@releasekit//rules/pnpm.star", "pnpm_package", "pnpm_workspace")
load("@releasekit//rules/uv.star", "uv_package", "uv_workspace")
load("@releasekit//rules/train.star", "release_train")
cargo_workspace(name = "rs", root = "rs")
npm_workspace(name = "np", root = "np")
pnpm_workspace(name = "pn", root = "pn")
uv_workspace(name = "py", root = "py")
[cargo_package(name = name) for name in ["rs-one", "rs-two"]]
[npm_package(name = name) for name in ["np-one", "np-two"]]
[pnpm_package(name = name) for name in ["pn-one", "pn-two", "pn-three"]]
[uv_package(name = name) for name in ["py-one", "py-two"]]
release_train(name = "default", commit_back = True, jobs = 2, tag_format = "{name}/v{version}")
"#;

/// The lock files, and how each is made.
const LOCKS: [(&str, &str, &[&str]); 4] = [
    ("rs", "Cargo.lock", &["cargo", "generate-lockfile", "--offline"]),
    ("py", "uv.lock", &["uv", "lock", "--offline"]),
    (
        "np",
        "package-lock.json",
        &["npm", "install", "--package-lock-only", "--offline"],
    ),
    (
        "pn",
        "pnpm-lock.yaml",
        &["pnpm", "install", "--lockfile-only", "--offline"],
    ),
];

/// What fails where a lock file does not agree with its manifests.
const AGREES: [(&str, &[&str]); 4] = [
    (
        "rs",
        &["cargo", "metadata", "--locked", "--offline", "--format-version=1"],
    ),
    ("py", &["uv", "lock", "--check", "--offline"]),
    ("np", &["npm", "ci", "--dry-run", "--offline"]),
    (
        "pn",
        &[
            "pnpm",
            "install",
            "--frozen-lockfile",
            "--lockfile-only",
            "--offline",
        ],
    ),
];

fn has_all() -> bool {
    ["uv", "npm", "pnpm"].into_iter().all(require_tool)
}

fn tool(sandbox: &Sandbox, folder: &Path, argv: &[&str]) -> Ran {
    let mut command = sandbox.tool(argv[0]);
    command.args(&argv[1..]).current_dir(folder);
    Running::start(command).finish()
}

/// The four workspaces, locked, released once and committed.
fn four() -> Sandbox {
    let sandbox = Sandbox::of(FOUR);
    for (folder, _, argv) in LOCKS {
        let _locked = tool(&sandbox, &sandbox.path(folder), argv).expect(0);
    }
    sandbox.begin();
    for kind in ["rs", "py", "np", "pn"] {
        for name in ["one", "two"] {
            sandbox.git(&["tag", &format!("{kind}-{name}/v1.0.0")]);
        }
    }
    sandbox.git(&["tag", "pn-three/v1.0.0"]);
    sandbox
}

fn grow(sandbox: &Sandbox, file: &str) {
    let text = sandbox.read(file);
    sandbox.write(file, format!("{text}\n"));
}

/// A copy of what is committed, and nothing else.
fn checked_out(sandbox: &Sandbox, name: &str) -> PathBuf {
    let folder = sandbox.outside(name);
    sandbox.git(&["clone", "--quiet", ".", &folder.display().to_string()]);
    folder
}

fn locked(ran: &Ran, outcome: &str) -> Vec<String> {
    let mut ids = ran.ids(outcome);
    ids.retain(|id| id.contains(":lock "));
    ids
}

#[test]
fn a_breaking_release_leaves_lock_files_that_agree() {
    if !has_all() {
        return;
    }
    let sandbox = four();
    for file in [
        "rs/one/src/lib.rs",
        "py/one/src/py_one/__init__.py",
        "np/one/index.js",
        "pn/one/index.js",
    ] {
        grow(&sandbox, file);
    }
    sandbox.commit("feat!: grow");
    let ran = sandbox.publish().expect(0);
    let files = LOCKS.map(|(folder, file, _)| format!("{folder}/{file}"));
    let mut expected = files.clone().map(|file| format!("default:lock {file}"));
    expected.sort();
    let mut made = locked(&ran, "executed");
    made.sort();
    assert_eq!(made, expected, "{ran}");
    let committed = sandbox.git_says(&["show", "--format=", "--name-only", "HEAD"]);
    for file in &files {
        assert!(committed.lines().any(|line| line == file), "{file}: {committed}");
    }
    assert_eq!(sandbox.git_says(&["status", "--porcelain"]), "");

    let copy = checked_out(&sandbox, "copy");
    let read = |file: &str| std::fs::read_to_string(copy.join(file)).expect("committed");
    assert!(read("rs/two/Cargo.toml").contains("version = \"2\""));
    assert!(read("py/two/pyproject.toml").contains("py-one>=2,<3"));
    assert!(read("np/package-lock.json").contains("\"np-one\": \"^2.0.0\""));
    assert!(read("pn/pnpm-lock.yaml").contains("specifier: ^2.0.0"));
    for (folder, argv) in AGREES {
        let _agrees = tool(&sandbox, &copy.join(folder), argv).expect(0);
    }
    let again = tool(&sandbox, &copy.join("np"), LOCKS[2].2).expect(0);
    let npm_is_content = sandbox.git_says(&["-C", &copy.display().to_string(), "status", "--porcelain"]);
    assert_eq!(npm_is_content, "", "{again}");
    let checked = sandbox.run(&["check"]).expect(0);
    assert!(checked.stdout.is_empty(), "{checked}");
}

#[test]
fn lock_files_that_say_the_same_afterwards_are_left_alone() {
    if !has_all() {
        return;
    }
    let sandbox = four();
    // Nobody requires it, and pnpm locks no version of its own packages.
    grow(&sandbox, "pn/three/index.js");
    grow(&sandbox, "np/two/index.js");
    sandbox.commit("fix: grow");
    let pnpm = sandbox.read("pn/pnpm-lock.yaml");
    let ran = sandbox.publish().expect(0);
    assert_eq!(
        locked(&ran, "executed"),
        ["default:lock np/package-lock.json"],
        "{ran}"
    );
    assert_eq!(sandbox.read("pn/pnpm-lock.yaml"), pnpm);
    let copy = checked_out(&sandbox, "copy");
    for (folder, argv) in AGREES {
        let _agrees = tool(&sandbox, &copy.join(folder), argv).expect(0);
    }
}

/// Puts a `uv` in front of the real one that writes a line whenever it locks, and then does what `first` says.
fn watched_uv(sandbox: &Sandbox, first: &str) -> PathBuf {
    let log = sandbox.outside("locks.log");
    let mut programs = search_path().iter().map(|folder| folder.join("uv"));
    let real = programs.find(|uv| uv.is_file()).expect("uv is there");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = lock ]; then echo \"$*\" >>{log}; {first}; fi\nexec {real} \"$@\"\n",
        log = log.display(),
        real = real.display(),
    );
    sandbox.program("uv", &script);
    log
}

fn runs(log: &Path) -> usize {
    std::fs::read_to_string(log).unwrap_or_default().lines().count()
}

/// Two Python packages that were released, with a lock file, and then a feature.
fn python(train: &str) -> Sandbox {
    let sandbox = with_train(train);
    let _locked = tool(&sandbox, &sandbox.root(), &["uv", "lock", "--offline"]).expect(0);
    for name in ["tern-a", "tern-b"] {
        sandbox.git(&["tag", &format!("{name}/v0.1.0")]);
    }
    sandbox.commit("feat: lock");
    grow(&sandbox, "tern-a/src/tern_a/__init__.py");
    sandbox.commit("feat: better");
    sandbox
}

#[test]
fn a_resumed_release_does_not_lock_again() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = python("commit_back = True, push = True, registry = \"directory:{registry}\"");
    let origin = with_origin(&sandbox);
    let log = watched_uv(&sandbox, ":");
    let kept = Path::new(&origin).join("refs/heads");
    let moved = Path::new(&origin).join("refs/elsewhere");
    std::fs::rename(&kept, &moved).expect("ours");
    std::fs::write(&kept, "in the way").expect("ours");
    let failed = publish(&sandbox).expect(1);
    assert_eq!(locked(&failed, "executed"), ["default:lock uv.lock"], "{failed}");
    let first = runs(&log);
    assert!(first > 0, "{failed}");
    std::fs::remove_file(&kept).expect("ours");
    std::fs::rename(&moved, &kept).expect("ours");
    let resumed = publish(&sandbox).expect(0);
    assert_eq!(runs(&log), first, "{resumed}");
    let _agrees = tool(&sandbox, &sandbox.root(), &["uv", "lock", "--check", "--offline"]).expect(0);
    assert!(sandbox.read("uv.lock").contains("version = \"0.2.0\""));
}

#[test]
fn a_release_interrupted_after_the_lock_file_was_made_takes_it_from_the_cache() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = python("commit_back = True");
    let log = watched_uv(&sandbox, ":");
    let mut command = sandbox.command(&sandbox.publishing().each_ref().map(String::as_str));
    // The first lines of the journal are written before anything is published.
    command.env("RELEASEKIT_CRASH_AT", "journal:3");
    let crashed = Running::start(command).finish().expect(134);
    let first = runs(&log);
    assert!(first > 0, "{crashed}");
    let resumed = sandbox.publish().expect(0);
    assert!(locked(&resumed, "executed").is_empty(), "{resumed}");
    assert_eq!(runs(&log), first);
}

#[test]
fn without_a_network_is_tried_first_and_what_works_is_taken() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = python("commit_back = True");
    let log = watched_uv(&sandbox, "case \"$*\" in *--offline*) exit 1;; esac");
    let ran = sandbox.publish().expect(0);
    let lines = std::fs::read_to_string(&log).expect("it ran");
    assert_eq!(lines, "lock --quiet --offline\nlock --quiet\n", "{ran}");
    assert!(sandbox.git_says(&["show", "--stat", "HEAD"]).contains("uv.lock"));
}

#[test]
fn nothing_is_published_where_a_lock_file_cannot_be_made() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = python("commit_back = True");
    let (at, tags) = (head(&sandbox), references(&sandbox, ".git", "refs/tags"));
    let log = watched_uv(&sandbox, "echo no solution >&2; exit 2");
    let ran = sandbox.publish().expect(1);
    assert_eq!(ran.ids("failed"), ["default:lock uv.lock"], "{ran}");
    assert!(ran.stderr.contains("no solution"), "{ran}");
    assert_eq!(runs(&log), 2, "{ran}");
    let untouched = |ran: &Ran| {
        assert!(listing(&sandbox.registry()).is_empty(), "{ran}");
        assert_eq!(
            (head(&sandbox), references(&sandbox, ".git", "refs/tags")),
            (at.clone(), tags.clone())
        );
    };
    untouched(&ran);

    // Now there is no uv at all.
    let bin = sandbox.outside("only");
    std::fs::create_dir(&bin).expect("ours");
    for name in ["git", "sh"] {
        let mut programs = search_path().iter().map(|folder| folder.join(name));
        let real = programs.find(|program| program.is_file()).expect("it is there");
        std::os::unix::fs::symlink(real, bin.join(name)).expect("ours");
    }
    let mut command = sandbox.command(&sandbox.publishing().each_ref().map(String::as_str));
    command.env("PATH", &bin);
    let ran = Running::start(command).finish().expect(3);
    assert!(
        ran.stderr.contains("`uv` is not on the search path") && ran.stderr.contains("install uv"),
        "{ran}"
    );
    untouched(&ran);
}
