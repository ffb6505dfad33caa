//! What the commits of a log say, read when somebody asks.

use std::sync::OnceLock;

use model::{Bump, Commit, CommitRules};

use super::message::{self, Change};

/// The messages of a log, read at most once by every set of rules.
pub(super) struct Messages<'a> {
    log: &'a [Commit],
    sets: Vec<(&'a CommitRules, Vec<OnceLock<Vec<Change>>>)>,
}

impl<'a> Messages<'a> {
    pub(super) fn of(log: &'a [Commit], rule_sets: Vec<&'a CommitRules>) -> Self {
        let unread = || log.iter().map(|_| OnceLock::new()).collect();
        let sets = rule_sets.into_iter().map(|rules| (rules, unread())).collect();
        Self { log, sets }
    }

    /// What the commit at a position says by a set of rules.
    pub(super) fn read(&self, set: usize, at: u32) -> &[Change] {
        let (rules, read) = &self.sets[set];
        let at = at as usize;
        read[at].get_or_init(|| message::parse(&self.log[at].message, rules))
    }

    /// By how much a change lets a version grow by a set of rules.
    pub(super) fn bump(&self, set: usize, change: &Change, below_one: bool) -> Bump {
        let rules = self.sets[set].0;
        if below_one {
            change.bump_below_one(rules)
        } else {
            change.bump(rules)
        }
    }

    pub(super) fn rules(&self, set: usize) -> &'a CommitRules {
        self.sets[set].0
    }
}
