//! Runs a process: only what was declared goes in, and when it is over, nothing of it is left running.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

use super::attempt::INTERRUPTED;
use super::capture::{Capture, ending, last_lines};
use super::{Context, Halt};
use crate::manifest::short_command_line;
use crate::scratch::Scratch;
use crate::{Command, StepError};

/// Where programs are looked for when the command has no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// How long what a process has started may keep its pipes open once all of it was killed.
const LINGER: Duration = Duration::from_secs(1);

/// What a process that succeeded has said.
pub(super) struct Said {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

enum Ended {
    Exited(ExitStatus),
    TimedOut,
    Interrupted,
}

/// Runs `command` in `scratch` for at most `timeout`.
pub(super) fn run(
    context: &Context,
    command: &Command,
    scratch: &Scratch,
    timeout: Duration,
) -> Result<Said, Halt> {
    if context.cancel.is_cancelled() {
        return Err(Halt::Interrupted(INTERRUPTED.to_owned()));
    }
    let env = environment(command, &context.env, scratch);
    let workdir = scratch.work().join(&command.workdir);
    let program = find(command.argv.first().map_or("", String::as_str), &env, &workdir)?;
    let mut process = tokio::process::Command::new(program);
    process
        .args(&command.argv[1..])
        .env_clear()
        .envs(&env)
        .current_dir(&workdir);
    process.arg0(&command.argv[0]).process_group(0).kill_on_drop(true);
    process
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let (mut stdout, mut stderr) = (Capture::default(), Capture::default());
    let running = async {
        let child = process.spawn().map_err(|error| {
            StepError::new(format!(
                "`{}` cannot be started: {error}",
                short_command_line(&command.argv)
            ))
        })?;
        attend(child, &mut stdout, &mut stderr, timeout, context).await
    };
    let ended = context.reactors.block_on(running)?;
    let said = Said {
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
    };
    let how = match ended {
        Ended::Exited(status) if status.success() => return Ok(said),
        Ended::Interrupted => return Err(Halt::Interrupted(INTERRUPTED.to_owned())),
        Ended::Exited(status) => ending(status),
        Ended::TimedOut => format!("killed because it took longer than {} s", timeout.as_secs_f64()),
    };
    Err(Halt::Failed(failure(command, &how, &said)))
}

/// Waits for `child` and listens to it; kills what is left of its group.
async fn attend(
    mut child: Child,
    stdout: &mut Capture,
    stderr: &mut Capture,
    timeout: Duration,
    context: &Context,
) -> Result<Ended, Halt> {
    let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let listening = async { tokio::join!(stdout.read(out), stderr.read(err)) };
    tokio::pin!(listening);
    let mut is_silent = false;
    let deadline = tokio::time::sleep(timeout);
    tokio::pin!(deadline);
    let ended = loop {
        tokio::select! {
            status = child.wait() => {
                break Ended::Exited(status.map_err(|error| StepError::new(error.to_string()))?);
            }
            () = &mut deadline => break Ended::TimedOut,
            () = context.cancel.cancelled() => break Ended::Interrupted,
            _ = &mut listening, if !is_silent => is_silent = true,
        }
    };
    // Also after a good end: what it left running in its group would outlive its folder.
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    if !matches!(ended, Ended::Exited(_)) {
        let _ = child.wait().await;
    }
    if !is_silent {
        let _ = tokio::time::timeout(LINGER, listening).await;
    }
    Ok(ended)
}

/// Exactly what the process sees: what is declared, what is passed through and set, and a folder of its own.
fn environment(
    command: &Command,
    outside: &BTreeMap<String, String>,
    scratch: &Scratch,
) -> BTreeMap<String, String> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut env = BTreeMap::from([
        ("HOME".to_owned(), text(scratch.home())),
        ("TMPDIR".to_owned(), text(scratch.home())),
    ]);
    for name in &command.pass_env {
        if let Some(value) = outside.get(name) {
            env.insert(name.clone(), value.clone());
        }
    }
    env.extend(
        command
            .env
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    env
}

/// The file to execute for `program`: as a shell would find it, but on the process's own search path.
fn find(program: &str, env: &BTreeMap<String, String>, workdir: &Path) -> Result<PathBuf, StepError> {
    if program.is_empty() {
        return Err(StepError::new("the command is empty"));
    }
    let is_program = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|there| there.is_file() && there.permissions().mode() & 0o111 != 0)
    };
    if program.contains('/') {
        let path = workdir.join(program);
        let absent = || StepError::new(format!("`{program}` is not a program"));
        return Some(path).filter(is_program).ok_or_else(absent);
    }
    let search = env.get("PATH").map_or(DEFAULT_PATH, String::as_str);
    let folders = search.split(':').filter(|folder| !folder.is_empty());
    folders
        .map(|folder| workdir.join(folder).join(program))
        .find(is_program)
        .ok_or_else(|| {
            let hint = if env.contains_key("PATH") {
                format!("install `{program}`, or name it by its path")
            } else {
                format!("install `{program}`, or let the command see where programs are: pass `PATH`")
            };
            StepError::new(format!("`{program}` was not found on the search path `{search}`")).hint(hint)
        })
}

fn failure(command: &Command, how: &str, said: &Said) -> StepError {
    let shown = [&said.stderr, &said.stdout].map(|said| last_lines(said));
    let shown = shown
        .into_iter()
        .find(|lines| !lines.is_empty())
        .unwrap_or_default();
    let mut message = format!("`{}` {how}", short_command_line(&command.argv));
    if !shown.is_empty() {
        message.push('\n');
        message.push_str(&shown);
    }
    // Only tried again if the action's policy asks for it.
    StepError::transient(message)
}
