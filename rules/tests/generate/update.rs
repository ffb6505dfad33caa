//! What an update adds and removes, and what it leaves alone.

use model::Package;
use rules::{Declared, update};

use crate::support::{found, id, package, private, root, updated, updated_knowing, workspace};

const EXISTING: &str = r#"# What we release.
load("@releasekit//rules/train.star", "release_group", "release_train")
load("@releasekit//rules/uv.star", "uv_package", "uv_workspace")  # Python

vcs("git")

uv_workspace(name = "py", root = "python")

# ---------------------------------------------------------------------------
# Python packages
# ---------------------------------------------------------------------------

# The core; ask Ana before touching it.
uv_package(
    name = "core",  # the one
    group = "foundation",
    pin_strategy = "exact",
)

uv_package(name = "plug", group = "foundation", cross_deps = ["core"])

release_group(name = "foundation", packages = ["core", "plug"])

release_train(
    name = "default",
    groups = ["foundation"],
    # Slowly.
    jobs = 2,
)
"#;

fn python(name: &str) -> Package {
    package("uv", name, &format!("python/{name}"), "python")
}

#[test]
fn an_up_to_date_file_stays_byte_for_byte() {
    assert_eq!(updated(EXISTING, vec![python("core"), python("plug")]), EXISTING);
}

#[test]
fn a_new_package_follows_its_companions() {
    let text = updated(EXISTING, vec![python("core"), python("plug"), python("new")]);
    let expected = EXISTING
        .replace(
            "cross_deps = [\"core\"])\n",
            "cross_deps = [\"core\"])\n\nuv_package(\n    name = \"new\",\n    group = \"foundation\",\n)\n",
        )
        .replace("[\"core\", \"plug\"])", "[\"core\", \"new\", \"plug\"])");
    assert_eq!(text, expected);
}

#[test]
fn a_private_package_is_not_added_and_not_removed() {
    let packages = vec![python("core"), private(python("plug")), private(python("new"))];
    assert_eq!(updated(EXISTING, packages), EXISTING);
}

#[test]
fn a_removed_package_goes_with_all_its_mentions() {
    let text = updated(EXISTING, vec![python("plug")]);
    let core = "# The core; ask Ana before touching it.\nuv_package(\n    name = \"core\",  # the one\n    \
                group = \"foundation\",\n    pin_strategy = \"exact\",\n)\n\n";
    let expected = EXISTING
        .replace(core, "")
        .replace("cross_deps = [\"core\"]", "cross_deps = []")
        .replace("[\"core\", \"plug\"]", "[\"plug\"]");
    assert_eq!(text, expected);
}

#[test]
fn the_last_package_of_an_ecosystem_takes_its_loads_along() {
    let text = updated(EXISTING, vec![]);
    assert!(!text.contains("uv_"), "{text}");
    assert!(text.contains("packages = []"), "{text}");
    assert!(text.contains("# Python packages\n"), "{text}");
    assert!(text.contains("# Slowly."), "{text}");
}

#[test]
fn a_new_ecosystem_brings_loads_workspace_heading_group_and_train() {
    let packages = vec![
        python("core"),
        python("plug"),
        package("cargo", "fast", "rust/fast", "rust"),
    ];
    let expected = EXISTING
        .replace(
            "load(\"@releasekit//rules/train.star\"",
            "load(\"@releasekit//rules/cargo.star\", \"cargo_package\", \"cargo_workspace\")\n\
             load(\"@releasekit//rules/train.star\"",
        )
        .replace(
            "root = \"python\")\n",
            "root = \"python\")\n\ncargo_workspace(\n    name = \"rust\",\n    root = \"rust\",\n)\n",
        )
        .replace(
            "cross_deps = [\"core\"])\n",
            "cross_deps = [\"core\"])\n\n\
             # -----------------------------------------------------------------------------\n\
             # Rust packages (cargo)\n\
             # -----------------------------------------------------------------------------\n\n\
             cargo_package(\n    name = \"fast\",\n    group = \"rust\",\n)\n",
        )
        .replace(
            "[\"core\", \"plug\"])\n",
            "[\"core\", \"plug\"])\n\nrelease_group(\n    name = \"rust\",\n    packages = [\"fast\"],\n)\n",
        )
        .replace("groups = [\"foundation\"]", "groups = [\"foundation\", \"rust\"]");
    // The first load has the file's remark right above it: the new one goes below that.
    assert_eq!(updated(EXISTING, packages), expected);
}

#[test]
fn line_endings_stay() {
    let windows = EXISTING.replace('\n', "\r\n");
    let packages = || vec![python("plug"), python("new"), package("npm", "x", "js", "js")];
    let text = updated(&windows, packages());
    assert_eq!(text, updated(EXISTING, packages()).replace('\n', "\r\n"));
    assert_eq!(updated(&windows, vec![python("core"), python("plug")]), windows);
}

#[test]
fn a_byte_order_mark_stays() {
    let marked = format!("\u{feff}{EXISTING}");
    assert_eq!(updated(&marked, vec![python("core"), python("plug")]), marked);
    assert!(updated(&marked, vec![python("core")]).starts_with("\u{feff}# What"));
}

#[test]
fn other_languages_rules_stay() {
    let existing = "load(\"//defs.star\", \"go_package\", \"bazel_package\")\n\ngo_package(name = \"a\")\n\
                    bazel_package(name = \"b\")\n";
    assert_eq!(updated(existing, vec![]), existing);
}

