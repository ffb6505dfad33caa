//! Which versions that are written down somewhere do not agree: with their lock files, their group, their bump files,
//! what others require, and what was released last.

mod bump_files;
mod lockstep;

use std::collections::BTreeMap;

use crate::placeholder::is_placeholder;
use model::{
    Adapters, Config, Diagnostic, Mention, MentionKind, Package, PackageId, SourceTree, Version, Workspace,
};

pub(crate) use lockstep::Lockstep;

/// What is checked.
#[derive(Clone, Copy)]
pub struct CheckInput<'a> {
    /// Who knows where versions stand.
    pub adapters: &'a Adapters,
    /// The files.
    pub tree: &'a dyn SourceTree,
    /// What RELEASE.star said, if there is one; without it, every package stands for itself.
    pub config: Option<&'a Config>,
    /// The packages.
    pub workspace: &'a Workspace,
    /// What [`mentions`] found.
    pub mentions: &'a [Mention],
    /// The last released version of each package with its tag, as far as they are known.
    pub released: &'a BTreeMap<PackageId, (Version, String)>,
}

/// In which way a version does not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// A lock file repeats another version than the manifest's.
    Lock,
    /// A member of a fixed group has another version than the others.
    Group,
    /// A bump file is missing, or does not hold the version.
    BumpFile,
    /// A package requires what another one of the repository is not.
    Requirement,
    /// A manifest is behind the last release.
    Behind,
}

impl FindingKind {
    /// The kind as a word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Group => "group",
            Self::BumpFile => "bump-file",
            Self::Requirement => "requirement",
            Self::Behind => "behind",
        }
    }
}

/// A version that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// In which way.
    pub kind: FindingKind,
    /// The file, relative to the repository's root.
    pub file: String,
    /// Its line, from 1; 0 if only the file is known.
    pub line: u32,
    /// The place in it, for people.
    pub place: String,
    /// The package whose version it is about.
    pub package: PackageId,
    /// What stands there; empty if nothing does.
    pub found: String,
    /// What should.
    pub expected: String,
    /// What to do about it.
    pub hint: String,
}

/// Every place in the repository that states a version of one of its packages, or a requirement on one; sorted.
///
/// # Errors
/// Manifests and lock files that cannot be read.
pub fn mentions(
    adapters: &Adapters,
    tree: &dyn SourceTree,
    workspace: &Workspace,
) -> Result<Vec<Mention>, Vec<Diagnostic>> {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for (ecosystem, files) in &adapters.version_files {
        let packages: Vec<&Package> = of_ecosystem(workspace, ecosystem);
        match files.mentions(tree, &packages) {
            Ok(mentions) => found.extend(mentions),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    found.sort();
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// The packages of one ecosystem.
pub(crate) fn of_ecosystem<'a>(workspace: &'a Workspace, ecosystem: &str) -> Vec<&'a Package> {
    workspace
        .packages()
        .filter(|package| package.id.ecosystem == ecosystem)
        .collect()
}

/// Everything that does not agree, sorted by kind and place. Placeholder versions agree with everything.
#[must_use]
pub fn check(input: &CheckInput<'_>) -> Vec<Finding> {
    let own = own_places(input.mentions);
    let mut found = lock_files(input);
    found.extend(groups(input, &own));
    found.extend(bump_files::check(input));
    found.extend(requirements(input));
    found.extend(behind(input, &own));
    found.sort();
    found
}

/// Where each package states its own version.
fn own_places(mentions: &[Mention]) -> BTreeMap<&PackageId, &Mention> {
    let own = mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Manifest);
    own.map(|mention| (&mention.package, mention)).collect()
}

fn lock_files(input: &CheckInput<'_>) -> Vec<Finding> {
    let locks = input
        .mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Lock);
    let drifted = locks.filter_map(|mention| {
        let package = input.workspace.get(&mention.package)?;
        if is_placeholder(package) || says(&mention.text, package) {
            return None;
        }
        // A lock file may repeat a requirement; it is only mentioned where it is not the manifest's.
        let expected = match read(&mention.text) {
            Some(_) => package.written_version.clone(),
            None => "what the manifest requires".to_owned(),
        };
        Some(Finding {
            hint: refresh_hint(input, &mention.package.ecosystem, &mention.file),
            ..at(mention, FindingKind::Lock, &expected)
        })
    });
    drifted.collect()
}

