//! Commits: who leads to whom, and what each changed.

use std::collections::{BTreeSet, HashMap};

use engine::StepError;
use model::{Commit, CommitId};

use super::run::{Runner, commit_id};

/// A NUL before every commit: as no path is empty, nothing else looks like it.
const FORMAT: &str = "--format=%x00%H%x00%P%x00%an%x00%ct%x00%B";

/// The commits that lead to `head`, newest first, without those that lead to one of `bases`.
pub(super) fn log(
    runner: &Runner,
    head: &CommitId,
    bases: &[CommitId],
    inside: impl Fn(&[u8]) -> Option<String>,
) -> Result<Vec<Commit>, StepError> {
    let excluded: Vec<String> = bases.iter().map(|base| format!("^{base}")).collect();
    let mut args = vec!["--end-of-options", &head.0];
    args.extend(excluded.iter().map(String::as_str));
    ask(runner, &args, inside)
}

/// One commit.
pub(super) fn one(
    runner: &Runner,
    id: &CommitId,
    inside: impl Fn(&[u8]) -> Option<String>,
) -> Result<Vec<Commit>, StepError> {
    ask(runner, &["--no-walk=unsorted", "--end-of-options", &id.0], inside)
}

/// Has git tell of the commits that `which` names.
fn ask(
    runner: &Runner,
    which: &[&str],
    inside: impl Fn(&[u8]) -> Option<String>,
) -> Result<Vec<Commit>, StepError> {
    let mut args = vec![
        "log",
        "-z",
        FORMAT,
        "--encoding=UTF-8",
        "--date-order",
        "--name-only",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
        "--diff-merges=off",
        "--ignore-submodules=none",
        "--no-mailmap",
    ];
    args.extend(which);
    args.push("--");
    let done = runner.success(&args, b"")?;
    parse(&done.stdout, inside)
        .ok_or_else(|| StepError::new("`git log` answered in a form that is not known"))
}

/// Reads what [`FORMAT`] prints: an empty field, five fields, and a path in each field up to the next empty one.
fn parse(output: &[u8], inside: impl Fn(&[u8]) -> Option<String>) -> Option<Vec<Commit>> {
    let mut commits = Vec::new();
    let Some(output) = output.strip_suffix(b"\0") else {
        return output.is_empty().then_some(commits);
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
        let time = str::from_utf8(fields.next()?).ok()?.parse().ok()?;
        let message = decode(fields.next()?).trim_end_matches('\n').to_owned();
        let mut paths = BTreeSet::new();
        let mut is_first = true;
        while let Some(path) = fields.next_if(|field| !field.is_empty()) {
            // One line end stands between the message and the paths.
            let path = if is_first { path.strip_prefix(b"\n")? } else { path };
            is_first = false;
            paths.extend(inside(path));
        }
        commits.push(Commit {
            id,
            parents,
            author,
            time,
            message,
            paths: paths.into_iter().collect(),
        });
    }
    Some(commits)
}

/// Text in whatever encoding: UTF-8, or else one character per byte (Latin-1), so that nothing is lost.
fn decode(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}

/// The last commits that lead to every one of `since`; none if there are none, or `since` is empty.
///
/// What `git merge-base --octopus --all` prints, which takes minutes for a thousand commits.
pub(super) fn common_bases(runner: &Runner, since: &[CommitId]) -> Result<Vec<CommitId>, StepError> {
    let since: BTreeSet<&str> = since.iter().map(|id| id.0.as_str()).collect();
    for id in &since {
        commit_id(id)?;
    }
    if since.len() < 2 {
        return Ok(since.into_iter().map(|id| CommitId(id.to_owned())).collect());
    }
    let mut input = String::new();
    for id in &since {
        input.push_str(id);
        input.push('\n');
    }
    let done = runner.success(
        &["rev-list", "--topo-order", "--parents", "--stdin"],
        input.as_bytes(),
    )?;
    let text = done.text();
    let graph = Graph::read(&text);
    Ok(graph
        .common_bases(&since)
        .into_iter()
        .map(|id| CommitId(id.to_owned()))
        .collect())
}

