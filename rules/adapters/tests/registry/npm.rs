//! The npm directory, its tarballs installed by npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use serde_json::Value;

use crate::support::{Shop, has, run, tarball, write};

fn npm(shop: &Shop, folder: &Path) -> Command {
    std::fs::create_dir_all(folder).expect("our own folder");
    let mut command = Command::new("npm");
    command
        .current_dir(folder)
        .env("npm_config_cache", shop.path("cache"))
        .env("npm_config_userconfig", shop.path("npmrc"));
    command.env("npm_config_update_notifier", "false");
    command
}

/// Packs a package; the tarball.
fn pack(shop: &Shop, name: &str, version: &str, needs: &str) -> PathBuf {
    let folder = shop.path(&format!("{}-{version}", name.replace('/', "-")));
    let manifest =
        format!("{{\"name\": \"{name}\", \"version\": \"{version}\", \"dependencies\": {{{needs}}}}}\n");
    write(&folder.join("package.json"), &manifest);
    write(
        &folder.join("index.js"),
        &format!("module.exports = \"{version}\";\n"),
    );
    run(npm(shop, &folder).args(["pack", "--offline", "--silent"]));
    let base = name.trim_start_matches('@').replace('/', "-");
    folder.join(format!("{base}-{version}.tgz"))
}

#[test]
fn npm_installs_the_tarballs_offline() {
    if !has("npm") || !has("openssl") {
        return;
    }
    let shop = Shop::open("npm");
    for version in ["1.9.0", "1.10.0", "2.0.0-rc.1"] {
        let file = pack(&shop, "@scope/core", version, "");
        shop.publish("@scope/core", version, &file);
    }
    let file = pack(&shop, "app", "0.1.0", "\"@scope/core\": \"^1.9.0\"");
    shop.publish("app", "0.1.0", &file);

    let text = std::fs::read_to_string(shop.root().join("@scope/core/index.json")).expect("an index");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (index["name"].as_str(), index["dist-tags"]["latest"].as_str()),
        (Some("@scope/core"), Some("1.10.0"))
    );
    let versions: Vec<&String> = index["versions"].as_object().expect("versions").keys().collect();
    assert_eq!(versions, ["1.9.0", "1.10.0", "2.0.0-rc.1"]);
    let dist = &index["versions"]["1.10.0"]["dist"];
    let core = shop
        .root()
        .join("@scope/core")
        .join(dist["tarball"].as_str().expect("a path"));
    let hash = |kind: &str| run(Command::new("openssl").args(["dgst", "-binary", kind]).arg(&core)).stdout;
    let integrity = base64::engine::general_purpose::STANDARD.encode(hash("-sha512"));
    assert_eq!(dist["integrity"], format!("sha512-{integrity}"));
    assert_eq!(dist["shasum"], hex::encode(hash("-sha1")));

    let project = shop.path("project");
    write(&project.join("package.json"), "{\"private\": true}\n");
    let app = shop.root().join("app/-/app-0.1.0.tgz");
    run(npm(&shop, &project)
        .args(["install", "--offline", "--no-audit", "--no-fund"])
        .args([&core, &app]));
    let script = "console.log(require('@scope/core'), require('app'))";
    let output = run(Command::new("node").args(["-e", script]).current_dir(&project));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1.10.0 0.1.0\n");
}

#[test]
fn tags_of_others_stay_and_a_first_prerelease_is_the_latest() {
    let shop = Shop::open("npm");
    let index = shop.root().join("core/index.json");
    let latest =
        || serde_json::from_str::<Value>(&std::fs::read_to_string(&index).expect("an index")).expect("JSON");
    let publish = |version: &str| {
        let (file, bytes) = tarball("core", version, "");
        shop.send(&shop.artifact("core", version, &file, &bytes), &bytes)
            .expect("nothing is there");
    };
    publish("1.0.0-rc.1");
    publish("1.0.0-beta.1");
    assert_eq!(latest()["dist-tags"]["latest"], "1.0.0-rc.1");
    let mut tagged = latest();
    tagged["dist-tags"]["beta"] = "1.0.0-beta.1".into();
    std::fs::write(&index, tagged.to_string()).expect("our own file");
    publish("0.9.0");
    publish("0.8.0");
    assert_eq!(
        latest()["dist-tags"],
        serde_json::json!({"latest": "0.9.0", "beta": "1.0.0-beta.1"})
    );
}

#[test]
fn channels_move_their_tags_once_and_latest_never_goes_back() {
    let shop = Shop::open("npm");
    let index = || {
        let text = std::fs::read_to_string(shop.root().join("core/index.json")).expect("an index");
        serde_json::from_str::<Value>(&text).expect("JSON")["dist-tags"].clone()
    };
    let send = |version: &str, channel: &str| {
        let (file, bytes) = tarball("core", version, "");
        let artifact = model::Artifact {
            channel: channel.to_owned(),
            ..shop.artifact("core", version, &file, &bytes)
        };
        shop.send(&artifact, &bytes)
    };
    send("2.0.0", "latest").expect("a first version");
    send("2.1.0-beta.1", "beta").expect("a pre-release");
    send("2.1.0-beta.2", "beta").expect("another one");
    send("1.5.0", "release-1.x").expect("an older line");
    let tags = serde_json::json!({"latest": "2.0.0", "beta": "2.1.0-beta.2", "release-1.x": "1.5.0"});
    assert_eq!(index(), tags);

    // Sent again, after others: nothing moves.
    let before = shop.snapshot();
    send("2.1.0-beta.1", "beta").expect("it is there");
    send("1.5.0", "latest").expect("it is there");
    assert_eq!(shop.snapshot(), before);

    let refused = send("1.5.1", "latest").expect_err("it is older than the latest");
    assert!(refused.message.contains("`latest` is 2.0.0"), "{refused}");
    assert!(refused.hint.is_some_and(|hint| hint.contains("release-1.x")));
    assert!(send("2.2.0", "v2").is_err());
    assert_eq!(shop.snapshot(), before, "nothing of what is refused is placed");
    send("2.1.0", "latest").expect("a release");
    assert_eq!(index()["latest"], "2.1.0");
}
