//! Version plans: files in which people say how much packages grow, and why.
//!
//! A plan is Markdown with front matter, as changesets, Sampo, Knope and Nx write theirs:
//!
//! ```text
//! ---
//! "@acme/core": minor
//! cargo/banner: patch
//! ---
//!
//! Banners can be *wide*.
//! ```

mod needed;
mod past;
mod read;
mod write;

pub use needed::{changed, find, passed_over, unknown, unplanned};
pub use past::recall;
pub use read::{is_plan, read};
pub use write::write;

use model::Bump;

/// By how much a plan can let a package grow, as it is written.
pub const BUMPS: [(&str, Bump); 4] = [
    ("major", Bump::Major),
    ("minor", Bump::Minor),
    ("patch", Bump::Patch),
    ("none", Bump::None),
];
