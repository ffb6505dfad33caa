//! Whose reading of a commit's message counts: for every dialect, which small liberties it takes.
//!
//! Measured on the tools themselves; the table that holds them to it stands in `tests/version/dialects.txt`.

use model::{Bump, Dialect};

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

const STANDARD: Reading = Reading {
    exact: &[],
    any_case: &[("feat", Bump::Minor), ("fix", Bump::Patch), ("perf", Bump::Patch)],
    others: Bump::None,
    known: None,
    by_prefix: false,
    bang: true,
    tight_colon: true,
    loose_scope: false,
    spaced_scope: true,
    empty_scope: true,
    empty_text: false,
    blank_line: false,
    headers: Headers::First,
    breaking: Breaking {
        hyphen: true,
        any_case: false,
        bare: false,
        hash: true,
        tight: true,
    },
    breaking_type: false,
    reverts: Reverts::Measured,
    anything: false,
    release_as: false,
    zero: Zero::Shift,
};

const SEMANTIC_RELEASE: Reading = Reading {
    exact: &[
        ("feat", Bump::Minor),
        ("FEAT", Bump::Minor),
        ("fix", Bump::Patch),
        ("FIX", Bump::Patch),
        ("perf", Bump::Patch),
    ],
    any_case: &[],
    bang: false,
    tight_colon: false,
    empty_text: true,
    breaking: Breaking {
        hyphen: false,
        any_case: true,
        bare: true,
        hash: true,
        tight: true,
    },
    reverts: Reverts::Named,
    zero: Zero::Semver,
    ..STANDARD
};

const CONVENTIONAL_CHANGELOG: Reading = Reading {
    exact: &[("feat", Bump::Minor), ("feature", Bump::Minor)],
    any_case: &[
        ("feat", Bump::Patch),
        ("feature", Bump::Patch),
        ("fix", Bump::Patch),
        ("perf", Bump::Patch),
        ("revert", Bump::Patch),
    ],
    tight_colon: false,
    empty_text: true,
    breaking: Breaking {
        hyphen: true,
        any_case: true,
        bare: false,
        hash: false,
        tight: true,
    },
    reverts: Reverts::Patches,
    zero: Zero::Semver,
    ..STANDARD
};

const RELEASE_PLEASE: Reading = Reading {
    exact: &[
        ("feat", Bump::Minor),
        ("feature", Bump::Minor),
        ("fix", Bump::Patch),
        ("perf", Bump::Patch),
        ("deps", Bump::Patch),
        ("revert", Bump::Patch),
    ],
    any_case: &[],
    empty_scope: false,
    empty_text: true,
    headers: Headers::AnyLine,
    reverts: Reverts::None,
    release_as: true,
    zero: Zero::Semver,
    ..STANDARD
};

const NX: Reading = Reading {
    exact: &[("feat", Bump::Minor), ("fix", Bump::Patch)],
    any_case: &[],
    tight_colon: false,
    loose_scope: true,
    empty_scope: false,
    breaking: Breaking {
        hyphen: false,
        any_case: false,
        bare: false,
        hash: false,
        tight: true,
    },
    reverts: Reverts::None,
    zero: Zero::Semver,
    ..STANDARD
};

/// Upper case, with or without a hyphen, and a colon.
const COLON_ONLY: Breaking = Breaking {
    hyphen: true,
    any_case: false,
    bare: false,
    hash: false,
    tight: true,
};

const PYTHON_SEMANTIC_RELEASE: Reading = Reading {
    exact: &[("feat", Bump::Minor), ("fix", Bump::Patch), ("perf", Bump::Patch)],
    any_case: &[],
    known: Some(&[
        "build", "chore", "ci", "docs", "feat", "fix", "perf", "style", "refactor", "test",
    ]),
    tight_colon: false,
    empty_scope: false,
    breaking: COLON_ONLY,
    reverts: Reverts::None,
    zero: Zero::Semver,
    ..STANDARD
};

const COMMITIZEN: Reading = Reading {
    exact: &[
        ("feat", Bump::Minor),
        ("fix", Bump::Patch),
        ("perf", Bump::Patch),
        ("refactor", Bump::Patch),
    ],
    any_case: &[],
    by_prefix: true,
    empty_scope: false,
    empty_text: true,
    headers: Headers::AfterBlank,
    breaking: COLON_ONLY,
    breaking_type: true,
    reverts: Reverts::None,
    zero: Zero::Semver,
    ..STANDARD
};

const GIT_CLIFF: Reading = Reading {
    any_case: &[("feat", Bump::Minor)],
    others: Bump::Patch,
    empty_scope: false,
    blank_line: true,
    reverts: Reverts::None,
    zero: Zero::Semver,
    ..STANDARD
};

const COCOGITTO: Reading = Reading {
    any_case: &[("feat", Bump::Minor), ("fix", Bump::Patch)],
    known: Some(&[
        "feat", "fix", "style", "build", "refactor", "ci", "test", "perf", "chore", "revert", "docs",
    ]),
    tight_colon: false,
    spaced_scope: false,
    empty_scope: false,
    breaking: Breaking {
        hyphen: true,
        any_case: false,
        bare: false,
        hash: true,
        tight: false,
    },
    reverts: Reverts::None,
    zero: Zero::Deaf,
    ..STANDARD
};

const KNOPE: Reading = Reading {
    any_case: &[("feat", Bump::Minor), ("fix", Bump::Patch)],
    empty_scope: false,
    blank_line: true,
    reverts: Reverts::None,
    zero: Zero::Early,
    ..STANDARD
};

const RELEASE_PLZ: Reading = Reading {
    any_case: &[("feat", Bump::Minor)],
    others: Bump::Patch,
    empty_scope: false,
    blank_line: true,
    reverts: Reverts::None,
    anything: true,
    zero: Zero::Cargo,
    ..STANDARD
};

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
        let is_it = |name: &&str| {
            if self.any_case.is_empty() {
                *name == written
            } else {
                name.eq_ignore_ascii_case(written)
            }
        };
        known.iter().any(|name| is_it(&name))
    }
}
