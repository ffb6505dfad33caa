//! What is in the artifacts: versions wherever they are declared, and nothing that the sources did not say.

use harness::{Ran, Sandbox, require_tool};

use super::python_packages::workspace;

/// What standard output a program of the machine gives.
fn said(sandbox: &Sandbox, argv: &[&str]) -> String {
    let mut command = sandbox.tool(argv[0]);
    let output = command.args(&argv[1..]).output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{argv:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// A file in an archive that was published under `registry`.
fn published(sandbox: &Sandbox, archive: &str, file: &str) -> String {
    let archive = sandbox.registry().join(archive).display().to_string();
    said(sandbox, &["tar", "-xzOf", &archive, file])
}

fn released(sandbox: &Sandbox) -> Ran {
    sandbox.publish().expect(0)
}

#[test]
fn bump_files_hold_the_version_in_what_is_built_and_not_in_the_sources() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = workspace(&[("tern", &[])]);
    let more = "uv_package(name = name, group = \"all\", bump_files = [bump_file(\"tern/src/tern/__init__.py\", r'__version__ = \"(.*)\"')])";
    sandbox.edit("RELEASE.star", "uv_package(name = name, group = \"all\")", more);
    sandbox.write("tern/src/tern/__init__.py", "__version__ = \"0.1.0\"\n");
    sandbox.commit("chore: a version in the module");
    sandbox.git(&["tag", "tern/v0.1.0"]);
    sandbox.write("tern/src/tern/new.py", "NEW = True\n");
    sandbox.commit("feat: new");
    let ran = released(&sandbox);
    let module = published(
        &sandbox,
        "pypi/files/tern-0.2.0.tar.gz",
        "tern-0.2.0/src/tern/__init__.py",
    );
    assert_eq!(module, "__version__ = \"0.2.0\"\n", "{ran}");
    assert_eq!(
        sandbox.read("tern/src/tern/__init__.py"),
        "__version__ = \"0.1.0\"\n"
    );
}

#[test]
fn a_file_with_the_versions_of_two_packages_is_bumped_from_what_it_says() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = workspace(&[("tern-a", &[]), ("tern-b", &[])]);
    sandbox.edit(
        "tern-b/pyproject.toml",
        "version = \"0.1.0\"",
        "version = \"0.2.0\"",
    );
    let more = "uv_package(name = name, group = \"all\", bump_files = [\"VERSIONS.txt\"])";
    sandbox.edit("RELEASE.star", "uv_package(name = name, group = \"all\")", more);
    sandbox.write("VERSIONS.txt", "tern-a 0.1.0\ntern-b 0.2.0\n");
    sandbox.commit("chore: versions");
    let _done = sandbox.run(&["bump", "minor", "--all"]).expect(0);
    assert_eq!(sandbox.read("VERSIONS.txt"), "tern-a 0.2.0\ntern-b 0.3.0\n");

    sandbox.write("VERSIONS.txt", "tern-a 0.2.0\ntern-b 0.2.0\n");
    sandbox.edit(
        "tern-b/pyproject.toml",
        "version = \"0.3.0\"",
        "version = \"0.2.0\"",
    );
    let before = sandbox.listing();
    let ran = sandbox.run(&["bump", "minor", "--package", "tern-a"]).expect(3);
    assert!(
        ran.stderr.contains("both take this place") && ran.stderr.contains("VERSIONS.txt:1"),
        "{ran}"
    );
    assert_eq!(sandbox.listing(), before);
}
