//! News made of commit messages.

use model::{Commit, CommitId, CommitRules, SectionRule, Version};
use rules::{Entry, Links, News};

/// A commit with a whole id that begins with its number.
pub(crate) fn commit(number: usize, message: &str) -> Commit {
    Commit {
        id: CommitId(format!("{number:07}abcdef")),
        parents: Vec::new(),
        author: "A".to_owned(),
        time: 0,
        message: message.to_owned(),
        paths: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        is_empty: false,
    }
}

pub(crate) fn entries(messages: &[&str]) -> Vec<Entry> {
    let of = |(number, message): (usize, &&str)| Entry::of(&commit(number, message), &CommitRules::default());
    messages.iter().enumerate().flat_map(of).collect()
}

/// Version 1.2.0 of `app`, after 1.1.0.
pub(crate) fn news(entries: Vec<Entry>) -> News {
    News {
        package: "app".to_owned(),
        ecosystem: "cargo".to_owned(),
        version: Version::new(1, 2, 0),
        previous: Some(Version::new(1, 1, 0)),
        tag: "app/v1.2.0".to_owned(),
        previous_tag: Some("app/v1.1.0".to_owned()),
        channel: "latest".to_owned(),
        date: Some("2026-01-02".to_owned()),
        rules: Vec::new(),
        entries,
        links: None,
        template: None,
    }
}

pub(crate) fn linked(news: News, address: &str) -> News {
    let links = Links::of(None, address);
    assert!(links.is_some(), "{address}");
    News { links, ..news }
}

pub(crate) fn rule(title: &str, types: &[&str]) -> SectionRule {
    SectionRule {
        title: title.to_owned(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
    }
}

/// The text by our own template.
pub(crate) fn text(news: &News) -> String {
    rules::render(news, None).expect("our own template works")
}
