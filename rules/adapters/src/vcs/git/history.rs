//! Commits: who leads to whom, and what each changed.

use std::iter::Peekable;
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

/// What git was asked the last time, and the commits it told of, if that is remembered.
pub(super) fn remembered(
    memory: &Memory,
    inside: impl Fn(&[u8]) -> Option<String>,
) -> Option<(String, Vec<Commit>)> {
    let known = memory.known()?;
    Some((known.question, told(&[known.said], inside).ok()?))
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
        "--name-status",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
        "--diff-merges=combined",
        "--ignore-submodules=none",
        "--no-mailmap",
    ]
}

/// Reads what [`FORMAT`] prints: an empty field, five fields, and the files up to the next empty one.
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
        let files = Files::read(&mut fields, parents.len(), &inside)?;
        commits.push(Commit {
            is_empty: files.is_none_at_all && parents.len() < 2,
            id,
            parents,
            author,
            time,
            message,
            paths: files.changed,
            added: files.added,
            removed: files.removed,
        });
    }
    Some(())
}

/// The files of a commit.
struct Files {
    /// Sorted.
    changed: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
    /// Also outside the root.
    is_none_at_all: bool,
}

impl Files {
    /// Reads a status and a path for each, if there are any.
    fn read<'o>(
        fields: &mut Peekable<impl Iterator<Item = &'o [u8]> + Clone>,
        parents: usize,
        inside: &impl Fn(&[u8]) -> Option<String>,
    ) -> Option<Self> {
        let mut files = Self {
            changed: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            is_none_at_all: true,
        };
        // One line end stands between the message and the files; for a merge an empty field, also before none.
        let mut ahead = fields.clone();
        let is_apart = parents > 1
            && ahead.next() == Some(b"")
            && ahead.next().is_none_or(|next| next.is_empty() || is_status(next));
        if is_apart {
            fields.next();
        }
        while let Some(status) = fields.next_if(|field| !field.is_empty()) {
            let is_first = std::mem::replace(&mut files.is_none_at_all, false);
            let status = match status.strip_prefix(b"\n") {
                Some(status) if is_first && !is_apart => status,
                None if !is_first || is_apart => status,
                _ => return None,
            };
            let path = inside(
                fields
                    .next()
                    .filter(|path| !path.is_empty() && is_status(status))?,
            );
            let Some(path) = path else { continue };
            // A merge has a letter for every parent.
            match status {
                _ if status.iter().all(|letter| *letter == b'A') => files.added.push(path.clone()),
                _ if status.iter().all(|letter| *letter == b'D') => files.removed.push(path.clone()),
                _ => {}
            }
            files.changed.push(path);
        }
        files.changed.sort_unstable();
        files.changed.dedup();
        Some(files)
    }
}

/// Whether a field says what happened to a file: a capital letter for every parent. No commit's id looks like it.
fn is_status(field: &[u8]) -> bool {
    !field.is_empty() && field.iter().all(u8::is_ascii_uppercase)
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
        let record = format!(
            "\0{id}\0\0me\x007\0\0\nA\0\npath\0D\0b\0\0{id}\0{id} {id}\0\0-7\0text\n\n\0\0{id}\0{id} \
             {id}\0\x008\0x\0\0MM\0c\0AA\0d\0DD\0e\0\
             \0{id}\0{id} {id}\0\x009\0y\0\0\0{id}\0{id} {id}\0\x0010\0z\0\0"
        );
        let mut commits = Vec::new();
        let plain = |path: &[u8]| Some(String::from_utf8_lossy(path).into_owned());
        parse(record.as_bytes(), plain, &mut commits).expect("a whole answer");
        assert_eq!(
            (commits[0].message.as_str(), &commits[0].paths[..]),
            ("", &["\npath".to_owned(), "b".to_owned()][..])
        );
        assert_eq!(
            (&commits[0].added[..], &commits[0].removed[..]),
            (&["\npath".to_owned()][..], &["b".to_owned()][..])
        );
        assert_eq!(commits[1].paths, Vec::<String>::new());
        assert_eq!(commits[2].paths, ["c", "d", "e"]);
        let further: Vec<_> = commits[3..]
            .iter()
            .map(|commit| (commit.time, commit.paths.len(), commit.is_empty))
            .collect();
        assert_eq!(further, [(9, 0, false), (10, 0, false)]);
        assert_eq!(
            (&commits[2].added[..], &commits[2].removed[..]),
            (&["d".to_owned()][..], &["e".to_owned()][..])
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
