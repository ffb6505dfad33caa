//! The end of a release: its own tag, the commit that brings versions back, and the push.

use std::collections::BTreeMap;

use engine::{Action, ActionId, Class, Mnemonic, Policy, Work};
use model::{CommitBack, CommitId, Diagnostic, NewTag, PackageId, Version};

use super::chain::Chains;
use super::effects::ATTEMPT_TIME;
use super::files::Files;
use super::new_files::NewFile;
use super::{Closing, Release, Stage, id};
use crate::step::{self, Pushing, Return, Returning, Tagging};
use crate::umbrella::{common_version, umbrella_tag, umbrella_version};

/// What a release does to the repository as a whole.
pub(super) struct Ending {
    /// The actions' places.
    pub(super) ids: Vec<ActionId>,
    /// The files that are committed back, sorted.
    pub(super) written: Vec<String>,
    /// All tags of the release, sorted.
    pub(super) tags: Vec<String>,
}

/// Adds the actions.
pub(super) fn lower(
    chains: &Chains<'_>,
    files: &Files<'_>,
    actions: &mut Vec<Action>,
    wrong: &mut Vec<Diagnostic>,
) -> Ending {
    let mut ending = Ending {
        ids: Vec::new(),
        written: Vec::new(),
        tags: Vec::new(),
    };
    let release = chains.release;
    let (Stage::Publish, Some(head), true) = (release.stage, release.head, release.adapters.vcs.is_some())
    else {
        return ending;
    };
    let maker = Maker {
        release,
        owner: owner(chains, actions),
    };
    if let Some(back) = &release.closing.brought_back {
        let tags = back
            .tags
            .iter()
            .map(|tag| (tag.name.clone(), tag.commit.clone()))
            .collect();
        let to = Return {
            branch: release.closing.branch.clone().unwrap_or_default(),
            after: back.released.clone(),
            run: release.closing.run.clone(),
        };
        ending.ids.extend(maker.push(tags, Some(to), Vec::new(), actions));
        return ending;
    }
    if release.versions.is_empty() {
        return ending;
    }
    let done: Vec<ActionId> = chains
        .chains
        .iter()
        .filter_map(|chain| chain.ids.effects?.tag)
        .collect();
    let mut before = done.clone();
    let mut tags: BTreeMap<String, CommitId> = BTreeMap::new();
    for planned in release.versions {
        for name in std::iter::once(&planned.tag).chain(&planned.secondary_tags) {
            tags.insert(name.clone(), head.clone());
        }
    }
    match maker.umbrella(head) {
        Ok(None) => {}
        Ok(Some(tag)) => {
            tags.insert(tag.name.clone(), tag.commit.clone());
            before.push(maker.put(actions, maker.tag(tag, done.clone())));
        }
        Err(diagnostic) => wrong.push(diagnostic),
    }
    ending.ids.extend(before.iter().filter(|id| !done.contains(id)));
    let mut to = None;
    if let Some(commit_back) = &release.train.commit_back {
        match maker.destination(commit_back, head) {
            Err(diagnostic) => wrong.push(diagnostic),
            Ok(there) => {
                let new = maker.new_files(chains, files, actions, wrong);
                let gone = consumed(release);
                ending.written.extend(
                    new.iter()
                        .map(|file| file.path.clone())
                        .chain(gone.iter().cloned()),
                );
                if !ending.written.is_empty() {
                    let action = maker.commit_back(commit_back, &there, new, gone, before.clone());
                    before = vec![maker.put(actions, action)];
                    ending.ids.extend(&before);
                    to = Some(there);
                }
            }
        }
    }
    ending.written.sort();
    ending.tags = tags.keys().cloned().collect();
    let left = release.closing.left.iter();
    tags.extend(left.map(|tag| (tag.name.clone(), tag.commit.clone())));
    ending.ids.extend(maker.push(tags, to, before, actions));
    ending
}

/// What the release's own actions are called by: the train's name, unless somebody else has it.
fn owner(chains: &Chains<'_>, actions: &[Action]) -> String {
    let name = &chains.release.train.name;
    if actions.iter().any(|action| action.owner == *name) {
        format!("train {name}")
    } else {
        name.clone()
    }
}

/// The version plans that are used up: those that name nothing but packages that are released, or no package at all.
fn consumed(release: &Release<'_>) -> Vec<String> {
    let find = |name: &str| crate::names::find_package(release.workspace, name);
    let is_released = |id: PackageId| release.versions.iter().any(|version| version.package == id);
    let plans = release.plans.iter().filter(|plan| {
        let is_part = release
            .versions
            .iter()
            .any(|version| version.plans.contains(&plan.file));
        (is_part || plan.bumps.is_empty())
            && plan
                .bumps
                .iter()
                .all(|(name, _)| find(name).is_ok_and(is_released))
    });
    plans.map(|plan| plan.file.clone()).collect()
}

