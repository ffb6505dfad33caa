//! How a handle adds to a folder of logs: which one it holds the lock of, and what it does there.

use std::io;

use super::log::{Log, is_removed};
use super::record::{Header, Kind};
use super::state::{State, unreadable};
use super::{nanoseconds, private};
use crate::{Digest, Error, Result};

/// A log this long gets no more records: gc rewrites whole logs.
pub(super) const FULL: u64 = 256 << 20;
/// A log with more records than this is rewritten when fewer than a third of them are still worth having.
const MANY: u64 = 1_000;

impl State {
    /// The time now, or a moment later than anything seen, so that the last record is the latest.
    pub(super) fn next_stamp(&mut self) -> u64 {
        self.last_stamp = nanoseconds((self.clock)()).max(self.last_stamp.saturating_add(1));
        self.last_stamp
    }

    /// The log this handle may append to: its own, one that nobody writes to, or a new one.
    pub(super) fn acquire(&mut self) -> Result<u32> {
        if let Some(writer) = self.writer {
            if self.logs.get(&writer).is_some_and(|log| !is_removed(&log.file)) {
                return Ok(writer);
            }
            // Somebody cleared the cache away: what is appended there is lost.
            self.writer = None;
        }
        private::make(&self.folder)?;
        self.refresh()?;
        let candidates: Vec<u32> = self
            .logs
            .iter()
            .filter(|(_, log)| log.known < FULL)
            .map(|(id, _)| *id)
            .collect();
        for id in candidates {
            if self.adopt(id) {
                self.writer = Some(id);
                self.rewrite_if_mostly_dead(id)?;
                return self.writer.map_or_else(|| self.create_log(), Ok);
            }
        }
        self.create_log()
    }

    /// Takes the lock of a log and cuts its torn tail.
    pub(super) fn adopt(&mut self, id: u32) -> bool {
        let Some(log) = self.logs.get_mut(&id) else {
            return false;
        };
        if !log.lock() {
            return false;
        }
        let taken = log
            .read_new()
            .and_then(|places| log.cut_torn_tail().map(|()| places));
        match taken {
            Ok(places) => places
                .into_iter()
                .for_each(|(key, place)| self.note(key, id, place)),
            Err(error) => {
                log.unlock();
                unreadable(&log.path, &error);
                return false;
            }
        }
        true
    }

    /// A new log becomes the one this handle appends to.
    pub(super) fn create_log(&mut self) -> Result<u32> {
        for _ in 0..8 {
            if let Some(log) =
                Log::create(&self.folder).map_err(Error::io("create a log in", &self.folder))?
            {
                let id = self.add_log(log);
                self.writer = Some(id);
                return Ok(id);
            }
        }
        let busy = io::Error::new(
            io::ErrorKind::WouldBlock,
            "every new log was locked by somebody else",
        );
        Err(Error::io("create a log in", &self.folder)(busy))
    }

    fn rewrite_if_mostly_dead(&mut self, id: u32) -> Result<()> {
        let records = self.logs.get(&id).map_or(0, |log| log.records);
        if records <= MANY {
            return Ok(());
        }
        let live = self.entries.values().filter(|entry| entry.log == id).count() as u64;
        if records <= live.saturating_mul(3) {
            return Ok(());
        }
        self.rewrite(&[id])
    }

    /// Appends one record to this handle's own log. A stamp of zero stands for now: only once the log is
    /// acquired, and the others are read, is it known what is later than all of them.
    pub(super) fn append(&mut self, mut header: Header, body: &[u8]) -> Result<()> {
        let id = self.acquire()?;
        if header.stamp == 0 {
            header.stamp = self.next_stamp();
        }
        let log = self
            .logs
            .get_mut(&id)
            .expect("acquire answers a log that is known");
        let place = log
            .append(&header, body)
            .map_err(Error::io("append to", &log.path))?;
        let full = log.known >= FULL;
        self.is_dirty = true;
        match header.kind {
            Kind::Body => self.note(header.key, id, place),
            Kind::Use => {
                if let Some(entry) = self.entries.get_mut(&header.key) {
                    entry.place.used = entry.place.used.max(header.stamp);
                }
            }
        }
        if full { self.release() } else { Ok(()) }
    }

    /// Writes the side file of this handle's own log if it is worth it.
    pub(super) fn write_side(&mut self, always: bool) -> Result<()> {
        let Some(id) = self.writer else { return Ok(()) };
        let Some(log) = self.logs.get_mut(&id).filter(|log| always || log.wants_side()) else {
            return Ok(());
        };
        let own = self.entries.iter().filter(|(_, entry)| entry.log == id);
        log.write_side(own.map(|(key, entry)| (*key, entry.place)).collect())
    }

    /// Lets go of this handle's own log; what was written is remembered for the next sync.
    pub(super) fn release(&mut self) -> Result<()> {
        let written = self.write_side(false);
        if let Some(log) = self.writer.take().and_then(|id| self.logs.get(&id)) {
            if self.is_dirty {
                self.unsynced.push(log.file.clone());
            }
            self.is_dirty = false;
            log.unlock();
        }
        written
    }

    /// Records the uses that are pending.
    pub(super) fn flush_uses(&mut self) -> Result<()> {
        for (key, used) in std::mem::take(&mut self.pending_uses) {
            self.append_use(key, used)?;
        }
        Ok(())
    }

    pub(super) fn append_use(&mut self, key: Digest, used: u64) -> Result<()> {
        self.append(
            Header {
                kind: Kind::Use,
                key,
                stamp: used,
                length: 0,
                body_check: [0; 16],
            },
            &[],
        )
    }
}
