//! What is written can be evaluated, and what evaluating says keeps loops safe.

use std::collections::BTreeMap;

use model::Config;
use rules::{Declared, Loader, Request, evaluate, generate, resolve, update};

use crate::support::{found, package, private, root, updated_knowing, workspace};

struct OneFile<'t>(&'t str);

impl Loader for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "RELEASE.star" {
            Ok(self.0.as_bytes().to_vec())
        } else {
            Err("no such file".to_owned())
        }
    }
}

/// The configuration that a text declares.
pub(crate) fn config(text: &str) -> Config {
    let run = || {
        let env = BTreeMap::new();
        let roots = vec!["RELEASE.star".to_owned()];
        let evaluation = evaluate(&Request {
            roots,
            loader: &OneFile(text),
            env: &env,
            trace: None,
            calls: &[],
        });
        resolve(&evaluation).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}"))
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("a configuration")
    })
}

#[test]
fn a_new_file_declares_what_there_is() {
    let mut packages: Vec<_> = (0..14)
        .map(|index| {
            package(
                "pnpm",
                &format!("@x/p{index}"),
                &format!("{}/p{index}", ["a", "b"][index % 2]),
                "",
            )
        })
        .collect();
    packages.push(package("uv", "core", "py/core", "py"));
    packages.push(private(package("uv", "demo", "py/demo", "py")));
    packages.push(package("cargo", "core", "rs", "rs"));
    packages.push(package("npm", "odd \"name\"", "js", "js"));
    let workspace = workspace(packages);
    let roots = [
        root("pnpm", ""),
        root("uv", "py"),
        root("cargo", "rs"),
        root("npm", "js"),
    ];
    let found = found(&workspace, &roots);
    let text = generate(&found);
    let config = config(&text);
    assert_eq!(config.packages.len(), 17);
    assert_eq!(config.workspaces.len(), 4);
    let members: usize = config.groups.iter().map(|group| group.packages.len()).sum();
    assert_eq!(members, 15, "two share a name and are in no list");
    let train = &config.trains[0];
    assert_eq!(train.groups.len(), config.groups.len());
    assert_eq!(
        rules::members(&config, train, &workspace)
            .expect("all there")
            .len(),
        17
    );
    let declared = Declared::from(&config);
    assert_eq!(declared.packages.len(), 17);
    assert_eq!(
        update(&text, "RELEASE.star", &found, &declared).expect("it parses"),
        text
    );
}

const WITH_LOOP: &str = r#"load("@releasekit//rules/pnpm.star", "pnpm_package", "pnpm_workspace")
load("@releasekit//rules/train.star", "release_group", "release_train")

pnpm_workspace(name = "dotprompt-ts", root = ".", packages = ["packages/*"])

EDITOR_PLUGINS = ["monaco", "codemirror"]

pnpm_package(name = "dotprompt", group = "core-ts")

for plugin in EDITOR_PLUGINS:
    pnpm_package(
        name = "dotprompt-{}".format(plugin),
        group = "editors",
        cross_deps = ["dotprompt"],
    )

release_group(name = "core-ts", packages = ["dotprompt"])
release_group(
    name = "editors",
    packages = ["dotprompt-{}".format(p) for p in EDITOR_PLUGINS],
)

release_train(name = "default", groups = ["core-ts", "editors"])
"#;

#[test]
fn what_a_loop_declares_is_known() {
    let declared = Declared::from(&config(WITH_LOOP));
    let at = |name: &str| package("pnpm", name, &format!("packages/{name}"), "");
    let all = || {
        vec![
            at("dotprompt"),
            at("dotprompt-monaco"),
            at("dotprompt-codemirror"),
        ]
    };
    assert_eq!(updated_knowing(WITH_LOOP, all(), &declared), WITH_LOOP);
    let mut more = all();
    more.push(at("promptly"));
    let text = updated_knowing(WITH_LOOP, more, &declared);
    let config = config(&text);
    assert_eq!(config.packages.len(), 4, "{text}");
    // Its companions are in two groups, so it gets one of its own, named after the workspace.
    let new = config
        .packages
        .iter()
        .find(|package| package.name == "promptly")
        .expect("the new package");
    assert_eq!(new.group.as_deref(), Some("dotprompt-ts"));
    assert_eq!(config.trains[0].groups, ["core-ts", "dotprompt-ts", "editors"]);
}

#[test]
fn a_second_package_of_one_name_does_not_break_the_file() {
    let one = || package("uv", "core", "py/core", "py");
    let two = || package("cargo", "core", "rs/core", "rs");
    let before = workspace(vec![one()]);
    let text = generate(&found(&before, &[]));
    let declared = Declared::from(&config(&text));
    let text = updated_knowing(&text, vec![one(), two()], &declared);
    assert_eq!(config(&text).packages.len(), 2, "{text}");
    // And one goes again.
    let text = updated_knowing(&text, vec![two()], &Declared::from(&config(&text)));
    assert_eq!(config(&text).packages.len(), 1, "{text}");
}
