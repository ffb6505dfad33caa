//! Which packages go on together from the tags there are, and which each for itself.

use std::collections::{BTreeMap, BTreeSet};

use model::{Package, TagFormat, Version};

use super::Found;
use super::tags::Marks;
use crate::is_placeholder;

/// Where tags name nobody and no other form is known.
const OWN: &str = "{name}-v{version}";
/// The form that tells everybody apart.
pub(super) const APART: &str = "{ecosystem}/{name}/v{version}";

/// What packages of a set have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bond {
    /// One version, going on from that of these tags.
    Lockstep(Version),
    /// One version, going on from that of these tags, in this folder.
    Folder(String, Version),
    /// The way their tags are written.
    Form,
    /// Names that other ecosystems use too.
    Names,
}

/// Packages that are released on one train.
#[derive(Clone, Debug)]
pub(super) struct Set<'a> {
    pub(super) packages: Vec<&'a Package>,
    pub(super) bond: Bond,
    /// How their tags are written; `None` as goes without saying.
    pub(super) form: Option<String>,
    /// Further ways some of their tags are written.
    pub(super) also: BTreeSet<String>,
}

impl Set<'_> {
    /// Whether some of its packages are at other versions than most.
    pub(super) fn is_uneven(&self) -> bool {
        let mut said = self.packages.iter().filter(|package| !is_placeholder(package));
        let first = said.next();
        said.any(|package| first.is_some_and(|first| first.version != package.version))
    }

    /// Whether its packages always have one version.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.bond, Bond::Lockstep(_) | Bond::Folder(..))
    }
}

/// The packages of the repository in sets, those that go on from tags that name nobody first.
pub(super) fn sets<'a>(found: &Found<'a>) -> Vec<Set<'a>> {
    super::ties::join(by_tags(found), found)
}

fn by_tags<'a>(found: &Found<'a>) -> Vec<Set<'a>> {
    let mut rest = found.releasable();
    let marks = Marks::of(found.tags, &rest);
    let form = marks.form(&rest);
    let mut sets = Vec::new();
    if let Some((bare, greatest)) = marks.bare() {
        let together = lockstep(&rest, &marks, greatest, form.is_some());
        let bond = Bond::Lockstep(greatest.clone());
        sets.extend(take(&mut rest, &together, bond, bare));
    }
    for (folder, form, greatest) in marks.folders() {
        let is_there = |package: &&&Package| {
            package.version == *greatest
                && marks.named(package).is_none()
                && crate::strays::inside(&package.path, folder)
        };
        let together: Vec<&Package> = rest.iter().filter(is_there).copied().collect();
        if together.len() > 1 {
            let bond = Bond::Folder(folder.to_owned(), greatest.clone());
            sets.extend(take(&mut rest, &together, bond, &form));
        }
    }
    let own = form.or(marks.bare().map(|_| OWN));
    let own = own.map(|form| {
        if is_shared(form, &rest) {
            form.replace("{unscoped}", "{name}")
        } else {
            form.to_owned()
        }
    });
    let shared = shared_names(&rest);
    if form.is_none() && !shared.is_empty() {
        return sets
            .into_iter()
            .chain(take(&mut rest.clone(), &rest, Bond::Names, APART))
            .collect();
    }
    let apart: Vec<&Package> = rest
        .iter()
        .filter(|package| shared.contains(package.name()))
        .copied()
        .collect();
    let apart = take(&mut rest, &apart, Bond::Names, APART);
    if !rest.is_empty() {
        sets.push(Set {
            packages: rest,
            bond: Bond::Form,
            form: own,
            also: BTreeSet::new(),
        });
    }
    sets.extend(apart);
    sets
}

/// Takes packages out of the rest.
fn take<'a>(
    rest: &mut Vec<&'a Package>,
    packages: &[&'a Package],
    bond: Bond,
    form: &str,
) -> Option<Set<'a>> {
    rest.retain(|package| !packages.iter().any(|other| other.id == package.id));
    (!packages.is_empty()).then(|| Set {
        packages: packages.to_vec(),
        bond,
        form: Some(form.to_owned()),
        also: BTreeSet::new(),
    })
}

