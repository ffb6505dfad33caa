//! What follows from a journal: which slots are certain, which are not, and what was seen.

use std::collections::BTreeMap;

use cas::Digest;

use super::{Observations, Record};
use crate::{EffectKind, Slot};

/// What follows from the records of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    slots: BTreeMap<Slot, Vec<Promise>>,
    conflicts: BTreeMap<Slot, Digest>,
    observations: BTreeMap<String, Observations>,
    /// By run: which record opened it first, and whether it is still open.
    runs: BTreeMap<String, (u64, bool)>,
    taken: u64,
}

/// Something that was seen to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What was seen, in one line.
    pub summary: String,
    /// When, in seconds since 1970.
    pub unix_seconds: u64,
}

/// One digest that one run meant for a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Promise {
    run: String,
    digest: Digest,
    fate: Fate,
    attempts: u32,
    /// When its receipt was taken.
    at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    Confirmed,
    Rejected,
}

/// What a journal says about sending a digest to a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing speaks against it.
    Free,
    /// It is there.
    Confirmed,
    /// An attempt was made and nobody knows how it ended.
    Unknown,
    /// Another digest was meant for the slot.
    Other {
        /// Which.
        digest: Digest,
        /// In which run.
        run: String,
    },
}

impl Recovered {
    /// What follows from `records`.
    #[must_use]
    pub fn of(records: &[Record]) -> Self {
        let mut recovered = Self::default();
        records.iter().for_each(|record| recovered.take(record));
        recovered
    }

    /// Takes the next record into account.
    pub(super) fn take(&mut self, record: &Record) {
        self.taken += 1;
        let now = self.taken;
        self.runs.entry(record.run().to_owned()).or_insert((now, false));
        match record {
            Record::Opened { run, .. } => self.set_open(run, true),
            Record::Closed { run, .. } => self.set_open(run, false),
            Record::Sealed { .. } => {}
            Record::Intent {
                run, slot, digest, ..
            } => {
                let promise = self.promise(run, slot, digest);
                promise.fate = Fate::Unknown;
                promise.attempts += 1;
            }
            Record::Sent {
                run, slot, digest, ..
            }
            | Record::Ambiguous {
                run, slot, digest, ..
            } => {
                self.promise(run, slot, digest).fate = Fate::Unknown;
            }
            Record::Receipt {
                run, slot, digest, ..
            } => {
                let promise = self.promise(run, slot, digest);
                promise.fate = Fate::Confirmed;
                promise.at = now;
                self.conflicts.remove(slot);
            }
            Record::Rejected {
                run, slot, digest, ..
            } => {
                self.promise(run, slot, digest).fate = Fate::Rejected;
            }
            Record::Conflict { slot, found, .. } => {
                self.conflicts.insert(slot.clone(), *found);
            }
            Record::Observed {
                run,
                key,
                summary,
                unix_seconds,
                ..
            } => {
                let seen = Observation {
                    summary: summary.clone(),
                    unix_seconds: *unix_seconds,
                };
                self.observations
                    .entry(run.clone())
                    .or_default()
                    .insert(*key, seen);
            }
        }
    }

    /// The slots that are certain, each with what it was last seen to hold.
    pub fn confirmed(&self) -> impl Iterator<Item = (&Slot, &Digest)> {
        self.slots.iter().filter_map(|(slot, promises)| {
            let sure = promises.iter().filter(|promise| promise.fate == Fate::Confirmed);
            Some((slot, &sure.max_by_key(|promise| promise.at)?.digest))
        })
    }

    /// The slots somebody tried to fill without learning how that ended, each with what was sent.
    pub fn unknown(&self) -> impl Iterator<Item = (&Slot, &Digest)> {
        self.slots.iter().flat_map(|(slot, promises)| {
            let unsure = promises.iter().filter(|promise| promise.fate == Fate::Unknown);
            let is_settled = |one: &Promise| {
                promises
                    .iter()
                    .any(|other| other.digest == one.digest && other.fate == Fate::Confirmed)
            };
            unsure
                .filter(move |one| !is_settled(one))
                .map(move |promise| (slot, &promise.digest))
        })
    }

    /// The slots that held other bytes when they were last looked at, each with these.
    pub fn conflicts(&self) -> impl Iterator<Item = (&Slot, &Digest)> {
        self.conflicts.iter()
    }

    /// What was observed under `key` in `run`.
    #[must_use]
    pub fn observation(&self, run: &str, key: &Digest) -> Option<&Observation> {
        self.observations.get(run)?.get(key)
    }

    /// The runs that were opened and not closed, oldest first.
    #[must_use]
    pub fn open_runs(&self) -> Vec<&str> {
        let mut open: Vec<_> = self.runs.iter().filter(|(_, (_, is_open))| *is_open).collect();
        open.sort_by_key(|(_, (since, _))| *since);
        open.into_iter().map(|(run, _)| run.as_str()).collect()
    }

    /// What speaks for or against sending `digest` to `slot` in `run`.
    ///
    /// At most one digest is ever sent to a slot. A digest the receiver refused does not count. A pointer moves
    /// from run to run, but not within one, and not back: what a later run set, an earlier one leaves alone.
    #[must_use]
    pub fn claim(&self, run: &str, slot: &Slot, digest: &Digest, kind: EffectKind) -> Claim {
        let promises = self.slots.get(slot).map_or(&[][..], Vec::as_slice);
        let is_pointer = kind == EffectKind::Pointer;
        let opened = self.runs.get(run).map_or(u64::MAX, |(since, _)| *since);
        let mut claim = Claim::Free;
        for promise in promises.iter().filter(|promise| promise.fate != Fate::Rejected) {
            let is_ours = promise.run == run;
            let is_later = promise.fate == Fate::Confirmed && promise.at > opened;
            if promise.digest != *digest {
                if !is_pointer || is_ours || is_later {
                    return Claim::Other {
                        digest: promise.digest,
                        run: promise.run.clone(),
                    };
                }
            } else if !is_pointer || is_ours {
                claim = match (claim, promise.fate) {
                    (Claim::Confirmed, _) | (_, Fate::Confirmed) => Claim::Confirmed,
                    _ => Claim::Unknown,
                };
            }
        }
        claim
    }

    /// How often `run` began to send `digest` to `slot`.
    pub(super) fn attempts(&self, run: &str, slot: &Slot, digest: &Digest) -> u32 {
        let promises = self.slots.get(slot).map_or(&[][..], Vec::as_slice);
        let ours = promises
            .iter()
            .find(|promise| promise.run == run && promise.digest == *digest);
        ours.map_or(0, |promise| promise.attempts)
    }

    fn promise(&mut self, run: &str, slot: &Slot, digest: &Digest) -> &mut Promise {
        if !self.slots.contains_key(slot) {
            self.slots.insert(slot.clone(), Vec::new());
        }
        let promises = self.slots.get_mut(slot).expect("just inserted");
        let known = promises
            .iter()
            .position(|promise| promise.run == run && promise.digest == *digest);
        let at = known.unwrap_or_else(|| {
            let (run, digest) = (run.to_owned(), *digest);
            promises.push(Promise {
                run,
                digest,
                fate: Fate::Unknown,
                attempts: 0,
                at: 0,
            });
            promises.len() - 1
        });
        &mut promises[at]
    }

    fn set_open(&mut self, run: &str, is_open: bool) {
        if let Some(state) = self.runs.get_mut(run) {
            state.1 = is_open;
        }
    }
}
