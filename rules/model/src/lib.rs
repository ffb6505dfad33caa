//! The nouns of releasing and the promises the outside world must keep. Decides nothing, touches nothing.
//!
//! Promises (traits, at most seven methods each): [`SourceTree`] what is in the working tree, [`Ecosystem`] how
//! packages of one kind are found, pinned, built and tried, [`VersionFiles`] where versions stand in files, [`Vcs`]
//! what was committed and tagged, [`Revisions`] what commits hold, [`Remote`] what another copy has of that,
//! [`Catalogue`] and [`Registry`] which versions are published, and where. [`Adapters`] says who is present to keep
//! them.

mod calendar;
mod diagnostic;

mod value;

mod version;

mod pep440;

mod policy;

mod channel;

mod version_plan;

mod tag;

mod commit;

mod package;

mod workspace;

mod config;

mod artifact;

mod source_tree;

mod ecosystem;

mod version_files;

mod registry;

mod vcs;

mod remote;

mod adapters;

pub use adapters::{Adapters, OpenRegistry};
pub use artifact::{Artifact, SealedManifest, SealedPackage};
pub use calendar::{Calendar, CalendarError, CalendarPart};
pub use channel::{BranchChannel, Channel, Line};
pub use commit::{Commit, CommitId};
pub use config::{
    ActionDecl, BumpFile, ChangelogRules, CommitBack, Config, Declaration, GroupDecl, LoadedFile,
    PackageDecl, PinStrategy, ReleasesFrom, SectionRule, TagRules, TrainDecl, Umbrella, Versioning,
    WorkspaceDecl,
};
pub use diagnostic::{Diagnostic, Location, Severity};
pub use ecosystem::{Ecosystem, Pins, Recipe, Selection, SourceDir, Tool};
pub use package::{
    Dependency, DependencyKind, LACKS, OTHER_FORM, Package, PackageId, UNREADABLE, VERSION_PLACE,
};
pub use policy::{CommitRules, Dependents, Dialect, FunctionId, Strategy, ZeroPolicy};
pub use registry::{Catalogue, Registry};
pub use remote::{Push, Remote};
pub use source_tree::SourceTree;
pub use tag::{TagFormat, legal as legal_tag, version as tagged_version};
pub use value::Value;
pub use vcs::{Head, NewCommit, NewTag, Revisions, Tag, Vcs};
pub use version::{Bump, Version, VersionError};
pub use version_files::{Mention, MentionKind, Refresh, VersionFiles};
pub use version_plan::VersionPlan;
pub use workspace::Workspace;
