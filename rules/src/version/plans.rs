//! Which version plans count for which package: those that name it and that its last release did not know.

use std::collections::HashMap;

use model::{Bump, Diagnostic, Location, Package, VersionPlan, Workspace};

use super::VersionInput;
use super::history::History;

/// The version plans of the working tree, by package.
pub(super) struct Plans<'a> {
    plans: &'a [VersionPlan],
    /// By plan, the newest commit that touched its file, if one in the log did.
    touched: Vec<Option<u32>>,
    /// By package, the plans that name it and how much they let it grow.
    by_package: Vec<Vec<(usize, Bump)>>,
}

impl<'a> Plans<'a> {
    /// Reads who is named.
    ///
    /// # Errors
    /// A plan names somebody who is not there. Private packages are passed over: [`crate::plans::passed_over`] says so.
    pub(super) fn read(
        input: &VersionInput<'a>,
        packages: &[&Package],
        history: &History<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut read = Self {
            plans: input.plans,
            touched: touched(input, history),
            by_package: vec![Vec::new(); packages.len()],
        };
        let mut wrong = Vec::new();
        for (number, plan) in input.plans.iter().enumerate() {
            for (written, bump) in &plan.bumps {
                let members = named(packages, written);
                if members.is_empty() && private(input.workspace, written).is_none() {
                    wrong.push(unknown(input, plan, written));
                }
                for index in members {
                    read.by_package[index].push((number, *bump));
                }
            }
        }
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }

    /// The plans of a package that are not released yet, and how much each lets it grow. `is_new` says so about
    /// commits; a file that no commit knows was not released either, unless history is not all there: then it
    /// counts for a package that was never released.
    pub(super) fn of<'s>(
        &'s self,
        package: usize,
        history: &'s History<'_>,
        was_released: bool,
        is_new: &'s dyn Fn(u32) -> bool,
    ) -> impl Iterator<Item = (usize, Bump)> + 's {
        let counts = move |(plan, _): &(usize, Bump)| match self.touched[*plan] {
            Some(at) => is_new(at),
            None => history.is_closed() || !was_released,
        };
        self.by_package[package].iter().copied().filter(counts)
    }

    pub(super) fn file(&self, plan: usize) -> &'a str {
        &self.plans[plan].file
    }
}

/// By plan, the newest commit that touched its file.
fn touched(input: &VersionInput<'_>, history: &History<'_>) -> Vec<Option<u32>> {
    let mut touched: Vec<Option<u32>> = vec![None; input.plans.len()];
    let files: HashMap<&str, usize> = input
        .plans
        .iter()
        .map(|plan| plan.file.as_str())
        .zip(0..)
        .collect();
    if files.is_empty() {
        return touched;
    }
    for (at, commit) in (0_u32..).zip(input.log) {
        for plan in commit.paths.iter().filter_map(|path| files.get(path.as_str())) {
            let is_newer = |known: u32| history.rank(at) < history.rank(known);
            if touched[*plan].is_none_or(is_newer) {
                touched[*plan] = Some(at);
            }
        }
    }
    touched
}

/// The packages of a name, or of an ecosystem and a name.
fn named(packages: &[&Package], written: &str) -> Vec<usize> {
    let by = |fits: &dyn Fn(&Package) -> bool| -> Vec<usize> {
        let all = packages.iter().enumerate();
        all.filter(|(_, package)| fits(package))
            .map(|(index, _)| index)
            .collect()
    };
    let found = by(&|package| package.name() == written);
    match written.split_once('/') {
        Some((ecosystem, name)) if found.is_empty() => {
            by(&|package| package.id.ecosystem == ecosystem && package.name() == name)
        }
        _ => found,
    }
}

/// The package that nobody releases and that a name means.
pub(crate) fn private<'w>(workspace: &'w Workspace, written: &str) -> Option<&'w Package> {
    let is_called_so = |package: &Package| package.name() == written || package.id.to_string() == written;
    let mut private = workspace.packages().filter(|package| package.private);
    private.find(|package| is_called_so(package))
}

fn unknown(input: &VersionInput<'_>, plan: &VersionPlan, written: &str) -> Diagnostic {
    let at = Location::file(&plan.file);
    let known: Vec<&str> = input.workspace.packages().map(Package::name).collect();
    let close = known
        .iter()
        .find(|known| known.rsplit('/').next() == Some(written.rsplit('/').next().unwrap_or(written)));
    let hint = match close {
        Some(close) => format!("did you mean `{close}`?"),
        None => "`releasekit discover` lists the packages there are".to_owned(),
    };
    Diagnostic::error(format!("there is no package called `{written}`"), at).hint(hint)
}
