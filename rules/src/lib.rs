//! Turns RELEASE.star into a graph of actions. Pure: the same words give the same graph. Reaches nothing except
//! through a promise.

mod star;
pub use star::{Call, Evaluation, FILE_NAME, Loader, MAX_FILE_BYTES, Request, evaluate, rehearse};
mod resolve;
pub use resolve::{default_train, resolve};
mod channel;
pub use channel::{ChannelWish, channel, legal_channel, legal_word, missing_branch};
mod members;
pub use members::{first_trains, lacking, members, nothing_declared, warn_of_lacking, why_unreleased};
mod registry_folder;
pub use registry_folder::registry_folder;
mod generate;
pub use generate::{Changesets, Declared, Found, FoundWorkspace, diff, forms, generate, update};
mod crossing;
mod cycles;
pub use cycles::package_cycles;
mod discover;
pub use discover::{Discovered, Reach, discover, look};
mod strays;
pub use strays::{LeftOut, Why, warn_of_left_out};
mod groups;
mod names;
pub use names::find_package;
mod needs;
mod version;
pub use version::{
    Answer, Needed, Pinned, PlannedVersion, VersionInput, is_enough, oldest_needed, plan_versions, tag_above,
    tagged_versions, tags_beside, unread_tags,
};
mod tag_clash;
pub use tag_clash::tag_in_the_way;
mod umbrella;
pub use umbrella::{common_version, umbrella_tag};
mod overview;
pub use overview::{PlanEntry, PlanStatus, overview};
mod resumed;
pub use resumed::{as_begun, tags_before};
mod strategy;
pub use strategy::{Questions, questions};
mod check;
pub use check::{CheckInput, Finding, FindingKind, check, mentions};
mod bump_file;
pub use bump_file::BumpedFile;
mod bump;
mod following;
mod overlay;
pub use bump::{BumpError, BumpInput, BumpPlan, Bumped, Choice, Level, Rewritten, Wish, bump};
mod changelog;
pub use changelog::{
    Entry, Insertion, Links, News, Part, Reported, Section, Template, date, insert, insert_release, news,
    notes, own_changelogs, release_section, released, render, title,
};
mod placeholder;
pub mod plans;
pub use placeholder::is_placeholder;
mod commit_message;
pub use commit_message::check_message;
mod brought_back;
pub use brought_back::{ReleaseTag, can_follow, release_of, release_tag, tags_of_release};
mod step;
pub use step::{
    ARTIFACTS, Artifacts, BUILD, CHANGELOG, CHANGELOG_FILE, CHANGES, CHECKSUMS, CHECKSUMS_FILE, COMMIT_BACK,
    CUSTOM, ChangelogStep, ChangesStep, Changing, ChecksumsStep, CommitBackStep, LOCK, LOGBOOK, LogPart,
    LogbookStep, Logging, LookStep, OwnLog, PIN, POLL, PUBLISH, PUSH, PinStep, Pinning, PublishStep,
    PushStep, Pushing, Return, Returning, SMOKE_TEST, SmokeTest, TAG, TagStep, Tagging, VERIFY, WholeLog,
    handlers, tag_slot, written,
};
mod lower;
pub use lower::{BroughtBack, Closing, Lowered, Release, Stage, lower};
mod seal;
pub use seal::{seal, sealed};
