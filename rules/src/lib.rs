//! Turns RELEASE.star into a graph of actions. Pure: the same words give the same graph. Reaches nothing except
//! through a promise.

mod star;
pub use star::{Evaluation, FILE_NAME, Loader, MAX_FILE_BYTES, Request, evaluate, rehearse};
mod resolve;
pub use resolve::{default_train, resolve};
mod channel;
pub use channel::{ChannelWish, channel};
mod members;
pub use members::members;
mod registry_folder;
pub use registry_folder::registry_folder;
mod generate;
pub use generate::{Declared, Found, FoundWorkspace, diff, generate, update};
mod discover;
pub use discover::{discover, package_cycles};
mod groups;
mod names;
mod version;
pub use version::{Answer, Needed, PlannedVersion, VersionInput, is_enough, oldest_needed, plan_versions};
mod changelog;
pub use changelog::{Entry, Section, date, render};
mod step;
pub use step::{
    ARTIFACTS, Artifacts, BUILD, CHANGELOG, CHANGELOG_FILE, CHECKSUMS, CHECKSUMS_FILE, CUSTOM, ChangelogStep,
    ChecksumsStep, News, PIN, POLL, PUBLISH, PinStep, Pinning, PollStep, PublishStep, SMOKE_TEST, SmokeTest,
    TAG, TagStep, Tagging, VERIFY, VerifyStep, handlers, written,
};
mod lower;
pub use lower::{Lowered, Release, Stage, lower};
mod seal;
pub use seal::{seal, sealed};