#[test]
fn what_loops_declare_is_theirs() {
    let existing = r#"load("@releasekit//rules/pnpm.star", "pnpm_package", "pnpm_workspace")
load("@releasekit//rules/train.star", "release_group")

pnpm_workspace(name = "ts", root = ".")

EDITORS = ["monaco", "vscode"]  # keep sorted

for editor in EDITORS:
    # One for each editor.
    pnpm_package(
        name = "x-{}".format(editor),
        group = "editors",
    )
    # Done.

release_group(name = "editors", packages = ["x-{}".format(editor) for editor in EDITORS])
"#;
    let declared = Declared {
        workspaces: vec![],
        packages: [
            (id("pnpm", "x-monaco"), Some("editors".to_owned())),
            (id("pnpm", "x-vscode"), Some("editors".to_owned())),
        ]
        .into(),
        groups: ["editors".to_owned()].into(),
    };
    let editor = |name: &str| package("pnpm", name, name, "");
    // One of the loop is gone: that is for a person to change.
    assert_eq!(
        updated_knowing(existing, vec![editor("x-monaco")], &declared),
        existing
    );
    let text = updated_knowing(
        existing,
        vec![editor("x-monaco"), editor("x-vscode"), editor("x-zed")],
        &declared,
    );
    let added = "\n\npnpm_package(\n    name = \"x-zed\",\n    group = \"editors\",\n)\n\nrelease_group";
    assert_eq!(text, existing.replace("\n\nrelease_group", added));
}

#[test]
fn conditions_functions_and_renamed_loads() {
    let existing = r#"load("@releasekit//rules/npm.star", pkg = "npm_package")

def declare():
    pkg(name = "inside")

if True:
    pkg(name = "conditional")

declare(); pkg(name = "one"); pkg(name = "two")
"#;
    let named = |name: &str| package("npm", name, name, "");
    let all = || vec![named("inside"), named("conditional"), named("one"), named("two")];
    let text = updated(existing, all());
    assert_eq!(text, existing, "packages of declared names need nothing");
    let text = updated(existing, vec![named("two")]);
    assert_eq!(text, existing.replace("pkg(name = \"one\"); ", ""));
    let text = updated(existing, vec![named("one")]);
    assert_eq!(text, existing.replace("; pkg(name = \"two\")", ""));
    let mut more = all();
    more.push(named("new"));
    let text = updated(existing, more);
    assert!(text.contains("\n\npkg(\n    name = \"new\",\n)\n"), "{text}");
    assert!(
        text.contains("load(\"@releasekit//rules/npm.star\", \"npm_workspace\", pkg = \"npm_package\")"),
        "{text}"
    );
}

#[test]
fn an_empty_file_becomes_a_useful_one() {
    let text = updated("", vec![python("core")]);
    let expected = r#"load("@releasekit//rules/train.star", "release_group")
load("@releasekit//rules/uv.star", "uv_package", "uv_workspace")

uv_workspace(
    name = "python",
    root = "python",
)

uv_package(
    name = "core",
    group = "python",
)

release_group(
    name = "python",
    packages = ["core"],
)
"#;
    assert_eq!(text, expected);
    let remark = "# Nothing yet.";
    assert!(updated(remark, vec![python("core")]).starts_with("# Nothing yet.\n\nload("));
    assert_eq!(updated("", vec![]), "");
}

#[test]
fn a_moved_package_changes_its_rule() {
    let existing = "load(\"@releasekit//rules/npm.star\", \"npm_package\", \"npm_workspace\")\n\n\
                    npm_workspace(name = \"js\", root = \"js\")\n\nnpm_package(name = \"x\", group = \"js\")\n";
    let text = updated(existing, vec![package("pnpm", "x", "js/x", "js")]);
    assert!(text.contains("pnpm_package(\n    name = \"x\""), "{text}");
    assert!(!text.contains("\"npm_"), "{text}");
    assert!(!text.contains("\nnpm_"), "{text}");
}

#[test]
fn a_file_in_a_folder_declares_what_is_in_it() {
    let existing = "load(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\n\n\
                    uv_workspace(name = \"py\")\n\nuv_package(name = \"core\")\n";
    let workspace = workspace(vec![
        python("core"),
        python("plug"),
        package("npm", "web", "python/web", "python/web"),
        package("npm", "other", "js", "js"),
    ]);
    let roots = [root("uv", "python"), root("npm", "js"), root("npm", "python/web")];
    let found = found(&workspace, &roots);
    let text = update(existing, "python/RELEASE.star", &found, &Declared::default()).expect("an update");
    assert!(text.contains("name = \"plug\",\n)"), "{text}");
    assert!(text.contains("name = \"web\",\n    root = \"web\""), "{text}");
    assert!(!text.contains("other"), "{text}");
    assert_eq!(text.matches("uv_workspace(").count(), 1, "{text}");
}

#[test]
fn written_members_and_exclusions_are_respected() {
    let existing = "load(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\n\nuv_workspace(\n    \
                    name = \"py\",\n    members = [\"py/*\"],\n    exclude = [\"py/demo*\"],\n)\n\n\
                    uv_package(name = \"core\", group = \"g\")\n";
    let lone = |name: &str| package("uv", name, &format!("py/{name}"), &format!("py/{name}"));
    let text = updated(existing, vec![lone("core"), lone("plug"), lone("demo-one")]);
    assert!(text.contains("name = \"plug\""), "{text}");
    assert_eq!(text.matches("uv_workspace(").count(), 1, "{text}");
    assert!(!text.contains("demo-one"), "{text}");
}
