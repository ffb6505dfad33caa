//! Which manifests are packages of the repository, and which ones only lie in it: fixtures, examples, copies.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Location, OTHER_FORM, Package, PackageId};

use crate::is_placeholder;

/// Folders whose manifests are there to be tried, read or copied, unless a workspace has them as members.
const ASIDE: [&str; 10] = [
    "test",
    "tests",
    "__tests__",
    "fixtures",
    "__fixtures__",
    "testdata",
    "node_modules",
    "vendor",
    "examples",
    "samples",
];

/// What an ecosystem's adapter notes about a manifest that says nothing of publishing.
const UNPUBLISHED: &str = "unpublished";

/// Why a manifest outside every declared workspace is no package of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is in a folder such as `fixtures`.
    Aside,
    /// It says nothing of publishing, and is below another root of its kind; or of any kind, and has no version
    /// worth the name.
    Unpublished,
    /// There is another package of that name.
    Twice,
    /// It cannot be read.
    Unreadable,
    /// It describes its package in another tool's own form.
    OtherForm,
}

/// A manifest that is no package of the repository, unless RELEASE.star says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its path, relative to the repository's root.
    pub manifest: String,
    /// Whose it would be: `npm`.
    pub ecosystem: String,
    /// Why.
    pub why: Why,
}

/// A folder where a workspace, or a lone package, starts.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) ecosystem: String,
    /// Relative to the repository's root; empty for that.
    pub(crate) folder: String,
    /// Whether RELEASE.star declares it: then it has what it has.
    pub(crate) is_declared: bool,
    pub(crate) found: Result<Vec<Package>, Vec<Diagnostic>>,
}

impl Root {
    /// Whether there are packages in it that are not in its own folder.
    fn has_members(&self) -> bool {
        let packages = self.found.iter().flatten();
        self.is_declared || packages.into_iter().any(|package| package.path != self.folder)
    }
}

/// Ecosystems that share their manifests are one family.
pub(crate) fn family(ecosystem: &str) -> &str {
    if ecosystem == "pnpm" { "npm" } else { ecosystem }
}

