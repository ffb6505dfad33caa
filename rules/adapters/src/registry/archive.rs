//! Reads one file out of an archive, in memory, with limits, and only if all readers would read the same.

use std::collections::HashSet;
use std::io::{self, Cursor, Read};

use flate2::bufread::GzDecoder;
use zip::ZipArchive;

/// Entries in an archive.
const MAX_ENTRIES: usize = 200_000;
/// Bytes an archive unpacks to.
const MAX_UNPACKED: u64 = 4 << 30;
/// Bytes of the file that is read.
const MAX_FILE: u64 = 16 << 20;

/// The file `wanted` (`core-1.0.0/Cargo.toml`) of a gzipped tar archive, all of whose entries must be beneath
/// that file's first folder; links are refused unless `links`.
///
/// # Errors
/// What is wrong with the archive, as a sentence.
pub(super) fn from_tar_gz(bytes: &[u8], wanted: &str, links: bool) -> Result<Vec<u8>, String> {
    let damaged = |error: io::Error| format!("it is not a sound gzipped tar archive: {error}");
    let top = wanted.split('/').next().unwrap_or_default();
    let mut stream = Limited {
        inner: GzDecoder::new(bytes),
        left: MAX_UNPACKED,
    };
    let mut archive = tar::Archive::new(&mut stream);
    let mut found = None;
    for (count, entry) in archive.entries().map_err(damaged)?.enumerate() {
        let mut entry = entry.map_err(damaged)?;
        if count >= MAX_ENTRIES {
            return Err(format!("it holds more than {MAX_ENTRIES} entries"));
        }
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() {
            continue;
        }
        let path =
            String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| "a name in it is not UTF-8")?;
        check_path(path.strip_suffix('/').unwrap_or(&path))?;
        if path.split('/').next() != Some(top) {
            return Err(format!("`{path}` in it is not beneath `{top}/`"));
        }
        let is_link = kind.is_symlink() || kind.is_hard_link();
        if !(kind.is_file() || kind.is_contiguous() || kind.is_dir() || (is_link && links)) {
            return Err(format!("`{path}` in it is neither a file nor a folder"));
        }
        if path == wanted {
            if found.is_some() || !kind.is_file() {
                return Err(format!("`{wanted}` is in it twice, or is not a file"));
            }
            found = Some(read(&mut entry, wanted)?);
        }
    }
    rest_is_empty(&mut stream).map_err(damaged)?;
    if !stream.inner.into_inner().is_empty() {
        return Err("something stands after its end".to_owned());
    }
    found.ok_or_else(|| format!("it holds no `{wanted}`"))
}

