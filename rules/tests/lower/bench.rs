//! One package, everyone who carries out its steps, and inputs in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cas::Digest;
use engine::{Cancel, EffectHandler, Facts, Handlers, Mnemonic, ObservedHandler, Provided, StepError, Work};
use model::Registry;

use crate::support::{Memory, Shelf, World};

/// Inputs in memory.
#[derive(Default)]
pub(crate) struct Inputs {
    files: BTreeMap<String, Digest>,
    blobs: BTreeMap<Digest, Bytes>,
}

impl Inputs {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut inputs = Self::default();
        for (path, text) in files {
            let bytes = Bytes::from((*text).to_owned());
            inputs.files.insert((*path).to_owned(), Digest::of(&bytes));
            inputs.blobs.insert(Digest::of(&bytes), bytes);
        }
        inputs
    }
}

impl Provided for Inputs {
    fn files(&self) -> &BTreeMap<String, Digest> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Bytes, StepError> {
        self.blob(
            self.files
                .get(path)
                .ok_or_else(|| StepError::new("no such input"))?,
        )
    }

    fn blob(&self, digest: &Digest) -> Result<Bytes, StepError> {
        self.blobs
            .get(digest)
            .cloned()
            .ok_or_else(|| StepError::new("no such blob"))
    }
}

pub(crate) struct NeverTried;

impl ObservedHandler for NeverTried {
    fn observe(&self, _: &str, _: &dyn Provided, _: Duration, _: &Cancel) -> Result<Facts, StepError> {
        Err(StepError::new("this is never tried"))
    }
}

/// A world with one package, its handlers, and the registry behind them.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) handlers: Handlers,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) vcs: Arc<Memory>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let mut world = World::new(&[("core/toy.toy", "name core\n")]);
        let (shelf, vcs) = (Arc::new(Shelf::new("main")), Arc::new(Memory::default()));
        world.adapters.vcs = Some(Arc::<Memory>::clone(&vcs));
        let registry: Arc<dyn Registry> = Arc::<Shelf>::clone(&shelf);
        let registries = BTreeMap::from([(registry.identity(), registry)]);
        let handlers = rules::handlers(&world.adapters, &registries, Arc::new(NeverTried));
        Self {
            world,
            handlers,
            shelf,
            vcs,
        }
    }

    pub(crate) fn params(&self, action: &str) -> String {
        match &self.world.lower().get(action).work {
            Work::Step { params, .. } => params.clone(),
            Work::Command(_) => panic!("this is a command"),
        }
    }

    pub(crate) fn make(
        &self,
        mnemonic: &Mnemonic,
        params: &str,
        inputs: &Inputs,
    ) -> Result<BTreeMap<String, String>, StepError> {
        let made = self.handlers.pure[mnemonic].make(params, inputs)?;
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).expect("text");
        Ok(made
            .into_iter()
            .map(|(path, bytes)| (path, text(bytes)))
            .collect())
    }

    pub(crate) fn observe(
        &self,
        mnemonic: &Mnemonic,
        action: &str,
        inputs: &Inputs,
    ) -> Result<Facts, StepError> {
        let handler = &self.handlers.observed[mnemonic];
        handler.observe(
            &self.params(action),
            inputs,
            Duration::from_secs(1),
            &Cancel::new(),
        )
    }

    pub(crate) fn effect(&self, mnemonic: &Mnemonic) -> &dyn EffectHandler {
        &*self.handlers.effects[mnemonic]
    }
}
