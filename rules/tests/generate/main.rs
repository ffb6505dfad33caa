//! Writing RELEASE.star, and keeping it up to date.

mod create;
mod diff;
mod evaluation;
mod merge;
mod properties;
mod support;
mod tags;
mod ties;
mod update;
