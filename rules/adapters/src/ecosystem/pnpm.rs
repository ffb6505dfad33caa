//! Node.js packages, packed and installed by pnpm.

use model::{DependencyKind, Diagnostic, Package, SourceTree, Tool};

use super::node::{Owner, PNPM_LOCK};
use super::node_plan::{self, Plan};
use super::node_tool::NodeTool;
use super::spot::Page;
use super::{folder, pnpm_lock, pnpm_workspace};

/// pnpm.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pnpm;

impl NodeTool for Pnpm {
    const OWNER: Owner = Owner::Pnpm;
    const TOOL: Tool = Tool {
        program: "pnpm",
        version_args: &["--version"],
        hint: "install pnpm: `npm install --global pnpm`",
    };
    /// The pnpm at hand is used, whatever `packageManager` says: its version is in the key. (pnpm 10 reads
    /// `npm_config_`, later ones `pnpm_config_`.)
    const CONSTANT: &'static [(&'static str, &'static str)] = &[
        ("CI", "true"),
        ("NO_COLOR", "1"),
        ("COREPACK_ENABLE_STRICT", "0"),
        ("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0"),
        ("npm_config_update_notifier", "false"),
        ("pnpm_config_update_notifier", "false"),
        ("npm_config_manage_package_manager_versions", "false"),
        ("pnpm_config_pm_on_fail", "ignore"),
    ];
    const LOCKS: &'static [&'static str] = &[PNPM_LOCK];
    const REFRESH: &'static [&'static str] = &[
        "pnpm",
        "install",
        "--lockfile-only",
        "--ignore-scripts",
        "--no-frozen-lockfile",
        "--reporter=append-only",
    ];

    fn plan(package: &Package, all: &[&Package]) -> Plan {
        // pnpm reads catalogs from the workspace's file, and packs the workspace's licence where there is no other.
        let mut plan = node_plan::plan(package, all, &[pnpm_workspace::FILE, "LICENSE"]);
        plan.arguments.push("--".to_owned());
        // It also wants to look up siblings needed for development only; where nothing is installed, any do.
        let dev = package
            .dependencies
            .iter()
            .filter(|need| need.kind == DependencyKind::Dev);
        let near = dev.filter(|need| folder::find(all, &need.on).is_some());
        plan.arguments.extend(near.map(|need| need.on.name.clone()));
        plan
    }

    /// It links its workspace's packages by folder and states no version of theirs, but it repeats what they require of
    /// one another: where that is not what the manifest says, it is stale.
    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
        pnpm_lock::page(tree, lock, packages)
    }
}
