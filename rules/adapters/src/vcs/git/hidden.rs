//! Changes that git was told not to look at: `git update-index --skip-worktree` and `--assume-unchanged`.

use engine::StepError;

use super::run::Runner;

/// The files in the runner's folder that are not looked at and differ from what is staged, relative to that folder.
/// Those that a sparse checkout leaves out are not there, and do not differ.
pub(super) fn changed(runner: &Runner) -> Result<Vec<Vec<u8>>, StepError> {
    let listed = runner.success(&["ls-files", "-v", "--stage", "-z"], b"")?.stdout;
    let unlooked: Vec<(&[u8], &[u8])> = listed.split(|byte| *byte == 0).filter_map(unlooked).collect();
    let is_there = |path: &str| {
        runner
            .root()
            .join(path)
            .symlink_metadata()
            .is_ok_and(|about| about.is_file())
    };
    let there = unlooked
        .into_iter()
        .filter(|(_, path)| str::from_utf8(path).is_ok_and(is_there));
    // One path is asked for per line.
    let (asked, odd): (Vec<_>, Vec<_>) = there.partition(|(_, path)| !path.contains(&b'\n'));
    let mut differing: Vec<Vec<u8>> = odd.into_iter().map(|(_, path)| path.to_vec()).collect();
    if asked.is_empty() {
        return Ok(differing);
    }
    let paths: Vec<&[u8]> = asked.iter().map(|(_, path)| *path).collect();
    let objects = runner
        .success(&["hash-object", "--stdin-paths"], &paths.join(&b'\n'))?
        .stdout;
    let objects = objects.split(|byte| *byte == b'\n');
    let changed = asked
        .iter()
        .zip(objects)
        .filter(|((staged, _), object)| staged != object);
    differing.extend(changed.map(|((_, path), _)| path.to_vec()));
    Ok(differing)
}

/// The object and the path in a line such as `S 100644 OBJECT 0<TAB>PATH`, if its file is not looked at.
fn unlooked(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (tag, rest) = line.split_first()?;
    if !(*tag == b'S' || tag.is_ascii_lowercase()) {
        return None;
    }
    let tab = rest.iter().position(|byte| *byte == b'\t')?;
    let object = rest[..tab].split(|byte| *byte == b' ').nth(2)?;
    Some((object, &rest[tab + 1..]))
}
