//! Tables of whole-process figures: next versions of many packages over a long history, beside git's own log of the
//! same range and beside peers, in the same run. Nothing is asserted: ratios are what to compare.

#![expect(clippy::print_stdout, reason = "a benchmark prints its tables")]

mod measure;
mod repository;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use measure::{ROUNDS, cache_of, median, milliseconds, ours, peak_memory, time};
use repository::Repository;

const COMMITS: usize = 10_000;
const SIZES: [usize; 2] = [200, 1_000];
const LERNA_MOST: usize = 200;

fn main() {
    println!("Next versions over {COMMITS} commits; medians of {ROUNDS} rounds, ours and git's in turn.");
    println!(
        "`cold` has no cache, `warm` asks again. `git log` is one `git log --name-only` of the same range.\n"
    );
    println!(
        "{:>8}  {:<34}  {:>12}  {:>8}  {:>10}",
        "packages", "what", "wall", "to git", "peak"
    );
    for size in SIZES {
        let repository = Repository::new(size, COMMITS);
        let folder = repository.folder();
        let git = our_rows(size, folder);
        peer_rows(size, folder, git);
    }
}

/// Ours, cold and warm, and git's log; returns how long that took.
fn our_rows(size: usize, folder: &Path) -> Duration {
    let command = || ours(folder, &["version", "--format", "json", "--quiet"]);
    let forget = || {
        // There may be none yet.
        let _ = fs::remove_dir_all(cache_of(folder));
    };
    let (mut cold, mut warm, mut git) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        git.push(time(&mut git_log(folder)));
        forget();
        cold.push(time(&mut command()));
        warm.push(time(&mut command()));
    }
    let git = median(git);
    forget();
    let peak = peak_memory(&command());
    row(
        size,
        "git log --name-only",
        git,
        git,
        &peak_memory(&git_log(folder)),
    );
    row(size, "releasekit version, cold", median(cold), git, &peak);
    row(
        size,
        "releasekit version, warm",
        median(warm),
        git,
        &peak_memory(&command()),
    );
    forget();
    git
}

fn git_log(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args(["log", "-z", "--name-only", "--format=%H%x00%B", "HEAD"])
        .current_dir(folder);
    command
}

/// Peers, once each: they take from seconds to minutes.
fn peer_rows(size: usize, folder: &Path, git: Duration) {
    match program("git-cliff") {
        Some(cliff) => {
            let mut command = Command::new(&cliff);
            command
                .args([
                    "--bumped-version",
                    "--tag-pattern",
                    "^p0@",
                    "--include-path",
                    "packages/p0/**",
                ])
                .current_dir(folder);
            let peak = peak_memory(&command);
            row(size, "git-cliff, for one package", time(&mut command), git, &peak);
        }
        None => {
            println!("{size:>8}  git-cliff is not on the search path (`pip install git-cliff` provides it)");
        }
    }
    match program("lerna") {
        Some(_) if size > LERNA_MOST => {
            println!(
                "{size:>8}  lerna is not asked: it takes minutes for {LERNA_MOST} packages, and grows with their number"
            );
        }
        Some(lerna) => {
            let mut command = Command::new(&lerna);
            command
                .args([
                    "version",
                    "--conventional-commits",
                    "--no-push",
                    "--no-git-tag-version",
                    "--yes",
                ])
                .env("CI", "true")
                .env("NX_DAEMON", "false")
                .current_dir(folder);
            let took = time(&mut command);
            row(size, "lerna version (it writes too), once", took, git, "");
        }
        None => {
            println!("{size:>8}  lerna is not on the search path (`npm install -g lerna` provides it)");
        }
    }
}

fn row(size: usize, what: &str, took: Duration, git: Duration, peak: &str) {
    let ratio = took.as_secs_f64() / git.as_secs_f64();
    println!(
        "{size:>8}  {what:<34}  {:>12}  {ratio:>8.2}  {peak:>10}",
        milliseconds(took)
    );
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
