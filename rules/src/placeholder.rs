//! Versions that say nothing: the real one comes from the plan while building, and is never written back.

use model::Package;

/// Whether a package's manifest holds no version of its own: it is `dynamic` (PEP 621) and no file says it, or it is
/// written as 0.0.0 or a pre-release of that, such as `0.0.0-dev`.
#[must_use]
pub fn is_placeholder(package: &Package) -> bool {
    let is_dynamic = package.notes.contains_key("dynamic") && !package.notes.contains_key("version-file");
    let version = package.version.semver();
    is_dynamic || (version.major, version.minor, version.patch) == (0, 0, 0)
}
