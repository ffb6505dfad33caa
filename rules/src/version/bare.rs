//! Tags that name nobody, such as `v1.2.3`: whom they are taken for.

use std::collections::{BTreeMap, BTreeSet};

use model::{Package, Tag, Version};

use super::settings::Setting;
use super::shapes::Rank;
use super::tagged::Tags;
use crate::placeholder::is_placeholder;

/// A version, and a tag that names it.
type One<'t> = (Version, Rank, &'t Tag);

/// Tags that name nobody, by the packages that they may be of.
#[derive(Default)]
pub(super) struct Bare<'s, 't> {
    pools: BTreeMap<&'s [usize], Vec<One<'t>>>,
}

impl<'s, 't> Bare<'s, 't> {
    /// A tag that may be of any of `packages`.
    pub(super) fn add(&mut self, packages: &'s [usize], version: Version, tag: &'t Tag) {
        self.pools
            .entry(packages)
            .or_default()
            .push((version, Rank::Bare, tag));
    }

    /// Gives the tags to packages of the train that no tag names: first those of some packages, then those of all.
    pub(super) fn give(self, tags: &mut Tags<'t>, packages: &[&Package], settings: &[Setting<'_>]) {
        let mut pools: Vec<(&[usize], Vec<One<'t>>)> = self.pools.into_iter().collect();
        pools.sort_by_key(|(members, _)| members.len());
        for (members, mut bare) in pools {
            let members = members.iter().copied();
            let members: Vec<usize> = members.filter(|index| settings[*index].is_released).collect();
            if members.iter().all(|index| packages[*index].id.ecosystem != "uv") {
                leave_out_short(&mut bare, |_| false);
            }
            bare.sort();
            give(tags, &bare, &members, packages);
        }
    }
}

/// Leaves out `v1.2` where others are whole: only Python's versions may have two parts (PEP 440), elsewhere such a tag
/// follows the latest `v1.2.x`, or somebody mistyped it. Those that `stays` names are left.
pub(super) fn leave_out_short(tags: &mut Vec<One<'_>>, stays: impl Fn(&Tag) -> bool) {
    if tags.iter().any(|(_, _, tag)| is_whole(&tag.name)) {
        tags.retain(|(_, _, tag)| is_whole(&tag.name) || stays(tag));
    }
}

/// Whether the version in a tag is written with three parts or more.
pub(crate) fn is_whole(tag: &str) -> bool {
    let mut runs = tag.split(|character: char| !character.is_ascii_digit() && character != '.');
    runs.any(|run| run.trim_matches('.').matches('.').count() > 1)
}

/// Gives tags to those of `members` that no tag names.
///
/// - Where nobody has a tag of its own and all manifests say the same version, or there is only one package: all tags,
///   to all. They have always had one version.
/// - To those whose manifest says none, or is not behind the greatest release: all tags. Also to those that tags named
///   by their place when versions were lower.
/// - To those whose manifest is at one of the versions: the tags up to that. Greater ones are somebody else's.
/// - To others, none: they were never released.
fn give<'t>(tags: &mut Tags<'t>, bare: &[One<'t>], members: &[usize], packages: &[&Package]) {
    let releases = bare
        .iter()
        .rev()
        .filter(|(version, _, _)| !version.is_prerelease());
    let Some((greatest, _, _)) = releases.chain(bare.last()).next() else {
        return;
    };
    let is_unnamed = |index: &usize| tags.all(*index).next().is_none();
    let (unnamed, named): (Vec<usize>, Vec<usize>) = members.iter().partition(|index| is_unnamed(index));
    let versions: BTreeSet<&Version> = unnamed.iter().map(|index| &packages[*index].version).collect();
    let is_said = unnamed.iter().all(|index| !is_placeholder(packages[*index]));
    let is_lockstep = members.len() == 1 || named.is_empty() && versions.len() == 1 && is_said;
    let is_at_it = |index: usize| packages[index].version.release() >= greatest.release();
    for index in unnamed {
        let own = &packages[index].version;
        if is_lockstep || is_placeholder(packages[index]) || is_at_it(index) {
            tags.give(index, bare.iter().cloned());
        } else if bare.iter().any(|(version, _, _)| version == own) {
            tags.give(
                index,
                bare.iter().filter(|(version, _, _)| version <= own).cloned(),
            );
        }
    }
    for index in named {
        if is_at_it(index) && tags.is_outgrown(index, greatest) {
            tags.give(index, bare.iter().cloned());
        }
    }
}
