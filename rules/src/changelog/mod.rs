//! Writes what is new in a release, for people, as Markdown.

mod address;
mod aggregate;
mod block;
mod date;
mod entry;
mod escape;
mod gather;
mod headings;
mod insert;
mod layout;
mod links;
mod notes;
mod read;
mod released;
mod sections;
mod template;

use std::collections::BTreeSet;

use model::{SectionRule, Version};
use serde::{Deserialize, Serialize};

pub use aggregate::{Part, insert_release, release_section};
pub use date::date;
pub use entry::Entry;
pub(crate) use gather::Reporter;
pub use gather::{Reported, news};
pub use insert::{Insertion, insert};
pub(crate) use layout::own_changelog;
pub use layout::own_changelogs;
pub use links::Links;
pub use notes::notes;
pub use released::released;
pub use sections::Section;
pub use template::{Template, render};

/// What is new in one version of one package: everything its changelog is written from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct News {
    /// What the package is called.
    pub package: String,
    /// Its ecosystem.
    pub ecosystem: String,
    /// Which version.
    pub version: Version,
    /// The version before, if there was one.
    pub previous: Option<Version>,
    /// The version's tag.
    pub tag: String,
    /// The tag of the version before, if there is one.
    pub previous_tag: Option<String>,
    /// The channel it goes to.
    pub channel: String,
    /// The day of its newest commit (`2026-01-02`), if it has one.
    pub date: Option<String>,
    /// The sections in order; empty for the usual ones.
    pub rules: Vec<SectionRule>,
    /// What is new, in order.
    pub entries: Vec<Entry>,
    /// Where the forge shows commits, if that is known and wanted.
    pub links: Option<Links>,
    /// The file with the template, relative to the repository's root; `None` for our own.
    pub template: Option<String>,
}

impl News {
    /// What is told, by section, in order.
    #[must_use]
    pub fn sections(&self) -> Vec<Section<'_>> {
        sections::sections(&self.entries, &self.rules)
    }

    /// The address of the comparison with the version before, if there is one.
    #[must_use]
    pub fn comparison(&self) -> Option<String> {
        let (links, before) = (self.links.as_ref()?, self.previous_tag.as_ref()?);
        (*before != self.tag).then(|| links.compare(before, &self.tag))
    }
}

/// What a release is called: its version where all packages have one, else its day.
#[must_use]
pub fn title<'n>(news: impl Iterator<Item = &'n News>) -> String {
    let news: Vec<&News> = news.collect();
    let versions: BTreeSet<&Version> = news.iter().map(|news| &news.version).collect();
    let day = news.iter().filter_map(|news| news.date.clone()).max();
    match (versions.first(), day) {
        (Some(version), Some(day)) if versions.len() == 1 && news.len() > 1 => format!("{version} ({day})"),
        (_, Some(day)) => day,
        (version, None) => version.map(ToString::to_string).unwrap_or_default(),
    }
}
