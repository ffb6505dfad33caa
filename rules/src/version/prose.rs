//! Writes down what was decided, with the reasons in plain words.

use model::{Bump, PackageId};

use super::propagate::{Course, Decided, named};
use super::unreleased::Found;
use super::{Facts, Needed, PlannedVersion};

/// The plan, one entry per package.
pub(super) fn write(facts: &Facts<'_>, found: &[Found], decided: &Decided) -> Vec<PlannedVersion> {
    let scribe = Scribe {
        facts,
        found,
        decided,
        names: crate::names::Names::of(facts.input.workspace),
    };
    (0..facts.packages.len())
        .map(|index| scribe.entry(index))
        .collect()
}

struct Scribe<'a> {
    facts: &'a Facts<'a>,
    found: &'a [Found],
    decided: &'a Decided,
    names: crate::names::Names<'a>,
}

impl Scribe<'_> {
    fn entry(&self, index: usize) -> PlannedVersion {
        let (facts, package) = (self.facts, self.facts.packages[index]);
        let next = self.decided.next[index].clone();
        let last = facts.last[index].as_ref();
        let bump = match (last, self.course(index)) {
            (None, _) => Bump::Initial,
            (Some(_), Course::Written(_)) => Bump::Explicit,
            (Some(last), _) => named(last.version, &next),
        };
        let is_released = self.decided.is_released[index];
        let commits = &self.found[index].commits;
        PlannedVersion {
            current: last.map(|last| last.version.clone()),
            manifest: package.version.clone(),
            bump,
            reason: self.reason(index),
            commits: commits
                .iter()
                .map(|at| facts.history.commit(*at).id.clone())
                .collect(),
            tag: facts.input.train.tag_format.format(
                &package.id.ecosystem,
                package.name(),
                &next.to_string(),
            ),
            secondary_tags: Vec::new(),
            last_tag: last.map(|last| last.tag.name.clone()),
            channel: facts.input.channel.name.clone(),
            plans: Vec::new(),
            warnings: Vec::new(),
            released_at_head: !is_released && facts.is_at_head(last.map(|last| &last.tag.commit)),
            needs: self.needs(index),
            package: package.id.clone(),
            next,
        }
    }

    fn course(&self, index: usize) -> &Course {
        &self.decided.courses[self.facts.units.of_package(index)]
    }

    fn reason(&self, index: usize) -> String {
        let last = self.facts.last[index].as_ref();
        let own = &self.facts.packages[index].version;
        match self.course(index) {
            _ if !self.decided.is_released[index] => self.rest(index),
            Course::First(version) if version == own => "first release".to_owned(),
            Course::First(_) => format!("first release, {}", self.company(index)),
            Course::Written(version) if version == own => {
                let since = last.map_or_else(String::new, |last| format!(", ahead of {}", last.tag.name));
                format!("`{}` says {version}{since}", self.facts.packages[index].manifest)
            }
            Course::Written(_) => self.company(index),
            Course::Grows(Bump::None) => format!("catches up {}", self.company(index)),
            Course::Grows(_) => self.drive(index).unwrap_or_else(|| self.company(index)),
        }
    }

    /// Why nothing is released.
    fn rest(&self, index: usize) -> String {
        let Some(last) = self.facts.last[index].as_ref() else {
            return "nothing to release".to_owned();
        };
        let tag = &last.tag.name;
        if self.facts.is_at_head(Some(&last.tag.commit)) {
            return format!("released from this commit as {tag}");
        }
        match self.found[index].commits.len() {
            0 => format!("nothing changed since {tag}"),
            1 => format!("nothing to release since {tag}: 1 commit, and it is no feature or fix"),
            count => {
                format!("nothing to release since {tag}: {count} commits, and none is a feature or a fix")
            }
        }
    }

    /// What in the package itself, or in what it needs, lets the version grow as much as it does.
    fn drive(&self, index: usize) -> Option<String> {
        match self.course(index) {
            Course::Grows(bump) if self.found[index].bump == *bump => self.changes(index),
            Course::Grows(Bump::Patch) => self.causes(index),
            _ => None,
        }
    }

    /// The first of the largest changes: `feat: add x (abc1234) and 2 more`.
    fn changes(&self, index: usize) -> Option<String> {
        let bump = |at: &u32| {
            let changes = self.facts.changes[*at as usize].iter();
            let bumps = changes.map(|change| change.bump(&self.facts.input.train.commits));
            bumps.max().unwrap_or(Bump::None)
        };
        let counting: Vec<u32> = self.found[index]
            .commits
            .iter()
            .copied()
            .filter(|at| bump(at) > Bump::None)
            .collect();
        let largest = counting.iter().map(bump).max()?;
        let first = counting.iter().find(|at| bump(at) == largest)?;
        let (subject, id) = (
            self.facts.history.subject(*first),
            &self.facts.history.commit(*first).id,
        );
        Some(format!(
            "{subject} ({}){}",
            id.short(),
            and_more(counting.len() - 1)
        ))
    }

    /// The first of the needed packages with a newer release: `depends on core, which becomes 0.2.0`.
    fn causes(&self, index: usize) -> Option<String> {
        let causes = &self.decided.because_of[index];
        let first = *causes.first()?;
        let verb = if self.decided.is_released[first] {
            "becomes"
        } else {
            "became"
        };
        let (name, version) = (self.name(first), &self.decided.next[first]);
        Some(format!(
            "depends on {name}, which {verb} {version}{}",
            and_more(causes.len() - 1)
        ))
    }

    /// Who else of a fixed group is the reason.
    fn company(&self, index: usize) -> String {
        let unit = self.facts.units.of_package(index);
        let group = match self.facts.units.name(unit) {
            Some(name) => format!("the group {name}"),
            None => "the other packages".to_owned(),
        };
        let mut others = self
            .facts
            .units
            .members(unit)
            .iter()
            .filter(|other| **other != index);
        let leader = others.find_map(|other| Some((self.name(*other), self.drive(*other)?)));
        match leader {
            Some((name, why)) => format!("with {group}, because of {name}: {why}"),
            None => format!("with {group}, at {}", self.decided.next[index]),
        }
    }

    fn name(&self, index: usize) -> String {
        self.names.display(&self.facts.packages[index].id)
    }

    /// What the package needs, each at its version in this plan; what is never released has none.
    fn needs(&self, index: usize) -> Vec<Needed> {
        let mut ids: Vec<&PackageId> = self.facts.packages[index]
            .dependencies
            .iter()
            .map(|dependency| &dependency.on)
            .collect();
        ids.sort();
        ids.dedup();
        let needed = ids
            .into_iter()
            .filter_map(|id| self.facts.find(id))
            .filter(|needed| *needed != index);
        let entry = |needed: usize| {
            let version = if self.facts.travel_together(index, needed) {
                Some(&self.decided.next[needed])
            } else {
                self.facts.last[needed].as_ref().map(|last| last.version)
            };
            Some(Needed {
                package: self.facts.packages[needed].id.clone(),
                version: version?.clone(),
                is_new: self.decided.because_of[index].contains(&needed),
            })
        };
        needed.filter_map(entry).collect()
    }
}

fn and_more(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(" and {count} more")
    }
}
