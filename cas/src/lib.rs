//! Bytes by digest, and small answers by key.
//!
//! Knows how to keep bytes, check them and forget them. Does not know what they mean. Two contracts,
//! [`Store`] and [`ActionCache`], and a handful of implementations that wrap one another: a topology such as
//! "verify what the far store returns, remember it on this disk" is an expression.
//!
//! Damage is never an error and never a wrong byte: it is absence, and the next `put` heals it.

mod error;

mod digest;

mod action_cache;
mod store;

mod pointers;

mod atomic;
mod pour;

mod memory;

mod read_only;
mod tiered;
mod verified;

mod disk;

mod proto;

mod safe_path;

mod read_tree;
mod tree;

mod folder;

mod file_digests;

pub use action_cache::ActionCache;
pub use atomic::write_atomically;
pub use digest::{Digest, Hasher};
pub use disk::{Clock, Disk, GcPolicy, GcReport, Usage, VerifyReport};
pub use error::{Error, Result};
pub use file_digests::{FileDigests, FileFacts};
pub use folder::{capture, materialise};
pub use memory::Memory;
pub use read_only::ReadOnly;
pub use read_tree::{TreeEntry, TreeNode, read_tree};
pub use store::Store;
pub use tiered::Tiered;
pub use tree::{Tree, TreeBuilder};
pub use verified::Verified;
