//! The commits of a log as a graph: who leads to whom, in memory and in bulk.

use std::collections::{BTreeSet, HashMap};

use model::{Commit, CommitId};

/// How many tips one walk can tell apart.
pub(crate) const WIDTH: usize = 64;

/// The commits of a log, by their position in it, and after them those that lead to tags beside it.
pub(crate) struct History<'a> {
    log: &'a [Commit],
    beside: &'a [Commit],
    position: HashMap<&'a str, u32>,
    /// Where each commit's parents begin in `parents`.
    starts: Vec<usize>,
    parents: Vec<u32>,
    /// Every commit before its parents.
    order: Vec<u32>,
    /// By position, the place in `order`.
    rank: Vec<u32>,
    is_closed: bool,
}

impl<'a> History<'a> {
    /// `head` is what the log leads to, if there is something; nothing of what is `beside` does.
    pub(crate) fn of(log: &'a [Commit], beside: &'a [Commit], head: Option<&CommitId>) -> Self {
        let ids = log.iter().chain(beside).zip(0..);
        let position: HashMap<&str, u32> = ids.map(|(commit, at)| (commit.id.0.as_str(), at)).collect();
        let (mut starts, mut parents) = (vec![0], Vec::with_capacity(log.len()));
        let mut is_closed = head.is_none_or(|head| position.contains_key(head.0.as_str()));
        for (at, commit) in log.iter().chain(beside).enumerate() {
            for parent in &commit.parents {
                match position.get(parent.0.as_str()) {
                    Some(at) => parents.push(*at),
                    None => is_closed &= at >= log.len(),
                }
            }
            starts.push(parents.len());
        }
        let mut history = Self {
            log,
            beside,
            position,
            starts,
            parents,
            order: Vec::new(),
            rank: Vec::new(),
            is_closed,
        };
        history.sort();
        history
    }

    /// Children before parents; the log's own order otherwise.
    fn sort(&mut self) {
        let mut children = vec![0_u32; self.len()];
        self.parents
            .iter()
            .for_each(|parent| children[*parent as usize] += 1);
        let tips = (0_u32..).zip(&children).filter(|(_, count)| **count == 0);
        let mut open: BTreeSet<u32> = tips.map(|(at, _)| at).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(at) = open.pop_first() {
            order.push(at);
            for &parent in self.parents(at) {
                children[parent as usize] -= 1;
                if children[parent as usize] == 0 {
                    open.insert(parent);
                }
            }
        }
        self.rank = vec![u32::MAX; self.len()];
        for (rank, at) in (0..).zip(&order) {
            self.rank[*at as usize] = rank;
        }
        self.order = order;
    }

