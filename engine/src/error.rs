//! What can go wrong with actions, before or around running them. A failing action is an outcome, not an error.

use std::path::{Path, PathBuf};

/// The result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with actions.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Actions wait for one another in a circle.
    #[error("these actions wait for one another: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// Two actions have one name.
    #[error("two actions are called `{0}`")]
    DuplicateAction(String),
    /// Two actions make one file.
    #[error("`{path}` is made by `{first}` and by `{second}`")]
    DuplicateOutput {
        /// The file.
        path: String,
        /// One maker.
        first: String,
        /// The other.
        second: String,
    },
    /// An action names a step nobody carries out.
    #[error("nobody carries out `{mnemonic}`, which `{action}` asks for")]
    NoHandler {
        /// The action.
        action: String,
        /// Its kind.
        mnemonic: String,
    },
    /// The journal is damaged other than by a torn last record.
    #[error("the journal `{}` is damaged at line {line}: {reason}", path.display())]
    DamagedJournal {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What does not fit.
        reason: String,
    },
    /// Another process holds the lock.
    #[error("another run holds `{}`: {holder}", path.display())]
    Locked {
        /// Which file.
        path: PathBuf,
        /// What the holder wrote into it.
        holder: String,
    },
    /// The file system refused.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The store or the action cache refused.
    #[error(transparent)]
    Cas(#[from] cas::Error),
}

impl Error {
    /// Wraps an input/output error with what was being done, and to which path.
    pub fn io(doing: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}
