//! A channel: for whom a release is, and whether its versions are pre-releases.

use serde::{Deserialize, Serialize};

use crate::Location;

/// Where a release goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its name; in npm registries, the dist-tag.
    pub name: String,
    /// What its versions look like.
    pub line: Line,
}

/// What the versions of a channel look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// Nobody said: releases, but a pre-release that a person wrote into a manifest, ahead of every tag, stays one.
    AsItIs,
    /// Releases: `1.2.0`. An open pre-release of a version becomes that version.
    Release,
    /// Pre-releases with this word: `1.2.0-rc.1`.
    Prerelease(String),
    /// Pre-releases named after the day: `1.2.0-nightly.20260102`.
    Nightly,
    /// Never published: `0.0.0-snapshot.20260102030405`.
    Snapshot,
}

impl Channel {
    /// The channel of that name. `word` is the word in its pre-releases if one was given, of which `nightly` and
    /// `snapshot` are numbered in ways of their own; without one, `next`, `beta`, `alpha`, `canary`, `rc` and `dev` are
    /// their own, and all others hold releases.
    #[must_use]
    pub fn named(name: &str, word: Option<&str>) -> Self {
        let line = match (name, word) {
            (_, Some("nightly")) | ("nightly", None) => Line::Nightly,
            (_, Some("snapshot")) | ("snapshot", None) => Line::Snapshot,
            (_, Some(word)) => Line::Prerelease(word.to_owned()),
            ("next" | "beta" | "alpha" | "canary" | "rc" | "dev", None) => Line::Prerelease(name.to_owned()),
            _ => Line::Release,
        };
        Self {
            name: name.to_owned(),
            line,
        }
    }
}

impl Default for Channel {
    /// What goes without saying.
    fn default() -> Self {
        Self {
            name: "latest".to_owned(),
            line: Line::AsItIs,
        }
    }
}

/// Says which branches feed which channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchChannel {
    /// The branch, or a glob.
    pub branch: String,
    /// The channel.
    pub channel: Channel,
    /// Where it was declared.
    pub location: Location,
}
