//! Which version plans count for which package: those that name it and that its last release did not know.

use std::collections::HashMap;

use model::{Bump, Diagnostic, Location, Package, VersionPlan};

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
    /// A plan names somebody who is not there, or is never released.
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
                if members.is_empty() {
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

/// By plan, the newest commit that touched its file and did not only rename it.
fn touched(input: &VersionInput<'_>, history: &History<'_>) -> Vec<Option<u32>> {
    let files = input.plans.iter().map(|plan| plan.file.as_str());
    let former = input.renamed.iter().map(|renamed| renamed.from.as_str());
    let mut touches: HashMap<&str, Vec<u32>> = files.chain(former).map(|file| (file, Vec::new())).collect();
    if input.plans.is_empty() {
        return Vec::new();
    }
    for (at, commit) in (0_u32..).zip(input.log) {
        for path in &commit.paths {
            if let Some(touches) = touches.get_mut(path.as_str()) {
                touches.push(at);
            }
        }
    }
    let newest = |file: &str, since: Option<u32>| {
        let older = |at: &u32| since.is_none_or(|since| history.rank(*at) > history.rank(since));
        let all = touches.get(file).into_iter().flatten().copied();
        all.filter(older).min_by_key(|at| history.rank(*at))
    };
    let touched = |plan: &VersionPlan| {
        let mut file = plan.file.as_str();
        let mut at = newest(file, None)?;
        let renamed_by = |at: u32, file: &str| {
            input
                .renamed
                .iter()
                .find(|one| one.to == file && one.commit == history.commit(at).id)
        };
        while let Some(renamed) = renamed_by(at, file) {
            file = &renamed.from;
            at = newest(file, Some(at))?;
        }
        Some(at)
    };
    input.plans.iter().map(touched).collect()
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

fn unknown(input: &VersionInput<'_>, plan: &VersionPlan, written: &str) -> Diagnostic {
    let is_called_so = |package: &Package| package.name() == written || package.id.to_string() == written;
    let at = Location::file(&plan.file);
    let mut private = input.workspace.packages().filter(|package| package.private);
    if let Some(package) = private.find(|package| is_called_so(package)) {
        return Diagnostic::error(
            format!("`{written}` is private, so no version of it is planned"),
            at,
        )
        .hint(format!(
            "take it out of the plan, or make it public in `{}`",
            package.manifest
        ));
    }
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
