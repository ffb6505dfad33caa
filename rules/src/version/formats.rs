//! The formats that trains declare for their tags, and whom a tag in one of them names.

use std::collections::{BTreeSet, HashMap};

use model::{Package, TagFormat, TrainDecl, Version, tagged_version};

use super::settings::Setting;
use super::shapes::Rank;

/// What stands before and after the version in the tags of packages, and in those of releases as a whole.
pub(super) struct Formats {
    /// Packages, by what stands before the version, then by what stands after it.
    packages: HashMap<String, HashMap<String, (Rank, Vec<usize>)>>,
    /// How long those beginnings are.
    lengths: BTreeSet<usize>,
    whole: Vec<(String, String)>,
}

impl Formats {
    /// The formats of every package: those of the train whose tags it has. A package that nobody releases has those
    /// of `train` that hold a name, so that its tags are not taken for somebody else's.
    pub(super) fn of(packages: &[&Package], settings: &[Setting<'_>], train: &TrainDecl) -> Self {
        let mut formats = Self {
            packages: HashMap::new(),
            lengths: BTreeSet::new(),
            whole: Vec::new(),
        };
        formats.umbrella(train);
        for (index, (package, setting)) in packages.iter().zip(settings).enumerate() {
            let its_train = setting.train.unwrap_or(train);
            formats.umbrella(its_train);
            for (format, rank) in formats_of(its_train) {
                let is_bare = rank == Rank::Bare;
                if is_bare && !setting.is_released || setting.train.is_none() && !format.has_name() {
                    continue;
                }
                formats.add(format.around(&package.id.ecosystem, package.name()), rank, index);
                let names = setting.declared.map_or(&[][..], |decl| &decl.former_names);
                for name in names.iter().filter(|_| !is_bare) {
                    formats.add(format.around(&package.id.ecosystem, name), Rank::Former, index);
                }
            }
            let umbrella = its_train.tags.umbrella.as_ref();
            if let Some(umbrella) = umbrella.filter(|umbrella| umbrella.is_of(&package.id)) {
                formats.add(
                    umbrella.format.around("", &its_train.name),
                    Rank::Secondary,
                    index,
                );
            }
        }
        formats
    }

    fn umbrella(&mut self, train: &TrainDecl) {
        if let Some(umbrella) = &train.tags.umbrella {
            let around = umbrella.format.around("", &train.name);
            if !self.whole.contains(&around) {
                self.whole.push(around);
            }
        }
    }

    fn add(&mut self, (before, after): (String, String), rank: Rank, index: usize) {
        self.lengths.insert(before.len());
        let afters = self.packages.entry(before).or_default();
        let (best, members) = afters.entry(after).or_insert((rank, Vec::new()));
        if rank > *best {
            *best = rank;
            members.clear();
        }
        if rank == *best && members.last() != Some(&index) {
            members.push(index);
        }
    }

    /// Whose tag it is: those whose format fills the most of it, so that `a-b` is not mistaken for `b` in
    /// `{version}-{name}`. [`Rank::Bare`] if it names nobody, but is of one of these.
    pub(super) fn read<'s>(&'s self, tag: &str) -> Option<(Version, Rank, &'s [usize])> {
        let mut best: Option<(usize, Version, Rank, &'s [usize])> = None;
        for (before, rest) in self.lengths.iter().filter_map(|at| tag.split_at_checked(*at)) {
            let Some(afters) = self.packages.get(before) else {
                continue;
            };
            let mut take = |text: &str, (rank, members): &'s (Rank, Vec<usize>)| {
                let filled = tag.len() - text.len();
                if best.as_ref().is_none_or(|best| filled > best.0)
                    && let Some(version) = whole(text)
                {
                    best = Some((filled, version, *rank, members));
                }
            };
            if afters.len() == 1 {
                for (after, owners) in afters {
                    if let Some(text) = rest.strip_suffix(after.as_str()) {
                        take(text, owners);
                    }
                }
                continue;
            }
            for end in (0..=rest.len()).filter(|end| rest.is_char_boundary(*end)) {
                if let Some(owners) = afters.get(&rest[end..]) {
                    take(&rest[..end], owners);
                }
            }
        }
        best.map(|(_, version, rank, members)| (version, rank, members))
    }

    /// The version that a tag of a release as a whole names.
    pub(super) fn read_whole(&self, tag: &str) -> Option<Version> {
        self.whole.iter().find_map(|(before, after)| {
            let text = tag.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
            whole(text)
        })
    }
}

/// A version with more than one part: `v2` is a tag that moves along with all releases of a line, and `v2023` a year.
fn whole(text: &str) -> Option<Version> {
    Some(text)
        .filter(|text| text.contains('.'))
        .and_then(tagged_version)
}

/// The formats of a train, and how well each names a package.
fn formats_of(train: &TrainDecl) -> impl Iterator<Item = (&TagFormat, Rank)> {
    let own = std::iter::once((&train.tag_format, Rank::Own));
    let others = train
        .tags
        .secondary
        .iter()
        .map(|format| (format, Rank::Secondary));
    let former = train.tags.former.iter().map(|format| {
        let rank = if format.has_name() {
            Rank::Former
        } else {
            Rank::Bare
        };
        (format, rank)
    });
    own.chain(others).chain(former)
}
