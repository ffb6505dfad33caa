//! The messages of the Remote Execution API, version 2, that make a key and a result; field numbers are its own.

use prost::Message;

/// Which bytes.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Digest {
    /// Hexadecimal, lower case.
    #[prost(string, tag = "1")]
    pub hash: String,
    /// In bytes.
    #[prost(int64, tag = "2")]
    pub size_bytes: i64,
}

impl From<&cas::Digest> for Digest {
    fn from(digest: &cas::Digest) -> Self {
        Self {
            hash: hex(digest.hash()),
            size_bytes: i64::try_from(digest.size()).unwrap_or(i64::MAX),
        }
    }
}

/// Lower-case hexadecimal digits; keys hold dozens of them, so they are made without a detour.
fn hex(hash: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(64);
    hash.iter()
        .for_each(|byte| text.extend([digit(byte >> 4), digit(byte & 15)]));
    text
}

impl Digest {
    /// The digest this message means; `None` if it means none.
    #[must_use]
    pub fn read(&self) -> Option<cas::Digest> {
        let is_plain = self.hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let size = u64::try_from(self.size_bytes).ok()?;
        cas::Digest::from_hex(&self.hash, size).ok().filter(|_| is_plain)
    }
}

/// One variable of a process's environment.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct EnvironmentVariable {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// One thing the platform must offer.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Property {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// What the platform must offer, sorted by name, then value.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Platform {
    /// One by one.
    #[prost(message, repeated, tag = "1")]
    pub properties: Vec<Property>,
}

/// A process to run.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Command {
    /// The program and its arguments.
    #[prost(string, repeated, tag = "1")]
    pub arguments: Vec<String>,
    /// Sorted by name.
    #[prost(message, repeated, tag = "2")]
    pub environment_variables: Vec<EnvironmentVariable>,
    /// The same as the action's, for servers older than version 2.2.
    #[prost(message, optional, tag = "5")]
    pub platform: Option<Platform>,
    /// Relative to the input root.
    #[prost(string, tag = "6")]
    pub working_directory: String,
    /// Files or folders, relative to the working directory. Sorted, each once.
    #[prost(string, repeated, tag = "7")]
    pub output_paths: Vec<String>,
}

/// A length of time.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Duration {
    /// Whole seconds.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// And billionths.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// What is to be done, with what: its digest is the key.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Action {
    /// Of the [`Command`].
    #[prost(message, optional, tag = "1")]
    pub command_digest: Option<Digest>,
    /// Of the root directory of the inputs.
    #[prost(message, optional, tag = "2")]
    pub input_root_digest: Option<Digest>,
    /// The longest it may run. Not set by us: how long we wait does not change what comes out.
    #[prost(message, optional, tag = "6")]
    pub timeout: Option<Duration>,
    /// Whether the result must not be kept.
    #[prost(bool, tag = "7")]
    pub do_not_cache: bool,
    /// Sets keys apart that would otherwise be the same.
    #[prost(bytes = "vec", tag = "9")]
    pub salt: Vec<u8>,
    /// What the platform must offer.
    #[prost(message, optional, tag = "10")]
    pub platform: Option<Platform>,
}

/// A file that was made.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OutputFile {
    /// Relative to the working directory.
    #[prost(string, tag = "1")]
    pub path: String,
    /// Its bytes.
    #[prost(message, optional, tag = "2")]
    pub digest: Option<Digest>,
    /// Whether it may be executed.
    #[prost(bool, tag = "4")]
    pub is_executable: bool,
}

/// A folder that was made.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OutputDirectory {
    /// Relative to the working directory.
    #[prost(string, tag = "1")]
    pub path: String,
    /// Of its [`Tree`] message.
    #[prost(message, optional, tag = "3")]
    pub tree_digest: Option<Digest>,
    /// Of its root `Directory` message.
    #[prost(message, optional, tag = "5")]
    pub root_directory_digest: Option<Digest>,
}

/// A symbolic link that was made.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OutputSymlink {
    /// Relative to the working directory.
    #[prost(string, tag = "1")]
    pub path: String,
    /// Where it leads.
    #[prost(string, tag = "2")]
    pub target: String,
}

/// Who made a result.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ExecutedActionMetadata {
    /// The worker's name.
    #[prost(string, tag = "1")]
    pub worker: String,
}

/// What came out.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ActionResult {
    /// Files, sorted by path.
    #[prost(message, repeated, tag = "2")]
    pub output_files: Vec<OutputFile>,
    /// Folders, sorted by path.
    #[prost(message, repeated, tag = "3")]
    pub output_directories: Vec<OutputDirectory>,
    /// Zero for success.
    #[prost(int32, tag = "4")]
    pub exit_code: i32,
    /// What was said, if it is short.
    #[prost(bytes = "vec", tag = "5")]
    pub stdout_raw: Vec<u8>,
    /// What was said.
    #[prost(message, optional, tag = "6")]
    pub stdout_digest: Option<Digest>,
    /// What was complained about, if it is short.
    #[prost(bytes = "vec", tag = "7")]
    pub stderr_raw: Vec<u8>,
    /// What was complained about.
    #[prost(message, optional, tag = "8")]
    pub stderr_digest: Option<Digest>,
    /// Who made it. Always set, so that an empty answer is never taken for a result without outputs.
    #[prost(message, optional, tag = "9")]
    pub execution_metadata: Option<ExecutedActionMetadata>,
    /// Symbolic links, sorted by path. We make none outside folders.
    #[prost(message, repeated, tag = "12")]
    pub output_symlinks: Vec<OutputSymlink>,
}

/// A folder with everything in it, in one message. Its directories are kept as the bytes whose digests name them.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Tree {
    /// The root `Directory` message.
    #[prost(bytes = "vec", tag = "1")]
    pub root: Vec<u8>,
    /// Every other one, each once.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub children: Vec<Vec<u8>>,
}

/// One folder, as far as it names blobs.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Directory {
    /// Its files.
    #[prost(message, repeated, tag = "1")]
    pub files: Vec<Node>,
    /// Its folders.
    #[prost(message, repeated, tag = "2")]
    pub directories: Vec<Node>,
}

/// A named blob in a [`Directory`].
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Node {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its bytes.
    #[prost(message, optional, tag = "2")]
    pub digest: Option<Digest>,
}
