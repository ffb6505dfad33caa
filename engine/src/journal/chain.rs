//! Lines of the journal: how a record becomes one, and how a file of them is read back.

use std::fmt::Write as _;
use std::path::Path;

use super::Record;
use crate::{Error, Result, is_unprintable};

/// The hash of the last line.
#[derive(Clone, Copy)]
pub(super) struct Chain(blake3::Hash);

impl Chain {
    /// Before the first line.
    pub(super) fn new() -> Self {
        Self(blake3::hash(b"releasekit.journal/1"))
    }

    /// The line for `record`, and the chain that ends with it.
    pub(super) fn line(self, record: &Record) -> (Vec<u8>, Self) {
        let json = serde_json::to_string(record).expect("records are plain data");
        let text = escaped(&json);
        let next = self.next(text.as_bytes());
        (format!("{} {text}\n", next.0.to_hex()).into_bytes(), next)
    }

    /// The records in `bytes`, and how many of the bytes are whole lines; the rest is a torn end. Leaves the
    /// chain after the last of them.
    pub(super) fn replay(&mut self, bytes: &[u8], path: &Path) -> Result<(Vec<Record>, usize)> {
        let mut records = Vec::new();
        let mut start = 0;
        while let Some(length) = bytes[start..].iter().position(|&byte| byte == b'\n') {
            let line = &bytes[start..start + length];
            let record = self.accept(line).map_err(|reason| {
                let (path, reason) = (path.to_path_buf(), reason.to_owned());
                Error::DamagedJournal {
                    path,
                    line: records.len() + 1,
                    reason,
                }
            })?;
            records.push(record);
            start += length + 1;
        }
        if self.holds_more_than_a_record(&bytes[start..]) {
            let (path, reason) = (path.to_path_buf(), "something follows a whole record".to_owned());
            return Err(Error::DamagedJournal {
                path,
                line: records.len() + 1,
                reason,
            });
        }
        Ok((records, start))
    }

    fn next(self, text: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.as_bytes());
        hasher.update(text);
        Self(hasher.finalize())
    }

    fn accept(&mut self, line: &[u8]) -> Result<Record, &'static str> {
        let (hash, text) = split(line).ok_or("it is not a hash and a record")?;
        let next = self.next(text);
        if next.0 != hash {
            return Err("its hash does not match");
        }
        let record = serde_json::from_slice(text).map_err(|_| "it is not a record known here")?;
        *self = next;
        Ok(record)
    }

    /// Whether `tail`, which has no line end, begins with a whole record and goes on: a write that was cut short
    /// cannot leave that, only a line end that was destroyed.
    fn holds_more_than_a_record(&self, tail: &[u8]) -> bool {
        let Some((hash, text)) = split(tail) else {
            return false;
        };
        let mut values = serde_json::Deserializer::from_slice(text).into_iter::<serde::de::IgnoredAny>();
        let is_whole = matches!(values.next(), Some(Ok(_)));
        let length = values.byte_offset();
        is_whole && length < text.len() && self.next(&text[..length]).0 == hash
    }
}

/// A line's hash and text.
fn split(line: &[u8]) -> Option<(blake3::Hash, &[u8])> {
    let (hash, rest) = line.split_at_checked(64)?;
    let text = rest.strip_prefix(b" ")?;
    let is_plain = hash.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let hash = blake3::Hash::from_hex(hash).ok()?;
    is_plain.then_some((hash, text))
}

/// JSON in which no character can change what a terminal shows.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unprintable(c) {
            // All of these stand inside strings and below U+10000.
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Record {
        Record::Opened {
            run: "r".to_owned(),
            subject: text.to_owned(),
            detail: String::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_shows_no_control_characters() {
        let records = [record("a\nb\u{1b}[2J\u{7f}\u{9b}\u{202e}"), record("é → 𝄞")];
        let (mut chain, mut bytes) = (Chain::new(), Vec::new());
        for record in &records {
            let (line, next) = chain.line(record);
            bytes.extend(line);
            chain = next;
        }
        let text = std::str::from_utf8(&bytes).expect("lines are text");
        assert!(
            text.lines().all(|line| !line.chars().any(is_unprintable)),
            "{text}"
        );
        let read = Chain::new().replay(&bytes, Path::new("j")).expect("it is whole");
        assert_eq!(read, (records.to_vec(), bytes.len()));
    }
}
