//! Which commits a log has to hold: those that lead to the head, without those that every last release has already.

use std::collections::{BTreeSet, HashMap};

use engine::StepError;
use model::CommitId;

use super::run::{Runner, commit_id};

/// The commits that lead to `head`, newest first, without those that lead to every one of `since`.
///
/// What `git rev-list HEAD --not $(git merge-base --octopus --all SINCE)` prints, which takes minutes for a thousand
/// commits.
pub(super) fn range(runner: &Runner, head: &CommitId, since: &[CommitId]) -> Result<Vec<String>, StepError> {
    let since: BTreeSet<&str> = since.iter().map(|id| id.0.as_str()).collect();
    let mut input = String::new();
    for id in since.iter().copied().chain([head.0.as_str()]) {
        commit_id(id)?;
        input.push_str(id);
        input.push('\n');
    }
    let done = runner.success(
        &["rev-list", "--date-order", "--parents", "--stdin"],
        input.as_bytes(),
    )?;
    let text = done.text();
    let graph = Graph::read(&text);
    Ok(graph
        .range(&head.0, &since)
        .into_iter()
        .map(str::to_owned)
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

    fn range(&self, head: &str, since: &BTreeSet<&str>) -> Vec<&'a str> {
        let oldest = self.oldest(since);
        let mut reached_by = vec![0_usize; self.ids.len()];
        for start in &oldest {
            self.count_ancestors(*start, &mut reached_by);
        }
        let is_common = |number: usize| !oldest.is_empty() && reached_by[number] == oldest.len();
        let mut leads_to_head = vec![0_usize; self.ids.len()];
        if let Some(head) = self.ids.iter().position(|id| *id == head) {
            self.count_ancestors(head, &mut leads_to_head);
        }
        let range = (0..self.ids.len()).filter(|number| leads_to_head[*number] > 0 && !is_common(*number));
        range.map(|number| self.ids[number]).collect()
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

    fn range(graph: &str, head: &str, since: &[&str]) -> String {
        let since = since.iter().copied().collect();
        Graph::read(graph).range(head, &since).join(" ")
    }

    #[test]
    fn ranges_leave_out_what_all_share() {
        // f merges d and e, which both come after c.
        let graph = "f d e\ne c\nd c\nc b\nb a\na";
        assert_eq!(range(graph, "f", &[]), "f e d c b a");
        assert_eq!(range(graph, "f", &["f"]), "");
        assert_eq!(range(graph, "f", &["f", "b"]), "f e d c");
        assert_eq!(range(graph, "f", &["d", "e"]), "f e d");
        assert_eq!(range(graph, "f", &["d"]), "f e");
        assert_eq!(range(graph, "d", &["e"]), "d");
        assert_eq!(range("x\ny", "x", &["y"]), "x");
        // Crossed merges share two last commits.
        assert_eq!(range("p b c\nq b c\nb a\nc a\na", "p", &["p", "q"]), "p");
    }
}
