//! What the versions of every unit look like: as the channel has it, unless a function asks for a pre-release, or nobody
//! named a channel and a person wrote one.

use model::{Bump, CommitId, Line, Package, Version};

use super::history::History;
use super::line::{Order, is_step};
use super::tagged::Tags;
use super::unit::{Units, written};
use super::{Answer, VersionInput};
use crate::brought_back::release_of;

/// The word in a pre-release that a function asks for where no channel has one.
const WORD: &str = "rc";

/// By unit, what its versions look like. Where nobody names a channel, units hold releases, as on `latest`: an open
/// pre-release becomes its version, whatever a release has written back into manifests. Only a pre-release that a person
/// wrote there, ahead of all tags, stays as it is; and where a function asks for a pre-release, the open one goes on, or
/// one begins.
pub(super) fn of(
    input: &VersionInput<'_>,
    packages: &[&Package],
    units: &Units<'_>,
    orders: &[Order],
    tags: &Tags<'_>,
    history: &History<'_>,
) -> Vec<Line> {
    let here = written_here(input, history);
    let line = |unit: usize| {
        if !matches!(input.channel.line, Line::AsItIs | Line::Release) {
            return input.channel.line.clone();
        }
        let members = units.members(unit);
        if is_prerelease_asked(input, members.iter().map(|index| packages[*index])) {
            let compare = |one: &Version, other: &Version| orders[unit].compare(one, other);
            let open = members
                .iter()
                .filter_map(|index| tags.open(*index, history, compare));
            let open = open.max_by(|one, other| compare(one, other));
            let word = open.map(Version::word).filter(|word| !word.is_empty());
            return Line::Prerelease(word.unwrap_or(WORD).to_owned());
        }
        if input.channel.line == Line::Release {
            return Line::Release;
        }
        let by_hand = written(units, orders, packages, unit).filter(|version| version.is_prerelease());
        let is_ahead = |version: &Version| {
            let mut tagged = members.iter().flat_map(|index| tags.all(*index));
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

/// The commits that are being released, as far as it is known that a person wrote the versions in the manifests: those
/// of a release that brought more back than changelogs and version plans are its own.
fn written_here<'a>(input: &VersionInput<'a>, history: &History<'a>) -> Vec<&'a CommitId> {
    let mut here = here(input, history);
    let is_told = |path: &String| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file == input.train.changelog.file || path.starts_with(&input.train.plans_dir)
    };
    let back = here.first().and_then(|head| history.find(head));
    let is_written = |at: u32| !history.commit(at).paths.iter().all(is_told);
    if here.len() > 1 && back.is_some_and(is_written) {
        here.truncate(1);
    }
    here
}

/// Whether the most that functions say about packages is a pre-release.
fn is_prerelease_asked<'a>(input: &VersionInput<'_>, members: impl Iterator<Item = &'a Package>) -> bool {
    let answers: Vec<&Answer> = members
        .filter_map(|package| input.answers.get(&package.id))
        .collect();
    let is_at_most = |answer: &&Answer| matches!(answer, Answer::Bump(Bump::None | Bump::Prerelease));
    answers.contains(&&Answer::Bump(Bump::Prerelease)) && answers.iter().all(is_at_most)
}

/// The commits that are being released: the head, and if that only brought a release back, the one it was made from.
/// What is tagged there is finished, and nothing follows from it.
pub(super) fn here<'a>(input: &VersionInput<'a>, history: &History<'a>) -> Vec<&'a CommitId> {
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
