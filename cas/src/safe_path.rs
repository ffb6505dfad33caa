//! Which paths a tree may hold: the one check all of them go through.

use crate::{Error, Result};

/// Folders within folders, at most. Deeper paths do not fit the systems that have to materialise them.
pub(crate) const MAX_DEPTH: usize = 256;
/// Bytes in one name, as on every common file system.
const MAX_NAME: usize = 255;
/// Bytes in what a symbolic link points to, as on every common file system.
const MAX_LINK: usize = 4096;

/// Whether `part` can be one name of a path.
pub(crate) fn is_plain_part(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && part.len() <= MAX_NAME && !part.contains(['/', '\\', '\0'])
}

/// The one check every path of a tree goes through: relative, at least one part, and plain parts only (not
/// empty, `.` or `..`; no backslash, no NUL; at most 255 bytes each and 256 of them).
pub(crate) fn check_path(path: &str) -> Result<()> {
    let plain = path.split('/').all(is_plain_part) && path.split('/').count() <= MAX_DEPTH;
    if plain {
        Ok(())
    } else {
        Err(Error::UnsafePath(path.to_owned()))
    }
}

/// A link may climb, but only in front and no higher than the root: `a/../b` would mean something else when
/// `a` is itself a link, so it is refused although it looks harmless.
pub(crate) fn check_link(path: &str, to: &str) -> Result<()> {
    let depth = path.split('/').count() - 1;
    let climbs = to.split('/').take_while(|part| *part == "..").count();
    let rest: Vec<&str> = to.split('/').skip(climbs).collect();
    let here = to == ".";
    let inside = climbs <= depth && to.len() <= MAX_LINK && rest.iter().all(|part| is_plain_part(part));
    if here || inside {
        Ok(())
    } else {
        Err(Error::UnsafePath(format!("{path} -> {to}")))
    }
}
