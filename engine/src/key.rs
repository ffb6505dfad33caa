//! The key: the manifest as the messages of REAPI v2, so that our key is every stock server's key.

use cas::{Digest, Tree, TreeBuilder};
use prost::Message;

use crate::manifest::{Item, Visitor};
use crate::resolve::{Leaf, ResolvedInputs};
use crate::{Result, path, proto};

/// The program that stands for "the handler of this step".
pub(crate) const STEP: &str = "@releasekit//step";

/// Names the meaning of everything else in the key; raised when that changes.
const DOMAIN: &[u8] = b"releasekit.action/1";

/// An action as the messages a remote worker is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// The `Action` message; its digest is the key.
    pub action: Vec<u8>,
    /// The `Command` message.
    pub command: Vec<u8>,
    /// The `Directory` messages of the input root.
    pub inputs: Tree,
}

/// Builds the messages from what the walk meets.
#[derive(Default)]
pub(crate) struct KeyVisitor<'a> {
    command: proto::Command,
    platform: proto::Platform,
    workdir: &'a str,
    passed: Vec<&'a str>,
    outputs: Vec<&'a str>,
    inputs: Option<&'a ResolvedInputs<'a>>,
    is_kept: bool,
}

impl<'a> Visitor<'a> for KeyVisitor<'a> {
    fn visit(&mut self, item: Item<'a>) {
        match item {
            Item::Arguments(argv) => self.command.arguments.extend_from_slice(argv),
            Item::Step {
                mnemonic,
                version,
                params,
            } => {
                let words = [STEP, mnemonic, &version.to_string(), params];
                self.command.arguments.extend(words.map(str::to_owned));
            }
            Item::Variable { name, value } => {
                let variable = proto::EnvironmentVariable {
                    name: name.to_owned(),
                    value: value.to_owned(),
                };
                self.command.environment_variables.push(variable);
            }
            Item::Passed(name) => self.passed.push(name),
            Item::Workdir(folder) => self.workdir = folder,
            Item::Platform { name, value } => {
                let property = proto::Property {
                    name: name.to_owned(),
                    value: value.to_owned(),
                };
                self.platform.properties.push(property);
            }
            Item::Output(path) => self.outputs.push(path),
            Item::Kept(kept) => self.is_kept = kept,
            Item::Inputs(inputs) => self.inputs = Some(inputs),
        }
    }
}

impl KeyVisitor<'_> {
    /// The messages.
    pub(crate) fn finish(self) -> Result<Messages> {
        let inputs = input_root(self.inputs.unwrap_or(&ResolvedInputs::default()))?;
        let mut command = self.command;
        command.environment_variables.sort_by(|a, b| a.name.cmp(&b.name));
        command.working_directory = self.workdir.to_owned();
        command.output_paths = self
            .outputs
            .iter()
            .map(|path| path::seen_from(self.workdir, path).into_owned())
            .collect();
        command.output_paths.sort();
        command.output_paths.dedup();
        let mut platform = self.platform;
        platform
            .properties
            .sort_by(|a, b| (&a.name, &a.value).cmp(&(&b.name, &b.value)));
        let platform = (!platform.properties.is_empty()).then_some(platform);
        command.platform.clone_from(&platform);
        let command = command.encode_to_vec();
        let action = proto::Action {
            command_digest: Some((&Digest::of(&command)).into()),
            input_root_digest: Some((&inputs.root()).into()),
            timeout: None,
            do_not_cache: !self.is_kept,
            salt: salt(&self.passed),
            platform,
        };
        Ok(Messages {
            action: action.encode_to_vec(),
            command,
            inputs,
        })
    }
}

/// The folder that holds exactly the inputs.
fn input_root(inputs: &ResolvedInputs<'_>) -> Result<Tree> {
    let mut tree = TreeBuilder::new();
    for (path, leaf) in inputs.layout() {
        match leaf {
            Leaf::File {
                digest, executable, ..
            } => tree.file(&path, digest, executable)?,
            Leaf::Symlink { target } => tree.symlink(&path, target)?,
            Leaf::Folder => tree.directory(&path)?,
        }
    }
    Ok(tree.finish())
}

/// The names of passed variables have no place in a `Command`, because a remote worker cannot pass them.
fn salt(passed: &[&str]) -> Vec<u8> {
    let mut salt = DOMAIN.to_vec();
    for name in passed {
        salt.push(0);
        salt.extend_from_slice(name.as_bytes());
    }
    salt
}
