//! What was committed and tagged, and the versions that follow from it and from what the command line asks for.

use std::collections::BTreeMap;

use clap::Args;
use model::{
    Channel, Commit, CommitId, Diagnostic, Head, PackageId, Severity, Tag, TrainDecl, Version, VersionPlan,
};
use rules::plans::Renamed;
use rules::{Answer, ChannelWish, PlannedVersion, VersionInput};

use crate::command::version_plan;
use crate::exit::{Failure, Kind};
use crate::past::recall_plans;
use crate::project::{Project, Seen, answered};
use crate::world::{World, workspace_error};

/// Which train is meant, and what the command line says about its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct VersionFlags {
    /// The train that is meant (default: the one called `default`, else the first)
    #[arg(long, value_name = "NAME")]
    pub(crate) train: Option<String>,
    /// Release to this channel: latest, next, beta, alpha, canary, rc, dev, nightly, snapshot or one that RELEASE.star
    /// declares (default: the one of the branch, else of the train, else what latest gives, but for a pre-release that
    /// a person wrote into a manifest ahead of every tag)
    #[arg(long, value_name = "NAME", value_parser = channel_name)]
    pub(crate) channel: Option<String>,
    /// Make pre-releases with this word, such as rc
    #[arg(long, value_name = "WORD", value_parser = prerelease_word)]
    pub(crate) prerelease: Option<String>,
    /// Give a package this version (may be repeated)
    #[arg(long = "set", value_name = "PACKAGE=VERSION", value_parser = setting)]
    pub(crate) set: Vec<(String, Version)>,
}

impl VersionFlags {
    fn channel_wish(&self) -> ChannelWish {
        ChannelWish {
            name: self.channel.clone(),
            word: self.prerelease.clone(),
        }
    }
}

/// A channel's name, as RELEASE.star takes it.
pub(crate) fn channel_name(text: &str) -> Result<String, String> {
    let legal = rules::legal_channel(text);
    legal.map(|()| text.to_owned()).map_err(str::to_owned)
}

/// The word in pre-releases, as RELEASE.star takes it.
pub(crate) fn prerelease_word(text: &str) -> Result<String, String> {
    let legal = rules::legal_word(text);
    legal.map(|()| text.to_owned()).map_err(str::to_owned)
}

/// `core=1.2.3`.
fn setting(text: &str) -> Result<(String, Version), String> {
    let (name, version) = text
        .rsplit_once('=')
        .ok_or("write PACKAGE=VERSION, such as core=1.2.3")?;
    if name.is_empty() {
        return Err("the package's name is missing before `=`".to_owned());
    }
    Ok((name.to_owned(), read_version(version)?))
}

/// `1.2.3`, or as Python writes it.
pub(crate) fn read_version(text: &str) -> Result<Version, String> {
    Version::read(text).map_err(|error| error.to_string())
}

/// The repository's history, as far as versions need it.
pub(crate) struct History {
    pub(crate) head: Head,
    /// All tags, sorted.
    pub(crate) tags: Vec<Tag>,
    /// The commits that versions were found from, newest first.
    pub(crate) log: Vec<Commit>,
    /// Where the release goes.
    pub(crate) channel: Channel,
    /// The version plans of the working tree, sorted by file.
    pub(crate) plans: Vec<VersionPlan>,
    pub(crate) versions: Vec<PlannedVersion>,
    /// The same, with what was released from the head already as it was planned then.
    pub(crate) begun: Vec<PlannedVersion>,
}

/// What the repository says, as far as the versions of a train need it.
pub(crate) struct Committed {
    head: Head,
    tags: Vec<Tag>,
    log: Vec<Commit>,
    plans: Vec<VersionPlan>,
}

impl History {
    /// History and next versions, to look at. Without a version control system every package is at its first release.
    pub(crate) fn of(
        world: &World,
        project: &Project,
        train: &TrainDecl,
        flags: &VersionFlags,
    ) -> Result<Self, Failure> {
        Self::read(world, project, train, flags, false)
    }

    /// The same for those who release: the channel has to be certain.
    pub(crate) fn of_release(
        world: &World,
        project: &Project,
        train: &TrainDecl,
        flags: &VersionFlags,
    ) -> Result<Self, Failure> {
        Self::read(world, project, train, flags, true)
    }

