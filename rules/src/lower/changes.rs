//! Which versions are written back into which files of the repository.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Location, PackageId, Version};

use super::Release;
use super::chain::Chains;
use crate::bump_file::spliced;
use crate::following::{Changed, Following, following};
use crate::overlay::Overlay;
use crate::placeholder::is_placeholder;
use crate::step::Changing;

/// The versions that are written into files of the repository, and the lock files that have to follow. Placeholders
/// stay what they are.
pub(super) fn changing(chains: &Chains<'_>, wrong: &mut Vec<Diagnostic>) -> (Changing, Vec<Following>) {
    let (texts, following) = texts(chains, wrong);
    let mut changing = Changing {
        texts,
        bumps: Vec::new(),
    };
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
    (changing, following)
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

/// Manifests with the versions of the release, every package's own and what others require of it where that would not
/// allow it any more; and the lock files that have to follow.
fn texts(chains: &Chains<'_>, wrong: &mut Vec<Diagnostic>) -> (BTreeMap<String, String>, Vec<Following>) {
    let Release {
        adapters,
        tree,
        workspace,
        ..
    } = chains.release;
    let planned = chains
        .chains
        .iter()
        .filter(|chain| !is_placeholder(chain.package));
    let versions: BTreeMap<PackageId, Version> = planned
        .filter_map(|chain| Some((chain.package.id.clone(), chain.planned?.next.clone())))
        .collect();
    let mut overlay = Overlay::new(*tree);
    for (ecosystem, known) in &adapters.version_files {
        let packages = crate::check::of_ecosystem(workspace, ecosystem);
        match known.rewritten(&overlay, &packages, &versions) {
            Ok(new) => overlay.extend(new),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    let texts = overlay.into_texts();
    let files = texts.keys().map(String::as_str).collect();
    let changed = Changed {
        versions: &versions,
        files: &files,
    };
    let following = match crate::check::mentions(adapters, *tree, workspace) {
        Ok(mentions) => following(adapters, *tree, workspace, &mentions, changed),
        Err(diagnostics) => {
            wrong.extend(diagnostics);
            Vec::new()
        }
    };
    (texts, following)
}
