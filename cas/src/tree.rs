//! A folder as a Merkle tree of directory messages: one digest names every byte and every name below it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use prost::Message as _;

use crate::proto::{DigestMessage, Directory, DirectoryNode, FileNode, SymlinkNode};
use crate::safe_path::{check_link, check_path};
use crate::{Digest, Error, Result, Store};

enum Node {
    File { digest: Digest, executable: bool },
    Symlink { to: String },
    Folder(Folder),
}

type Folder = BTreeMap<String, Node>;

/// A tree in the making. Paths are relative to its root, with `/` between parts; folders on the way come into
/// being by themselves.
#[derive(Default)]
pub struct TreeBuilder {
    root: Folder,
}

impl TreeBuilder {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// [`Error::UnsafePath`]; [`Error::DuplicatePath`] if something is there, or a file is on the way.
    pub fn file(&mut self, path: &str, digest: Digest, executable: bool) -> Result<()> {
        self.add(path, Node::File { digest, executable })
    }

    /// Adds a file, replacing a file or symbolic link that is there.
    ///
    /// # Errors
    /// [`Error::UnsafePath`]; [`Error::DuplicatePath`] if a folder is there, or a file is on the way.
    pub fn replace_file(&mut self, path: &str, digest: Digest, executable: bool) -> Result<()> {
        let (folder, name) = self.place(path)?;
        if matches!(folder.get(name), Some(Node::Folder(_))) {
            return Err(Error::DuplicatePath(path.to_owned()));
        }
        folder.insert(name.to_owned(), Node::File { digest, executable });
        Ok(())
    }

    /// Adds a symbolic link that stays inside the tree: relative, and with `..` only in front.
    ///
    /// # Errors
    /// [`Error::UnsafePath`] for `path`, or for a place outside the tree; [`Error::DuplicatePath`].
    pub fn symlink(&mut self, path: &str, points_to: &str) -> Result<()> {
        check_link(path, points_to)?;
        self.add(
            path,
            Node::Symlink {
                to: points_to.to_owned(),
            },
        )
    }

    /// Adds a folder, which may stay empty. One that is there already is kept.
    ///
    /// # Errors
    /// [`Error::UnsafePath`]; [`Error::DuplicatePath`] if something else is there or on the way.
    pub fn directory(&mut self, path: &str) -> Result<()> {
        let (folder, name) = self.place(path)?;
        match folder
            .entry(name.to_owned())
            .or_insert_with(|| Node::Folder(Folder::new()))
        {
            Node::Folder(_) => Ok(()),
            _ => Err(Error::DuplicatePath(path.to_owned())),
        }
    }

    /// The finished tree.
    #[must_use]
    pub fn finish(self) -> Tree {
        let mut messages = BTreeMap::new();
        let root = seal(&self.root, &mut messages);
        Tree { root, messages }
    }

    fn add(&mut self, path: &str, node: Node) -> Result<()> {
        let (folder, name) = self.place(path)?;
        match folder.entry(name.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(node);
                Ok(())
            }
            Entry::Occupied(_) => Err(Error::DuplicatePath(path.to_owned())),
        }
    }

    /// The folder that holds `path`, made if need be, and the last name of `path`.
    fn place<'a>(&mut self, path: &'a str) -> Result<(&mut Folder, &'a str)> {
        check_path(path)?;
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folder = &mut self.root;
        for part in parents.split('/').filter(|part| !part.is_empty()) {
            let node = folder
                .entry(part.to_owned())
                .or_insert_with(|| Node::Folder(Folder::new()));
            let Node::Folder(next) = node else {
                return Err(Error::DuplicatePath(path.to_owned()));
            };
            folder = next;
        }
        Ok((folder, name))
    }
}

/// Encodes a folder after its folders; the digest of its message. No deeper than the paths are allowed to be.
fn seal(folder: &Folder, messages: &mut BTreeMap<Digest, Vec<u8>>) -> Digest {
    let mut message = Directory::default();
    for (name, node) in folder {
        let name = name.clone();
        match node {
            Node::File { digest, executable } => {
                let digest = Some(DigestMessage::from(*digest));
                message.files.push(FileNode {
                    name,
                    digest,
                    is_executable: *executable,
                });
            }
            Node::Symlink { to } => message.symlinks.push(SymlinkNode {
                name,
                points_to: to.clone(),
            }),
            Node::Folder(inner) => {
                let digest = Some(seal(inner, messages).into());
                message.directories.push(DirectoryNode { name, digest });
            }
        }
    }
    let bytes = message.encode_to_vec();
    let digest = Digest::of(&bytes);
    messages.insert(digest, bytes);
    digest
}

/// A finished tree: the directory messages, each under its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    root: Digest,
    messages: BTreeMap<Digest, Vec<u8>>,
}

impl Tree {
    /// The digest of the root's message, which names the whole tree.
    #[must_use]
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// Every directory message, the root's included, by digest.
    #[must_use]
    pub const fn messages(&self) -> &BTreeMap<Digest, Vec<u8>> {
        &self.messages
    }

    /// Keeps the messages, not the files they name.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub fn store(&self, store: &dyn Store) -> Result<()> {
        self.messages
            .values()
            .try_for_each(|message| store.put(message).map(drop))
    }
}
