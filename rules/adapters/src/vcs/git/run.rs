//! Runs git so that nothing but its arguments and the repository has a say.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use engine::StepError;
use model::CommitId;

use crate::host::{Ended, MAX_OUTPUT, Process, find_program, io_error, printable, tail};

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
    settings: Vec<String>,
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
            ("GIT_GRAFT_FILE", "/dev/null"),
            ("GIT_COMMITTER_NAME", NAME),
            ("GIT_COMMITTER_EMAIL", EMAIL),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self {
            program,
            root: root.to_path_buf(),
            env,
            settings: SETTINGS.map(str::to_owned).to_vec(),
        })
    }

    /// Runs git in another folder, with further variables that say where things are.
    pub(super) fn elsewhere(&self, folder: &Path, places: &[(&str, &Path)]) -> Self {
        let mut env = self.env.clone();
        for (name, place) in places {
            env.insert((*name).to_owned(), place.to_string_lossy().into_owned());
        }
        Self {
            program: self.program.clone(),
            root: folder.to_path_buf(),
            env,
            settings: self.settings.clone(),
        }
    }

    /// Runs git with these settings as well; they win.
    pub(super) fn set(mut self, settings: &[&str]) -> Self {
        self.settings
            .extend(settings.iter().map(|setting| (*setting).to_owned()));
        self
    }

    /// Runs git with what the repository says about a setting that is otherwise ours.
    pub(super) fn without(mut self, setting: &str) -> Self {
        self.settings.retain(|one| one.split('=').next() != Some(setting));
        self
    }

    /// Runs git with these variables as well.
    pub(super) fn with(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(variables);
        self
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

    /// The folder it runs in.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Runs `git ARGS`, whatever its exit code.
    pub(super) fn run(&self, args: &[&str], input: &[u8]) -> Result<Done, StepError> {
        let cannot = || io_error("run", &self.program);
        let mut child = Command::new(&self.program)
            .args(ALWAYS)
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
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

    /// Runs `git ARGS`, whatever its exit code, for as long as `patience` lasts: somebody else may never answer.
    pub(super) fn run_within(&self, args: &[&str], patience: Duration) -> Result<Done, StepError> {
        let cannot = || io_error("run", &self.program);
        let always = ALWAYS.iter().copied();
        let settings = self.settings.iter().flat_map(|setting| ["-c", setting.as_str()]);
        let all: Vec<String> = always
            .chain(settings)
            .chain(args.iter().copied())
            .map(str::to_owned)
            .collect();
        let (stdout, stderr) = (
            tempfile::tempfile().map_err(cannot())?,
            tempfile::tempfile().map_err(cannot())?,
        );
        let process = Process {
            program: &self.program,
            args: &all,
            env: &self.env,
            folder: &self.root,
            stdout: &stdout,
            stderr: &stderr,
        };
        let what = args.first().copied().unwrap_or_default();
        let ended = process.run(patience, &|| false).map_err(cannot())?;
        let Ended::Exited(status) = ended else {
            let message = format!("`git {what}` did not end within {} s", patience.as_secs());
            return Err(StepError::transient(message));
        };
        let written = |file| -> Result<Vec<u8>, StepError> { tail(file, MAX_OUTPUT).map_err(cannot()) };
        Ok(Done {
            what: what.to_owned(),
            code: status.code(),
            stdout: written(&stdout)?,
            stderr: printable(String::from_utf8_lossy(&written(&stderr)?).trim_end()),
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
    /// The same with other words for people.
    pub(super) fn map_words(self, change: impl FnOnce(String) -> String) -> Self {
        Self {
            stderr: change(self.stderr),
            ..self
        }
    }

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
        let is_partial = ["lazy fetching disabled", "unable to read tree"];
        if is_partial.iter().any(|words| self.stderr.contains(words)) {
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
