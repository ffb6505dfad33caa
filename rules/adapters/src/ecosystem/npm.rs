//! Node.js packages, packed and installed by npm.

use std::collections::BTreeMap;

use engine::{Command, StepError};
use model::{Diagnostic, Ecosystem, Package, Pins, Recipe, Selection, SourceTree, Tool, Version};

use super::node::{self, Owner};
use super::{environment, node_plan, node_script};

/// Node.js packages, packed and installed by npm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Npm;

const CONSTANT: [(&str, &str); 6] = [
    ("CI", "true"),
    ("NO_COLOR", "1"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_yes", "false"),
];

impl Ecosystem for Npm {
    fn name(&self) -> &'static str {
        Owner::Npm.name()
    }

    fn tool(&self) -> Tool {
        Tool {
            program: "npm",
            version_args: &["--version"],
            hint: "install Node.js, which brings npm",
        }
    }

    fn roots(&self, tree: &dyn SourceTree) -> Vec<String> {
        node::roots(tree, Owner::Npm)
    }

    fn discover(
        &self,
        tree: &dyn SourceTree,
        selection: &Selection,
    ) -> Result<Vec<Package>, Vec<Diagnostic>> {
        node::discover(tree, selection, Owner::Npm)
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
        let plan = node_plan::plan(package, all, &[]);
        Recipe {
            sources: plan.sources,
            pinned: vec![package.manifest.clone()],
            artifacts: plan.artifacts,
            command: environment::command(
                node_script::pack(Owner::Npm, plan.arguments),
                &CONSTANT,
                &node::PLACES,
            ),
            output: node_script::OUTPUT.to_owned(),
        }
    }

    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command {
        let argv = node_script::try_out(Owner::Npm, &package.id.name, version, location);
        environment::command(argv, &CONSTANT, &node::PLACES)
    }
}

/// A command in npm's environment.
pub(super) fn command(argv: Vec<String>) -> Command {
    environment::command(argv, &CONSTANT, &node::PLACES)
}
