//! Gathers what is new in a planned version: its commits, its version plans, what it newly needs.

use std::collections::HashMap;

use model::{Commit, CommitId, Config, Strategy, Tag, TrainDecl, VersionPlan, Workspace};

use super::{Entry, Links, News, date};
use crate::groups::Groups;
use crate::names::Names;
use crate::version::PlannedVersion;

/// What changelogs are written from.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// What RELEASE.star said, if there is one.
    pub config: Option<&'a Config>,
    /// The train that is released.
    pub train: &'a TrainDecl,
    /// Every package of the repository.
    pub workspace: &'a Workspace,
    /// The commits that the versions name.
    pub commits: &'a [Commit],
    /// The commit that is released: the date of a version without commits of its own is its date.
    pub head: Option<&'a CommitId>,
    /// All tags: a version that has one already was released from that one's commit.
    pub tags: &'a [Tag],
    /// The version plans that the versions name.
    pub plans: &'a [VersionPlan],
    /// Where the forge shows commits, if that is known.
    pub links: Option<&'a Links>,
}

/// What is new in each of the planned versions.
#[must_use]
pub fn news(reported: &Reported<'_>, planned: &[PlannedVersion]) -> Vec<News> {
    let nothing = Config::default();
    let (groups, names) = (
        Groups::of(reported.config.unwrap_or(&nothing)),
        Names::of(reported.workspace),
    );
    let commits: HashMap<&str, &Commit> = reported
        .commits
        .iter()
        .map(|commit| (commit.id.0.as_str(), commit))
        .collect();
    let tags: HashMap<&str, &CommitId> = reported
        .tags
        .iter()
        .map(|tag| (tag.name.as_str(), &tag.commit))
        .collect();
    let one = |planned: &PlannedVersion| {
        let head = tags.get(planned.tag.as_str()).copied().or(reported.head);
        let head = head.and_then(|head| commits.get(head.0.as_str()));
        let reporter = Reporter {
            train: reported.train,
            groups: &groups,
            names: &names,
            commits: &commits,
            newest: head.map(|commit| commit.time),
            plans: reported.plans,
            links: reported.links,
        };
        reporter.news(planned)
    };
    planned.iter().map(one).collect()
}

/// The same, with everything looked up once.
pub(crate) struct Reporter<'r, 'a> {
    pub(crate) train: &'r TrainDecl,
    pub(crate) groups: &'r Groups<'a>,
    pub(crate) names: &'r Names<'a>,
    pub(crate) commits: &'r HashMap<&'a str, &'a Commit>,
    /// When the commit that is released was made: the date of a version without commits of its own.
    pub(crate) newest: Option<i64>,
    pub(crate) plans: &'r [VersionPlan],
    pub(crate) links: Option<&'r Links>,
}

impl Reporter<'_, '_> {
    /// What is new in a planned version.
    pub(crate) fn news(&self, planned: &PlannedVersion) -> News {
        let rules = &self.train.changelog;
        let ids = planned.commits.iter();
        let commits: Vec<&Commit> = ids
            .filter_map(|id| self.commits.get(id.0.as_str()).copied())
            .collect();
        let newest = commits.iter().map(|commit| commit.time).max().or(self.newest);
        News {
            package: self.names.display(&planned.package),
            ecosystem: planned.package.ecosystem.clone(),
            version: planned.next.clone(),
            previous: planned.current.clone(),
            tag: planned.tag.clone(),
            previous_tag: planned.last_tag.clone(),
            channel: planned.channel.clone(),
            date: newest.map(date),
            rules: rules.sections.clone(),
            entries: self.entries(planned, &commits),
            links: self.links.filter(|_| rules.links).cloned(),
            template: rules.template.clone(),
        }
    }

    /// Version plans first: they were written to be read here. Where versions come from them alone, so does this.
    fn entries(&self, planned: &PlannedVersion, commits: &[&Commit]) -> Vec<Entry> {
        let id = &planned.package;
        let mut groups = self.groups.groups(id);
        let strategy = groups.find_map(|group| group.strategy.as_ref());
        let reading = self
            .groups
            .groups(id)
            .find_map(|group| group.commits.as_ref())
            .unwrap_or(&self.train.commits);
        let is_part = |plan: &&VersionPlan| planned.plans.contains(&plan.file);
        let plans = self.plans.iter().filter(is_part).chain(&planned.earlier_plans);
        let mut entries: Vec<Entry> = plans.filter_map(|plan| Entry::planned(plan, id)).collect();
        if *strategy.unwrap_or(&self.train.strategy) != Strategy::Plans {
            entries.extend(commits.iter().flat_map(|commit| {
                let own = planned.parts.get(&commit.id);
                Entry::of_part(commit, reading, own.map(Vec::as_slice))
            }));
        }
        let new = planned.needs.iter().filter(|needed| needed.is_new);
        entries.extend(
            new.map(|needed| Entry::dependency(&self.names.display(&needed.package), &needed.version)),
        );
        entries
    }
}
