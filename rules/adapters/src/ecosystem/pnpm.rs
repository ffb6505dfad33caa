//! Node.js packages, packed and installed by pnpm.

use std::collections::BTreeMap;

use engine::{Command, StepError};
use model::{
    DependencyKind, Diagnostic, Ecosystem, Package, Pins, Recipe, Selection, SourceTree, Tool, Version,
};

use super::node::{self, Owner};
use super::{environment, folder, node_plan, node_script, pnpm_workspace};

/// Node.js packages, packed and installed by pnpm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pnpm;

/// The pnpm at hand is used, whatever `packageManager` says: its version is in the key. (pnpm 10 reads `npm_config_`,
/// later ones `pnpm_config_`.)
const CONSTANT: [(&str, &str); 8] = [
    ("CI", "true"),
    ("NO_COLOR", "1"),
    ("COREPACK_ENABLE_STRICT", "0"),
    ("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0"),
    ("npm_config_update_notifier", "false"),
    ("pnpm_config_update_notifier", "false"),
    ("npm_config_manage_package_manager_versions", "false"),
    ("pnpm_config_pm_on_fail", "ignore"),
];

impl Ecosystem for Pnpm {
    fn name(&self) -> &'static str {
        Owner::Pnpm.name()
    }

    fn tool(&self) -> Tool {
        Tool {
            program: "pnpm",
            version_args: &["--version"],
            hint: "install pnpm: `npm install --global pnpm`",
        }
    }

    fn roots(&self, tree: &dyn SourceTree) -> Vec<String> {
        node::roots(tree, Owner::Pnpm)
    }

    fn discover(
        &self,
        tree: &dyn SourceTree,
        selection: &Selection,
    ) -> Result<Vec<Package>, Vec<Diagnostic>> {
        node::discover(tree, selection, Owner::Pnpm)
    }

    fn pin(
        &self,
        package: &Package,
        manifests: &BTreeMap<String, String>,
        pins: &Pins,
    ) -> Result<BTreeMap<String, String>, StepError> {
        node::pin(package, manifests, pins)
    }

    fn recipe(&self, package: &Package, _version: &Version, all: &[&Package]) -> Recipe {
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
        Recipe {
            sources: plan.sources,
            pinned: vec![package.manifest.clone()],
            artifacts: plan.artifacts,
            command: environment::command(
                node_script::pack(Owner::Pnpm, plan.arguments),
                &CONSTANT,
                &node::PLACES,
            ),
            output: node_script::OUTPUT.to_owned(),
        }
    }

    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command {
        let argv = node_script::try_out(Owner::Pnpm, &package.id.name, version, location);
        environment::command(argv, &CONSTANT, &node::PLACES)
    }
}

/// A command in pnpm's environment.
pub(super) fn command(argv: Vec<String>) -> Command {
    environment::command(argv, &CONSTANT, &node::PLACES)
}
