//! Stories about releases, told through the real binary.

mod bad_config;
mod cache_damage;
mod changelog;
mod commands;
mod crash;
mod dist_tags;
mod failing_build;
mod first_release;
mod installing;
mod python_packages;
mod readme;
mod version_plans;
