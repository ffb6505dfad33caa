//! Ecosystems: what they find and write, alone and next to the real tools.

mod catalogs;
mod discover;
mod dynamic;
mod dynamic_forms;
mod pin;
mod real_cargo;
mod real_node;
mod real_order;
mod real_pins;
mod real_uv;
mod scratch;
mod siblings;
mod tools;
mod tree;
mod version_files;
