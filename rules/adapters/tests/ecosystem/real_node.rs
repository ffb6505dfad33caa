//! npm and pnpm themselves agree on what is found, pack what is pinned, and install it.

use std::collections::BTreeSet;

use model::PinStrategy;

use crate::scratch::{Bench, has, in_tarball, names_in, output};
use crate::tools::{Table, json, on_disk, only, text, with};

pub(crate) const NODE: Table<'_> = &[
    (
        "package.json",
        "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"packages/*\", \"!packages/old\"], \"packageManager\": \"pnpm@1.0.0\"}",
    ),
    ("LICENSE", "Do what you like.\n"),
    (
        "packages/core/package.json",
        "{\"name\": \"@acme/core\", \"version\": \"0.1.0\", \"main\": \"index.js\"}\n",
    ),
    ("packages/core/index.js", "module.exports = \"core\";\n"),
    (
        "packages/app/package.json",
        "{\n  \"name\": \"acme-app\",\n  \"version\": \"0.1.0\",\n  \"type\": \"module\",\n  \"exports\": \"./index.js\",\n  \"bin\": \"./index.js\",\n  \"dependencies\": {\"@acme/core\": \"^0.1.0\"},\n  \"devDependencies\": {\"acme-dev\": \"*\"}\n}",
    ),
    (
        "packages/app/index.js",
        "#!/usr/bin/env node\nimport word from \"@acme/core\";\nif (word !== \"core\") throw new Error(word);\n",
    ),
    (
        "packages/dev/package.json",
        "{\"name\": \"acme-dev\", \"version\": \"1.0.0\", \"private\": true}",
    ),
    (
        "packages/old/package.json",
        "{\"name\": \"old\", \"version\": \"1.0.0\"}",
    ),
];

pub(crate) fn pnpm_files() -> Vec<(&'static str, &'static str)> {
    let mut files = with(
        NODE,
        "pnpm-workspace.yaml",
        "packages:\n  - 'packages/**'\n  - '!**/old'\ncatalog:\n  left: ^1.0.0\n",
    );
    files.retain(|(path, _)| *path != "packages/app/package.json");
    files.push((
        "packages/app/package.json",
        "{\n  \"name\": \"acme-app\",\n  \"version\": \"0.1.0\",\n  \"type\": \"module\",\n  \"exports\": \"./index.js\",\n  \"dependencies\": {\"@acme/core\": \"workspace:^\"},\n  \"peerDependencies\": {\"left\": \"catalog:\"},\n  \"peerDependenciesMeta\": {\"left\": {\"optional\": true}},\n  \"devDependencies\": {\"acme-dev\": \"workspace:*\"}\n}",
    ));
    files
}

#[test]
fn npm_agrees_on_members() {
    if !has("npm") {
        return;
    }
    let (folder, found) = on_disk("npm", NODE);
    output(
        folder.path(),
        &[
            "npm",
            "install",
            "--offline",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ],
    );
    let listed = json(&output(folder.path(), &["npm", "query", ".workspace"]));
    let mut listed: BTreeSet<String> = listed
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let private = package["private"].as_bool().unwrap_or(false);
            format!(
                "{} {} {} {private}",
                text(&package["name"]),
                text(&package["version"]),
                text(&package["location"])
            )
        })
        .collect();
    listed.insert("root 0.0.0  true".to_owned());
    assert_eq!(found, listed);
}

#[test]
fn pnpm_agrees_on_members() {
    if !has("pnpm") {
        return;
    }
    let (folder, found) = on_disk("pnpm", &pnpm_files());
    let listed = output(folder.path(), &["pnpm", "-r", "list", "--depth", "-1", "--json"]);
    let listed = json(&listed);
    let top = folder.path().canonicalize().expect("a folder");
    let listed: BTreeSet<String> = listed
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let path = std::path::Path::new(text(&package["path"]))
                .strip_prefix(&top)
                .expect("inside");
            let version = package["version"].as_str().unwrap_or("0.0.0");
            format!(
                "{} {version} {} {}",
                text(&package["name"]),
                path.display(),
                package["private"]
            )
        })
        .collect();
    assert_eq!(found, listed);
}

