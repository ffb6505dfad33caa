//! What is new, as people read it.

mod inserting;
mod properties;
mod released;
mod rendering;
mod support;
mod templates;
