//! A small world in memory: a store, handlers that obey their contracts, and somebody who writes down events.

mod actions;
mod handlers;
mod shelf;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use cas::{Digest, Memory};
use engine::*;

pub(crate) use actions::*;
pub(crate) use handlers::*;
pub(crate) use shelf::*;

/// The run's name in most tests.
pub(crate) const RUN: &str = "first";

/// Everything a test needs.
pub(crate) struct Stage {
    pub(crate) memory: Arc<Memory>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) events: Arc<Events>,
    pub(crate) handlers: Handlers,
    pub(crate) history: History,
    pub(crate) cancel: Cancel,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) jobs: usize,
    pub(crate) fail_fast: bool,
    pub(crate) deliver: bool,
    pub(crate) keep_scratch: bool,
    pub(crate) run: String,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            memory: Arc::new(Memory::new()),
            folder: tempfile::tempdir().expect("a temporary folder"),
            events: Arc::default(),
            handlers: Handlers::default(),
            history: History::empty(),
            cancel: Cancel::new(),
            clock: Arc::new(FixedClock::new(1_700_000_000)),
            env: BTreeMap::new(),
            jobs: 2,
            fail_fast: false,
            deliver: false,
            keep_scratch: false,
            run: RUN.to_owned(),
        }
    }

    pub(crate) fn world(&self) -> World {
        World {
            store: Arc::<Memory>::clone(&self.memory),
            cache: Arc::<Memory>::clone(&self.memory),
            handlers: self.handlers.clone(),
            observer: Arc::<Events>::clone(&self.events),
            clock: Arc::clone(&self.clock),
            random: Arc::new(SeededRandom::new(1)),
            env: self.env.clone(),
        }
    }

    pub(crate) fn options(&self) -> Options<'static> {
        Options {
            jobs: self.jobs,
            fail_fast: self.fail_fast,
            cancel: self.cancel.clone(),
            scratch: self.path("scratch"),
            workspace: self.path("workspace"),
            keep_scratch: self.keep_scratch,
            run: self.run.clone(),
            seal: None,
            deliver: self.deliver,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&self.path("journal")).expect("the journal opens")
    }

    pub(crate) fn run(&self, graph: &Graph) -> Results {
        self.run_with(graph, None)
    }

    pub(crate) fn run_with(&self, graph: &Graph, journal: Option<&Journal>) -> Results {
        run(graph, &[], &self.world(), journal, &self.history, &self.options()).expect("the run starts")
    }

    pub(crate) fn forecast(&self, graph: &Graph, recovered: &Recovered) -> Vec<Forecast> {
        forecast(graph, &[], &self.world(), recovered, &self.history, &self.run).expect("handlers are there")
    }

    /// A source file of these bytes, laid out under its own name.
    pub(crate) fn source(&self, name: &str, bytes: &[u8]) -> Input {
        let from = self.path(name);
        std::fs::create_dir_all(from.parent().expect("a parent")).expect("made");
        std::fs::write(&from, bytes).expect("written");
        Input::Source {
            from,
            path: name.to_owned(),
            digest: Digest::of(bytes),
            executable: false,
        }
    }

    pub(crate) fn bytes(&self, results: &Results, id: ActionId, output: &str) -> Bytes {
        let result = results.result(id).expect("it has a result");
        let digest = result.outputs[output].digest();
        cas::Store::get(&*self.memory, digest)
            .expect("memory")
            .expect("the bytes are there")
    }
}

impl Stage {
    /// With the handler of [`step`].
    pub(crate) fn with_join(mut self) -> (Self, Arc<Join>) {
        let join = Arc::new(Join::default());
        self.handlers
            .pure
            .insert(Mnemonic::new("Join"), Arc::<Join>::clone(&join));
        (self, join)
    }

    pub(crate) fn with_shelf(mut self, mnemonic: &'static str, shelf: Shelf) -> (Self, Arc<Shelf>) {
        let shelf = Arc::new(shelf);
        self.handlers
            .effects
            .insert(Mnemonic::new(mnemonic), Arc::<Shelf>::clone(&shelf));
        (self, shelf)
    }

    pub(crate) fn with_pure<F>(mut self, mnemonic: &'static str, make: F) -> Self
    where
        F: Fn(&str, &dyn Provided) -> Result<Bytes, StepError> + Send + Sync + 'static,
    {
        self.handlers
            .pure
            .insert(Mnemonic::new(mnemonic), Arc::new(Scripted(make)));
        self
    }
}
