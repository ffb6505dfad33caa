//! Which version of a tool is on the search path, without asking the tool twice.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::{StepError, printable};
use model::Tool;
use serde::{Deserialize, Serialize};

use super::process::{Ended, Process, tail};
use super::text::last_lines;
use super::{find_program, io_error};

/// The longest a tool may take to say its version.
const DEADLINE: Duration = Duration::from_secs(30);
const SCHEMA: &str = "releasekit.tools/1";
/// Files remembered at most; there are as many as installed versions of the tools in use.
const MAX_KNOWN: usize = 256;

/// Files and folders of programs that choose versions of others (pyenv, asdf, mise, volta, proto, corepack).
const SWITCHES: [&str; 7] = [
    "shims",
    ".volta",
    "volta-shim",
    "mise",
    "asdf",
    ".proto",
    "corepack",
];

/// What is remembered between runs.
#[derive(Serialize, Deserialize)]
struct Known {
    schema: String,
    /// Versions by what the file of the program looked like.
    versions: BTreeMap<String, String>,
}

/// Versions of tools, remembered by the file each was asked of (path, inode, size, times): a tool that was
/// not touched is not run again. Programs that switch between versions are asked every time.
pub struct ToolVersions {
    env: BTreeMap<String, String>,
    cache: PathBuf,
    known: Mutex<BTreeMap<String, String>>,
}

impl ToolVersions {
    /// Tools on the search path of `env`. `cache` is a small file of ours, whose folder is made when
    /// something is written; an absent or damaged one is an empty one.
    #[must_use]
    pub fn load(cache: &Path, env: BTreeMap<String, String>) -> Self {
        let known = std::fs::read(cache)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Known>(&bytes).ok())
            .filter(|known| known.schema == SCHEMA)
            .map(|known| known.versions)
            .unwrap_or_default();
        Self {
            env,
            cache: cache.to_path_buf(),
            known: Mutex::new(known),
        }
    }

    /// The version of `tool` as it prints it (`0.13.8`), or its first line if that holds no version.
    ///
    /// # Errors
    /// It is not there (with the tool's own hint), or it does not say.
    pub fn version(&self, tool: &Tool) -> Result<String, StepError> {
        let program = self.locate(tool)?;
        let seen = self.looks(&program, tool)?;
        if let Some(version) = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&seen)
        {
            return Ok(version.clone());
        }
        let version = self.ask(&program, tool)?;
        // A tool that was replaced while it was asked is asked again next time.
        if self.looks(&program, tool)? == seen && !is_switch(&program, &resolved(&program)?) {
            self.remember(seen, &version);
        }
        Ok(version)
    }

    /// Where the program of `tool` is.
    ///
    /// # Errors
    /// It is not on the search path; with the tool's own hint.
    pub fn locate(&self, tool: &Tool) -> Result<PathBuf, StepError> {
        find_program(tool.program, &self.env).ok_or_else(|| {
            StepError::new(format!("`{}` is not on the search path", tool.program)).hint(tool.hint)
        })
    }

    /// What tells this program from another version of it. One of rustup's only chooses another one, so what it
    /// chooses by, and from, is looked at too.
    fn looks(&self, program: &Path, tool: &Tool) -> Result<String, StepError> {
        let resolved = resolved(program)?;
        let mut seen = format!(
            "{} {} {}",
            program.display(),
            tool.version_args.join(" "),
            stat(&resolved)?
        );
        if !resolved.with_file_name("rustup").exists() && !program.with_file_name("rustup").exists() {
            return Ok(seen);
        }
        for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME"] {
            seen.push_str(&format!(
                " {name}={}",
                self.env.get(name).map_or("", String::as_str)
            ));
        }
        let home = self.env.get("RUSTUP_HOME").map(PathBuf::from);
        let home = home.or_else(|| self.env.get("HOME").map(|home| Path::new(home).join(".rustup")));
        let Some(home) = home else { return Ok(seen) };
        let toolchains = std::fs::read_dir(home.join("toolchains"))
            .into_iter()
            .flatten()
            .flatten();
        let mut choices: Vec<PathBuf> = toolchains
            .map(|one| one.path().join("bin").join(tool.program))
            .collect();
        choices.push(home.join("settings.toml"));
        choices.sort();
        for choice in choices {
            seen.push_str(&format!(" {}", stat(&choice).unwrap_or_default()));
        }
        Ok(seen)
    }

    fn ask(&self, program: &Path, tool: &Tool) -> Result<String, StepError> {
        let folder = self.cache.parent().unwrap_or(Path::new("/"));
        // Private: whoever writes here decides what is believed of tools.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(io_error("create", folder))?;
        let scratch =
            || tempfile::tempfile_in(folder).map_err(io_error("create a temporary file in", folder));
        let (stdout, stderr) = (scratch()?, scratch()?);
        let args: Vec<String> = tool.version_args.iter().map(|&arg| arg.to_owned()).collect();
        // Nobody's folder: a tool that reads a project's settings finds none.
        let folder = Path::new("/");
        let process = Process {
            program,
            args: &args,
            env: &self.env,
            folder,
            stdout: &stdout,
            stderr: &stderr,
        };
        let ended = process
            .run(DEADLINE, &|| false)
            .map_err(io_error("run", program))?;
        let said = tail(&stdout, 64 << 10).map_err(io_error("read the output of", program))?;
        let complaint = tail(&stderr, 64 << 10).map_err(io_error("read the output of", program))?;
        let asked = format!("`{} {}`", tool.program, args.join(" "));
        match ended {
            Ended::Exited(status) if status.success() => version_in(&String::from_utf8_lossy(&said))
                .ok_or_else(|| StepError::new(format!("{asked} printed no version")).hint(tool.hint)),
            Ended::Exited(status) => {
                let complaint = last_lines(&complaint, 5);
                Err(StepError::new(format!("{asked} failed ({status})\n{complaint}")).hint(tool.hint))
            }
            _ => Err(StepError::transient(format!(
                "{asked} did not end within {} s",
                DEADLINE.as_secs()
            ))),
        }
    }

    /// A favour to the next run: its failure is not one of ours.
    fn remember(&self, seen: String, version: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(seen, version.to_owned());
        let written = serde_json::to_vec_pretty(&Known {
            schema: SCHEMA.to_owned(),
            versions: known.clone(),
        })
        .map_err(|error| error.to_string())
        .and_then(|text| cas::write_atomically(&self.cache, &text).map_err(|error| error.to_string()));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot remember the versions of tools");
        }
    }
}

