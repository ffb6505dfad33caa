//! The cargo directory, read by cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Shop, has, run, write};

/// cargo with this registry in the place of its own, and nothing of ours.
fn cargo(shop: &Shop, folder: &Path) -> Command {
    let config = format!(
        "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = \"{}\"\n",
        shop.registry.location()
    );
    write(&shop.path("cargo/config.toml"), &config);
    let mut command = Command::new("cargo");
    command
        .current_dir(folder)
        .env("CARGO_HOME", shop.path("cargo"))
        .env_remove("RUSTFLAGS");
    command
        .env("CARGO_TARGET_DIR", shop.path("target"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Packages a crate; the archive.
fn package(shop: &Shop, name: &str, version: &str, manifest: &str, source: &str) -> PathBuf {
    let folder = shop.path(&format!("{name}-{version}"));
    let head = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n");
    write(
        &folder.join("Cargo.toml"),
        &format!("{head}{manifest}\n[workspace]\n"),
    );
    write(&folder.join("src/lib.rs"), source);
    run(cargo(shop, &folder).args(["package", "--offline", "--no-verify", "--allow-dirty", "--quiet"]));
    shop.path(&format!("target/package/{name}-{version}.crate"))
}

#[test]
fn cargo_builds_from_it_offline() {
    if !has("cargo") {
        return;
    }
    let shop = Shop::open("cargo");
    std::fs::create_dir_all(shop.root().join("index")).expect("our own folder");
    for version in ["1.0.0", "1.2.0", "2.0.0-rc.1"] {
        let features = "[features]\nextra = []\n";
        let source = format!("#[cfg(feature = \"extra\")] pub const V: &str = \"{version}\";");
        let file = package(&shop, "a-core", version, features, &source);
        shop.publish("a-core", version, &file);
    }
    let file = package(&shop, "w", "0.1.0", "", "");
    shop.publish("w", "0.1.0", &file);
    let manifest = "rust-version = \"1.60\"\n[features]\nfull = [\"dep:c\"]\n\
        [dependencies]\nc = { package = \"a-core\", version = \"1\", optional = true, features = [\"extra\"] }\n\
        [target.'cfg(windows)'.dependencies]\nw = \"0.1\"\n";
    let source = "#[cfg(feature = \"full\")] pub use c::V;";
    let file = package(&shop, "mid", "0.1.0", manifest, source);
    shop.publish("mid", "0.1.0", &file);

    let app = shop.path("app");
    let manifest = "[package]\nname = \"app\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
        [dependencies]\nmid = { version = \"0.1\", features = [\"full\"] }\n[workspace]\n";
    write(&app.join("Cargo.toml"), manifest);
    write(
        &app.join("src/main.rs"),
        "fn main() { println!(\"{}\", mid::V); }",
    );
    let output = run(cargo(&shop, &app).args(["run", "--offline", "--quiet"]));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1.2.0\n");
    let index = std::fs::read_to_string(shop.root().join("index/3/m/mid"));
    let index = index.expect("an index");
    assert!(
        index.contains("\"features2\":{\"full\":[\"dep:c\"]}") && index.contains("\"rust_version\":\"1.60\""),
        "{index}"
    );

    // The checksum in the index is believed: other bytes are not built.
    let file = shop.root().join("a-core-1.2.0.crate");
    let mut bytes = std::fs::read(&file).expect("it was published");
    bytes.push(0);
    std::fs::write(&file, bytes).expect("our own file");
    std::fs::remove_dir_all(shop.path("cargo/registry")).expect("cargo's own folder");
    assert!(
        !cargo(&shop, &app)
            .args(["build", "--offline"])
            .output()
            .expect("cargo")
            .status
            .success()
    );
}
