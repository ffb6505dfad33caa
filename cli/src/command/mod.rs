//! One file for each command: its flags, one call, its words.

pub(crate) mod build;
pub(crate) mod bump;
pub(crate) mod cache;
pub(crate) mod changelog;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod discover;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod graph;
pub(crate) mod hooks;
pub(crate) mod init;
pub(crate) mod journal;
pub(crate) mod plan;
pub(crate) mod publish;
pub(crate) mod query;
pub(crate) mod status;
pub(crate) mod tag;
pub(crate) mod version;
pub(crate) mod version_plan;
