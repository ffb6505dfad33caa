//! Which version comes next, told as histories.

mod fixed;
mod history;
mod plain;
mod properties;
mod revert;
mod support;
