//! Versions of tools: asked for once, and again when the tool is another.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use adapters::ToolVersions;
use model::Tool;

const TOOL: Tool = Tool {
    program: "the-tool",
    version_args: &["--version"],
    hint: "install the tool",
};

/// A program that counts how often it is run.
fn install(folder: &Path, version: &str) {
    let script = format!(
        "#!/bin/sh\necho run >> '{0}/runs'\necho \"noise 9.9.9\" >&2\n{version}\n",
        folder.display()
    );
    let new = folder.join("new");
    fs::write(&new, script).expect("our own folder");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).expect("our own file");
    fs::rename(new, folder.join("the-tool")).expect("our own file");
}

fn runs(folder: &Path) -> usize {
    fs::read_to_string(folder.join("runs"))
        .unwrap_or_default()
        .lines()
        .count()
}

fn versions(folder: &Path) -> ToolVersions {
    let path = format!(":relative:{}:/usr/bin:/bin", folder.display());
    ToolVersions::load(
        &folder.join("state/cache"),
        BTreeMap::from([("PATH".to_owned(), path)]),
    )
}

#[test]
fn a_tool_is_asked_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    install(folder, "echo \"the-tool 1.2.3 (abc 2026-01-01)\"");
    let first = versions(folder);
    assert_eq!(first.version(&TOOL).expect("it is there"), "1.2.3");
    assert_eq!(first.version(&TOOL).expect("it is there"), "1.2.3");
    assert_eq!(versions(folder).version(&TOOL).expect("it is there"), "1.2.3");
    assert_eq!(runs(folder), 1, "the next run knows");

    install(folder, "echo \"the-tool 1.2.4 (abc 2026-01-01)\"");
    assert_eq!(versions(folder).version(&TOOL).expect("it is there"), "1.2.4");
    assert_eq!(runs(folder), 2, "another program is asked");

    for damage in ["", "{", "[]", "{\"schema\": \"other\", \"versions\": {}}"] {
        fs::write(folder.join("state/cache"), damage).expect("our own file");
        assert_eq!(versions(folder).version(&TOOL).expect("it is there"), "1.2.4");
    }
    assert_eq!(runs(folder), 6);
}

#[test]
fn what_only_chooses_another_program_is_not_believed_for_long() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shims = folder.path().join("shims");
    fs::create_dir(&shims).expect("our own folder");
    install(&shims, "echo 1.0.0");
    for _ in 0..2 {
        assert_eq!(versions(&shims).version(&TOOL).expect("it is there"), "1.0.0");
    }
    assert_eq!(runs(&shims), 2);

    // rustup's program stays the same when one of its toolchains is updated.
    let bin = folder.path().join("bin");
    let toolchain = folder.path().join("rustup/toolchains/stable/bin");
    fs::create_dir_all(&toolchain).expect("our own folder");
    fs::create_dir(&bin).expect("our own folder");
    fs::write(bin.join("rustup"), "").expect("our own folder");
    install(&bin, "cat $RUSTUP_HOME/toolchains/stable/bin/the-tool");
    let ask = || {
        let env = [
            ("PATH", format!("{}:/usr/bin:/bin", bin.display())),
            ("RUSTUP_HOME", path(folder.path(), "rustup")),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value));
        ToolVersions::load(&folder.path().join("cache"), env.into())
            .version(&TOOL)
            .expect("it is there")
    };
    for (version, count) in [("1.0.0", 1), ("1.0.0", 1), ("1.1.0", 2), ("1.1.0", 2)] {
        if fs::read_to_string(toolchain.join("the-tool")).unwrap_or_default() != version {
            fs::write(toolchain.join("the-tool"), version).expect("our own folder");
        }
        assert_eq!((ask().as_str(), runs(&bin)), (version, count));
    }
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[test]
fn a_missing_or_broken_tool_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let absent = versions(folder).version(&TOOL).expect_err("it is not there");
    assert_eq!(absent.hint.as_deref(), Some("install the tool"));
    assert!(absent.message.contains("`the-tool`"), "{absent}");

    install(folder, "exit 3");
    let failed = versions(folder).version(&TOOL).expect_err("it fails");
    assert!(
        failed.message.contains("exit status: 3") && failed.message.contains("noise"),
        "{failed}"
    );
    install(folder, "true");
    assert!(versions(folder).version(&TOOL).is_err());
    fs::write(folder.join("the-tool"), "not a program").expect("our own file");
    assert!(versions(folder).version(&TOOL).is_err());
    fs::set_permissions(folder.join("the-tool"), fs::Permissions::from_mode(0o644)).expect("our own file");
    assert!(
        versions(folder)
            .version(&TOOL)
            .is_err_and(|error| error.message.contains("search path"))
    );
}

#[test]
fn real_tools_are_understood() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let env: BTreeMap<String, String> = std::env::vars().collect();
    let versions = ToolVersions::load(&folder.path().join("cache"), env);
    for program in ["git", "uv", "cargo", "npm"] {
        let tool = Tool {
            program,
            version_args: &["--version"],
            hint: "",
        };
        match versions.version(&tool) {
            Ok(version) => assert!(
                version.starts_with(|c: char| c.is_ascii_digit()),
                "{program} {version}"
            ),
            Err(error) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{error}");
                eprintln!("passed over: {error}");
            }
        }
    }
}
