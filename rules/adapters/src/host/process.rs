//! Runs one program to its end: in its own process group, until a deadline, and nothing of it survives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// What a program may write before it is stopped.
pub(crate) const MAX_OUTPUT: u64 = 64 << 20;
/// What a program that is told to end may still do.
const GRACE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A program to run.
pub(crate) struct Process<'a> {
    /// Where it is.
    pub(crate) program: &'a Path,
    /// Its arguments.
    pub(crate) args: &'a [String],
    /// Its whole environment.
    pub(crate) env: &'a BTreeMap<String, String>,
    /// Where it starts.
    pub(crate) folder: &'a Path,
    /// Where it writes.
    pub(crate) stdout: &'a File,
    /// Where it complains; may be the same file.
    pub(crate) stderr: &'a File,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself, or killed by somebody else.
    Exited(ExitStatus),
    /// It was killed when its time was over.
    TimedOut,
    /// It was killed because the run is being stopped.
    Stopped,
    /// It was killed because it wrote without end.
    Flooded,
}

impl Process<'_> {
    /// Runs it. `is_stopped` is asked now and then.
    pub(crate) fn run(&self, deadline: Duration, is_stopped: &dyn Fn() -> bool) -> io::Result<Ended> {
        let start = Instant::now();
        let mut child = Command::new(self.program)
            .args(self.args)
            .env_clear()
            .envs(self.env)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(self.stdout.try_clone()?)
            .stderr(self.stderr.try_clone()?)
            .process_group(0)
            .spawn()?;
        let pid = Pid::from_child(&child);
        let ended = match self.watch(pid, start, deadline, is_stopped) {
            Ok(ended) => ended,
            Err(error) => {
                let _ = kill_process_group(pid, Signal::KILL);
                child.wait()?;
                return Err(error);
            }
        };
        if ended.is_some() {
            let _ = kill_process_group(pid, Signal::TERM);
            let told = Instant::now();
            while told.elapsed() < GRACE && !has_exited(pid)? {
                std::thread::sleep(LONGEST_PAUSE);
            }
        }
        // Before it is reaped: until then, nobody else can have got its number.
        let _ = kill_process_group(pid, Signal::KILL);
        let status = child.wait()?;
        Ok(ended.unwrap_or(Ended::Exited(status)))
    }

    /// Returns once it has exited (`None`) or has to be killed.
    fn watch(
        &self,
        pid: Pid,
        start: Instant,
        deadline: Duration,
        is_stopped: &dyn Fn() -> bool,
    ) -> io::Result<Option<Ended>> {
        let mut pause = Duration::from_millis(1);
        loop {
            if has_exited(pid)? {
                return Ok(None);
            }
            if is_stopped() {
                return Ok(Some(Ended::Stopped));
            }
            if start.elapsed() >= deadline {
                return Ok(Some(Ended::TimedOut));
            }
            if self.stdout.metadata()?.len().max(self.stderr.metadata()?.len()) > MAX_OUTPUT {
                return Ok(Some(Ended::Flooded));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether it has exited; it is not reaped.
fn has_exited(pid: Pid) -> io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

/// The last `limit` bytes of a file that a program wrote to.
pub(crate) fn tail(mut file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
