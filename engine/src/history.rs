//! The history: what each action looked like when it last ended well, and how long it took. A convenience, never
//! a truth: if it is damaged or absent, priorities are worse and explanations shorter, and nothing else changes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use cas::Digest;

use crate::{Facet, Result};

/// The first bytes of the file; what follows is a checksum and the entries, sorted by name.
const MAGIC: &[u8] = b"releasekit.history/1\n";

/// What was remembered, by action name.
#[derive(Debug, Default)]
pub struct History {
    bytes: Vec<u8>,
    /// Where each entry begins.
    starts: Vec<usize>,
    fresh: Mutex<BTreeMap<String, Remembered>>,
}

/// What is remembered of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Its key.
    pub key: Digest,
    /// How long it took when it last ran.
    pub took: Duration,
    /// What followed into its key.
    pub facets: Vec<Facet>,
}

impl History {
    /// Remembers nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// What the file at `path` holds; nothing if it is damaged or absent.
    #[must_use]
    pub fn load(path: &Path) -> Self {
        std::fs::read(path).ok().and_then(Self::parse).unwrap_or_default()
    }

    /// How long `name` took when it last ran.
    #[must_use]
    pub fn duration(&self, name: &str) -> Option<Duration> {
        if let Some(fresh) = self.fresh().get(name) {
            return Some(fresh.took);
        }
        self.find(name).map(|entry| Duration::from_micros(entry.micros))
    }

    /// The key `name` last had.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<Digest> {
        if let Some(fresh) = self.fresh().get(name) {
            return Some(fresh.key);
        }
        self.find(name).map(|entry| entry.key)
    }

    /// Everything remembered of `name`.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<Remembered> {
        if let Some(fresh) = self.fresh().get(name) {
            return Some(fresh.clone());
        }
        let entry = self.find(name)?;
        let facets = serde_json::from_slice(entry.facets).ok()?;
        Some(Remembered {
            key: entry.key,
            took: Duration::from_micros(entry.micros),
            facets,
        })
    }

    /// Remembers `name` anew.
    pub fn note(&self, name: &str, remembered: Remembered) {
        self.fresh().insert(name.to_owned(), remembered);
    }

    /// Writes everything to `path`, whole or not at all; nothing if there is nothing new.
    ///
    /// # Errors
    /// The file system refused.
    pub fn save(&self, path: &Path) -> Result<()> {
        let fresh = self.fresh();
        if fresh.is_empty() {
            return Ok(());
        }
        let mut body = Vec::with_capacity(self.bytes.len());
        let mut new = fresh.iter().peekable();
        for &start in &self.starts {
            let Some((old, end)) = Entry::read(&self.bytes, start) else {
                continue;
            };
            while let Some((name, remembered)) = new.next_if(|(name, _)| name.as_str() < old.name) {
                Entry::write(&mut body, name, remembered);
            }
            if new.peek().is_none_or(|(name, _)| name.as_str() != old.name) {
                body.extend_from_slice(&self.bytes[start..end]);
            }
        }
        new.for_each(|(name, remembered)| Entry::write(&mut body, name, remembered));
        let file = [MAGIC, blake3::hash(&body).as_bytes(), &body].concat();
        Ok(cas::write_atomically(path, &file)?)
    }

    fn parse(bytes: Vec<u8>) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (checksum, body) = rest.split_first_chunk::<32>()?;
        if blake3::hash(body) != *checksum {
            return None;
        }
        let mut starts = Vec::new();
        let mut at = bytes.len() - body.len();
        while at < bytes.len() {
            starts.push(at);
            at = Entry::read(&bytes, at)?.1;
        }
        Some(Self {
            bytes,
            starts,
            fresh: Mutex::default(),
        })
    }

    fn find(&self, name: &str) -> Option<Entry<'_>> {
        let entry = |start: usize| Entry::read(&self.bytes, start).map(|(entry, _)| entry);
        let at = self
            .starts
            .partition_point(|&start| entry(start).is_some_and(|e| e.name < name));
        entry(*self.starts.get(at)?).filter(|entry| entry.name == name)
    }

    fn fresh(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Remembered>> {
        self.fresh
            .lock()
            .expect("nobody panics while holding the history")
    }
}

