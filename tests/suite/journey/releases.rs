//! Small Python packages that are really released, into folders, and what git says of it.

use harness::{Ran, Sandbox};

use super::python_packages::{Needs, workspace};

const PACKAGES: &[Needs<'_>] = &[("tern-a", &[]), ("tern-b", &["tern-a"])];

/// A workspace whose train says more; `{registry}` stands for a folder beside it.
pub(super) fn with_train(more: &str) -> Sandbox {
    let sandbox = workspace(PACKAGES);
    let registry = sandbox.registry().display().to_string();
    let more = more.replace("{registry}", &registry);
    sandbox.edit("RELEASE.star", "jobs = 2,", &format!("jobs = 2, {more},"));
    sandbox.commit("chore: configure");
    sandbox
}

/// A bare repository beside the workspace that is its `origin` and has what it has.
pub(super) fn with_origin(sandbox: &Sandbox) -> String {
    let bare = sandbox.outside("origin.git").display().to_string();
    sandbox.git(&["clone", "--quiet", "--bare", ".", &bare]);
    sandbox.git(&["remote", "add", "origin", &bare]);
    bare
}

/// The references of a repository and the commit each names in the end, as plain git says.
pub(super) fn references(sandbox: &Sandbox, git_dir: &str, under: &str) -> Vec<String> {
    let format = "--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
    let text = sandbox.git_says(&["--git-dir", git_dir, "for-each-ref", format, under]);
    text.lines().map(str::to_owned).collect()
}

pub(super) fn head(sandbox: &Sandbox) -> String {
    sandbox.git_says(&["rev-parse", "HEAD"]).trim().to_owned()
}

pub(super) fn publish(sandbox: &Sandbox) -> Ran {
    sandbox.run(&["publish", "--format", "json"])
}
