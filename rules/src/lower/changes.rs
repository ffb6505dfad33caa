//! Which versions are written back into which files of the repository.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Location, MentionKind, PackageId, Version, VersionFiles};

use super::chain::{Chain, Chains};
use super::files::Files;
use crate::bump_file::spliced;
use crate::placeholder::is_placeholder;
use crate::step::{self, Changing, NewVersion};

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
        if !is_placeholder(package) && !known.contains_key(package.id.ecosystem.as_str()) {
            changing.manifests.push(NewVersion {
                package: package.clone(),
                version: planned.next.clone(),
                files: manifests(chain, files),
            });
        }
    }
    // A placeholder stays; but where a pattern finds the version that was released last, the next one follows.
    let release = chains.release;
    let planned: BTreeSet<&PackageId> = release.versions.iter().map(|version| &version.package).collect();
    for bumps in chains.bumps.values() {
        let mut bumps = bumps.clone();
        bumps.retain(|bump| bump.pattern.is_some() || !is_placeholder(&bump.package));
        for bump in bumps
            .iter_mut()
            .filter(|bump| !planned.contains(&bump.package.id))
        {
            bump.to = None;
        }
        if bumps.iter().any(|bump| bump.to.is_some()) {
            changing.bumps.extend(bumps);
        }
    }
    rehearse(chains, &changing, wrong);
    changing
}

/// What cannot be written into a bump file is said before anything runs.
fn rehearse(chains: &Chains<'_>, changing: &Changing, wrong: &mut Vec<Diagnostic>) {
    let tree = chains.release.tree;
    let paths: BTreeSet<&String> = changing.bumps.iter().map(|bump| &bump.path).collect();
    for path in paths.into_iter().filter(|path| tree.files().contains(*path)) {
        let text = match changing.texts.get(path) {
            Some(text) => Ok(text.clone()),
            None => tree.read(path),
        };
        let text = text.map_err(|reason| Diagnostic::error(reason, Location::file(&**path)));
        if let Err(diagnostic) = text.and_then(|text| spliced(path, &text, &changing.bumps))
            && !wrong.contains(&diagnostic)
        {
            wrong.push(diagnostic);
        }
    }
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
        .filter(|mention| crate::check::read(&mention.text).is_some())
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
