//! Runs the command-line program of a version control system, which sees no other environment than it is given.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use engine::{StepError, printable};

use crate::host::{Ended, MAX_OUTPUT, Process, find_program, io_error, tail};

/// A program, what goes before all of its arguments, and where it runs.
#[derive(Clone)]
pub(super) struct Runner {
    name: &'static str,
    program: PathBuf,
    always: Vec<String>,
    root: PathBuf,
    env: BTreeMap<String, String>,
    advice: fn(&str) -> Option<&'static str>,
}

impl Runner {
    /// The program called `name` on the search path of `env`, run in `root`.
    ///
    /// # Errors
    /// It is not there; `hint` says what to do.
    pub(super) fn find(
        name: &'static str,
        root: &Path,
        env: BTreeMap<String, String>,
        hint: &str,
    ) -> Result<Self, StepError> {
        let program = find_program(name, &env);
        let program = program
            .ok_or_else(|| StepError::new(format!("`{name}` is not on the search path")).hint(hint))?;
        Ok(Self {
            name,
            program,
            always: Vec::new(),
            root: root.to_path_buf(),
            env,
            advice: |_| None,
        })
    }

    /// Runs it with these before all other arguments, after those that are there already.
    pub(super) fn always<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.always.extend(args.into_iter().map(str::to_owned));
        self
    }

    /// Asks `advice` for a hint where it fails, by what it complained of.
    pub(super) fn advised(mut self, advice: fn(&str) -> Option<&'static str>) -> Self {
        self.advice = advice;
        self
    }

    /// Runs it with these variables as well.
    pub(super) fn with(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(variables);
        self
    }

    /// Runs it in another folder, with further variables that say where things are.
    pub(super) fn elsewhere(&self, folder: &Path, places: &[(&str, &Path)]) -> Self {
        let place =
            |(name, place): &(&str, &Path)| ((*name).to_owned(), place.to_string_lossy().into_owned());
        let mut other = self.clone().with(places.iter().map(place));
        folder.clone_into(&mut other.root);
        other
    }

    /// The folder it runs in.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The command that all runs are made of.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.always)
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The error of a program that cannot be run.
    pub(super) fn cannot(&self) -> impl FnOnce(std::io::Error) -> StepError {
        io_error("run", &self.program)
    }

    /// Runs it, whatever its exit code.
    pub(super) fn run(&self, args: &[&str], input: &[u8]) -> Result<Done, StepError> {
        let mut command = self.command(args);
        if !input.is_empty() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().map_err(self.cannot())?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // Beside reading, or both could wait for one another. Whoever does not read to the end says why.
            let writer = stdin.map(|mut stdin| scope.spawn(move || stdin.write_all(input)));
            let output = child.wait_with_output();
            drop(writer);
            output
        });
        let output = output.map_err(self.cannot())?;
        Ok(self.done(args, output.status.code(), output.stdout, &output.stderr))
    }

    /// Runs it, whatever its exit code, for as long as `patience` lasts: somebody else may never answer.
    pub(super) fn run_within(&self, args: &[&str], patience: Duration) -> Result<Done, StepError> {
        let whole = self.always.iter().map(String::as_str).chain(args.iter().copied());
        let all: Vec<String> = whole.map(str::to_owned).collect();
        let (stdout, stderr) = (
            tempfile::tempfile().map_err(self.cannot())?,
            tempfile::tempfile().map_err(self.cannot())?,
        );
        let process = Process {
            program: &self.program,
            args: &all,
            env: &self.env,
            folder: &self.root,
            stdout: &stdout,
            stderr: &stderr,
        };
        let ended = process.run(patience, &|| false).map_err(self.cannot())?;
        let Ended::Exited(status) = ended else {
            let message = format!(
                "`{}` did not end within {} s",
                self.what(args),
                patience.as_secs()
            );
            return Err(StepError::transient(message));
        };
        let written = |file| tail(file, MAX_OUTPUT).map_err(self.cannot());
        Ok(self.done(args, status.code(), written(&stdout)?, &written(&stderr)?))
    }

    /// Runs it; it must succeed.
    pub(super) fn success(&self, args: &[&str], input: &[u8]) -> Result<Done, StepError> {
        let done = self.run(args, input)?;
        if done.succeeded() {
            Ok(done)
        } else {
            Err(done.failure())
        }
    }

    /// Runs it; it must succeed. What it printed, without the last line's end.
    pub(super) fn say(&self, args: &[&str]) -> Result<String, StepError> {
        Ok(self.success(args, b"")?.text())
    }

    fn what(&self, args: &[&str]) -> String {
        format!("{} {}", self.name, args.first().copied().unwrap_or_default())
    }

    fn done(&self, args: &[&str], code: Option<i32>, stdout: Vec<u8>, stderr: &[u8]) -> Done {
        let stderr = printable(String::from_utf8_lossy(stderr).trim_end());
        Done {
            what: self.what(args),
            code,
            hint: (self.advice)(&stderr),
            stdout,
            stderr,
        }
    }
}

/// How a run ended.
pub(super) struct Done {
    what: String,
    /// `None` if it was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    /// Fit for people.
    pub(super) stderr: String,
    hint: Option<&'static str>,
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

    /// What it printed, in whatever encoding, without the last line's end.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.stdout);
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }

    /// The error that this end is.
    pub(super) fn failure(&self) -> StepError {
        let code = self
            .code
            .map_or("killed".to_owned(), |code| format!("exit code {code}"));
        let error = StepError::new(format!("`{}` failed ({code})\n{}", self.what, self.stderr).trim_end());
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
