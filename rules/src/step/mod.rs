//! Steps: what is done to a package, one verb per file. A step's fields are its key.

mod artifacts;
mod build;
mod changelog;
mod changes;
mod checksums;
mod commit_back;
mod custom;
mod lock;
mod logbook;
mod look;
mod pin;
mod publish;
mod push;
mod smoke_test;
mod tag;

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Handlers, Mnemonic, ObservedHandler, StepError, Work};
use model::{Adapters, Registry};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use artifacts::{ARTIFACTS, Artifacts, written};
pub use build::BUILD;
pub use changelog::{CHANGELOG, CHANGELOG_FILE, ChangelogStep};
pub use changes::{CHANGES, ChangesStep, Changing};
pub use checksums::{CHECKSUMS, CHECKSUMS_FILE, ChecksumsStep};
pub use commit_back::{COMMIT_BACK, CommitBackStep, Return, Returning};
pub use custom::CUSTOM;
pub use lock::LOCK;
pub use logbook::{LOGBOOK, LogPart, LogbookStep, Logging, OwnLog, WholeLog};
pub use look::{LookStep, POLL, VERIFY};
pub use pin::{PIN, PinStep, Pinning};
pub use publish::{PUBLISH, PublishStep};
pub use push::{PUSH, PushStep, Pushing};
pub use smoke_test::{SMOKE_TEST, SmokeTest};
pub use tag::{TAG, TagStep, Tagging, tag_slot};

/// Everyone who carries out a step, by mnemonic. `registries` are those of the release, by identity; `trial` runs
/// smoke tests.
#[must_use]
pub fn handlers(
    adapters: &Adapters,
    registries: &BTreeMap<String, Arc<dyn Registry>>,
    trial: Arc<dyn ObservedHandler>,
) -> Handlers {
    let mut handlers = Handlers::default();
    handlers.pure.insert(PIN, Arc::new(PinStep::new(adapters)));
    handlers.pure.insert(CHECKSUMS, Arc::new(ChecksumsStep));
    handlers.pure.insert(CHANGELOG, Arc::new(ChangelogStep));
    handlers.pure.insert(LOGBOOK, Arc::new(LogbookStep));
    handlers.pure.insert(CHANGES, Arc::new(ChangesStep));
    handlers
        .observed
        .insert(POLL, Arc::new(LookStep::poll(registries.clone())));
    handlers
        .observed
        .insert(VERIFY, Arc::new(LookStep::verify(registries.clone())));
    handlers.observed.insert(SMOKE_TEST, trial);
    handlers
        .effects
        .insert(PUBLISH, Arc::new(PublishStep::new(registries.clone())));
    if let Some(vcs) = &adapters.vcs {
        handlers
            .effects
            .insert(TAG, Arc::new(TagStep::new(Arc::clone(vcs))));
        handlers
            .effects
            .insert(COMMIT_BACK, Arc::new(CommitBackStep::new(Arc::clone(vcs))));
    }
    if let (Some(vcs), Some(remote)) = (&adapters.vcs, &adapters.remote) {
        let push = PushStep::new(Arc::clone(vcs), Arc::clone(remote));
        handlers.effects.insert(PUSH, Arc::new(push));
    }
    handlers
}

/// The work of a step with these parameters. `version` is raised when they begin to mean something else.
pub(crate) fn work(params: &impl Serialize, version: u32) -> Work {
    Work::Step {
        params: text(params),
        version,
    }
}

/// Parameters as canonical text: fields in the order of their declaration, maps sorted.
fn text(params: &impl Serialize) -> String {
    serde_json::to_string(params).expect("parameters are maps with texts for keys")
}

/// Parameters, read back.
fn read<T: DeserializeOwned>(mnemonic: &Mnemonic, params: &str) -> Result<T, StepError> {
    serde_json::from_str(params).map_err(|error| {
        StepError::new(format!("the parameters of `{mnemonic}` cannot be read: {error}"))
            .hint("this is a defect in releasekit: please report it")
    })
}
