//! Reads a tree back from its messages, which anybody may have written.

use std::collections::BTreeMap;

use prost::Message as _;

use crate::proto::{DigestMessage, Directory};
use crate::safe_path::{MAX_DEPTH, check_link, is_plain_part};
use crate::{Digest, Error, Result, Store};

/// Entries of one tree, at most. Messages may be shared, so a few kilobytes of them can name more entries than
/// there are atoms.
const MAX_ENTRIES: usize = 1_000_000;
/// Bytes in all paths of one tree together, at most, for the same reason.
const MAX_PATH_BYTES: usize = 256 << 20;

/// One leaf of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Where it is, relative to the root.
    pub path: String,
    /// What it is.
    pub node: TreeNode,
}

/// What a leaf of a tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeNode {
    /// A file.
    File {
        /// Its bytes.
        digest: Digest,
        /// Whether its owner may execute it.
        executable: bool,
    },
    /// A symbolic link that stays inside the tree.
    Symlink {
        /// What it points to, relative to the folder it is in.
        points_to: String,
    },
    /// An empty folder. Folders that are not empty are known by their leaves.
    Directory,
}

/// The leaves of the tree `root`, sorted by path; `None` if any of its messages is absent.
///
/// # Errors
/// [`Error::MalformedTree`] if a message cannot be read, is not canonical, names an unsafe path, or the tree
/// is beyond 256 levels, a million entries or 256 MiB of paths; or whatever the store answers.
pub fn read_tree(store: &dyn Store, root: Digest) -> Result<Option<Vec<TreeEntry>>> {
    let mut reader = Reader {
        store,
        entries: Vec::new(),
        count: 0,
        path_bytes: 0,
        seen: BTreeMap::new(),
    };
    if !reader.folder(root, "", 0)? {
        return Ok(None);
    }
    let mut entries = reader.entries;
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(Some(entries))
}

struct Reader<'a> {
    store: &'a dyn Store,
    entries: Vec<TreeEntry>,
    count: usize,
    path_bytes: usize,
    /// Messages may be shared; each is fetched once.
    seen: BTreeMap<Digest, Directory>,
}

impl Reader<'_> {
    /// Takes in the folder `digest`, which is at `path`; `false` if a message is absent.
    fn folder(&mut self, digest: Digest, path: &str, depth: usize) -> Result<bool> {
        let malformed = || Error::MalformedTree(digest);
        if depth > MAX_DEPTH {
            return Err(malformed());
        }
        let Some(message) = self.message(digest)? else {
            return Ok(false);
        };
        if depth > 0 && message == Directory::default() {
            self.entries.push(TreeEntry {
                path: path.to_owned(),
                node: TreeNode::Directory,
            });
        }
        for file in message.files {
            let blob = file
                .digest
                .as_ref()
                .and_then(DigestMessage::digest)
                .ok_or_else(malformed)?;
            let node = TreeNode::File {
                digest: blob,
                executable: file.is_executable,
            };
            let path = self.join(path, &file.name).ok_or_else(malformed)?;
            self.entries.push(TreeEntry { path, node });
        }
        for link in message.symlinks {
            let path = self.join(path, &link.name).ok_or_else(malformed)?;
            check_link(&path, &link.points_to).map_err(|_| malformed())?;
            self.entries.push(TreeEntry {
                path,
                node: TreeNode::Symlink {
                    points_to: link.points_to,
                },
            });
        }
        for inner in message.directories {
            let message = inner
                .digest
                .as_ref()
                .and_then(DigestMessage::digest)
                .ok_or_else(malformed)?;
            let path = self.join(path, &inner.name).ok_or_else(malformed)?;
            if !self.folder(message, &path, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn message(&mut self, digest: Digest) -> Result<Option<Directory>> {
        if let Some(message) = self.seen.get(&digest) {
            return Ok(Some(message.clone()));
        }
        let Some(bytes) = self.store.get(&digest)? else {
            return Ok(None);
        };
        let message = Directory::decode(bytes).ok().filter(is_canonical);
        let message = message.ok_or(Error::MalformedTree(digest))?;
        self.seen.insert(digest, message.clone());
        Ok(Some(message))
    }

    /// `name` below `path`; `None` if the tree has grown beyond its caps.
    fn join(&mut self, path: &str, name: &str) -> Option<String> {
        self.count += 1;
        self.path_bytes += path.len() + 1 + name.len();
        let within = self.count <= MAX_ENTRIES && self.path_bytes <= MAX_PATH_BYTES;
        within.then(|| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}/{name}")
            }
        })
    }
}

/// Whether each list is strictly sorted, every name is one plain part, and no name is in two lists: two
/// readers can then never disagree about what a message says.
fn is_canonical(message: &Directory) -> bool {
    let files: Vec<&str> = message.files.iter().map(|node| node.name.as_str()).collect();
    let folders: Vec<&str> = message
        .directories
        .iter()
        .map(|node| node.name.as_str())
        .collect();
    let links: Vec<&str> = message.symlinks.iter().map(|node| node.name.as_str()).collect();
    let sorted = [&files, &folders, &links]
        .iter()
        .all(|names| names.is_sorted_by(|a, b| a < b));
    let mut names = [files, folders, links].concat();
    names.sort_unstable();
    sorted && names.is_sorted_by(|a, b| a < b) && names.iter().all(|name| is_plain_part(name))
}
