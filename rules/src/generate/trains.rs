//! The groups and trains of a new RELEASE.star, in several forms: the best first, the simplest last.

use std::collections::{BTreeMap, BTreeSet};

use model::{Package, PackageId};

use super::Found;
use super::infer::{self, Place};
use super::layout::{call, list, quote};
use super::sets::{APART, Bond, Set, are_twins, sets};

/// A train to be declared.
#[derive(Clone, Debug, Default)]
pub(super) struct Train {
    pub(super) name: String,
    pub(super) groups: BTreeSet<String>,
    is_fixed: bool,
    form: Option<String>,
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
    let best = Layout::of(&sets, &base);
    let mut layouts = vec![best.clone()];
    if sets.len() > 1 {
        layouts.push(best.on_one_train(&sets));
    }
    for form in ["{name}-v{version}", APART] {
        layouts.push(Layout::plain(&base, form));
    }
    layouts
}

impl Layout {
    /// A train for each set.
    fn of(sets: &[Set<'_>], base: &BTreeMap<PackageId, String>) -> Self {
        let mut layout = Self::default();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for (number, set) in sets.iter().enumerate() {
            let groups = set_groups(set, base, &mut taken, sets.len() == 1);
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
                remark: (sets.len() > 1 || set.is_fixed() && set.is_uneven()).then(|| remark(set)),
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
            groups: trains.into_iter().flat_map(|train| train.groups).collect(),
            form: Some(own.filter(|_| is_clear).unwrap_or_else(|| APART.to_owned())),
            remark: Some(ONE_TRAIN.to_owned()),
            ..Train::default()
        });
        self
    }

    /// Every package for itself.
    fn plain(base: &BTreeMap<PackageId, String>, form: &str) -> Self {
        let train = Train {
            name: "default".to_owned(),
            groups: base.values().cloned().collect(),
            form: Some(form.to_owned()),
            remark: Some(ONE_TRAIN.to_owned()),
            ..Train::default()
        };
        Self {
            groups: base.clone(),
            trains: vec![train],
            ..Self::default()
        }
    }
}

/// What stands above a train on which tags do not go on as they were.
const ONE_TRAIN: &str = "\
# The tags so far cannot go on as they are for all of these packages. They are still
# read; from now on each package has tags of its own.";

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
