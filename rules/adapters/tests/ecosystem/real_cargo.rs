//! cargo itself agrees on what is found, packs what is pinned, and builds from it.

use std::collections::BTreeSet;

use model::PinStrategy;

use crate::scratch::{Bench, has, in_tarball, names_in, output};
use crate::tools::{Table, json, on_disk, only, text, with};
use crate::tree::discover;

pub(crate) const CARGO: Table<'_> = &[
    (
        "Cargo.toml",
        "[package]\nname = \"acme-root\"\nversion.workspace = true\nedition = \"2021\"\n[[bin]]\nname = \"named\"\n[[bench]]\nname = \"speed\"\nharness = false\n[dependencies]\nacme-core = { path = \"crates/core\", version = \"0.1\" }\n[workspace]\nresolver = \"2\"\nmembers = [\n  \"crates/*\", # all ] of \"them\"\n  \"tools/one\",\n]\nexclude = [\"crates/old\", \"tools\"]\n[workspace.package]\nversion = \"0.1.0\"\nlicense-file = \"LICENSE\"\n[workspace.dependencies]\ncore = { package = \"acme-core\", path = \"crates/core\", version = \"0.1.0\" }\n[patch.crates-io]\nacme-patched = { path = \"crates/patched\" }\n",
    ),
    ("LICENSE", "Do what you like.\n"),
    ("build.rs", "fn main() {}\n"),
    ("src/bin/named.rs", "fn main() {}\n"),
    ("benches/speed.rs", "fn main() {}\n"),
    (
        "crates/core/Cargo.toml",
        "[package]\nname = \"acme-core\"\nversion.workspace = true\nedition = \"2021\"\n",
    ),
    ("crates/core/src/lib.rs", "pub const WORD: &str = \"core\";\n"),
    (
        "crates/app/Cargo.toml",
        "[package]\nname = \"acme-app\"\nversion.workspace = true\nlicense-file.workspace = true\nedition = \"2021\"\n[features]\nmore = [\"core/no-such-feature\"]\n[dependencies]\ncore = { workspace = true, optional = false }\n[dev-dependencies]\nacme-implicit = { path = \"../../other/implicit\" }\n[target.'cfg(windows)'.build-dependencies]\nacme-old = { path = \"../old\", version = \"1\" }\n",
    ),
    ("crates/app/src/lib.rs", "pub use core::WORD;\n"),
    (
        "crates/app/src/main.rs",
        "fn main() { assert_eq!(acme_app::WORD, \"core\"); }\n",
    ),
    (
        "crates/old/Cargo.toml",
        "[package]\nname = \"acme-old\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    ),
    ("crates/old/src/lib.rs", ""),
    (
        "crates/patched/Cargo.toml",
        "[package]\nname = \"acme-patched\"\nversion = \"1.0.0\"\npublish = [\"company\"]\n",
    ),
    ("crates/patched/src/lib.rs", ""),
    (
        "other/implicit/Cargo.toml",
        "[package]\nname = \"acme-implicit\"\nversion = \"1.0.0\"\npublish = false\n",
    ),
    ("other/implicit/src/lib.rs", ""),
    ("tools/one/Cargo.toml", "[package]\nname = \"acme-one\"\n"),
    ("tools/one/src/lib.rs", ""),
    (
        "tools/two/Cargo.toml",
        "[package]\nname = \"acme-two\"\nversion = \"1.0.0\"\n",
    ),
    ("tools/two/src/lib.rs", ""),
];

#[test]
fn cargo_agrees_on_members_and_edges() {
    if !has("cargo") {
        return;
    }
    let (folder, found) = on_disk("cargo", CARGO);
    let metadata = json(&output(
        folder.path(),
        &[
            "cargo",
            "metadata",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ],
    ));
    let top = folder.path().canonicalize().expect("a folder");
    let relative = |path: &str| {
        let path = std::path::Path::new(path)
            .strip_prefix(&top)
            .expect("inside")
            .display()
            .to_string();
        path.trim_end_matches("Cargo.toml")
            .trim_end_matches('/')
            .to_owned()
    };
    let packages = metadata["packages"].as_array().expect("packages");
    let listed: BTreeSet<String> = packages
        .iter()
        .map(|package| {
            let private = package["publish"].as_array().is_some_and(Vec::is_empty);
            let path = relative(text(&package["manifest_path"]));
            format!(
                "{} {} {path} {private}",
                text(&package["name"]),
                text(&package["version"])
            )
        })
        .collect();
    assert_eq!(found, listed);
    for package in discover("cargo", CARGO) {
        let theirs = packages
            .iter()
            .find(|theirs| theirs["name"] == *package.id.name)
            .expect("the same packages");
        let needs = theirs["dependencies"]
            .as_array()
            .expect("needs")
            .iter()
            .filter(|need| need["path"].is_string());
        let needs: BTreeSet<&str> = needs.map(|need| text(&need["name"])).collect();
        let ours: BTreeSet<&str> = package
            .dependencies
            .iter()
            .map(|need| need.on.name.as_str())
            .collect();
        assert_eq!(ours, needs, "{}", package.id.name);
    }
}

