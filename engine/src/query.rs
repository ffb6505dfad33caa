//! Questions about any graph: what does this need, who needs it, how are two connected.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::{Error, Result};

/// Named nodes and who depends on whom.
#[derive(Clone, Debug)]
pub struct Network {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    forwards: Vec<Vec<usize>>,
    backwards: Vec<Vec<usize>>,
}

/// Part of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its nodes, in the network's order.
    pub nodes: Vec<String>,
    /// Its edges, from dependent to dependency, in the network's order.
    pub edges: Vec<(String, String)>,
}

impl Network {
    /// A network of nodes called `names`, where node `n` depends on the nodes `edges[n]`. Panics unless there is
    /// one list per name that names only places in `names`.
    #[must_use]
    pub fn new(names: Vec<String>, edges: Vec<Vec<usize>>) -> Self {
        assert_eq!(names.len(), edges.len(), "one list of dependencies per name");
        let mut forwards = edges;
        let mut backwards = vec![Vec::new(); names.len()];
        for (from, list) in forwards.iter_mut().enumerate() {
            list.sort_unstable();
            list.dedup();
            list.iter().for_each(|&to| backwards[to].push(from));
        }
        let by_name = names
            .iter()
            .enumerate()
            .map(|(index, name)| (name.clone(), index))
            .collect();
        Self {
            names,
            by_name,
            forwards,
            backwards,
        }
    }

    /// `name` and what it depends on, at most `depth` edges away: nearest first, then in the network's order.
    ///
    /// # Errors
    /// There is no such name.
    pub fn deps(&self, name: &str, depth: Option<usize>) -> Result<Vec<&str>> {
        Ok(self.named(&reach(&self.forwards, self.find(name)?, depth)))
    }

    /// `name` and what depends on it, at most `depth` edges away: nearest first, then in the network's order.
    ///
    /// # Errors
    /// There is no such name.
    pub fn rdeps(&self, name: &str, depth: Option<usize>) -> Result<Vec<&str>> {
        Ok(self.named(&reach(&self.backwards, self.find(name)?, depth)))
    }

    /// A shortest way from `from` along dependencies to `to`, both included; `None` if there is none.
    ///
    /// # Errors
    /// There is no such name.
    pub fn somepath(&self, from: &str, to: &str) -> Result<Option<Vec<&str>>> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        let mut came_from: HashMap<usize, usize> = HashMap::from([(from, from)]);
        let mut open = VecDeque::from([from]);
        while let Some(node) = open.pop_front() {
            if node == to {
                let mut way = vec![to];
                while way.last() != Some(&from) {
                    way.push(came_from[way.last().expect("it holds `to`")]);
                }
                way.reverse();
                return Ok(Some(self.named(&way)));
            }
            for &next in &self.forwards[node] {
                came_from.entry(next).or_insert_with(|| {
                    open.push_back(next);
                    node
                });
            }
        }
        Ok(None)
    }

    /// Everything on any way from `from` along dependencies to `to`; empty if there is none.
    ///
    /// # Errors
    /// There is no such name.
    pub fn allpaths(&self, from: &str, to: &str) -> Result<Part> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        let below: BTreeSet<usize> = reach(&self.forwards, from, None).into_iter().collect();
        let above: BTreeSet<usize> = reach(&self.backwards, to, None).into_iter().collect();
        let on_a_way: BTreeSet<usize> = below.intersection(&above).copied().collect();
        let name = |node: &usize| self.names[*node].clone();
        let edges = on_a_way
            .iter()
            .flat_map(|node| self.forwards[*node].iter().map(move |next| (node, next)));
        let edges = edges.filter(|(_, next)| on_a_way.contains(next));
        Ok(Part {
            edges: edges.map(|(node, next)| (name(node), name(next))).collect(),
            nodes: on_a_way.iter().map(name).collect(),
        })
    }

    fn find(&self, name: &str) -> Result<usize> {
        let unknown = || Error::UnknownName {
            name: name.to_owned(),
            nearest: nearest(name, self.names.iter().map(String::as_str)).map(str::to_owned),
        };
        self.by_name.get(name).copied().ok_or_else(unknown)
    }

    fn named(&self, nodes: &[usize]) -> Vec<&str> {
        nodes.iter().map(|&node| self.names[node].as_str()).collect()
    }
}

/// Everything within `depth` edges of `start`: nearest first, then ascending.
fn reach(edges: &[Vec<usize>], start: usize, depth: Option<usize>) -> Vec<usize> {
    let mut seen = BTreeSet::from([start]);
    let mut found = vec![start];
    let mut ring = vec![start];
    let mut left = depth.unwrap_or(usize::MAX);
    while !ring.is_empty() && left > 0 {
        let next: BTreeSet<usize> = ring
            .iter()
            .flat_map(|&node| edges[node].iter().copied())
            .collect();
        ring = next.into_iter().filter(|&node| seen.insert(node)).collect();
        found.extend(&ring);
        left -= 1;
    }
    found
}

/// The candidate most like `name`, if one is like it at all.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let scored = candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate));
    scored
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, removed, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a -> b -> d, a -> c -> d -> e, f apart.
    fn network() -> Network {
        let names = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
        Network::new(names, vec![vec![2, 1], vec![3], vec![3], vec![4], vec![], vec![]])
    }

    #[test]
    fn dependencies_come_nearest_first() {
        let network = network();
        assert_eq!(network.deps("a", None).expect("a"), ["a", "b", "c", "d", "e"]);
        assert_eq!(network.deps("a", Some(1)).expect("a"), ["a", "b", "c"]);
        assert_eq!(network.deps("f", None).expect("f"), ["f"]);
        assert_eq!(network.rdeps("d", None).expect("d"), ["d", "b", "c", "a"]);
        assert_eq!(network.rdeps("e", Some(0)).expect("e"), ["e"]);
    }

    #[test]
    fn paths_lead_from_one_to_the_other() {
        let network = network();
        assert_eq!(
            network.somepath("a", "e").expect("both"),
            Some(vec!["a", "b", "d", "e"])
        );
        assert_eq!(network.somepath("e", "a").expect("both"), None);
        assert_eq!(network.somepath("c", "c").expect("both"), Some(vec!["c"]));
        let all = network.allpaths("a", "d").expect("both");
        assert_eq!(all.nodes, ["a", "b", "c", "d"]);
        let edge = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            all.edges,
            [edge("a", "b"), edge("a", "c"), edge("b", "d"), edge("c", "d")]
        );
        assert_eq!(network.allpaths("a", "f").expect("both"), Part::default());
    }

    #[test]
    fn unknown_names_are_met_with_the_nearest_one() {
        let names = ["core:build", "core:pack", "ui:build"]
            .map(str::to_owned)
            .to_vec();
        let network = Network::new(names, vec![vec![], vec![], vec![]]);
        let error = network
            .deps("core:biuld", None)
            .expect_err("it is misspelt")
            .to_string();
        assert_eq!(error, "there is no `core:biuld`; did you mean `core:build`?");
        let error = network
            .rdeps("something else", None)
            .expect_err("it is unknown")
            .to_string();
        assert_eq!(error, "there is no `something else`");
    }

    #[test]
    fn distances_count_swaps_as_one() {
        assert_eq!(
            [distance("ab", "ba"), distance("", "abc"), distance("abc", "abd")],
            [1, 3, 1]
        );
    }
}
