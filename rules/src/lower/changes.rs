//! Which versions are written back into which files of the repository.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Location, MentionKind, PackageId, Version, VersionFiles};

use super::chain::{Chain, Chains};
use super::files::Files;
use crate::placeholder::is_placeholder;
use crate::step::{self, BumpedFile, Changing, NewVersion};

/// The versions that are written into files of the repository. Placeholders stay what they are.
pub(super) fn changing(chains: &Chains<'_>, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) -> Changing {
    let mut changing = Changing {
        texts: texts(chains, wrong),
        manifests: Vec::new(),
        bumps: Vec::new(),
    };
    let known = &chains.release.adapters.version_files;
    for chain in &chains.chains {
        let Some(planned) = chain.planned else { continue };
        let package = chain.package;
        let to = step::written(&package.id.ecosystem, &planned.next);
        if !is_placeholder(package) && !known.contains_key(package.id.ecosystem.as_str()) {
            changing.manifests.push(NewVersion {
                package: package.clone(),
                version: planned.next.clone(),
                files: manifests(chain, files),
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
fn manifests(chain: &Chain<'_>, files: &Files<'_>) -> Vec<String> {
    let mut found = chain.recipe.pinned.clone();
    found.retain(|path| files.at(path).is_some());
    found.sort();
    found.dedup();
    found
}

/// Manifests and lock files with the versions of the release: every package's own, and what others require of it where
/// that would not allow it any more.
fn texts(chains: &Chains<'_>, wrong: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut versions: BTreeMap<&str, BTreeMap<PackageId, Version>> = BTreeMap::new();
    for chain in &chains.chains {
        let Some(planned) = chain.planned else { continue };
        if !is_placeholder(chain.package) {
            let of_kind = versions.entry(chain.package.id.ecosystem.as_str()).or_default();
            of_kind.insert(chain.package.id.clone(), planned.next.clone());
        }
    }
    let mut texts = BTreeMap::new();
    for (ecosystem, versions) in versions {
        let Some(known) = chains.release.adapters.version_files.get(ecosystem) else {
            continue;
        };
        match of_kind(chains, &**known, ecosystem, &versions) {
            Ok(new) => texts.extend(new),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    texts
}

fn of_kind(
    chains: &Chains<'_>,
    known: &dyn VersionFiles,
    ecosystem: &str,
    versions: &BTreeMap<PackageId, Version>,
) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let release = chains.release;
    let packages = crate::check::of_ecosystem(release.workspace, ecosystem);
    let mut texts = known.rewritten(release.tree, &packages, versions)?;
    let mentions = known.mentions(release.tree, &packages)?;
    let locked = mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Lock);
    let locked: Vec<_> = locked
        .filter(|mention| versions.contains_key(&mention.package))
        .collect();
    let files: BTreeSet<&String> = locked.iter().map(|mention| &mention.file).collect();
    for file in files {
        let text = release.tree.read(file);
        let text = text.map_err(|reason| vec![Diagnostic::error(reason, Location::file(file.as_str()))])?;
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for mention in locked.iter().filter(|mention| mention.file == *file) {
            let line = (mention.line as usize)
                .checked_sub(1)
                .and_then(|line| lines.get_mut(line));
            if let Some(line) = line {
                let new = step::written(ecosystem, &versions[&mention.package]);
                *line = line.replacen(&mention.text, &new, 1);
            }
        }
        texts.insert(file.clone(), lines.concat());
    }
    Ok(texts)
}