    /// The same, without a word about what a person should know.
    pub(crate) fn quietly(
        world: &World,
        project: &Project,
        train: &TrainDecl,
        flags: &VersionFlags,
    ) -> Result<Self, Failure> {
        let plans = version_plan::plans(&*project.tree.files, &train.plans_dir)?;
        let committed = Committed::read(project, train, plans)?;
        Self::planned(world, project, train, flags, committed)
    }

    fn read(
        world: &World,
        project: &Project,
        train: &TrainDecl,
        flags: &VersionFlags,
        is_released: bool,
    ) -> Result<Self, Failure> {
        let history = Self::quietly(world, project, train, flags)?;
        history.warn(world);
        history.warn_of_unread(world, project, train);
        history.check_branch(world, project, flags, is_released)?;
        Ok(history)
    }

    /// Says what a person should know before releasing.
    pub(crate) fn warn(&self, world: &World) {
        for version in &self.versions {
            for warning in &version.warnings {
                let told = format!("`{}`: {warning}", version.package);
                world.terminal.diagnose(&Diagnostic::warning(told, None));
            }
        }
    }

    /// Says what of the repository is passed over: tags that may be of packages that look new, and plans for packages
    /// that nobody releases.
    fn warn_of_unread(&self, world: &World, project: &Project, train: &TrainDecl) {
        let is_first = self.versions.iter().any(|version| version.current.is_none());
        let unread = || rules::unread_tags(&project.workspace, &self.tags, train, project.config.as_ref());
        let unread = is_first.then(unread).flatten();
        let passed_over = rules::plans::passed_over(&self.plans, &project.workspace);
        let told = unread.into_iter().chain(passed_over);
        told.for_each(|one| world.terminal.diagnose(&one));
    }

    /// Refuses a release, and warns others, where the branch says which channel this is and none is checked out.
    fn check_branch(
        &self,
        world: &World,
        project: &Project,
        flags: &VersionFlags,
        is_released: bool,
    ) -> Result<(), Failure> {
        let wish = flags.channel_wish();
        let Some(mut missing) = rules::missing_branch(project.config.as_ref(), &self.head, &wish) else {
            return Ok(());
        };
        if is_released {
            return Err(missing.into());
        }
        missing.severity = Severity::Warning;
        world.terminal.diagnose(&missing);
        Ok(())
    }

    /// The next versions, where what was committed is known.
    pub(crate) fn planned(
        world: &World,
        project: &Project,
        train: &TrainDecl,
        flags: &VersionFlags,
        committed: Committed,
    ) -> Result<Self, Failure> {
        let Committed {
            head,
            tags,
            log,
            plans,
        } = committed;
        let config = project.config.as_ref();
        let channel = rules::channel(config, train, head.branch.as_deref(), &flags.channel_wish())
            .map_err(|wrong| Failure::about(Kind::Usage, vec![wrong]))?;
        let set = set(project, &flags.set)?;
        let mut input = VersionInput {
            config,
            workspace: &project.workspace,
            tags: &tags,
            log: &log,
            beside: &[],
            head: head.commit.as_ref(),
            train,
            channel: &channel,
            plans: &plans,
            renamed: &[],
            set: &set,
            answers: &BTreeMap::new(),
            fits: &|needed, pinned, version| match pinned {
                None => adapters::fits(&needed.on.ecosystem, &needed.requirement, version),
                Some((to, strategy)) => {
                    let published = adapters::published(needed, to, strategy);
                    adapters::fits(&needed.on.ecosystem, &published, version)
                }
            },
            now: world.now,
        };
        let beside = beside(project, &input)?;
        input.beside = &beside;
        let renamed = renamed(project, &input)?;
        input.renamed = &renamed;
        let mut versions = rules::plan_versions(&input)?;
        let answers = answers(world, project, train, &versions, &log)?;
        if !answers.is_empty() {
            input.answers = &answers;
            versions = rules::plan_versions(&input)?;
        }
        recall_plans(world, project, &input, &mut versions, false)?;
        let mut begun = rules::as_begun(&input, versions.clone())?;
        if begun != versions {
            recall_plans(world, project, &input, &mut begun, false)?;
        }
        Ok(Self {
            head,
            tags,
            log,
            channel,
            plans,
            versions,
            begun,
        })
    }

