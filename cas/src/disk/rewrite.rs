//! Rewrites logs without the records that nobody needs.

use std::io::ErrorKind;

use super::large::{entries, is_abandoned};
use super::log::{SIDE_SUFFIX, read_record};
use super::record::{HEADER, Header};
use super::state::State;
use super::writer::FULL;
use crate::atomic::sync_folder;
use crate::{Digest, Error, Result};

/// A log is rewritten when at least one byte in this many is dead.
const DEAD_SHARE: u64 = 4;

impl State {
    /// Moves what is still known to be in the logs `old`, whose locks this handle holds, to new ones, makes
    /// that durable, and removes `old`. Entries whose header is damaged are lost on the way.
    ///
    /// Other handles keep reading the removed files that they have open, and find the new ones when they miss.
    pub(super) fn rewrite(&mut self, old: &[u32]) -> Result<()> {
        if self.writer.is_some_and(|writer| !old.contains(&writer)) {
            self.release()?;
        }
        self.writer = None;
        let mut moving: Vec<_> = self.entries.iter().map(|(key, entry)| (*key, *entry)).collect();
        moving.retain(|(_, entry)| old.contains(&entry.log));
        moving.sort_unstable_by_key(|(_, entry)| (entry.log, entry.place.offset));
        self.create_log()?;
        for (key, entry) in moving {
            // Somebody may have cleared the cache away meanwhile.
            let Some(log) = self.logs.get(&entry.log) else {
                continue;
            };
            match read_record(&log.file, &log.seal, &key, &entry.place) {
                Some((header, record)) => self.move_record(header, &record, entry.place.used)?,
                None => drop(self.entries.remove(&key)),
            }
        }
        self.move_uses(old)?;
        self.sync_own()?;
        for log in old.iter().filter_map(|id| self.logs.get(id)) {
            match std::fs::remove_file(&log.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.map_err(Error::io("remove", &log.path))?,
            }
            // A side file without its log is swept later.
            drop(std::fs::remove_file(log.side_path()));
        }
        let removed: Vec<_> = old
            .iter()
            .filter_map(|id| self.logs.get(id))
            .map(|log| log.path.clone())
            .collect();
        self.forget_logs(|log| removed.contains(&log.path));
        Ok(())
    }

    fn move_record(&mut self, header: Header, record: &[u8], used: u64) -> Result<()> {
        self.append(header, &record[HEADER..])?;
        if used > header.stamp {
            self.append_use(header.key, used)
        } else {
            Ok(())
        }
    }

    /// Uses recorded in `old` of bodies that are elsewhere.
    fn move_uses(&mut self, old: &[u32]) -> Result<()> {
        let logs = old.iter().filter_map(|id| self.logs.get(id));
        let uses: Vec<_> = logs
            .flat_map(|log| &log.uses)
            .map(|(key, used)| (*key, *used))
            .collect();
        for (key, used) in uses {
            let elsewhere = |id: u32| !old.contains(&id) && Some(id) != self.writer;
            if self.entries.get(&key).is_some_and(|entry| elsewhere(entry.log)) {
                self.append_use(key, used)?;
            }
        }
        Ok(())
    }

    /// Makes this handle's own records durable.
    pub(super) fn sync_own(&mut self) -> Result<()> {
        let own = self
            .writer
            .filter(|_| self.is_dirty)
            .and_then(|id| self.logs.get(&id));
        self.unsynced.extend(own.map(|log| log.file.clone()));
        self.is_dirty = false;
        if self.unsynced.is_empty() {
            return Ok(());
        }
        for file in std::mem::take(&mut self.unsynced) {
            file.sync_data()
                .map_err(Error::io("sync a log in", &self.folder))?;
        }
        if self.folder.is_dir() {
            sync_folder(&self.folder)
        } else {
            Ok(())
        }
    }

    /// Forgets every key that `keep` refuses, and rewrites the logs in which enough is dead; `always` rewrites
    /// every log that holds anything dead. Logs that another process writes to are left alone.
    pub(super) fn forget(&mut self, always: bool, keep: &dyn Fn(&Digest, u64) -> bool) -> Result<()> {
        self.release()?;
        self.refresh()?;
        let ids: Vec<u32> = self.logs.keys().copied().collect();
        let (mine, others): (Vec<u32>, Vec<u32>) = ids.into_iter().partition(|id| self.adopt(*id));
        // Between the first look and the locks others may have written.
        self.refresh()?;
        self.entries.retain(|key, entry| {
            others.contains(&entry.log) || keep(key, entry.place.used.max(entry.place.stamp))
        });
        let worth = mine
            .iter()
            .copied()
            .filter(|id| self.is_worth_rewriting(*id, always));
        let rewritten: Vec<u32> = worth.collect();
        for log in mine
            .iter()
            .filter(|id| !rewritten.contains(id))
            .filter_map(|id| self.logs.get(id))
        {
            log.unlock();
        }
        if !rewritten.is_empty() {
            self.rewrite(&rewritten)?;
            self.write_side(true)?;
            self.release()?;
        }
        self.sweep()
    }

    /// Removes side files whose log is gone, and what a writer left that died before a rename.
    fn sweep(&self) -> Result<()> {
        for entry in entries(&self.folder)? {
            let path = entry.path();
            let orphan =
                path.to_string_lossy().ends_with(SIDE_SUFFIX) && !path.with_extension("log").exists();
            if orphan || is_abandoned(&entry, (self.clock)()) {
                std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(())
    }

    fn is_worth_rewriting(&self, id: u32, always: bool) -> bool {
        let Some(log) = self.logs.get(&id) else {
            return false;
        };
        let own = self.entries.values().filter(|entry| entry.log == id);
        let live: u64 = own
            .map(|entry| HEADER as u64 + u64::from(entry.place.length))
            .sum();
        let dead = log.known.saturating_sub(live);
        // Small logs cost nothing to merge, and every process that ever wrote at the same time left one.
        dead > 0 && (always || dead >= log.known / DEAD_SHARE) || log.known < FULL / 64 && self.logs.len() > 4
    }
}
