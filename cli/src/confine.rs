//! Confinement: evaluates RELEASE.star in a child process that has little memory, little time and no environment.
//!
//! The child is this program itself, called with the one argument [`ARGUMENT`]. It is asked on its standard input and
//! answers on its standard output. A child that dies is asked once more to note every statement before it runs it, so
//! that what killed it can be named by file and line.

mod child;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use model::{Diagnostic, Location};
use rules::{Call, Evaluation};
use serde::{Deserialize, Serialize};

pub(crate) use child::child;

/// The hidden argument that makes this program a child.
pub(crate) const ARGUMENT: &str = "evaluate-confined";

/// The longest an answer may be, in bytes.
const MAX_ANSWER: u64 = 64 << 20;

/// How long a child is waited for after it should have given up by itself.
const GRACE: Duration = Duration::from_millis(500);

/// The longest all of it may take.
const TOTAL: Duration = Duration::from_millis(9500);

/// How many bytes of the notes hold the current statement; what the child has to say when it dies follows.
const NOTE: usize = 4096;

/// What a child is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Task {
    /// Evaluate.
    Evaluate,
    /// Compile every statement by itself, and note each.
    Rehearse,
    /// Evaluate, and note every statement.
    Note,
}

/// Where the texts of the configuration are; they are called by their paths relative to the workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Texts {
    /// In a folder, with all that is in it.
    Folder(PathBuf),
    /// Here, or why one cannot be read; there are no others.
    Given(BTreeMap<String, Result<String, String>>),
}

/// What a child is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    task: Task,
    texts: Texts,
    /// The RELEASE.star files.
    roots: Vec<String>,
    /// What `env()` may see.
    env: BTreeMap<String, String>,
    /// Questions to functions that the files pass to declarations.
    calls: Vec<Call>,
    /// The most memory, in bytes.
    memory: u64,
    /// The most time, in milliseconds.
    time: u64,
}

/// What a child answers.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    evaluation: Evaluation,
    /// Whether the evaluation did not come to its end.
    exhausted: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    Memory,
    Time,
    Nesting,
    Answer,
    Other(ExitStatus),
}

/// Evaluates the files `roots` of `texts` in a child of `program`, and asks their functions `calls`.
///
/// Never fails otherwise than by the diagnostics of what it returns, and takes less than ten seconds.
pub(crate) fn evaluate(
    program: &Path,
    texts: &Texts,
    roots: &[String],
    env: &BTreeMap<String, String>,
    calls: &[Call],
) -> Evaluation {
    let texts = match texts {
        Texts::Folder(root) => match root.canonicalize() {
            Ok(root) => Texts::Folder(root),
            Err(error) => {
                return Evaluation::failed(Diagnostic::error(format!("`{}`: {error}", root.display()), None));
            }
        },
        given @ Texts::Given(_) => given.clone(),
    };
    let (roots, env) = (roots.to_vec(), env.clone());
    ask(
        program,
        Question {
            task: Task::Evaluate,
            texts,
            roots,
            env,
            calls: calls.to_vec(),
            memory: 2 << 30,
            time: 8_000,
        },
    )
}

/// Asks; and if the evaluation does not come to its end, asks for the statement that is to blame.
fn ask(program: &Path, mut question: Question) -> Evaluation {
    let started = Instant::now();
    let limits = (question.memory, question.time);
    let mut evaluation = match attempt(program, &question) {
        Ok(Ok(answer)) if !answer.exhausted => return answer.evaluation,
        Ok(Ok(answer)) => answer.evaluation,
        Ok(Err((death, _))) => Evaluation::failed(blamed(death, limits, None)),
        Err(error) => return not_started(program, &error),
    };
    let Some(told) = evaluation.diagnostics.first_mut() else {
        return evaluation;
    };
    for task in [Task::Rehearse, Task::Note] {
        let left = TOTAL.saturating_sub(started.elapsed() + GRACE);
        question.time = u64::try_from(left.as_millis())
            .unwrap_or(u64::MAX)
            .min(question.time);
        question.task = task;
        let place = match attempt(program, &question) {
            Ok(Err((_, place))) => place,
            Ok(Ok(answer)) if answer.exhausted => answer
                .evaluation
                .diagnostics
                .into_iter()
                .find_map(|told| told.location),
            _ => None,
        };
        told.location = place.or(told.location.take());
        if told.location.is_some() {
            return evaluation;
        }
    }
    told.location = question.roots.first().map(Location::file);
    evaluation
}

