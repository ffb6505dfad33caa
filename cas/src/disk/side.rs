//! The side file of a log: what a walk over the log would find, so that opening need not walk.
//!
//! It is never needed and never believed beyond its checksum: a log without one is walked, and whatever it
//! says about a record is checked again when the record is read.

use super::record::{Seal, take};
use crate::Digest;

const MAGIC: &[u8; 8] = b"rk-side1";
const FIXED: usize = 8 + 4 * 8;
const PLACE: usize = 40 + 8 + 4 + 8 + 8;
const USE: usize = 40 + 8;
const CHECK: usize = 32;

/// Where one body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) stamp: u64,
    /// When the key was last asked for, as far as is known.
    pub(super) used: u64,
}

/// Everything a side file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    /// Bytes of the log it covers.
    pub(super) covered: u64,
    /// Records in those bytes, superseded ones included.
    pub(super) records: u64,
    pub(super) places: Vec<(Digest, Place)>,
    /// Uses this log records of keys whose body may be in another log.
    pub(super) uses: Vec<(Digest, u64)>,
}

impl Side {
    pub(super) fn encode(&self, seal: &Seal) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED + self.places.len() * PLACE + self.uses.len() * USE + CHECK);
        bytes.extend_from_slice(MAGIC);
        for number in [
            self.covered,
            self.records,
            self.places.len() as u64,
            self.uses.len() as u64,
        ] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for (key, place) in &self.places {
            put_key(&mut bytes, key);
            bytes.extend_from_slice(&place.offset.to_le_bytes());
            bytes.extend_from_slice(&place.length.to_le_bytes());
            bytes.extend_from_slice(&place.stamp.to_le_bytes());
            bytes.extend_from_slice(&place.used.to_le_bytes());
        }
        for (key, used) in &self.uses {
            put_key(&mut bytes, key);
            bytes.extend_from_slice(&used.to_le_bytes());
        }
        let check = seal.file_check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// The side file in `bytes`, or `None` in doubt.
    pub(super) fn decode(bytes: &[u8], seal: &Seal) -> Option<Self> {
        let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
        if body.len() < FIXED || body[..8] != *MAGIC || seal.file_check(body) != check {
            return None;
        }
        let number = |at| u64::from_le_bytes(take(body, at));
        let places = usize::try_from(number(24)).ok()?;
        let uses = usize::try_from(number(32)).ok()?;
        let (place_rows, use_rows) = body[FIXED..].split_at_checked(places.checked_mul(PLACE)?)?;
        if use_rows.len() != uses.checked_mul(USE)? {
            return None;
        }
        Some(Self {
            covered: number(8),
            records: number(16),
            places: place_rows.chunks_exact(PLACE).map(place).collect(),
            uses: use_rows
                .chunks_exact(USE)
                .map(|row| (key(row), u64::from_le_bytes(take(row, 40))))
                .collect(),
        })
    }
}

fn put_key(bytes: &mut Vec<u8>, key: &Digest) {
    bytes.extend_from_slice(key.hash());
    bytes.extend_from_slice(&key.size().to_le_bytes());
}

fn key(row: &[u8]) -> Digest {
    Digest::new(take(row, 0), u64::from_le_bytes(take(row, 32)))
}

fn place(row: &[u8]) -> (Digest, Place) {
    let place = Place {
        offset: u64::from_le_bytes(take(row, 40)),
        length: u32::from_le_bytes(take(row, 48)),
        stamp: u64::from_le_bytes(take(row, 52)),
        used: u64::from_le_bytes(take(row, 60)),
    };
    (key(row), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_bit_is_doubt() {
        let place = Place {
            offset: 1,
            length: 2,
            stamp: 3,
            used: 4,
        };
        let side = Side {
            covered: 10,
            records: 2,
            places: vec![(Digest::of(b"a"), place)],
            uses: vec![(Digest::of(b"b"), 9)],
        };
        let seal = Seal::of("log");
        let bytes = side.encode(&seal);
        assert_eq!(Side::decode(&bytes, &seal), Some(side));
        assert_eq!(Side::decode(&bytes, &Seal::of("other")), None);
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Side::decode(&damaged, &seal), None, "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(Side::decode(&bytes[..length], &seal), None, "{length} bytes");
        }
    }
}
