//! One run, from what is kept to what has to be carried out.

use std::sync::Arc;

use crate::layer::turns::Turns;
use crate::run::reactor::Reactors;
use crate::run::{Context, no_handler};
use crate::scheduler::{Manner, Scheduler};
use crate::state::State;
use crate::walk::{Known, Walk, in_parallel};
use crate::{
    Action, ActionId, ActionResult, Class, Error, Finished, Graph, History, Journal, Manifest, Options,
    Outcome, Remembered, ResolvedInputs, Result, Results, Work, World, deliver,
};

/// How many results are delivered at once.
const DELIVERIES: usize = 4;

/// Carries out `wanted` with everything they need; everything, if none are named. Must not be called from within
/// an asynchronous runtime.
///
/// Results that are kept are taken first, on the calling thread; only if something is left, threads are started.
///
/// # Errors
/// Something is wrong with the actions or their surroundings as a whole. A failing action is not an error but an
/// [`Outcome`].
pub fn run(
    graph: &Graph,
    wanted: &[ActionId],
    world: &World,
    journal: Option<&Journal>,
    history: &History,
    options: &Options<'_>,
) -> Result<Results> {
    let needed = graph.needed(wanted);
    for (action, _) in graph
        .actions()
        .iter()
        .zip(&needed)
        .filter(|(_, is_needed)| **is_needed)
    {
        check(action, world, journal)?;
    }
    let mut state = State::new(graph, needed.clone(), &*world.observer);
    take_kept(graph, &needed, world, history, options, &mut state);
    let manner = Manner {
        jobs: options.jobs,
        fail_fast: options.fail_fast,
        seal: options.seal,
    };
    let scheduler = Scheduler::new(
        graph,
        context(graph, world, journal, options),
        state,
        history,
        &manner,
    );
    let results = scheduler.run()?;
    if results.counts().executed > 0 {
        let synced = world.store.sync().and_then(|()| world.cache.sync());
        if let Err(error) = synced {
            tracing::warn!(%error, "what was made may not survive a power loss");
        }
    }
    Ok(results)
}

fn check(action: &Action, world: &World, journal: Option<&Journal>) -> Result<()> {
    let (handlers, mnemonic) = (&world.handlers, &action.mnemonic);
    if action.class == Class::Effect && journal.is_none() {
        return Err(Error::NoJournal(action.name.clone()));
    }
    let is_known = match (&action.work, action.class) {
        (Work::Command(_), _) => true,
        (_, Class::Pure | Class::Attested) => handlers.pure.contains_key(mnemonic),
        (_, Class::Observed) => handlers.observed.contains_key(mnemonic),
        (_, Class::Effect) => handlers.effects.contains_key(mnemonic),
    };
    if is_known { Ok(()) } else { Err(no_handler(action)) }
}

fn context(graph: &Graph, world: &World, journal: Option<&Journal>, options: &Options<'_>) -> Context {
    Context {
        graph: graph.clone(),
        store: Arc::clone(&world.store),
        cache: Arc::clone(&world.cache),
        handlers: world.handlers.clone(),
        clock: Arc::clone(&world.clock),
        random: Arc::clone(&world.random),
        env: world.env.clone(),
        journal: journal.cloned(),
        cancel: options.cancel.clone(),
        scratch: options.scratch.clone(),
        workspace: options.workspace.clone(),
        keep_scratch: options.keep_scratch,
        deliver: options.deliver,
        run: options.run.clone(),
        turns: Turns::default(),
        reactors: Reactors::default(),
    }
}

/// Ends every action whose result is kept and whose dependencies have all ended that way.
fn take_kept(
    graph: &Graph,
    needed: &[bool],
    world: &World,
    history: &History,
    options: &Options<'_>,
    state: &mut State<'_>,
) {
    let World {
        store, cache, clock, ..
    } = world;
    let walk = Walk {
        graph,
        store: &**store,
        cache: &**cache,
        clock: &**clock,
    };
    let known = walk.known(needed);
    let mut is_kept = vec![false; known.len()];
    let mut hits: Vec<(ActionId, &Arc<ActionResult>)> = Vec::new();
    for &id in graph.order() {
        if let Some(Known::Hit { result, .. }) = &known[id.index()]
            && graph
                .dependencies(id)
                .iter()
                .all(|before| is_kept[before.index()])
        {
            is_kept[id.index()] = true;
            hits.push((id, result));
        }
    }
    let lay_down = |(id, result): &(ActionId, &Arc<ActionResult>)| {
        !options.deliver
            || deliver::all(graph.action(*id), result, &**store, &options.workspace).unwrap_or(false)
    };
    let width = if options.deliver { DELIVERIES } else { 1 };
    let delivered = in_parallel(width, &hits, lay_down);
    for ((id, result), is_delivered) in hits.into_iter().zip(delivered) {
        // What could not be delivered is left to the scheduler, and so is what waits for it.
        if is_delivered && state.is_ready(id) {
            let key = known[id.index()].as_ref().and_then(Known::key);
            remember(graph, id, key, &known, world, history);
            let outputs = Some(Arc::clone(result));
            state.finish(
                id,
                Finished {
                    key,
                    outputs,
                    ..Finished::new(Outcome::Cached)
                },
            );
        }
    }
}

/// Remembers how a kept action looks, unless it looks as it did.
fn remember(
    graph: &Graph,
    id: ActionId,
    key: Option<cas::Digest>,
    known: &[Option<Known>],
    world: &World,
    history: &History,
) {
    let action = graph.action(id);
    let Some(key) = key.filter(|key| history.key(&action.name) != Some(*key)) else {
        return;
    };
    let made = |id: ActionId| known[id.index()].as_ref()?.result();
    if let Ok(inputs) = ResolvedInputs::of(graph, action, &made, &*world.store) {
        let facets = Manifest::of(action, &inputs).facets();
        let took = history.duration(&action.name).unwrap_or_default();
        history.note(&action.name, Remembered { key, took, facets });
    }
}
