//! The nouns of releasing and the promises the outside world must keep. Decides nothing, touches nothing.
//!
//! Promises (traits, at most seven methods each): [`SourceTree`] what is in the working tree, [`Ecosystem`] how
//! packages of one kind are found, pinned, built and tried, [`Vcs`] what was committed and tagged,
//! [`Registry`] where packages are published. [`Adapters`] says who is present to keep them.

mod diagnostic;

mod value;

mod version;

mod tag;

mod commit;

mod package;

mod workspace;

mod config;

mod artifact;

mod source_tree;

mod ecosystem;

mod registry;

mod vcs;

mod adapters;

pub use adapters::{Adapters, OpenRegistry};
pub use artifact::{Artifact, SealedManifest, SealedPackage};
pub use commit::{Commit, CommitId};
pub use config::{
    ActionDecl, Config, Declaration, GroupDecl, LoadedFile, PackageDecl, PinStrategy, TrainDecl, Versioning,
    WorkspaceDecl,
};
pub use diagnostic::{Diagnostic, Location, Severity};
pub use ecosystem::{Ecosystem, Pins, Recipe, Selection, SourceDir, Tool};
pub use package::{Dependency, DependencyKind, Package, PackageId};
pub use registry::Registry;
pub use source_tree::SourceTree;
pub use tag::{TagFormat, legal as legal_tag};
pub use value::Value;
pub use vcs::{Head, NewTag, Tag, Vcs};
pub use version::{Bump, Version, VersionError};
pub use workspace::Workspace;
