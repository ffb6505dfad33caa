//! The action that puts what is new into the changelogs of the repository, for the commit that brings them back.

use std::collections::BTreeMap;

use cas::Digest;
use engine::{Action, Class, Input, Policy};
use model::{Diagnostic, Location};

use super::chain::{Chain, Chains};
use super::files::Files;
use super::package::reporter;
use crate::changelog::News;
use crate::step::{self, CHANGELOG_FILE, LogPart, Logging, OwnLog, WholeLog};

/// The action, and the files it makes with the digests of what they hold now.
pub(super) struct Logbook {
    pub(super) action: Action,
    pub(super) files: BTreeMap<String, Option<Digest>>,
}

/// The action, made out of a template of the release's own actions; `None` if nothing is new.
pub(super) fn logbook(
    chains: &Chains<'_>,
    files: &Files<'_>,
    template: Action,
    wrong: &mut Vec<Diagnostic>,
) -> Option<Logbook> {
    let (mut logging, mut inputs) = (Logging::default(), Vec::new());
    let mut told: Vec<(News, LogPart)> = Vec::new();
    let mut owners: BTreeMap<String, &Chain<'_>> = BTreeMap::new();
    for chain in &chains.chains {
        let (Some(planned), Some(changelog)) = (chain.planned, chain.ids.changelog) else {
            continue;
        };
        let text = format!("news/{}", inputs.len());
        inputs.push(Input::Output {
            action: changelog,
            output: CHANGELOG_FILE.to_owned(),
            path: text.clone(),
        });
        let news = reporter(chains).news(planned);
        let part = LogPart {
            name: chain.name.clone(),
            version: planned.next.clone(),
            comparison: news.comparison(),
            text: text.clone(),
        };
        told.push((news, part));
        let file = own_file(chains, chain);
        match owners.get(&file) {
            // Packages in one folder have the same commits; with one version it is one text.
            Some(first) if first.version == chain.version => {}
            Some(first) => wrong.push(two_owners(&file, first, chain)),
            None => {
                logging.own.push(OwnLog {
                    file: file.clone(),
                    version: planned.next.clone(),
                    text,
                });
                owners.insert(file, chain);
            }
        }
    }
    if told.is_empty() {
        return None;
    }
    let title = crate::changelog::title(told.iter().map(|(news, _)| news));
    logging.whole = chains
        .release
        .train
        .changelog
        .workspace_file
        .clone()
        .map(|file| WholeLog {
            file,
            title,
            parts: told.into_iter().map(|(_, part)| part).collect(),
        });
    let own = logging.own.iter().map(|own| own.file.clone());
    let whole = logging.whole.iter().map(|whole| whole.file.clone());
    let mut made: BTreeMap<String, Option<Digest>> = BTreeMap::new();
    for file in own.chain(whole) {
        let found = files.at(&file).map(|origin| files.input(origin));
        let digest = match found {
            None => None,
            Some(Ok(input)) => {
                let digest = match &input {
                    Input::Source { digest, .. } => Some(*digest),
                    Input::Output { .. } => None,
                };
                inputs.push(input);
                digest
            }
            Some(Err(reason)) => {
                wrong.push(Diagnostic::error(reason, Location::file(file.as_str())));
                None
            }
        };
        made.insert(file, digest);
    }
    let action = Action {
        inputs,
        outputs: made.keys().cloned().collect(),
        policy: Policy::default(),
        class: Class::Pure,
        mnemonic: step::LOGBOOK,
        work: step::work(&logging, 1),
        ..template
    };
    Some(Logbook { action, files: made })
}

fn own_file(chains: &Chains<'_>, chain: &Chain<'_>) -> String {
    let file = &chains.release.train.changelog.file;
    match chain.package.path.as_str() {
        "" => file.clone(),
        folder => format!("{folder}/{file}"),
    }
}

fn two_owners(file: &str, first: &Chain<'_>, other: &Chain<'_>) -> Diagnostic {
    let message = format!("`{}` and `{}` would both write `{file}`", first.name, other.name);
    Diagnostic::error(message, Location::file(&*other.package.manifest))
        .hint("packages in one folder need one version: a fixed group")
}
