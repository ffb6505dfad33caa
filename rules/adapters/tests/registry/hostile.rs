//! Names and archives made to do harm: all are refused, and nothing is written.

use engine::Slot;

use crate::support::{Shop, krate, tar_gz, tarball, wheel, zipped};

fn refused(shop: &Shop, name: &str, version: &str, file: &str, bytes: &[u8]) -> String {
    let artifact = shop.artifact(name, version, file, bytes);
    let error = shop.send(&artifact, bytes).expect_err(file);
    assert!(!error.transient, "{error}");
    assert!(
        !error.message.chars().any(|c| c.is_control() && c != '\n'),
        "{:?}",
        error.message
    );
    assert!(
        !shop.root().exists(),
        "{name} {version} {file}: something was written"
    );
    error.message
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let (_, wheel) = wheel("core", "1.0.0", "");
    let (_, krate) = krate("core", "1.0.0", "");
    let (_, tarball) = tarball("core", "1.0.0", "");
    let uv = Shop::open("uv");
    for file in [
        "../core-1.0.0-py3-none-any.whl",
        "/etc/x.whl",
        "core-1.0.0-py3-none-any\n.whl",
        "",
        "a\u{1b}.whl",
        "core-1.0.0-py3-none-\"any.whl",
        "core-1.0.0.zip",
        "core-1.0.0.whl",
        "core-1.0.0-x-py3-none-any.whl",
        "other-1.0.0-py3-none-any.whl",
        "core-1.0.1-py3-none-any.whl",
        "..",
        "core-1.0.0-a/b-none-any.whl",
    ] {
        refused(&uv, "core", "1.0.0", file, &wheel);
    }
    let cargo = Shop::open("cargo");
    for (name, version) in [
        ("../core", "1.0.0"),
        ("core", "../1.0.0"),
        ("c/o", "1.0.0"),
        ("core", "1.0"),
        ("", "1.0.0"),
        ("core", "1.0.0+a/b"),
        ("-core", "1.0.0"),
        ("co\nre", "1.0.0"),
        ("co.re", "1.0.0"),
        ("cöre", "1.0.0"),
    ] {
        refused(&cargo, name, version, &format!("{name}-{version}.crate"), &krate);
    }
    refused(&cargo, "core", "1.0.0", "Core-1.0.0.crate", &krate);
    let npm = Shop::open("npm");
    for (name, version) in [
        ("../core", "1.0.0"),
        ("@../core", "1.0.0"),
        ("@scope/../core", "1.0.0"),
        ("@scope", "1.0.0"),
        ("a/b", "1.0.0"),
        ("core", "1.0.0/.."),
        ("@a/b/c", "1.0.0"),
        (".core", "1.0.0"),
        ("@/core", "1.0.0"),
        ("", "1.0.0"),
    ] {
        let base = name.trim_start_matches('@').replace('/', "-");
        refused(&npm, name, version, &format!("{base}-{version}.tgz"), &tarball);
    }
    refused(&npm, "core", "1.0.0", "../core-1.0.0.tgz", &tarball);
}

#[test]
fn slots_that_lead_elsewhere_are_refused() {
    for (ecosystem, coordinates) in [
        ("uv", ["core/../../x", "../core", "core", "/core/x"]),
        (
            "cargo",
            ["core/../1.0.0", "../core/1.0.0", "core", "core/1.0.0\n"],
        ),
        (
            "npm",
            [
                "../core/-/core-1.0.0.tgz",
                "core/-/../../x",
                "core/core-1.0.0.tgz",
                "@a/../b/-/b-1.0.0.tgz",
            ],
        ),
    ] {
        let shop = Shop::open(ecosystem);
        for coordinate in coordinates {
            let slot = Slot {
                target: shop.registry.identity(),
                coordinate: coordinate.to_owned(),
            };
            assert!(shop.registry.observe(&slot).is_err(), "{ecosystem} {coordinate}");
        }
    }
}

