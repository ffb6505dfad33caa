//! Workspaces of npm packages that are manifests only: nothing of them needs a tool.

use harness::Sandbox;

/// A package: its folder, its name and its version.
pub(super) type Package<'a> = (&'a str, &'a str, &'a str);

/// Writes a manifest; `more` is what else it says, behind a comma.
pub(super) fn manifest(sandbox: &Sandbox, folder: &str, name: &str, version: &str, more: &str) {
    let text = format!("{{\"name\": \"{name}\", \"version\": \"{version}\"{more}}}\n");
    sandbox.write(&format!("{folder}/package.json"), text);
}

/// A workspace with these packages below a private root, all of them declared; `more` is the rest of RELEASE.star.
/// Nothing is committed yet.
pub(super) fn uncommitted(packages: &[Package<'_>], more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    for (folder, name, version) in packages {
        manifest(&sandbox, folder, name, version, "");
    }
    let list = |word: fn(&Package<'_>) -> String| packages.iter().map(word).collect::<Vec<_>>().join(", ");
    let folders = list(|(folder, ..)| format!("\"{folder}\""));
    let more_of_root = format!(", \"private\": true, \"workspaces\": [{folders}]");
    manifest(&sandbox, ".", "root", "0.0.0", &more_of_root);
    let names = list(|(_, name, _)| format!("\"{name}\""));
    sandbox.write(".gitignore", "/.releasekit/\n");
    sandbox.write(
        "RELEASE.star",
        format!(
            "load(\"@releasekit//rules/npm.star\", \"npm_package\", \"npm_workspace\")\n\
             load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\n\n\
             npm_workspace(name = \"all\", root = \".\")\n\
             [npm_package(name = name) for name in [{names}]]\n{more}\n"
        ),
    );
    sandbox
}

/// The same, committed.
pub(super) fn workspace(packages: &[Package<'_>], more: &str) -> Sandbox {
    let sandbox = uncommitted(packages, more);
    sandbox.begin();
    sandbox
}

/// `@acme/core`, and `web`, which needs it, both released once, beside a private `secret`; `train` is what their train
/// says.
pub(super) fn released(train: &str) -> Sandbox {
    let (core, web) = ("packages/core", "packages/web");
    let packages = [(core, "@acme/core", "0.1.0"), (web, "web", "0.1.0")];
    let sandbox = uncommitted(&packages, &format!("release_train({train})"));
    let needs = ", \"dependencies\": {\"@acme/core\": \"^0.1.0\"}";
    manifest(&sandbox, web, "web", "0.1.0", needs);
    manifest(
        &sandbox,
        "packages/private",
        "secret",
        "0.1.0",
        ", \"private\": true",
    );
    sandbox.edit(
        "package.json",
        "\"packages/core\", \"packages/web\"",
        "\"packages/*\"",
    );
    sandbox.begin();
    for tag in ["@acme/core/v0.1.0", "web/v0.1.0"] {
        sandbox.git(&["tag", "--annotate", "--message", "x", tag]);
    }
    sandbox
}
