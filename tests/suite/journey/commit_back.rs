//! What a release changes in the repository: one commit, pushed with the tags, and nothing of anybody else's.

use std::os::unix::fs::PermissionsExt;

use harness::{Ran, Running, Sandbox, copy_tree, listing, require_tool, tell};

use super::releases::{head, publish, references, with_origin, with_train};

const BACK: &str = "commit_back = True, push = True, registry = \"directory:{registry}\"";

/// A workspace with bump files, something unrelated that is dirty, and a remote.
fn prepared(train: &str) -> (Sandbox, String) {
    let sandbox = with_train(train);
    sandbox.write("chart.yaml", "appVersion: 0.1.0\nother: 9.9.9\n");
    sandbox.write("unrelated.txt", "one\n");
    let edited = "uv_package(name = name, group = \"all\", bump_files = [\"chart.yaml\"] if name == \"tern-a\" else [])";
    sandbox.edit("RELEASE.star", "uv_package(name = name, group = \"all\")", edited);
    sandbox.commit("chore: more");
    let origin = with_origin(&sandbox);
    // The first release is what the manifests say: nothing to bring back. Then a feature.
    let _first = publish(&sandbox).expect(0);
    sandbox.write(
        "tern-a/src/tern_a/__init__.py",
        "\"\"\"A.\"\"\"\n\nNAME = \"better\"\n",
    );
    sandbox.commit("feat: better");
    sandbox.write("unrelated.txt", "two\n");
    sandbox.write("staged.txt", "staged\n");
    sandbox.git(&["add", "staged.txt"]);
    (sandbox, origin)
}

fn status(sandbox: &Sandbox) -> String {
    sandbox.git_says(&["status", "--porcelain=v1"])
}

fn nothing_is_left(sandbox: &Sandbox) {
    let plan = sandbox.run(&["plan", "--format", "json"]).expect(0);
    assert_eq!(plan.json()["versions"], serde_json::json!([]), "{plan}");
    let version = sandbox.run(&["version", "--format", "json"]).expect(0);
    for package in version.json()["packages"].as_array().expect("a list") {
        assert_eq!(package["bump"], "none", "{version}");
    }
}

#[test]
fn versions_come_back_as_one_commit_that_is_pushed() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = prepared(BACK);
    let (released, before) = (head(&sandbox), status(&sandbox));
    let second = publish(&sandbox).expect(0);
    let at = head(&sandbox);
    assert_eq!(
        sandbox.git_says(&["rev-parse", "HEAD~"]).trim(),
        released,
        "{second}"
    );
    let shown = sandbox.git_says(&["show", "--format=%B%ct", "--name-status", "HEAD"]);
    let release = second.json()["release"].as_str().expect("a name").to_owned();
    assert!(shown.starts_with("chore(release): default "), "{shown}");
    assert!(
        shown.contains(&format!("\nReleasekit-Release: {release}\n")),
        "{shown}"
    );
    assert!(
        shown.ends_with(
            "M\tchart.yaml\nM\ttern-a/CHANGELOG.md\nM\ttern-a/pyproject.toml\nM\ttern-b/CHANGELOG.md\n\
             M\ttern-b/pyproject.toml\n"
        ),
        "{shown}"
    );
    let news = sandbox.read("tern-b/CHANGELOG.md");
    assert!(news.starts_with("# Changelog\n\n## 0.1.1 "), "{news}");
    assert!(
        news.contains("tern-a 0.2.0") && news.contains("\n## 0.1.0 "),
        "{news}"
    );
    assert!(
        sandbox
            .read("chart.yaml")
            .starts_with("appVersion: 0.2.0\nother: 9.9.9\n")
    );
    assert!(
        sandbox
            .read("tern-a/pyproject.toml")
            .contains("version = \"0.2.0\"")
    );
    assert!(
        sandbox
            .read("tern-b/pyproject.toml")
            .contains("\"tern-a>=0.1.0\""),
        "requirements stay"
    );
    assert_eq!(status(&sandbox), before, "something unrelated was touched");
    assert_eq!(
        references(&sandbox, &origin, "refs/heads"),
        [format!("refs/heads/main {at}")]
    );
    let tags = references(&sandbox, &origin, "refs/tags");
    assert!(
        tags.contains(&format!("refs/tags/tern-a/v0.2.0 {released}")),
        "{tags:?}"
    );

    nothing_is_left(&sandbox);
    let third = publish(&sandbox).expect(0);
    assert_eq!(
        (third.count("executed"), third.count("failed")),
        (0, 0),
        "{third}"
    );
    assert_eq!(third.ids("confirmed"), ["default:push"], "{third}");
    assert_eq!(head(&sandbox), at);
}

