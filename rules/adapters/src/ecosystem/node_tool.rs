//! Node.js packages, packed and installed by either of two tools.

use std::collections::BTreeMap;

use engine::{Command, StepError};
use model::{Diagnostic, Ecosystem, Package, Pins, Recipe, Selection, SourceTree, Tool, Version};

use super::node::{self, Owner};
use super::node_plan::Plan;
use super::spot::Page;
use super::versions::Stating;
use super::{environment, node_script, node_versions};

/// What sets the tools apart.
pub(super) trait NodeTool: Send + Sync {
    /// Whose roots its packages are in.
    const OWNER: Owner;
    /// The program.
    const TOOL: Tool;
    /// What it is always told.
    const CONSTANT: &'static [(&'static str, &'static str)];
    /// [`Stating::LOCKS`].
    const LOCKS: &'static [&'static str];
    /// [`Stating::REFRESH`].
    const REFRESH: &'static [&'static str];

    /// What packing needs.
    fn plan(package: &Package, all: &[&Package]) -> Plan;

    /// [`Stating::lock_page`].
    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic>;
}

/// Node.js packages, packed and installed by a tool.
pub(super) struct Node<T>(pub(super) T);

impl<T: NodeTool> Ecosystem for Node<T> {
    fn name(&self) -> &'static str {
        T::OWNER.name()
    }

    fn tool(&self) -> Tool {
        T::TOOL
    }

    fn roots(&self, tree: &dyn SourceTree) -> Vec<String> {
        node::roots(tree, T::OWNER)
    }

    fn discover(
        &self,
        tree: &dyn SourceTree,
        selection: &Selection,
    ) -> Result<Vec<Package>, Vec<Diagnostic>> {
        node::discover(tree, selection, T::OWNER)
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
        let plan = T::plan(package, all);
        Recipe {
            sources: plan.sources,
            pinned: vec![package.manifest.clone()],
            artifacts: plan.artifacts,
            command: Self::command(node_script::pack(T::OWNER, plan.arguments)),
            output: node_script::OUTPUT.to_owned(),
        }
    }

    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command {
        Self::command(node_script::try_out(
            T::OWNER,
            &package.id.name,
            version,
            location,
        ))
    }
}

impl<T: NodeTool> Stating for Node<T> {
    const LOCKS: &'static [&'static str] = T::LOCKS;
    const REFRESH: &'static [&'static str] = T::REFRESH;

    fn command(argv: Vec<String>) -> Command {
        environment::command(argv, T::CONSTANT, &node::PLACES)
    }

    fn pages(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>> {
        node_versions::pages(tree, packages, T::OWNER)
    }

    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
        T::lock_page(tree, lock, packages)
    }
}