fn node_packs_alone_and_installs(kind: &'static str, files: Table<'_>) {
    if !has(kind) {
        return;
    }
    let mut bench = Bench::new(kind, files);
    let sources = bench.sources("acme-app");
    assert!(
        !sources.iter().any(|path| path.starts_with("packages/core")),
        "{sources:?}"
    );
    let needs = [("@acme/core", "0.2.0-rc.1")];
    let app = bench.build("acme-app", "1.0.0", PinStrategy::Exact, &needs);
    assert_eq!(
        app,
        bench.build("acme-app", "1.0.0", PinStrategy::Exact, &needs),
        "the same bytes again"
    );
    assert_eq!(app.keys().collect::<Vec<_>>(), ["acme-app-1.0.0.tgz"]);
    let manifest = json(&in_tarball(only(&app), "package/package.json"));
    assert_eq!(
        (&manifest["version"], &manifest["dependencies"]["@acme/core"]),
        (&"1.0.0".into(), &"0.2.0-rc.1".into())
    );
    if kind == "pnpm" {
        assert_eq!(manifest["peerDependencies"]["left"], "^1.0.0");
        assert!(names_in(only(&app)).contains(&"package/LICENSE".to_owned()));
    }
    bench.publish("acme-app", "1.0.0");
    bench
        .try_out("acme-app", "1.0.0")
        .expect_err("its need is not there yet");
    bench.build("@acme/core", "0.2.0-rc.1", PinStrategy::Exact, &[]);
    bench.publish("@acme/core", "0.2.0-rc.1");
    bench
        .try_out("acme-app", "1.0.0")
        .expect("it installs and imports");
    bench
        .try_out("@acme/core", "0.2.0-rc.1")
        .expect("it installs and imports");
}

#[test]
fn npm_packs_the_dependent_alone_and_both_install() {
    node_packs_alone_and_installs("npm", NODE);
}

#[test]
fn pnpm_packs_the_dependent_alone_and_both_install() {
    node_packs_alone_and_installs("pnpm", &pnpm_files());
}

/// A package that is made by a script, out of what its released sibling and its private sibling hold.
fn node_builds_with_siblings(kind: &'static str, any: &str) {
    if !has(kind) {
        return;
    }
    let app = format!(
        "{{\"name\": \"acme-app\", \"version\": \"0.1.0\", \"main\": \"made.js\", \"files\": [\"made.js\"], \"scripts\": {{\"build\": \"node make.js\", \"prepack\": \"node -e 0\"}}, \"dependencies\": {{\"@acme/core\": \"{any}\"}}, \"devDependencies\": {{\"acme-dev\": \"{any}\"}}}}"
    );
    let mut files = if kind == "pnpm" {
        pnpm_files()
    } else {
        NODE.to_vec()
    };
    files = with(&files, "packages/app/package.json", &app);
    files = with(
        &files,
        "packages/app/make.js",
        "require(\"fs\").writeFileSync(\"made.js\", `module.exports = \"${require(\"@acme/core\")} ${require(\"@acme/core/package.json\").version} ${require(\"acme-dev/dev.js\")} ${require(\"./package.json\").version}\";`);\n",
    );
    files = with(&files, "packages/dev/dev.js", "module.exports = \"dev\";\n");
    let mut bench = Bench::new(kind, &files);
    let sources = bench.sources("acme-app");
    assert!(sources.contains(&"packages/dev/dev.js".to_owned()), "{sources:?}");
    assert!(
        !sources.iter().any(|path| path.starts_with("packages/core")),
        "{sources:?}"
    );
    bench.build("@acme/core", "2.0.0", PinStrategy::Exact, &[]);
    let needs = [("@acme/core", "2.0.0"), ("acme-dev", "1.0.0")];
    let app = bench.build("acme-app", "1.0.0", PinStrategy::Compatible, &needs);
    assert_eq!(
        app,
        bench.build("acme-app", "1.0.0", PinStrategy::Compatible, &needs),
        "the same bytes again"
    );
    assert_eq!(
        in_tarball(only(&app), "package/made.js"),
        "module.exports = \"core 2.0.0 dev 1.0.0\";"
    );
    let manifest = json(&in_tarball(only(&app), "package/package.json"));
    assert_eq!(manifest["dependencies"]["@acme/core"], "^2.0.0");
}

#[test]
fn npm_builds_with_released_and_private_siblings() {
    node_builds_with_siblings("npm", "*");
}

#[test]
fn pnpm_builds_with_released_and_private_siblings() {
    node_builds_with_siblings("pnpm", "workspace:*");
}
