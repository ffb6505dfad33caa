//! The bytes of objects: however many are asked for, one git answers.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use engine::{StepError, printable};

use super::run::Runner;
use crate::host::{MAX_OUTPUT, tail};

/// What reads objects.
pub(super) struct Blobs {
    runner: Runner,
    talk: Mutex<Option<Talk>>,
}

/// A git that waits for the next name.
struct Talk {
    child: Child,
    names: ChildStdin,
    objects: BufReader<ChildStdout>,
    complaints: File,
}

impl Blobs {
    /// Nothing is started before the first object is asked for.
    pub(super) const fn of(runner: Runner) -> Self {
        Self {
            runner,
            talk: Mutex::new(None),
        }
    }

    /// The bytes of the blob with that whole name.
    ///
    /// # Errors
    /// It is not here, is larger than `most` bytes, or git could not be asked.
    pub(super) fn read(&self, object: &str, most: u64) -> Result<Vec<u8>, StepError> {
        let mut held = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever breaks off in the middle is not asked again.
        let mut talk = match held.take() {
            Some(talk) => talk,
            None => Talk::begin(&self.runner)?,
        };
        match talk.ask(object, most) {
            Ok(answer) => {
                *held = Some(talk);
                answer
            }
            Err(error) => Err(talk.broken(&error)),
        }
    }
}

impl Talk {
    fn begin(runner: &Runner) -> Result<Self, StepError> {
        let complaints = tempfile::tempfile().map_err(runner.cannot())?;
        let theirs = complaints.try_clone().map_err(runner.cannot())?;
        let mut child = runner
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(theirs)
            .spawn()
            .map_err(runner.cannot())?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(names), Some(objects)) = pipes else {
            return Err(StepError::new("`git cat-file` has no pipes to be talked to"));
        };
        Ok(Self {
            child,
            names,
            objects: BufReader::new(objects),
            complaints,
        })
    }

    /// One name and its answer: `NAME blob SIZE`, the bytes and a line's end, or `NAME missing`. The outer error is
    /// one of the talk itself.
    fn ask(&mut self, object: &str, most: u64) -> std::io::Result<Result<Vec<u8>, StepError>> {
        let unknown = || std::io::Error::other("it answered in a form that is not known");
        self.names.write_all(format!("{object}\n").as_bytes())?;
        self.names.flush()?;
        let mut line = String::new();
        self.objects.read_line(&mut line)?;
        let fields: Vec<&str> = line.trim_end_matches('\n').split(' ').collect();
        let size: u64 = match fields[..] {
            [_, "missing"] => {
                let gone = StepError::new(format!("the object {object} is not in this clone"));
                return Ok(Err(gone.hint(
                    "it leaves out objects that are needed: fetch it again with `--filter=blob:none` or whole",
                )));
            }
            [name, "blob", size] if name == object => size.parse().map_err(|_| unknown())?,
            _ => return Err(unknown()),
        };
        let mut whole = self.objects.by_ref().take(size + 1);
        if size > most {
            std::io::copy(&mut whole, &mut std::io::sink())?;
            return Ok(Err(StepError::new(format!(
                "it is larger than {} MiB",
                most >> 20
            ))));
        }
        let mut bytes = Vec::new();
        whole.read_to_end(&mut bytes)?;
        match bytes.pop() {
            Some(b'\n') if bytes.len() as u64 == size => Ok(Ok(bytes)),
            _ => Err(unknown()),
        }
    }

    /// Why it broke off.
    fn broken(self, error: &std::io::Error) -> StepError {
        let said = tail(&self.complaints, MAX_OUTPUT).unwrap_or_default();
        let said = printable(String::from_utf8_lossy(&said).trim_end());
        StepError::new(format!("`git cat-file` broke off: {error}\n{said}").trim_end())
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // All that was asked is answered; it only reads, and nothing is lost with it.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