#[test]
fn a_branch_that_is_not_checked_out_and_a_head_that_is_on_none() {
    if !require_tool("uv") {
        return;
    }
    let message = "chore: {train_name} ({packages})";
    let named = format!("commit_back_branch = \"main\", commit_back_message = \"{message}\", {BACK}");
    let (sandbox, origin) = prepared(&named);
    sandbox.git(&["checkout", "--quiet", "--detach"]);
    let (released, before) = (head(&sandbox), status(&sandbox));
    let _second = publish(&sandbox).expect(0);
    assert_eq!((head(&sandbox), status(&sandbox)), (released, before));
    let subject = sandbox.git_says(&["--git-dir", &origin, "log", "-1", "--format=%s", "main"]);
    assert_eq!(subject, "chore: default (tern-a 0.2.0, tern-b 0.1.1)\n");
    let third = publish(&sandbox).expect(0);
    assert_eq!(third.count("executed"), 0, "{third}");

    sandbox.edit("RELEASE.star", "commit_back_branch = \"main\", ", "");
    let ran = publish(&sandbox).expect(3);
    assert!(
        ran.stderr.contains("no branch is checked out") && ran.stderr.contains("RELEASE.star:"),
        "{ran}"
    );
}

#[test]
fn changes_of_somebodys_own_are_refused_before_anything_is_published() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, _) = prepared(BACK);
    let there = listing(&sandbox.registry());
    sandbox.edit("chart.yaml", "9.9.9", "9.9.8");
    let (at, before) = (head(&sandbox), status(&sandbox));
    let ran = publish(&sandbox).expect(4);
    assert!(ran.stderr.contains("`chart.yaml` has changes"), "{ran}");
    assert_eq!((head(&sandbox), status(&sandbox)), (at, before));
    assert_eq!(listing(&sandbox.registry()), there);
}

#[test]
fn placeholders_stay_what_they_are() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(BACK);
    for name in ["tern-a", "tern-b"] {
        let path = format!("{name}/pyproject.toml");
        sandbox.edit(&path, "version = \"0.1.0\"", "version = \"0.0.0.dev0\"");
    }
    sandbox.edit("tern-b/pyproject.toml", "tern-a>=0.1.0", "tern-a");
    sandbox.commit("chore: placeholders");
    sandbox.git(&["tag", "tern-a/v0.1.0", "HEAD"]);
    sandbox.git(&["tag", "tern-b/v0.1.0", "HEAD"]);
    sandbox.write("tern-a/src/tern_a/__init__.py", "NAME = \"x\"\n");
    sandbox.commit("fix: x");
    with_origin(&sandbox);
    let at = head(&sandbox);
    let ran = publish(&sandbox).expect(0);
    assert_eq!(status(&sandbox), "", "{ran}");
    let changed = sandbox.git_says(&["diff", "--name-only", &at, "HEAD"]);
    assert_eq!(changed, "tern-a/CHANGELOG.md\ntern-b/CHANGELOG.md\n", "{ran}");
    assert!(sandbox.git_says(&["tag"]).contains("tern-a/v0.1.1"));
}

#[test]
fn a_refused_push_is_made_up_for_after_the_commit_too() {
    if !require_tool("uv") {
        return;
    }
    let (sandbox, origin) = prepared(BACK);
    let hook = std::path::Path::new(&origin).join("hooks/update");
    std::fs::write(&hook, "#!/bin/sh\n[ $1 != refs/heads/main ] || exit 1\n").expect("ours");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let tags = references(&sandbox, &origin, "refs/tags");
    let failed = publish(&sandbox).expect(1);
    assert_eq!(failed.ids("failed"), ["default:push"], "{failed}");
    assert_eq!(
        references(&sandbox, &origin, "refs/tags"),
        tags,
        "tags were pushed without the branch"
    );
    std::fs::remove_file(&hook).expect("there");
    let at = head(&sandbox);
    let resumed = publish(&sandbox).expect(0);
    assert_eq!(resumed.ids("executed"), ["default:push"], "{resumed}");
    assert_eq!(resumed.json()["release"], failed.json()["release"]);
    assert_eq!(
        references(&sandbox, &origin, "refs/heads"),
        [format!("refs/heads/main {at}")]
    );
    assert_eq!(references(&sandbox, &origin, "refs/tags").len(), tags.len() + 2);
    nothing_is_left(&sandbox);
}

/// What a finished release leaves in the world.
fn world(sandbox: &Sandbox, origin: &str) -> (harness::Listing, Vec<String>, Vec<String>, String) {
    let mut registry = listing(&sandbox.registry());
    registry.retain(|path, _| !path.rsplit('/').next().unwrap_or_default().starts_with('.'));
    (
        registry,
        references(sandbox, ".git", "refs"),
        references(sandbox, origin, "refs"),
        status(sandbox),
    )
}

