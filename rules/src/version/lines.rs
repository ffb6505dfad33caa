//! What the versions of every unit look like: as the channel has it, unless nobody named one and a person wrote a
//! pre-release.

use model::{CommitId, Line, Package, Version};

use super::VersionInput;
use super::history::History;
use super::line::{Order, is_step};
use super::tagged::Tags;
use super::unit::{Units, written};
use crate::brought_back::release_of;

/// By unit, what its versions look like. Where nobody names a channel, units hold releases, as on `latest`: an open
/// pre-release becomes its version, whatever a release has written back into manifests. Only a pre-release that a person
/// wrote there, ahead of all tags, stays as it is.
pub(super) fn of(
    input: &VersionInput<'_>,
    packages: &[&Package],
    units: &Units<'_>,
    orders: &[Order],
    tags: &Tags<'_>,
    history: &History<'_>,
) -> Vec<Line> {
    let here = here(input, history);
    let line = |unit: usize| {
        if input.channel.line != Line::AsItIs {
            return input.channel.line.clone();
        }
        let by_hand = written(units, orders, packages, unit).filter(|version| version.is_prerelease());
        let is_ahead = |version: &Version| {
            let mut tagged = units.members(unit).iter().flat_map(|index| tags.all(*index));
            tagged.all(|tagged| {
                let counts = !tagged.version.is_prerelease() || is_step(tagged.version);
                let is_near =
                    history.may_lead(&tagged.tag.commit) || tagged.version.release() == version.release();
                !(counts && is_near)
                    || orders[unit].is_less(tagged.version, version)
                    || tagged.version == version && here.contains(&&tagged.tag.commit)
            })
        };
        if by_hand.is_some_and(is_ahead) {
            Line::AsItIs
        } else {
            Line::Release
        }
    };
    (0..units.len()).map(line).collect()
}

/// The commits that are being released: the head, and if that only brought a release back, the one it was made from.
/// What is tagged there is finished, and nothing follows from it.
fn here<'a>(input: &VersionInput<'a>, history: &History<'a>) -> Vec<&'a CommitId> {
    let Some(head) = input.head else {
        return Vec::new();
    };
    let commit = history.find(head).map(|at| history.commit(at));
    let released = commit.filter(|commit| release_of(&commit.message).is_some());
    match released.map(|commit| &commit.parents[..]) {
        Some([parent]) => vec![head, parent],
        _ => vec![head],
    }
}
