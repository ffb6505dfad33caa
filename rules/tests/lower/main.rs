//! From packages and declared actions to a graph of actions, and what the actions do.

mod bench;
mod bump_files;
mod custom;
mod discover;
mod ending;
mod inputs;
mod locks;
mod packages;
mod scale;
mod steps;
mod support;
