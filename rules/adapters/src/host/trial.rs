//! Tries out what was published: one command in an empty folder and an empty environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::{Cancel, Command, Facts, ObservedHandler, Provided, StepError, printable};
use serde::{Deserialize, Serialize};

use super::environment::is_program;
use super::process::{Ended, Process, tail};
use super::text::last_lines;
use super::{find_program, io_error};

/// How many lines of what it wrote are shown when it fails.
const SHOWN: usize = 20;
const STEP: Duration = Duration::from_millis(50);

/// What a trial is told.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    command: Command,
    #[serde(default)]
    delay_ms: u64,
}

/// Runs a command in a fresh folder and hopes that it succeeds. Parameters: `{"command": <Command>,
/// "delay_ms": <milliseconds to wait first>}`; the wait comes on top of the time the command may take.
pub struct Trial {
    env: BTreeMap<String, String>,
    scratch: PathBuf,
}

impl Trial {
    /// Trials in folders of their own under `scratch`, which is made if it is absent. `env` is where the
    /// variables a command passes through come from; nothing else of it is seen.
    #[must_use]
    pub fn new(env: BTreeMap<String, String>, scratch: &Path) -> Self {
        Self {
            env,
            scratch: scratch.to_path_buf(),
        }
    }

    /// The command's own environment: two folders of its own, unless it says otherwise; what it sets wins over
    /// what it passes through.
    fn environment(&self, command: &Command, folder: &Path) -> BTreeMap<String, String> {
        let private = ["HOME", "TMPDIR"].map(|name| {
            let place = folder.join(name.to_ascii_lowercase());
            (name.to_owned(), place.to_string_lossy().into_owned())
        });
        let passed = command
            .pass_env
            .iter()
            .filter_map(|name| self.env.get_key_value(name));
        let own = command.env.iter();
        let given = passed
            .chain(own)
            .map(|(name, value)| (name.clone(), value.clone()));
        private.into_iter().chain(given).collect()
    }
}

impl ObservedHandler for Trial {
    fn observe(
        &self,
        params: &str,
        _inputs: &dyn Provided,
        deadline: Duration,
        cancel: &Cancel,
    ) -> Result<Facts, StepError> {
        let params: Params = serde_json::from_str(params)
            .map_err(|error| StepError::new(format!("the parameters of a trial cannot be read: {error}")))?;
        wait(Duration::from_millis(params.delay_ms), cancel)?;
        let command = &params.command;
        let (program, args) = command
            .argv
            .split_first()
            .ok_or_else(|| StepError::new("a trial has no command: its `argv` is empty"))?;

        std::fs::create_dir_all(&self.scratch).map_err(io_error("create", &self.scratch))?;
        let folder = tempfile::Builder::new()
            .prefix("trial-")
            .tempdir_in(&self.scratch)
            .map_err(io_error("create a folder in", &self.scratch))?;
        for name in ["home", "tmpdir", "work"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).map_err(io_error("create", &path))?;
        }
        let env = self.environment(command, folder.path());
        let workdir = workdir(&folder.path().join("work"), &command.workdir)?;
        let file = resolve(program, &workdir, &env)?;
        let output = tempfile::tempfile_in(&self.scratch)
            .map_err(io_error("create a temporary file in", &self.scratch))?;

        let process = Process {
            program: &file,
            args,
            env: &env,
            folder: &workdir,
            stdout: &output,
            stderr: &output,
        };
        let ended = process
            .run(deadline, &|| cancel.is_cancelled())
            .map_err(io_error("run", &file))?;
        let short = |word: &String| {
            if word.contains('\n') {
                "...".to_owned()
            } else {
                word.clone()
            }
        };
        let shown = printable(&command.argv.iter().map(short).collect::<Vec<_>>().join(" "));
        let failed = |how: String| {
            let written = tail(&output, 64 << 10).unwrap_or_default();
            let lines = last_lines(&written, SHOWN);
            StepError::transient(format!("`{shown}` {how}\n{lines}").trim_end().to_owned())
        };
        match ended {
            Ended::Exited(status) if status.success() => Ok(Facts {
                summary: "installed and tried".to_owned(),
            }),
            Ended::Exited(status) => Err(failed(format!("failed ({status})"))),
            Ended::TimedOut => Err(failed(format!(
                "did not end within {:.1} s",
                deadline.as_secs_f64()
            ))),
            Ended::Flooded => Err(StepError {
                transient: false,
                ..failed("wrote without end".to_owned())
            }),
            Ended::Stopped => Err(stopped()),
        }
    }
}

fn stopped() -> StepError {
    StepError::new("the run is being stopped")
}

/// Waits, unless the run is being stopped.
fn wait(delay: Duration, cancel: &Cancel) -> Result<(), StepError> {
    let start = Instant::now();
    loop {
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        match delay.checked_sub(start.elapsed()) {
            Some(left) if !left.is_zero() => std::thread::sleep(left.min(STEP)),
            _ => return Ok(()),
        }
    }
}

/// The folder to start in; made if it is absent.
fn workdir(folder: &Path, relative: &str) -> Result<PathBuf, StepError> {
    if relative.is_empty() {
        return Ok(folder.to_path_buf());
    }
    if relative.contains('\0') || relative.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(StepError::new(format!(
            "`{}` is not a folder inside the trial",
            printable(relative)
        )));
    }
    let path = folder.join(relative);
    std::fs::create_dir_all(&path).map_err(io_error("create", &path))?;
    Ok(path)
}

fn resolve(program: &str, workdir: &Path, env: &BTreeMap<String, String>) -> Result<PathBuf, StepError> {
    let found = if program.contains('/') {
        Some(workdir.join(program)).filter(|path| is_program(path))
    } else {
        find_program(program, env)
    };
    found.ok_or_else(|| {
        StepError::new(format!("`{}` is not on the search path", printable(program)))
            .hint("install it, or set `PATH` in the command's environment")
    })
}
