//! Ecosystems: the roll-call of those who know how packages of one kind are found, pinned, built and tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Ecosystem, VersionFiles};

use node::Owner;
use node_tool::Node;
use npm::Npm;
use pnpm::Pnpm;
use versions::Versions;

mod cargo;
mod cargo_members;
mod cargo_pin;
mod cargo_toml;
mod cargo_versions;
mod dynamic;
mod environment;
mod fits;
mod folder;
mod node;
mod node_plan;
mod node_script;
mod node_tool;
mod node_versions;
mod npm;
mod origin;
mod package_json;
mod package_lock;
mod pnpm;
mod pnpm_lock;
mod pnpm_workspace;
mod pyproject;
mod python_literal;
mod renew;
mod renew_prerelease;
mod requirement;
mod setup_cfg;
mod setuptools;
mod splice;
mod spot;
mod toml_text;
mod uv;
mod uv_members;
mod uv_versions;
mod version_rule;
mod versions;
mod yaml_anchor;

pub use cargo::Cargo;
pub use fits::{fits, published};
pub use uv::Uv;

/// Every ecosystem this program brings, by name.
#[must_use]
pub fn standard() -> BTreeMap<&'static str, Arc<dyn Ecosystem>> {
    let present: [Arc<dyn Ecosystem>; 4] = [
        Arc::new(Uv),
        Arc::new(Cargo),
        Arc::new(Node(Npm)),
        Arc::new(Node(Pnpm)),
    ];
    present
        .into_iter()
        .map(|ecosystem| (ecosystem.name(), ecosystem))
        .collect()
}

/// Where versions stand in the files of every ecosystem, by the ecosystem's name.
#[must_use]
pub fn version_files() -> BTreeMap<&'static str, Arc<dyn VersionFiles>> {
    let present: [(&'static str, Arc<dyn VersionFiles>); 4] = [
        (Uv.name(), Arc::new(Versions(Uv))),
        (Cargo.name(), Arc::new(Versions(Cargo))),
        (Owner::Npm.name(), Arc::new(Versions(Node(Npm)))),
        (Owner::Pnpm.name(), Arc::new(Versions(Node(Pnpm)))),
    ];
    present.into_iter().collect()
}
