//! Copies and hashes in one pass.

use std::io::{Read, Write};
use std::path::Path;

use crate::{Digest, Error, Hasher, Result};

/// One piece: large enough that system calls do not count, small enough to stay in the processor's cache.
const PIECE: usize = 256 * 1024;

/// Copies all of `source` (the file `from`) to `sink` (the file `to`); the digest of what was copied.
pub(crate) fn pour(source: &mut impl Read, from: &Path, sink: &mut impl Write, to: &Path) -> Result<Digest> {
    let mut hasher = Hasher::new();
    let mut piece = vec![0; PIECE];
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(read) => &piece[..read],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("read", from)(error)),
        };
        hasher.update(read);
        sink.write_all(read).map_err(Error::io("write", to))?;
    }
}
