//! Writes down what was decided, with the reasons in plain words.

use model::{Bump, CommitId, Line, PackageId, Strategy};
use rayon::prelude::*;

use super::course::{Course, Why};
use super::growth::named;
use super::line::channel_of;
use super::propagate::Decided;
use super::unreleased::Found;
use super::warnings::warnings;
use super::{Facts, Needed, PlannedVersion};

/// The plan, one entry per package that is released.
pub(super) fn write(facts: &Facts<'_>, found: &[Found], decided: &Decided) -> Vec<PlannedVersion> {
    let scribe = Scribe {
        facts,
        found,
        decided,
        names: crate::names::Names::of(facts.input.workspace),
    };
    let released: Vec<usize> = facts.released().collect();
    released.par_iter().map(|index| scribe.entry(*index)).collect()
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
            (Some(_), Course::Written(_) | Course::Named(_, Why::Set | Why::Function | Why::Commit(_))) => {
                Bump::Explicit
            }
            (Some(last), _) => named(last.version, &next),
        };
        let is_released = self.decided.is_released[index];
        let commits = &self.found[index].commits;
        let tag = |format: &model::TagFormat| {
            format.format(&package.id.ecosystem, package.name(), &next.to_string())
        };
        PlannedVersion {
            current: last.map(|last| last.version.clone()),
            manifest: package.version.clone(),
            bump,
            reason: self.reason(index),
            commits: commits
                .iter()
                .map(|at| facts.history.commit(*at).id.clone())
                .collect(),
            parts: commits.iter().filter_map(|at| self.part(index, *at)).collect(),
            tag: tag(&facts.input.train.tag_format),
            is_for_needs: is_released
                && last.is_some()
                && !self.decided.because_of[index].is_empty()
                && self.found[index].since_base.commit.is_none()
                && self.found[index].since_base.plan.is_none(),
            secondary_tags: facts.input.train.tags.secondary.iter().map(tag).collect(),
            last_tag: last.map(|last| last.tag.name.clone()),
            channel: channel_of(facts.input.channel, &next),
            plans: self.plans(index),
            earlier_plans: Vec::new(),
            warnings: warnings(facts, self.found, self.decided, index),
            released_at_head: !is_released && facts.is_at_head(last.map(|last| &last.tag.commit)),
            needs: self.needs(index),
            package: package.id.clone(),
            next,
        }
    }

    /// What of a commit is a package's own, where that is not all.
    fn part(&self, index: usize, at: u32) -> Option<(CommitId, Vec<usize>)> {
        let own = self.facts.parts.get(&(index, at))?;
        Some((self.facts.history.commit(at).id.clone(), own.clone()))
    }

    fn course(&self, index: usize) -> &Course {
        &self.decided.courses[self.unit(index)]
    }

    fn reason(&self, index: usize) -> String {
        let last = self.facts.last[index].as_ref();
        let own = &self.facts.packages[index].version;
        match self.course(index) {
            _ if !self.decided.is_released[index] => self.rest(index),
            Course::First(version) if version == own || self.is_alone(index) => "first release".to_owned(),
            Course::First(_) => format!("first release, {}", self.company(index)),
            Course::Written(version) if version == own => {
                let since = last.map_or_else(String::new, |last| format!(", ahead of {}", last.tag.name));
                format!("`{}` says {version}{since}", self.facts.packages[index].manifest)
            }
            Course::Written(version) if version.release() == own.release() => {
                format!("`{}` says {own}", self.facts.packages[index].manifest)
            }
            Course::Written(_) => self.company(index),
            Course::Named(version, why) => self.who(index, version, *why),
            Course::Grows(Bump::None) => format!("catches up {}", self.company(index)),
            Course::Grows(_) => self.drive(index).unwrap_or_else(|| self.company(index)),
        }
    }

    /// Who named a version.
    fn who(&self, index: usize, version: &model::Version, why: Why) -> String {
        let open = self.facts.open[self.unit(index)].as_ref();
        let open = open.map_or_else(String::new, ToString::to_string);
        match why {
            Why::Set => format!("set to {version} on the command line"),
            Why::Function => "a function of RELEASE.star said so".to_owned(),
            Why::Commit(at) => format!("{} names {version}", self.commit(at)),
            Why::Promoted => format!("{open} is released"),
            Why::Escalated => format!("{open} goes on as `{}`", version.word()),
            Why::Snapshot => "a snapshot".to_owned(),
        }
    }

    /// A commit as it is told of: `feat: add x (abc1234)`.
    fn commit(&self, at: u32) -> String {
        let history = &self.facts.history;
        format!("{} ({})", history.subject(at), history.commit(at).id.short())
    }

    /// The version plans that are part of the next version.
    fn plans(&self, index: usize) -> Vec<String> {
        let plans = self.found[index].plans.iter();
        let mut files: Vec<String> = plans
            .map(|plan| self.facts.plans.file(*plan).to_owned())
            .collect();
        files.sort_unstable();
        files.dedup();
        files
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
            count => format!("nothing to release since {tag}: {}", self.silence(index, count)),
        }
    }

    /// Why so many commits let a package not grow.
    fn silence(&self, index: usize, count: usize) -> String {
        let setting = &self.facts.settings[index];
        let all = if count == 1 {
            "1 commit".to_owned()
        } else {
            format!("{count} commits")
        };
        let is_plain = setting.rules.types.is_empty();
        match setting.strategy {
            Strategy::Manual => "the strategy is manual".to_owned(),
            Strategy::Plans if self.found[index].plans.is_empty() => "no version plan names it".to_owned(),
            Strategy::Plans => "its version plans ask for none".to_owned(),
            Strategy::Function(_) => "the function said nothing".to_owned(),
            _ if count == 1 && is_plain => format!("{all}, and it is no feature or fix"),
            _ if is_plain => format!("{all}, and none is a feature or a fix"),
            _ if count == 1 => format!("{all}, and its type asks for none"),
            _ => format!("{all}, and their types ask for none"),
        }
    }

    /// What in the package itself, or in what it needs, lets the version grow as much as it does.
    fn drive(&self, index: usize) -> Option<String> {
        let Course::Grows(bump) = self.course(index) else {
            return None;
        };
        if *bump == Bump::None {
            return None;
        }
        let own = self.facts.settings[index].strategy;
        let asked = &self.found[index].since_base;
        let by_plan = asked.plan.filter(|(planned, _)| planned == bump);
        match own {
            Strategy::Manual => None,
            Strategy::Function(_) => self.answer(index, *bump).or_else(|| self.causes(index)),
            Strategy::Conventional | Strategy::Calendar(_)
                if asked.commit.is_some_and(|(own, _)| own == *bump) =>
            {
                self.changes(index)
            }
            _ => match by_plan {
                Some((_, plan)) => Some(format!("`{}` says {bump}", self.facts.plans.file(plan))),
                None => self.causes(index).or_else(|| self.anything(index)),
            },
        }
    }

    /// What a function said of the package itself.
    fn answer(&self, index: usize, bump: Bump) -> Option<String> {
        let answer = self.facts.input.answers.get(&self.facts.packages[index].id);
        let Some(super::Answer::Bump(said)) = answer else {
            return None;
        };
        let is_it = *said != Bump::None && bump == (*said).max(Bump::Patch);
        is_it.then(|| format!("a function of RELEASE.star said {said}"))
    }

    /// Nightlies are made of everything.
    fn anything(&self, index: usize) -> Option<String> {
        let found = &self.found[index];
        let is_one = self.facts.lines[self.unit(index)] == Line::Nightly && found.is_touched;
        let first = found.commits.first().filter(|_| is_one)?;
        let more = and_more(found.commits.len() - 1);
        Some(format!("{}{more}", self.commit(*first)))
    }

    /// The first of the largest changes: `feat: add x (abc1234) and 2 more`.
    fn changes(&self, index: usize) -> Option<String> {
        let bump = |at: &u32| self.facts.bump_of(index, *at);
        let commits = self.found[index].commits.iter().copied();
        let counting: Vec<u32> = commits.filter(|at| bump(at) > Bump::None).collect();
        let largest = counting.iter().map(bump).max()?;
        let first = *counting.iter().find(|at| bump(at) == largest)?;
        let more = and_more(counting.len() - 1);
        Some(format!("{}{more}", self.commit(first)))
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

    fn unit(&self, index: usize) -> usize {
        self.facts.units.of_package(index)
    }

    /// Who else is in a package's unit.
    fn others(&self, index: usize) -> impl Iterator<Item = usize> {
        let members = self.facts.units.members(self.unit(index)).iter().copied();
        members.filter(move |other| *other != index)
    }

    fn is_alone(&self, index: usize) -> bool {
        self.others(index).next().is_none()
    }

    /// Who else of a fixed group is the reason, or of those whose version stands in the same place.
    fn company(&self, index: usize) -> String {
        let unit = self.unit(index);
        let leader = self
            .others(index)
            .find_map(|other| Some((self.name(other), self.drive(other)?)));
        if self.facts.units.is_shared_place(unit) {
            return match leader {
                Some((name, why)) => format!("shares its version with {name}: {why}"),
                None => format!("shares its version with {}", self.sharers(index)),
            };
        }
        let group = match self.facts.units.name(unit) {
            Some(name) => format!("the group {name}"),
            None => "the other packages".to_owned(),
        };
        match leader {
            Some((name, why)) => format!("with {group}, because of {name}: {why}"),
            None => format!("with {group}, at {}", self.decided.next[index]),
        }
    }

    /// The others of a unit, by name.
    fn sharers(&self, index: usize) -> String {
        let mut others = self.others(index);
        let first = others.next().map_or_else(String::new, |other| self.name(other));
        format!("{first}{}", and_more(others.count()))
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
            let version = if self.facts.settings[needed].is_released {
                Some(&self.decided.next[needed])
            } else {
                self.facts.last[needed].as_ref().map(|last| last.version)
            };
            Some(Needed {
                package: self.facts.packages[needed].id.clone(),
                version: version?.clone(),
                is_new: self.decided.newer[index].contains(&needed),
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
