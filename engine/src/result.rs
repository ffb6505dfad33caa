//! What came out of an action, and its wire form: the REAPI message that any server of that protocol keeps.

use std::collections::{BTreeMap, BTreeSet};

use cas::{Digest, Store};
use prost::Message;

use crate::{Result, path, proto};

/// What we call ourselves in results.
const WORKER: &str = "releasekit";

/// What came out of an action that succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionResult {
    /// What was made, by declared path.
    pub outputs: BTreeMap<String, Output>,
    /// What the process said; `None` if nothing.
    pub stdout: Option<Digest>,
    /// What the process complained about; `None` if nothing.
    pub stderr: Option<Digest>,
    /// Zero for success.
    pub exit_code: i32,
}

/// One thing that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A file.
    File {
        /// Its bytes.
        digest: Digest,
        /// Whether it may be executed.
        executable: bool,
    },
    /// A folder.
    Tree {
        /// Its root `Directory` message, which names the others.
        root: Digest,
        /// The `Tree` message, which holds them all.
        message: Digest,
    },
}

impl Output {
    /// The digest that says which bytes: the file's, or the root directory's.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        match self {
            Self::File { digest, .. } => digest,
            Self::Tree { root, .. } => root,
        }
    }
}

impl ActionResult {
    /// The wire form, with paths as they stand.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_from("")
    }

    /// The result in `bytes`; `None` unless they are one from the first to the last, with plain paths.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let result = Self::parse(bytes)?;
        result
            .outputs
            .keys()
            .all(|path| path::is_plain(path))
            .then_some(result)
    }

    /// The wire form for a process whose working folder is `workdir`: it gives paths relative to that.
    pub(crate) fn encode_from(&self, workdir: &str) -> Vec<u8> {
        let mut message = proto::ActionResult {
            exit_code: self.exit_code,
            stdout_digest: self.stdout.as_ref().map(Into::into),
            stderr_digest: self.stderr.as_ref().map(Into::into),
            execution_metadata: Some(proto::ExecutedActionMetadata {
                worker: WORKER.to_owned(),
            }),
            ..proto::ActionResult::default()
        };
        for (path, output) in &self.outputs {
            let path = path::seen_from(workdir, path).into_owned();
            match output {
                Output::File { digest, executable } => message.output_files.push(proto::OutputFile {
                    path,
                    digest: Some(digest.into()),
                    is_executable: *executable,
                }),
                Output::Tree { root, message: tree } => {
                    message.output_directories.push(proto::OutputDirectory {
                        path,
                        tree_digest: Some(tree.into()),
                        root_directory_digest: Some(root.into()),
                    });
                }
            }
        }
        message.output_files.sort_by(|a, b| a.path.cmp(&b.path));
        message.output_directories.sort_by(|a, b| a.path.cmp(&b.path));
        message.encode_to_vec()
    }

    /// The result in `bytes`, if it names exactly the paths `declared`, seen from `workdir`.
    pub(crate) fn decode_from(bytes: &[u8], workdir: &str, declared: &[String]) -> Option<Self> {
        let mut result = Self::parse(bytes)?;
        let mut outputs = BTreeMap::new();
        for path in declared {
            outputs.insert(
                path.clone(),
                result.outputs.remove(&*path::seen_from(workdir, path))?,
            );
        }
        let foreign = std::mem::replace(&mut result.outputs, outputs);
        foreign.is_empty().then_some(result)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let message = proto::ActionResult::decode(bytes).ok()?;
        let optional = |digest: Option<proto::Digest>| match digest {
            None => Some(None),
            Some(digest) => digest.read().map(Some),
        };
        let mut outputs = BTreeMap::new();
        for file in message.output_files {
            let output = Output::File {
                digest: file.digest?.read()?,
                executable: file.is_executable,
            };
            insert_once(&mut outputs, file.path, output)?;
        }
        for folder in message.output_directories {
            let output = Output::Tree {
                root: folder.root_directory_digest?.read()?,
                message: folder.tree_digest?.read()?,
            };
            insert_once(&mut outputs, folder.path, output)?;
        }
        if !message.output_symlinks.is_empty() {
            return None;
        }
        Some(Self {
            outputs,
            stdout: optional(message.stdout_digest)?,
            stderr: optional(message.stderr_digest)?,
            exit_code: message.exit_code,
        })
    }

    /// Every blob that must be there for this result to be whole, those inside folders included; `None` if
    /// a folder's own message is gone or is not one.
    ///
    /// # Errors
    /// The store refused.
    pub fn digests(&self, store: &dyn Store) -> Result<Option<BTreeSet<Digest>>> {
        let mut named: BTreeSet<Digest> = self.stdout.iter().chain(&self.stderr).copied().collect();
        for output in self.outputs.values() {
            match output {
                Output::File { digest, .. } => {
                    named.insert(*digest);
                }
                Output::Tree { root, message } => {
                    named.extend([*root, *message]);
                    let Some(bytes) = store.get(message)? else {
                        return Ok(None);
                    };
                    let Some(blobs) = blobs_of_tree(&bytes, root) else {
                        return Ok(None);
                    };
                    named.extend(blobs);
                }
            }
        }
        Ok(Some(named))
    }
}

