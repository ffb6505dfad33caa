//! Whether a version satisfies a requirement, as each ecosystem's own tools decide it.

use std::str::FromStr as _;

use model::{Dependency, PinStrategy, Version};

use super::requirement::pep440;
use super::{package_json, requirement};

/// Whether `version` satisfies `requirement`, written as packages of `ecosystem` write it. What cannot be read, and
/// what says nothing about versions (a folder, an address, a catalog), is satisfied by any.
///
/// - cargo: `semver`'s own `VersionReq`.
/// - npm and pnpm: node-semver's ranges; `workspace:` in all its forms, `npm:` with another name.
/// - uv: PEP 440. A pre-release satisfies only what itself names a pre-release, since that is what an index is asked
///   for ("Handling of pre-releases"), whatever a workspace on this machine would accept.
#[must_use]
pub fn fits(ecosystem: &str, requirement: &str, version: &Version) -> bool {
    let requirement = requirement.trim();
    if requirement.is_empty() {
        return true;
    }
    match ecosystem {
        "cargo" => semver::VersionReq::parse(requirement)
            .map_or(true, |requirement| requirement.matches(version.semver())),
        "npm" | "pnpm" => node_fits(requirement, version),
        "uv" => python_fits(requirement, version),
        _ => true,
    }
}

/// The requirement that a package was published with when what it needs was at `version`.
#[must_use]
pub fn published(dependency: &Dependency, version: &Version, strategy: PinStrategy) -> String {
    let written = &dependency.requirement;
    let pinned = match dependency.on.ecosystem.as_str() {
        "cargo" => requirement::cargo(version, strategy),
        "npm" | "pnpm" => package_json::published(dependency.kind, written, version, strategy),
        "uv" => requirement::python(version, strategy).ok().flatten(),
        _ => None,
    };
    pinned.unwrap_or_else(|| written.clone())
}

fn python_fits(requirement: &str, version: &Version) -> bool {
    let requirement = requirement
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(requirement);
    let Ok(specifiers) = pep440_rs::VersionSpecifiers::from_str(requirement) else {
        return true;
    };
    let version = pep440(version).map(|text| pep440_rs::Version::from_str(&text));
    let Ok(Ok(version)) = version else {
        return true;
    };
    let is_allowed = !version.any_prerelease()
        || specifiers.iter().any(|specifier| {
            specifier.version().any_prerelease()
                && !matches!(
                    specifier.operator(),
                    pep440_rs::Operator::NotEqual | pep440_rs::Operator::NotEqualStar
                )
        });
    is_allowed && specifiers.iter().all(|specifier| satisfies(specifier, &version))
}

/// Whether one specifier is satisfied. `<` shuts out pre-releases of what it names, unless that is one itself (PEP 440,
/// "Exclusive ordered comparison"); `pep440_rs` shuts them out there too.
fn satisfies(specifier: &pep440_rs::VersionSpecifier, version: &pep440_rs::Version) -> bool {
    let is_below = *specifier.operator() == pep440_rs::Operator::LessThan;
    if is_below && specifier.version().any_prerelease() {
        return version < specifier.version();
    }
    specifier.contains(version)
}

fn node_fits(requirement: &str, version: &Version) -> bool {
    let Some(range) = node_range(requirement) else {
        return true;
    };
    let text = version.to_string();
    match (
        nodejs_semver::Range::parse(range),
        nodejs_semver::Version::parse(&text),
    ) {
        (Ok(range), Ok(version)) => range.satisfies(&version),
        _ => true,
    }
}