/// One entry as it stands in the file: name, key, size, duration, facets; texts with their lengths in front.
struct Entry<'a> {
    name: &'a str,
    key: Digest,
    micros: u64,
    facets: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The entry at `start`, and where the next one begins.
    fn read(bytes: &'a [u8], start: usize) -> Option<(Self, usize)> {
        let mut rest = bytes.get(start..)?;
        let name = std::str::from_utf8(text(&mut rest)?).ok()?;
        let hash = *take::<32>(&mut rest)?;
        let size = u64::from_le_bytes(*take(&mut rest)?);
        let micros = u64::from_le_bytes(*take(&mut rest)?);
        let facets = text(&mut rest)?;
        Some((
            Self {
                name,
                key: Digest::new(hash, size),
                micros,
                facets,
            },
            bytes.len() - rest.len(),
        ))
    }

    fn write(bytes: &mut Vec<u8>, name: &str, remembered: &Remembered) {
        let facets = serde_json::to_vec(&remembered.facets).expect("facets are plain data");
        let length = |text: &[u8]| {
            u32::try_from(text.len())
                .expect("an entry is below 4 GiB")
                .to_le_bytes()
        };
        let micros = u64::try_from(remembered.took.as_micros()).unwrap_or(u64::MAX);
        bytes.extend(length(name.as_bytes()));
        bytes.extend(name.as_bytes());
        bytes.extend(remembered.key.hash());
        bytes.extend(remembered.key.size().to_le_bytes());
        bytes.extend(micros.to_le_bytes());
        bytes.extend(length(&facets));
        bytes.extend(facets);
    }
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(head)
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(*take(rest)?);
    let (head, tail) = rest.split_at_checked(length as usize)?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FacetKind;

    fn remembered(text: &str) -> Remembered {
        let facet = Facet {
            kind: FacetKind::Input,
            name: "a".to_owned(),
            value: text.to_owned(),
        };
        Remembered {
            key: Digest::of(text.as_bytes()),
            took: Duration::from_micros(7),
            facets: vec![facet],
        }
    }

    #[test]
    fn what_is_saved_is_loaded_merged_and_sorted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("history");
        let history = History::load(&path);
        for name in ["d", "b"] {
            history.note(name, remembered(name));
        }
        history.save(&path).expect("it can be written");
        let history = History::load(&path);
        for name in ["a", "b", "c", "e"] {
            history.note(name, remembered(&format!("new {name}")));
        }
        history.save(&path).expect("it can be written");
        let history = History::load(&path);
        assert_eq!(history.starts.len(), 5);
        assert_eq!(history.last("d"), Some(remembered("d")));
        for name in ["a", "b", "c", "e"] {
            assert_eq!(history.last(name), Some(remembered(&format!("new {name}"))));
        }
        assert_eq!(
            (history.duration("x"), history.duration("a")),
            (None, Some(Duration::from_micros(7)))
        );
    }

    #[test]
    fn damage_anywhere_is_an_empty_history() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("history");
        let history = History::empty();
        history.note("a", remembered("a"));
        history.save(&path).expect("it can be written");
        let whole = std::fs::read(&path).expect("it is there");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            assert!(History::parse(damaged).is_none(), "flip at {at}");
            assert!(
                at == 0 || History::parse(whole[..at].to_vec()).is_none(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn ten_thousand_entries_are_found_one_by_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("history");
        let history = History::empty();
        for n in 0..10_000 {
            history.note(&format!("{n}:build"), remembered("x"));
        }
        history.save(&path).expect("it can be written");
        let history = History::load(&path);
        assert!((0..10_000).all(|n| history.key(&format!("{n}:build")).is_some()));
    }
}
