//! Asks the action cache, and believes only entries that are whole.

use std::collections::BTreeSet;

use cas::{ActionCache, Digest, Store};

use crate::{Action, ActionResult, Work};

/// A result that was kept, with every blob it names; whether these are there has not been asked.
pub(crate) struct Kept {
    pub(crate) result: ActionResult,
    pub(crate) blobs: BTreeSet<Digest>,
}

/// What is kept for `action` under `key`. A cache that cannot be read has nothing.
pub(crate) fn find(
    action: &Action,
    key: &Digest,
    cache: &dyn ActionCache,
    store: &dyn Store,
) -> Option<Kept> {
    let bytes = match cache.get(key) {
        Ok(bytes) => bytes?,
        Err(error) => {
            tracing::warn!(action = action.name, %error, "the action cache cannot be read");
            return None;
        }
    };
    let result = ActionResult::decode_from(&bytes, workdir(action), &action.outputs)?;
    if result.exit_code != 0 {
        return None;
    }
    match result.digests(store) {
        Ok(blobs) => Some(Kept {
            blobs: blobs?,
            result,
        }),
        Err(error) => {
            tracing::warn!(action = action.name, %error, "the store cannot be read");
            None
        }
    }
}

/// The same, if every blob it names is there.
pub(crate) fn find_whole(
    action: &Action,
    key: &Digest,
    cache: &dyn ActionCache,
    store: &dyn Store,
) -> Option<ActionResult> {
    let kept = find(action, key, cache, store)?;
    let blobs: Vec<Digest> = kept.blobs.into_iter().collect();
    missing(&blobs, store)?.is_empty().then_some(kept.result)
}

/// Those of `blobs` that are absent; `None` if the store cannot say.
pub(crate) fn missing(blobs: &[Digest], store: &dyn Store) -> Option<BTreeSet<Digest>> {
    if blobs.is_empty() {
        return Some(BTreeSet::new());
    }
    match store.missing(blobs) {
        Ok(missing) => Some(missing.into_iter().collect()),
        Err(error) => {
            tracing::warn!(%error, "the store cannot say what it has");
            None
        }
    }
}

/// Keeps `result` for later runs. One that cannot be kept is made again next time.
pub(crate) fn keep(action: &Action, key: &Digest, result: &ActionResult, cache: &dyn ActionCache) {
    if let Err(error) = cache.put(key, &result.encode_from(workdir(action))) {
        tracing::warn!(action = action.name, %error, "the result could not be kept");
    }
}

fn workdir(action: &Action) -> &str {
    match &action.work {
        Work::Command(command) => &command.workdir,
        Work::Step { .. } => "",
    }
}
