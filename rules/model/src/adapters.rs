//! Who is present to keep the promises.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::{Diagnostic, Ecosystem, Registry, Remote, Vcs, VersionFiles};

/// Opens a registry for packages of one ecosystem in a folder (absolute).
pub type OpenRegistry = fn(folder: &Path) -> Arc<dyn Registry>;

/// Everyone present, by name.
#[derive(Clone, Default)]
pub struct Adapters {
    /// Ecosystems by name, in the order in which they are listed to people.
    pub ecosystems: BTreeMap<&'static str, Arc<dyn Ecosystem>>,
    /// The directory registry of each ecosystem, by the ecosystem's name.
    pub directories: BTreeMap<&'static str, OpenRegistry>,
    /// Where versions stand in files, for each ecosystem, by the ecosystem's name.
    pub version_files: BTreeMap<&'static str, Arc<dyn VersionFiles>>,
    /// The version control system of the repository; `None` if it has none.
    pub vcs: Option<Arc<dyn Vcs>>,
    /// The repository that ours is pushed to, if there is one.
    pub remote: Option<Arc<dyn Remote>>,
}

impl Adapters {
    /// The ecosystem of that name.
    ///
    /// # Errors
    /// There is none; the message lists those there are.
    pub fn ecosystem(&self, name: &str) -> Result<&Arc<dyn Ecosystem>, Diagnostic> {
        self.ecosystems.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.ecosystems.keys().copied().collect();
            Diagnostic::error(format!("nobody here knows packages of kind `{name}`"), None)
                .hint(format!("known kinds: {}", known.join(", ")))
        })
    }
}
