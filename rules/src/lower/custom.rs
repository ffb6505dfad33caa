//! Declared actions: commands on files of the repository, laid out as they are there.

use std::collections::{BTreeSet, HashMap};

use engine::{Action, ActionId, Class, Command, Input, Policy, Work};
use model::{ActionDecl, Diagnostic};

use super::files::{Files, Origin, is_inside, plain};
use super::pattern::is_pattern;
use super::{Release, id};
use crate::step::CUSTOM;

/// One action per declaration, in the order declared.
pub(super) fn lower(release: &Release<'_>, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) -> Vec<Action> {
    let mut names: HashMap<&str, &ActionDecl> = HashMap::with_capacity(release.config.actions.len());
    let mut actions = Vec::with_capacity(release.config.actions.len());
    for (place, decl) in release.config.actions.iter().enumerate() {
        if let Some(first) = names.insert(&decl.name, decl) {
            let message = format!("two actions are called `{}`", decl.name);
            let hint = format!("the other one is declared at {}", first.location);
            wrong.push(Diagnostic::error(message, decl.location.clone()).hint(hint));
        }
        match action(release, files, decl, id(place)) {
            Ok(action) => actions.push(action),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    actions
}

fn action(
    release: &Release<'_>,
    files: &Files<'_>,
    decl: &ActionDecl,
    own: ActionId,
) -> Result<Action, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let inputs = inputs(files, decl, own, &mut wrong);
    let mut outputs: Vec<String> = decl
        .outputs
        .iter()
        .map(|output| plain(output).to_owned())
        .collect();
    outputs.sort_unstable();
    outputs.dedup();
    for output in &outputs {
        if output.is_empty() || !is_inside(output) || is_pattern(output) {
            let message = format!("`{}` cannot make `{output}`", decl.name);
            let hint = "name a file or a folder inside the repository, relative to its root";
            wrong.push(Diagnostic::error(message, decl.location.clone()).hint(hint));
        }
    }
    let argv = match &decl.command[..] {
        [] => {
            let diagnostic =
                Diagnostic::error(format!("`{}` has no command", decl.name), decl.location.clone());
            wrong.push(diagnostic.hint("give it a program and its arguments, or a text for a shell"));
            Vec::new()
        }
        [text] => ["sh", "-euc", text].map(str::to_owned).to_vec(),
        argv => argv.to_vec(),
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let command = Command {
        argv,
        env: decl.env.iter().cloned().collect(),
        pass_env: BTreeSet::from(["PATH".to_owned()]),
        workdir: String::new(),
        platform: release.platform.clone(),
    };
    Ok(Action {
        name: decl.name.clone(),
        owner: decl.name.clone(),
        mnemonic: CUSTOM,
        class: Class::Pure,
        work: Work::Command(command),
        inputs,
        deliver: outputs
            .iter()
            .map(|output| (output.clone(), output.clone()))
            .collect(),
        outputs,
        after: Vec::new(),
        policy: Policy {
            timeout: decl.timeout,
            ..Policy::default()
        },
    })
}

/// Every input once, sorted by path. What the action makes itself is not among them.
fn inputs(files: &Files<'_>, decl: &ActionDecl, own: ActionId, wrong: &mut Vec<Diagnostic>) -> Vec<Input> {
    let mut origins: Vec<(&str, Origin<'_>)> = Vec::new();
    for text in &decl.inputs {
        let path = plain(text);
        let problem = match files.meant_by(path) {
            _ if !is_inside(path) => Err(outside(decl, text)),
            Err(reason) => Err(bad_pattern(decl, text, &reason)),
            Ok(found) if found.is_empty() => Err(absent(files, decl, text)),
            Ok(found) if matches!(found[..], [Origin::Output(output, maker)] if maker == own && output == path) => {
                Err(circular(decl, text))
            }
            Ok(found) => Ok(found),
        };
        match problem {
            Err(diagnostic) => wrong.push(diagnostic),
            Ok(found) => origins.extend(found.iter().filter_map(|origin| match *origin {
                Origin::Output(_, maker) if maker == own => None,
                Origin::Output(path, _) | Origin::File(path) => Some((path, *origin)),
            })),
        }
    }
    origins.sort_unstable();
    origins.dedup();
    let mut inputs = Vec::with_capacity(origins.len());
    for (_, origin) in origins {
        match files.input(origin) {
            Ok(input) => inputs.push(input),
            Err(reason) => wrong.push(Diagnostic::error(reason, decl.location.clone())),
        }
    }
    inputs
}

fn outside(decl: &ActionDecl, text: &str) -> Diagnostic {
    let message = format!(
        "`{}` takes in `{text}`, which is not inside the repository",
        decl.name
    );
    Diagnostic::error(message, decl.location.clone()).hint("inputs are relative to the repository's root")
}

fn bad_pattern(decl: &ActionDecl, text: &str, reason: &str) -> Diagnostic {
    let message = format!(
        "`{}` takes in `{text}`, which is not a pattern: {reason}",
        decl.name
    );
    Diagnostic::error(message, decl.location.clone())
        .hint("write a file, a folder, or a glob such as `src/**/*.rs`")
}

fn circular(decl: &ActionDecl, text: &str) -> Diagnostic {
    let message = format!("`{}` takes in `{text}`, which it makes itself", decl.name);
    Diagnostic::error(message, decl.location.clone()).hint("remove it from `inputs` or from `outputs`")
}

fn absent(files: &Files<'_>, decl: &ActionDecl, text: &str) -> Diagnostic {
    let message = format!("`{}` takes in `{text}`, and there is nothing like it", decl.name);
    let hint = match files.nearest(plain(text)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a file, a folder or a glob of the repository that git does not ignore, \
                 or an output of another action"
            .to_owned(),
    };
    Diagnostic::error(message, decl.location.clone()).hint(hint)
}
