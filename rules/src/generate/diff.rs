//! The difference of two texts, as a unified diff.

use similar::TextDiff;

/// How `new` differs from `old`, in the unified format without file names; empty if it does not.
#[must_use]
pub fn diff(old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().to_string()
}
