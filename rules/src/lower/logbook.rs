//! The action that puts what is new into the changelogs of the repository, for the commit that brings them back.

use std::collections::{BTreeMap, BTreeSet};

use cas::Digest;
use engine::{Action, Class, Input, Policy};
use model::{Diagnostic, Location, Package, Version};

use super::chain::Chains;
use super::files::Files;
use super::package::reporter;
use crate::changelog::{News, own_changelogs};
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
    let mut owners: Vec<(OwnLog, &Package, &Version)> = Vec::new();
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
        let own = OwnLog {
            file: String::new(),
            version: planned.next.clone(),
            text,
        };
        owners.push((own, chain.package, &planned.next));
    }
    if told.is_empty() {
        return None;
    }
    match own_changelogs(chains.release.train, owners) {
        Ok(owners) => logging
            .own
            .extend(owners.into_iter().map(|(file, own)| OwnLog { file, ..own })),
        Err(clash) => wrong.push(clash),
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
    // A package's own may be the repository's.
    for file in own.chain(whole).collect::<BTreeSet<String>>() {
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
        work: step::work(&logging, 2),
        ..template
    };
    Some(Logbook { action, files: made })
}
