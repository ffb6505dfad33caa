//! The PyPI directory, read by pip and uv.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Shop, has, run, write, zipped};

/// Builds a package with uv's own backend; the wheel and the source distribution.
fn build(shop: &Shop, name: &str, version: &str, python: &str, needs: &str) -> [PathBuf; 2] {
    let module = name.to_lowercase().replace(['-', '.'], "_");
    let project = shop.path(&format!("src-{name}-{version}"));
    let manifest = format!(
        "[project]\nname = \"{name}\"\nversion = \"{version}\"\nrequires-python = \"{python}\"\ndependencies = [{needs}]\n\
         [build-system]\nrequires = [\"uv_build>=0.5\"]\nbuild-backend = \"uv_build\"\n"
    );
    write(&project.join("pyproject.toml"), &manifest);
    write(
        &project.join(format!("src/{module}/__init__.py")),
        &format!("version = \"{version}\"\n"),
    );
    let dist = project.join("dist");
    run(Command::new("uv")
        .args(["build", "--offline", "--no-cache", "--quiet", "--out-dir"])
        .arg(&dist)
        .arg(&project));
    [
        dist.join(format!("{module}-{version}-py3-none-any.whl")),
        dist.join(format!("{module}-{version}.tar.gz")),
    ]
}

/// A registry with a library in three versions, the last one for a Python nobody has, and its user.
fn shop() -> Shop {
    let shop = Shop::open("uv");
    for (version, python) in [("1.0.0", ">=3.8"), ("1.1.0", ">=3.8,<4")] {
        for file in build(&shop, "My.Core", version, python, "") {
            shop.publish("My.Core", version, &file);
        }
    }
    let future = "Name: my-core\nVersion: 2.0.0\nRequires-Python: >=99\n";
    let future = zipped(&[("my_core-2.0.0.dist-info/METADATA", future)]);
    let file = shop.path("my_core-2.0.0-py3-none-any.whl");
    std::fs::write(&file, future).expect("our own folder");
    shop.publish("My.Core", "2.0.0", &file);
    let [wheel, sdist] = build(&shop, "app", "0.1.0rc1", ">=3.8", "\"my-core>=1\"");
    shop.publish("app", "0.1.0rc1", &wheel);
    shop.publish("app", "0.1.0rc1", &sdist);
    let local = build(&shop, "app", "0.2.0+local.1", ">=3.8", "\"my-core>=1\"");
    shop.publish("app", "0.2.0+local.1", &local[0]);
    shop
}

fn installed(target: &Path) -> (String, bool) {
    let text = std::fs::read_to_string(target.join("my_core/__init__.py")).expect("it was installed");
    (text, target.join("app-0.2.0+local.1.dist-info").exists())
}

#[test]
fn uv_installs_from_it_offline() {
    if !has("uv") || !has("python3") {
        return;
    }
    let shop = shop();
    let index = format!("file://{}/simple", shop.registry.location());
    let target = shop.path("target");
    let mut command = Command::new("uv");
    command.args([
        "pip",
        "install",
        "--offline",
        "--no-cache",
        "--no-config",
        "--index-url",
        &index,
        "--target",
    ]);
    run(command.arg(&target).arg("app"));
    assert_eq!(installed(&target), ("version = \"1.1.0\"\n".to_owned(), true));

    let page = std::fs::read_to_string(shop.root().join("simple/my-core/index.html")).expect("a page");
    assert_eq!(page.matches("<a href=").count(), 5);
    assert!(
        page.contains("data-requires-python=\"&gt;=3.8, &lt;4\""),
        "{page}"
    );
    let all = std::fs::read_to_string(shop.root().join("simple/index.html")).expect("a page");
    assert!(
        all.contains("<a href=\"app/\">app</a>") && all.contains("<a href=\"my-core/\">my-core</a>"),
        "{all}"
    );
}

#[test]
fn pip_installs_from_it() {
    if !has("uv") || !has("python3") {
        return;
    }
    let shop = shop();
    let index = format!("file://{}/simple", shop.registry.location());
    let target = shop.path("target");
    let mut command = Command::new("python3");
    command.args([
        "-m",
        "pip",
        "install",
        "--isolated",
        "--no-cache-dir",
        "--disable-pip-version-check",
    ]);
    command.args([
        "--no-build-isolation",
        "--only-binary=:all:",
        "--index-url",
        &index,
        "--target",
    ]);
    run(command.arg(&target).arg("app"));
    assert_eq!(installed(&target), ("version = \"1.1.0\"\n".to_owned(), true));

    // The hash in the page is believed: other bytes are not installed.
    let wheel = shop.root().join("files/my_core-1.1.0-py3-none-any.whl");
    let mut bytes = std::fs::read(&wheel).expect("it was published");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&wheel, bytes).expect("our own file");
    let mut command = Command::new("python3");
    command.args([
        "-m",
        "pip",
        "download",
        "--isolated",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--no-deps",
    ]);
    command
        .args(["--index-url", &index, "--dest"])
        .arg(shop.path("other"))
        .arg("my-core==1.1.0");
    assert!(!command.output().expect("pip").status.success());
}
