//! Ecosystems: the roll-call of those who know how packages of one kind are found, pinned, built and tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::Ecosystem;

mod cargo;
mod cargo_members;
mod cargo_pin;
mod cargo_toml;
mod environment;
mod folder;
mod node;
mod node_plan;
mod node_script;
mod npm;
mod package_json;
mod pnpm;
mod pyproject;
mod requirement;
mod splice;
mod toml_text;
mod uv;
mod uv_members;

pub use cargo::Cargo;
pub use npm::Npm;
pub use pnpm::Pnpm;
pub use uv::Uv;

/// Every ecosystem this program brings, by name.
#[must_use]
pub fn standard() -> BTreeMap<&'static str, Arc<dyn Ecosystem>> {
    let present: [Arc<dyn Ecosystem>; 4] = [Arc::new(Uv), Arc::new(Cargo), Arc::new(Npm), Arc::new(Pnpm)];
    present
        .into_iter()
        .map(|ecosystem| (ecosystem.name(), ecosystem))
        .collect()
}
