//! Version plans: written, listed, checked; and what is said about bad ones.

use std::io::Write as _;
use std::process::Stdio;

use harness::Sandbox;

use super::npm_packages::released;

fn repository() -> Sandbox {
    released("version_strategy = \"plans\"")
}

#[test]
fn a_plan_is_written_and_listed() {
    let sandbox = repository();
    let add = |args: &[&str]| sandbox.run(&[&["version", "plan", "add"], args].concat());
    let args = [
        "--package",
        "@acme/core",
        "-p",
        "web=patch",
        "--bump",
        "minor",
        "-m",
        "Banners can be wide",
    ];
    let first = add(&args).expect(0);
    let file = first.stdout.trim();
    assert!(file.starts_with(".releases/banners-can-be-wide-"), "{first}");
    let text = "---\n\"@acme/core\": minor\n\"web\": patch\n---\n\nBanners can be wide\n";
    assert_eq!(sandbox.read(file), text);
    assert_eq!(
        add(&args).expect(0).stdout.trim(),
        file,
        "the same plan is the same file"
    );

    let mut command = sandbox.command(&[
        "version", "plan", "add", "-p", "npm/web", "-b", "major", "-m", "-",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin
        .write_all("Gone: \u{1b}[31m`x`\n\nMore.\n".as_bytes())
        .expect("it reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());

    let list = sandbox
        .run(&["version", "plan", "list", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(list["schema"], "releasekit.version-plan/1");
    assert_eq!(list["plans"][0]["file"], file);
    assert_eq!(
        list["plans"][0]["packages"],
        serde_json::json!([{"name": "@acme/core", "bump": "minor"}, {"name": "web", "bump": "patch"}])
    );
    assert_eq!(list["plans"][1]["text"], "Gone: \u{1b}[31m`x`\n\nMore.");
    let list = sandbox.run(&["version", "plan", "list"]).expect(0);
    assert!(list.stdout.contains("@acme/core minor, web patch"), "{list}");
    assert!(!list.stdout.contains('\u{1b}'), "{list}");
    let _done = sandbox.run(&["version"]).expect(0);
    let _done = sandbox.run(&["changelog"]).expect(0);
}

#[test]
fn a_plan_about_nobody_is_refused() {
    let sandbox = repository();
    let before = sandbox.listing();
    let table: [(&[&str], i32, &str); 9] = [
        (&["-p", "wbe", "-b", "minor", "-m", "x"], 2, "did you mean `web`?"),
        (&["-p", "secret=minor", "-m", "x"], 3, "private"),
        (&["-p", "web=huge", "-m", "x"], 2, "bumps are"),
        (&["-p", "web", "-m", "x"], 2, "--bump minor"),
        (&["-p", "web", "-b", "minor"], 2, "--message"),
        (&["-p", "web", "-b", "minor", "-m", " "], 2, "empty"),
        (
            &["-p", "web=patch", "-p", "npm/web=minor", "-m", "x"],
            2,
            "named twice",
        ),
        (&["-m", "x"], 2, "--package"),
        (&["--empty", "-p", "web", "-m", "x"], 2, "--empty"),
    ];
    for (args, code, words) in table {
        let refused = sandbox
            .run(&[&["version", "plan", "add"], args].concat())
            .expect(code);
        assert!(refused.stderr.contains(words), "{refused}");
    }
    assert_eq!(sandbox.listing(), before);

    sandbox.write(".releases/README.md", "not a plan");
    sandbox.write(".releases/config.json", "{");
    sandbox.write(".releases/bad.md", "---\r\nweb: minro\r\n---\r\n");
    for command in [&["version", "plan", "list"][..], &["changelog"]] {
        let refused = sandbox.run(command).expect(3);
        assert!(
            refused.stderr.contains(".releases/bad.md:2") && refused.stderr.contains("did you mean `minor`?"),
            "{refused}"
        );
    }
    sandbox.write(".releases/bad.md", "---\ncoer: minor\n---\n");
    let refused = sandbox.run(&["version", "plan", "list"]).expect(3);
    assert!(
        refused.stderr.contains("`coer`") && refused.stderr.contains(".releases/bad.md"),
        "{refused}"
    );
}

#[test]
fn a_changed_package_needs_a_plan() {
    let sandbox = repository();
    let check = |args: &[&str]| sandbox.run(&[&["version", "plan", "check"], args].concat());
    let _done = check(&[]).expect(0);
    sandbox.write("packages/core/a", "1");
    sandbox.commit("refactor: core");
    let base = sandbox.git_says(&["rev-parse", "HEAD"]).trim().to_owned();
    sandbox.write("packages/web/a", "1");
    sandbox.commit("fix: web");

    let missing = check(&["--format", "json"]).expect(4);
    assert_eq!(
        missing.json()["missing"],
        serde_json::json!(["@acme/core", "web"])
    );
    assert!(
        missing
            .stderr
            .contains("version plan add --package @acme/core --package web"),
        "{missing}"
    );
    for since in [base.as_str(), &base[..8]] {
        let missing = check(&["--since", since]).expect(4);
        assert!(
            !missing.stderr.contains("@acme/core") && missing.stderr.contains("web"),
            "{missing}"
        );
    }
    let _done = check(&["--since", "web/v0.1.0"]).expect(4);
    let _done = check(&["--since", "HEAD~9"]).expect(3);

    let _done = sandbox
        .run(&[
            "version",
            "plan",
            "add",
            "-p",
            "web",
            "-b",
            "patch",
            "-m",
            "Fix the web",
        ])
        .expect(0);
    let _done = check(&["--since", &base]).expect(0);
    let missing = check(&[]).expect(4);
    assert!(
        missing.stderr.contains("@acme/core") && !missing.stderr.contains("web,"),
        "{missing}"
    );
    let _done = sandbox
        .run(&["version", "plan", "add", "--empty", "-m", "Only tests"])
        .expect(0);
    let _done = check(&[]).expect(0);
}

#[test]
fn plans_that_a_release_took_in_are_told_of_it() {
    let sandbox = repository();
    let plan = |bump: &str, text: &str| {
        let args = ["version", "plan", "add", "-p", bump, "-m", text];
        let added = sandbox.run(&args).expect(0);
        sandbox.commit("chore: plan");
        added.stdout.trim().to_owned()
    };
    let tag = |name: &str| sandbox.git(&["tag", "--annotate", "--message", "x", name]);
    let first = plan("@acme/core=major", "The old way is *gone*");
    tag("@acme/core/v1.0.0-rc.0");
    sandbox.git(&["rm", "--quiet", &first]);
    sandbox.commit("chore: release\n\nReleasekit-Release: 0a1b2c3d");
    // A tool of another kind, which tags the commit that deletes plans.
    let second = plan("@acme/core=patch", "Faster");
    sandbox.git(&["rm", "--quiet", &second]);
    sandbox.commit("Version packages");
    tag("@acme/core/v1.0.0-rc.1");

    let told = |args: &[&str]| {
        let all = [&["changelog", "@acme/core", "--date", "2026-01-02"], args].concat();
        sandbox.run(&all).expect(0).stdout
    };
    let breaking = "### Breaking Changes\n\n- The old way is *gone*\n";
    let fixes = "### Bug Fixes\n\n- Faster\n";
    let day = "(2026-01-02)\n\n";
    assert_eq!(
        told(&["--at", "1.0.0-rc.0"]),
        format!("## 1.0.0-rc.0 {day}{breaking}")
    );
    assert_eq!(
        told(&["--at", "1.0.0-rc.1"]),
        format!("## 1.0.0-rc.1 {day}{fixes}")
    );
    let whole = format!("## 1.0.0 {day}{breaking}\n{fixes}");
    assert_eq!(told(&["--channel", "latest"]), whole);
    tag("@acme/core/v1.0.0");
    assert_eq!(told(&["--at", "@acme/core/v1.0.0"]), whole);
}

#[test]
fn a_plan_that_was_released_excuses_nothing() {
    let sandbox = repository();
    let check = |args: &[&str]| sandbox.run(&[&["version", "plan", "check"], args].concat());
    let add = |args: &[&str]| {
        sandbox
            .run(&[&["version", "plan", "add"], args].concat())
            .expect(0)
    };
    let _plans = [
        add(&["-p", "web", "-b", "patch", "-m", "Fix the web"]),
        add(&["--empty", "-m", "Only tests"]),
    ];
    sandbox.write("packages/web/a", "1");
    sandbox.write("packages/core/a", "1");
    sandbox.commit("fix: web");
    let base = sandbox.git_says(&["rev-parse", "HEAD"]).trim().to_owned();
    let _done = check(&[]).expect(0);
    // `web` is released, and both plans stay where they are.
    sandbox.git(&["tag", "web/v0.1.1"]);
    sandbox.write("packages/web/b", "1");
    sandbox.commit("feat: more web");
    let missing = check(&["--format", "json"]).expect(4);
    assert_eq!(missing.json()["missing"], serde_json::json!(["web"]));
    assert_eq!(
        missing.json()["changed"],
        serde_json::json!(["@acme/core", "web"])
    );
    let missing = check(&["--since", &base, "--format", "json"]).expect(4);
    assert_eq!(missing.json()["missing"], serde_json::json!(["web"]));
    // A new one that says nothing is to be released covers it, and so does one that names it, committed or not.
    let empty = add(&["--empty", "-m", "More tests"]);
    let _done = check(&[]).expect(0);
    let _done = check(&["--since", &base]).expect(0);
    std::fs::remove_file(sandbox.path(empty.stdout.trim())).expect("it was written");
    let _plan = add(&["-p", "web", "-b", "minor", "-m", "More web"]);
    let _done = check(&["--since", &base]).expect(0);
    sandbox.commit("chore: plan");
    let _done = check(&["--since", &base]).expect(0);
}
