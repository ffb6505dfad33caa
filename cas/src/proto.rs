//! The directory messages of REAPI v2, field for field; what we never write is left out.
//!
//! `build.bazel.remote.execution.v2`: `Digest`, `Directory` and its three kinds of node. `NodeProperties` are
//! absent on purpose: times and owners in a key would make equal trees unequal.

/// `Digest`: which bytes.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct DigestMessage {
    /// 64 lower-case hexadecimal digits.
    #[prost(string, tag = "1")]
    pub hash: String,
    /// Size in bytes.
    #[prost(int64, tag = "2")]
    pub size_bytes: i64,
}

/// `Directory`: one folder. Canonical when each list is sorted by name and no name occurs twice.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Directory {
    #[prost(message, repeated, tag = "1")]
    pub files: Vec<FileNode>,
    #[prost(message, repeated, tag = "2")]
    pub directories: Vec<DirectoryNode>,
    #[prost(message, repeated, tag = "3")]
    pub symlinks: Vec<SymlinkNode>,
}

/// `FileNode`: a file of a folder.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct FileNode {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub digest: Option<DigestMessage>,
    #[prost(bool, tag = "4")]
    pub is_executable: bool,
}

/// `DirectoryNode`: a folder of a folder, by the digest of its own message.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct DirectoryNode {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub digest: Option<DigestMessage>,
}

/// `SymlinkNode`: a symbolic link of a folder.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct SymlinkNode {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub points_to: String,
}

impl From<crate::Digest> for DigestMessage {
    fn from(digest: crate::Digest) -> Self {
        // Sizes beyond i64 cannot occur: no file system holds such a file.
        Self {
            hash: digest.hex(),
            size_bytes: i64::try_from(digest.size()).unwrap_or(i64::MAX),
        }
    }
}

impl DigestMessage {
    /// The digest, if the message spells one canonically.
    pub(crate) fn digest(&self) -> Option<crate::Digest> {
        let canonical = self
            .hash
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let size = u64::try_from(self.size_bytes).ok()?;
        crate::Digest::from_hex(&self.hash, size)
            .ok()
            .filter(|_| canonical)
    }
}