/// Whether `path` is `folder` or below it.
pub(crate) fn inside(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a folder is, or is inside, one that is no place for packages of one's own.
fn is_aside(folder: &str) -> bool {
    folder.split('/').any(|part| ASIDE.contains(&part))
}

/// The packages at `roots` by id, and the manifests that are left out. `is_wanted` says which packages RELEASE.star
/// names.
pub(crate) fn sift(
    roots: Vec<Root>,
    is_wanted: &dyn Fn(&PackageId) -> bool,
    wrong: &mut Vec<Diagnostic>,
) -> (BTreeMap<PackageId, Package>, Vec<LeftOut>) {
    let owned = |root: &Root| (family(&root.ecosystem).to_owned(), root.folder.clone());
    let all: Vec<(String, String)> = roots.iter().map(owned).collect();
    let workspaces: Vec<(String, String)> = roots
        .iter()
        .filter(|root| root.has_members())
        .map(owned)
        .collect();
    let mut sieve = Sieve::default();
    for root in roots {
        let below = |(_, other): &&(String, String)| *other != root.folder && inside(&root.folder, other);
        let is_kin = |(kin, _): &(String, String)| kin == family(&root.ecosystem);
        let is_below = all.iter().any(|other| below(&other));
        let is_below_kin = all.iter().filter(below).any(is_kin);
        let is_aside = !root.is_declared && is_aside(&root.folder);
        let is_outside = !root.is_declared && (is_aside || workspaces.iter().filter(below).any(is_kin));
        match root.found {
            Ok(packages) => {
                for package in packages {
                    let says_nothing = !package.private
                        && package.notes.contains_key(UNPUBLISHED)
                        && (is_below_kin || is_below && is_placeholder(&package));
                    let why = match () {
                        () if root.is_declared || is_wanted(&package.id) => None,
                        () if is_aside => Some(Why::Aside),
                        () if package.notes.contains_key(OTHER_FORM) => Some(Why::OtherForm),
                        () if says_nothing => Some(Why::Unpublished),
                        () => None,
                    };
                    match why {
                        Some(why) => sieve.leave_out(&root.ecosystem, &package.manifest, why),
                        None => sieve.take(package, is_outside),
                    }
                }
            }
            Err(diagnostics) if is_outside => {
                let places = diagnostics.iter().filter_map(|one| one.location.as_ref());
                let files: BTreeSet<&String> = places.map(|place| &place.file).collect();
                let why = if is_aside { Why::Aside } else { Why::Unreadable };
                if files.is_empty() {
                    sieve.leave_out(&root.ecosystem, &root.folder, why);
                }
                for file in files {
                    sieve.leave_out(&root.ecosystem, file, why);
                }
            }
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    sieve.sifted(wrong)
}

/// What was found so far.
#[derive(Default)]
struct Sieve {
    /// By id, with whether it is outside the workspaces of its kind.
    found: BTreeMap<PackageId, Vec<(Package, bool)>>,
    left_out: Vec<LeftOut>,
}

impl Sieve {
    fn leave_out(&mut self, ecosystem: &str, manifest: &str, why: Why) {
        self.left_out.push(LeftOut {
            manifest: manifest.to_owned(),
            ecosystem: ecosystem.to_owned(),
            why,
        });
    }

    /// One manifest found by way of two workspaces is one package.
    fn take(&mut self, package: Package, is_outside: bool) {
        let same = self.found.entry(package.id.clone()).or_default();
        match same
            .iter_mut()
            .find(|(other, _)| other.manifest == package.manifest)
        {
            Some((_, was_outside)) => *was_outside &= is_outside,
            None => same.push((package, is_outside)),
        }
    }

    /// One package for each id: a workspace's private root stands back for whoever has its name, and what is outside
    /// the workspaces for what is inside.
    fn sifted(mut self, wrong: &mut Vec<Diagnostic>) -> (BTreeMap<PackageId, Package>, Vec<LeftOut>) {
        let mut packages = BTreeMap::new();
        for (id, mut same) in std::mem::take(&mut self.found) {
            let is_private_root = |package: &Package| package.private && package.path == package.workspace;
            if same.len() > 1 && same.iter().any(|(package, _)| !is_private_root(package)) {
                same.retain(|(package, _)| !is_private_root(package));
            }
            if same.len() > 1 {
                for (package, _) in same.iter().filter(|(_, is_outside)| *is_outside) {
                    self.leave_out(&id.ecosystem, &package.manifest, Why::Twice);
                }
                same.retain(|(_, is_outside)| !is_outside);
            }
            let mut same = same.into_iter().map(|(package, _)| package);
            let Some(first) = same.next() else { continue };
            wrong.extend(same.map(|other| twice(&id, &first.manifest, &other.manifest)));
            packages.insert(id, first);
        }
        self.left_out.sort();
        self.left_out.dedup();
        (packages, self.left_out)
    }
}

/// The parameter of `<ecosystem>_workspace` that lists its packages.
pub(crate) fn members_parameter(ecosystem: &str) -> &'static str {
    if family(ecosystem) == "npm" {
        "packages"
    } else {
        "members"
    }
}

pub(crate) fn twice(id: &PackageId, first: &str, second: &str) -> Diagnostic {
    let PackageId { ecosystem, name } = id;
    let message = format!("two {ecosystem} packages are called `{name}`: in `{first}` and in `{second}`");
    let parameter = members_parameter(ecosystem);
    Diagnostic::error(message, Location::file(second)).hint(format!(
        "rename one of them, or leave one out: declare `{ecosystem}_workspace` in RELEASE.star, with `{parameter}` or `exclude`"
    ))
}

/// A warning about everything that was left out, and one about what is in another tool's form.
#[must_use]
pub fn warn_of_left_out(left_out: &[LeftOut]) -> Vec<Diagnostic> {
    let (foreign, others): (Vec<&LeftOut>, Vec<&LeftOut>) =
        left_out.iter().partition(|one| one.why == Why::OtherForm);
    warn_of_others(&others)
        .into_iter()
        .chain(warn_of_foreign(&foreign))
        .collect()
}

fn warn_of_foreign(foreign: &[&LeftOut]) -> Option<Diagnostic> {
    let (first, more) = foreign.split_first()?;
    let others = match more.len() {
        0 => String::new(),
        1 => " (and 1 more)".to_owned(),
        count => format!(" (and {count} more)"),
    };
    let manifest = &first.manifest;
    let message = format!("`{manifest}`{others} has [tool.poetry] and no [project]: its package is left out");
    Some(Diagnostic::warning(message, Location::file(&**manifest)).hint(
        "write its name, version and dependencies into [project], as Poetry 2 has it; then `releasekit generate --update` \
         takes it in",
    ))
}

fn warn_of_others(left_out: &[&LeftOut]) -> Option<Diagnostic> {
    let first = left_out.first()?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in left_out {
        let name = one.manifest.rsplit('/').next().unwrap_or(&one.manifest);
        *counts.entry(name).or_default() += 1;
    }
    let kinds: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let (files, are) = if left_out.len() == 1 {
        ("file", "is")
    } else {
        ("files", "are")
    };
    let message = format!(
        "{} {files} outside the workspaces {are} left out, such as `{}`",
        kinds.join(" and "),
        first.manifest
    );
    let parameter = members_parameter(&first.ecosystem);
    Some(Diagnostic::warning(message, None).hint(format!(
        "`{}_workspace({parameter} = [...])` in RELEASE.star takes them in",
        first.ecosystem
    )))
}