#[test]
fn archives_that_readers_disagree_on_are_refused() {
    const TOML: &str = "[package]\nname = \"core\"\nversion = \"1.0.0\"\n";
    let cargo = Shop::open("cargo");
    let manifest = ("core-1.0.0/Cargo.toml", TOML);
    let sound = tar_gz(&[manifest]);
    let archives = [
        tar_gz(&[manifest, ("core-1.0.0/../../x", "")]),
        tar_gz(&[manifest, ("/etc/x", "")]),
        tar_gz(&[manifest, ("other/x", "")]),
        tar_gz(&[manifest, manifest]),
        tar_gz(&[("core-1.0.0/x", "")]),
        [&sound[..], b"trailing"].concat(),
        [&sound[..], &sound[..]].concat(),
        sound[..sound.len() - 4].to_vec(),
        sound[..sound.len() / 2].to_vec(),
        b"not an archive".to_vec(),
        Vec::new(),
    ];
    for bytes in archives {
        refused(&cargo, "core", "1.0.0", "core-1.0.0.crate", &bytes);
    }
    let mut damaged = sound;
    let middle = damaged.len() - 6;
    damaged[middle] ^= 1;
    assert!(refused(&cargo, "core", "1.0.0", "core-1.0.0.crate", &damaged).contains("not a sound"));

    let uv = Shop::open("uv");
    let (file, sound) = wheel("core", "1.0.0", "");
    let text = "Name: core\nVersion: 1.0.0\n";
    let info = "core-1.0.0.dist-info/METADATA";
    let wheels = [
        [&sound[..], b"trailing"].concat(),
        [b"leading", &sound[..]].concat(),
        zipped(&[(info, text), ("../x", "")]),
        zipped(&[(info, text), ("a\\b", "")]),
        zipped(&[(info, text), ("Core-1.0.0.dist-info/METADATA", text)]),
        zipped(&[("sub/core-1.0.0.dist-info/METADATA", text)]),
        zipped(&[(info, "Name: other\nVersion: 1.0.0\n")]),
        zipped(&[(info, "Name: core\nVersion: 2.0.0\n")]),
        zipped(&[(info, "Name: core\nVersion: 1.0.0\nRequires-Python: \" onclick=\n")]),
        b"PK".to_vec(),
    ];
    for bytes in wheels {
        refused(&uv, "core", "1.0.0", &file, &bytes);
    }
    for (bytes, why) in [
        (renamed(&sound), "something else in another place"),
        (hiding(&sound), "belongs to none of its files"),
        (
            duplicated(&zipped(&[(info, text), ("core-1.0.0.dist-info/METADATB", text)])),
            "twice",
        ),
    ] {
        let message = refused(&uv, "core", "1.0.0", &file, &bytes);
        assert!(message.contains(why), "{message}");
    }
}

/// The same archive, whose first header names another file than its directory does.
fn renamed(zip: &[u8]) -> Vec<u8> {
    let mut copy = zip.to_vec();
    copy[30] ^= 0x20;
    copy
}

/// The same archive with a file between its files and its directory that the directory does not list.
fn hiding(zip: &[u8]) -> Vec<u8> {
    let hidden = zipped(&[("hidden.py", "evil")]);
    let end = zip.len() - 22;
    let start = u32::from_le_bytes(zip[end + 16..end + 20].try_into().expect("four bytes"));
    let (files, directory) = zip.split_at(start as usize);
    let hidden = &hidden[..39 + hidden[18] as usize];
    let mut copy = [files, hidden, directory].concat();
    let (at, start) = (end + hidden.len() + 16, start + hidden.len() as u32);
    copy[at..at + 4].copy_from_slice(&start.to_le_bytes());
    copy
}

/// The same archive with two entries of one name.
fn duplicated(zip: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = zip.to_vec();
    let mut copy = text.clone();
    for start in 0..text.len() - 8 {
        if text[start..].starts_with(b"METADATB") {
            copy[start + 7] = b'A';
        }
    }
    copy
}

#[test]
fn a_page_of_somebody_else_is_not_overwritten() {
    let shop = Shop::open("uv");
    let (file, bytes) = wheel("core", "1.0.0", "");
    let page = shop.root().join("simple/core/index.html");
    crate::support::write(&page, "<html>mine</html>");
    let artifact = shop.artifact("core", "1.0.0", &file, &bytes);
    assert!(shop.send(&artifact, &bytes).is_err());
    assert_eq!(
        std::fs::read_to_string(page).expect("our own file"),
        "<html>mine</html>"
    );
}

#[test]
fn what_cargo_and_npm_cannot_tell_apart_is_one() {
    for (ecosystem, make) in [
        ("cargo", krate as fn(&str, &str, &str) -> (String, Vec<u8>)),
        ("npm", tarball),
    ] {
        let shop = Shop::open(ecosystem);
        let (file, bytes) = make("core", "1.0.0+one", "");
        shop.send(&shop.artifact("core", "1.0.0+one", &file, &bytes), &bytes)
            .expect("nothing is there");
        let before = shop.snapshot();
        let (file, bytes) = make("core", "1.0.0+two", "");
        assert!(
            shop.send(&shop.artifact("core", "1.0.0+two", &file, &bytes), &bytes)
                .is_err()
        );
        assert_eq!(shop.snapshot(), before);
        if ecosystem == "cargo" {
            let (file, bytes) = make("Core", "1.1.0", "");
            assert!(
                shop.send(&shop.artifact("Core", "1.1.0", &file, &bytes), &bytes)
                    .is_err()
            );
            assert_eq!(shop.snapshot(), before);
        }
    }
}
