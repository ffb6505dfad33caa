//! Commits: who leads to whom, and what each changed.

use std::collections::BTreeSet;
use std::num::NonZero;

use engine::StepError;
use model::{Commit, CommitId};

use super::graph;
use super::memory::Memory;
use super::run::{Runner, commit_id};

/// A NUL before every commit: as no path is empty, nothing else looks like it.
const FORMAT: &str = "--format=%x00%H%x00%P%x00%an%x00%ct%x00%B";

/// How many commits are worth a process of their own.
const SHARE: usize = 512;

/// The most processes that read commits side by side.
const MOST: usize = 4;

/// The commits that lead to `head`, newest first, without those that lead to every one of `since`.
pub(super) fn log(
    runner: &Runner,
    memory: &Memory,
    head: &CommitId,
    since: &[CommitId],
    inside: impl Fn(&[u8]) -> Option<String>,
) -> Result<Vec<Commit>, StepError> {
    let parts = match memory.recall(head, since) {
        Some(known) => vec![known],
        None => {
            let parts = read(runner, &graph::range(runner, head, since)?)?;
            memory.keep(head, since, &parts);
            parts
        }
    };
    told(&parts, inside)
}

/// One commit.
pub(super) fn one(
    runner: &Runner,
    id: &CommitId,
    inside: impl Fn(&[u8]) -> Option<String>,
) -> Result<Vec<Commit>, StepError> {
    told(&read(runner, std::slice::from_ref(&id.0))?, inside)
}

/// The commits that git told of, in parts.
fn told(parts: &[Vec<u8>], inside: impl Fn(&[u8]) -> Option<String>) -> Result<Vec<Commit>, StepError> {
    let mut commits = Vec::new();
    for part in parts {
        let unknown = || StepError::new("`git log` answered in a form that is not known");
        parse(part, &inside, &mut commits).ok_or_else(unknown)?;
    }
    Ok(commits)
}

/// What git says of these commits, in their order: comparing trees is what takes git so long, so it is done on all
/// processors.
fn read(runner: &Runner, ids: &[String]) -> Result<Vec<Vec<u8>>, StepError> {
    let processors = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST);
    let share = ids.len().div_ceil(processors).max(SHARE);
    let read = |ids: &[String]| runner.success(&arguments(), (ids.join("\n") + "\n").as_bytes());
    let parts: Vec<Result<_, StepError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = ids
            .chunks(share)
            .map(|ids| scope.spawn(move || read(ids)))
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    });
    parts
        .into_iter()
        .map(|part| part.map(|done| done.stdout))
        .collect()
}

fn arguments() -> [&'static str; 14] {
    [
        "log",
        "--no-walk=unsorted",
        "--stdin",
        "-z",
        FORMAT,
        "--encoding=UTF-8",
        "--name-only",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
        "--diff-merges=off",
        "--ignore-submodules=none",
        "--no-mailmap",
    ]
}

/// Reads what [`FORMAT`] prints: an empty field, five fields, and a path in each field up to the next empty one.
fn parse(output: &[u8], inside: impl Fn(&[u8]) -> Option<String>, commits: &mut Vec<Commit>) -> Option<()> {
    let Some(output) = output.strip_suffix(b"\0") else {
        return output.is_empty().then_some(());
    };
    let mut fields = output.split(|byte| *byte == 0).peekable();
    while let Some(start) = fields.next() {
        if !start.is_empty() {
            return None;
        }
        let id = commit_id(str::from_utf8(fields.next()?).ok()?).ok()?;
        let parents = str::from_utf8(fields.next()?).ok()?.split_whitespace();
        let parents = parents
            .map(|parent| commit_id(parent).ok())
            .collect::<Option<Vec<_>>>()?;
        let author = decode(fields.next()?);
        // Other programs have made commits whose date nobody can read.
        let time = str::from_utf8(fields.next()?).ok()?.parse().unwrap_or(0);
        let message = decode(fields.next()?).trim_end_matches('\n').to_owned();
        let mut paths = BTreeSet::new();
        let mut is_first = true;
        let mut is_empty = parents.len() < 2;
        while let Some(path) = fields.next_if(|field| !field.is_empty()) {
            // One line end stands between the message and the paths.
            let path = if is_first { path.strip_prefix(b"\n")? } else { path };
            (is_first, is_empty) = (false, false);
            paths.extend(inside(path));
        }
        commits.push(Commit {
            id,
            parents,
            author,
            time,
            message,
            paths: paths.into_iter().collect(),
            is_empty,
        });
    }
    Some(())
}

/// Text in whatever encoding: UTF-8, or else one character per byte (Latin-1), so that nothing is lost.
fn decode(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_answers_are_read() {
        let id = "a".repeat(40);
        let record = format!("\0{id}\0\0me\x007\0\0\n\npath\0b\0\0{id}\0{id} {id}\0\0-7\0text\n\n\0");
        let mut commits = Vec::new();
        let plain = |path: &[u8]| Some(String::from_utf8_lossy(path).into_owned());
        parse(record.as_bytes(), plain, &mut commits).expect("a whole answer");
        assert_eq!(
            (commits[0].message.as_str(), &commits[0].paths[..]),
            ("", &["\npath".to_owned(), "b".to_owned()][..])
        );
        assert_eq!(
            (
                commits[1].message.as_str(),
                commits[1].time,
                commits[1].parents.len()
            ),
            ("text", -7, 2)
        );
        let mut none = Vec::new();
        assert!(parse(b"fatal", |_| None, &mut none).is_none());
        assert!(parse(b"\0abc\0", |_| None, &mut none).is_none());
        assert_eq!((parse(b"", |_| None, &mut none), none), (Some(()), Vec::new()));
    }
}
