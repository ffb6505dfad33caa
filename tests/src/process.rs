//! A program that runs, and what is left when it has ended.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The longest anything may take before it counts as hanging.
const LIMIT: Duration = Duration::from_secs(240);

/// A program that runs in a process group of its own.
#[derive(Debug)]
pub struct Running {
    child: Child,
    what: String,
    out: JoinHandle<Vec<u8>>,
    err: JoinHandle<Vec<u8>>,
    began: Instant,
}

/// A program that has ended.
#[derive(Clone, Debug)]
pub struct Ran {
    what: String,
    /// Its exit code; 128 and the signal's number if a signal ended it.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Running {
    /// Starts a command. Nothing is on its standard input.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let what = format!("{command:?}");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
        let out = drain(child.stdout.take().expect("it is piped"));
        let err = drain(child.stderr.take().expect("it is piped"));
        Self {
            child,
            what,
            out,
            err,
            began: Instant::now(),
        }
    }

    /// Whether it has ended.
    ///
    /// # Panics
    /// It cannot be asked.
    pub fn has_ended(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be waited for")
            .is_some()
    }

    /// Kills it and everything in its process group, as `kill -9` would.
    pub fn kill(&self) {
        // It may have ended by itself just now.
        let _ = kill_process_group(self.pid(), Signal::KILL);
    }

    /// Asks it alone to stop, as Ctrl-C in a terminal would.
    pub fn interrupt(&self) {
        // As above.
        let _ = kill_process(self.pid(), Signal::INT);
    }

    /// Tells it alone that its terminal is gone.
    pub fn hang_up(&self) {
        // As above.
        let _ = kill_process(self.pid(), Signal::HUP);
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// It hangs.
    #[must_use]
    pub fn finish(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if self.began.elapsed() > LIMIT {
                self.kill();
                panic!("{} hangs", self.what);
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let took = self.began.elapsed();
        let text = |reader: JoinHandle<Vec<u8>>| {
            String::from_utf8_lossy(&reader.join().expect("a pipe can be read")).into_owned()
        };
        Ran {
            what: self.what,
            code: status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or_default()),
            stdout: text(self.out),
            stderr: text(self.err),
            took,
        }
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A process that is killed leaves whatever it had written.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

impl Ran {
    /// Itself, if it ended with this exit code.
    ///
    /// # Panics
    /// It ended with another one.
    #[must_use]
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of {self}");
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// It is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}) from {self}"))
    }

    /// How many of a run's actions ended in this way.
    ///
    /// # Panics
    /// Standard output is not the JSON of a run.
    #[must_use]
    #[track_caller]
    pub fn count(&self, outcome: &str) -> u64 {
        self.json()["actions"][outcome]
            .as_u64()
            .unwrap_or_else(|| panic!("no count of {outcome} in {self}"))
    }

    /// The ids of a run's actions that ended in this way, sorted.
    ///
    /// # Panics
    /// Standard output is not the JSON of a run.
    #[must_use]
    #[track_caller]
    pub fn ids(&self, outcome: &str) -> Vec<String> {
        let json = self.json();
        let details = json["details"]
            .as_array()
            .unwrap_or_else(|| panic!("no details in {self}"));
        let ids = details
            .iter()
            .filter(|detail| detail["outcome"] == outcome)
            .filter_map(|one| one["id"].as_str());
        let mut ids: Vec<String> = ids.map(str::to_owned).collect();
        ids.sort();
        ids
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            what,
            code,
            stdout,
            stderr,
            took,
        } = self;
        write!(
            f,
            "{what}\nexit code {code} after {took:?}\n--- stdout\n{stdout}--- stderr\n{stderr}"
        )
    }
}
