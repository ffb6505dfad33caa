//! Which packages a bump is about: those that were named, and all that have one version with them.

use std::collections::{BTreeMap, BTreeSet};

use engine::nearest;
use model::{Diagnostic, Mention, MentionKind, PackageId};

use super::{BumpError, BumpInput};
use crate::check::Lockstep;
use crate::groups::Groups;
use crate::names::find_package;
use crate::placeholder::is_placeholder;

/// What was asked for on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Packages by name, or by ecosystem and name.
    pub packages: Vec<String>,
    /// Groups by name.
    pub groups: Vec<String>,
    /// Every package there is.
    pub all: bool,
}

/// The chosen packages in sets that have one version each; placeholders are in none.
pub(super) fn units(
    input: &BumpInput<'_>,
    mentions: &[Mention],
) -> Result<Vec<BTreeSet<PackageId>>, BumpError> {
    let ties = Ties::of(input, mentions);
    let candidates = candidates(input);
    let chosen = if *input.choice == Choice::default() {
        let units: BTreeSet<BTreeSet<PackageId>> = candidates.iter().map(|id| ties.with(id)).collect();
        if units.len() != 1 {
            return Err(BumpError::Choice(undecided(input, &candidates)));
        }
        candidates
    } else {
        named(input, candidates)?
    };
    let mut units: Vec<BTreeSet<PackageId>> = Vec::new();
    for id in &chosen {
        if !units.iter().any(|unit| unit.contains(id)) {
            units.push(ties.with(id));
        }
    }
    for unit in &mut units {
        unit.retain(|id| !input.workspace.get(id).is_none_or(is_placeholder));
    }
    units.retain(|unit| !unit.is_empty());
    Ok(units)
}

/// What `--all` means: the declared packages that are not left out, or, where nothing is declared, those that are
/// not private.
fn candidates(input: &BumpInput<'_>) -> BTreeSet<PackageId> {
    let groups = input.config.map(Groups::of);
    let is_declared = groups
        .as_ref()
        .is_some_and(|_| input.config.is_some_and(|config| !config.packages.is_empty()));
    let is_meant = |package: &&model::Package| match groups.as_ref().filter(|_| is_declared) {
        Some(groups) => groups
            .declaration(&package.id)
            .is_some_and(|declared| !declared.skip),
        None => !package.private,
    };
    let packages = input.workspace.packages().filter(is_meant);
    let packages = packages.filter(|package| !is_placeholder(package));
    packages.map(|package| package.id.clone()).collect()
}

fn named(input: &BumpInput<'_>, candidates: BTreeSet<PackageId>) -> Result<BTreeSet<PackageId>, BumpError> {
    let mut chosen = BTreeSet::new();
    let mut wrong = Vec::new();
    for name in &input.choice.packages {
        match find_package(input.workspace, name) {
            Ok(id) => _ = chosen.insert(id),
            Err(unknown) => wrong.push(unknown),
        }
    }
    let groups = input.config.map(Groups::of).unwrap_or_default();
    for name in &input.choice.groups {
        let members: Vec<&PackageId> = input
            .workspace
            .packages()
            .map(|package| &package.id)
            .filter(|id| groups.names(id).contains(&&**name))
            .collect();
        if members.is_empty() {
            let known: BTreeSet<&str> = input
                .workspace
                .packages()
                .flat_map(|package| groups.names(&package.id).iter().copied())
                .collect();
            wrong.push(unknown_group(name, &known));
        }
        chosen.extend(members.into_iter().cloned());
    }
    if !wrong.is_empty() {
        return Err(BumpError::Choice(wrong));
    }
    if input.choice.all {
        chosen.extend(candidates);
    }
    Ok(chosen)
}

fn unknown_group(name: &str, known: &BTreeSet<&str>) -> Diagnostic {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is no group at all".to_owned(),
        None => {
            let known: Vec<&str> = known.iter().copied().collect();
            format!("there are: {}", known.join(", "))
        }
    };
    Diagnostic::error(format!("there is no group called `{name}`"), None).hint(hint)
}

fn undecided(input: &BumpInput<'_>, candidates: &BTreeSet<PackageId>) -> Vec<Diagnostic> {
    if candidates.is_empty() {
        return vec![
            Diagnostic::error("there is no package whose version could be bumped", None)
                .hint("placeholder versions such as 0.0.0 are filled in while building; `releasekit discover` lists what is there"),
        ];
    }
    let groups = input.config.map(Groups::of).unwrap_or_default();
    let names: BTreeSet<&str> = candidates
        .iter()
        .flat_map(|id| groups.names(id).iter().copied())
        .collect();
    let mut choices: Vec<String> = names.into_iter().map(|name| format!("--group {name}")).collect();
    choices.extend(
        candidates
            .iter()
            .map(|id| format!("--package {}", input.workspace.display_name(id))),
    );
    choices.push("--all".to_owned());
    vec![
        Diagnostic::error("there are several packages, and none was chosen", None)
            .hint(format!("choose: {}", choices.join(", "))),
    ]
}

/// Who always has one version with whom: members of a fixed group, and packages whose version stands in one place.
struct Ties {
    sets: Vec<BTreeSet<PackageId>>,
}

impl Ties {
    fn of(input: &BumpInput<'_>, mentions: &[Mention]) -> Self {
        let lockstep = Lockstep::of(input.config, input.workspace);
        let mut sets: Vec<BTreeSet<PackageId>> = Vec::new();
        for (_, members) in lockstep.units() {
            sets.push(members.iter().map(|member| member.id.clone()).collect());
        }
        let mut places: BTreeMap<(&str, u32, &str), BTreeSet<PackageId>> = BTreeMap::new();
        for mention in mentions
            .iter()
            .filter(|mention| mention.kind == MentionKind::Manifest)
        {
            let place = (&*mention.file, mention.line, &*mention.place);
            places.entry(place).or_default().insert(mention.package.clone());
        }
        sets.extend(places.into_values().filter(|set| set.len() > 1));
        Self { sets }
    }

    /// Everyone who has one version with the package, itself included.
    fn with(&self, id: &PackageId) -> BTreeSet<PackageId> {
        let mut found = BTreeSet::from([id.clone()]);
        loop {
            let before = found.len();
            for set in self
                .sets
                .iter()
                .filter(|set| !set.is_disjoint(&found))
                .collect::<Vec<_>>()
            {
                found.extend(set.iter().cloned());
            }
            if found.len() == before {
                return found;
            }
        }
    }
}
