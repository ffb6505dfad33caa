//! Repositories that move over from other tools: what a generated configuration may not change or pass over silently.

use harness::Sandbox;

/// Packages of npm's below a private root, at these versions; one called `app` is private.
fn repository(packages: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let root = "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"p/*\"]}\n";
    sandbox.write("package.json", root);
    for (name, version) in packages {
        let private = if *name == "app" { ", \"private\": true" } else { "" };
        let text = format!("{{\"name\": \"{name}\", \"version\": \"{version}\"{private}}}\n");
        sandbox.write(&format!("p/{name}/package.json"), text);
    }
    sandbox.begin();
    sandbox
}

/// `a 1.1.0` for each package that `version` shows.
fn versions(sandbox: &Sandbox, more: &[&str]) -> Vec<String> {
    let words: Vec<&str> = [&["version", "--format", "json"][..], more].concat();
    let json = sandbox.run(&words).expect(0).json();
    let packages = json["packages"].as_array().expect("a list");
    let word = |package: &serde_json::Value, field: &str| package[field].as_str().unwrap_or("-").to_owned();
    let one = |package| format!("{} {}", word(package, "name"), word(package, "next"));
    packages.iter().map(one).collect()
}

#[test]
fn a_stray_tag_means_nothing_with_a_generated_file_either() {
    let sandbox = Sandbox::new();
    sandbox.write("package.json", "{\"name\": \"one\", \"version\": \"0.1.23\"}\n");
    sandbox.begin();
    for (number, tag) in ["0.1.22", "1.20", "0.1.23"].into_iter().enumerate() {
        sandbox.git(&["tag", tag]);
        sandbox.write("file", number.to_string());
        sandbox.commit("fix: more");
    }
    assert_eq!(versions(&sandbox, &[]), ["one 0.1.24"]);
    let _ = sandbox.run(&["generate", "--write"]).expect(0);
    assert_eq!(versions(&sandbox, &[]), ["one 0.1.24"]);
}

#[test]
fn a_plan_for_a_private_package_is_passed_over_with_a_warning() {
    let sandbox = repository(&[("a", "1.0.0"), ("app", "1.0.0")]);
    sandbox.git(&["tag", "a@1.0.0"]);
    sandbox.write(".changeset/config.json", "{}\n");
    let plan = "---\n\"a\": major\n\"app\": patch\n---\n\nRename everything\n";
    sandbox.write(".changeset/one.md", plan);
    sandbox.write(".changeset/two.md", "---\n\"app\": minor\n---\n\nOnly here\n");
    sandbox.commit("chore: plan");
    let generated = sandbox.run(&["generate", "--write"]).expect(0);
    let warning =
        "`app` is private, so what `.changeset/one.md` says of it is passed over, and so is another entry";
    assert!(generated.stderr.contains(warning), "{generated}");
    assert!(
        sandbox
            .read("RELEASE.star")
            .contains("plans_dir = \".changeset\"")
    );
    let version = sandbox.run(&["version"]).expect(0);
    assert!(version.stderr.contains(warning), "{version}");
    assert_eq!(versions(&sandbox, &[]), ["a 2.0.0"]);
}

#[test]
fn plans_that_are_left_out_are_spoken_of() {
    let sandbox = repository(&[("a", "1.0.0")]);
    sandbox.git(&["tag", "a@1.0.0"]);
    sandbox.write(".changeset/config.json", "{}\n");
    sandbox.write(".changeset/one.md", "---\n\"gone\": major\n---\n\nRename\n");
    sandbox.commit("chore: plan");
    let generated = sandbox.run(&["generate", "--write"]).expect(0);
    let left_out = "the version plans in `.changeset` are left out: .changeset/one.md: there is no package called `gone`";
    assert!(generated.stderr.contains(left_out), "{generated}");
}

#[test]
fn tags_that_nobody_reads_are_spoken_of() {
    let sandbox = Sandbox::new();
    sandbox.write("package.json", "{\"name\": \"one\", \"version\": \"2.3.0\"}\n");
    sandbox.begin();
    for tag in ["release-2.2.0", "release-2.3.0"] {
        sandbox.git(&["tag", tag]);
        sandbox.commit("fix: more");
    }
    let told = "2 version tags, such as `release-2.3.0`, name no package";
    let read = "former_tags = [\"release-{version}\"]";
    for words in [&["generate", "--write"][..], &["version"], &["status"]] {
        let ran = sandbox.run(words).expect(0);
        assert!(ran.stderr.contains(told) && ran.stderr.contains(read), "{ran}");
    }
    let text = sandbox.read("RELEASE.star");
    let text = text.replace("    groups = ", &format!("    {read},\n    groups = "));
    sandbox.write("RELEASE.star", text);
    let ran = sandbox.run(&["version"]).expect(0);
    assert!(!ran.stderr.contains("name no package"), "{ran}");
}

#[test]
fn another_train_with_something_to_release_is_named() {
    let sandbox = Sandbox::new();
    let root = "{\"name\": \"root\", \"version\": \"2.0.0\", \"workspaces\": [\"p/*\"]}\n";
    sandbox.write("package.json", root);
    sandbox.write("p/x/package.json", "{\"name\": \"x\", \"version\": \"1.0.0\"}\n");
    sandbox.begin();
    sandbox.git(&["tag", "v2.0.0"]);
    sandbox.git(&["tag", "x-v1.0.0"]);
    sandbox.write("p/x/file", "1");
    sandbox.commit("feat(x): only x");
    let _ = sandbox.run(&["generate", "--write"]).expect(0);
    let train = "`others` has 1 package to release: `--train others`";
    assert_eq!(versions(&sandbox, &[]), ["root 2.0.0"]);
    let planned = sandbox.run(&["plan", "--to-directory", "out"]).expect(0);
    assert!(planned.stderr.contains(train), "{planned}");
    let named = sandbox
        .run(&["plan", "--train", "default", "--to-directory", "out"])
        .expect(0);
    assert!(!named.stderr.contains(train), "{named}");
}
