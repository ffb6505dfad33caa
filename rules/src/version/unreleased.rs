//! Which commits of a package are not released yet, and which of its needs were released after it.

use std::collections::BTreeMap;

use model::{Bump, CommitId, Line, Version};
use rayon::prelude::*;

use super::Facts;
use super::attribute::{Owner, attribute};
use super::history::WIDTH;
use super::revert::remaining;
use super::scopes::Parts;

/// What was found about one package.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Commits since its own last tag, newest first, without those that cancel out.
    pub(super) commits: Vec<u32>,
    /// Version plans since its own last tag.
    pub(super) plans: Vec<usize>,
    /// The largest changes since what its version is counted from.
    pub(super) since_base: Asked,
    /// The version that a commit since then names, and the commit.
    pub(super) named: Option<(Version, u32)>,
    /// Whether anything at all was changed since then.
    pub(super) is_touched: bool,
    /// Needed packages whose last tag is on a commit that is not in what its version is counted from.
    pub(super) newer: Vec<usize>,
    /// The largest changes since its last release, pre-releases aside.
    pub(super) since_release: Asked,
}

/// What changes ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// The largest change by a commit, and the newest commit that makes it.
    pub(super) commit: Option<(Bump, u32)>,
    /// The largest change by a version plan, and the first that makes it.
    pub(super) plan: Option<(Bump, usize)>,
}

/// From which commit on something is asked about a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    /// Its own last tag.
    Last,
    /// What its version is counted from.
    Base,
    /// Its last release, pre-releases aside.
    Release,
}

/// What is asked about a package from one commit on.
type Asks = (usize, Vec<Since>);

const NOTHING: Found = Found {
    commits: Vec::new(),
    plans: Vec::new(),
    since_base: Asked {
        commit: None,
        plan: None,
    },
    named: None,
    is_touched: false,
    newer: Vec::new(),
    since_release: Asked {
        commit: None,
        plan: None,
    },
};

/// Looks through the log once for every 64 different tags.
pub(super) fn find(facts: &Facts<'_>, touching: &[Vec<u32>]) -> Vec<Found> {
    let mut found = vec![NOTHING; facts.packages.len()];
    let asked = asked(facts);
    for some in asked.chunks(WIDTH) {
        let tips: Vec<u32> = some.iter().filter_map(|(tip, _)| *tip).collect();
        let marks = facts.history.contained_in(&tips);
        // Where there is no tip, everything is new.
        let bit = |tip: Option<u32>| tips.iter().position(|known| Some(*known) == tip);
        let answers: Vec<(&[Since], Answer<'_>)> = some
            .par_iter()
            .flat_map(|(tip, asks)| {
                let mask = bit(*tip).map_or(0, |bit| 1 << bit);
                let news = News { marks: &marks, mask };
                let answer = move |index: usize| Answer::to(facts, index, &touching[index], news);
                asks.par_iter()
                    .map(move |(index, since)| (&since[..], answer(*index)))
            })
            .collect();
        for (since, answer) in answers {
            let found = &mut found[answer.index];
            since.iter().for_each(|since| answer.write(*since, found));
        }
    }
    found
}

/// By the commit from which on something is asked, what: that many packages share a tag is the rule. No commit stands
/// for everything there is: a tag that no commit is known of is older than all of the log, or shares nothing with it.
fn asked(facts: &Facts<'_>) -> Vec<(Option<u32>, Vec<Asks>)> {
    let mut asked: BTreeMap<Option<u32>, Vec<Asks>> = BTreeMap::new();
    let place = |commit: Option<&CommitId>| commit.and_then(|commit| facts.history.find_anywhere(commit));
    for index in facts.released() {
        let own = facts.last[index].as_ref().map(|last| &last.tag.commit);
        let mut ask = |commit: Option<&CommitId>, since: Since| {
            let asks = asked.entry(place(commit)).or_default();
            match asks.last_mut() {
                Some((last, known)) if *last == index => known.push(since),
                _ => asks.push((index, vec![since])),
            }
        };
        ask(own, Since::Last);
        ask(facts.bases[index].commit, Since::Base);
        if facts.lines[facts.units.of_package(index)] != Line::AsItIs {
            ask(facts.releases[index].commit, Since::Release);
        }
    }
    asked.into_iter().collect()
}

/// The commits of every package, released or not, and what of each is its own where that is not all.
pub(super) fn touching(facts: &Facts<'_>) -> (Vec<Vec<u32>>, Parts) {
    let log = facts.input.log;
    let released = facts
        .packages
        .iter()
        .zip(&facts.settings)
        .map(|(package, setting)| Owner {
            package,
            declared: setting.declared,
            rules: setting.rules,
        });
    // Private packages are never released, but their folders are theirs.
    let private = facts.input.workspace.packages().filter(|package| package.private);
    let private = private.map(|package| Owner {
        package,
        declared: None,
        rules: &facts.input.train.commits,
    });
    let owners: Vec<Owner<'_>> = released.chain(private).collect();
    let (mut touching, parts) = attribute(log, facts.history, &owners);
    touching.truncate(facts.packages.len());
    let reads_merges = |index: usize| facts.settings[index].rules.merges;
    if (0..facts.packages.len()).any(reads_merges) {
        add_merges(facts, &mut touching, &reads_merges);
    }
    (touching, parts)
}

/// A merge whose message is read belongs to the packages that what it brought belongs to, beside those whose files it
/// changes itself.
fn add_merges(facts: &Facts<'_>, touching: &mut [Vec<u32>], reads: &dyn Fn(usize) -> bool) {
    let history = facts.history;
    let mut merges: Vec<(u32, u32)> = Vec::new();
    for (at, commit) in (0..).zip(facts.input.log) {
        if let [first, _, ..] = &commit.parents[..]
            && let Some(first) = history.find(first)
        {
            merges.push((at, first));
        }
    }
    for some in merges.chunks(WIDTH / 2) {
        let tips: Vec<u32> = some.iter().flat_map(|(merge, first)| [*merge, *first]).collect();
        let marks = history.contained_in(&tips);
        for (_, commits) in touching.iter_mut().enumerate().filter(|(index, _)| reads(*index)) {
            let mut brought = Vec::new();
            for (bit, (merge, _)) in some.iter().enumerate() {
                let is_brought = |at: &u32| marks[*at as usize] >> (2 * bit) & 0b11 == 0b01;
                if commits.iter().any(is_brought) {
                    brought.push(*merge);
                }
            }
            commits.extend(brought);
            commits.sort_unstable();
            commits.dedup();
        }
    }
}

/// What is new since a tip.
#[derive(Clone, Copy)]
struct News<'a> {
    /// By position, in which tips a commit is contained.
    marks: &'a [u64],
    /// The tip's bit; none where everything is new.
    mask: u64,
}

