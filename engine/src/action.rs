//! An action: one unit of work, as data.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::Class;

/// An action's place in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionId(pub u32);

impl ActionId {
    /// The id as an index into the graph's actions.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An action's kind as a word in CamelCase: `Build`, `Pin`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mnemonic(Cow<'static, str>);

impl Mnemonic {
    /// A mnemonic known when this program was written.
    #[must_use]
    pub const fn new(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Mnemonic {
    fn from(word: String) -> Self {
        Self(Cow::Owned(word))
    }
}

impl fmt::Display for Mnemonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One unit of work. Printable, comparable, storable; everything that may influence its outcome is in it, or
/// follows from the outputs of the actions it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What people call it; unique in its graph: `core:build`.
    pub name: String,
    /// Whose action it is: the name shown beside it and used to group actions.
    pub owner: String,
    /// Its kind; chooses the handler of [`Work::Step`].
    pub mnemonic: Mnemonic,
    /// What may be reused.
    pub class: Class,
    /// What is to be done.
    pub work: Work,
    /// What it is done with, in layout order: a later input at the same place replaces an earlier one.
    pub inputs: Vec<Input>,
    /// Paths, relative to the scratch folder, that must exist afterwards: files or folders. Sorted.
    pub outputs: Vec<String>,
    /// Actions that must have succeeded first although none of their bytes are used.
    pub after: Vec<ActionId>,
    /// Where outputs are laid down for people, by output path, relative to the workspace.
    pub deliver: BTreeMap<String, String>,
    /// How long, how often.
    pub policy: Policy,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Runs a process in a scratch folder that holds only the declared inputs.
    Command(Command),
    /// Does what the handler registered under the action's mnemonic does.
    Step {
        /// What the handler is told: canonical text (JSON); part of the key.
        params: String,
        /// The handler's own version: raised when the same parameters begin to mean something else.
        version: u32,
    },
}

/// A process to run. Executed directly, never through a shell, unless `argv` names one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The program's name, looked up on the search path, and its arguments.
    pub argv: Vec<String>,
    /// The environment: part of the key.
    pub env: BTreeMap<String, String>,
    /// Variables passed through from outside when set: their names are part of the key, their values are not,
    /// so they may only say where things are (`PATH`, `HOME`), never what to make.
    pub pass_env: BTreeSet<String>,
    /// The folder to start in, relative to the scratch folder; empty for the scratch folder itself.
    pub workdir: String,
    /// What the platform must offer: tool versions, operating system, architecture. Part of the key.
    pub platform: BTreeMap<String, String>,
}

/// Something an action is done with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A file whose bytes are known before anything runs.
    Source {
        /// Where it is now.
        from: PathBuf,
        /// Where it is laid out, relative to the scratch folder.
        path: String,
        /// What it held when it was looked at; anything else when it is laid out is an error.
        digest: Digest,
        /// Whether it may be executed.
        executable: bool,
    },
    /// An output of another action, file or folder.
    Output {
        /// Which action.
        action: ActionId,
        /// Which of its outputs.
        output: String,
        /// Where it is laid out, relative to the scratch folder.
        path: String,
    },
}

/// How long an action may take and how often it may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The longest one attempt may take.
    pub timeout: Duration,
    /// How often it is tried again after a failure that may pass.
    pub retries: u32,
    /// The wait before the first retry; doubled for each further one, with full jitter.
    pub backoff: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(600),
            retries: 0,
            backoff: Duration::from_secs(1),
        }
    }
}
