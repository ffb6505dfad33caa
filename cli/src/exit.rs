//! From an error to a message, a hint and an exit code: the only such place.

use std::fmt;
use std::process::ExitCode;

use engine::StepError;
use model::{Diagnostic, Severity};

use crate::terminal::Terminal;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed; running it again resumes.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The configuration or the workspace is wrong.
    Config = 3,
    /// A check or a gate said no.
    Refused = 4,
    /// A slot holds other bytes.
    Conflict = 5,
    /// A defect in releasekit.
    Defect = 70,
    /// Interrupted; running it again resumes.
    Interrupted = 130,
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        Self::from(kind as u8)
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure about no file.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            diagnostics: vec![Diagnostic::error(message, None)],
        }
    }

    /// A failure with places of its own.
    pub(crate) fn about(kind: Kind, diagnostics: Vec<Diagnostic>) -> Self {
        Self { kind, diagnostics }
    }

    /// The same, with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(diagnostic) = self.diagnostics.pop() {
            self.diagnostics.push(diagnostic.hint(hint));
        }
        self
    }

    /// A failed step, with its hint.
    pub(crate) fn step(kind: Kind, error: StepError) -> Self {
        let failure = Self::new(kind, error.message);
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    /// Whether the reader of our output went away, which is no error.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// The reader of our output went away.
    pub(crate) fn closed_pipe() -> Self {
        Self {
            kind: Kind::Done,
            diagnostics: Vec::new(),
        }
    }

    /// Says it, and gives the exit code.
    pub(crate) fn report(&self, terminal: &Terminal) -> ExitCode {
        if self.is_closed_pipe() {
            return Kind::Done.into();
        }
        for diagnostic in &self.diagnostics {
            terminal.diagnose(diagnostic);
        }
        self.kind.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<String> = self.diagnostics.iter().map(ToString::to_string).collect();
        f.write_str(&messages.join("; "))
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| diagnostic.severity == Severity::Warning);
        Self {
            kind: Kind::Config,
            diagnostics,
        }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        vec![diagnostic].into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::closed_pipe();
        }
        Self::new(Kind::Failed, error.to_string())
    }
}

impl From<cas::Error> for Failure {
    fn from(error: cas::Error) -> Self {
        Self::new(Kind::Failed, error.to_string())
            .hint("RELEASEKIT_CACHE_DIR names the folder the cache is kept in; it must be yours and writable")
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let message = error.to_string();
        match error {
            engine::Error::Cycle(_)
            | engine::Error::DuplicateAction(_)
            | engine::Error::DuplicateOutput { .. }
            | engine::Error::UnknownName { .. } => Self::new(Kind::Config, message),
            engine::Error::Locked { .. } => Self::new(Kind::Failed, message)
                .hint("wait until it has ended; the lock goes with its process, there is nothing to clean up"),
            engine::Error::DamagedJournal { path, .. } => Self::new(Kind::Failed, message).hint(format!(
                "nothing was sent; restore `{}` from a copy, or move it away to begin a new one: every slot is then \
                 looked at before anything is sent",
                path.display()
            )),
            engine::Error::NoHandler { .. } => Self::new(Kind::Defect, message),
            _ => Self::new(Kind::Failed, message),
        }
    }
}
