//! The groups and trains of a new RELEASE.star, in several forms: the best first, the simplest last.

use std::collections::{BTreeMap, BTreeSet};

use model::{Package, PackageId, TagFormat};

use super::Found;
use super::infer::{self, Place};
use super::layout::{call, list, quote};
use super::sets::{APART, Bond, Set, are_twins, sets};
use super::ties::keep;
use crate::{default_train, tagged_versions};

/// A train to be declared.
#[derive(Clone, Debug, Default)]
pub(super) struct Train {
    pub(super) name: String,
    pub(super) groups: BTreeSet<String>,
    is_fixed: bool,
    form: Option<String>,
    also: BTreeSet<String>,
    /// What a person should know about it.
    remark: Option<String>,
}

/// Groups and trains.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// The group of each package.
    pub(super) groups: BTreeMap<PackageId, String>,
    /// The groups that say of themselves that they have one version.
    pub(super) fixed: BTreeSet<String>,
    pub(super) trains: Vec<Train>,
}

impl Train {
    /// The call that declares it.
    pub(super) fn declaration(&self, plans_dir: Option<&str>) -> String {
        let groups: Vec<String> = self.groups.iter().cloned().collect();
        let mut arguments = vec![("name", quote(&self.name)), ("groups", list(&groups))];
        if self.is_fixed {
            arguments.push(("versioning", quote("fixed")));
        }
        arguments.extend(self.form.as_ref().map(|form| ("tag_format", quote(form))));
        if !self.also.is_empty() {
            let also: Vec<String> = self.also.iter().cloned().collect();
            arguments.push(("secondary_tags", list(&also)));
        }
        if let Some(folder) = plans_dir {
            arguments.push(("version_strategy", quote("plans")));
            arguments.push(("plans_dir", quote(folder)));
        }
        let declaration = call("release_train", &arguments);
        match &self.remark {
            Some(remark) => format!("{remark}\n{declaration}"),
            None => declaration,
        }
    }
}

/// The forms a new file may have.
pub(super) fn layouts(found: &Found<'_>, names: &BTreeMap<Place, String>) -> Vec<Layout> {
    let base = infer::groups(found, names);
    let sets = sets(found);
    let best = Layout::of(&sets, &base, found);
    let mut layouts = vec![best.clone()];
    if sets.len() > 1 {
        layouts.push(best.on_one_train(&sets));
    }
    for form in ["{name}-v{version}", APART] {
        layouts.push(Layout::plain(&base, form, found));
    }
    layouts
}

impl Layout {
    /// A train for each set.
    fn of(sets: &[Set<'_>], base: &BTreeMap<PackageId, String>, found: &Found<'_>) -> Self {
        let mut layout = Self::default();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let ended = Ended::of(found);
        for (number, set) in sets.iter().enumerate() {
            let mut groups = set_groups(set, base, &mut taken, sets.len() == 1);
            if !set.is_fixed() {
                keep(&mut groups, found, |name| free(name, &mut taken));
            }
            let train = Train {
                name: match (&set.bond, number) {
                    (_, 0) => "default".to_owned(),
                    (Bond::Folder(folder, _), _) => folder.replace('/', "-"),
                    (Bond::Names, _) => "apart".to_owned(),
                    _ => "others".to_owned(),
                },
                groups: groups.values().map(|(group, _)| group.clone()).collect(),
                is_fixed: set.is_fixed() && set.packages.len() > 1,
                form: set.form.clone(),
                also: set.also.clone(),
                remark: remarks(set, sets.len() > 1, &ended),
            };
            let twins = groups.values().filter(|(_, is_fixed)| *is_fixed);
            layout.fixed.extend(twins.map(|(group, _)| group.clone()));
            layout
                .groups
                .extend(groups.into_iter().map(|(id, (group, _))| (id, group)));
            layout.trains.push(train);
        }
        layout
    }

    /// The same groups, on one train: those with one version say so themselves.
    fn on_one_train(mut self, sets: &[Set<'_>]) -> Self {
        let trains = std::mem::take(&mut self.trains);
        let fixed = trains.iter().filter(|train| train.is_fixed);
        self.fixed
            .extend(fixed.flat_map(|train| train.groups.iter().cloned()));
        let names: BTreeSet<&String> = self.groups.keys().map(|id| &id.name).collect();
        let own = sets
            .iter()
            .find(|set| set.bond == Bond::Form)
            .and_then(|set| set.form.clone());
        let is_clear = names.len() == self.groups.len();
        self.trains.push(Train {
            name: "default".to_owned(),
            groups: self.groups.values().cloned().collect(),
            form: Some(own.filter(|_| is_clear).unwrap_or_else(|| APART.to_owned())),
            remark: Some(ONE_TRAIN.to_owned()),
            ..Train::default()
        });
        self
    }

    /// Every package for itself.
    fn plain(base: &BTreeMap<PackageId, String>, form: &str, found: &Found<'_>) -> Self {
        let all = base
            .iter()
            .map(|(id, group)| (id.clone(), (group.clone(), false)));
        let mut groups: BTreeMap<PackageId, (String, bool)> = all.collect();
        let mut taken = base.values().cloned().collect();
        keep(&mut groups, found, |name| free(name, &mut taken));
        let fixed = groups.values().filter(|(_, is_fixed)| *is_fixed);
        let fixed = fixed.map(|(group, _)| group.clone()).collect();
        let groups: BTreeMap<PackageId, String> =
            groups.into_iter().map(|(id, (group, _))| (id, group)).collect();
        let train = Train {
            name: "default".to_owned(),
            groups: groups.values().cloned().collect(),
            form: Some(form.to_owned()),
            remark: Some(ONE_TRAIN.to_owned()),
            ..Train::default()
        };
        Self {
            groups,
            fixed,
            trains: vec![train],
        }
    }
}

/// What stands above a train on which tags do not go on as they were.
const ONE_TRAIN: &str = "\
# The tags so far cannot go on as they are for all of these packages. They are still
# read; from now on each package has tags of its own.";

/// What stands above a train whose packages have their version in one place, and tags that name some of them.
const ALSO: &str = "\
# Some of them have tags of their own, and the version of all: both go on.";

/// The tags with which packages were released last, whoever made them.
struct Ended<'t> {
    last: BTreeMap<PackageId, &'t str>,
    goes_without_saying: TagFormat,
}

impl<'t> Ended<'t> {
    fn of(found: &Found<'t>) -> Self {
        let train = default_train();
        let all = tagged_versions(found.workspace, found.tags, &train, None);
        let last = all.into_iter().filter_map(|(id, tags)| {
            let (_, tag) = tags.last()?;
            Some((id, tag.name.as_str()))
        });
        Self {
            last: last.collect(),
            goes_without_saying: train.tag_format,
        }
    }

