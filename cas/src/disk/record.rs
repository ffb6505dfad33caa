//! One record of a log: how its header is laid out, and what proves it.
//!
//! ```text
//!  0  magic          4      a record starts here
//!  4  body length    4
//!  8  kind           4      1: a body follows; 2: the key was used, no body
//! 12  key            40     hash and size
//! 52  stamp          8      nanoseconds since 1970, strictly rising within a log
//! 60  body check     16     of an answer; zero for a blob, whose key is its check
//! 76  header check   8      keyed by the log's name, over the offset and all of the above
//! 84  body
//! ```
//!
//! The header check binds a record to its log and its offset: bytes that were moved, or that only look like a
//! record because somebody stored such a blob, are not one. All numbers are little-endian.

use crate::Digest;

/// Bytes before the body.
pub(super) const HEADER: usize = 84;
/// How every record starts; changes with the layout.
pub(super) const MAGIC: [u8; 4] = [0x89, b'r', b'k', 1];

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Here is what is kept under the key.
    Body,
    /// The key was asked for at this time.
    Use,
}

/// A header, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) key: Digest,
    pub(super) stamp: u64,
    pub(super) length: u32,
    pub(super) body_check: [u8; 16],
}

/// The secret of one log, made of its name, which is random.
#[derive(Clone, Copy)]
pub(super) struct Seal([u8; 32]);

impl Seal {
    pub(super) fn of(name: &str) -> Self {
        Self(blake3::derive_key(
            "releasekit cas 1: seal of a log",
            name.as_bytes(),
        ))
    }

    fn header_check(&self, offset: u64, header: &[u8]) -> [u8; 8] {
        let mut sealed = [0; 8 + HEADER - 8];
        sealed[..8].copy_from_slice(&offset.to_le_bytes());
        sealed[8..].copy_from_slice(&header[..HEADER - 8]);
        take(blake3::keyed_hash(&self.0, &sealed).as_bytes(), 0)
    }

    /// A checksum over a whole side file.
    pub(super) fn file_check(&self, bytes: &[u8]) -> [u8; 32] {
        blake3::keyed_hash(&self.0, bytes).into()
    }
}

impl Header {
    /// The bytes of this header at `offset` of the log sealed by `seal`.
    pub(super) fn encode(&self, seal: &Seal, offset: u64) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let kind: u32 = if self.kind == Kind::Body { 1 } else { 2 };
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&self.length.to_le_bytes());
        bytes[8..12].copy_from_slice(&kind.to_le_bytes());
        bytes[12..44].copy_from_slice(self.key.hash());
        bytes[44..52].copy_from_slice(&self.key.size().to_le_bytes());
        bytes[52..60].copy_from_slice(&self.stamp.to_le_bytes());
        bytes[60..76].copy_from_slice(&self.body_check);
        let check = seal.header_check(offset, &bytes);
        bytes[76..].copy_from_slice(&check);
        bytes
    }

    /// The header in `bytes` (at least [`HEADER`] of them), which were read at `offset`; `None` unless every
    /// bit of it is right.
    pub(super) fn decode(bytes: &[u8], seal: &Seal, offset: u64) -> Option<Self> {
        let bytes: &[u8; HEADER] = bytes.first_chunk()?;
        if bytes[..4] != MAGIC || bytes[76..] != seal.header_check(offset, bytes) {
            return None;
        }
        let kind = match u32::from_le_bytes(take(bytes, 8)) {
            1 => Kind::Body,
            2 => Kind::Use,
            _ => return None,
        };
        Some(Self {
            kind,
            key: Digest::new(take(bytes, 12), u64::from_le_bytes(take(bytes, 44))),
            stamp: u64::from_le_bytes(take(bytes, 52)),
            length: u32::from_le_bytes(take(bytes, 4)),
            body_check: take(bytes, 60),
        })
    }

    /// Bytes of the whole record.
    pub(super) fn record_length(&self) -> u64 {
        HEADER as u64 + u64::from(self.length)
    }
}

/// The check of an answer: over its key too, so that an answer cannot pass for another's.
pub(super) fn answer_check(key: &Digest, value: &[u8]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(key.hash())
        .update(&key.size().to_le_bytes())
        .update(value);
    take(hasher.finalize().as_bytes(), 0)
}

/// `N` bytes at `at`.
pub(super) fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..]
        .first_chunk()
        .expect("callers pass layouts they have measured")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_right_only_whole_in_its_log_and_at_its_offset() {
        let header = Header {
            kind: Kind::Body,
            key: Digest::of(b"key"),
            stamp: 7,
            length: 5,
            body_check: answer_check(&Digest::of(b"key"), b"value"),
        };
        let seal = Seal::of("here");
        let bytes = header.encode(&seal, 100);
        assert_eq!(Header::decode(&bytes, &seal, 100), Some(header));
        assert_eq!(Header::decode(&bytes, &seal, 101), None);
        assert_eq!(Header::decode(&bytes, &Seal::of("there"), 100), None);
        assert_eq!(Header::decode(&bytes[..HEADER - 1], &seal, 100), None);
        for bit in 0..HEADER * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&damaged, &seal, 100), None, "bit {bit}");
        }
    }
}
