//! The end of a release: its own tag, the commit that brings versions back, and the push.

use std::collections::BTreeMap;

use engine::{Action, ActionId, Class, Mnemonic, Policy, Work};
use model::{CommitBack, CommitId, Diagnostic, NewTag, PackageId, Remote, Version};

use super::chain::Chains;
use super::effects::ATTEMPT_TIME;
use super::files::Files;
use super::new_files::NewFile;
use super::{BroughtBack, Closing, Release, Stage, id};
use crate::PlannedVersion;
use crate::step::{self, Pushing, Return, Returning, Tagging};
use crate::umbrella::{common_version, umbrella_tag, umbrella_version};

/// What a release does to the repository as a whole.
#[derive(Default)]
pub(super) struct Ending {
    /// The actions' places.
    pub(super) ids: Vec<ActionId>,
    /// The files that are committed back, sorted.
    pub(super) written: Vec<String>,
    /// The branch they are committed to, if there are any.
    pub(super) branch: Option<String>,
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
    let mut ending = Ending::default();
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
        match maker.left_to_push(back, actions) {
            Ok(push) => ending.ids.extend(push),
            Err(diagnostic) => wrong.push(diagnostic),
        }
        return ending;
    }
    if release.versions.is_empty() {
        return ending;
    }
    let mut before: Vec<ActionId> = chains
        .chains
        .iter()
        .filter_map(|chain| chain.ids.effects?.tag)
        .collect();
    let mut tags = own_tags(release, head);
    match maker.umbrella(head) {
        Ok(None) => {}
        Ok(Some(tag)) => {
            tags.insert(tag.name.clone(), tag.commit.clone());
            let tagged = maker.put(actions, maker.tag(tag, before.clone()));
            ending.ids.push(tagged);
            before.push(tagged);
        }
        Err(diagnostic) => wrong.push(diagnostic),
    }
    ending.tags = tags.keys().cloned().collect();
    let new = match &release.train.commit_back {
        Some(_) => maker.new_files(chains, files, actions, wrong),
        None => Vec::new(),
    };
    let mut to = None;
    match maker.bring_back(new, before.clone(), &mut ending, actions) {
        Ok(None) => {}
        Ok(Some((commit, there))) => {
            before = vec![commit];
            to = Some(there);
        }
        Err(diagnostic) => wrong.push(diagnostic),
    }
    let left = release.closing.left.iter();
    tags.extend(left.map(|tag| (tag.name.clone(), tag.commit.clone())));
    ending.ids.extend(maker.push(tags, to, before, actions));
    ending
}

/// The tags of the packages that are released, each with the commit it names.
fn own_tags(release: &Release<'_>, head: &CommitId) -> BTreeMap<String, CommitId> {
    let names = |planned: &PlannedVersion| {
        let all = std::iter::once(&planned.tag).chain(&planned.secondary_tags);
        all.cloned().collect::<Vec<String>>()
    };
    let tags = release.versions.iter().flat_map(names);
    tags.map(|name| (name, head.clone())).collect()
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
    // What is said of a private package is passed over.
    let is_private = |id: &PackageId| release.workspace.get(id).is_some_and(|package| package.private);
    let is_released =
        |id: PackageId| is_private(&id) || release.versions.iter().any(|version| version.package == id);
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

    /// Commits files back, and says where; nothing if there is nothing to commit.
    fn bring_back(
        &self,
        new: Vec<NewFile>,
        after: Vec<ActionId>,
        ending: &mut Ending,
        actions: &mut Vec<Action>,
    ) -> Result<Option<(ActionId, Return)>, Diagnostic> {
        let release = self.release;
        let (Some(commit_back), Some(head)) = (&release.train.commit_back, release.head) else {
            return Ok(None);
        };
        let to = self.destination(commit_back, head)?;
        let gone = consumed(release);
        let new_paths = new.iter().map(|file| &file.path);
        ending.written = new_paths.chain(&gone).cloned().collect();
        ending.written.sort();
        if ending.written.is_empty() {
            return Ok(None);
        }
        ending.branch = Some(to.branch.clone());
        let commit = self.put(actions, self.commit_back(commit_back, &to, new, gone, after));
        ending.ids.push(commit);
        Ok(Some((commit, to)))
    }

    /// The push of a release that was brought back: nothing else of it is left.
    fn left_to_push(
        &self,
        back: &BroughtBack,
        actions: &mut Vec<Action>,
    ) -> Result<Option<ActionId>, Diagnostic> {
        if self.remote().is_none() {
            return Ok(None);
        }
        let commit_back = self.release.train.commit_back.as_ref();
        let to = commit_back.map(|commit_back| self.destination(commit_back, &back.released));
        let tags = back.tags.iter();
        let tags = tags.map(|tag| (tag.name.clone(), tag.commit.clone())).collect();
        Ok(self.push(tags, to.transpose()?, Vec::new(), actions))
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
        let one = |version: &PlannedVersion| format!("{} {}", names.display(&version.package), version.next);
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

    /// Where is pushed to, if anything is: a release into folders leaves this machine in no other way.
    fn remote(&self) -> Option<&dyn Remote> {
        let release = self.release;
        let is_pushed = release.train.tags.push.is_some() && !release.closing.into_folders;
        release.adapters.remote.as_deref().filter(|_| is_pushed)
    }

    /// The push, if there is one.
    fn push(
        &self,
        tags: BTreeMap<String, CommitId>,
        back: Option<Return>,
        after: Vec<ActionId>,
        actions: &mut Vec<Action>,
    ) -> Option<ActionId> {
        let pushing = Pushing {
            remote: self.remote()?.address(),
            tags,
            back,
        };
        let work = step::work(&pushing, 1);
        let push = self.action(step::PUSH, "push", Class::Effect, work, after);
        Some(self.put(actions, push))
    }
}
