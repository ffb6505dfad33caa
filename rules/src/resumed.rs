//! A release that was begun: planned again just as it was before the first of its tags was made.

use std::collections::BTreeMap;

use model::{Diagnostic, PackageId, Tag};

use crate::version::{PlannedVersion, VersionInput, plan_versions};

/// `planned`, with what was released from the head already as it was planned then: with its commits and its needs, so
/// that finishing a release makes the same actions as beginning it. What would be planned otherwise now (a person had
/// set another version) stays as it is. The log has to lead back to the tags before those on the head.
///
/// # Errors
/// As [`plan_versions`].
pub fn as_begun(
    input: &VersionInput<'_>,
    planned: Vec<PlannedVersion>,
) -> Result<Vec<PlannedVersion>, Vec<Diagnostic>> {
    if planned.iter().all(|version| !version.released_at_head) {
        return Ok(planned);
    }
    let before = tags_before(input.tags, input.head);
    let begun = plan_versions(&VersionInput {
        tags: &before,
        ..*input
    })?;
    let begun: BTreeMap<PackageId, PlannedVersion> = begun
        .into_iter()
        .map(|version| (version.package.clone(), version))
        .collect();
    let as_it_was = |version: PlannedVersion| match begun.get(&version.package) {
        Some(begun) if version.released_at_head && begun.next == version.next && begun.tag == version.tag => {
            PlannedVersion {
                released_at_head: true,
                ..begun.clone()
            }
        }
        _ => version,
    };
    Ok(planned.into_iter().map(as_it_was).collect())
}

/// The tags that do not name the head.
#[must_use]
pub fn tags_before(tags: &[Tag], head: Option<&model::CommitId>) -> Vec<Tag> {
    tags.iter()
        .filter(|tag| Some(&tag.commit) != head)
        .cloned()
        .collect()
}
