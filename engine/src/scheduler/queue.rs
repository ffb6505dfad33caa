//! What is ready: most urgent first, with as many at once as there is room for.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use crate::ActionId;

/// Most urgent first: the one that starts the longest remaining chain, then the smaller id.
type Heap = BinaryHeap<(u64, Reverse<ActionId>)>;

/// What is ready and what is running. Actions that compute and actions that wait for the world have room of
/// their own.
pub(super) struct Queue {
    urgency: Vec<u64>,
    computing: Lane,
    touching: Lane,
    /// Ready, but behind the seal.
    held_back: Vec<(ActionId, bool)>,
}

struct Lane {
    ready: Heap,
    running: HashSet<ActionId>,
    room: usize,
}

impl Lane {
    fn new(room: usize) -> Self {
        Self {
            ready: Heap::new(),
            running: HashSet::new(),
            room,
        }
    }

    fn pop(&mut self) -> Option<ActionId> {
        if self.running.len() >= self.room {
            return None;
        }
        let (_, Reverse(id)) = self.ready.pop()?;
        self.running.insert(id);
        Some(id)
    }
}

impl Queue {
    /// An empty queue of actions with this `urgency`, by id.
    pub(super) fn new(urgency: Vec<u64>, jobs: usize) -> Self {
        let jobs = jobs.max(1);
        // Waiting costs nothing; but who asks for one at a time gets one at a time.
        let waiting = if jobs == 1 { 1 } else { jobs.max(8) };
        Self {
            urgency,
            computing: Lane::new(jobs),
            touching: Lane::new(waiting),
            held_back: Vec::new(),
        }
    }

    /// How many may run at once.
    pub(super) const fn width(&self) -> usize {
        self.computing.room + self.touching.room
    }

    /// Adds one that is ready.
    pub(super) fn push(&mut self, id: ActionId, touches: bool, is_late: bool) {
        if is_late {
            self.held_back.push((id, touches));
        } else {
            let entry = (self.urgency[id.index()], Reverse(id));
            self.lane(touches).ready.push(entry);
        }
    }

    /// The next one there is room for. Late ones come only once the run is sealed.
    pub(super) fn pop(&mut self, is_sealed: bool) -> Option<ActionId> {
        if is_sealed {
            for (id, touches) in std::mem::take(&mut self.held_back) {
                self.push(id, touches, false);
            }
        }
        self.computing.pop().or_else(|| self.touching.pop())
    }

    /// One that was running has ended.
    pub(super) fn release(&mut self, id: ActionId) {
        self.computing.running.remove(&id);
        self.touching.running.remove(&id);
    }

    /// Whether nothing is running.
    pub(super) fn is_idle(&self) -> bool {
        self.computing.running.is_empty() && self.touching.running.is_empty()
    }

    /// Takes out those that are not ready any more.
    pub(super) fn drain_unready(&mut self, is_ready: impl Fn(ActionId) -> bool) -> Vec<ActionId> {
        let mut unready = Vec::new();
        for lane in [&mut self.computing, &mut self.touching] {
            let (stay, leave) = std::mem::take(&mut lane.ready)
                .into_iter()
                .partition(|(_, id)| is_ready(id.0));
            lane.ready = stay;
            let leave: Heap = leave;
            unready.extend(leave.into_iter().map(|(_, id)| id.0));
        }
        self.held_back.retain(|(id, _)| {
            let stays = is_ready(*id);
            if !stays {
                unready.push(*id);
            }
            stays
        });
        unready
    }

    const fn lane(&mut self, touches: bool) -> &mut Lane {
        if touches {
            &mut self.touching
        } else {
            &mut self.computing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_chain_goes_first_then_the_smaller_id() {
        let mut queue = Queue::new(vec![1, 5, 5, 9], 2);
        (0..4).for_each(|n| queue.push(ActionId(n), false, n == 3));
        assert_eq!(
            [queue.pop(false), queue.pop(false), queue.pop(false)],
            [1, 2, 9].map(some)
        );
        queue.release(ActionId(1));
        assert_eq!(queue.pop(true), some(3), "sealed now, and most urgent");
        queue.release(ActionId(2));
        assert_eq!(queue.pop(true), some(0));
    }

    #[test]
    fn who_waits_does_not_take_the_room_of_who_computes() {
        let mut queue = Queue::new(vec![1; 20], 2);
        (0..20).for_each(|n| queue.push(ActionId(n), n < 12, false));
        let popped: Vec<u32> = std::iter::from_fn(|| queue.pop(true)).map(|id| id.0).collect();
        assert_eq!(popped, [12, 13, 0, 1, 2, 3, 4, 5, 6, 7]);
    }

    fn some(n: u32) -> Option<ActionId> {
        (n < 9).then_some(ActionId(n))
    }
}
