//! Finds out, without running anything, which results are kept: the whole of a run in which nothing changed.
//!
//! Level by level, because the keys of one level follow from the results of those before it. Lookups happen on the
//! calling thread as long as they are quick, as they are on a disk; once they are slow, as over a network, many
//! are made at once. Whether blobs are there is asked once per level.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cas::{ActionCache, Digest, Store};

use crate::layer::lookup;
use crate::resolve::{ResolvedInputs, Unresolved};
use crate::{ActionId, ActionResult, Clock, Graph, Manifest};

/// How many lookups are made before their speed is judged.
const SAMPLE: u32 = 8;
/// The mean time of a lookup from which on many are made at once.
const SLOW: Duration = Duration::from_micros(500);
/// How many at once.
const WIDTH: usize = 64;

/// What is known of an action whose result can be kept.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// Its result is kept, and whole.
    Hit { key: Digest, result: Arc<ActionResult> },
    /// Its key is known, and nothing whole is kept under it.
    Miss { key: Digest },
    /// Its key waits for what this action will make.
    Unkeyed(ActionId),
    /// It cannot have a key.
    Impossible(String),
}

impl Known {
    pub(crate) const fn key(&self) -> Option<Digest> {
        match self {
            Self::Hit { key, .. } | Self::Miss { key } => Some(*key),
            Self::Unkeyed(_) | Self::Impossible(_) => None,
        }
    }

    pub(crate) fn result(&self) -> Option<Arc<ActionResult>> {
        match self {
            Self::Hit { result, .. } => Some(Arc::clone(result)),
            _ => None,
        }
    }
}

/// The walk's surroundings.
pub(crate) struct Walk<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) store: &'a dyn Store,
    pub(crate) cache: &'a dyn ActionCache,
    pub(crate) clock: &'a dyn Clock,
}

impl Walk<'_> {
    /// What is known of each action that is `needed` and whose result can be kept, by id.
    pub(crate) fn known(&self, needed: &[bool]) -> Vec<Option<Known>> {
        let mut known: Vec<Option<Known>> = vec![None; needed.len()];
        for level in self.graph.levels() {
            let asked = level
                .into_iter()
                .filter(|id| needed[id.index()] && self.graph.action(*id).class.is_cacheable());
            let asked: Vec<ActionId> = asked.collect();
            let mut found = self.look_all(&asked, &known);
            self.check_whole(&mut found);
            for (id, (one, _)) in asked.into_iter().zip(found) {
                known[id.index()] = Some(one);
            }
        }
        known
    }

    fn look_all(&self, asked: &[ActionId], known: &[Option<Known>]) -> Vec<(Known, BTreeSet<Digest>)> {
        let mut found = Vec::with_capacity(asked.len());
        let start = self.clock.monotonic();
        for (count, &id) in (0..).zip(asked) {
            if count >= SAMPLE && self.clock.monotonic().saturating_sub(start) > SLOW * count {
                break;
            }
            found.push(self.look(id, known));
        }
        let rest = &asked[found.len()..];
        found.extend(in_parallel(WIDTH, rest, |&id| self.look(id, known)));
        found
    }

    fn look(&self, id: ActionId, known: &[Option<Known>]) -> (Known, BTreeSet<Digest>) {
        let action = self.graph.action(id);
        let made = |id: ActionId| known[id.index()].as_ref()?.result();
        let key = match ResolvedInputs::of(self.graph, action, &made, self.store) {
            Ok(inputs) => Manifest::of(action, &inputs).key(),
            Err(Unresolved::NotYet(id) | Unresolved::Lost(id)) => {
                return (Known::Unkeyed(id), BTreeSet::new());
            }
            Err(Unresolved::Refused(error)) => Err(error),
        };
        let key = match key {
            Ok(key) => key,
            Err(error) => return (Known::Impossible(error.to_string()), BTreeSet::new()),
        };
        match lookup::find(action, &key, self.cache, self.store) {
            Some(kept) => (
                Known::Hit {
                    key,
                    result: Arc::new(kept.result),
                },
                kept.blobs,
            ),
            None => (Known::Miss { key }, BTreeSet::new()),
        }
    }

    /// Turns hits that name absent blobs into misses.
    fn check_whole(&self, found: &mut [(Known, BTreeSet<Digest>)]) {
        let mut named: Vec<Digest> = found.iter().flat_map(|(_, blobs)| blobs).copied().collect();
        named.sort_unstable();
        named.dedup();
        let missing = lookup::missing(&named, self.store);
        if missing.as_ref().is_some_and(BTreeSet::is_empty) {
            return;
        }
        for (known, blobs) in found {
            let is_whole = missing.as_ref().is_some_and(|missing| missing.is_disjoint(blobs));
            if let (Known::Hit { key, .. }, false) = (&*known, is_whole) {
                *known = Known::Miss { key: *key };
            }
        }
    }
}

/// `work` done to every one of `items`, in their order, by at most `width` threads.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    width: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if width <= 1 || items.len() <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            done.push((at, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..width.min(items.len())).map(|_| scope.spawn(worker)).collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_work_keeps_its_order() {
        let items: Vec<u32> = (0..1000).collect();
        for width in [0, 1, 7, 2000] {
            let done = in_parallel(width.min(64), &items, |n| n * 2);
            assert!(done.iter().enumerate().all(|(at, n)| *n as usize == at * 2));
        }
    }
}