/// The range in a requirement of a `package.json`; `None` if it says nothing about versions.
pub(super) fn node_range(requirement: &str) -> Option<&str> {
    let unprefixed = requirement
        .strip_prefix("workspace:")
        .or_else(|| requirement.strip_prefix("npm:"));
    let range = match unprefixed {
        Some(rest) => match rest.rfind('@') {
            Some(0) => return None,
            Some(at) => &rest[at + 1..],
            // `npm:name` alone means any version of it.
            None if requirement.starts_with("npm:") => return None,
            None => rest,
        },
        None => requirement,
    };
    let is_place = range.contains([':', '/']) || range.starts_with('.');
    let is_any = matches!(range, "" | "*" | "^" | "~");
    (!is_place && !is_any).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ecosystem_has_its_own_mind() {
        let table = [
            ("cargo", "1.2", "1.9.0", true),
            ("cargo", "1.2", "2.0.0", false),
            ("cargo", "0.1", "0.2.0", false),
            ("cargo", "=1.2.3", "1.2.4", false),
            ("cargo", ">=1, <3", "2.5.0", true),
            ("cargo", "*", "9.0.0", true),
            ("cargo", "1", "2.0.0-rc.1", false),
            ("cargo", "2.0.0-rc.1", "2.0.0-rc.2", true),
            ("cargo", "not one", "1.0.0", true),
            ("npm", "^1.2.0", "1.9.0", true),
            ("npm", "^1.2.0", "2.0.0", false),
            ("npm", "~1.2", "1.3.0", false),
            ("npm", "1.x || 2.x", "2.1.0", true),
            ("npm", "1.0.0 - 1.5.0", "1.5.1", false),
            ("npm", "^1.0.0", "1.1.0-rc.1", false),
            ("npm", "1.2.3", "1.2.4", false),
            ("npm", "latest", "1.0.0", true),
            ("npm", "file:../x", "1.0.0", true),
            ("npm", "npm:@x/y@^1", "2.0.0", false),
            ("npm", "npm:@x/y", "2.0.0", true),
            ("pnpm", "workspace:*", "2.0.0", true),
            ("pnpm", "workspace:^", "2.0.0", true),
            ("pnpm", "workspace:~", "2.0.0", true),
            ("pnpm", "workspace:^1.0.0", "2.0.0", false),
            ("pnpm", "workspace:../x", "2.0.0", true),
            ("pnpm", "workspace:@x/y@^1", "1.2.0", true),
            ("pnpm", "workspace:@x/y@1.0.0", "1.2.0", false),
            ("pnpm", "catalog:", "1.2.0", true),
            ("uv", ">=1.2,<2", "1.9.0", true),
            ("uv", ">=1.2,<2", "2.0.0", false),
            ("uv", "(>=1.2)", "1.0.0", false),
            ("uv", "==1.2.*", "1.2.9", true),
            ("uv", "~=1.2.3", "1.3.0", false),
            ("uv", "==1.2.3", "1.2.3", true),
            ("uv", ">=1.2", "1.3.0-rc.1", false),
            ("uv", ">=1.3.0rc1", "1.3.0-rc.1", true),
            ("uv", "<2.0.0rc1", "2.0.0-alpha.1", true),
            ("uv", "@ https://x.invalid/x.whl", "1.0.0", true),
            ("elm", "1.0.0 <= v < 2.0.0", "3.0.0", true),
        ];
        for (ecosystem, requirement, version, expected) in table {
            let version: Version = version.parse().expect("a version");
            assert_eq!(
                fits(ecosystem, requirement, &version),
                expected,
                "{ecosystem}: {requirement} with {version}"
            );
        }
    }

    #[test]
    fn what_is_published_is_pinned() {
        let table = [
            ("uv", "", PinStrategy::Compatible, ">=1.2.3,<2"),
            ("uv", ">=1", PinStrategy::None, ">=1"),
            ("cargo", "1", PinStrategy::Exact, "=1.2.3"),
            ("npm", "^1", PinStrategy::Exact, "1.2.3"),
            ("pnpm", "workspace:*", PinStrategy::None, "1.2.3"),
            ("pnpm", "workspace:^", PinStrategy::None, "^1.2.3"),
        ];
        for (ecosystem, requirement, strategy, expected) in table {
            let dependency = Dependency {
                on: model::PackageId {
                    ecosystem: ecosystem.to_owned(),
                    name: "core".to_owned(),
                },
                kind: model::DependencyKind::Normal,
                requirement: requirement.to_owned(),
            };
            let published = published(&dependency, &Version::new(1, 2, 3), strategy);
            assert_eq!(published, expected, "{ecosystem} {requirement}");
        }
    }
}
