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
    /// There are several such circles, none of which touches another.
    #[error("these actions wait for one another: {}", .0.iter().map(|cycle| cycle.join(" -> ")).collect::<Vec<_>>().join("; and "))]
    Cycles(Vec<Vec<String>>),
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
    /// An action names an action that is not in the graph.
    #[error("`{action}` waits for action number {id}, which does not exist")]
    UnknownAction {
        /// Who waits.
        action: String,
        /// For which id.
        id: u32,
    },
    /// An action wants an output that the other action does not declare.
    #[error(
        "`{action}` wants `{output}` of `{from}`, which declares {}",
        listed(declared)
    )]
    UnknownOutput {
        /// Who wants it.
        action: String,
        /// Of whom.
        from: String,
        /// What is wanted.
        output: String,
        /// What there is.
        declared: Vec<String>,
    },
    /// A path of an action is absolute, climbs, or is not in its normal form.
    #[error("`{action}` names `{path}`, which is not a plain relative path")]
    BadPath {
        /// Whose path.
        action: String,
        /// The path.
        path: String,
    },
    /// An action declares an output inside another of its outputs, or twice.
    #[error("`{action}` declares `{inner}`, which its output `{outer}` already covers")]
    NestedOutput {
        /// Whose outputs.
        action: String,
        /// The wider one.
        outer: String,
        /// The other one.
        inner: String,
    },
    /// An action delivers what it does not declare as an output.
    #[error("`{action}` delivers `{output}`, which it does not declare as an output")]
    UndeclaredDelivery {
        /// Whose delivery.
        action: String,
        /// The output's path.
        output: String,
    },
    /// A name is not in the graph that is being asked about.
    #[error("there is no `{name}`{}", nearest.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?")))]
    UnknownName {
        /// What was asked for.
        name: String,
        /// The name most like it.
        nearest: Option<String>,
    },
    /// Effects were asked for, but there is nothing to write them down in.
    #[error("`{0}` changes the world, but there is no journal to write it down in")]
    NoJournal(String),
    /// The journal could not be written earlier, so nothing further may be added.
    #[error("the journal `{}` could not be written and takes no further records", .0.display())]
    JournalClosed(PathBuf),
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

fn listed(names: &[String]) -> String {
    match names {
        [] => "no outputs".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
