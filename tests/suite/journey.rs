//! Stories about releases, told through the real binary.

mod bad_config;
mod bump;
mod bump_undone;
mod cache_damage;
mod changelog;
mod check;
mod commands;
mod commit_back;
mod crash;
mod dist_tags;
mod failing_build;
mod first_release;
mod hooks;
mod installing;
mod lockstep;
mod other_vcs;
mod python_packages;
mod readme;
mod tagging;
mod tags;
mod version_plans;
mod versions;
mod what_is_built;
