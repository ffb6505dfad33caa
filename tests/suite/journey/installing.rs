//! What was published, installed by the ecosystems' own tools, offline, and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Running, Sandbox, require_tool, write_file};

/// The folder of one kind of registry.
pub(super) fn registry(sandbox: &Sandbox, kind: &str) -> PathBuf {
    sandbox.registry().join(kind)
}

fn says(mut command: Command, args: &[&str]) -> String {
    command.args(args);
    Running::start(command).finish().expect(0).stdout
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Installs the command with uv and greets.
pub(super) fn with_uv(sandbox: &Sandbox) {
    if !require_tool("uv") {
        return;
    }
    let env = sandbox.outside("with-uv");
    let index = format!("file://{}", registry(sandbox, "pypi").join("simple").display());
    let _ = says(sandbox.tool("uv"), &["venv", "--quiet", &text(&env)]);
    let python = text(&env.join("bin/python"));
    let _ = says(
        sandbox.tool("uv"),
        &[
            "pip",
            "install",
            "--offline",
            "--python",
            &python,
            "--default-index",
            &index,
            "tidewords",
        ],
    );
    assert_eq!(
        says(sandbox.tool(env.join("bin/tidewords")), &["9", "Ada"]),
        "Good morning, Ada!\n"
    );
}

/// Installs the command with pip and greets.
pub(super) fn with_pip(sandbox: &Sandbox) {
    if !require_tool("python3") {
        return;
    }
    let env = sandbox.outside("with-pip");
    let index = format!("file://{}", registry(sandbox, "pypi").join("simple").display());
    let _ = says(sandbox.tool("python3"), &["-m", "venv", &text(&env)]);
    let mut pip = sandbox.tool(env.join("bin/python"));
    pip.env("PIP_CONFIG_FILE", "/dev/null")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    let _ = says(
        pip,
        &[
            "-m",
            "pip",
            "install",
            "--quiet",
            "--index-url",
            &index,
            "tidewords",
        ],
    );
    assert_eq!(
        says(sandbox.tool(env.join("bin/tidewords")), &["20", "Ada"]),
        "Good evening, Ada!\n"
    );
}

/// Builds a crate that needs the library, and installs the program, with cargo.
pub(super) fn with_cargo(sandbox: &Sandbox) {
    let folder = sandbox.outside("with-cargo");
    let source = registry(sandbox, "cargo");
    let config = format!(
        "[source.crates-io]\nreplace-with = \"here\"\n\n[source.here]\nlocal-registry = \"{}\"\n",
        source.display()
    );
    write_file(&folder.join(".cargo/config.toml"), config);
    let manifest = "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                    [dependencies]\ntidewords-format = \"0.1\"\n";
    write_file(&folder.join("Cargo.toml"), manifest);
    write_file(
        &folder.join("src/main.rs"),
        "fn main() {\n    print!(\"{}\", tidewords_format::frame(\"ab\"));\n}\n",
    );
    let cargo = || {
        let mut cargo = sandbox.tool("cargo");
        cargo.current_dir(&folder).env("CARGO_NET_OFFLINE", "true");
        cargo
    };
    assert_eq!(
        says(cargo(), &["run", "--quiet", "--offline"]),
        "~~~~~~\n~ ab ~\n~~~~~~\n"
    );
    let root = text(&folder.join("installed"));
    // `cargo install` looks at no folder's configuration but those it is told of.
    let mut install = cargo();
    install.args(["install", "--config", ".cargo/config.toml"]);
    let _ = says(
        install,
        &[
            "--quiet",
            "--offline",
            "--debug",
            "--root",
            &root,
            "tidewords-banner",
        ],
    );
    let banner = sandbox.tool(folder.join("installed/bin/tidewords-banner"));
    assert_eq!(says(banner, &["ab"]), "~~~~~~\n~ ab ~\n~~~~~~\n");
}

/// Installs the page and what it needs with npm, and prints it.
pub(super) fn with_npm(sandbox: &Sandbox) {
    if !require_tool("npm") {
        return;
    }
    let folder = sandbox.outside("with-npm");
    write_file(
        &folder.join("package.json"),
        "{\"name\": \"user\", \"private\": true}\n",
    );
    let source = registry(sandbox, "npm");
    let tarballs = harness::listing(&source)
        .into_keys()
        .filter(|name| name.ends_with(".tgz"));
    let tarballs: Vec<String> = tarballs.map(|name| text(&source.join(name))).collect();
    assert_eq!(tarballs.len(), 2, "{tarballs:?}");
    let mut npm = sandbox.tool("npm");
    npm.current_dir(&folder).args([
        "install",
        "--offline",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
    ]);
    let _ = says(npm, &tarballs.iter().map(String::as_str).collect::<Vec<_>>());
    let page = says(sandbox.tool(folder.join("node_modules/.bin/tidewords-page")), &[]);
    assert!(page.contains("<p lang=\"vi\">Xin chào</p>"), "{page}");
}
