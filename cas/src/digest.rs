//! A digest: which bytes. The only file that names the hash function.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// SHA-256 of some bytes, and how many bytes there are: the `Digest` message of REAPI v2, whose default
/// digest function this is.
///
/// Printed, parsed and serialised as `<64 hexadecimal digits>/<size in bytes>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    hash: [u8; 32],
    size: u64,
}

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            hash: Sha256::digest(bytes).into(),
            size: bytes.len() as u64,
        }
    }

    /// The digest of everything `reader` yields, read in pieces of 64 KiB.
    ///
    /// # Errors
    /// Whatever the reader answers.
    pub fn of_reader(mut reader: impl Read) -> std::io::Result<Self> {
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                read => hasher.update(&buffer[..read]),
            }
        }
    }

    /// A digest from its two halves.
    #[must_use]
    pub const fn new(hash: [u8; 32], size: u64) -> Self {
        Self { hash, size }
    }

    /// A digest from 64 hexadecimal digits and a size in bytes.
    ///
    /// # Errors
    /// [`Error::MalformedDigest`] if `hash` is anything else.
    pub fn from_hex(hash: &str, size: u64) -> Result<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).map_err(|_| Error::MalformedDigest(hash.to_owned()))?;
        Ok(Self { hash: bytes, size })
    }

    /// The hash alone.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The hash as 64 lower-case hexadecimal digits, as `sha256sum` prints it.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.hash)
    }

    /// The first twelve hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        hex::encode(&self.hash[..6])
    }

    /// How many bytes there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.hex(), self.size)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || Error::MalformedDigest(text.to_owned());
        let (hash, size) = text.split_once('/').ok_or_else(malformed)?;
        Self::from_hex(hash, size.parse().map_err(|_| malformed())?).map_err(|_| malformed())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A digest in the making, for bytes that arrive in pieces.
#[derive(Default)]
pub struct Hasher {
    state: Sha256,
    size: u64,
}

impl Hasher {
    /// Nothing read so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest {
            hash: self.state.finalize().into(),
            size: self.size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_digest_is_the_published_constant() {
        let empty = Digest::of(b"");
        assert_eq!(
            empty.to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0"
        );
        assert_eq!(
            empty,
            Digest::of_reader(std::io::empty()).expect("an empty reader cannot fail")
        );
    }

    #[test]
    fn text_parses_back() {
        let digest = Digest::of(b"abc");
        assert_eq!(
            digest.to_string().parse::<Digest>().expect("printed by us"),
            digest
        );
        for bad in ["", "abc/3", "zz/3", &format!("{}/x", digest.hex()), &digest.hex()] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