impl News<'_> {
    fn holds(self, at: u32) -> bool {
        self.marks[at as usize] & self.mask == 0
    }
}

/// What is new in a package since some commit.
struct Answer<'a> {
    facts: &'a Facts<'a>,
    index: usize,
    commits: Vec<u32>,
    plans: Vec<(usize, Bump)>,
    is_touched: bool,
    news: News<'a>,
}

impl<'a> Answer<'a> {
    fn to(facts: &'a Facts<'a>, index: usize, touching: &[u32], news: News<'a>) -> Self {
        let is_new = |at: u32| news.holds(at);
        let new: Vec<u32> = touching.iter().copied().filter(|at| is_new(*at)).collect();
        let only = |at: u32| {
            let mut said = facts.said(index, at);
            said.next().filter(|_| said.next().is_none())
        };
        let was_released = facts.last[index].is_some();
        Self {
            facts,
            index,
            commits: remaining(facts.history, &only, touching, &new),
            plans: facts
                .plans
                .of(index, facts.history, was_released, &is_new)
                .collect(),
            is_touched: !new.is_empty(),
            news,
        }
    }

    fn write(&self, since: Since, found: &mut Found) {
        match since {
            Since::Last => {
                found.commits.clone_from(&self.commits);
                found.plans = self.plans.iter().map(|(plan, _)| *plan).collect();
            }
            Since::Base => {
                found.since_base = self.asked();
                found.named = self.named();
                found.is_touched = self.is_touched || !self.plans.is_empty();
                if self.facts.bases[self.index].commit.is_some() {
                    found.newer = self.newer();
                }
            }
            Since::Release => found.since_release = self.asked(),
        }
    }

    fn asked(&self) -> Asked {
        let mut asked = Asked::default();
        for at in &self.commits {
            let bump = self.facts.bump_of(self.index, *at);
            if bump > asked.commit.map_or(Bump::None, |(known, _)| known) {
                asked.commit = Some((bump, *at));
            }
        }
        for (plan, bump) in &self.plans {
            if *bump > asked.plan.map_or(Bump::None, |(known, _)| known) {
                asked.plan = Some((*bump, *plan));
            }
        }
        asked
    }

    /// The version that the newest commit which does so names.
    fn named(&self) -> Option<(Version, u32)> {
        let set = self.facts.settings[self.index].set;
        let rules = self.facts.messages.rules(set);
        self.commits.iter().find_map(|at| {
            let mut changes = self.facts.said(self.index, *at);
            changes
                .find_map(|change| change.release_as(rules))
                .map(|version| (version, *at))
        })
    }

    fn newer(&self) -> Vec<usize> {
        let facts = self.facts;
        let elsewhere =
            |needed: &usize| facts.units.of_package(*needed) != facts.units.of_package(self.index);
        let was_released_since = |needed: &usize| {
            let is_anyones = facts.settings[*needed].train.is_some();
            let last = facts.last[*needed].as_ref().filter(|_| is_anyones);
            last.and_then(|last| facts.history.find(&last.tag.commit))
                .is_some_and(|at| self.news.holds(at))
        };
        let needed = facts.needs(self.index).into_iter();
        needed.filter(elsewhere).filter(was_released_since).collect()
    }
}
