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
mod renamed;
mod write;

pub(crate) use needed::named;
pub use needed::{changed, passed_over, unplanned, wrong_names};
pub use past::recall;
pub use read::{is_plan, read};
pub use renamed::{Renamed, renamed};
pub use write::write;

use model::Bump;

/// By how much a plan can let a package grow, as it is written.
pub const BUMPS: [(&str, Bump); 4] = [
    ("major", Bump::Major),
    ("minor", Bump::Minor),
    ("patch", Bump::Patch),
    ("none", Bump::None),
];