fn insert_once(outputs: &mut BTreeMap<String, Output>, path: String, output: Output) -> Option<()> {
    outputs.insert(path, output).is_none().then_some(())
}

/// Every directory and file that the `Tree` message in `bytes` names; `None` unless it is whole and its root is
/// `root`.
fn blobs_of_tree(bytes: &[u8], root: &Digest) -> Option<BTreeSet<Digest>> {
    let tree = proto::Tree::decode(bytes).ok()?;
    let mut named = BTreeSet::new();
    let mut held = BTreeSet::from([Digest::of(&tree.root)]);
    held.extend(tree.children.iter().map(|child| Digest::of(child)));
    for directory in std::iter::once(&tree.root).chain(&tree.children) {
        let directory = proto::Directory::decode(directory.as_slice()).ok()?;
        for file in directory.files {
            named.insert(file.digest?.read()?);
        }
        for folder in directory.directories {
            let digest = folder.digest?.read()?;
            if !held.contains(&digest) {
                return None;
            }
        }
    }
    (held.contains(root)).then(|| {
        named.extend(held);
        named
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ActionResult {
        let file = Output::File {
            digest: Digest::of(b"wheel"),
            executable: true,
        };
        let tree = Output::Tree {
            root: Digest::of(b"root"),
            message: Digest::of(b"tree"),
        };
        ActionResult {
            outputs: BTreeMap::from([("core/a.whl".to_owned(), file), ("site".to_owned(), tree)]),
            stdout: Some(Digest::of(b"said")),
            stderr: None,
            exit_code: 0,
        }
    }

    #[test]
    fn the_wire_form_reads_back() {
        assert_eq!(ActionResult::decode(&sample().encode()), Some(sample()));
    }

    #[test]
    fn paths_follow_the_working_folder_on_the_wire() {
        let bytes = sample().encode_from("core");
        let declared = ["core/a.whl".to_owned(), "site".to_owned()];
        assert_eq!(
            ActionResult::decode_from(&bytes, "core", &declared),
            Some(sample())
        );
        assert_eq!(ActionResult::decode_from(&bytes, "", &declared), None);
        assert_eq!(
            ActionResult::decode_from(&bytes, "core", &declared[..1]),
            None,
            "a foreign output"
        );
        assert_eq!(ActionResult::decode(&bytes), None, "a climbing path");
    }

    #[test]
    fn garbage_is_no_result() {
        let good = sample().encode();
        for cut in 1..good.len() {
            // A cut between two fields is a shorter message; the declared outputs tell it from the whole.
            let declared = ["core/a.whl".to_owned(), "site".to_owned()];
            if let Some(result) = ActionResult::decode_from(&good[..cut], "", &declared) {
                assert_eq!(result.outputs, sample().outputs);
            }
        }
        assert_eq!(ActionResult::decode(b"<html>it works</html>"), None);
        assert_eq!(ActionResult::decode(&[0xff; 40]), None);
        assert_eq!(ActionResult::decode(b""), None);
        let nothing = ActionResult::default();
        assert_eq!(ActionResult::decode(&nothing.encode()), Some(nothing));
    }

    #[test]
    fn a_digest_in_capitals_is_not_ours() {
        let digest = proto::Digest {
            hash: Digest::of(b"").hex().to_uppercase(),
            size_bytes: 0,
        };
        assert_eq!(digest.read(), None);
    }
}