#[test]
fn cargo_packs_the_dependent_alone_and_both_install() {
    if !has("cargo") {
        return;
    }
    let mut bench = Bench::new("cargo", CARGO);
    assert_eq!(
        bench.sources("acme-app"),
        [
            "Cargo.toml",
            "LICENSE",
            "crates/app/Cargo.toml",
            "crates/app/src/lib.rs",
            "crates/app/src/main.rs"
        ]
    );
    let needs = [("acme-core", "0.2.0-rc.1")];
    let app = bench.build("acme-app", "1.0.0", PinStrategy::Compatible, &needs);
    assert_eq!(
        app,
        bench.build("acme-app", "1.0.0", PinStrategy::Compatible, &needs),
        "the same bytes again"
    );
    assert_eq!(app.keys().collect::<Vec<_>>(), ["acme-app-1.0.0.crate"]);
    let manifest = in_tarball(only(&app), "acme-app-1.0.0/Cargo.toml");
    let manifest: toml_edit::DocumentMut = manifest.parse().expect("TOML");
    assert_eq!(manifest["package"]["version"].as_str(), Some("1.0.0"));
    assert_eq!(
        manifest["dependencies"]["core"]["version"].as_str(),
        Some("0.2.0-rc.1")
    );
    assert!(manifest["dependencies"]["core"].get("path").is_none());
    assert!(names_in(only(&app)).contains(&"acme-app-1.0.0/LICENSE".to_owned()));
    bench.publish("acme-app", "1.0.0");
    let said = bench
        .try_out("acme-app", "1.0.0")
        .expect_err("its need is not there yet");
    assert!(said.contains("no matching package named `acme-"), "{said}");
}

#[test]
fn cargo_packs_a_root_package_and_a_lone_one() {
    if !has("cargo") {
        return;
    }
    let mut bench = Bench::new("cargo", CARGO);
    assert!(
        !bench
            .sources("acme-root")
            .contains(&"crates/core/src/lib.rs".to_owned())
    );
    let root = bench.build(
        "acme-root",
        "2.0.0",
        PinStrategy::Exact,
        &[("acme-core", "3.0.0")],
    );
    let names = names_in(only(&root));
    assert!(names.iter().all(|name| !name.contains("crates/")), "{names:?}");
    assert!(in_tarball(only(&root), "acme-root-2.0.0/Cargo.toml").contains("version = \"=3.0.0\""));

    let lone = [
        (
            "deep/lone/Cargo.toml",
            "[package]\nname = \"lone\"\nversion = \"1.0.0\"\nedition = \"2021\"\nreadme = \"../ABOUT.md\"\n",
        ),
        ("deep/lone/src/main.rs", "fn main() {}\n"),
        ("deep/ABOUT.md", "About.\n"),
    ];
    let mut bench = Bench::at("cargo", &lone, "deep/lone");
    let made = bench.build("lone", "1.1.0", PinStrategy::Exact, &[]);
    assert!(names_in(only(&made)).contains(&"lone-1.1.0/ABOUT.md".to_owned()));
    bench.publish("lone", "1.1.0");
    bench.try_out("lone", "1.1.0").expect("it compiles");
}

#[test]
fn cargo_tries_out_libraries_with_what_they_need() {
    if !has("cargo") {
        return;
    }
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"a\", \"b\"]\n",
        ),
        (
            "a/Cargo.toml",
            "[package]\nname = \"acme-a\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        ("a/src/lib.rs", "pub const WORD: &str = \"a\";\n"),
        (
            "b/Cargo.toml",
            "[package]\nname = \"acme-b\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nacme-a = { path = \"../a\" }\n",
        ),
        ("b/src/lib.rs", "pub use acme_a::WORD;\n"),
        ("b/src/main.rs", "fn main() { println!(\"{}\", acme_b::WORD); }\n"),
    ];
    let mut bench = Bench::new("cargo", &files);
    assert_eq!(
        bench.sources("acme-b"),
        ["b/Cargo.toml", "b/src/lib.rs", "b/src/main.rs"]
    );
    bench.build("acme-b", "0.2.0", PinStrategy::Exact, &[("acme-a", "0.3.0")]);
    bench.publish("acme-b", "0.2.0");
    bench.build("acme-a", "0.3.0", PinStrategy::Exact, &[]);
    bench.publish("acme-a", "0.3.0");
    bench
        .try_out("acme-b", "0.2.0")
        .expect("it compiles against what was published");

    let broken = with(&files, "b/src/main.rs", "fn main() { no_such_function(); }\n");
    let mut bench = Bench::new("cargo", &broken);
    for (name, needs) in [("acme-a", &[][..]), ("acme-b", &[("acme-a", "0.3.0")][..])] {
        bench.build(name, "0.3.0", PinStrategy::Exact, needs);
        bench.publish(name, "0.3.0");
    }
    let said = bench
        .try_out("acme-b", "0.3.0")
        .expect_err("its program does not compile");
    assert!(said.contains("no_such_function"), "{said}");
}
