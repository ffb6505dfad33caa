//! A change: one of the things a commit says, and by how much it lets a version grow.

use model::{Bump, CommitRules, Version};

use super::dialect::{Zero, reading};
use super::revert::Revert;

/// What kind of change a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `feat`.
    Feature,
    /// `fix`.
    Fix,
    /// `perf`.
    Performance,
    /// Takes another commit back.
    Revert,
    /// Anything else: `docs`, `chore`, ...
    Other,
}

/// What a commit's message says, or one of the things it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    /// The type in lower case; empty if the message follows no convention and counts all the same.
    pub(crate) type_: String,
    /// Which part, if it says; never empty.
    pub(crate) scope: Option<String>,
    /// What was done, in one line.
    pub(crate) text: String,
    /// Everything that breaks, in order, each in one line.
    pub(crate) breaking: Vec<String>,
    /// Tokens and values, in order, each value in one line.
    pub(crate) footers: Vec<(String, String)>,
    /// What it takes back, if it is a revert.
    pub(crate) revert: Option<Revert>,
    /// What the dialect says about its type.
    pub(super) own: Bump,
}

impl Change {
    /// By how much the change lets a version grow. What breaks is always major, as clause 12 of Conventional Commits
    /// wants it of any type; then a declared type counts, then the dialect. A revert is counted as one of something
    /// already released.
    pub(crate) fn bump(&self, rules: &CommitRules) -> Bump {
        if self.breaking.is_empty() {
            self.bump_of_type(rules)
        } else {
            Bump::Major
        }
    }

    /// The same for a package that is below 1.0.0: one dialect does not hear there that something breaks.
    pub(crate) fn bump_below_one(&self, rules: &CommitRules) -> Bump {
        if rules.zero.is_none() && reading(rules.dialect).zero == Zero::Deaf {
            self.bump_of_type(rules)
        } else {
            self.bump(rules)
        }
    }

    /// The same without what breaks.
    pub(crate) fn bump_of_type(&self, rules: &CommitRules) -> Bump {
        let declared = rules.types.iter().find(|(name, _)| *name == self.type_);
        declared.map_or(self.own, |(_, bump)| *bump)
    }

    /// The version its `Release-As` footer names, in the dialect that knows it.
    pub(crate) fn release_as(&self, rules: &CommitRules) -> Option<Version> {
        if !reading(rules.dialect).release_as {
            return None;
        }
        let named = self
            .footers
            .iter()
            .filter(|(token, _)| token.eq_ignore_ascii_case("Release-As"));
        named
            .filter_map(|(_, value)| value.trim_start_matches('v').parse().ok())
            .next_back()
    }
}