/// A death as a diagnostic.
fn blamed(death: Death, (memory, time): (u64, u64), place: Option<Location>) -> Diagnostic {
    let (message, hint) = match death {
        Death::Memory => {
            let amount = if memory % (1 << 30) == 0 {
                format!("{} GiB", memory >> 30)
            } else {
                format!("{} MiB", memory >> 20)
            };
            (
                format!("evaluation used more than {amount} of memory"),
                "something is made too large",
            )
        }
        Death::Time => (
            format!("evaluation took longer than {} s", time.div_ceil(1000)),
            "something is computed for too long",
        ),
        Death::Nesting => (
            "evaluation ran out of stack".to_owned(),
            "a value or an expression is nested too deep",
        ),
        Death::Answer => (
            "more is declared than a configuration can hold".to_owned(),
            "declare less",
        ),
        Death::Other(status) => (
            format!("evaluation died: {status}"),
            "please report this as a defect of releasekit",
        ),
    };
    Diagnostic::error(message, place).hint(hint)
}

/// There is no child to ask.
fn not_started(program: &Path, error: &std::io::Error) -> Evaluation {
    let message = format!(
        "cannot start `{}` to evaluate the configuration: {error}",
        program.display()
    );
    Evaluation::failed(Diagnostic::error(message, None))
}

/// Asks a child: its answer, or how it died and the statement it noted last.
fn attempt(
    program: &Path,
    question: &Question,
) -> std::io::Result<Result<Answer, (Death, Option<Location>)>> {
    let notes = tempfile::tempfile()?;
    let mut its_notes = notes.try_clone()?;
    std::io::Seek::seek(&mut its_notes, std::io::SeekFrom::Start(NOTE as u64))?;
    let mut child = Command::new(program)
        .arg(ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(its_notes)
        .spawn()?;
    let deadline = Duration::from_millis(question.time) + GRACE;
    let answer = talk(&mut child, serde_json::to_vec(question)?, deadline);
    if answer.is_none() {
        child.kill()?;
    }
    let status = child.wait()?;
    let death = match answer {
        None => Death::Time,
        Some(answer) if answer.len() as u64 > MAX_ANSWER => Death::Answer,
        Some(answer) => match serde_json::from_slice(&answer) {
            Ok(answer) if status.success() => return Ok(Ok(answer)),
            _ => cause(status, &notes),
        },
    };
    Ok(Err((death, noted(&notes))))
}

/// Puts the question and hears the answer; `None` if that takes too long. An answer that is too long is cut.
fn talk(child: &mut Child, question: Vec<u8>, deadline: Duration) -> Option<Vec<u8>> {
    let (mut input, output) = (child.stdin.take()?, child.stdout.take()?);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // A child that dies before it was asked shows in how it ended.
        _ = input.write_all(&question);
        drop(input);
        let mut answer = Vec::new();
        _ = output.take(MAX_ANSWER + 1).read_to_end(&mut answer);
        _ = sender.send(answer);
    });
    receiver.recv_timeout(deadline).ok()
}

/// Why a child died, by how it ended and what it said.
fn cause(status: ExitStatus, notes: &File) -> Death {
    let mut said = vec![0; NOTE];
    let read = notes.read_at(&mut said, NOTE as u64).unwrap_or_default();
    let said = String::from_utf8_lossy(&said[..read]);
    let killed_by = |signal: rustix::process::Signal| status.signal() == Some(signal.as_raw());
    if said.contains("memory allocation") || said.contains("out of memory") {
        Death::Memory
    } else if said.contains("overflowed its stack") || killed_by(rustix::process::Signal::SEGV) {
        Death::Nesting
    } else if killed_by(rustix::process::Signal::XCPU) {
        Death::Time
    } else if killed_by(rustix::process::Signal::KILL) {
        // Nobody else kills it than the system, for want of memory.
        Death::Memory
    } else {
        Death::Other(status)
    }
}

/// The statement that was noted last.
fn noted(notes: &File) -> Option<Location> {
    let mut note = vec![0; NOTE];
    let read = notes.read_at(&mut note, 0).ok()?;
    let end = note[..read].iter().position(|byte| *byte == b'\n')?;
    serde_json::from_slice(&note[..end]).ok()
}