/// The only file of a zip archive that `wanted` accepts, by name.
///
/// # Errors
/// What is wrong with the archive, as a sentence.
pub(super) fn from_zip(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Vec<u8>, String> {
    let damaged = |error: zip::result::ZipError| format!("it is not a sound zip archive: {error}");
    let entries = zip_entries(bytes)?;
    if entries.is_some_and(|entries| entries > MAX_ENTRIES) {
        return Err(format!("it holds more than {MAX_ENTRIES} entries"));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.offset() != 0 {
        return Err("something stands before its beginning".to_owned());
    }
    if entries.is_some_and(|entries| entries != archive.len()) {
        return Err("a name is in it twice".to_owned());
    }
    let mut names = Vec::new();
    let mut parts = Vec::new();
    let mut seen = HashSet::new();
    for number in 0..archive.len() {
        let entry = archive.by_index_raw(number).map_err(damaged)?;
        let name = str::from_utf8(entry.name_raw()).map_err(|_| "a name in it is not UTF-8")?;
        check_path(name.strip_suffix('/').unwrap_or(name))?;
        if !seen.insert(name.strip_suffix('/').unwrap_or(name).to_owned()) {
            return Err(format!("`{name}` is in it twice"));
        }
        let data = entry.data_start();
        parts.push((
            entry.header_start(),
            data,
            data.saturating_add(entry.compressed_size()),
            name.to_owned(),
        ));
        names.push(name.to_owned());
    }
    check_parts(bytes, parts, archive.central_directory_start())?;
    let mut hits = names.iter().filter(|name| wanted(name));
    match (hits.next(), hits.next()) {
        (Some(name), None) => read(&mut archive.by_name(name).map_err(damaged)?, name),
        (Some(one), Some(other)) => Err(format!("it holds both `{one}` and `{other}`")),
        (None, _) => Err("it does not hold the file that describes the package".to_owned()),
    }
}

/// How many entries the archive says it has, in the record that must be its very end; `None` if there are more
/// than that record can say.
fn zip_entries(bytes: &[u8]) -> Result<Option<usize>, String> {
    let end = bytes
        .last_chunk::<22>()
        .filter(|end| end.starts_with(b"PK\x05\x06"));
    let end = end.ok_or("it is not a zip archive, or something stands after its end")?;
    let count = u16::from_le_bytes([end[10], end[11]]);
    Ok((count != u16::MAX).then_some(usize::from(count)))
}

/// Some readers go by the directory at the end of a zip archive, others by the header before each file: both
/// must tell the same, so every byte before the directory belongs to a file that is in it, under that name.
fn check_parts(bytes: &[u8], mut parts: Vec<(u64, u64, u64, String)>, directory: u64) -> Result<(), String> {
    parts.sort();
    let mut position = 0;
    for (header, data, end, name) in &parts {
        let head = usize::try_from(*header).ok().zip(usize::try_from(*data).ok());
        let head = head
            .and_then(|(header, data)| bytes.get(header..data))
            .unwrap_or_default();
        let named = head
            .get(30..)
            .is_some_and(|rest| rest.starts_with(name.as_bytes()));
        let length = head
            .get(26..28)
            .map(|length| usize::from(u16::from_le_bytes([length[0], length[1]])));
        if !head.starts_with(b"PK\x03\x04") || !named || length != Some(name.len()) {
            return Err(format!(
                "`{name}` in it is called something else in another place"
            ));
        }
        check_gap(position, *header)?;
        // Sizes that were not known when a file was begun follow it.
        let describes = head[6] & 8 != 0;
        position = if describes {
            end.saturating_add(descriptor(bytes, *end))
        } else {
            *end
        };
    }
    check_gap(position, directory)
}

fn check_gap(from: u64, to: u64) -> Result<(), String> {
    if from == to {
        Ok(())
    } else {
        Err("something in it belongs to none of its files".to_owned())
    }
}

/// How long the record after a file is: with or without a signature, with short or with long sizes.
fn descriptor(bytes: &[u8], at: u64) -> u64 {
    let rest = usize::try_from(at)
        .ok()
        .and_then(|at| bytes.get(at..))
        .unwrap_or_default();
    let is_next = |length: usize| {
        rest.get(length..)
            .is_some_and(|next| next.starts_with(b"PK\x03\x04") || next.starts_with(b"PK\x01\x02"))
    };
    [16, 24, 12, 20]
        .into_iter()
        .find(|length| is_next(*length))
        .map_or(0, |length| length as u64)
}

/// Refuses names that unpack to somewhere else, here or on another system.
fn check_path(path: &str) -> Result<(), String> {
    let tricky = path.contains(['\\', '\0']) || path.chars().any(char::is_control);
    if tricky || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(format!("{path:?} in it is not a plain path"));
    }
    Ok(())
}

fn read(entry: &mut impl Read, name: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    entry
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("`{name}` cannot be read: {error}"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("`{name}` in it is larger than {} MiB", MAX_FILE >> 20));
    }
    Ok(bytes)
}

/// Reads to the end of the stream, so that its checksum is checked; readers disagree on what follows the end
/// of a tar archive, unless it is nothing.
fn rest_is_empty(stream: &mut impl Read) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            read if buffer[..read].iter().any(|byte| *byte != 0) => {
                return Err(io::Error::other("something stands after the end of the archive"));
            }
            _ => {}
        }
    }
}

/// A stream that may not be endless.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(format!("it unpacks to more than {MAX_UNPACKED} bytes")))?;
        Ok(read)
    }
}
