//! Looks ahead: what a run would do, and why, without doing any of it.

mod slot;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cas::Digest;
use serde::{Deserialize, Serialize};

use crate::explain::why_it_runs;
use crate::journal::Recovered;
use crate::provided::Files;
use crate::resolve::{ResolvedInputs, Unresolved};
use crate::run::no_handler;
use crate::walk::{Known, Walk, in_parallel};
use crate::{
    Action, ActionId, ActionResult, Class, Explanation, Graph, History, Manifest, Reason, Result, Work, World,
};

/// How many slots are looked at at once.
const LOOKS: usize = 16;

/// What a run would do with an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its result is kept.
    Cached,
    /// It is certain that it was done.
    Confirmed,
    /// It runs, unless what it waits for turns out as before.
    Run,
    /// It cannot be done as things stand.
    Blocked,
}

impl Status {
    /// The status as a lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cached => "cached",
            Self::Confirmed => "confirmed",
            Self::Run => "run",
            Self::Blocked => "blocked",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a run would do with one action, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Which.
    pub id: ActionId,
    /// What would happen.
    pub status: Status,
    /// Its key, if it is known yet.
    pub key: Option<Digest>,
    /// The most telling reason, in one line.
    pub reason: String,
}

/// What a run of `wanted`, with everything they need, would do; of everything, if none are named. By id.
///
/// # Errors
/// Nobody carries out one of the steps.
pub fn forecast(
    graph: &Graph,
    wanted: &[ActionId],
    world: &World,
    recovered: &Recovered,
    history: &History,
    run: &str,
) -> Result<Vec<Forecast>> {
    let survey = Survey {
        graph,
        world,
        recovered,
        history,
        run,
    };
    let explained = survey.explain(&graph.needed(wanted), None)?;
    let forecast = |(id, explained): (ActionId, Option<Explanation>)| {
        let explained = explained?;
        let reason = explained.summary();
        Some(Forecast {
            id,
            status: explained.status,
            key: explained.key,
            reason,
        })
    };
    Ok(graph.ids().zip(explained).filter_map(forecast).collect())
}

/// Why a run would, or would not, carry out `id`: every reason.
///
/// # Errors
/// Nobody carries out one of the steps.
pub fn explain(
    graph: &Graph,
    id: ActionId,
    world: &World,
    recovered: &Recovered,
    history: &History,
    run: &str,
) -> Result<Explanation> {
    let survey = Survey {
        graph,
        world,
        recovered,
        history,
        run,
    };
    let mut explained = survey.explain(&graph.needed(&[id]), Some(id))?;
    Ok(explained[id.index()].take().expect("what is wanted is explained"))
}

struct Survey<'a> {
    graph: &'a Graph,
    world: &'a World,
    recovered: &'a Recovered,
    history: &'a History,
    run: &'a str,
}

/// The action's own end of the explanation, before those it waits for are considered.
type Own = (Status, Option<Digest>, Vec<Reason>);

