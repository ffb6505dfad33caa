//! What packages are called: by name where that is enough, else by ecosystem and name.

use std::collections::BTreeMap;

use model::{PackageId, Workspace};

/// How often each name is used, counted once: the same answers as [`Workspace::display_name`] in bulk.
pub(crate) struct Names<'a> {
    uses: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(workspace: &'a Workspace) -> Self {
        let mut uses = BTreeMap::new();
        for package in workspace.packages() {
            *uses.entry(package.name()).or_default() += 1;
        }
        Self { uses }
    }

    /// `core`, or `cargo/core` if there are several.
    pub(crate) fn display(&self, id: &PackageId) -> String {
        if self.uses.get(id.name.as_str()).is_some_and(|uses| *uses > 1) {
            id.to_string()
        } else {
            id.name.clone()
        }
    }
}
