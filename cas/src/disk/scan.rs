//! Walks the records of a log by their headers alone, and finds its feet again after damage.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::record::{HEADER, Header, MAGIC, Seal};

/// Read at once: a stretch of small records costs one system call, a large body is stepped over.
const WINDOW: usize = 256 * 1024;

/// What a walk found besides records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// Where the last whole record ends: what follows is torn, or being written.
    pub(super) end: u64,
    /// Stretches between records that are not records.
    pub(super) gaps: u64,
}

/// Calls `found` for every record of `file` between the offsets `from` and `to`, in order.
pub(super) fn walk(
    file: &File,
    seal: &Seal,
    from: u64,
    to: u64,
    mut found: impl FnMut(u64, Header),
) -> io::Result<Walked> {
    let mut window = Window {
        file,
        to,
        start: 0,
        bytes: Vec::new(),
    };
    let mut walked = Walked { end: from, gaps: 0 };
    let mut at = from;
    while at < to {
        let header = Header::decode(window.at(at)?, seal, at);
        match header.filter(|header| at + header.record_length() <= to) {
            Some(header) => {
                walked.gaps += u64::from(at > walked.end);
                found(at, header);
                at += header.record_length();
                walked.end = at;
            }
            None => at = next_magic(&mut window, at + 1)?,
        }
    }
    Ok(walked)
}

/// The offset at or after `at` of the next bytes that might start a record; the end if there are none.
fn next_magic(window: &mut Window<'_>, mut at: u64) -> io::Result<u64> {
    while at < window.to {
        let bytes = window.rest(at)?;
        if bytes.is_empty() {
            // The file became shorter meanwhile.
            return Ok(window.to);
        }
        if let Some(found) = bytes.windows(MAGIC.len()).position(|bytes| bytes == MAGIC) {
            return Ok(at + found as u64);
        }
        // A magic may straddle the end of the window.
        at += bytes.len().saturating_sub(MAGIC.len() - 1).max(1) as u64;
    }
    Ok(window.to)
}

/// The stretch of the file that is in memory.
struct Window<'a> {
    file: &'a File,
    to: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// The bytes from `offset` on, at least a header's worth if the file has them.
    fn at(&mut self, offset: u64) -> io::Result<&[u8]> {
        self.load(offset, HEADER)
    }

    /// The bytes from `offset` on, as many as are at hand.
    fn rest(&mut self, offset: u64) -> io::Result<&[u8]> {
        self.load(offset, MAGIC.len())
    }

    fn load(&mut self, offset: u64, least: usize) -> io::Result<&[u8]> {
        let end = self.start + self.bytes.len() as u64;
        let wanted = offset.saturating_add(least as u64).min(self.to);
        if offset < self.start || wanted > end {
            let length = usize::try_from(self.to - offset).unwrap_or(WINDOW).min(WINDOW);
            self.bytes.resize(length, 0);
            self.start = offset;
            let read = read_up_to(self.file, &mut self.bytes, offset)?;
            self.bytes.truncate(read);
        }
        let skip = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        Ok(self.bytes.get(skip..).unwrap_or_default())
    }
}

/// Fills `buffer` from `offset`, or as much of it as the file has.
pub(super) fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
