//! Whose reading of a commit's message counts: for every dialect, which small liberties it takes.
//!
//! Measured on the tools themselves; the tables that hold them to it are `tests/version/dialects.txt` and `zero.txt`.

use model::{Bump, Dialect};

use super::presets::{
    COCOGITTO, COMMITIZEN, CONVENTIONAL_CHANGELOG, GIT_CLIFF, KNOPE, NX, PYTHON_SEMANTIC_RELEASE,
    RELEASE_PLEASE, RELEASE_PLZ, SEMANTIC_RELEASE, STANDARD,
};

/// How messages are read. Every field is one thing on which tools disagree.
pub(crate) struct Reading {
    /// The bump of a type that is written exactly so.
    pub(super) exact: &'static [(&'static str, Bump)],
    /// The bump of a type, whatever its case; asked after `exact`.
    pub(super) any_case: &'static [(&'static str, Bump)],
    /// The bump of every other type.
    pub(super) others: Bump,
    /// The only types there are, if they are limited.
    pub(super) known: Option<&'static [&'static str]>,
    /// Whether a type that only begins with a listed one counts as that one.
    pub(super) by_prefix: bool,
    /// Whether `!` before the colon is understood; a header that has one is none otherwise.
    pub(super) bang: bool,
    /// Whether the space after the colon may be missing.
    pub(super) tight_colon: bool,
    /// Whether a space may stand before the scope.
    pub(super) loose_scope: bool,
    /// Whether there may be spaces in a scope.
    pub(super) spaced_scope: bool,
    /// Whether a scope may be empty.
    pub(super) empty_scope: bool,
    /// Whether there may be nothing after the colon.
    pub(super) empty_text: bool,
    /// Whether a message without a blank line after its header is no conventional one.
    pub(super) blank_line: bool,
    /// Where further headers are found in a message.
    pub(super) headers: Headers,
    /// How a footer says that something breaks.
    pub(super) breaking: Breaking,
    /// Whether `BREAKING CHANGE` may be the type itself.
    pub(super) breaking_type: bool,
    /// Which reverts are understood as such.
    pub(super) reverts: Reverts,
    /// Whether a message that follows no convention is a patch.
    pub(super) anything: bool,
    /// Whether a `Release-As` footer names the next version.
    pub(super) release_as: bool,
    /// What versions grow by below 1.0.0.
    pub(super) zero: Zero,
}

/// Where further headers are found in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Headers {
    /// Only the first line is one.
    First,
    /// Every line after the first blank one may be one.
    AfterBlank,
    /// Every line may be one.
    AnyLine,
}

/// How a footer says that something breaks, beside `BREAKING CHANGE: text`.
pub(super) struct Breaking {
    /// `BREAKING-CHANGE: text`.
    pub(super) hyphen: bool,
    /// `breaking change: text`.
    pub(super) any_case: bool,
    /// `BREAKING CHANGE text`.
    pub(super) bare: bool,
    /// `BREAKING CHANGE #text`.
    pub(super) hash: bool,
    /// `BREAKING CHANGE:text`.
    pub(super) tight: bool,
}

/// Which reverts are understood as such; others are commits of the type `revert`, or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reverts {
    /// None.
    None,
    /// All, and each bumps as much as what it takes back deserves.
    Measured,
    /// All, as patches.
    Patches,
    /// Those that name a commit, as patches.
    Named,
}

/// What versions grow by below 1.0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zero {
    /// Breaking is minor, a feature too.
    Shift,
    /// As from 1.0.0 on.
    Semver,
    /// The left-most part that is not zero is the breaking one; a feature is a patch.
    Cargo,
    /// Breaking is minor, a feature is a patch.
    Early,
    /// That something breaks is not heard at all; its type counts.
    Deaf,
}

/// How a dialect reads messages.
pub(crate) fn reading(dialect: Dialect) -> &'static Reading {
    match dialect {
        Dialect::Conventional => &STANDARD,
        Dialect::SemanticRelease => &SEMANTIC_RELEASE,
        Dialect::ConventionalChangelog => &CONVENTIONAL_CHANGELOG,
        Dialect::ReleasePlease => &RELEASE_PLEASE,
        Dialect::Nx => &NX,
        Dialect::PythonSemanticRelease => &PYTHON_SEMANTIC_RELEASE,
        Dialect::Commitizen => &COMMITIZEN,
        Dialect::GitCliff => &GIT_CLIFF,
        Dialect::Cocogitto => &COCOGITTO,
        Dialect::Knope => &KNOPE,
        Dialect::ReleasePlz => &RELEASE_PLZ,
    }
}

impl Reading {
    /// By how much a commit of a type (as written) lets a version grow.
    pub(super) fn bump_of(&self, written: &str) -> Bump {
        self.listed(written).unwrap_or(self.others)
    }

    /// The bump of a type that is in one of the lists.
    pub(super) fn listed(&self, written: &str) -> Option<Bump> {
        let is_exact = |name: &str| written == name || self.by_prefix && written.starts_with(name);
        let exact = self.exact.iter().find(|(name, _)| is_exact(name));
        let found = exact.or_else(|| {
            self.any_case
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(written))
        });
        found.map(|(_, bump)| *bump)
    }

    /// Whether there is such a type.
    pub(super) fn knows(&self, written: &str) -> bool {
        let Some(known) = self.known else { return true };
        known.iter().any(|name| {
            if self.any_case.is_empty() {
                *name == written
            } else {
                name.eq_ignore_ascii_case(written)
            }
        })
    }
}
