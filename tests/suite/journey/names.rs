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
