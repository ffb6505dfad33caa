//! Which entries stand under which heading, and in which order the headings come.

use std::collections::HashMap;

use model::SectionRule;
use serde::Serialize;

use super::entry::{BREAKING, DEPENDENCIES, Entry};

/// What stands under everything that no section names, as a type of [`SectionRule::types`].
const OTHER: &str = "other";

/// Where stands what lets a version grow, and no section takes.
const REST: &str = "Other Changes";

/// The sections that go without saying, in order, each with the types of its entries.
const USUAL: [(&str, &str); 6] = [
    ("Breaking Changes", BREAKING),
    ("Features", "feat"),
    ("Bug Fixes", "fix"),
    ("Performance", "perf"),
    ("Reverts", "revert"),
    ("Dependencies", DEPENDENCIES),
];

/// The entries under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section<'a> {
    /// The heading.
    pub title: &'a str,
    /// What stands under it; never empty.
    pub entries: Vec<&'a Entry>,
}

impl<'a> Section<'a> {
    const fn empty(title: &'a str) -> Self {
        Self {
            title,
            entries: Vec::new(),
        }
    }
}

/// The entries by section, in the order of the sections; entries in the order given. Without `rules` the usual
/// sections.
///
/// What breaks is always told: rules that do not say where get a section for it in front. What else lets a version
/// grow is told too, in the end if no section takes it. A release that has nothing to tell but new dependencies tells
/// those.
pub(super) fn sections<'a>(entries: &'a [Entry], rules: &'a [SectionRule]) -> Vec<Section<'a>> {
    let all: Vec<(&str, Vec<&str>)> = if rules.is_empty() {
        USUAL.iter().map(|(title, kind)| (*title, vec![*kind])).collect()
    } else {
        let types = |rule: &'a SectionRule| rule.types.iter().map(String::as_str).collect();
        rules
            .iter()
            .map(|rule| (rule.title.as_str(), types(rule)))
            .collect()
    };
    let of = |kind: &str| {
        USUAL
            .iter()
            .find(|(_, usual)| *usual == kind)
            .map(|(title, kind)| (*title, vec![*kind]))
    };
    let names = |kind: &str| all.iter().any(|(_, types)| types.contains(&kind));
    let front = of(BREAKING).filter(|_| !names(BREAKING));
    let shown: Vec<(&str, Vec<&str>)> = front.into_iter().chain(all).collect();
    let told = fill(entries, &shown);
    if told.is_empty() {
        return fill(entries, &of(DEPENDENCIES).into_iter().collect::<Vec<_>>());
    }
    told
}

fn fill<'a>(entries: &'a [Entry], shown: &[(&'a str, Vec<&'a str>)]) -> Vec<Section<'a>> {
    let mut place: HashMap<&str, usize> = HashMap::new();
    for (at, (_, types)) in shown.iter().enumerate() {
        for kind in types {
            place.entry(kind).or_insert(at);
        }
    }
    let titles = shown.iter().map(|(title, _)| *title).chain([REST]);
    let mut found: Vec<Section<'a>> = titles.map(Section::empty).collect();
    for entry in entries {
        let at = place.get(entry.kind.as_str()).or_else(|| place.get(OTHER));
        if let Some(at) = at.copied().or(entry.bumps.then_some(shown.len())) {
            found[at].entries.push(entry);
        }
    }
    found.retain(|section| !section.entries.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use model::{Bump, Commit, CommitId, CommitRules, Version};

    use super::*;

    fn entries(messages: &[&str]) -> Vec<Entry> {
        read(messages, &CommitRules::default())
    }

    fn read(messages: &[&str], rules: &CommitRules) -> Vec<Entry> {
        let commit = |message: &&str| Commit {
            id: CommitId("abc".to_owned()),
            parents: Vec::new(),
            author: String::new(),
            time: 0,
            message: (*message).to_owned(),
            paths: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            is_empty: false,
        };
        messages
            .iter()
            .flat_map(|message| Entry::of(&commit(message), rules))
            .collect()
    }

    /// `title: text, text; title: text`.
    fn told(entries: &[Entry], rules: &[(&str, &[&str])]) -> String {
        let rule = |(title, types): &(&str, &[&str])| SectionRule {
            title: (*title).to_owned(),
            types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        let rules: Vec<SectionRule> = rules.iter().map(rule).collect();
        let section = |section: &Section<'_>| {
            let texts: Vec<&str> = section.entries.iter().map(|entry| entry.text.as_str()).collect();
            format!("{}: {}", section.title, texts.join(", "))
        };
        sections(entries, &rules)
            .iter()
            .map(section)
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn sections_are_as_declared() {
        let all = entries(&[
            "docs: d", "feat: f", "fix!: x", "chore: c", "WIP", "build: b", "fix: y",
        ]);
        let usual = "Breaking Changes: x; Features: f; Bug Fixes: y";
        assert_eq!(told(&all, &[]), usual);
        assert_eq!(
            told(&all, &[("New", &["feat"]), ("Docs", &["docs"])]),
            "Breaking Changes: x; New: f; Docs: d; Other Changes: y"
        );
        assert_eq!(
            told(
                &all,
                &[
                    ("Rest", &["other"]),
                    ("Changes", &["feat", "fix"]),
                    ("Broken", &["breaking"])
                ]
            ),
            "Rest: d, c, WIP, b; Changes: f, y; Broken: x"
        );
        assert_eq!(told(&entries(&["chore: c"]), &[]), "");
    }

    #[test]
    fn whatever_lets_a_version_grow_is_told() {
        let types = [("security", Bump::Minor), ("deps", Bump::Patch)];
        let rules = CommitRules {
            types: types.map(|(name, bump)| (name.to_owned(), bump)).to_vec(),
            ..CommitRules::default()
        };
        let all = read(&["security: s", "chore: c", "deps(a): d", "fix: x"], &rules);
        assert_eq!(told(&all, &[]), "Bug Fixes: x; Other Changes: s, d");
        let own: &[(&str, &[&str])] = &[("Security", &["security"])];
        assert_eq!(told(&all, own), "Security: s; Other Changes: d, x");
        let anything = CommitRules {
            dialect: model::Dialect::ReleasePlz,
            ..CommitRules::default()
        };
        assert_eq!(
            told(&read(&["Polish it"], &anything), &[]),
            "Other Changes: Polish it"
        );
    }

    #[test]
    fn a_release_for_a_dependency_alone_says_which() {
        let mut all = vec![Entry::dependency("core", &Version::new(0, 2, 0))];
        let rules: &[(&str, &[&str])] = &[("New", &["feat"])];
        assert_eq!(told(&all, rules), "Dependencies: core 0.2.0");
        all.extend(entries(&["feat: f"]));
        assert_eq!(told(&all, rules), "New: f");
        assert_eq!(told(&all, &[]), "Features: f; Dependencies: core 0.2.0");
    }
}
