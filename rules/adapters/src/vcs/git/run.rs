//! Runs git so that nothing but its arguments and the repository has a say.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine::StepError;
use model::CommitId;

use crate::host::{find_program, io_error, printable};

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

/// Runs git in one folder.
pub(super) struct Runner {
    program: PathBuf,
    root: PathBuf,
    env: BTreeMap<String, String>,
}

impl Runner {
    pub(super) fn new(root: &Path, mut env: BTreeMap<String, String>) -> Result<Self, StepError> {
        let program = find_program("git", &env).ok_or_else(|| {
            StepError::new("`git` is not on the search path")
                .hint("install git 2.31 or later: it says what was changed")
        })?;
        env.retain(|name, _| !name.starts_with("GIT_") && !name.starts_with("LC_") && name != "LANGUAGE");
        for (name, value) in [
            ("LC_ALL", "C"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_COMMITTER_NAME", NAME),
            ("GIT_COMMITTER_EMAIL", EMAIL),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self {
            program,
            root: root.to_path_buf(),
            env,
        })
    }

    /// Runs `git ARGS`, whatever its exit code.
    pub(super) fn run(&self, args: &[&str], input: &[u8]) -> Result<Done, StepError> {
        let cannot = || io_error("run", &self.program);
        let mut child = Command::new(&self.program)
            .args(ALWAYS)
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.root)
            .stdin(if input.is_empty() {
                Stdio::null()
            } else {
                Stdio::piped()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot())?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // Beside reading, or both could wait for one another. Whoever does not read to the end says why.
            let writer = stdin.map(|mut stdin| scope.spawn(move || stdin.write_all(input)));
            let output = child.wait_with_output();
            drop(writer);
            output
        });
        let output = output.map_err(cannot())?;
        Ok(Done {
            what: args.first().copied().unwrap_or_default().to_owned(),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: printable(String::from_utf8_lossy(&output.stderr).trim_end()),
        })
    }

    /// Runs `git ARGS`, which must succeed.
    pub(super) fn success(&self, args: &[&str], input: &[u8]) -> Result<Done, StepError> {
        let done = self.run(args, input)?;
        if done.succeeded() {
            Ok(done)
        } else {
            Err(done.failure())
        }
    }

    /// The one line that `git ARGS` prints.
    pub(super) fn line(&self, args: &[&str]) -> Result<String, StepError> {
        Ok(self.success(args, b"")?.text())
    }

    /// The object that `revision` names, if there is one.
    pub(super) fn resolve(&self, revision: &str) -> Result<Option<CommitId>, StepError> {
        let done = self.run(
            &["rev-parse", "--verify", "--quiet", "--end-of-options", revision],
            b"",
        )?;
        match done.code {
            Some(0) => commit_id(&done.text()).map(Some),
            Some(1) => Ok(None),
            _ => Err(done.failure()),
        }
    }
}

/// How a command ended.
pub(super) struct Done {
    what: String,
    /// `None` if it was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    /// Fit for people.
    pub(super) stderr: String,
}

impl Done {
    pub(super) fn succeeded(&self) -> bool {
        self.code == Some(0)
    }

    /// What it printed, without the line's end.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.stdout);
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }

    /// The error that this end is.
    pub(super) fn failure(&self) -> StepError {
        let code = self
            .code
            .map_or("killed".to_owned(), |code| format!("exit code {code}"));
        let error =
            StepError::new(format!("`git {}` failed ({code})\n{}", self.what, self.stderr).trim_end());
        if self.stderr.contains("dubious ownership") {
            return error
                .hint("the repository belongs to somebody else: see `safe.directory` in `git help config`");
        }
        if self.stderr.contains("lazy fetching disabled") {
            return error.hint("this clone leaves out objects that are needed: fetch it again with `--filter=blob:none` or whole");
        }
        error
    }
}

/// Reads an object's name.
pub(super) fn commit_id(text: &str) -> Result<CommitId, StepError> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex && matches!(text.len(), 40 | 64) {
        return Ok(CommitId(text.to_owned()));
    }
    Err(StepError::new(format!(
        "`{}` is not the full name of a commit",
        printable(text)
    )))
}
