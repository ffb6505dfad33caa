//! Which version plans count for which package: those that name it and that its last release did not know.

use std::collections::HashMap;

use model::{Bump, Diagnostic, Package, VersionPlan};

use super::VersionInput;
use super::history::History;
use crate::plans::named;

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
    /// A plan names somebody who is not there, or may be one of several. Private packages are passed over:
    /// [`crate::plans::passed_over`] says so.
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
                match named(input.workspace, plan, written) {
                    // Who is private is not among the packages.
                    Ok(id) => {
                        if let Ok(index) = packages.binary_search_by(|package| package.id.cmp(&id)) {
                            read.by_package[index].push((number, *bump));
                        }
                    }
                    Err(unknown) => wrong.push(unknown),
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