    /// Whether the tags of some package of a set do not go on as they are.
    fn is_ended(&self, set: &Set<'_>) -> bool {
        let form = set
            .form
            .as_deref()
            .map(|form| TagFormat::parse(form).expect("our own forms are legal"));
        let form = form.as_ref().unwrap_or(&self.goes_without_saying);
        set.packages.iter().any(|package| {
            let (before, after) = form.around(&package.id.ecosystem, package.name());
            let last = self
                .last
                .get(&package.id)
                .and_then(|tag| tag.strip_prefix(before.as_str()));
            let is_tagged = self.last.contains_key(&package.id);
            is_tagged && last.is_none_or(|rest| !rest.ends_with(&after) || !begins_with_digit(rest))
        })
    }
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

/// Everything that stands above a train.
fn remarks(set: &Set<'_>, is_one_of_several: bool, ended: &Ended<'_>) -> Option<String> {
    let own = (is_one_of_several || set.is_fixed() && set.is_uneven()).then(|| remark(set));
    let also = (!set.also.is_empty()).then(|| ALSO.to_owned());
    let ended = (!set.is_fixed() && ended.is_ended(set)).then(|| ONE_TRAIN.to_owned());
    let all: Vec<String> = [own, also, ended].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// What stands above one train of several.
fn remark(set: &Set<'_>) -> String {
    let form = set.form.as_deref().unwrap_or_default();
    match &set.bond {
        Bond::Lockstep(version) if set.is_uneven() => format!(
            "# These packages go on together from {version}, although not every manifest says so: where\n\
             # nothing changed, tags that name no package left it behind."
        ),
        Bond::Lockstep(version) => format!(
            "# These packages go on together from {version}, the greatest version whose tag names\n# no package."
        ),
        Bond::Folder(folder, version) => {
            format!(
                "# These packages go on together from {version}, the last one that was tagged for `{folder}`."
            )
        }
        Bond::Form => format!("# Each of these packages has its own version, and tags that name it: {form}."),
        Bond::Names => {
            "# Several ecosystems have a package of these names, so tags have to say which one is meant."
                .to_owned()
        }
    }
}

/// The group of each package of a set, and whether that is one of twins. Names are taken by the first who needs them.
fn set_groups(
    set: &Set<'_>,
    base: &BTreeMap<PackageId, String>,
    taken: &mut BTreeSet<String>,
    is_alone: bool,
) -> BTreeMap<PackageId, (String, bool)> {
    let of = |package: &Package| base.get(&package.id).cloned().unwrap_or_default();
    let bases: BTreeSet<String> = set.packages.iter().map(|package| of(package)).collect();
    if set.is_fixed() {
        let wanted = match (&set.bond, bases.first()) {
            (Bond::Folder(folder, _), _) => folder.replace('/', "-"),
            (_, Some(only)) if bases.len() == 1 && is_alone => only.clone(),
            _ if is_alone => "all".to_owned(),
            _ => "lockstep".to_owned(),
        };
        let group = (free(&wanted, taken), false);
        return set
            .packages
            .iter()
            .map(|package| (package.id.clone(), group.clone()))
            .collect();
    }
    let mut same: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in &set.packages {
        same.entry(package.name()).or_default().push(package);
    }
    let mut groups = BTreeMap::new();
    let names: BTreeMap<String, String> = bases
        .into_iter()
        .map(|base| (base.clone(), free(&base, taken)))
        .collect();
    for (name, same) in same {
        if are_twins(&same) && set.bond != Bond::Names {
            let wanted = name.rsplit('/').next().unwrap_or(name);
            let group = (free(wanted, taken), true);
            groups.extend(same.iter().map(|package| (package.id.clone(), group.clone())));
        } else {
            let group = |package: &Package| names.get(&of(package)).cloned().unwrap_or_default();
            groups.extend(
                same.iter()
                    .map(|package| (package.id.clone(), (group(package), false))),
            );
        }
    }
    groups
}

/// A name nobody has yet: the wanted one, or that with a number.
fn free(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut candidates = std::iter::once(wanted.to_owned()).chain(numbered);
    let name = candidates.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
}
