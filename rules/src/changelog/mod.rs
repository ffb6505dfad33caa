//! Writes what is new in a release, for people, as Markdown.

mod date;
mod escape;

use model::{Commit, CommitRules, Version};
use serde::{Deserialize, Serialize};

use crate::version::message::{self, Change, Kind};
use escape::escaped;

pub use date::date;

/// Under which heading something stands, in the order of the headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// What no longer works as it did.
    Breaking,
    /// What is new.
    Features,
    /// What works again.
    Fixes,
    /// What is faster.
    Performance,
    /// What was taken back.
    Reverts,
    /// Which packages of the same repository it now needs.
    Dependencies,
}

impl Section {
    const ALL: [Self; 6] = [
        Self::Breaking,
        Self::Features,
        Self::Fixes,
        Self::Performance,
        Self::Reverts,
        Self::Dependencies,
    ];

    /// The heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Breaking => "Breaking",
            Self::Features => "Features",
            Self::Fixes => "Bug Fixes",
            Self::Performance => "Performance",
            Self::Reverts => "Reverts",
            Self::Dependencies => "Dependencies",
        }
    }
}

/// One thing that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Under which heading it stands.
    pub section: Section,
    /// Which part it is about, if it says.
    pub scope: Option<String>,
    /// What it is, in one line, as it was written.
    pub text: String,
    /// The commit's short id, if it is one commit.
    pub commit: Option<String>,
}

impl Entry {
    /// What a commit adds to a changelog: nothing, one entry, or two if what breaks is not what was done.
    #[must_use]
    pub fn of(commit: &Commit) -> Vec<Self> {
        let changes = message::parse(&commit.message, &CommitRules::default());
        changes
            .iter()
            .flat_map(|change| Self::of_change(commit, change))
            .collect()
    }

    fn of_change(commit: &Commit, change: &Change) -> Vec<Self> {
        let short = commit.id.short().to_owned();
        let entry = |section: Section, text: &str| Self {
            section,
            scope: change.scope.clone(),
            text: text.to_owned(),
            commit: Some(short.clone()),
        };
        let breaking = change
            .breaking
            .as_ref()
            .map(|text| entry(Section::Breaking, text));
        let says_it_all = change.breaking.as_ref() == Some(&change.text);
        let own = section(change)
            .filter(|_| !says_it_all)
            .map(|section| entry(section, &change.text));
        breaking.into_iter().chain(own).collect()
    }

    /// A new version of a package of the same repository.
    #[must_use]
    pub fn dependency(name: &str, version: &Version) -> Self {
        Self {
            section: Section::Dependencies,
            scope: None,
            text: format!("{name} {version}"),
            commit: None,
        }
    }

    fn line(&self) -> String {
        let mut line = "- ".to_owned();
        if let Some(scope) = &self.scope {
            line.push_str(&format!("**{}:** ", escaped(scope, false)));
        }
        line.push_str(&escaped(&self.text, self.scope.is_none()));
        if let Some(commit) = &self.commit {
            line.push_str(&format!(" ({commit})"));
        }
        line
    }
}

fn section(change: &Change) -> Option<Section> {
    match change.kind {
        Kind::Feature => Some(Section::Features),
        Kind::Fix => Some(Section::Fixes),
        Kind::Performance => Some(Section::Performance),
        Kind::Revert => Some(Section::Reverts),
        Kind::Other => None,
    }
}

/// The changelog of one version: a heading with the version and the day (`2026-01-02`), then a section for each
/// kind of entry, in a fixed order, entries as given.
#[must_use]
pub fn render(package: &str, version: &Version, date: Option<&str>, entries: &[Entry]) -> String {
    let mut text = format!("## {version}");
    if let Some(date) = date {
        text.push_str(&format!(" ({date})"));
    }
    text.push('\n');
    for section in Section::ALL {
        let lines: Vec<String> = entries
            .iter()
            .filter(|entry| entry.section == section)
            .map(Entry::line)
            .collect();
        if !lines.is_empty() {
            text.push_str(&format!("\n### {}\n\n{}\n", section.title(), lines.join("\n")));
        }
    }
    if entries.is_empty() {
        text.push_str(&format!("\nNo changes to {}.\n", escaped(package, false)));
    }
    text
}
