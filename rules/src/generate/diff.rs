//! The difference of two texts, as a unified diff.

use std::fmt::Write as _;

/// How many unchanged lines surround a change.
const CONTEXT: usize = 3;

/// More differing lines than this are not searched for what they share.
const LIMIT: usize = 1_000;

/// One line of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'t> {
    Same(&'t str),
    Removed(&'t str),
    Added(&'t str),
}

/// How `new` differs from `old`, in the unified format without file names; empty if it does not.
#[must_use]
pub fn diff(old: &str, new: &str) -> String {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let lines = compare(&old, &new);
    let changes: Vec<usize> = (0..lines.len())
        .filter(|index| !matches!(lines.get(*index), Some(Line::Same(_))))
        .collect();
    let mut text = String::new();
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        // Changes whose surroundings touch share a hunk.
        let touching = rest
            .windows(2)
            .take_while(|pair| pair[1] - pair[0] <= 2 * CONTEXT + 1)
            .count()
            + 1;
        let (hunk, others) = rest.split_at(touching);
        rest = others;
        let start = first.saturating_sub(CONTEXT);
        let end = (hunk.last().unwrap_or(first) + CONTEXT + 1).min(lines.len());
        write_hunk(&mut text, &lines, start, end);
    }
    text
}

fn write_hunk(text: &mut String, lines: &[Line<'_>], start: usize, end: usize) {
    let count = |lines: &[Line<'_>], old: bool| {
        let other = |line: &&Line<'_>| match line {
            Line::Same(_) => true,
            Line::Removed(_) => old,
            Line::Added(_) => !old,
        };
        lines.iter().filter(other).count()
    };
    let (before, hunk) = (
        lines.get(..start).unwrap_or_default(),
        lines.get(start..end).unwrap_or_default(),
    );
    let range = |old: bool| {
        let (skipped, length) = (count(before, old), count(hunk, old));
        let first = if length == 0 { skipped } else { skipped + 1 };
        if length == 1 {
            first.to_string()
        } else {
            format!("{first},{length}")
        }
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "@@ -{} +{} @@", range(true), range(false));
    for line in hunk {
        let (sign, line) = match line {
            Line::Same(line) => (' ', line),
            Line::Removed(line) => ('-', line),
            Line::Added(line) => ('+', line),
        };
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// Myers' shortest edit, after what both share at their ends.
fn compare<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (shared, old, new) = (&old[..head], &old[head..], &new[head..]);
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let (old, end) = old.split_at(old.len() - tail);
    let new = &new[..new.len() - tail];
    let mut lines: Vec<Line<'t>> = shared.iter().map(|line| Line::Same(line)).collect();
    lines.extend(middle(old, new).unwrap_or_else(|| {
        let removed = old.iter().map(|line| Line::Removed(line));
        removed.chain(new.iter().map(|line| Line::Added(line))).collect()
    }));
    lines.extend(end.iter().map(|line| Line::Same(line)));
    lines
}

/// The shortest edit; `None` if it is longer than [`LIMIT`].
fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Option<Vec<Line<'t>>> {
    let limit = (old.len() + new.len()).min(LIMIT);
    // How far into `old` the best path on each diagonal has come; diagonal k (old - new) is at `limit + 1 + k`.
    let zero = limit + 1;
    let mut furthest = vec![0_usize; 2 * limit + 3];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=limit {
        trace.push(furthest[zero - edits - 1..=zero + edits + 1].to_vec());
        for diagonal in (zero - edits..=zero + edits).step_by(2) {
            let first = diagonal == zero - edits;
            let down = first || (diagonal < zero + edits && furthest[diagonal - 1] < furthest[diagonal + 1]);
            let mut x = if down {
                furthest[diagonal + 1]
            } else {
                furthest[diagonal - 1] + 1
            };
            let mut y = x + zero - diagonal;
            while x < old.len() && y < new.len() && old[x] == new[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[diagonal] = x;
            if x >= old.len() && y >= new.len() {
                return Some(backtrack(old, new, &trace));
            }
        }
    }
    None
}

/// Walks the kept states back from the end to the start.
fn backtrack<'t>(old: &[&'t str], new: &[&'t str], trace: &[Vec<usize>]) -> Vec<Line<'t>> {
    let (mut x, mut y) = (old.len(), new.len());
    let mut lines = Vec::new();
    for (edits, furthest) in trace.iter().enumerate().rev() {
        // Here diagonal k is at `edits + 1 + k`.
        let zero = edits + 1;
        let diagonal = zero + x - y;
        let first = diagonal == zero - edits;
        let down = first || (diagonal < zero + edits && furthest[diagonal - 1] < furthest[diagonal + 1]);
        let before = if down { diagonal + 1 } else { diagonal - 1 };
        let (from_x, from_y) = if edits == 0 {
            (0, 0)
        } else {
            (furthest[before], furthest[before] + zero - before)
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            lines.push(Line::Same(old[x]));
        }
        if y > from_y {
            lines.push(Line::Added(new[from_y]));
        } else if x > from_x {
            lines.push(Line::Removed(old[from_x]));
        }
        (x, y) = (from_x, from_y);
    }
    lines.reverse();
    lines
}
