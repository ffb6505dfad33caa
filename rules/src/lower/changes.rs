//! Which versions are written back into which files of the repository.

use model::{Diagnostic, Package};

use super::chain::{Chain, Chains};
use super::files::Files;
use crate::placeholder::is_placeholder;
use crate::step::{self, BumpedFile, Changing, NewVersion};

/// The versions that are written into files of the repository. Placeholders stay what they are.
pub(super) fn changing(chains: &Chains<'_>, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) -> Changing {
    let mut changing = Changing {
        manifests: Vec::new(),
        bumps: Vec::new(),
    };
    for chain in &chains.chains {
        let Some(planned) = chain.planned else { continue };
        let package = chain.package;
        let to = step::written(&package.id.ecosystem, &planned.next);
        if !is_placeholder(package) {
            changing.manifests.push(NewVersion {
                package: package.clone(),
                version: planned.next.clone(),
                files: manifests(chains, chain, files, wrong),
            });
        }
        let declared = chains.groups.declaration(&package.id);
        for bump in declared.iter().flat_map(|declared| &declared.bump_files) {
            changing.bumps.push(BumpedFile {
                path: bump.path.clone(),
                pattern: bump.pattern.clone(),
                package: package.clone(),
                to: to.clone(),
            });
        }
    }
    changing
}

/// The files a package's own version may stand in.
fn manifests(
    chains: &Chains<'_>,
    chain: &Chain<'_>,
    files: &Files<'_>,
    wrong: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let (release, package): (_, &Package) = (chains.release, chain.package);
    let known = release.adapters.version_files.get(package.id.ecosystem.as_str());
    let mut found: Vec<String> = match known.map(|known| known.manifests(release.tree, package)) {
        Some(Ok(texts)) => texts.into_keys().collect(),
        Some(Err(diagnostics)) => {
            wrong.extend(diagnostics);
            Vec::new()
        }
        None => chain.recipe.pinned.clone(),
    };
    found.retain(|path| files.at(path).is_some());
    found.sort();
    found.dedup();
    found
}
