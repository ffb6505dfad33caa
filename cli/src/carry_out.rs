//! Carrying out a prepared graph, and looking ahead at what that would do.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use clap::Args;
use engine::{
    ActionId, Cancel, Explanation, Forecast, History, Journal, Lock, Medium, Options, Record, Recovered,
    Results, StepError, printable,
};
use rules::Stage;

use crate::exit::{Failure, Kind};
use crate::fault::CrashingMedium;
use crate::plan::Prepared;
use crate::project::Project;
use crate::promised::Built;
use crate::unfinished::{Begun, Unfinished};
use crate::world::World;
use crate::{observe, outcome, promised, signals, unfinished};

/// How failures are dealt with.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Manner {
    /// Start nothing new after the first failure
    #[arg(long)]
    fail_fast: bool,
    /// After a failure, go on with everything that does not depend on it (the default)
    #[arg(long, conflicts_with = "fail_fast")]
    continue_on_error: bool,
    /// Keep the folders commands ran in, to look at them
    #[arg(long)]
    keep_scratch: bool,
}

/// Runs the graph; how it ended, and how each action did.
pub(crate) fn carry_out(
    world: &World,
    project: &Project,
    prepared: &Prepared,
    stage: Stage,
    manner: Manner,
) -> Result<(Kind, Results), Failure> {
    make_state_folder(world)?;
    let publishing = match stage {
        Stage::Build => None,
        Stage::Publish => Some(Publishing::open(world, prepared)?),
    };
    let history = History::load(&world.state("history"));
    let cancel = Cancel::new();
    signals::watch(&cancel);
    let journal = publishing.as_ref().map(|publishing| &publishing.journal);
    let vcs = project.adapters.vcs.as_ref().map_or("git", |vcs| vcs.name());
    let in_the_way: OnceLock<Unfinished> = OnceLock::new();
    let seal = |results: &Results| {
        let built = outcome::built(world, prepared, results)?;
        let before = publishing
            .as_ref()
            .and_then(|publishing| publishing.promised(prepared, vcs, &built));
        if let Some(before) = before {
            in_the_way.get_or_init(|| before);
            return Err(StepError::new("another release has to be finished first"));
        }
        outcome::seal(world, prepared, journal, &built)
    };
    let options = Options {
        jobs: prepared.jobs,
        fail_fast: manner.fail_fast,
        cancel: cancel.clone(),
        scratch: world.scratch(),
        workspace: world.root.clone(),
        keep_scratch: manner.keep_scratch,
        run: prepared.run.clone(),
        seal: if stage == Stage::Publish {
            Some(&seal)
        } else {
            None
        },
        deliver: true,
    };
    let running = engine_world(world, prepared, observe::standard(world))?;
    let results = engine::run(
        &prepared.graph,
        &prepared.wanted,
        &running,
        journal,
        &history,
        &options,
    )?;
    keep(world, project, &history, &running);
    let before = in_the_way.into_inner();
    let kind = match before {
        None => outcome::kind(&results, cancel.is_cancelled()),
        Some(_) => Kind::Refused,
    };
    if let Some(publishing) = &publishing {
        publishing.close(world, prepared, kind)?;
    }
    let Some(before) = before else {
        return Ok((kind, results));
    };
    Err(Failure::about(kind, vec![before.told(vcs, false)]))
}

/// The actions of the release as a whole that were not asked for.
fn left_open(prepared: &Prepared) -> Vec<&str> {
    let needed = prepared.graph.needed(&prepared.wanted);
    let ends = [rules::COMMIT_BACK, rules::PUSH, rules::TAG];
    let of_packages: BTreeSet<ActionId> = prepared.packages.values().flatten().copied().collect();
    let actions = prepared
        .graph
        .ids()
        .filter(|id| !needed[id.index()] && !of_packages.contains(id));
    let actions = actions.map(|id| prepared.graph.action(id));
    let open = actions.filter(|action| ends.contains(&action.mnemonic));
    open.map(|action| action.name.as_str()).collect()
}

/// What would become of every action that is wanted. Nothing is run and nothing is written.
pub(crate) fn look_ahead(world: &World, prepared: &Prepared) -> Result<Vec<Forecast>, Failure> {
    let (running, recovered, history) = onlooker(world, prepared)?;
    Ok(engine::forecast(
        &prepared.graph,
        &prepared.wanted,
        &running,
        &recovered,
        &history,
        &prepared.run,
    )?)
}

