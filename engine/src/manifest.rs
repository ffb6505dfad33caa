//! Everything that may influence what an action makes, walked once for its key and once for people.
//!
//! There is one walk and two visitors. Whatever the walk does not mention is neither in the key nor in an
//! explanation; whatever it mentions is in both, because both visitors must say what they do with every item.

use std::collections::BTreeMap;

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::key::{KeyVisitor, Messages};
use crate::resolve::{Node, Origin, Resolved, ResolvedInputs};
use crate::{Action, Result, Work, printable};

/// Everything that may influence what an action makes.
#[derive(Clone, Copy, Debug)]
pub struct Manifest<'a> {
    action: &'a Action,
    inputs: &'a ResolvedInputs<'a>,
}

/// One thing the walk meets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    /// The program and its arguments.
    Arguments(&'a [String]),
    /// What a step's handler is told.
    Step {
        mnemonic: &'a str,
        version: u32,
        params: &'a str,
    },
    /// A variable of the environment.
    Variable { name: &'a str, value: &'a str },
    /// A variable passed through from outside.
    Passed(&'a str),
    /// Where the process starts.
    Workdir(&'a str),
    /// Something the platform must offer.
    Platform { name: &'a str, value: &'a str },
    /// A declared output.
    Output(&'a str),
    /// Whether the result may be kept.
    Kept(bool),
    /// All inputs, in layout order.
    Inputs(&'a ResolvedInputs<'a>),
}

/// Takes what the walk meets.
pub(crate) trait Visitor<'a> {
    fn visit(&mut self, item: Item<'a>);
}

impl<'a> Manifest<'a> {
    /// The manifest of `action` with these inputs.
    #[must_use]
    pub const fn of(action: &'a Action, inputs: &'a ResolvedInputs<'a>) -> Self {
        Self { action, inputs }
    }

    /// The key: the digest of the REAPI `Action` message.
    ///
    /// # Errors
    /// Two inputs cannot be laid out side by side, such as `a` and `a/b`.
    pub fn key(&self) -> Result<Digest> {
        Ok(Digest::of(&self.messages()?.action))
    }

    /// The messages of which the key is the digest.
    ///
    /// # Errors
    /// Two inputs cannot be laid out side by side, such as `a` and `a/b`.
    pub fn messages(&self) -> Result<Messages> {
        let mut visitor = KeyVisitor::default();
        self.walk(&mut visitor);
        visitor.finish()
    }

    /// The same for people: what there is, sorted by kind and name.
    #[must_use]
    pub fn facets(&self) -> Vec<Facet> {
        let mut visitor = FacetVisitor::default();
        self.walk(&mut visitor);
        let facet = |((kind, name), value)| Facet { kind, name, value };
        visitor.facets.into_iter().map(facet).collect()
    }

    /// The one walk.
    pub(crate) fn walk(&self, visitor: &mut impl Visitor<'a>) {
        let Action {
            work,
            class,
            outputs,
            mnemonic,
            ..
        } = self.action;
        visitor.visit(Item::Kept(class.is_cacheable()));
        match work {
            Work::Command(command) => {
                visitor.visit(Item::Arguments(&command.argv));
                visitor.visit(Item::Workdir(&command.workdir));
                for (name, value) in &command.env {
                    visitor.visit(Item::Variable { name, value });
                }
                for name in &command.pass_env {
                    visitor.visit(Item::Passed(name));
                }
                for (name, value) in &command.platform {
                    visitor.visit(Item::Platform { name, value });
                }
            }
            Work::Step { params, version } => {
                visitor.visit(Item::Step {
                    mnemonic: mnemonic.as_str(),
                    version: *version,
                    params,
                });
            }
        }
        for output in outputs {
            visitor.visit(Item::Output(output));
        }
        visitor.visit(Item::Inputs(self.inputs));
    }
}

/// What a [`Facet`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FacetKind {
    /// The program and its arguments; has no name.
    Command,
    /// The kind of step; has no name.
    Step,
    /// The version of the step's handler; has no name.
    StepVersion,
    /// A parameter of a step.
    Parameter,
    /// The folder a process starts in; has no name.
    Workdir,
    /// A variable of the environment.
    Variable,
    /// A variable passed through from outside.
    PassedVariable,
    /// A tool, or another thing the platform must offer.
    Platform,
    /// A file from outside the graph.
    Input,
    /// Something that another action made.
    Upstream,
    /// A declared output.
    Output,
    /// Whether the result may be kept; has no name.
    Kept,
}

/// One readable part of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Facet {
    /// What it is about.
    pub kind: FacetKind,
    /// Which one; may be empty.
    pub name: String,
    /// Its value.
    pub value: String,
}

#[derive(Default)]
struct FacetVisitor {
    facets: BTreeMap<(FacetKind, String), String>,
}

impl FacetVisitor {
    fn add(&mut self, kind: FacetKind, name: impl Into<String>, value: impl Into<String>) {
        self.facets.insert((kind, name.into()), value.into());
    }

    fn add_input(&mut self, input: &Resolved<'_>) {
        let value = match &input.node {
            Node::File {
                digest,
                executable: false,
            } => digest.to_string(),
            Node::File {
                digest,
                executable: true,
            } => format!("{digest} executable"),
            Node::Tree { root, .. } => format!("{root} folder"),
        };
        match input.origin {
            Origin::Source(_) => self.add(FacetKind::Input, input.path, value),
            Origin::Output { action, output, .. } => {
                let name = format!("`{output}` of `{action}`");
                self.add(FacetKind::Upstream, name, format!("{value} at {}", input.path));
            }
        }
    }

    /// Parameters are JSON by custom, not by law.
    fn add_params(&mut self, params: &str) {
        match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(params) {
            Ok(fields) => {
                for (name, value) in fields {
                    let text = match value {
                        serde_json::Value::String(text) => text,
                        other => other.to_string(),
                    };
                    self.add(FacetKind::Parameter, name, text);
                }
            }
            Err(_) => self.add(FacetKind::Parameter, "", params),
        }
    }
}

impl<'a> Visitor<'a> for FacetVisitor {
    fn visit(&mut self, item: Item<'a>) {
        match item {
            Item::Arguments(argv) => self.add(FacetKind::Command, "", command_line(argv)),
            Item::Step {
                mnemonic,
                version,
                params,
            } => {
                self.add(FacetKind::Step, "", mnemonic);
                self.add(FacetKind::StepVersion, "", version.to_string());
                self.add_params(params);
            }
            Item::Variable { name, value } => self.add(FacetKind::Variable, name, value),
            Item::Passed(name) => self.add(FacetKind::PassedVariable, name, ""),
            Item::Workdir(folder) => self.add(FacetKind::Workdir, "", folder),
            Item::Platform { name, value } => self.add(FacetKind::Platform, name, value),
            Item::Output(path) => self.add(FacetKind::Output, path, ""),
            Item::Kept(kept) => self.add(FacetKind::Kept, "", kept.to_string()),
            Item::Inputs(inputs) => inputs.items.iter().for_each(|item| self.add_input(item)),
        }
    }
}

/// Arguments as one line; those that a reader could not tell apart are quoted.
pub(crate) fn command_line(argv: &[String]) -> String {
    let is_plain = |word: &str| !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c == '"');
    let quoted = |word: &String| {
        if is_plain(word) {
            word.clone()
        } else {
            format!("{word:?}")
        }
    };
    printable(&argv.iter().map(quoted).collect::<Vec<_>>().join(" "))
}

/// The same for people: a word that is a whole script is only hinted at.
pub(crate) fn short_command_line(argv: &[String]) -> String {
    let short = |word: &String| {
        if word.contains('\n') {
            "...".to_owned()
        } else {
            word.clone()
        }
    };
    command_line(&argv.iter().map(short).collect::<Vec<_>>())
}