    /// The positions in the log.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.log.len()).unwrap_or(u32::MAX)
    }

    /// How many commits are known, those beside the log too.
    fn len(&self) -> usize {
        self.log.len() + self.beside.len()
    }

    fn parents(&self, at: u32) -> &[u32] {
        &self.parents[self.starts[at as usize]..self.starts[at as usize + 1]]
    }

    /// The commit at a position in the log.
    pub(crate) fn commit(&self, at: u32) -> &'a Commit {
        &self.log[at as usize]
    }

    /// The first line of a commit's message.
    pub(crate) fn subject(&self, at: u32) -> &'a str {
        self.commit(at)
            .message
            .trim_start()
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end()
    }

    /// Where a commit is in the log, if it is there.
    pub(crate) fn find(&self, id: &CommitId) -> Option<u32> {
        self.find_anywhere(id).filter(|at| self.is_in_log(*at))
    }

    /// Where a commit is in the log or beside it, if it is there: there its tag may be, and what led to it.
    pub(crate) fn find_anywhere(&self, id: &CommitId) -> Option<u32> {
        self.position.get(id.0.as_str()).copied()
    }

    fn is_in_log(&self, at: u32) -> bool {
        (at as usize) < self.log.len()
    }

    /// A number that is smaller for a commit than for all that lead to it.
    pub(crate) fn rank(&self, at: u32) -> u32 {
        self.rank[at as usize]
    }

    /// Whether the log holds everything that leads to the head: then what is not in it does not lead there.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether a commit can lead to the head, for all that the log says.
    pub(crate) fn may_lead(&self, commit: &CommitId) -> bool {
        !self.is_closed || self.find(commit).is_some()
    }

    /// For up to [`WIDTH`] tips, by position, in which of them the commit is contained: bit `n` for tip `n`.
    pub(crate) fn contained_in(&self, tips: &[u32]) -> Vec<u64> {
        assert!(tips.len() <= WIDTH, "one bit per tip");
        let mut marks = vec![0_u64; self.len()];
        for (bit, tip) in tips.iter().enumerate() {
            marks[*tip as usize] |= 1 << bit;
        }
        for &at in &self.order {
            let mark = marks[at as usize];
            if mark != 0 {
                self.parents(at)
                    .iter()
                    .for_each(|parent| marks[*parent as usize] |= mark);
            }
        }
        marks
    }

    /// By position, whether the commit at `at` led to it.
    pub(crate) fn after(&self, at: u32) -> Vec<bool> {
        let mut after = vec![false; self.len()];
        for &later in self.order.iter().rev() {
            let follows = |parent: &u32| *parent == at || after[*parent as usize];
            after[later as usize] = self.parents(later).iter().any(follows);
        }
        after
    }

    /// The commits that a revert of `id` (or of a commit whose id begins so) takes back: that commit, and for a
    /// merge everything it brought.
    pub(crate) fn meant_by(&self, id: &str) -> Vec<u32> {
        let id = id.to_ascii_lowercase();
        let Some(at) = self
            .position
            .get(id.as_str())
            .copied()
            .filter(|at| self.is_in_log(*at))
            .or_else(|| self.only_one_like(&id))
        else {
            return Vec::new();
        };
        let commit = self.commit(at);
        if commit.parents.len() < 2 {
            return vec![at];
        }
        let mut tips = vec![at];
        tips.extend(commit.parents.first().and_then(|first| self.find(first)));
        let marks = self.contained_in(&tips);
        (0..)
            .zip(&marks)
            .filter(|(_, mark)| **mark == 1)
            .map(|(other, _)| other)
            .collect()
    }

    fn only_one_like(&self, beginning: &str) -> Option<u32> {
        let mut alike = (0..)
            .zip(self.log)
            .filter(|(_, commit)| commit.id.0.starts_with(beginning));
        let (at, _) = alike.next()?;
        alike.next().is_none().then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(id: &str, parents: &[&str]) -> Commit {
        Commit {
            id: CommitId(id.to_owned()),
            parents: parents
                .iter()
                .map(|parent| CommitId((*parent).to_owned()))
                .collect(),
            author: String::new(),
            time: 0,
            message: format!("feat: {id}\n\nmore"),
            paths: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            is_empty: false,
        }
    }

    #[test]
    fn ancestry_follows_every_parent() {
        // d merges b and c, which both grew from a; the log is not in order.
        let log = [
            commit("a", &[]),
            commit("d", &["b", "c"]),
            commit("c", &["a"]),
            commit("b", &["a"]),
        ];
        let history = History::of(&log, &[], None);
        assert!(history.is_closed());
        assert_eq!(history.contained_in(&[3, 1]), [0b11, 0b10, 0b10, 0b11]);
        assert!(history.rank(1) < history.rank(3) && history.rank(3) < history.rank(0));
        assert_eq!(history.after(3), [false, true, false, false]);
        assert_eq!(history.subject(0), "feat: a");
        assert_eq!(history.meant_by("d"), [1, 2]);
        assert_eq!(history.meant_by("b"), [3]);
        assert!(!History::of(&log[1..], &[], None).is_closed());
    }
}
