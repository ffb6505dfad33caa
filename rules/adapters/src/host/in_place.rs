//! Runs a tool in the working tree itself: only for tools whose work is to keep a file of the tree up to date.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::{Cancel, Command, StepError, printable};

use super::process::{Ended, Process, tail};
use super::text::last_lines;
use super::{find_program, io_error};

/// How many lines of what it wrote are shown when it fails.
const SHOWN: usize = 20;

/// Runs commands in a working tree.
pub struct InPlace {
    root: PathBuf,
    env: BTreeMap<String, String>,
}

impl InPlace {
    /// Commands in the tree at `root`. Variables that a command passes through come from `env`; nothing else of it is
    /// seen.
    #[must_use]
    pub fn new(root: &Path, env: BTreeMap<String, String>) -> Self {
        Self {
            root: root.to_path_buf(),
            env,
        }
    }

    /// Where the command's program is.
    ///
    /// # Errors
    /// It is not on the search path, with `hint`.
    pub fn locate(&self, command: &Command, hint: &str) -> Result<PathBuf, StepError> {
        let program = command.argv.first().map_or("", String::as_str);
        find_program(program, &self.env).ok_or_else(|| {
            StepError::new(format!("`{}` is not on the search path", printable(program))).hint(hint)
        })
    }

    /// Runs the command in its folder of the tree, for at most `deadline`.
    ///
    /// # Errors
    /// It is not there, cannot be run, fails (with the end of what it wrote), or takes too long. An error that is
    /// transient came from the program.
    pub fn run(
        &self,
        command: &Command,
        hint: &str,
        deadline: Duration,
        cancel: &Cancel,
    ) -> Result<(), StepError> {
        let program = self.locate(command, hint)?;
        let passed = command
            .pass_env
            .iter()
            .filter_map(|name| self.env.get_key_value(name));
        let env: BTreeMap<String, String> = passed
            .chain(&command.env)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let folder = self.root.join(&command.workdir);
        let output =
            tempfile::tempfile().map_err(io_error("create a temporary file in", &std::env::temp_dir()))?;
        let process = Process {
            program: &program,
            args: command.argv.get(1..).unwrap_or_default(),
            env: &env,
            folder: &folder,
            stdout: &output,
            stderr: &output,
        };
        let ended = process
            .run(deadline, &|| cancel.is_cancelled())
            .map_err(io_error("run", &program))?;
        let shown = printable(&command.argv.join(" "));
        let failed = |how: String| {
            let written = tail(&output, 64 << 10).unwrap_or_default();
            let lines = last_lines(&written, SHOWN);
            StepError::transient(format!("`{shown}` {how}\n{lines}").trim_end().to_owned())
        };
        match ended {
            Ended::Exited(status) if status.success() => Ok(()),
            Ended::Exited(status) => Err(failed(format!("failed ({status})"))),
            Ended::TimedOut => Err(failed(format!("did not end within {} s", deadline.as_secs()))),
            Ended::Flooded => Err(failed("wrote without end".to_owned())),
            Ended::Stopped => Err(StepError::new(format!("`{shown}` was stopped"))),
        }
    }
}
