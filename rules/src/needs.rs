//! What whoever installs a package has to be able to get.

use model::{Dependency, DependencyKind, Package};

/// Whether a package that needs this one in this way cannot be installed, since this one is never published. What
/// may be absent (an optional package of Node.js, an extra of Python) may be private.
pub(crate) fn is_unpublished(need: &Dependency, needed: &Package) -> bool {
    let is_cargo = need.on.ecosystem == "cargo";
    let is_python = need.on.ecosystem == "uv";
    let counts = match need.kind {
        DependencyKind::Normal | DependencyKind::Peer => true,
        DependencyKind::Optional => is_cargo,
        DependencyKind::Build => is_cargo || is_python,
        DependencyKind::Dev | DependencyKind::Cross => false,
    };
    counts && needed.private
}
