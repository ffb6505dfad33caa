//! What a package's build takes in: its sources, with versions in manifests and bump files, and others' artifacts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use engine::Input;
use model::{Diagnostic, Location, Recipe};

use super::chain::{Chain, Chains};
use super::files::{Files, Origin, plain};
use crate::bump_file::BumpedFile;

/// The inputs of a build, in layout order.
pub(super) fn inputs(
    chains: &Chains<'_>,
    chain: &Chain<'_>,
    files: &Files<'_>,
    wrong: &mut Vec<Diagnostic>,
) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut origins = origins(chains, chain, files);
    let written: BTreeSet<&str> = written(chains, chain, &origins);
    origins.retain(|path, _| !written.contains(path));
    for origin in origins.into_values() {
        match files.input(origin) {
            Ok(input) => inputs.push(input),
            Err(reason) => wrong.push(Diagnostic::error(
                reason,
                Location::file(&*chain.package.manifest),
            )),
        }
    }
    for (folder, maker) in &chain.recipe.artifacts {
        // Whoever is not there was complained about when the chains were made.
        let Some(maker) = chains.find(maker) else { continue };
        let (action, output) = (maker.ids.build, maker.recipe.output.clone());
        inputs.push(Input::Output {
            action,
            output,
            path: folder.clone(),
        });
    }
    if let Some(pin) = chain.ids.pin {
        inputs.extend(written.into_iter().map(|path| Input::Output {
            action: pin,
            output: path.to_owned(),
            path: path.to_owned(),
        }));
    }
    inputs
}

/// The files that versions are written into before the build: the manifests, and the bump files among the sources,
/// whoever's version they hold.
fn written<'f>(
    chains: &'f Chains<'_>,
    chain: &'f Chain<'_>,
    origins: &BTreeMap<&str, Origin<'_>>,
) -> BTreeSet<&'f str> {
    let pinned = chain.recipe.pinned.iter().map(String::as_str);
    let bumped = near(&chains.bumps, &chain.recipe).filter(|path| origins.contains_key(path));
    pinned.chain(bumped).collect()
}

/// The bump files among a package's sources, sorted.
pub(super) fn bumped<'f>(
    chains: &'f Chains<'_>,
    chain: &'f Chain<'_>,
    files: &Files<'_>,
) -> BTreeSet<&'f str> {
    if near(&chains.bumps, &chain.recipe).next().is_none() {
        return BTreeSet::new();
    }
    written(chains, chain, &origins(chains, chain, files))
}

/// The bump files in the folders that a recipe lays out, whatever is left out of them.
pub(super) fn near<'f>(
    bumps: &'f BTreeMap<String, Vec<BumpedFile>>,
    recipe: &'f Recipe,
) -> impl Iterator<Item = &'f str> {
    recipe.sources.iter().flat_map(move |dir| {
        let root = plain(&dir.path);
        let from = bumps.range::<str, _>((Bound::Included(root), Bound::Unbounded));
        let inside = from.take_while(move |(path, _)| path.starts_with(root));
        inside
            .map(|(path, _)| path.as_str())
            .filter(move |path| root.is_empty() || is_within(path, root))
    })
}

/// The files of the sources by path, without the manifests, which are pinned.
fn origins<'f>(chains: &Chains<'_>, chain: &Chain<'_>, files: &Files<'f>) -> BTreeMap<&'f str, Origin<'f>> {
    let pinned: BTreeSet<&str> = chain.recipe.pinned.iter().map(String::as_str).collect();
    let output = chain.recipe.output.as_str();
    let is_output = |path: &str| is_within(path, output) && !is_within(&chain.package.path, output);
    let needed: BTreeSet<&str> = chain
        .package
        .dependencies
        .iter()
        .filter_map(|need| chains.release.workspace.get(&need.on))
        .map(|package| package.path.as_str())
        .collect();
    let mut origins = BTreeMap::new();
    for dir in &chain.recipe.sources {
        let root = plain(&dir.path);
        let foreign = |folder: &str| {
            folder != chain.package.path && chains.folders.contains(folder) && !needed.contains(folder)
        };
        let excluded: BTreeSet<&str> = dir.exclude.iter().map(|folder| plain(folder)).collect();
        let one = files.at(root).map(|origin| [origin].into());
        for origin in one.unwrap_or_else(|| files.folder(root)).iter() {
            let (Origin::File(path) | Origin::Output(path, _)) = *origin;
            let is_left_out = pinned.contains(path) || chains.config_files.contains(path) || is_output(path);
            let is_elsewhere =
                || folders(path, root).any(|folder| excluded.contains(folder) || foreign(folder));
            if !is_left_out && !is_elsewhere() {
                origins.insert(path, *origin);
            }
        }
    }
    origins
}

/// The path itself and the folders it is in, from the inside out, as far as they are inside `root`.
fn folders<'p>(path: &'p str, root: &str) -> impl Iterator<Item = &'p str> {
    let depth = root.len();
    let up = |path: &&'p str| path.rsplit_once('/').map(|(folder, _)| folder);
    std::iter::successors(Some(path), up).take_while(move |folder| folder.len() > depth)
}

fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
