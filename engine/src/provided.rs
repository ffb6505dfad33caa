//! A step's inputs as files it can read: bytes are verified on the way, wherever they come from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cas::{Digest, Store};

use crate::resolve::{Leaf, Origin, ResolvedInputs};
use crate::run::Halt;
use crate::{ActionId, Provided, StepError};

/// The inputs of one step.
pub(crate) struct Files {
    files: BTreeMap<String, Digest>,
    origins: BTreeMap<Digest, From>,
    store: Arc<dyn Store>,
    /// The maker of bytes that were asked for and are gone.
    lost: Mutex<Option<ActionId>>,
}

enum From {
    Source(PathBuf),
    Action(ActionId),
}

impl Files {
    /// The files among `inputs`.
    pub(crate) fn of(inputs: &ResolvedInputs<'_>, store: Arc<dyn Store>) -> Self {
        let (mut files, mut origins) = (BTreeMap::new(), BTreeMap::new());
        for (path, leaf) in inputs.layout() {
            if let Leaf::File { digest, origin, .. } = leaf {
                files.insert(path.into_owned(), digest);
                let from = match origin {
                    Origin::Source(path) => From::Source(path.to_path_buf()),
                    Origin::Output { id, .. } => From::Action(id),
                };
                origins.insert(digest, from);
            }
        }
        Self {
            files,
            origins,
            store,
            lost: Mutex::new(None),
        }
    }

    /// Why a step that failed with `error` really did: bytes it was promised may be gone.
    pub(crate) fn halt(&self, error: StepError) -> Halt {
        let lost = self.lost.lock().expect("nobody panics while holding this").take();
        lost.map_or(Halt::Failed(error), Halt::Lost)
    }
}

impl Provided for Files {
    fn files(&self) -> &BTreeMap<String, Digest> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Bytes, StepError> {
        let absent = || StepError::new(format!("there is no input `{path}`"));
        self.blob(self.files.get(path).ok_or_else(absent)?)
    }

    fn blob(&self, digest: &Digest) -> Result<Bytes, StepError> {
        let from = self.origins.get(digest);
        let from = from.ok_or_else(|| StepError::new(format!("{} is not an input", digest.short())))?;
        let refused = |error: &dyn std::fmt::Display| StepError::new(error.to_string());
        match from {
            From::Source(path) => {
                let bytes = std::fs::read(path)
                    .map_err(|error| StepError::new(format!("cannot read `{}`: {error}", path.display())))?;
                if Digest::of(&bytes) != *digest {
                    return Err(changed(&path.display().to_string()));
                }
                Ok(bytes.into())
            }
            From::Action(id) => {
                let bytes = self.store.get(digest).map_err(|error| refused(&error))?;
                bytes.ok_or_else(|| {
                    *self.lost.lock().expect("nobody panics while holding this") = Some(*id);
                    StepError::new(format!("the bytes {} are gone", digest.short()))
                })
            }
        }
    }
}

/// The failure of an action whose source is not what it was when the run was planned.
pub(crate) fn changed(path: &str) -> StepError {
    StepError::new(format!("`{path}` changed while it was being used")).hint("run again")
}
