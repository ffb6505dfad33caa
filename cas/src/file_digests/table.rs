//! The stat table as bytes: fixed-width rows, sorted by path, behind a version and before a checksum.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::{Row, Stat};

/// Changes with the layout; a table of another version is an empty one.
const MAGIC: &[u8; 8] = b"rk-stat1";
const CHECKSUM: usize = 32;

pub(super) fn encode(rows: &HashMap<PathBuf, Row>) -> Vec<u8> {
    let mut sorted: Vec<_> = rows.iter().collect();
    sorted.sort_unstable_by_key(|(path, _)| *path);
    let mut bytes = MAGIC.to_vec();
    for (path, row) in sorted {
        let path = path.as_os_str().as_bytes();
        bytes.extend_from_slice(&(path.len() as u64).to_le_bytes());
        bytes.extend_from_slice(path);
        for time in [row.stat.modified, row.stat.changed, row.recorded] {
            bytes.extend_from_slice(&time.to_le_bytes());
        }
        for number in [row.stat.size, row.stat.inode, row.stat.device] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.push(row.idle);
        bytes.extend_from_slice(&row.hash);
    }
    let checksum = blake3::hash(&bytes);
    bytes.extend_from_slice(checksum.as_bytes());
    bytes
}

/// The rows, or `None` if a single bit is wrong.
pub(super) fn decode(bytes: &[u8]) -> Option<HashMap<PathBuf, Row>> {
    let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
    if blake3::hash(body).as_bytes() != checksum {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut rows = HashMap::new();
    while !rest.is_empty() {
        let (path, row) = row(&mut rest)?;
        rows.insert(path, row);
    }
    Some(rows)
}

fn row(rest: &mut &[u8]) -> Option<(PathBuf, Row)> {
    let length = usize::try_from(u64::from_le_bytes(fixed(rest)?)).ok()?;
    let (path, after) = rest.split_at_checked(length)?;
    *rest = after;
    let [modified, changed, recorded] = [fixed(rest)?, fixed(rest)?, fixed(rest)?].map(i64::from_le_bytes);
    let [size, inode, device] = [fixed(rest)?, fixed(rest)?, fixed(rest)?].map(u64::from_le_bytes);
    let [idle] = fixed(rest)?;
    let stat = Stat {
        modified,
        changed,
        size,
        inode,
        device,
    };
    let row = Row {
        stat,
        recorded,
        hash: fixed(rest)?,
        idle,
        used: AtomicBool::new(false),
    };
    Some((PathBuf::from(OsStr::from_bytes(path)), row))
}

fn fixed<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*head)
}