/// How a lock file is brought up to date.
fn refresh_hint(input: &CheckInput<'_>, ecosystem: &str, lock: &str) -> String {
    let folder = lock.rsplit_once('/').map_or("", |(folder, _)| folder);
    let files = input.adapters.version_files.get(ecosystem);
    match files.and_then(|files| files.refresh(input.tree, folder)) {
        Some(refresh) => format!(
            "run `{}` in `{}`",
            refresh.online.argv.join(" "),
            if folder.is_empty() { "." } else { folder }
        ),
        None => "write the lock file anew with the tool it belongs to".to_owned(),
    }
}

fn groups(input: &CheckInput<'_>, own: &BTreeMap<&PackageId, &Mention>) -> Vec<Finding> {
    let lockstep = Lockstep::of(input.config, input.workspace);
    let mut found = Vec::new();
    for (group, members) in lockstep.units() {
        let (name, selector) = match group {
            Some(group) => (format!("group `{group}`"), format!("--group {group}")),
            None => ("the train".to_owned(), "--all".to_owned()),
        };
        let members: Vec<&Package> = members
            .iter()
            .copied()
            .filter(|member| !is_placeholder(member))
            .collect();
        let Some(expected) = agreed(&members) else {
            continue;
        };
        for member in members.iter().filter(|member| member.version != *expected) {
            if let Some(mention) = own.get(&member.id) {
                let hint = format!(
                    "the packages of {name} have one version: `releasekit bump {expected} {selector}` writes it everywhere if it is \
                     higher than all of theirs"
                );
                found.push(Finding {
                    hint,
                    ..at(mention, FindingKind::Group, &written(member, expected))
                });
            }
        }
    }
    found
}

/// The version most of the packages have; of several such, the highest.
fn agreed<'a>(members: &[&'a Package]) -> Option<&'a Version> {
    let mut counts: BTreeMap<&Version, usize> = BTreeMap::new();
    for member in members {
        *counts.entry(&member.version).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(version, count)| (*count, *version))
        .map(|(version, _)| version)
}

fn requirements(input: &CheckInput<'_>) -> Vec<Finding> {
    let unfit = input
        .mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Requirement && !mention.fits);
    let unfit = unfit.filter_map(|mention| {
        let package = input.workspace.get(&mention.package)?;
        if is_placeholder(package) {
            return None;
        }
        let expected = format!("a requirement that {} satisfies", package.written_version);
        let hint = format!(
            "`{}` is {} here, and what is published would not install together: change the requirement",
            package.name(),
            package.written_version
        );
        Some(Finding {
            hint,
            ..at(mention, FindingKind::Requirement, &expected)
        })
    });
    unfit.collect()
}

fn behind(input: &CheckInput<'_>, own: &BTreeMap<&PackageId, &Mention>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, (released, tag)) in input.released {
        let (Some(package), Some(mention)) = (input.workspace.get(id), own.get(id)) else {
            continue;
        };
        if !is_placeholder(package) && package.version < *released {
            let name = input.workspace.display_name(id);
            let hint = format!(
                "`{tag}` was released: `releasekit bump {released} --package {name}` writes it; where versions are \
                 written in while building only, write 0.0.0 as a placeholder"
            );
            found.push(Finding {
                hint,
                ..at(mention, FindingKind::Behind, &written(package, released))
            });
        }
    }
    found
}

fn at(mention: &Mention, kind: FindingKind, expected: &str) -> Finding {
    Finding {
        kind,
        file: mention.file.clone(),
        line: mention.line,
        place: mention.place.clone(),
        package: mention.package.clone(),
        found: mention.text.clone(),
        expected: expected.to_owned(),
        hint: String::new(),
    }
}

/// Whether `text`, in whatever notation, is the package's version.
pub(crate) fn says(text: &str, package: &Package) -> bool {
    text == package.written_version || read(text).is_some_and(|version| version == package.version)
}

/// A version in either notation.
pub(crate) fn read(text: &str) -> Option<Version> {
    text.parse().ok().or_else(|| Version::from_pep440(text).ok())
}

/// A version as the package's ecosystem writes it.
pub(crate) fn written(package: &Package, version: &Version) -> String {
    crate::step::written(&package.id.ecosystem, version)
}
