//! Whom commits name by their scopes: as a whole, or each change of a squashed message for itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{Commit, CommitRules};

use super::attribute::{Owner, is_made_by_git};
use super::dialect::reading;
use super::header::header;
use super::history::History;
use super::message::{self, Change};
use super::revert::{self, Revert};

/// By owner and commit, which of the changes that a message tells of are that owner's, where not all are.
pub(super) type Parts = BTreeMap<(usize, u32), Vec<usize>>;

/// Packages by what a scope may call them, in lower case: clause 15 of Conventional Commits 1.0.0.
pub(super) struct Scopes<'a> {
    by_name: HashMap<String, Vec<usize>>,
    /// By owner, whether scopes count.
    pub(super) counts: Vec<bool>,
    rules: Option<&'a CommitRules>,
    /// The rules where scopes count in squashed messages too, and by owner which of them are its own.
    squashed: Vec<&'a CommitRules>,
    set_of: Vec<Option<usize>>,
    /// The commits whose scopes said whose they are.
    decided: HashSet<u32>,
}

/// Whom the scopes of a commit name.
#[derive(Default)]
pub(super) struct Named {
    /// Whom it names as a whole.
    pub(super) whole: Vec<usize>,
    /// By set of rules, whom each of its changes names, if one names anybody.
    split: Vec<Option<Vec<Vec<usize>>>>,
}

impl<'a> Scopes<'a> {
    pub(super) fn of(owners: &[Owner<'a>]) -> Self {
        let counts: Vec<bool> = owners.iter().map(|owner| owner.rules.scopes).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, owner) in owners.iter().enumerate().filter(|(index, _)| counts[*index]) {
            let name = owner.package.name();
            let last = |path: &'a str| path.rsplit('/').next().unwrap_or(path);
            for name in [name, last(name), last(&owner.package.path)] {
                let owners = by_name.entry(name.to_lowercase()).or_default();
                if !name.is_empty() && owners.last() != Some(&index) {
                    owners.push(index);
                }
            }
        }
        let rules = owners.iter().map(|owner| owner.rules).find(|rules| rules.scopes);
        let mut squashed: Vec<&CommitRules> = Vec::new();
        let mut set_of = Vec::with_capacity(owners.len());
        for owner in owners {
            let known = squashed.iter().position(|rules| *rules == owner.rules);
            let is_one = owner.rules.scopes && owner.rules.squashed;
            set_of.push(is_one.then(|| known.unwrap_or(squashed.len())));
            if is_one && known.is_none() {
                squashed.push(owner.rules);
            }
        }
        Self {
            by_name,
            counts,
            rules,
            squashed,
            set_of,
            decided: HashSet::new(),
        }
    }

    /// Whom the commit at a position names. A revert is of those whom what it takes back belongs to by its scope;
    /// `known` says whose commits are, as far as they are older.
    pub(super) fn named(
        &mut self,
        commit: &Commit,
        at: u32,
        history: &History<'_>,
        known: &[Vec<u32>],
    ) -> Named {
        let mut named = Named::default();
        let Some(rules) = self.rules else { return named };
        if let Some(revert) = sole_revert(&commit.message, rules) {
            let targets = revert::targets(history, &revert, at);
            named.whole = if targets.is_empty() {
                self.meant(scope_of(&revert.meant().0, rules))
            } else {
                self.owners_of(&targets, known)
            };
        } else {
            let subject = commit.message.trim_start().lines().next().unwrap_or_default();
            named.whole = self.meant(scope_of(subject, rules));
            let split = self.squashed.iter().map(|rules| self.split(commit, rules));
            named.split = split.collect();
        }
        if !named.whole.is_empty() || named.split.iter().any(Option::is_some) {
            self.decided.insert(at);
        }
        named
    }

    /// The owners of commits whose scopes said whose they are.
    fn owners_of(&self, targets: &[u32], known: &[Vec<u32>]) -> Vec<usize> {
        let decided: Vec<u32> = targets
            .iter()
            .copied()
            .filter(|target| self.decided.contains(target))
            .collect();
        let has = |owner: &usize| decided.iter().any(|target| known[*owner].contains(target));
        let counting = (0..known.len()).filter(|owner| self.counts[*owner]);
        counting.filter(has).collect()
    }

    /// By change, whom it names; nothing if none names anybody.
    fn split(&self, commit: &Commit, rules: &CommitRules) -> Option<Vec<Vec<usize>>> {
        if !commit.message.trim().contains('\n') || !rules.merges && is_made_by_git(commit) {
            return None;
        }
        let named = |change: Change| match &change.revert {
            Some(revert) => self.meant(scope_of(&revert.meant().0, rules)),
            None => self.meant(change.scope),
        };
        let changes = message::parse(&commit.message, rules).into_iter();
        let all: Vec<Vec<usize>> = changes.map(named).collect();
        all.iter().any(|named| !named.is_empty()).then_some(all)
    }

    /// The owners that a scope names.
    fn meant(&self, scope: Option<String>) -> Vec<usize> {
        let scope = scope.unwrap_or_default();
        let names = scope.split(',').map(|name| name.trim().to_lowercase());
        let mut named: Vec<usize> = names
            .filter_map(|name| self.by_name.get(&name))
            .flatten()
            .copied()
            .collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Whether a commit belongs to an owner change by change.
    pub(super) fn is_split(&self, named: &Named, owner: usize) -> bool {
        self.split_of(named, owner).is_some()
    }

    fn split_of<'n>(&self, named: &'n Named, owner: usize) -> Option<&'n [Vec<usize>]> {
        named.split.get(self.set_of[owner]?)?.as_deref()
    }

    /// Gives a commit to those who have some of its changes, and takes it from those who have none, where it belongs to
    /// owners change by change. What names nobody is of those who have the commit already: by its files.
    pub(super) fn divide(&self, named: &Named, at: u32, commits: &mut [Vec<u32>], parts: &mut Parts) {
        if named.split.iter().all(Option::is_none) {
            return;
        }
        for (owner, commits) in commits.iter_mut().enumerate() {
            let Some(split) = self.split_of(named, owner) else {
                continue;
            };
            let has_it = commits.last() == Some(&at);
            let is_own = |named: &[usize]| has_it && named.is_empty() || named.contains(&owner);
            let own: Vec<usize> = (0..split.len()).filter(|part| is_own(&split[*part])).collect();
            if own.is_empty() && has_it {
                commits.pop();
            } else if !own.is_empty() && !has_it {
                commits.push(at);
            }
            if !own.is_empty() && own.len() < split.len() {
                parts.insert((owner, at), own);
            }
        }
    }
}

/// What a message takes back, if it does nothing else.
fn sole_revert(message: &str, rules: &CommitRules) -> Option<Revert> {
    let verb = message.trim_start().get(..6)?;
    if !["revert", "reappl"]
        .iter()
        .any(|known| verb.eq_ignore_ascii_case(known))
    {
        return None;
    }
    let mut changes = message::parse(message, rules).into_iter();
    let revert = changes.next()?.revert?;
    changes.next().is_none().then_some(revert)
}

fn scope_of(subject: &str, rules: &CommitRules) -> Option<String> {
    let scope = header(subject, reading(rules.dialect))?.scope;
    scope.map(str::to_owned)
}
