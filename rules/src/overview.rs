//! What a plan does with every package of the repository, released or not, in the order it would be done.

use std::collections::{BTreeMap, BTreeSet};

use model::{Bump, Config, LACKS, PackageId, Version, Workspace};

use crate::groups::Groups;
use crate::version::PlannedVersion;

/// What a plan does with a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanStatus {
    /// It is released, because something in it changed or a person wants it.
    Included,
    /// It is released only because something it needs is.
    DependencyOnly,
    /// It was released from this commit already.
    AlreadyPublished,
    /// It has nothing to release.
    Skipped,
    /// RELEASE.star leaves it out: it is not declared, says `skip`, or is in no group of the train.
    Excluded,
    /// Its manifest says it is not to be released.
    PublishExcluded,
}

impl PlanStatus {
    /// As one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::DependencyOnly => "dependency_only",
            Self::AlreadyPublished => "already_published",
            Self::Skipped => "skipped",
            Self::Excluded => "excluded",
            Self::PublishExcluded => "publish_excluded",
        }
    }
}

/// One package in the overview of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// Which.
    pub package: PackageId,
    /// What is done with it.
    pub status: PlanStatus,
    /// How many others have to be released before it at least: 0 for what needs nothing.
    pub level: usize,
    /// Its place among all: what it needs comes before it.
    pub order: usize,
    /// Its version now: the one that was released last, else the manifest's, as it is for what is left out.
    pub current: Version,
    /// Its version afterwards.
    pub next: Version,
    /// By how much it grows.
    pub bump: Bump,
    /// Why, in plain words.
    pub reason: String,
}

/// Every package of the repository with what a plan does with it, in the order of levels, then by id. `members` are
/// the packages that the train releases, `versions` what is planned for them.
#[must_use]
pub fn overview(
    config: &Config,
    workspace: &Workspace,
    members: &BTreeSet<PackageId>,
    versions: &[PlannedVersion],
) -> Vec<PlanEntry> {
    let groups = Groups::of(config);
    let by_id: BTreeMap<&PackageId, &PlannedVersion> = versions
        .iter()
        .map(|version| (&version.package, version))
        .collect();
    let levels = levels(workspace);
    let mut entries: Vec<PlanEntry> = workspace
        .packages()
        .map(|package| {
            let planned = by_id.get(&package.id).copied();
            let is_aboard = members.contains(&package.id);
            let status = status(planned.filter(|_| is_aboard), package.private);
            let reason = match (status, planned) {
                (PlanStatus::PublishExcluded, _) => match package.notes.get(LACKS) {
                    Some(lacking) => format!("`{}` lacks {lacking}", package.manifest),
                    None => format!("`{}` says it is private", package.manifest),
                },
                (PlanStatus::Excluded, _) => match groups.declaration(&package.id) {
                    None => "not declared".to_owned(),
                    Some(declared) if declared.skip => "declared with `skip`".to_owned(),
                    Some(_) => "in no group of this train".to_owned(),
                },
                (_, planned) => planned.map(|planned| planned.reason.clone()).unwrap_or_default(),
            };
            let current = planned.and_then(|planned| planned.current.clone());
            let current = current.unwrap_or_else(|| package.version.clone());
            let released = planned.filter(|_| is_aboard);
            PlanEntry {
                package: package.id.clone(),
                status,
                level: levels.get(&package.id).copied().unwrap_or_default(),
                order: 0,
                next: released.map_or_else(|| current.clone(), |planned| planned.next.clone()),
                bump: released.map_or(Bump::None, |planned| planned.bump),
                reason,
                current,
            }
        })
        .collect();
    entries.sort_by(|a, b| (a.level, &a.package).cmp(&(b.level, &b.package)));
    for (order, entry) in entries.iter_mut().enumerate() {
        entry.order = order;
    }
    entries
}

fn status(planned: Option<&PlannedVersion>, is_private: bool) -> PlanStatus {
    match planned {
        _ if is_private => PlanStatus::PublishExcluded,
        None => PlanStatus::Excluded,
        Some(planned) if planned.released_at_head => PlanStatus::AlreadyPublished,
        Some(planned) if planned.bump == Bump::None => PlanStatus::Skipped,
        Some(planned) if planned.is_for_needs => PlanStatus::DependencyOnly,
        Some(_) => PlanStatus::Included,
    }
}

/// How long the longest way of needs from each package is. Packages that need one another in a circle have none.
fn levels(workspace: &Workspace) -> BTreeMap<PackageId, usize> {
    let mut levels: BTreeMap<PackageId, usize> = BTreeMap::new();
    loop {
        let open = workspace
            .packages()
            .filter(|package| !levels.contains_key(&package.id));
        let ready: Vec<(PackageId, usize)> = open
            .filter_map(|package| {
                let needs = workspace.dependencies(&package.id);
                let deepest = needs
                    .into_iter()
                    .filter(|need| **need != package.id)
                    .map(|need| levels.get(need).copied())
                    .try_fold(0, |deepest, level| Some(deepest.max(level? + 1)))?;
                Some((package.id.clone(), deepest))
            })
            .collect();
        if ready.is_empty() {
            return levels;
        }
        levels.extend(ready);
    }
}