    /// The head commit, if there is one.
    pub(crate) fn commit(&self) -> Option<&CommitId> {
        self.head.commit.as_ref()
    }
}

impl Committed {
    /// Reads it, with the version plans of the working tree.
    pub(crate) fn read(
        project: &Project,
        train: &TrainDecl,
        plans: Vec<VersionPlan>,
    ) -> Result<Self, Failure> {
        let (Some(vcs), Some(Seen(seen))) = (&project.adapters.vcs, &project.seen) else {
            let head = Head {
                commit: None,
                branch: None,
                shallow: false,
            };
            let (tags, log) = (Vec::new(), Vec::new());
            return Ok(Self {
                head,
                tags,
                log,
                plans,
            });
        };
        let (head, tags) = seen.clone().map_err(workspace_error)?;
        let before = rules::tags_before(&tags, head.commit.as_ref());
        let since = rules::oldest_needed(&project.workspace, &before, train, project.config.as_ref());
        let mut log = Vec::new();
        if head.commit.is_some() {
            log = vcs.log(&head, &since).map_err(workspace_error)?;
            // A tag on another branch: only the whole history says which ones lead here.
            if !since.is_empty() && !rules::is_enough(&log, &since, head.commit.as_ref(), &plans) {
                log = vcs.log(&head, &[]).map_err(workspace_error)?;
            }
        }
        Ok(Self {
            head,
            tags,
            log,
            plans,
        })
    }
}

/// What leads to tags that count and not to the head: see [`rules::tags_beside`].
pub(crate) fn beside(project: &Project, input: &VersionInput<'_>) -> Result<Vec<Commit>, Failure> {
    let (Some(vcs), Some(head)) = (&project.adapters.vcs, input.head) else {
        return Ok(Vec::new());
    };
    let mut beside = BTreeMap::new();
    for tagged in rules::tags_beside(input) {
        let commits = vcs.between(head, &tagged).map_err(workspace_error)?;
        beside.extend(commits.into_iter().map(|commit| (commit.id.clone(), commit)));
    }
    Ok(beside.into_values().collect())
}

/// The version plans that were only renamed; nothing is looked up where there are none.
fn renamed(project: &Project, input: &VersionInput<'_>) -> Result<Vec<Renamed>, Failure> {
    let Some(vcs) = project.adapters.vcs.as_ref().filter(|_| !input.plans.is_empty()) else {
        return Ok(Vec::new());
    };
    let contents = |files: &[(CommitId, String)]| vcs.contents(files).map_err(workspace_error);
    rules::plans::renamed(input.log, &input.train.plans_dir, contents)
}

/// The packages that `--set` names.
fn set(project: &Project, settings: &[(String, Version)]) -> Result<BTreeMap<PackageId, Version>, Failure> {
    let mut set = BTreeMap::new();
    for (name, version) in settings {
        let id = project.package(name)?;
        if set.insert(id.clone(), version.clone()).is_some() {
            return Err(Failure::new(Kind::Usage, format!("`--set` names `{id}` twice")));
        }
    }
    Ok(set)
}

/// What strategies that are functions say; asked in the confined child that evaluates the configuration.
fn answers(
    world: &World,
    project: &Project,
    train: &TrainDecl,
    versions: &[PlannedVersion],
    log: &[Commit],
) -> Result<BTreeMap<PackageId, Answer>, Failure> {
    let Some(config) = &project.config else {
        return Ok(BTreeMap::new());
    };
    let questions = rules::questions(config, train, &project.workspace, versions, log);
    if questions.calls.is_empty() {
        return Ok(BTreeMap::new());
    }
    let evaluation = answered(world, project, &questions.calls)?;
    Ok(questions.read(&evaluation.answers)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_a_package_and_a_version() {
        let version = |text: &str| text.parse::<Version>().expect("a version");
        assert_eq!(setting("core=1.2.3"), Ok(("core".to_owned(), version("1.2.3"))));
        assert_eq!(
            setting("@a/b=1.0.0-rc.1"),
            Ok(("@a/b".to_owned(), version("1.0.0-rc.1")))
        );
        assert_eq!(setting("x=1.0rc1"), Ok(("x".to_owned(), version("1.0.0-rc.1"))));
        for wrong in ["core", "=1.2.3", "core=", "core=one"] {
            assert!(setting(wrong).is_err(), "{wrong}");
        }
    }
}