/// What the file system says about a file.
fn stat(path: &Path) -> Result<String, StepError> {
    let of = path.metadata().map_err(io_error("look at", path))?;
    let times = [of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()];
    Ok(format!(
        "{} {}:{} {} {times:?}",
        path.display(),
        of.dev(),
        of.ino(),
        of.size()
    ))
}

fn resolved(program: &Path) -> Result<PathBuf, StepError> {
    program.canonicalize().map_err(io_error("resolve", program))
}

/// Whether the program is known to run another one by rules of its own: its file does not tell which.
fn is_switch(program: &Path, resolved: &Path) -> bool {
    let mut parts = program.components().chain(resolved.components());
    parts.any(|part| {
        part.as_os_str()
            .to_str()
            .is_some_and(|part| SWITCHES.contains(&part))
    })
}

/// The first version in the first line that holds something, or that whole line.
fn version_in(output: &str) -> Option<String> {
    let line = output.lines().map(str::trim).find(|line| !line.is_empty())?;
    let words = line.split(|c: char| c.is_whitespace() || "(),;".contains(c));
    let version = words
        .map(|word| word.strip_prefix('v').unwrap_or(word))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
    Some(printable(version.unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        for (output, version) in [
            ("uv 0.13.8 (x86_64-unknown-linux-gnu)\n", Some("0.13.8")),
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)\n", Some("1.95.0")),
            ("11.19.1\n", Some("11.19.1")),
            ("v20.20.2\n", Some("20.20.2")),
            ("\nPython 3.14.0rc1\nmore 9.9.9\n", Some("3.14.0rc1")),
            ("a nightly one", Some("a nightly one")),
            (" \n", None),
        ] {
            assert_eq!(version_in(output).as_deref(), version, "{output:?}");
        }
    }
}
