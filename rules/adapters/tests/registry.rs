//! Directory registries, tried with archives made here and with the package managers they are for.
#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

#[path = "registry/support.rs"]
mod support;

#[path = "registry/cargo.rs"]
mod cargo;
#[path = "registry/hostile.rs"]
mod hostile;
#[path = "registry/npm.rs"]
mod npm;
#[path = "registry/promise.rs"]
mod promise;
#[path = "registry/pypi.rs"]
mod pypi;
