//! All history of the repository, for what looks further back than the last release.

use std::collections::BTreeMap;

use model::{Channel, Commit, CommitId, PackageId, Tag, TrainDecl, Version};
use rules::{Answer, ChannelWish, PlannedVersion, VersionInput};

use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::{World, workspace_error};

/// All history of the repository.
pub(crate) struct Past {
    /// The commit that is checked out.
    pub(crate) head: Option<CommitId>,
    pub(crate) tags: Vec<Tag>,
    /// Every commit that leads to the head, newest first.
    pub(crate) log: Vec<Commit>,
    channel: Channel,
    set: BTreeMap<PackageId, Version>,
    answers: BTreeMap<PackageId, Answer>,
}

/// Writes into versions which version plans they took in that history alone knows; see [`rules::plans::recall`].
pub(crate) fn recall_plans(
    world: &World,
    project: &Project,
    input: &VersionInput<'_>,
    planned: &mut [PlannedVersion],
    released: bool,
) -> Result<(), Failure> {
    let Some(vcs) = &project.adapters.vcs else {
        return Ok(());
    };
    let contents = |files: &[(CommitId, String)]| vcs.contents(files).map_err(workspace_error);
    for warning in rules::plans::recall(input, planned, released, contents)? {
        world.terminal.diagnose(&warning);
    }
    Ok(())
}

impl Past {
    pub(crate) fn read(project: &Project, train: &TrainDecl) -> Result<Self, Failure> {
        let Some(vcs) = &project.adapters.vcs else {
            return Err(Failure::new(
                Kind::Config,
                "there is no history here: this is no repository",
            ));
        };
        let head = vcs.head().map_err(workspace_error)?;
        let wish = ChannelWish::default();
        Ok(Self {
            tags: vcs.tags().map_err(workspace_error)?,
            log: vcs.log(&head, &[]).map_err(workspace_error)?,
            channel: rules::channel(project.config.as_ref(), train, head.branch.as_deref(), &wish)?,
            set: BTreeMap::new(),
            answers: BTreeMap::new(),
            head: head.commit,
        })
    }

    /// What versions are planned from, with all of it; no version plan yet.
    pub(crate) fn input<'a>(&'a self, project: &'a Project, train: &'a TrainDecl) -> VersionInput<'a> {
        VersionInput {
            config: project.config.as_ref(),
            workspace: &project.workspace,
            tags: &self.tags,
            log: &self.log,
            beside: &[],
            head: self.head.as_ref(),
            train,
            channel: &self.channel,
            plans: &[],
            renamed: &[],
            set: &self.set,
            answers: &self.answers,
            fits: &|_, _, _| true,
            now: 0,
        }
    }
}