/// The packages that go on from tags that name nobody: all of them, if they have one version; else those at the
/// greatest version tagged so, or ahead of it together, and those that were left behind. Placeholders agree with everybody. `is_mixed` says that other
/// tags name packages: then only those count that cannot mean anything else.
fn lockstep<'a>(
    packages: &[&'a Package],
    marks: &Marks,
    greatest: &Version,
    is_mixed: bool,
) -> Vec<&'a Package> {
    let is_outgrown = |package: &Package| {
        let named = marks.named(package);
        named.is_none_or(|named| named < greatest && *named < package.version)
    };
    let all = packages.iter().copied();
    let (free, behind): (Vec<&Package>, Vec<&Package>) =
        all.filter(|package| is_outgrown(package)).partition(|package| {
            marks.named(package).is_none() || package.version.release() >= greatest.release()
        });
    let mut counts: BTreeMap<&Version, usize> = BTreeMap::new();
    for package in free.iter().filter(|package| !is_placeholder(package)) {
        *counts.entry(&package.version).or_default() += 1;
    }
    if counts.len() <= 1 && !is_mixed {
        return free;
    }
    let is_meant = |(version, count): &(&Version, usize)| {
        let (version, greatest) = (version.release(), greatest.release());
        version == greatest || version > greatest && (!is_mixed || *count > 1 && is_next(&greatest, &version))
    };
    let meant: Vec<(&Version, usize)> = counts.into_iter().filter(is_meant).collect();
    let most = meant.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let exact = meant
        .iter()
        .find(|(version, count)| *version == greatest && (*count > 1 || most == 1));
    let mut fullest = meant.iter().filter(|(_, count)| *count == most);
    let chosen = match (exact, fullest.next(), fullest.next()) {
        (Some(exact), _, _) | (None, Some(exact), None) => exact.0,
        _ => return Vec::new(),
    };
    // Some tools leave those behind in which nothing changed.
    let is_left_behind = |package: &Package| {
        chosen == greatest && is_near(greatest, &package.version) && marks.is_bare(&package.version)
    };
    let is_one = |package: &&Package| {
        package.version == *chosen || is_left_behind(package) || is_placeholder(package) && !is_mixed
    };
    free.into_iter().chain(behind).filter(is_one).collect()
}

/// Whether a version is compatible with a greater one.
fn is_near(greatest: &Version, version: &Version) -> bool {
    let (greatest, version) = (greatest.semver(), version.semver());
    version <= greatest
        && version.major == greatest.major
        && (version.major > 0 || version.minor == greatest.minor)
}

/// Whether a version is the next one after another in some way.
fn is_next(last: &Version, version: &Version) -> bool {
    let (last, version) = (last.semver(), version.semver());
    match () {
        () if version.major != last.major => version.major == last.major + 1 && version.minor == 0,
        () if version.minor != last.minor => version.minor == last.minor + 1,
        () => version.patch == last.patch + 1,
    }
}

/// Whether packages of different names would have the same tags.
fn is_shared(form: &str, packages: &[&Package]) -> bool {
    let format = TagFormat::parse(form).expect("our own forms are legal");
    let mut names: BTreeMap<(String, String), &str> = BTreeMap::new();
    packages.iter().any(|package| {
        let around = format.around(&package.id.ecosystem, package.name());
        *names.entry(around).or_insert(package.name()) != package.name()
    })
}

/// The names that several packages have, other than twins.
fn shared_names<'a>(packages: &[&'a Package]) -> BTreeSet<&'a str> {
    let mut places: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in packages {
        places.entry(package.name()).or_default().push(package);
    }
    let shared = places
        .into_iter()
        .filter(|(_, same)| same.len() > 1 && !are_twins(same));
    shared.map(|(name, _)| name).collect()
}

/// Whether packages are one thing in several ecosystems: in one folder, at one version.
pub(super) fn are_twins(same: &[&Package]) -> bool {
    let versions: BTreeSet<&Version> = same
        .iter()
        .filter(|package| !is_placeholder(package))
        .map(|package| &package.version)
        .collect();
    let is_beside = |package: &&Package| same.first().is_some_and(|first| first.path == package.path);
    same.len() > 1 && versions.len() <= 1 && same.iter().all(is_beside)
}