/// Commits by number, children before parents.
struct Graph<'a> {
    ids: Vec<&'a str>,
    parents: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    /// Reads lines of a commit and its parents.
    fn read(text: &'a str) -> Self {
        let ids: Vec<&str> = text
            .lines()
            .map(|line| line.split(' ').next().unwrap_or_default())
            .collect();
        let numbers: HashMap<&str, usize> =
            ids.iter().enumerate().map(|(number, id)| (*id, number)).collect();
        let parents = text.lines().map(|line| {
            line.split(' ')
                .skip(1)
                .filter_map(|id| numbers.get(id).copied())
                .collect()
        });
        Self {
            parents: parents.collect(),
            ids,
        }
    }

    fn common_bases(&self, since: &BTreeSet<&str>) -> Vec<&'a str> {
        let oldest = self.oldest(since);
        let mut reached_by = vec![0_usize; self.ids.len()];
        for start in &oldest {
            self.count_ancestors(*start, &mut reached_by);
        }
        let is_common = |number: usize| reached_by[number] == oldest.len();
        let mut has_common_child = vec![false; self.ids.len()];
        for (number, parents) in self.parents.iter().enumerate() {
            for parent in parents.iter().filter(|_| is_common(number)) {
                has_common_child[*parent] = true;
            }
        }
        let last = (0..self.ids.len()).filter(|number| is_common(*number) && !has_common_child[*number]);
        last.map(|number| self.ids[number]).collect()
    }

    /// Those of `since` that no other one of them leads to: what leads to these leads to all.
    fn oldest(&self, since: &BTreeSet<&str>) -> Vec<usize> {
        let is_since: Vec<bool> = self.ids.iter().map(|id| since.contains(id)).collect();
        let mut is_later = vec![false; self.ids.len()];
        for number in (0..self.ids.len()).rev() {
            is_later[number] = self.parents[number]
                .iter()
                .any(|parent| is_since[*parent] || is_later[*parent]);
        }
        (0..self.ids.len())
            .filter(|number| is_since[*number] && !is_later[*number])
            .collect()
    }

    fn count_ancestors(&self, start: usize, counts: &mut [usize]) {
        let mut seen = vec![false; self.ids.len()];
        seen[start] = true;
        let mut waiting = vec![start];
        while let Some(number) = waiting.pop() {
            counts[number] += 1;
            for parent in &self.parents[number] {
                if !std::mem::replace(&mut seen[*parent], true) {
                    waiting.push(*parent);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(graph: &str, since: &[&str]) -> Vec<String> {
        let since = since.iter().copied().collect();
        Graph::read(graph)
            .common_bases(&since)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn bases_are_what_all_share() {
        // f merges d and e, which both come after c.
        let graph = "f d e\ne c\nd c\nc b\nb a\na";
        assert_eq!(bases(graph, &["f", "b"]), ["b"]);
        assert_eq!(bases(graph, &["d", "e"]), ["c"]);
        assert_eq!(bases(graph, &["f", "d", "e"]), ["c"]);
        assert_eq!(bases("x\ny", &["x", "y"]), [""; 0]);
        // Crossed merges share two last commits.
        assert_eq!(bases("p b c\nq b c\nb a\nc a\na", &["p", "q"]), ["b", "c"]);
    }

    #[test]
    fn only_whole_answers_are_read() {
        let id = "a".repeat(40);
        let record = format!("\0{id}\0\0me\x007\0\0\n\npath\0b\0\0{id}\0{id} {id}\0\0-7\0text\n\n\0");
        let commits = parse(record.as_bytes(), |path| {
            Some(String::from_utf8_lossy(path).into_owned())
        });
        let commits = commits.expect("a whole answer");
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
        assert!(parse(b"fatal", |_| None).is_none() && parse(b"\0abc\0", |_| None).is_none());
        assert_eq!(parse(b"", |_| None), Some(Vec::new()));
    }
}