/// Makes the release's own actions.
pub(super) struct Maker<'a> {
    release: &'a Release<'a>,
    owner: String,
}

impl Maker<'_> {
    pub(super) fn put(&self, actions: &mut Vec<Action>, action: Action) -> ActionId {
        actions.push(action);
        id(actions.len() - 1)
    }

    pub(super) fn action(
        &self,
        mnemonic: Mnemonic,
        verb: &str,
        class: Class,
        work: Work,
        after: Vec<ActionId>,
    ) -> Action {
        Action {
            name: format!("{}:{verb}", self.owner),
            owner: self.owner.clone(),
            mnemonic,
            class,
            work,
            inputs: Vec::new(),
            outputs: Vec::new(),
            after,
            deliver: BTreeMap::new(),
            policy: Policy {
                timeout: ATTEMPT_TIME,
                retries: self.release.train.max_retries,
                ..Policy::default()
            },
        }
    }

    fn tag(&self, tag: NewTag, after: Vec<ActionId>) -> Action {
        let work = step::work(&Tagging { tags: vec![tag] }, 2);
        self.action(step::TAG, "tag", Class::Effect, work, after)
    }

    /// An error at the train's declaration.
    fn wrong(&self, message: String, hint: &str) -> Diagnostic {
        Diagnostic::error(message, self.release.train.location.clone()).hint(hint)
    }

    /// The packages that are released, each with its version.
    fn released(&self) -> Vec<(&PackageId, &Version)> {
        let versions = self.release.versions.iter();
        versions
            .map(|version| (&version.package, &version.next))
            .collect()
    }

    /// The tag of the release as a whole.
    fn umbrella(&self, head: &CommitId) -> Result<Option<NewTag>, Diagnostic> {
        umbrella_tag(self.release.train, self.release.workspace, &self.released(), head)
    }

    /// Where the commit that brings the release back is made.
    fn destination(&self, commit_back: &CommitBack, head: &CommitId) -> Result<Return, Diagnostic> {
        let Closing { branch, run, .. } = &self.release.closing;
        let branch = commit_back.branch.as_ref().or(branch.as_ref()).ok_or_else(|| {
            let message = format!(
                "`commit_back` of `{}`: no branch is checked out",
                self.release.train.name
            );
            self.wrong(
                message,
                "check one out (`git switch main`), or name it: `commit_back_branch = \"main\"`",
            )
        })?;
        Ok(Return {
            branch: branch.clone(),
            after: head.clone(),
            run: run.clone(),
        })
    }

    fn commit_back(
        &self,
        commit_back: &CommitBack,
        to: &Return,
        new: Vec<NewFile>,
        gone: Vec<String>,
        after: Vec<ActionId>,
    ) -> Action {
        let files = new.iter().map(|file| (file.path.clone(), file.was)).collect();
        let returning = Returning {
            to: to.clone(),
            message: self.message(&commit_back.message),
            files,
            gone,
        };
        let work = step::work(&returning, 1);
        let inputs = new.into_iter().map(|file| file.made_by).collect();
        let action = self.action(step::COMMIT_BACK, "commit_back", Class::Effect, work, after);
        Action { inputs, ..action }
    }

    /// The message with its words filled in.
    fn message(&self, pattern: &str) -> String {
        let (release, names) = (self.release, crate::names::Names::of(self.release.workspace));
        let one =
            |version: &crate::PlannedVersion| format!("{} {}", names.display(&version.package), version.next);
        let packages = release.versions.iter().map(one).collect::<Vec<_>>().join(", ");
        let released = self.released();
        let version = umbrella_version(release.train, release.workspace, &released)
            .ok()
            .flatten();
        let version = version.or_else(|| common_version(&released));
        let version = version.map_or_else(|| packages.clone(), Version::to_string);
        pattern
            .replace("{train_name}", &release.train.name)
            .replace("{version}", &version)
            .replace("{packages}", &packages)
    }

    /// The push, if there is one: a release into folders leaves this machine in no other way.
    fn push(
        &self,
        tags: BTreeMap<String, CommitId>,
        back: Option<Return>,
        after: Vec<ActionId>,
        actions: &mut Vec<Action>,
    ) -> Option<ActionId> {
        let release = self.release;
        let remote = release.adapters.remote.as_ref()?;
        if release.train.tags.push.is_none() || release.closing.into_folders {
            return None;
        }
        let pushing = Pushing {
            remote: remote.address(),
            tags,
            back,
        };
        let work = step::work(&pushing, 1);
        Some(self.put(
            actions,
            self.action(step::PUSH, "push", Class::Effect, work, after),
        ))
    }
}
