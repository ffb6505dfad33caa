//! The files of the repository that become other ones in a release, and the actions that make them.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Action, ActionId, Class, Input, Policy};
use model::{Diagnostic, Location};

use super::chain::Chains;
use super::changes::changing;
use super::files::{Files, Origin};
use super::id;
use super::locks::{Owned, lock};
use super::logbook::logbook;
use super::train::Maker;
use crate::following::Following;
use crate::step::{self, Changing};

/// A file that is committed back: what it held, and where its new bytes come from.
pub(super) struct NewFile {
    pub(super) path: String,
    pub(super) was: Option<cas::Digest>,
    pub(super) made_by: Input,
}

impl Maker<'_> {
    /// Every file that becomes another one. What cannot be made is found out before anything is published.
    pub(super) fn new_files(
        &self,
        chains: &Chains<'_>,
        files: &Files<'_>,
        actions: &mut Vec<Action>,
        wrong: &mut Vec<Diagnostic>,
    ) -> Vec<NewFile> {
        let first = actions.len();
        let (changing, following) = changing(chains, wrong);
        let mut new = self.changes(&changing, files, actions, wrong);
        self.locks(chains, files, &following, &mut new, actions, wrong);
        new.extend(self.changelogs(chains, files, actions, wrong));
        before_publishing(actions, first);
        new
    }

    /// Every file that versions are written into, in the order of their paths.
    fn changes(
        &self,
        changing: &Changing,
        files: &Files<'_>,
        actions: &mut Vec<Action>,
        wrong: &mut Vec<Diagnostic>,
    ) -> Vec<NewFile> {
        let bumped = changing.bumps.iter().map(|bump| &bump.path);
        let paths: BTreeSet<&String> = changing.texts.keys().chain(bumped).collect();
        let (mut inputs, mut digests) = (Vec::new(), BTreeMap::new());
        for path in &paths {
            match files.at(path) {
                Some(origin @ Origin::File(_)) => match files.input(origin) {
                    Ok(input) => {
                        if let Input::Source { digest, .. } = &input {
                            digests.insert((*path).clone(), *digest);
                        }
                        inputs.push(input);
                    }
                    Err(reason) => wrong.push(Diagnostic::error(reason, Location::file(path.as_str()))),
                },
                _ => {
                    let message = format!("`{path}` holds a version, and is not a file of the repository");
                    let at = Location::file(path.as_str());
                    wrong.push(
                        Diagnostic::error(message, at).hint("is it ignored by git, or made by an action?"),
                    );
                }
            }
        }
        if paths.is_empty() {
            return Vec::new();
        }
        let outputs: Vec<String> = paths.iter().map(|path| (*path).clone()).collect();
        let work = step::work(changing, 1);
        let action = self.action(step::CHANGES, "changes", Class::Pure, work, Vec::new());
        let made = self.put(
            actions,
            Action {
                inputs,
                outputs: outputs.clone(),
                policy: Policy::default(),
                ..action
            },
        );
        let file = |path: String| NewFile {
            was: digests.get(&path).copied(),
            made_by: Input::Output {
                action: made,
                output: path.clone(),
                path: path.clone(),
            },
            path,
        };
        outputs.into_iter().map(file).collect()
    }

    /// Adds every lock file that follows the files in `new`. One that a person had versions written into besides is
    /// its tool's in the end.
    fn locks(
        &self,
        chains: &Chains<'_>,
        files: &Files<'_>,
        following: &[Following],
        new: &mut Vec<NewFile>,
        actions: &mut Vec<Action>,
        wrong: &mut Vec<Diagnostic>,
    ) {
        let changed: BTreeMap<String, Input> = new
            .iter()
            .map(|file| (file.path.clone(), file.made_by.clone()))
            .collect();
        if following.is_empty() {
            return;
        }
        let owned = Owned::of(chains, files);
        for one in following {
            let path = &one.refresh.lock;
            let verb = format!("lock {path}");
            let template = self.action(step::LOCK, &verb, Class::Pure, step::work(&(), 1), Vec::new());
            let (action, was) = match lock(chains, files, &owned, one, &changed, template) {
                Ok(made) => made,
                Err(diagnostic) => {
                    wrong.push(diagnostic);
                    continue;
                }
            };
            let made_by = Input::Output {
                action: self.put(actions, action),
                output: path.clone(),
                path: path.clone(),
            };
            new.retain(|file| file.path != *path);
            new.push(NewFile {
                path: path.clone(),
                was: Some(was),
                made_by,
            });
        }
    }

    /// Every changelog that becomes another one.
    fn changelogs(
        &self,
        chains: &Chains<'_>,
        files: &Files<'_>,
        actions: &mut Vec<Action>,
        wrong: &mut Vec<Diagnostic>,
    ) -> Vec<NewFile> {
        let work = step::work(&(), 1);
        let template = self.action(step::LOGBOOK, "changelogs", Class::Pure, work, Vec::new());
        let Some(logbook) = logbook(chains, files, template, wrong) else {
            return Vec::new();
        };
        let made = self.put(actions, logbook.action);
        let file = |(path, was): (String, Option<cas::Digest>)| NewFile {
            was,
            made_by: Input::Output {
                action: made,
                output: path.clone(),
                path: path.clone(),
            },
            path,
        };
        logbook.files.into_iter().map(file).collect()
    }
}

/// Has everything that is published wait for the actions from `first` on: what cannot be brought back is not published.
fn before_publishing(actions: &mut [Action], first: usize) {
    let made: Vec<ActionId> = (first..actions.len()).map(id).collect();
    for action in actions
        .iter_mut()
        .filter(|action| action.mnemonic == step::PUBLISH)
    {
        action.after.extend(&made);
    }
}
