//! What packages are called on the command line and in version plans: one answer everywhere.

use harness::Sandbox;

/// Two packages of one name, of which the train releases one, and others.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::of(
        r#"
        //- .gitignore
        /.releasekit/
        //- RELEASE.star
        load("@releasekit//rules/npm.star", "npm_package")
        load("@releasekit//rules/train.star", "release_train")
        load("@releasekit//rules/uv.star", "uv_package")
        [npm_package(name = name) for name in ["core", "@acme/web"]]
        uv_package(name = "core")
        release_train(name = "default", tag_format = "{ecosystem}/{name}/v{version}")
        //- package.json
        {"private": true, "workspaces": ["core", "web", "hidden"]}
        //- core/package.json
        {"name": "core", "version": "1.0.0"}
        //- web/package.json
        {"name": "@acme/web", "version": "1.0.0"}
        //- hidden/package.json
        {"name": "hidden", "version": "1.0.0", "private": true}
        //- core/pyproject.toml
        [project]
        name = "core"
        version = "1.0.0"
        [build-system]
        requires = []
        build-backend = "none"
        "#,
    );
    sandbox.begin();
    sandbox
}

/// Names that mean nobody or several, with the hint there is.
const WRONG: [(&str, &str); 4] = [
    ("core", "say which: `npm/core` or `uv/core`"),
    ("web", "did you mean `@acme/web`?"),
    ("uv/cor", "did you mean `uv/core`?"),
    ("nonsense", "`releasekit discover` lists the packages"),
];

#[test]
fn a_name_means_the_same_to_every_command() {
    let sandbox = sandbox();
    let commands = |name: &str| {
        let set = format!("{name}=2.0.0");
        [
            vec!["version".to_owned(), "--set".to_owned(), set.clone()],
            vec!["status".to_owned(), "--set".to_owned(), set],
            vec!["tag".to_owned(), "--dry-run".to_owned(), name.to_owned()],
            vec!["changelog".to_owned(), name.to_owned()],
            ["bump", "minor", "--dry-run", "--package", name]
                .map(str::to_owned)
                .to_vec(),
            ["version", "plan", "add", "-m", "x", "-b", "minor", "-p", name]
                .map(str::to_owned)
                .to_vec(),
        ]
    };
    let run = |args: &[String]| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        sandbox.run(&args)
    };
    let before = sandbox.listing();
    for (name, hint) in WRONG {
        for args in commands(name) {
            let refused = run(&args).expect(2);
            assert!(refused.stderr.contains(hint), "{args:?}: {refused}");
        }
    }
    assert_eq!(sandbox.listing(), before);
    for name in ["npm/core", "uv/core", "@acme/web", "npm/@acme/web"] {
        for args in commands(name) {
            let _done = run(&args).expect(0);
        }
        std::fs::remove_dir_all(sandbox.path(".releases")).expect("a plan was written");
    }
    for args in [&["tag", "hidden"][..], &["changelog", "hidden"]] {
        let private = sandbox.run(args).expect(3);
        assert!(
            private.stderr.contains("it is private") && private.stderr.contains("hidden/package.json"),
            "{private}"
        );
    }
}

#[test]
fn a_plan_that_one_command_refuses_no_other_takes() {
    let sandbox = sandbox();
    let file = ".releases/a.md";
    let commands: [&[&str]; 5] = [
        &["version"],
        &["status"],
        &["plan"],
        &["version", "plan", "list"],
        &["version", "plan", "check"],
    ];
    for (name, hint) in WRONG {
        sandbox.write(file, format!("---\n\"{name}\": minor\n---\nNew.\n"));
        for args in commands {
            let refused = sandbox.run(args).expect(3);
            assert!(
                refused.stderr.contains(hint) && refused.stderr.contains(file),
                "{args:?}: {refused}"
            );
        }
    }
    // What is said of a private package is passed over.
    for name in ["npm/core", "uv/core", "@acme/web", "hidden"] {
        sandbox.write(file, format!("---\n\"{name}\": minor\n---\nNew.\n"));
        for args in commands {
            let _done = sandbox.run(args).expect(0);
        }
    }
}

#[test]
fn a_version_that_is_none_is_a_mistake_whatever_it_is_for() {
    let sandbox = sandbox();
    sandbox.write(
        "RELEASE.star",
        "load(\"@releasekit//rules/train.star\", \"release_train\")\nrelease_train(name = \"default\")\n",
    );
    sandbox.commit("chore: nothing is released");
    for args in [
        &["tag", "--version", "rubbish"][..],
        &["version", "--set", "@acme/web=rubbish"],
    ] {
        let refused = sandbox.run(args).expect(2);
        assert!(refused.stderr.contains("rubbish"), "{refused}");
    }
    for version in ["1.2.0-rc.1", "1.2rc1"] {
        let _nothing = sandbox.run(&["tag", "--version", version]).expect(0);
    }
}
