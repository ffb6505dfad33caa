//! Evaluation: texts of RELEASE.star files in, declarations or diagnostics out; reaches nothing but its [`Loader`].

mod advice;

mod label;

mod bundled;

mod guard;

mod value;

mod native;

mod ask;

mod blame;

mod parse;

mod session;

mod graph;

mod rehearse;

use std::collections::BTreeMap;

use model::{Declaration, Diagnostic, LoadedFile, Location, Severity, Value};
use serde::{Deserialize, Serialize};

pub use ask::Call;
pub use rehearse::rehearse;

/// The name of the file that configures a release.
pub const FILE_NAME: &str = "RELEASE.star";

/// The longest text of one file, in bytes.
pub const MAX_FILE_BYTES: usize = 8 << 20;

/// Where the texts of a workspace's own files come from.
pub trait Loader {
    /// The bytes at a path relative to the workspace, or why there are none, as half a sentence: `no such file`.
    ///
    /// # Errors
    /// Why there is none.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// What to evaluate.
pub struct Request<'a> {
    /// The RELEASE.star files, relative to the workspace, its root's first.
    pub roots: Vec<String>,
    /// Gives the texts.
    pub loader: &'a dyn Loader,
    /// What `env()` may see.
    pub env: &'a BTreeMap<String, String>,
    /// Told of every statement of the workspace's own files before it runs.
    pub trace: Option<&'a dyn Fn(&Location)>,
    /// Questions to functions that the files pass to declarations.
    pub calls: &'a [Call],
}

/// What evaluating said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Every declaring call, in the order they were made.
    pub declarations: Vec<Declaration>,
    /// The workspace's own files that took part: roots in the order asked for, each followed by what it loads.
    pub files: Vec<LoadedFile>,
    /// The names of the environment variables read, sorted.
    pub env_read: Vec<String>,
    /// What `print()` said; if functions were asked, what they said with it.
    pub printed: Vec<String>,
    /// What functions answered, each with the number of its question.
    pub answers: Vec<(usize, Value)>,
    /// What is wrong. If anything here is an error, the rest is not to be used.
    pub diagnostics: Vec<Diagnostic>,
}

impl Evaluation {
    /// An evaluation that came to nothing.
    #[must_use]
    pub fn failed(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostics: vec![diagnostic],
            ..Self::default()
        }
    }

    /// Whether the rest may be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.diagnostics
            .iter()
            .all(|diagnostic| diagnostic.severity != Severity::Error)
    }
}

/// Evaluates the roots and everything they load.
///
/// Needs a deep stack: call it on a thread that has 256 MiB of it. What a hostile file can do to memory and time is
/// not fully bounded here; a limited child process does that.
#[must_use]
pub fn evaluate(request: &Request<'_>) -> Evaluation {
    let mut evaluation = session::run(request);
    for diagnostic in evaluation
        .diagnostics
        .iter_mut()
        .filter(|diagnostic| diagnostic.hint.is_none())
    {
        diagnostic.hint = Some(advice::advice(&diagnostic.message).to_owned());
    }
    evaluation
}
