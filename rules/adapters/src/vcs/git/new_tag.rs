//! Makes annotated tags: the same bytes for the same request, and never in the place of another.

use std::time::Duration;

use engine::{StepError, printable};
use model::{CommitId, NewTag, legal_tag};

use super::refs;
use super::run::{EMAIL, NAME, Runner, commit_id};

/// How often a name is tried for while somebody else holds its lock.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);
/// How old a lock is before it counts as left behind.
const ABANDONED: Duration = Duration::from_secs(2);

pub(super) fn create(runner: &Runner, tag: &NewTag) -> Result<(), StepError> {
    let name = &tag.name;
    legal_tag(name).map_err(|why| {
        StepError::new(format!("`{}` cannot be a tag: {why}", printable(name))).hint("change `tag_format`")
    })?;
    let commit = commit_id(&tag.commit.0)?;
    let reference = format!("refs/tags/{name}");
    if is_done(runner, &reference, tag)? {
        return Ok(());
    }
    if runner.resolve(&format!("{commit}^{{commit}}"))?.as_ref() != Some(&commit) {
        return Err(StepError::new(format!(
            "there is no commit {commit} to make the tag `{name}` for"
        )));
    }
    let object = runner
        .success(&["mktag", "--strict"], text(runner, tag)?.as_bytes())?
        .text();
    let nothing = "0".repeat(object.len());
    let args = [
        "update-ref",
        "--no-deref",
        "-m",
        "releasekit: new tag",
        &reference,
        &object,
        &nothing,
    ];
    let mut tries = 0;
    loop {
        tries += 1;
        let done = runner.run(&args, b"")?;
        // Whoever was faster may have made the same one.
        if done.succeeded() || is_done(runner, &reference, tag)? {
            return Ok(());
        }
        if !done.stderr.contains(".lock") {
            return Err(done.failure());
        }
        if tries == TRIES && forget_our_lock(runner, &reference, &object)? {
            tries = 0;
        } else if tries == TRIES {
            return Err(StepError {
                transient: true,
                ..done.failure()
            });
        }
        std::thread::sleep(PAUSE);
    }
}

/// Removes the lock that a git of ours left on the name when it was killed; `false` if there is none, or it may be
/// somebody else's. Git holds such a lock for milliseconds and writes into it what the name will stand for, so one
/// that is old, and empty or about this very object, is ours: only one release runs at a time.
fn forget_our_lock(runner: &Runner, reference: &str, object: &str) -> Result<bool, StepError> {
    let lock = format!("{reference}.lock");
    let path = runner
        .success(&["rev-parse", "--path-format=absolute", "--git-path", &lock], b"")?
        .text();
    let is_old = std::fs::symlink_metadata(&path)
        .and_then(|about| about.modified())
        .is_ok_and(|written| written.elapsed().is_ok_and(|age| age >= ABANDONED));
    let is_ours =
        std::fs::read_to_string(&path).is_ok_and(|text| matches!(text.trim(), "") || text.trim() == object);
    Ok(is_old && is_ours && std::fs::remove_file(&path).is_ok())
}

/// Whether the tag is there already.
fn is_done(runner: &Runner, reference: &str, tag: &NewTag) -> Result<bool, StepError> {
    let Some(found) = refs::find(runner, reference)? else {
        return Ok(false);
    };
    let (name, wanted) = (&tag.name, &tag.commit);
    let found = match found.commit {
        Some(found) if found == *wanted => return Ok(true),
        Some(CommitId(found)) => format!("commit {found}"),
        None => "something that is not a commit".to_owned(),
    };
    Err(StepError::new(format!(
        "the tag `{name}` already names {found}, not commit {wanted}"
    ))
    .hint("tags are never moved: release another version, or delete the tag if nobody has seen it"))
}

/// The tag object. Its date is the commit's, so that every machine makes the same one.
fn text(runner: &Runner, tag: &NewTag) -> Result<String, StepError> {
    let NewTag {
        name,
        commit,
        message,
    } = tag;
    if message.contains('\0') || message.lines().any(|line| line.starts_with("-----BEGIN ")) {
        return Err(StepError::new(format!(
            "the message of the tag `{name}` holds a NUL or looks like a signature"
        )));
    }
    let time = runner.say(&["log", "-1", "--format=%ct", "--end-of-options", &commit.0, "--"])?;
    let message = message.trim_end_matches('\n');
    Ok(format!(
        "object {commit}\ntype commit\ntag {name}\ntagger {NAME} <{EMAIL}> {time} +0000\n\n{message}\n"
    ))
}
