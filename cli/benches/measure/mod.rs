//! What benchmarks of whole processes share: running, timing, peak memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a thing is timed.
pub(crate) const ROUNDS: usize = 7;

pub(crate) fn ours(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_releasekit"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("RELEASEKIT_CACHE_DIR", cache_of(folder));
    command
}

/// The cache stays outside the workspace, as a person's does.
pub(crate) fn cache_of(folder: &Path) -> PathBuf {
    folder.with_extension("cache")
}

pub(crate) fn time(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let took = start.elapsed();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    took
}

/// The middle one of several times.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

/// The largest resident size of the program and its children, as the system counts it; needs Python.
pub(crate) fn peak_memory(command: &Command) -> String {
    // What starts Python may change the search path, which is part of what a run depends on.
    const SCRIPT: &str = "import os, resource, subprocess, sys\n\
        os.environ['PATH'] = os.environ.pop('BENCH_PATH')\n\
        subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)\n\
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut python = Command::new("python3");
    python
        .arg("-c")
        .arg(SCRIPT)
        .arg(command.get_program())
        .args(command.get_args());
    python.env("BENCH_PATH", std::env::var_os("PATH").unwrap_or_default());
    if let Some(folder) = command.get_current_dir() {
        python.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            python.env(name, value);
        }
    }
    let Ok(output) = python.output() else {
        return String::new();
    };
    let kibibytes: Option<f64> = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    kibibytes
        .map(|kibibytes| format!("{:.1} MiB", kibibytes / 1024.0))
        .unwrap_or_default()
}
