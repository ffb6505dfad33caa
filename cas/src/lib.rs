//! Bytes by digest, and small answers by key.
//!
//! Knows how to keep bytes, check them and forget them. Does not know what they mean. Two contracts,
//! [`Store`] and [`ActionCache`], and a handful of implementations that wrap one another: a topology such as
//! "verify what the disk returns, remember what the far store had" is an expression.

mod error;

mod digest;

mod action_cache;
mod store;

pub use action_cache::ActionCache;
pub use digest::{Digest, Hasher};
pub use error::{Error, Result};
pub use store::Store;