impl Survey<'_> {
    /// One explanation per needed action, by id. All reasons of `in_full`; of the others, perhaps one.
    fn explain(&self, needed: &[bool], in_full: Option<ActionId>) -> Result<Vec<Option<Explanation>>> {
        let World {
            store, cache, clock, ..
        } = self.world;
        let walk = Walk {
            graph: self.graph,
            store: &**store,
            cache: &**cache,
            clock: &**clock,
        };
        let known = walk.known(needed);
        let effects: Vec<ActionId> = self
            .graph
            .ids()
            .filter(|id| needed[id.index()] && self.graph.action(*id).class == Class::Effect)
            .collect();
        let looked = in_parallel(LOOKS, &effects, |&id| self.effect(id, &known));
        let mut looked: BTreeMap<ActionId, Result<Own>> = effects.into_iter().zip(looked).collect();
        let mut explained: Vec<Option<Explanation>> = vec![None; needed.len()];
        for &id in self.graph.order().iter().filter(|id| needed[id.index()]) {
            let own = match self.graph.action(id).class {
                Class::Pure | Class::Attested => self.kept(id, &known),
                Class::Observed => self.observed(id, &known),
                Class::Effect => looked.remove(&id).expect("all effects were looked at")?,
            };
            let (status, key, reasons) = self.after_others(id, own, &explained, in_full);
            let name = self.graph.action(id).name.clone();
            explained[id.index()] = Some(Explanation {
                name,
                status,
                key,
                reasons,
            });
        }
        Ok(explained)
    }

    /// Takes those into account that the action waits for.
    fn after_others(
        &self,
        id: ActionId,
        (status, key, mut reasons): Own,
        explained: &[Option<Explanation>],
        in_full: Option<ActionId>,
    ) -> Own {
        if status != Status::Run {
            return (status, key, reasons);
        }
        let others = self
            .graph
            .dependencies(id)
            .iter()
            .filter_map(|id| explained[id.index()].as_ref());
        let mut status = status;
        for other in others {
            let action = other.name.clone();
            match other.status {
                Status::Blocked if status != Status::Blocked => {
                    reasons.insert(0, Reason::BlockedBy { action });
                    status = Status::Blocked;
                }
                Status::Blocked => reasons.push(Reason::BlockedBy { action }),
                Status::Run if in_full == Some(id) => {
                    let waits = Reason::WaitsFor { action };
                    if !reasons.contains(&waits) {
                        reasons.push(waits);
                    }
                }
                _ => {}
            }
        }
        (status, key, reasons)
    }

    fn kept(&self, id: ActionId, known: &[Option<Known>]) -> Own {
        let action = self.graph.action(id);
        match known[id.index()].as_ref().expect("the walk met it") {
            Known::Hit { key, .. } => (Status::Cached, Some(*key), vec![Reason::InCache]),
            Known::Unkeyed(other) => (Status::Run, None, vec![self.waits_for(*other)]),
            Known::Impossible(why) => (Status::Blocked, None, vec![Reason::Unclear { why: why.clone() }]),
            Known::Miss { key } => {
                let reasons = match self.inputs(action, known) {
                    Ok(inputs) => {
                        let facets = Manifest::of(action, &inputs).facets();
                        why_it_runs(self.history, &action.name, key, &facets)
                    }
                    Err(reason) => vec![*reason],
                };
                (Status::Run, Some(*key), reasons)
            }
        }
    }

    fn observed(&self, id: ActionId, known: &[Option<Known>]) -> Own {
        let action = self.graph.action(id);
        let key = match self.inputs(action, known) {
            Ok(inputs) => Manifest::of(action, &inputs).key(),
            Err(reason) => return (Status::Run, None, vec![*reason]),
        };
        let key = match key {
            Ok(key) => key,
            Err(error) => {
                return (
                    Status::Blocked,
                    None,
                    vec![Reason::Unclear {
                        why: error.to_string(),
                    }],
                );
            }
        };
        match self.recovered.observation(self.run, &key) {
            Some(seen) => {
                let summary = seen.summary.clone();
                (Status::Confirmed, Some(key), vec![Reason::Observed { summary }])
            }
            None => (Status::Run, Some(key), vec![Reason::NotObserved]),
        }
    }

    fn effect(&self, id: ActionId, known: &[Option<Known>]) -> Result<Own> {
        let action = self.graph.action(id);
        let handler = self.world.handlers.effects.get(&action.mnemonic);
        let handler = handler.ok_or_else(|| no_handler(action))?;
        let unclear = |why: String| (Status::Blocked, None, vec![Reason::Unclear { why }]);
        let inputs = match self.inputs(action, known) {
            Ok(inputs) => inputs,
            Err(reason) => return Ok((Status::Run, None, vec![*reason])),
        };
        let key = match Manifest::of(action, &inputs).key() {
            Ok(key) => key,
            Err(error) => return Ok(unclear(error.to_string())),
        };
        let Work::Step { params, .. } = &action.work else {
            return Ok(unclear("a process cannot be an effect".to_owned()));
        };
        let files = Files::of(&inputs, Arc::clone(&self.world.store));
        let sendings = match handler.sendings(params, &files) {
            Ok(sendings) => sendings,
            Err(error) => return Ok(unclear(error.message)),
        };
        let states = sendings.iter().map(|sending| self.slot(&**handler, sending));
        let mut states: Vec<(Status, Reason)> = states.collect();
        // What stands in the way comes first, then what is to be done.
        states.sort_by_key(|(status, _)| std::cmp::Reverse(*status));
        let status = states.first().map_or(Status::Confirmed, |(status, _)| *status);
        Ok((
            status,
            Some(key),
            states.into_iter().map(|(_, reason)| reason).collect(),
        ))
    }

    /// The action's inputs, or why they are not known.
    fn inputs<'i>(
        &'i self,
        action: &'i Action,
        known: &[Option<Known>],
    ) -> std::result::Result<ResolvedInputs<'i>, Box<Reason>> {
        let made = |id: ActionId| -> Option<Arc<ActionResult>> { known[id.index()].as_ref()?.result() };
        ResolvedInputs::of(self.graph, action, &made, &*self.world.store).map_err(|unresolved| {
            Box::new(match unresolved {
                Unresolved::NotYet(id) | Unresolved::Lost(id) => self.waits_for(id),
                Unresolved::Refused(error) => Reason::Unclear {
                    why: error.to_string(),
                },
            })
        })
    }

    fn waits_for(&self, id: ActionId) -> Reason {
        Reason::WaitsFor {
            action: self.graph.action(id).name.clone(),
        }
    }
}
