//! An action's inputs with their digests: what is laid out, read and hashed.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use cas::{Digest, Store, TreeEntry, TreeNode};

use crate::{Action, ActionId, ActionResult, Error, Graph, Input, Output};

/// The inputs of one action, in layout order, each with its digest.
#[derive(Clone, Debug, Default)]
pub struct ResolvedInputs<'a> {
    pub(crate) items: Vec<Resolved<'a>>,
}

/// One input.
#[derive(Clone, Debug)]
pub(crate) struct Resolved<'a> {
    /// Where it is laid out.
    pub(crate) path: &'a str,
    /// What it is.
    pub(crate) node: Node,
    /// Where it comes from.
    pub(crate) origin: Origin<'a>,
}

/// What an input is.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    File { digest: Digest, executable: bool },
    Tree { root: Digest, entries: Arc<[TreeEntry]> },
}

/// Where an input comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    Source(&'a Path),
    Output {
        id: ActionId,
        action: &'a str,
        output: &'a str,
    },
}

/// Why inputs have no digests.
#[derive(Debug)]
pub enum Unresolved {
    /// This action has not been carried out.
    NotYet(ActionId),
    /// What this action made is no longer in the store.
    Lost(ActionId),
    /// The store refused.
    Refused(Error),
}

/// One place in the layout, after later inputs have replaced earlier ones.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf<'r> {
    File {
        digest: Digest,
        executable: bool,
        origin: Origin<'r>,
    },
    Symlink {
        target: &'r str,
    },
    Folder,
}

impl<'a> ResolvedInputs<'a> {
    /// The inputs of `action`, given what the actions before it made.
    ///
    /// # Errors
    /// Why they cannot be known.
    pub fn of(
        graph: &'a Graph,
        action: &'a Action,
        made: &dyn Fn(ActionId) -> Option<Arc<ActionResult>>,
        store: &dyn Store,
    ) -> Result<Self, Unresolved> {
        let mut items = Vec::with_capacity(action.inputs.len());
        for input in &action.inputs {
            items.push(match input {
                Input::Source {
                    from,
                    path,
                    digest,
                    executable,
                } => Resolved {
                    path,
                    node: Node::File {
                        digest: *digest,
                        executable: *executable,
                    },
                    origin: Origin::Source(from),
                },
                Input::Output {
                    action: id,
                    output,
                    path,
                } => {
                    let made = made(*id).ok_or(Unresolved::NotYet(*id))?;
                    let made = made.outputs.get(output).ok_or(Unresolved::NotYet(*id))?;
                    let origin = Origin::Output {
                        id: *id,
                        action: &graph.action(*id).name,
                        output,
                    };
                    Resolved {
                        path,
                        node: node(made, *id, store)?,
                        origin,
                    }
                }
            });
        }
        Ok(Self { items })
    }

    /// Every place with what is there in the end, sorted by path.
    pub(crate) fn layout(&self) -> Vec<(Cow<'_, str>, Leaf<'_>)> {
        let mut places = Vec::with_capacity(self.items.len());
        for item in &self.items {
            match &item.node {
                Node::File { digest, executable } => {
                    let leaf = Leaf::File {
                        digest: *digest,
                        executable: *executable,
                        origin: item.origin,
                    };
                    places.push((Cow::Borrowed(item.path), leaf));
                }
                Node::Tree { entries, .. } => {
                    places.push((Cow::Borrowed(item.path), Leaf::Folder));
                    for entry in entries.iter() {
                        let path = Cow::Owned(format!("{}/{}", item.path, entry.path));
                        places.push((path, leaf(&entry.node, item.origin)));
                    }
                }
            }
        }
        // The sort keeps layout order among equals, of which the last one counts.
        places.sort_by(|(a, _), (b, _)| a.cmp(b));
        places.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1 = later.1;
            }
            is_same
        });
        places
    }
}

fn leaf<'r>(node: &'r TreeNode, origin: Origin<'r>) -> Leaf<'r> {
    match node {
        TreeNode::File { digest, executable } => Leaf::File {
            digest: *digest,
            executable: *executable,
            origin,
        },
        TreeNode::Symlink { points_to: target } => Leaf::Symlink { target },
        TreeNode::Directory => Leaf::Folder,
    }
}

fn node(made: &Output, id: ActionId, store: &dyn Store) -> Result<Node, Unresolved> {
    match made {
        Output::File { digest, executable } => Ok(Node::File {
            digest: *digest,
            executable: *executable,
        }),
        Output::Tree { root, .. } => match cas::read_tree(store, *root) {
            Ok(Some(entries)) => Ok(Node::Tree {
                root: *root,
                entries: entries.into(),
            }),
            Ok(None) => Err(Unresolved::Lost(id)),
            Err(error) => Err(Unresolved::Refused(error.into())),
        },
    }
}