#[test]
fn a_crash_at_any_journal_write_is_finished_by_the_next_run() {
    if !require_tool("uv") {
        return;
    }
    let (mut sandbox, origin) = prepared(BACK);
    let saved = sandbox.outside("saved");
    for (name, folder) in [("workspace", sandbox.root()), ("registry", sandbox.registry())] {
        copy_tree(&folder, &saved.join(name));
    }
    copy_tree(std::path::Path::new(&origin), &saved.join("origin"));
    let reset = |sandbox: &Sandbox| {
        for (name, folder) in [
            ("workspace", sandbox.root()),
            ("registry", sandbox.registry()),
            ("origin", std::path::PathBuf::from(&origin)),
        ] {
            std::fs::remove_dir_all(&folder).expect("ours");
            copy_tree(&saved.join(name), &folder);
            // Folders that git insists on may be empty, and are not copied.
            let git = if name == "workspace" {
                folder.join(".git")
            } else {
                folder
            };
            if git.join("HEAD").exists() {
                for part in ["refs/heads", "refs/tags", "objects"] {
                    std::fs::create_dir_all(git.join(part)).expect("ours");
                }
            }
        }
    };
    let crash = |sandbox: &Sandbox, point: &str| -> Ran {
        let mut command = sandbox.command(&["publish", "--format", "json"]);
        command.env("RELEASEKIT_CRASH_AT", point);
        Running::start(command).finish()
    };
    let _undisturbed = publish(&sandbox).expect(0);
    let expected = world(&sandbox, &origin);
    let built = sandbox.outside("built");
    copy_tree(sandbox.cache(), &built);
    sandbox.use_cache(&built);
    let mut crashes = 0;
    for after in ["", ":after"] {
        for number in 1.. {
            reset(&sandbox);
            let point = format!("journal:{number}{after}");
            let crashed = crash(&sandbox, &point);
            if crashed.code == 0 {
                break;
            }
            assert_eq!(crashed.code, 134, "{point}: {crashed}");
            crashes += 1;
            let resumed = publish(&sandbox).expect(0);
            assert!(
                world(&sandbox, &origin) == expected,
                "{point}: another outcome: {resumed}\nafter {crashed}"
            );
            let third = publish(&sandbox).expect(0);
            assert_eq!(third.count("executed"), 0, "{point}: {third}");
        }
    }
    tell(&format!(
        "{crashes} crashes of a release that is committed back and pushed: all finished as if undisturbed"
    ));
    assert!(crashes >= 30, "only {crashes} crashes");
}

#[test]
fn a_cargo_workspace_still_resolves_afterwards() {
    let sandbox = Sandbox::of(
        "
        //- .gitignore
        /.releasekit/
        /target/
        //- Cargo.toml
        [workspace]
        members = [\"heron\", \"heron-cli\"]
        resolver = \"3\"
        //- heron/Cargo.toml
        [package]
        name = \"heron\"
        version = \"0.1.0\"
        edition = \"2024\"
        description = \"A bird\"
        license = \"Apache-2.0\"
        //- heron/src/lib.rs
        //! A bird.
        //- heron-cli/Cargo.toml
        [package]
        name = \"heron-cli\"
        version = \"0.1.0\"
        edition = \"2024\"
        description = \"A bird, called\"
        license = \"Apache-2.0\"

        [dependencies]
        heron = { path = \"../heron\", version = \"0.1\" }
        //- heron-cli/src/lib.rs
        //! A bird, called.
        //- RELEASE.star
        load(\"@releasekit//rules/cargo.star\", \"cargo_package\", \"cargo_workspace\")
        load(\"@releasekit//rules/train.star\", \"release_train\")
        cargo_workspace(name = \"birds\")
        [cargo_package(name = name) for name in [\"heron\", \"heron-cli\"]]
        release_train(name = \"default\", commit_back = True)
        ",
    );
    let cargo = |args: &[&str]| {
        let mut command = sandbox.tool("cargo");
        command.args(args);
        Running::start(command).finish().expect(0)
    };
    let _locked = cargo(&["generate-lockfile", "--offline"]);
    sandbox.begin();
    for name in ["heron", "heron-cli"] {
        sandbox.git(&["tag", &format!("{name}/v0.1.0")]);
    }
    sandbox.write("heron/src/lib.rs", "//! A larger bird.\n");
    sandbox.commit("feat!: grow");
    let _ran = sandbox.publish().expect(0);
    assert_eq!(status(&sandbox), "");
    let manifest = sandbox.read("heron-cli/Cargo.toml");
    assert!(
        manifest.contains("version = \"0.2\" }") || manifest.contains("version = \"0.2.0\" }"),
        "{manifest}"
    );
    assert!(manifest.contains("version = \"0.1.1\""), "{manifest}");
    let _resolved = cargo(&["metadata", "--locked", "--offline", "--format-version=1"]);
    assert!(sandbox.read("heron/CHANGELOG.md").contains("grow"));
    let checked = sandbox.run(&["check"]).expect(0);
    assert!(checked.stdout.is_empty(), "{checked}");
}
