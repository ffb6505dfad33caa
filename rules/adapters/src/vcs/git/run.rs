//! Runs git so that nothing but its arguments and the repository has a say.

use std::collections::BTreeMap;
use std::path::Path;

use engine::{StepError, printable};
use model::CommitId;

pub(super) use crate::vcs::runner::{Done, Runner};

/// Before every command: no locks that are not needed, no programs that a repository's settings name, no
/// settings that change what is printed.
const ALWAYS: [&str; 4] = [
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
];
const SETTINGS: [&str; 10] = [
    "core.quotepath=off",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.hooksPath=/dev/null",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.follow=false",
    "i18n.logOutputEncoding=UTF-8",
    "safe.bareRepository=explicit",
    "protocol.allow=never",
];

/// Whose name the tags and log entries we make carry: the same on every machine.
pub(super) const NAME: &str = "releasekit";
/// And whose address.
pub(super) const EMAIL: &str = "releasekit@localhost";

/// git in one folder.
pub(super) fn git(root: &Path, env: BTreeMap<String, String>) -> Result<Runner, StepError> {
    git_obeying(root, env, "")
}

/// The same; what the repository says about one setting counts that is otherwise ours.
pub(super) fn git_obeying(
    root: &Path,
    mut env: BTreeMap<String, String>,
    setting: &str,
) -> Result<Runner, StepError> {
    env.retain(|name, _| !name.starts_with("GIT_") && !name.starts_with("LC_") && name != "LANGUAGE");
    for (name, value) in [
        ("LC_ALL", "C"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_GRAFT_FILE", "/dev/null"),
        ("GIT_COMMITTER_NAME", NAME),
        ("GIT_COMMITTER_EMAIL", EMAIL),
    ] {
        env.insert(name.to_owned(), value.to_owned());
    }
    let hint = "install git 2.31 or later: it says what was changed";
    let settings = SETTINGS
        .into_iter()
        .filter(|ours| ours.split('=').next() != Some(setting));
    let runner = Runner::find("git", root, env, hint)?.advised(advice);
    Ok(runner.always(ALWAYS).set(settings))
}

/// What to do about what git complains of, where that is not clear by itself.
fn advice(complaint: &str) -> Option<&'static str> {
    let has = |words: &str| complaint.contains(words);
    if has("dubious ownership") {
        Some("the repository belongs to somebody else: see `safe.directory` in `git help config`")
    } else if has("lazy fetching disabled") || has("unable to read tree") {
        Some(
            "this clone leaves out objects that are needed: fetch it again with `--filter=blob:none` or whole",
        )
    } else {
        None
    }
}

impl Runner {
    /// Runs git with these settings as well; they win.
    pub(super) fn set<'a>(self, settings: impl IntoIterator<Item = &'a str>) -> Self {
        self.always(settings.into_iter().flat_map(|setting| ["-c", setting]))
    }

    /// What a setting says; `None` if nothing.
    pub(super) fn setting(&self, args: &[&str]) -> Result<Option<String>, StepError> {
        let done = self.run(&[&["config", "--get"], args].concat(), b"")?;
        match done.code {
            Some(0) => Ok(Some(done.text())),
            Some(1) => Ok(None),
            _ => Err(done.failure()),
        }
    }

    /// The object that `revision` names, if there is one.
    pub(super) fn resolve(&self, revision: &str) -> Result<Option<CommitId>, StepError> {
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", revision];
        let done = self.run(&args, b"")?;
        match done.code {
            Some(0) => commit_id(&done.text()).map(Some),
            Some(1) => Ok(None),
            _ => Err(done.failure()),
        }
    }
}

/// Reads an object's name.
pub(super) fn commit_id(text: &str) -> Result<CommitId, StepError> {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    // Every digit is looked at, so that many are at once.
    let is_hex = text.bytes().fold(true, |so_far, byte| so_far & is_digit(byte));
    if is_hex && matches!(text.len(), 40 | 64) {
        return Ok(CommitId(text.to_owned()));
    }
    Err(StepError::new(format!(
        "`{}` is not the full name of a commit",
        printable(text)
    )))
}
