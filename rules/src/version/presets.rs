//! The dialects: what each tool does otherwise than the standard.

use model::Bump;

use super::dialect::{Breaking, Headers, Reading, Reverts, Zero};

/// Conventional Commits 1.0.0, read kindly: our own default.
pub(super) const STANDARD: Reading = Reading {
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

/// semantic-release's commit analyzer, preset `angular`: `!` makes a message no header at all.
pub(super) const SEMANTIC_RELEASE: Reading = Reading {
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

/// conventional-changelog, preset `conventionalcommits`.
pub(super) const CONVENTIONAL_CHANGELOG: Reading = Reading {
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

/// release-please.
pub(super) const RELEASE_PLEASE: Reading = Reading {
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

/// nx release.
pub(super) const NX: Reading = Reading {
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

/// python-semantic-release.
pub(super) const PYTHON_SEMANTIC_RELEASE: Reading = Reading {
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

/// commitizen.
pub(super) const COMMITIZEN: Reading = Reading {
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

/// git-cliff: every type is at least a patch.
pub(super) const GIT_CLIFF: Reading = Reading {
    any_case: &[("feat", Bump::Minor)],
    others: Bump::Patch,
    empty_scope: false,
    blank_line: true,
    reverts: Reverts::None,
    zero: Zero::Semver,
    ..STANDARD
};

/// cocogitto.
pub(super) const COCOGITTO: Reading = Reading {
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

/// knope.
pub(super) const KNOPE: Reading = Reading {
    any_case: &[("feat", Bump::Minor), ("fix", Bump::Patch)],
    empty_scope: false,
    blank_line: true,
    reverts: Reverts::None,
    zero: Zero::Early,
    ..STANDARD
};

/// release-plz's `next_version`: every commit is at least a patch.
pub(super) const RELEASE_PLZ: Reading = Reading {
    any_case: &[("feat", Bump::Minor)],
    others: Bump::Patch,
    empty_scope: false,
    blank_line: true,
    reverts: Reverts::None,
    anything: true,
    zero: Zero::Cargo,
    ..STANDARD
};
