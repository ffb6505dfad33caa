//! Runs the command-line program of a version control system to its end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine::StepError;

use crate::host::{find_program, io_error, printable};

/// A program, and what goes before all of its arguments.
pub(super) struct Program {
    name: &'static str,
    program: PathBuf,
    always: &'static [&'static str],
    root: PathBuf,
    env: BTreeMap<String, String>,
}

impl Program {
    /// The program called `name` on the search path of `env`, run in `root`.
    ///
    /// # Errors
    /// It is not there.
    pub(super) fn find(
        name: &'static str,
        always: &'static [&'static str],
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
            always,
            root: root.to_path_buf(),
            env,
        })
    }

    /// The folder it runs in.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Runs it, whatever its exit code.
    pub(super) fn run(&self, args: &[&str]) -> Result<Said, StepError> {
        let output = Command::new(&self.program)
            .args(self.always)
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .output()
            .map_err(io_error("run", &self.program))?;
        Ok(Said {
            what: format!("{} {}", self.name, args.first().copied().unwrap_or_default()),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: printable(String::from_utf8_lossy(&output.stderr).trim_end()),
        })
    }

    /// Runs it; it must succeed. What it printed, in whatever encoding.
    pub(super) fn say(&self, args: &[&str]) -> Result<String, StepError> {
        let said = self.run(args)?;
        if said.code == Some(0) {
            Ok(said.text())
        } else {
            Err(said.failure())
        }
    }
}

/// How a run ended.
pub(super) struct Said {
    what: String,
    /// `None` if it was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    /// Fit for people.
    pub(super) stderr: String,
}

impl Said {
    /// What it printed, in whatever encoding.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The error that this end is.
    pub(super) fn failure(&self) -> StepError {
        let code = self
            .code
            .map_or("killed".to_owned(), |code| format!("exit code {code}"));
        StepError::new(format!("`{}` failed ({code})\n{}", self.what, self.stderr).trim_end())
    }
}
