//! Node.js packages, packed and installed by npm.

use model::{Diagnostic, Package, SourceTree, Tool};

use super::node::Owner;
use super::node_plan::{self, Plan};
use super::node_tool::NodeTool;
use super::package_lock;
use super::spot::Page;

/// npm.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Npm;

impl NodeTool for Npm {
    const OWNER: Owner = Owner::Npm;
    const TOOL: Tool = Tool {
        program: "npm",
        version_args: &["--version"],
        hint: "install Node.js, which brings npm",
    };
    const CONSTANT: &'static [(&'static str, &'static str)] = &[
        ("CI", "true"),
        ("NO_COLOR", "1"),
        ("npm_config_update_notifier", "false"),
        ("npm_config_audit", "false"),
        ("npm_config_fund", "false"),
        ("npm_config_yes", "false"),
    ];
    const LOCKS: &'static [&'static str] = &["npm-shrinkwrap.json", "package-lock.json"];
    const REFRESH: &'static [&'static str] = &[
        "npm",
        "install",
        "--package-lock-only",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ];

    fn plan(package: &Package, all: &[&Package]) -> Plan {
        node_plan::plan(package, all, &[])
    }

    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
        package_lock::page(tree, lock, packages)
    }
}
