//! What all ecosystems do alike with the versions that stand in their files.

use std::collections::BTreeMap;

use engine::Command;
use model::{Diagnostic, Ecosystem, Mention, Package, PackageId, Refresh, SourceTree, Version, VersionFiles};

use super::spot::{self, Page};
use super::{environment, folder};

/// What sets an ecosystem apart: which files there are, how they are read, and what brings its lock files up to date.
pub(super) trait Stating: Ecosystem {
    /// The names of lock files, the one that counts first.
    const LOCKS: &'static [&'static str];
    /// The command that brings a lock file up to date. With `--offline` at its end it does so without a network.
    const REFRESH: &'static [&'static str];
    /// What the tool is told besides in a copy of the repository, where there is no history to ask.
    const WITHOUT_HISTORY: &'static [(&'static str, &'static str)] = &[];

    /// A command of the tool, in its environment.
    fn command(argv: Vec<String>) -> Command;

    /// The manifests of the packages, and what else their versions and requirements stand in.
    fn pages(tree: &dyn SourceTree, packages: &[&Package]) -> Result<Vec<Page>, Vec<Diagnostic>>;

    /// A lock file with what it says about the packages.
    fn lock_page(tree: &dyn SourceTree, lock: &str, packages: &[&Package]) -> Result<Page, Diagnostic>;
}

/// Where versions stand in the files of an ecosystem.
pub(super) struct Versions<E>(pub(super) E);

impl<E: Stating> VersionFiles for Versions<E> {
    fn mentions(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
    ) -> Result<Vec<Mention>, Vec<Diagnostic>> {
        let mut pages = E::pages(tree, packages)?;
        let locks = spot::workspaces(packages).into_iter();
        let locks = locks.filter_map(|workspace| lock::<E>(tree, workspace));
        pages.extend(spot::all(locks.map(|lock| E::lock_page(tree, &lock, packages)))?);
        Ok(spot::mentions(self.0.name(), packages, &pages))
    }

    fn rewritten(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
        versions: &BTreeMap<PackageId, Version>,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        spot::rewritten(self.0.name(), &E::pages(tree, packages)?, versions)
    }

    fn refresh(&self, tree: &dyn SourceTree, workspace: &str) -> Option<Refresh> {
        let lock = lock::<E>(tree, workspace)?;
        let own = |argv: &[&str]| argv.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let run = |argv| Command {
            workdir: folder::parent(&lock).to_owned(),
            ..E::command(argv)
        };
        let mut in_copy = run(environment::script(EITHER, own(E::REFRESH)));
        let told = E::WITHOUT_HISTORY.iter();
        in_copy
            .env
            .extend(told.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Some(Refresh {
            command: run(own(&[E::REFRESH, &["--offline"]].concat())),
            online: run(own(E::REFRESH)),
            in_copy,
            hint: self.0.tool().hint,
            lock,
        })
    }

    fn manifests(
        &self,
        tree: &dyn SourceTree,
        package: &Package,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        spot::manifests(tree, &self.0, package)
    }
}

/// The lock file of the workspace in a folder, if it has one.
fn lock<E: Stating>(tree: &dyn SourceTree, workspace: &str) -> Option<String> {
    let mut candidates = E::LOCKS.iter().map(|name| folder::file(workspace, name));
    candidates.find(|file| tree.files().contains(file))
}

/// Runs a command without a network, or else with whatever there is.
const EITHER: &str = r#""$@" --offline || exec "$@""#;