/// Why one action would run, or would not.
pub(crate) fn reasons(world: &World, prepared: &Prepared, id: ActionId) -> Result<Explanation, Failure> {
    let (running, recovered, history) = onlooker(world, prepared)?;
    Ok(engine::explain(
        &prepared.graph,
        id,
        &running,
        &recovered,
        &history,
        &prepared.run,
    )?)
}

fn onlooker(world: &World, prepared: &Prepared) -> Result<(engine::World, Recovered, History), Failure> {
    struct Nobody;
    impl engine::Observer for Nobody {
        fn notice(&self, _: &engine::Event) {}
    }
    let recovered = Recovered::of(&Journal::read(&world.state("journal"))?);
    let history = History::load(&world.state("history"));
    Ok((
        engine_world(world, prepared, Arc::new(Nobody))?,
        recovered,
        history,
    ))
}

fn engine_world(
    world: &World,
    prepared: &Prepared,
    observer: Arc<dyn engine::Observer>,
) -> Result<engine::World, Failure> {
    let disk = world.disk()?;
    Ok(engine::World {
        store: Arc::<cas::Disk>::clone(&disk),
        cache: disk,
        handlers: prepared.handlers.clone(),
        observer,
        clock: Arc::new(engine::SystemClock::new()),
        random: Arc::new(engine::SystemRandom::new()),
        env: world.env.clone(),
    })
}

/// What one release holds on to while it runs.
struct Publishing {
    journal: Journal,
    _lock: Lock,
    /// What was begun before.
    begun: Vec<Begun>,
}

impl Publishing {
    fn open(world: &World, prepared: &Prepared) -> Result<Self, Failure> {
        let holder = format!("process {}, release {}", std::process::id(), prepared.run);
        let lock = Lock::acquire(&world.state("lock"), &holder)?;
        let crash_at = world.env.get("RELEASEKIT_CRASH_AT").cloned();
        let wrap = |file: Box<dyn Medium>| match crash_at {
            Some(point) => CrashingMedium::wrap(&point, file),
            None => file,
        };
        let journal = Journal::open_with(&world.state("journal"), wrap)?;
        let begun = unfinished::begun(world)?;
        journal.append(Record::Opened {
            run: prepared.run.clone(),
            subject: prepared.subject(),
            detail: unfinished::detail(prepared.history.commit(), prepared.history.head.branch.as_deref()),
        })?;
        Ok(Self {
            journal,
            _lock: lock,
            begun,
        })
    }

    /// Writes down how it ended.
    fn close(&self, world: &World, prepared: &Prepared, kind: Kind) -> Result<(), Failure> {
        let open = left_open(prepared);
        let outcome = if kind == Kind::Done && !open.is_empty() {
            let open = open.join(", ");
            let note = format!("left open: {open}; `releasekit publish` without a name does that too");
            world.terminal.note(&printable(&note));
            "partly done"
        } else {
            outcome::word(kind)
        };
        let (run, outcome) = (prepared.run.clone(), outcome.to_owned());
        Ok(self.journal.append(Record::Closed { run, outcome })?)
    }

    /// The release that has to be finished before this one can be.
    fn promised(&self, prepared: &Prepared, vcs: &str, built: &Built) -> Option<Unfinished> {
        promised::elsewhere(prepared, vcs, &self.journal.recovered(), &self.begun, built)
    }
}

/// Makes the folder of local state, which ignores itself.
fn make_state_folder(world: &World) -> Result<(), Failure> {
    let ignore = world.state(".gitignore");
    if !ignore.exists() {
        let folder = world.state("");
        std::fs::create_dir_all(&folder).map_err(cas::Error::io("make the folder", &folder))?;
        cas::write_atomically(&ignore, b"*\n")?;
    }
    Ok(())
}

/// Keeps what makes the next run faster. Losing it costs time only.
fn keep(world: &World, project: &Project, history: &History, running: &engine::World) {
    let kept = [
        history
            .save(&world.state("history"))
            .map_err(|error| error.to_string()),
        project.tree.digests.save().map_err(|error| error.to_string()),
        running.store.sync().map_err(|error| error.to_string()),
        running.cache.sync().map_err(|error| error.to_string()),
    ];
    for error in kept.into_iter().filter_map(Result::err) {
        let warning = model::Diagnostic::warning(format!("the next run will be slower: {error}"), None);
        world.terminal.diagnose(&warning);
    }
}
